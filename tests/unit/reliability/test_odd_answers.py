# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever JSON a server answers with, a task ends soon and in good order, writes nothing more, and tells no secret."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.exoscale.cloud.tests.simulator import FakeClock, Simulator
from ansible_collections.exoscale.cloud.tests.simulator.contract import vendor_contract
from ansible_collections.exoscale.cloud.tests.unit.plugins.module_utils._task.play import Player
from ansible_collections.exoscale.cloud.tests.unit.random_cases import in_number

from .lives import ENGINE_SECRET, LIVES, TOKEN
from .odd_json import oddities

SECRET = "sentinel-of-the-account-0123456789abcdefghijk"
#: The last one begins each endpoint's key.
SECRETS = (SECRET, ENGINE_SECRET, TOKEN, "key-of-")
ENDPOINT = [
    f"{call.split()[0]} /inference/{{id}}/v1{call.split()[1]}"
    for call in ("GET /models", "POST /chat/completions", "POST /completions", "POST /embeddings")
]
OPERATIONS = vendor_contract().operations("/ai/") | {"GET /operation/{id}", "GET /quota"}
WAIT_TIMEOUT, API_TIMEOUT = 60, 20
MOST_REQUESTS = 500
MOST_THREADS = 8
#: Cases for each kind of request of each life.
EACH = 3
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_REQUEST = re.compile(r"\b(GET|POST|PATCH|DELETE) (/|http)")
_FIELD = re.compile(
    r"\b(id|asked for|named?|key|model|state|scope|gpu_\w+|replicas|inference_engine_\w+|parameters|deployment_url)\b",
    re.IGNORECASE,
)


class Stage:
    """A simulator on which a life is played again and again."""

    def __init__(self, life):
        self.life = life
        self.clock = FakeClock()
        self.simulator = Simulator(self.clock, api_secret=SECRET)

    def __enter__(self):
        self.simulator.start()
        return self

    def __exit__(self, *_):
        self.simulator.stop()

    def play(self, check_mode=False, faults=()):
        """One task with these faults; its result, its writes by name, and the lines of progress."""
        self.simulator.reset()
        options, self.names = self.life.begin(self.simulator, self.clock)
        for fault in faults:
            self.simulator.misbehave(**fault)
        self.clock.sleeps.clear()
        player = Player(self.simulator, self.clock, self.life.task)
        if "wait_timeout" in self.life.task.declaration().options:
            options = {**options, "wait_timeout": WAIT_TIMEOUT}
        self.result = player(check_mode=check_mode, api_timeout=API_TIMEOUT, api_retries=2, **options)
        self.told = player.told
        return self.result

    def operations(self):
        """The kinds of requests that were sent, in their order."""
        return list(dict.fromkeys(entry.operation for entry in self.simulator.journal))

    def writes(self):
        """What was written, with names instead of IDs, and a model by its name or its ID."""
        bodies = [dict(each.body or {}) for each in self.simulator.writes()]
        for body in bodies:
            body.update({"model": list(body["model"].values())} if isinstance(body.get("model"), dict) else {})
        calls = [(each.method, each.path) for each in self.simulator.writes()]
        texts = [json.dumps([*call, body]) for call, body in zip(calls, bodies, strict=True)]
        return [json.loads(_UUID.sub(lambda found: self.names.get(found.group(), "new"), text)) for text in texts]


@pytest.mark.parametrize("name", LIVES)
def test_a_task_withstands_any_answer(name, cases, watched):
    with Stage(LIVES[name]) as stage:
        stage.play()
        operations = stage.operations()
        expected = stage.writes()

        for operation in operations:
            withstands_at(stage, operation, expected, cases, watched)


def withstands_at(stage, operation, expected, cases, watched):
    """The same with odd answers to one kind of request.

    :param expected: the writes of a task that meets none.
    """

    @in_number(EACH)
    @given(oddities, st.sampled_from([1, 1, 100]), st.integers(0, 2), st.booleans())
    def withstands(oddity, times, skip, check_mode):
        watched()
        cases.one_more()
        method, _blank, path = operation.partition(" ")
        bodies = []

        def alter(body):
            bodies.append(body)
            return oddity.alter(body)

        fault = {"kind": "altered", "alter": alter, "times": times, "skip": skip if times == 1 else 0}
        stage.play(check_mode, [{"method": method, "path": path.replace("{id}", "[^/]+"), **fault}])

        expect_bounds(stage)
        expect_no_secret(stage)
        expect_known_paths(stage)
        expect_a_failure_that_names_what_failed(stage.result)
        json.dumps(stage.result, ensure_ascii=False, allow_nan=False).encode()
        if check_mode:
            assert stage.writes() == []
        elif not any(oddity.may_be_right(body) for body in bodies):
            expect_no_other_writes(stage.writes(), [*expected, *stage.life.otherwise])

    withstands()


def test_the_lives_meet_each_kind_of_request():
    reached = set()
    for life in LIVES.values():
        with Stage(life) as stage:
            stage.play()
            reached.update(stage.operations())

    assert (OPERATIONS | set(ENDPOINT)) - reached == set()


def expect_no_other_writes(writes, expected):
    """What cannot be compared is not written; all else is as it would have been."""
    for method, path, body in writes:
        assert any(
            (method, path) == (each_method, each_path) and body.items() <= each_body.items()
            for each_method, each_path, each_body in expected
        ), (method, path, body)
    # A creation is never repeated.
    assert len(creations(writes)) <= len(creations(expected))


def creations(writes):
    return [path for method, path, body in writes if method == "POST" and "name" in body]


def expect_bounds(stage):
    assert len(stage.simulator.journal) < MOST_REQUESTS
    assert sum(stage.clock.sleeps) <= MOST_THREADS * (2 * WAIT_TIMEOUT + API_TIMEOUT)


def expect_no_secret(stage):
    told = json.dumps([without_new_key(stage.result), stage.told], ensure_ascii=False)
    assert [secret for secret in SECRETS if secret in told] == []


def without_new_key(result):
    """A key that was created shows its value, once."""
    key = result.get("ai_api_key") or {}
    return {**result, "ai_api_key": {name: value for name, value in key.items() if name != "value"}}


def expect_known_paths(stage):
    assert {entry.operation for entry in stage.simulator.journal} <= OPERATIONS | set(ENDPOINT)


def expect_a_failure_that_names_what_failed(result):
    """The request, or what the answer shows or does not show."""
    if result["failed"]:
        assert _REQUEST.search(result["msg"]) or _FIELD.search(result["msg"]), result["msg"]
