# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failures, as a person reads them; and what is tried again."""

from __future__ import annotations

import json
import socket
import threading
from email.utils import formatdate

import pytest

PROBLEM = {
    "type": "about:blank",
    "title": "Bad Request",
    "status": 400,
    "detail": "Invalid body",
    "errors": [{"pointer": "/name", "detail": "is taken"}],
}


@pytest.fixture
def chat(simulator):
    return simulator.add_deployment(name="chat", inference_engine_version="0.18.0")


@pytest.fixture
def silent_address():
    """An address that is taken, so that nobody else can begin to listen there, and at which nobody answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield "127.0.0.1:{}".format(taken.getsockname()[1])


class TestMessage:
    def test_it_says_what_was_asked_what_came_back_and_each_error_with_its_place(self, simulator, play, chat):
        simulator.misbehave("PATCH", status=400, json=PROBLEM)

        result = play(id=chat, name="talk")

        assert f"PATCH /ai/deployment/{chat} was answered with 400" in result["msg"]
        assert "Bad Request: Invalid body; /name: is taken" in result["msg"]
        assert (result["status"], result["title"], result["detail"]) == (400, "Bad Request", "Invalid body")
        assert result["errors"] == PROBLEM["errors"]
        assert result["operation"] is None

    def test_a_change_that_was_refused_is_not_reported_as_one(self, simulator, play, chat):
        simulator.misbehave("PATCH", status=400, json=PROBLEM)

        result = play(id=chat, name="talk")

        assert not result["changed"]
        assert result["changes"] == []
        assert result["diff"]["after"] == result["diff"]["before"] == {"name": "chat"}

    def test_it_is_one_paragraph(self, simulator, play, chat):
        simulator.misbehave("PATCH", status=400, json=dict(PROBLEM, detail="Line one\n\nline two"))

        assert "\n" not in play(id=chat, name="talk")["msg"]

    def test_a_version_that_does_not_exist_is_refused_by_the_api_and_named(self, simulator, play, chat):
        result = play(id=chat, inference_engine_version="9.9.9")

        assert result["status"] == 400
        assert "inference_engine_version 9.9.9 seems not to exist" in result["msg"]
        assert not result["changed"]
        assert simulator.writes() == []

    def test_the_other_shape_of_a_403_reads_as_well(self, simulator, play, chat):
        simulator.misbehave("PATCH", status=403, json={"code": "forbidden_operation", "error": "Denied by the role"})

        result = play(id=chat, name="talk")

        assert "403" in result["msg"]
        assert "forbidden_operation: Denied by the role" in result["msg"]
        assert "role of this key" in result["msg"]
        assert (result["title"], result["detail"]) == ("forbidden_operation", "Denied by the role")

    def test_a_problem_document_with_403_reads_as_well(self, simulator, play, chat):
        simulator.misbehave("PATCH", status=403, json={"title": "Forbidden", "status": 403, "detail": "No AI for you"})

        result = play(id=chat, name="talk")

        assert "Forbidden: No AI for you" in result["msg"]

    def test_an_id_that_does_not_exist_leads_to_the_zone(self, simulator, play):
        result = play(id="00000000-0000-4000-8000-000000000000")

        assert result["status"] == 404
        assert "GET /ai/deployment/00000000-0000-4000-8000-000000000000" in result["msg"]
        assert "Check the ID and the zone" in result["msg"]
        assert result["deployment"] is None

    def test_html_from_a_proxy_is_reduced_and_called_so(self, simulator, play, chat):
        page = "<html><head><title>403 Forbidden by Squid</title></head><body>…</body></html>"
        simulator.misbehave("GET", status=403, body=page, content_type="text/html")

        result = play(id=chat)

        assert "an HTML page, so probably not from the API but from a proxy: 403 Forbidden by Squid" in result["msg"]
        assert "<" not in result["msg"]

    def test_an_empty_body_is_called_so(self, simulator, play, chat):
        simulator.misbehave("GET", status=400, body="")

        assert "the body of the answer is empty" in play(id=chat)["msg"]

    def test_json_that_breaks_off_is_called_so(self, simulator, play, chat):
        simulator.misbehave("GET", status=400, body='{"title": "Bad Req', content_type="application/json")

        assert "JSON that breaks off" in play(id=chat)["msg"]

    @pytest.mark.parametrize(
        ("body", "found"),
        [
            ("", "is nothing"),
            ("<p>hi</p>", "is something else: <p>hi</p>"),
            ("[1]", "is 3 characters of something like it"),
            ('{"id": "3f', "is 10 characters of something like it, which breaks off or is malformed"),
        ],
    )
    def test_success_without_a_json_object_is_no_success(self, simulator, play, chat, body, found):
        simulator.misbehave("GET", times=100, status=200, body=body)

        result = play(id=chat, api_retries=1)

        assert "the body should be a JSON object" in result["msg"]
        assert found in result["msg"]
        assert result["status"] == 200

    def test_success_with_json_nested_beyond_reason_is_no_success(self, simulator, play, chat):
        simulator.misbehave("GET", times=100, status=200, body='{"name": ' + '{"a": ' * 300 + "1" + "}" * 301)

        result = play(id=chat)

        assert f"GET /ai/deployment/{chat} was answered with JSON that is nested more than" in result["msg"]

    @pytest.mark.parametrize("document", [{}, {"id": "x"}, {"name": "chat", "state": 5}])
    def test_success_with_another_object_is_no_success(self, simulator, play, chat, document):
        simulator.misbehave("GET", times=100, status=200, json=document)

        result = play(id=chat, api_retries=2)

        assert "not a deployment" in result["msg"]
        assert len(simulator.calls()) == 3

    @pytest.mark.parametrize("document", [{}, {"id": "x"}, {"name": "chat", "state": 5}])
    def test_another_object_that_comes_once_is_asked_for_again(self, simulator, play, chat, document):
        simulator.misbehave("GET", status=200, json=document)

        result = play(id=chat)

        assert not result["failed"], result["msg"]
        assert len(simulator.calls()) == 2

    @pytest.mark.parametrize("document", [{}, {"deployments": None}, {"deployments": [{"name": "chat"}]}])
    def test_a_list_that_is_none_is_no_success(self, simulator, play, chat, document):
        simulator.misbehave("GET", times=100, status=200, json=document)

        result = play(name="chat", api_retries=1)

        simulator.contract_violations.clear()
        assert "GET /ai/deployment: the answer" in result["msg"]

    def test_a_redirect_is_not_followed_and_leads_to_the_endpoint(self, simulator, play, chat):
        target = simulator.url + "/ai/deployment/" + chat
        simulator.misbehave("GET", status=307, body="", headers={"Location": "https://evil.example/?token=open-sesame"})

        result = play(id=chat)

        assert "a redirect to evil.example, which is not followed" in result["msg"]
        assert "sesame" not in result["msg"]
        assert len(simulator.calls()) == 1, target

    @pytest.mark.parametrize(
        "options", [{"id": "00000000-0000-4000-8000-000000000000", "state": "absent"}, {"id": None}]
    )
    def test_a_page_with_404_does_not_say_that_there_is_no_deployment(self, simulator, play, chat, options):
        simulator.misbehave("GET", times=99, status=404, body="<html>nginx</html>", content_type="text/html")

        result = play(**{**options, "id": options["id"] or chat})

        assert result["failed"]
        assert "HTML page" in result["msg"]
        assert "Check the ID" not in result["msg"]

    def test_a_redirect_to_a_malformed_address_is_no_crash(self, simulator, play, chat):
        simulator.misbehave("GET", times=100, status=302, body="", headers={"Location": "http://[nowhere"})

        result = play(id=chat)

        assert result["failed"]
        assert f"GET /ai/deployment/{chat}" in result["msg"]

    @pytest.mark.parametrize(
        ("minutes", "expected"),
        [(-30, "30 minutes behind that of the API"), (30, "30 minutes ahead of that of the API")],
    )
    def test_a_clock_that_is_off_is_named(self, simulator, play, clock, chat, minutes, expected):
        date = formatdate(clock.time() - minutes * 60, usegmt=True)
        simulator.misbehave("GET", status=403, json={"title": "Forbidden", "detail": "no"}, headers={"Date": date})

        assert expected in play(id=chat)["msg"]

    def test_a_clock_that_is_right_is_not_blamed(self, simulator, play, clock, chat):
        date = formatdate(clock.time(), usegmt=True)
        simulator.misbehave("GET", status=403, json={"title": "Forbidden", "detail": "no"}, headers={"Date": date})

        assert "clock" not in play(id=chat)["msg"]

    def test_wrong_credentials_lead_to_the_options(self, simulator, play, chat):
        result = play(id=chat, api_secret="not-the-secret")

        assert result["status"] == 403
        assert "Check api_key and api_secret" in result["msg"]
        assert "not-the-secret" not in str(result)

    def test_nobody_listening_is_told_with_the_address(self, play, chat, silent_address):
        result = play(id=chat, api_retries=0, api_endpoint=f"http://{silent_address}/v2")

        assert f"GET /ai/deployment/{chat} to {silent_address} failed" in result["msg"]
        assert "Connection refused" in result["msg"]
        assert "object at 0x" not in result["msg"]

    @pytest.mark.parametrize(
        "document",
        [
            '{"title": "half \\ud800", "detail": "a \\udfff character"}',
            '{"title": "deep", "errors": [{"detail": "x", "more": ' + "[" * 900 + "]" * 900 + "}]}",
            '{"title": "deep", "errors": [{"detail": "x", "more": ' + '{"a":' * 300 + "1" + "}" * 300 + "}]}",
        ],
    )
    def test_what_ansible_could_not_show_is_shown_as_far_as_it_goes(self, simulator, play, chat, document):
        simulator.misbehave("GET", status=400, body=document)

        result = play(id=chat)

        assert result["title"] in ("half ?", "deep")
        json.dumps(result, ensure_ascii=False).encode("utf-8")

    def test_every_failure_has_the_keys_of_success_and_the_same_seven_more(self, simulator, play, chat):
        success = play(id=chat)
        simulator.misbehave("GET", status=400, json=PROBLEM)
        failures = [play(id=chat), play(id="chat"), play(name="nobody")]

        more = {"status", "title", "detail", "errors", "operation", "logs", "msg"}
        assert [set(failure) - set(success) for failure in failures] == [more] * 3
        assert all(set(success) < set(failure) for failure in failures)


class TestRetry:
    @pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
    def test_a_read_that_fails_for_a_moment_is_repeated(self, simulator, play, chat, status):
        simulator.misbehave("GET", times=5, status=status)

        result = play(id=chat)

        assert not result["failed"]
        assert len(simulator.calls()) == 6

    @pytest.mark.parametrize("kind", ["reset", "lost", "truncated"])
    def test_a_read_whose_answer_is_lost_is_repeated(self, simulator, play, chat, kind):
        simulator.misbehave("GET", times=2, kind=kind)

        assert not play(id=chat)["failed"]

    def test_a_read_that_gets_no_answer_in_time_is_repeated(self, simulator, play, chat):
        simulator.misbehave("GET", kind="timeout")

        assert not play(id=chat, api_timeout=1)["failed"]

    def test_it_ends_after_api_retries_more_attempts(self, simulator, play, chat):
        simulator.misbehave("GET", times=100, status=503)

        result = play(id=chat, api_retries=2)

        assert result["status"] == 503
        assert len(simulator.calls()) == 3

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 501])
    def test_an_answer_that_will_not_change_is_not_asked_for_again(self, simulator, play, chat, status):
        simulator.misbehave("GET", times=100, status=status)

        assert play(id=chat)["failed"]
        assert len(simulator.calls()) == 1

    def test_the_server_says_how_long_to_stay_away(self, simulator, play, clock, chat):
        simulator.misbehave("GET", status=429, headers={"Retry-After": "7"})
        simulator.misbehave("GET", status=503, headers={"Retry-After": formatdate(clock.time() + 27, usegmt=True)})

        play(id=chat)

        assert clock.sleeps[0] == 7
        assert 18 <= clock.sleeps[1] <= 20

    @pytest.mark.parametrize(
        ("wish", "sleep"),
        [("100000", 60), ("9" * 500, 60), ("²", 0.5), ("-5", 0.5), ("soon", 0.5), ("Mon, 01 Jan 2001 00:00:00 GMT", 0)],
    )
    def test_a_wish_beyond_reason_is_bounded(self, simulator, play, clock, chat, wish, sleep):
        simulator.misbehave("GET", status=503, headers={"Retry-After": wish})

        play(id=chat)

        (slept,) = clock.sleeps
        # Our own backoff has jitter, the wish of the server has none.
        assert slept == sleep or (sleep == 0.5 and 0.25 <= slept <= 0.5)

    def test_a_write_that_was_certainly_not_carried_out_is_repeated_after_another_look(self, simulator, play, chat):
        simulator.misbehave("PATCH", times=2, status=429)

        result = play(id=chat, name="talk")

        get, patch = "GET /ai/deployment/" + chat, "PATCH /ai/deployment/" + chat
        assert not result["failed"]
        assert simulator.calls() == [get, patch, get, patch, get, patch, get]
        assert result["actions"] == ["update"]

    def test_the_wish_of_the_server_counts_against_wait_timeout(self, simulator, play, clock, chat):
        simulator.misbehave("PATCH", times=100, status=429, headers={"Retry-After": "40"})

        result = play(id=chat, name="talk", wait_timeout=100)

        assert result["status"] == 429
        assert sum(clock.sleeps) <= 100

    def test_without_wait_the_number_of_attempts_is_the_bound(self, simulator, play, chat):
        simulator.misbehave("PATCH", times=100, status=429)

        assert play(id=chat, name="talk", wait=False, api_retries=2)["failed"]
        assert len(simulator.writes()) == 3


LOST = [
    {"status": 500},
    {"status": 502},
    {"status": 503},
    {"status": 504},
    {"status": 599},
    {"status": 408},
    {"kind": "reset"},
    {"kind": "lost"},
    {"kind": "truncated"},
]


class TestLostAnswer:
    @pytest.mark.parametrize("fault", [*LOST, {"status": 200, "body": ""}, {"status": 200, "json": {"x": 1}}])
    def test_a_write_that_took_effect_is_not_repeated(self, simulator, play, chat, fault):
        simulator.misbehave("PATCH", applied=True, **fault)

        result = play(id=chat, inference_engine_version="0.19.0")

        assert not result["failed"]
        assert result["changed"]
        assert result["changes"] == ["inference_engine_version"]
        assert result["diff"]["before"] == {"inference_engine_version": "0.18.0"}
        assert len(simulator.writes()) == 1
        assert result["operations"] == []
        (warning,) = result["warnings"]
        assert warning.startswith(f"The answer to PATCH /ai/deployment/{chat} was lost (PATCH /ai/deployment/{chat} ")

    @pytest.mark.parametrize("fault", LOST)
    def test_a_write_that_took_no_effect_is_repeated_after_a_look(self, simulator, play, chat, fault):
        simulator.misbehave("PATCH", **fault)

        result = play(id=chat, inference_engine_version="0.19.0")

        assert not result["failed"]
        assert result["changed"]
        assert result["actions"] == ["update"]
        assert len(simulator.writes()) == 2

    def test_before_it_is_repeated_a_trace_of_it_is_looked_for_as_long_as_a_request_may_take(
        self, simulator, play, clock, chat
    ):
        simulator.misbehave("PATCH", status=500)

        play(id=chat, inference_engine_version="0.19.0", api_timeout=17)

        assert sum(clock.sleeps) == pytest.approx(17)

    def test_a_moved_date_is_trace_enough(self, simulator, play, clock, chat):
        simulator.misbehave("PATCH", status=500)
        simulator.at(5, lambda: simulator.set_deployment(chat, updated_at="2026-11-11T11:11:11Z"))
        simulator.at(9, lambda: simulator.set_deployment(chat, inference_engine_version="0.19.0"))

        result = play(id=chat, inference_engine_version="0.19.0")

        assert not result["failed"]
        assert result["changed"]
        assert len(simulator.writes()) == 1

    def test_one_that_shows_late_counts_though_its_repetition_is_answered_409(self, simulator, play, chat):
        simulator.misbehave("PATCH", status=504)
        simulator.misbehave("PATCH", times=100, status=409)
        simulator.at(31, lambda: simulator.set_deployment(chat, inference_engine_version="0.19.0"))

        result = play(id=chat, inference_engine_version="0.19.0")

        assert not result["failed"]
        assert result["changed"]
        assert result["actions"] == ["update"]
        assert result["diff"]["after"] == {"inference_engine_version": "0.19.0"}

    @pytest.mark.parametrize("wait", [True, False])
    @pytest.mark.parametrize(
        "lag",
        [
            {"status": 404},
            {"status": 200, "json": {"name": "chat", "state": "ready"}},
            {"status": 200, "json": {"name": "chat", "state": "ready", "inference-engine-version": "0.18.0"}},
        ],
    )
    def test_an_answer_that_lags_or_lacks_a_field_is_no_trace(self, simulator, play, chat, lag, wait):
        simulator.misbehave("PATCH", status=500)
        simulator.misbehave("GET", "/ai/deployment/.+", skip=1, **lag)

        result = play(id=chat, inference_engine_version="0.19.0", wait=wait)

        simulator.contract_violations.clear()
        assert not result["failed"]
        assert simulator.deployment(chat)["inference-engine-version"] == "0.19.0"
        assert len(simulator.writes()) == 2

    def test_a_conflict_after_it_takes_back_that_nothing_happened(self, simulator, play, chat):
        simulator.misbehave("PATCH", status=500, applied_after=45)
        simulator.misbehave("PATCH", times=99, status=409)

        result = play(id=chat, inference_engine_version="0.19.0", wait=False)

        assert result["failed"]
        assert result["changed"]

    def test_a_deadline_that_comes_before_it_is_clear_ends_the_task_without_a_second_write(
        self, simulator, play, clock, chat
    ):
        simulator.misbehave("PATCH", times=100, status=500)

        result = play(id=chat, inference_engine_version="0.19.0", wait_timeout=10)

        assert result["failed"]
        assert result["changed"]
        assert "wait_timeout has passed" in result["msg"]
        assert len(simulator.writes()) == 1
        assert sum(clock.sleeps) == pytest.approx(10)

    def test_a_write_without_an_answer_in_time_is_looked_after(self, simulator, play, chat):
        simulator.misbehave("PATCH", applied=True, kind="timeout")

        result = play(id=chat, inference_engine_version="0.19.0", api_timeout=1)

        assert not result["failed"]
        assert len(simulator.writes()) == 1

    def test_it_is_waited_until_the_deployment_is_ready_though_the_operation_is_unknown(self, simulator, play, chat):
        simulator.operation_seconds = 60
        simulator.settle_seconds = 60
        simulator.misbehave("PATCH", applied=True, kind="lost")

        result = play(id=chat, inference_engine_version="0.19.0")

        assert not result["failed"]
        assert result["deployment"]["state"] == "ready"

    def test_values_that_show_only_when_the_update_is_done_are_waited_for(self, simulator, play, chat):
        simulator.operation_seconds = 60
        simulator.visible = "when done"
        simulator.misbehave("PATCH", applied=True, kind="lost")

        result = play(id=chat, inference_engine_version="0.19.0")

        assert not result["failed"]
        assert len(simulator.writes()) == 1

    def test_a_deployment_that_then_settles_in_error_fails_the_task(self, simulator, play, chat):
        simulator.operation_seconds = 60
        simulator.fail_next_operation(settles_in="error")
        simulator.misbehave("PATCH", applied=True, kind="lost")

        result = play(id=chat, inference_engine_version="0.19.0")

        assert result["failed"]
        assert result["changed"]
        assert "settled in the state error" in result["msg"]

    def test_without_wait_a_change_that_is_there_is_enough(self, simulator, play, clock, chat):
        simulator.operation_seconds = 600
        simulator.misbehave("PATCH", applied=True, kind="lost")

        result = play(id=chat, inference_engine_version="0.19.0", wait=False)

        assert not result["failed"]
        assert result["changed"]
        assert sum(clock.sleeps) < 5

    def test_one_that_is_lost_again_and_again_fails_and_tells_that_nothing_changed(self, simulator, play, chat):
        simulator.misbehave("PATCH", times=100, status=502)

        result = play(id=chat, inference_engine_version="0.19.0", api_retries=2)

        assert result["failed"]
        assert not result["changed"]
        assert result["status"] == 502
        assert "no effect of it, after 3 attempts" in result["msg"]
        assert len(simulator.writes()) == 3

    def test_if_nothing_can_be_read_afterwards_it_counts_as_changed(self, simulator, play, chat):
        simulator.misbehave("PATCH", applied=True, kind="lost")
        simulator.misbehave("GET", skip=1, times=100, status=502)

        result = play(id=chat, inference_engine_version="0.19.0", api_retries=1)

        assert result["failed"]
        assert result["changed"]
        assert "may have been carried out" in result["msg"]
        assert "PATCH /ai/deployment/" + chat in result["msg"]

    @pytest.mark.parametrize(
        ("method", "options"),
        [
            ("PATCH", {"inference_engine_version": "0.19.0"}),
            ("POST", {"replicas": 2}),
            ("DELETE", {"state": "absent"}),
            ("DELETE", {"gpu_count": 2, "recreate": True}),
        ],
    )
    def test_a_look_at_once_does_not_tell_what_has_happened_since(self, simulator, play, chat, method, options):
        simulator.misbehave(method, times=100, kind="lost")
        path = f"/ai/deployment/{chat}"
        # The looks before and at once after the write succeed.
        simulator.misbehave("GET", path, skip=2, times=1000, status=502)

        result = play(id=chat, api_retries=1, **options)

        assert result["failed"]
        assert result["changed"]
        assert "may have been carried out all the same, and what is there now cannot be read" in result["msg"]
        assert [write.method for write in simulator.writes()] == [method]
        assert ("declaration" in result) == ("recreate" in options)

    @pytest.mark.parametrize("later", [0, 1, 5])
    @pytest.mark.parametrize("answer", [{"status": 404}, {"status": 200, "json": {}}, {"status": 200, "body": "[]"}])
    def test_looks_that_make_no_sense_for_a_while_do_not_end_the_search_for_a_trace(
        self, simulator, play, chat, answer, later
    ):
        simulator.misbehave("PATCH", kind="lost", applied_after=20)
        simulator.misbehave("GET", f"/ai/deployment/{chat}", skip=1 + later, times=8, **answer)

        result = play(id=chat, inference_engine_version="0.19.0")

        simulator.contract_violations.clear()
        assert not result["failed"], result["msg"]
        assert result["changed"]
        assert len(simulator.writes()) == 1

    @pytest.mark.parametrize("options", [{"state": "absent"}, {"gpu_count": 2, "recreate": True}])
    def test_one_that_shows_at_the_very_end_counts_though_no_attempt_is_left(
        self, simulator, play, clock, chat, options
    ):
        simulator.misbehave("DELETE", kind="lost")
        simulator.at(30, lambda: simulator.remove_deployment(chat))

        result = play(id=chat, api_retries=0, api_timeout=30, **options)

        assert result["changed"]
        assert result["actions"][0] == "delete"
        assert "no effect" not in result.get("msg", "")

    def test_a_303_after_a_write_leaves_its_outcome_open(self, simulator, play, chat):
        simulator.misbehave("PATCH", status=303, body="", headers={"Location": "/elsewhere"}, applied=True)

        result = play(id=chat, inference_engine_version="0.19.0")

        assert not result["failed"]
        assert result["changed"]
        assert len(simulator.writes()) == 1

    def test_one_of_which_a_part_took_effect_has_left_a_trace(self, simulator, play, chat):
        simulator.misbehave("PATCH", kind="lost")
        simulator.at(5, lambda: simulator.set_deployment(chat, name="talk"))

        result = play(id=chat, name="talk", inference_engine_version="0.19.0")

        assert result["failed"]
        assert result["changed"]
        assert result["diff"]["before"] == {"name": "chat", "inference_engine_version": "0.18.0"}
        assert "inference_engine_version: wanted '0.19.0', found '0.18.0'" in result["msg"]
        assert "was accepted" not in result["msg"]
        assert len(simulator.writes()) == 1


class TestUnknownSecrets:
    """Secrets of a deployment that the task has not read yet, in answers that are malformed."""

    @pytest.mark.parametrize(
        "body",
        [
            '{"inference-engine-parameters": ["--api-key", "sentinel"',
            '{"inference-engine-parameters": ["--api-key", "sentinel',
            '{"id": "3f", "inference-engine-parameters": ["--hf-token=sentinel, sentinel \\" sentinel", "--seed=1"]',
            '{"api-key": "sentinel',
            "launched with ['--api-key', 'sentinel']",
            "Authorization: Bearer sentinel-1",
            '{"headers": {"Authorization": "Bearer sentinel"}',
        ],
    )
    @pytest.mark.parametrize("status", [200, 400, 502])
    def test_they_do_not_show(self, simulator, play, chat, body, status):
        simulator.misbehave("GET", times=100, status=status, body=body)

        result = play(id=chat, api_retries=0)

        assert result["failed"]
        assert "sentinel" not in str(result)

    def test_they_do_not_show_if_the_answer_is_not_even_http(self, play, chat):
        with socket.create_server(("127.0.0.1", 0)) as server:

            def answer():
                connection, _address = server.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(b'["--api-key", "sentinel"]\r\n\r\n')

            thread = threading.Thread(target=answer)
            thread.start()
            result = play(id=chat, api_retries=0, api_endpoint=f"http://127.0.0.1:{server.getsockname()[1]}/v2")
            thread.join()

        assert "what came is not HTTP" in result["msg"]
        assert "sentinel" not in str(result)


class TestBadInput:
    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({}, "Set id or name"),
            ({"name": "chat", "replicas": True}, "replicas is true, but must be a number"),
            ({"name": "chat", "gpu_count": False}, "gpu_count is false"),
            ({"name": "chat", "wait_timeout": 10**400}, "wait_timeout is a number of many digits"),
            ({"name": "chat", "api_retries": 10**400}, "api_retries is a number of many digits"),
            ({"name": "chat", "model": {"x": 1}}, "model is a mapping without id and name"),
            ({"name": "chat", "model": ["a"]}, "model must be a name"),
            ({"name": "chat", "api_secret": "\udcff"}, "not valid UTF-8"),
            ({"name": "chat\ufffd"}, "name is not valid UTF-8"),
            ({"name": "chat", "inference_engine_parameters": ["--seed=\ufffd"]}, "inference_engine_parameters is not"),
            (
                {"name": "chat", "inference_engine_parameters": ["--a", "\ufffdnull"]},
                "Item 2 of inference_engine_parameters",
            ),
            ({"id": "chat"}, "not a UUID"),
            ({"name": ""}, "name is empty"),
            ({"name": "chat", "inference_engine_version": "0.19"}, "inference_engine_version"),
            ({"name": "chat", "wait_timeout": -1}, "wait_timeout is -1"),
            ({"name": "chat", "api_timeout": -1}, "api_timeout is -1"),
            ({"name": "chat", "api_endpoint": "http://192.0.2.1/v2"}, "clear text"),
            ({"name": "chat", "zone": "geneva"}, "zone is 'geneva'"),
            ({"name": "chat", "api_key": None}, "EXOSCALE_API_KEY"),
            ({"name": "chat", "api_secret": None}, "EXOSCALE_API_SECRET"),
            ({"name": "chat", "inference_engine_parameters": ["--x", "{'a': 1}"]}, "not JSON"),
        ],
    )
    @pytest.mark.parametrize("check_mode", [True, False])
    def test_it_is_refused_before_any_request(self, simulator, play, options, message, check_mode):
        simulator.add_deployment(name="chat")

        result = play(check_mode=check_mode, **options)

        assert result["failed"]
        assert message in result["msg"]
        assert simulator.calls() == []


@pytest.mark.parametrize("status", [404, 403])
def test_an_operation_that_cannot_be_read_tells_that_the_change_was_accepted(simulator, play, status):
    chat = simulator.add_deployment(name="chat", inference_engine_version="0.18.0")
    simulator.operation_seconds = 5
    simulator.misbehave("GET", "/operation/.*", times=99, status=status)

    result = play(id=chat, inference_engine_version="0.19.0")

    assert (result["failed"], result["changed"]) == (True, True)
    assert f"was answered with {status}" in result["msg"]
    assert "was accepted, and what becomes of it is not known. Run the task again to see" in result["msg"]
