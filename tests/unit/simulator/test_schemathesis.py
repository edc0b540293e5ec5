# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever request the vendor's document allows or forbids, the simulator answers as the document says."""

from __future__ import annotations

import re

import pytest
import schemathesis
from exoscale_auth import ExoscaleV2Auth
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import GenerationMode

from ansible_collections.exoscale.cloud.tests.simulator import Simulator
from ansible_collections.exoscale.cloud.tests.simulator.contract import strict_document
from ansible_collections.exoscale.cloud.tests.unit.random_cases import in_number

OPERATIONS = {
    each.ok().label: each.ok() for each in schemathesis.openapi.from_dict(strict_document()).get_all_operations()
}
#: Those that take something besides an ID.
TAKES_MORE = [label for label, each in OPERATIONS.items() if each.body or each.query]
MODEL = "openai/gpt-oss-120b"
NOBODY = "00000000-0000-4000-8000-000000000000"
#: What is well formed, and cannot be done as things are.
NOT_NOW = (404, 409, 412)
EACH = 5
CHECKS = schemathesis.checks.CHECKS.get_by_names(
    ["not_a_server_error", "content_type_conformance", "response_schema_conformance", "response_headers_conformance"]
)
_PLAIN = re.compile(r"[\w-]+", re.ASCII)


@pytest.fixture(scope="module")
def server():
    with Simulator() as simulator:
        yield simulator
    assert simulator.contract_violations == []


@pytest.fixture
def send(server):
    """Sends a generated request, signed; whose path shall lead to something that is there gets its ID."""

    def send(case, is_there):
        server.reset()
        if is_there:
            chat = server.add_deployment(name="chat", model={"name": MODEL})
            ids = {"deployment": chat, "model": server.add_model("a/b"), "api-key": server.add_api_key("team")}
            case.path_parameters = {"id": ids.get(case.path.split("/")[2], NOBODY)} if "{id}" in case.path else {}
        # The vendor's library cannot sign other names.
        case.query = {
            name if _PLAIN.fullmatch(name) else f"odd-{number}": value
            for number, (name, value) in enumerate(case.query.items())
        }
        auth = ExoscaleV2Auth(server.api_key, server.api_secret)
        answer = case.call(base_url=server.url, auth=auth, timeout=10)
        assert answer.headers["content-type"] == ["application/json"]
        assert answer.status_code < 500, answer.text
        assert isinstance(answer.json(), dict)
        return answer

    return send


@pytest.mark.parametrize("label", OPERATIONS)
def test_a_request_that_fits_is_answered_with_what_fits(label, cases, send):
    @in_number(EACH)
    @given(OPERATIONS[label].as_strategy(GenerationMode.POSITIVE), st.booleans())
    def holds(case, is_there):
        cases.one_more()

        answer = send(case, is_there)

        case.validate_response(answer, checks=CHECKS)
        assert answer.status_code in (200, *NOT_NOW) or is_refused_besides(case), answer.text

    holds()


@pytest.mark.parametrize("label", TAKES_MORE)
def test_a_request_that_does_not_fit_is_refused(label, cases, send):
    operation = OPERATIONS[label]
    known = {"id": NOBODY} if "{id}" in operation.path else None

    @in_number(EACH)
    @given(operation.as_strategy(GenerationMode.NEGATIVE, path_parameters=known))
    def holds(case):
        cases.one_more()
        # In a query, a list of one is that one.
        is_list = {name: isinstance(value, (list, dict)) for name, value in case.query.items()}
        case.query = {name: [*value, "and", 1] if is_list[name] else value for name, value in case.query.items()}

        answer = send(case, is_there=True)

        assert 400 <= answer.status_code < 500, (answer.status_code, answer.request.url)

    holds()


@pytest.mark.parametrize("label", [label for label in OPERATIONS if "{id}" in label])
def test_what_is_no_id_is_refused(label, cases, send):
    @in_number(EACH)
    @given(OPERATIONS[label].as_strategy(GenerationMode.NEGATIVE))
    def holds(case):
        cases.one_more()

        assert 400 <= send(case, is_there=False).status_code < 500

    holds()


def is_refused_besides(case):
    """More GPUs than one machine has, or an engine version that does not exist: the document allows both."""
    takes_too_many = isinstance(case.body, dict) and case.body.get("gpu-count", 0) > 8
    return takes_too_many or "version" in case.query
