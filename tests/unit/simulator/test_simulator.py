# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator is strict with requests, honest in its answers, and misbehaves exactly as told."""

from __future__ import annotations

import time

import pytest
import requests
from exoscale_auth import ExoscaleV2Auth

from ansible_collections.exoscale.cloud.tests.simulator.contract import vendor_contract


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

    def test_a_fault_that_makes_no_sense_is_refused(self, simulator):
        with pytest.raises(ValueError, match="there is no fault"):
            simulator.misbehave(kind="nonsense")


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
