# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator is strict with requests, honest in its answers, and misbehaves exactly as told."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from exoscale_auth import ExoscaleV2Auth

from ansible_collections.exoscale.cloud.tests.simulator import Simulator
from ansible_collections.exoscale.cloud.tests.simulator.contract import vendor_contract
from ansible_collections.exoscale.cloud.tests.simulator.settings import Settings


@pytest.fixture
def send(simulator):
    def send(method, path, json=None, **options):
        options.setdefault("auth", ExoscaleV2Auth(simulator.api_key, simulator.api_secret))
        return requests.request(method, simulator.url + path, json=json, timeout=5, **options)

    return send


@pytest.fixture
def chat(simulator):
    return simulator.add_deployment(name="chat", inference_engine_version="0.18.0")


class TestSignature:
    def test_the_vendors_is_accepted_with_body_and_query(self, send, chat):
        assert send("PATCH", "/ai/deployment/" + chat, {"name": "ü"}).status_code == 200
        assert send("GET", "/ai/deployment/" + chat + "/logs?tail=3").status_code == 200

    def test_none_at_all_is_refused(self, send):
        assert send("GET", "/ai/deployment", auth=lambda request: request).status_code == 403

    @pytest.mark.parametrize(("key", "secret"), [("EXOother", None), (None, "other")])
    def test_another_key_or_secret_is_refused(self, simulator, send, key, secret):
        auth = ExoscaleV2Auth(key or simulator.api_key, secret or simulator.api_secret)

        assert send("GET", "/ai/deployment", auth=auth).status_code == 403

    @pytest.mark.parametrize("seconds", [700, -700])
    def test_one_from_another_time_is_refused(self, clock, send, seconds):
        clock.advance(seconds)

        assert send("GET", "/ai/deployment").status_code == 403

    def test_one_of_another_body_is_refused(self, simulator, send, chat):
        def tamper(request):
            ExoscaleV2Auth(simulator.api_key, simulator.api_secret)(request)
            request.body = request.body.replace(b"talk", b"walk")
            return request

        assert send("PATCH", "/ai/deployment/" + chat, {"name": "talk"}, auth=tamper).status_code == 403
        assert simulator.deployment(chat)["name"] == "chat"


class TestRequests:
    @pytest.mark.parametrize(
        ("body", "place"),
        [
            ({"name": ""}, "/name"),
            ({"inference-engine-version": "9.9.9"}, "/inference-engine-version"),
            ({"inference-engine-parameters": "--a"}, "/inference-engine-parameters"),
            ({"inference-engine-parameters": [1]}, "/inference-engine-parameters/0"),
            ({"replicas": 3}, ""),
            (None, ""),
        ],
    )
    def test_a_body_that_breaks_the_contract_is_refused_with_its_place(self, send, chat, body, place):
        answer = send("PATCH", "/ai/deployment/" + chat, body)

        assert answer.status_code == 400
        assert [error["pointer"] for error in answer.json()["errors"]] == [place]

    def test_an_unknown_query_parameter_is_refused(self, send):
        assert send("GET", "/ai/deployment?page=2").status_code == 400

    def test_a_busy_deployment_cannot_be_changed(self, simulator, send):
        busy = simulator.add_deployment(state="updating")

        assert send("PATCH", "/ai/deployment/" + busy, {"name": "x"}).status_code == 409

    def test_more_gpus_than_are_free_cannot_be_had(self, simulator, send, chat):
        simulator.gpus_free = 2

        assert send("POST", "/ai/deployment/" + chat + "/scale", {"replicas": 4}).status_code == 412


class TestContract:
    def test_an_answer_that_breaks_it_is_noticed(self, simulator, send, chat):
        simulator.set_deployment(chat, state="thriving")

        send("GET", "/ai/deployment/" + chat)

        assert len(simulator.contract_violations) == 1
        assert "thriving" in simulator.contract_violations.pop()

    @pytest.mark.parametrize("answer", [{}, {"deployments": [{"name": "x"}]}, {"deployments": [], "more": 1}])
    def test_missing_and_additional_fields_break_it(self, answer):
        assert vendor_contract().response_errors("GET", "/ai/deployment", 200, answer)

    def test_an_error_that_is_no_problem_document_breaks_it(self):
        assert vendor_contract().response_errors("GET", "/ai/deployment/{id}", 404, {"message": "no"})


class TestTime:
    def test_an_update_is_pending_then_settles_then_is_ready(self, simulator, clock, send, chat):
        simulator.operation_seconds, simulator.settle_seconds = 10, 10
        operation = send("PATCH", "/ai/deployment/" + chat, {"name": "talk"}).json()
        seen = []
        for _look in range(3):
            state = send("GET", "/operation/" + operation["id"]).json()["state"]
            seen.append((state, simulator.deployment(chat)["state"]))
            clock.advance(10)

        assert seen == [("pending", "updating"), ("success", "deploying"), ("success", "ready")]

    def test_settling_begins_when_the_operation_ends_and_not_when_somebody_looks(self, simulator, clock, send, chat):
        simulator.operation_seconds, simulator.settle_seconds = 10, 10
        send("PATCH", "/ai/deployment/" + chat, {"name": "talk"})
        clock.advance(20)

        assert simulator.deployment(chat)["state"] == "ready"

    def test_an_operation_that_is_to_fail_fails(self, simulator, clock, send, chat):
        simulator.operation_seconds = 10
        simulator.fail_next_operation(reason="busy", message="not now")
        operation = send("PATCH", "/ai/deployment/" + chat, {"name": "talk"}).json()
        clock.advance(10)
        ended = send("GET", "/operation/" + operation["id"]).json()

        assert (ended["state"], ended["reason"], ended["message"]) == ("failure", "busy", "not now")
        assert simulator.deployment(chat)["state"] == "error"

    def test_values_can_be_shown_only_when_the_update_is_done(self, simulator, clock, send, chat):
        simulator.operation_seconds, simulator.visible = 10, "when done"
        send("PATCH", "/ai/deployment/" + chat, {"name": "talk"})

        assert simulator.deployment(chat)["name"] == "chat"
        clock.advance(10)
        assert simulator.deployment(chat)["name"] == "talk"


def test_it_answers_with_half_a_character_if_a_test_wants_that(simulator, send, chat):
    simulator.set_deployment(chat, created_at="\ud800")

    assert send("GET", "/ai/deployment/" + chat).json()["created-at"] == "\ud800"
    assert "a text in it is no Unicode" in simulator.contract_violations[0]
    simulator.contract_violations.clear()


class TestFaults:
    def test_an_answer_can_be_replaced_a_number_of_times(self, simulator, send):
        simulator.misbehave("GET", "/ai/.*", times=2, skip=1, status=502, body="<html>", content_type="text/html")

        assert [send("GET", "/ai/deployment").status_code for _look in range(4)] == [200, 502, 502, 200]

    @pytest.mark.parametrize(
        ("kind", "error"),
        [("reset", "reset by peer"), ("lost", "without response"), ("truncated", "IncompleteRead")],
    )
    @pytest.mark.parametrize("applied", [True, False])
    def test_an_answer_can_be_lost_in_several_ways(self, simulator, send, chat, kind, error, applied):
        simulator.misbehave("PATCH", kind=kind, applied=applied)

        with pytest.raises(requests.exceptions.RequestException, match=error):
            send("PATCH", "/ai/deployment/" + chat, {"name": "talk"})

        assert simulator.deployment(chat)["name"] == ("talk" if applied else "chat")
        assert (simulator.journal[0].status, simulator.journal[0].fault) == (None, kind)

    def test_an_answer_can_be_slow(self, simulator, send):
        simulator.misbehave(kind="slow", delay=0.2)
        start = time.monotonic()

        assert send("GET", "/ai/deployment").status_code == 200
        assert time.monotonic() - start >= 0.2

    @pytest.mark.parametrize("status", [None, 202])
    def test_an_answer_can_be_altered(self, simulator, send, chat, status):
        simulator.misbehave("PATCH", kind="altered", alter=lambda body: b"not " + body, status=status)

        answer = send("PATCH", "/ai/deployment/" + chat, {"name": "talk"})

        assert answer.text.startswith("not {")
        assert answer.status_code == simulator.journal[0].status == (status or 200)
        assert simulator.deployment(chat)["name"] == "talk"

    @pytest.mark.parametrize("options", [{"kind": "nonsense"}, {"kind": "altered"}, {"status": 200, "alter": bytes}])
    def test_a_fault_that_makes_no_sense_is_refused(self, simulator, options):
        with pytest.raises(ValueError, match="fault"):
            simulator.misbehave(**options)


def test_every_request_is_in_the_journal_with_what_was_sent_and_answered(simulator, send, chat):
    send("PATCH", "/ai/deployment/" + chat, {"name": "talk"})
    send("GET", "/ai/deployment/" + chat + "/logs?tail=3")

    patch, logs = simulator.journal
    assert (patch.method, patch.path, patch.body, patch.status) == (
        "PATCH",
        "/ai/deployment/" + chat,
        {"name": "talk"},
        200,
    )
    assert logs.query == {"tail": "3"}


def test_another_process_can_drive_it(simulator):
    def control(method, path, json=None):
        return requests.request(method, simulator.control_url + path, json=json, timeout=5)

    chat = control("POST", "/deployments", {"name": "chat"}).json()["id"]
    control("PATCH", "/settings", {"operation_seconds": 3})
    control("PATCH", "/deployments/" + chat, {"name": "talk"})

    assert simulator.operation_seconds == 3
    assert control("GET", "/deployments/" + chat).json()["name"] == "talk"
    assert control("GET", "/journal").json() == []
    control("POST", "/reset")
    assert simulator.deployment(chat) is None


class TestMisspelling:
    def test_of_a_setting_is_an_error(self, simulator):
        with pytest.raises(ValueError, match="there is no setting operation_second; there are: operation_seconds"):
            simulator.operation_second = 3

    @pytest.mark.parametrize(
        ("name", "value"),
        [("operation_seconds", "5"), ("gpus_free", True), ("hidden_fields", "id"), ("busy_answers_409", 1)],
    )
    def test_of_the_value_of_a_setting_is_an_error(self, simulator, name, value):
        with pytest.raises(ValueError, match=f"the setting {name} cannot be"):
            setattr(simulator, name, value)

    def test_of_a_field_of_a_deployment_is_an_error(self, simulator, chat):
        with pytest.raises(ValueError, match="deployments have no replica; they have: "):
            simulator.add_deployment(replica=3)
        with pytest.raises(ValueError, match="deployments have no replica"):
            simulator.set_deployment(chat, replica=3)

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("PATCH", "/settings", {"operation_second": 3}),
            ("POST", "/deployments", {"replica": 3}),
            ("POST", "/deployments", {"model": "none"}),
            ("POST", "/faults", {"stats": 500}),
            ("POST", "/models", {"nam": "a"}),
            ("POST", "/operations/fail-next", {"reasn": "fault"}),
        ],
    )
    def test_from_outside_is_an_error_too(self, simulator, method, path, body):
        answer = requests.request(method, simulator.control_url + path, json=body, timeout=5)

        assert answer.status_code == 400
        assert next(iter(body)) in answer.json()["error"]

    @pytest.mark.parametrize(
        ("path", "there"),
        [
            ("/deployments", "replicas"),
            ("/models", "name, state"),
            ("/faults", "method, path, times"),
            ("/operations/fail-next", "state, reason, message, settles_in"),
        ],
    )
    def test_from_outside_is_answered_with_what_there_is(self, simulator, path, there):
        answer = requests.post(simulator.control_url + path, json={"bogus": 1}, timeout=5)

        assert re.search(f"have no bogus; they have: .*{there}", answer.json()["error"])


class TestControl:
    @pytest.mark.parametrize(
        ("body", "error"),
        [({"state": "ready"}, "models need name"), (["a/b"], "the body has to be an object, and not ['a/b']")],
    )
    def test_what_is_not_complete_or_no_object_is_refused(self, simulator, body, error):
        answer = requests.post(simulator.control_url + "/models", json=body, timeout=5)

        assert (answer.status_code, answer.json()) == (400, {"error": error})

    def test_fields_may_be_named_as_in_the_api(self, simulator, send):
        fault = {"status": 500, "content-type": "text/plain", "body": "x"}
        requests.post(simulator.control_url + "/faults", json=fault, timeout=5)

        assert send("GET", "/ai/deployment").headers["Content-Type"].startswith("text/plain")

    def test_a_reset_keeps_what_was_given_at_the_start_and_nothing_else(self):
        with Simulator(settings=Settings(operation_seconds=5, gpus_free=4)) as server:
            server.operation_seconds, server.gpus_free, server.lag_seconds = 7, 0, 1
            requests.post(server.control_url + "/reset", timeout=5)

            assert (server.operation_seconds, server.gpus_free, server.lag_seconds) == (5, 4, 0)

    def test_a_model_can_be_added_alone(self, simulator, send):
        requests.post(simulator.control_url + "/models", json={"name": "a/b", "state": "downloading"}, timeout=5)

        (model,) = send("GET", "/ai/model").json()["models"]
        assert (model["name"], model["state"]) == ("a/b", "downloading")

    def test_public_deployments_may_be_listed_without_their_ids(self, simulator, send, chat):
        simulator.add_deployment(name="shared", visibility="public")
        requests.patch(simulator.control_url + "/settings", json={"ids_of_public": False}, timeout=5)

        ids = {entry["name"]: entry.get("id") for entry in send("GET", "/ai/deployment").json()["deployments"]}

        assert ids == {"chat": chat, "shared": None}

    def test_quotas_and_gpu_types_can_be_set(self, simulator, send):
        quotas = [{"resource": "gpua5000", "usage": 1, "limit": 2}]
        types = [{"family": "gpua5000", "authorized": False}]
        requests.put(simulator.control_url + "/quotas", json=quotas, timeout=5)
        requests.put(simulator.control_url + "/instance-types", json=types, timeout=5)

        assert send("GET", "/quota").json() == {"quotas": quotas}
        assert send("GET", "/ai/instance-type").json() == {"instance-types": types}


class TestEndpoint:
    @pytest.fixture
    def ask(self, simulator, chat):
        url = simulator.deployment(chat)["deployment-url"]

        def ask(method, path, json=None, key=f"key-of-{chat}"):
            return requests.request(
                method, url + path, json=json, headers={"Authorization": f"Bearer {key}"}, timeout=5
            )

        return ask

    def test_it_lists_its_model_to_whoever_has_its_key(self, ask, send, chat):
        assert send("GET", f"/ai/deployment/{chat}/api-key").json() == {"api-key": f"key-of-{chat}"}
        assert [model["id"] for model in ask("GET", "/models").json()["data"]] == ["openai/gpt-oss-120b"]
        assert ask("GET", "/models", key="other").status_code == 401

    def test_it_serves_some_time_after_it_is_ready(self, simulator, clock, ask, send, chat):
        simulator.serving_seconds = 30
        send("PATCH", "/ai/deployment/" + chat, {"inference-engine-version": "0.19.0"})

        assert send("GET", "/ai/deployment/" + chat).json()["state"] == "ready"
        assert ask("GET", "/models").status_code == 503
        clock.advance(31)
        assert ask("GET", "/models").status_code == 200

    def test_it_serves_neither_with_a_broken_version_nor_without_replicas(self, simulator, ask, chat):
        simulator.versions_that_do_not_serve = ("0.18.0",)
        assert ask("GET", "/models").status_code == 503

        simulator.versions_that_do_not_serve = ()
        simulator.set_deployment(chat, replicas=0)
        assert ask("GET", "/models").status_code == 503

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("/chat/completions", {"messages": [{"role": "user", "content": "ping"}]}),
            ("/completions", {"prompt": "ping"}),
            ("/embeddings", {"input": "ping"}),
        ],
    )
    def test_it_answers_what_is_complete_and_for_its_model(self, ask, path, body):
        model = {"model": "openai/gpt-oss-120b"}

        assert ask("POST", path, {**model, **body}).status_code == 200
        assert ask("POST", path, model).status_code == 400
        assert ask("POST", path, {"model": "other", **body}).status_code == 404


def start(*arguments):
    """The process of a simulator that ends at once."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_its_help_needs_no_library():
    # Without site-packages.
    shown = start("-S", "-m", "tests.simulator", "--help")

    assert shown.returncode == 0, shown.stderr
    assert "--operation-seconds" in shown.stdout
    assert "pip install --requirement tests/simulator/requirements.txt" in shown.stdout


def test_a_port_that_is_taken_is_told_in_one_line(simulator):
    port = urlsplit(simulator.url).port

    started = start("-m", "tests.simulator", "--port", str(port))

    assert started.returncode == 1
    assert started.stderr == f"cannot listen on port {port}: {os.strerror(errno.EADDRINUSE)}\n"


def test_a_misspelt_option_is_an_error():
    started = start("-m", "tests.simulator", "--operation-second", "5")

    assert started.returncode == 2
    assert "unrecognized arguments: --operation-second 5" in started.stderr


def test_without_its_libraries_it_says_how_to_install_them():
    started = start("-S", "-m", "tests.simulator")

    assert started.returncode == 1
    assert "pip install --requirement tests/simulator/requirements.txt" in started.stderr
