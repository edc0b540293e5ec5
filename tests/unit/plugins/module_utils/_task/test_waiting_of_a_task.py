# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting for deployments in transition, for operations, for the state ready, and for not longer than allowed."""

from __future__ import annotations

import pytest

HELP = "GET /ai/help/inference-engine-parameters"
TRANSITIONS = ["creating", "deploying", "preparing", "scaling", "updating"]


def becomes(simulator, deployment, seconds, **fields):
    simulator.at(seconds, lambda: simulator.set_deployment(deployment, **fields))


def test_the_task_ends_when_the_deployment_has_settled_after_its_operation(simulator, play, clock):
    chat = simulator.add_deployment(inference_engine_version="0.18.0")
    simulator.operation_seconds = 60
    simulator.settle_seconds = 60

    result = play(id=chat, inference_engine_version="0.19.0")

    assert result["deployment"]["state"] == "ready"
    assert result["operations"][0]["state"] == "success"
    assert 120 <= sum(clock.sleeps) <= 132


def test_with_wait_for_operation_the_state_does_not_matter(simulator, play, clock):
    chat = simulator.add_deployment(inference_engine_version="0.18.0")
    simulator.operation_seconds = 60
    simulator.settle_seconds = 600

    result = play(id=chat, inference_engine_version="0.19.0", wait_for="operation")

    assert not result["failed"]
    assert result["deployment"]["state"] in TRANSITIONS
    assert sum(clock.sleeps) <= 66


def test_the_notice_comes_at_most_a_tenth_late_and_ten_minutes_cost_about_seventy_requests(simulator, play, clock):
    chat = simulator.add_deployment(inference_engine_version="0.18.0")
    simulator.operation_seconds = 600

    play(id=chat, inference_engine_version="0.19.0")

    assert 600 <= sum(clock.sleeps) <= 660
    assert 60 <= len(simulator.calls()) <= 75
    assert min(clock.sleeps) >= 0.5
    assert max(clock.sleeps) <= 30


@pytest.mark.parametrize("state", TRANSITIONS)
def test_a_deployment_in_transition_is_waited_for_before_it_is_patched(simulator, play, state):
    chat = simulator.add_deployment(state=state, inference_engine_version="0.18.0")
    becomes(simulator, chat, 20, state="ready")

    result = play(id=chat, inference_engine_version="0.19.0")

    assert not result["failed"]
    assert [patch.status for patch in simulator.writes()] == [200]


def test_what_changed_while_waiting_is_planned_anew(simulator, play):
    chat = simulator.add_deployment(state="updating", inference_engine_version="0.18.0")
    becomes(simulator, chat, 20, state="ready", inference_engine_version="0.19.0")

    result = play(id=chat, inference_engine_version="0.19.0")

    assert not result["changed"]
    assert result["changes"] == []
    assert simulator.writes() == []


def test_without_wait_a_deployment_in_transition_is_patched_at_once(simulator, play, clock):
    chat = simulator.add_deployment(state="updating", inference_engine_version="0.18.0")
    simulator.busy_answers_409 = False

    result = play(id=chat, inference_engine_version="0.19.0", wait=False)

    assert result["changed"]
    assert clock.sleeps == []


def test_with_nothing_to_change_a_deployment_in_transition_is_waited_for(simulator, play):
    chat = simulator.add_deployment(state="deploying")
    becomes(simulator, chat, 20, state="ready")

    result = play(id=chat)

    assert not result["changed"]
    assert result["deployment"]["state"] == "ready"


@pytest.mark.parametrize("options", [{"wait": False}, {"wait_for": "operation"}])
def test_with_nothing_to_change_one_that_need_not_be_ready_is_not_waited_for(simulator, play, options):
    chat = simulator.add_deployment(state="deploying")

    result = play(id=chat, **options)

    assert not result["failed"]
    assert len(simulator.calls()) == 1


class TestError:
    def test_without_wait_the_state_error_with_nothing_to_change_is_a_warning(self, simulator, play):
        chat = simulator.add_deployment(state="error")

        result = play(id=chat, wait=False)

        assert not result["failed"]
        assert ["is in the state error" in warning for warning in result["warnings"]] == [True]

    @pytest.mark.parametrize("options", [{}, {"check_mode": True}])
    def test_the_state_error_with_nothing_to_change_fails_the_task(self, simulator, play, options):
        chat = simulator.add_deployment(state="error", state_details="CUDA out of memory")

        result = play(id=chat, **options)

        assert result["failed"]
        assert not result["changed"]
        assert "error (CUDA out of memory)" in result["msg"]
        assert result["deployment"]["state"] == "error"

    def test_the_state_error_is_accepted_with_wait_for_operation(self, simulator, play):
        chat = simulator.add_deployment(state="error")

        assert not play(id=chat, wait_for="operation")["failed"]

    def test_a_change_is_the_cure_for_the_state_error(self, simulator, play):
        chat = simulator.add_deployment(state="error", inference_engine_version="0.18.0")

        result = play(id=chat, inference_engine_version="0.19.0")

        assert result["changed"]
        assert result["deployment"]["state"] == "ready"

    def test_a_deployment_that_settles_in_error_fails_the_task_and_says_so(self, simulator, play):
        chat = simulator.add_deployment(name="chat", inference_engine_version="0.18.0")
        simulator.settle_seconds = 30
        becomes(simulator, chat, 20, state="error", state_details="CUDA out of memory")

        result = play(id=chat, inference_engine_version="0.19.0")

        assert result["failed"]
        assert result["changed"]
        assert "settled in the state error (CUDA out of memory)" in result["msg"]
        assert "exo dedicated-inference deployment logs " + chat in result["msg"]
        assert result["operations"][0]["state"] == "success"


class TestOperation:
    def test_one_that_fails_fails_the_task_and_tells_reason_and_message(self, simulator, play):
        chat = simulator.add_deployment(inference_engine_version="0.18.0")
        simulator.operation_seconds = 10
        simulator.fail_next_operation(reason="unavailable", message="no GPU left")

        result = play(id=chat, inference_engine_version="0.19.0")

        assert result["failed"]
        assert result["changed"]
        assert "failed (unavailable: no GPU left)" in result["msg"]
        assert "is now in the state error" in result["msg"]
        assert result["operation"]["reason"] == "unavailable"
        assert result["operation"]["state"] == "failure"
        assert result["operations"] == [result["operation"]]

    @pytest.mark.parametrize("wait", [True, False])
    def test_one_that_has_failed_already_in_the_answer_to_the_write_fails_the_task(self, simulator, play, wait):
        chat = simulator.add_deployment(inference_engine_version="0.18.0")
        simulator.fail_next_operation(reason="fault", message="broken")

        result = play(id=chat, inference_engine_version="0.19.0", wait=wait)

        assert result["failed"]
        assert "failed (fault: broken)" in result["msg"]

    def test_one_that_the_api_gave_up_is_told_apart_from_one_that_failed(self, simulator, play):
        chat = simulator.add_deployment(inference_engine_version="0.18.0")
        simulator.operation_seconds = 10
        simulator.fail_next_operation(state="timeout", reason="unknown", message="")

        result = play(id=chat, inference_engine_version="0.19.0")

        assert "took longer than the API allows" in result["msg"]
        assert " failed (" not in result["msg"]
        assert result["operation"]["state"] == "timeout"

    def test_our_own_deadline_is_told_apart_from_both(self, simulator, play, clock):
        chat = simulator.add_deployment(inference_engine_version="0.18.0")
        simulator.operation_seconds = 10_000

        result = play(id=chat, inference_engine_version="0.19.0", wait_timeout=100)

        operation, name = result["operation"]["id"], simulator.deployment(chat)["name"]
        assert result["msg"].startswith(
            f"Gave up after waiting 100 seconds (wait_timeout): the operation {operation} of PATCH "
            f"/ai/deployment/{chat} for the deployment {name} ({chat}) is still pending. It may still come to its end; "
            "run the task again to wait for it, or set a larger wait_timeout"
        )
        assert result["changed"]
        assert result["operation"]["state"] == "pending"
        assert sum(clock.sleeps) == pytest.approx(100)

    def test_a_state_that_nobody_knows_is_neither_success_nor_a_reason_to_roll_back(self, simulator, play):
        chat = simulator.add_deployment(inference_engine_version="0.18.0")
        answer = {"id": "5d3a2c1b-7e8f-4a9b-8c0d-1e2f3a4b5c6d", "state": "running"}
        simulator.misbehave("PATCH", applied=True, status=200, json=answer)

        result = play(id=chat, inference_engine_version="0.19.0", on_failure="rollback")

        simulator.contract_violations.clear()
        assert "is in the state 'running', which this version of the collection does not know" in result["msg"]
        assert len(simulator.writes()) == 1

    @pytest.mark.parametrize(
        "answer", [{"state": ""}, {"id": "5d3a2c1b-7e8f-4a9b-8c0d-1e2f3a4b5c6d", "state": "failure"}]
    )
    def test_a_poll_without_a_state_or_of_another_operation_makes_no_sense(self, simulator, play, answer):
        chat = simulator.add_deployment(inference_engine_version="0.18.0")
        simulator.operation_seconds = 30
        simulator.misbehave("GET", "/operation/.*", status=200, json=answer)

        result = play(id=chat, inference_engine_version="0.19.0", on_failure="rollback")

        simulator.contract_violations.clear()
        assert not result["failed"], result["msg"]
        assert len(simulator.writes()) == 1

    def test_a_poll_that_fails_for_a_moment_is_not_a_failed_operation(self, simulator, play):
        chat = simulator.add_deployment(inference_engine_version="0.18.0")
        simulator.operation_seconds = 30
        simulator.misbehave("GET", "/operation/.*", times=4, status=503)
        simulator.misbehave("GET", "/operation/.*", times=2, kind="lost")
        simulator.misbehave("GET", "/operation/.*", times=2, status=200, body='{"state": "pend')

        result = play(id=chat, inference_engine_version="0.19.0", api_retries=0)

        assert not result["failed"]
        assert result["changed"]

    @pytest.mark.parametrize("fault", [{"status": 404}, {"status": 200, "json": {}}])
    def test_one_that_is_not_there_yet_is_a_lag_and_not_an_end(self, simulator, play, fault):
        chat = simulator.add_deployment(inference_engine_version="0.18.0")
        simulator.operation_seconds = 30
        simulator.misbehave("GET", "/operation/.*", **fault)

        assert not play(id=chat, inference_engine_version="0.19.0")["failed"]

    def test_one_that_is_never_there_ends_the_task(self, simulator, play):
        chat = simulator.add_deployment(inference_engine_version="0.18.0")
        simulator.operation_seconds = 30
        simulator.misbehave("GET", "/operation/.*", times=100, status=404)

        result = play(id=chat, inference_engine_version="0.19.0")

        assert result["status"] == 404
        assert result["changed"]

    @pytest.mark.parametrize("fault", [{"status": 404}, {"status": 200, "json": {}}])
    def test_a_deployment_that_has_just_been_created_may_lag_too(self, simulator, play, fault):
        simulator.add_model("a/b")
        simulator.misbehave("GET", "/ai/deployment/.+", **fault)

        result = play(name="chat", model="a/b", gpu_type="gpua5000", gpu_count=1, replicas=1)

        assert not result["failed"]
        assert len(simulator.writes()) == 1

    def test_a_poll_that_is_refused_ends_the_task_at_once(self, simulator, play, clock):
        chat = simulator.add_deployment(inference_engine_version="0.18.0")
        simulator.operation_seconds = 30
        simulator.misbehave("GET", "/operation/.*", status=403, json={"code": "forbidden_operation", "error": "no"})

        result = play(id=chat, inference_engine_version="0.19.0")

        assert result["status"] == 403
        assert result["changed"]
        assert len(clock.sleeps) == 1


class TestDeadline:
    def test_there_is_one_for_all_the_waiting_of_a_task(self, simulator, play, clock):
        chat = simulator.add_deployment(state="updating", inference_engine_version="0.18.0")
        becomes(simulator, chat, 60, state="ready")
        simulator.operation_seconds = 60

        result = play(id=chat, inference_engine_version="0.19.0", wait_timeout=100)

        assert "Gave up after waiting 100 seconds" in result["msg"]
        assert sum(clock.sleeps) == pytest.approx(100)

    def test_one_that_passes_before_the_write_leaves_everything_as_it_was(self, simulator, play):
        chat = simulator.add_deployment(name="chat", state="updating", inference_engine_version="0.18.0")

        result = play(id=chat, inference_engine_version="0.19.0", wait_timeout=10)

        assert "is still in the state updating" in result["msg"]
        assert not result["changed"]
        assert simulator.writes() == []

    def test_a_timeout_of_zero_means_no_waiting_but_is_not_an_error_by_itself(self, simulator, play, clock):
        chat = simulator.add_deployment(inference_engine_version="0.18.0")

        result = play(id=chat, inference_engine_version="0.19.0", wait_timeout=0)

        assert not result["failed"]
        assert clock.sleeps == []

    def test_an_api_that_stays_away_is_named_in_the_message(self, simulator, play):
        chat = simulator.add_deployment(inference_engine_version="0.18.0")
        simulator.operation_seconds = 5
        simulator.misbehave("GET", "/operation/.*", times=10_000, status=502)

        result = play(id=chat, inference_engine_version="0.19.0", wait_timeout=60)

        assert "The last attempt to look failed" in result["msg"]
        assert "502" in result["msg"]


class TestBusy:
    def test_a_deployment_that_answers_409_is_read_and_tried_again(self, simulator, play):
        chat = simulator.add_deployment(inference_engine_version="0.18.0")
        simulator.misbehave("PATCH", times=3, status=409, json={"title": "Conflict", "detail": "busy"})

        result = play(id=chat, inference_engine_version="0.19.0")

        assert not result["failed"]
        patch, get = "PATCH /ai/deployment/" + chat, "GET /ai/deployment/" + chat
        assert simulator.calls() == [get, HELP, patch, get, patch, get, patch, get, patch, get]

    def test_what_somebody_else_has_done_meanwhile_is_not_done_again(self, simulator, play):
        chat = simulator.add_deployment(inference_engine_version="0.18.0")
        simulator.misbehave("PATCH", status=409, json={"title": "Conflict", "detail": "busy"})
        becomes(simulator, chat, 0.4, inference_engine_version="0.19.0")

        result = play(id=chat, inference_engine_version="0.19.0")

        assert not result["failed"]
        assert not result["changed"]
        assert len(simulator.writes()) == 1

    def test_one_that_answers_409_though_it_is_at_rest_is_believed_at_the_fourth_attempt(self, simulator, play, clock):
        chat = simulator.add_deployment(inference_engine_version="0.18.0")
        simulator.misbehave("PATCH", times=10_000, status=409, json={"title": "Conflict", "detail": "name is taken"})

        result = play(id=chat, inference_engine_version="0.19.0", wait_timeout=100)

        assert result["failed"]
        assert not result["changed"]
        assert result["status"] == 409
        assert "name is taken" in result["msg"]
        assert "taken for final" in result["msg"]
        assert len(simulator.writes()) == 4
        assert sum(clock.sleeps) == pytest.approx(10)

    def test_one_that_is_busy_again_and_again_fails_at_the_deadline_with_the_words_of_the_api(
        self, simulator, play, clock
    ):
        chat = simulator.add_deployment(inference_engine_version="0.18.0")
        simulator.misbehave("PATCH", times=10_000, status=409, json={"title": "Conflict", "detail": "resize running"})

        result = play(id=chat, inference_engine_version="0.19.0", wait_timeout=8)

        assert result["status"] == 409
        assert "resize running" in result["msg"]
        assert "wait_timeout" in result["msg"]
        assert sum(clock.sleeps) == pytest.approx(8)

    def test_a_creation_whose_conflict_is_final_ends_with_the_words_of_the_api(self, simulator, play):
        simulator.add_model("a/b")
        simulator.misbehave("POST", times=10_000, status=409, json={"title": "Conflict", "detail": "quota exceeded"})

        result = play(name="chat", model="a/b", gpu_type="gpua5000", gpu_count=1, replicas=1)

        assert "quota exceeded" in result["msg"]
        assert not result["changed"]
        assert len(simulator.writes()) == 4

    def test_without_wait_it_fails_at_once_and_names_the_option(self, simulator, play, clock):
        chat = simulator.add_deployment(inference_engine_version="0.18.0")
        simulator.misbehave("PATCH", status=409, json={"title": "Conflict", "detail": "busy"})

        result = play(id=chat, inference_engine_version="0.19.0", wait=False)

        assert result["failed"]
        assert not result["changed"]
        assert "wait=true" in result["msg"]
        assert clock.sleeps == []


class TestVerification:
    def test_a_value_that_was_accepted_but_is_not_shown_fails_with_field_wanted_and_found(self, simulator, play):
        chat = simulator.add_deployment(inference_engine_version="0.18.0")
        simulator.ignore_field("inference-engine-version")

        result = play(id=chat, name="talk", inference_engine_version="0.19.0")

        assert result["failed"]
        assert result["changed"]
        assert "inference_engine_version: wanted '0.19.0', found '0.18.0'" in result["msg"]
        assert "name: wanted" not in result["msg"]

    @pytest.mark.parametrize("wait_timeout", [1800, 25])
    def test_a_value_that_somebody_else_moves_back_between_two_steps_is_not_fought_over(
        self, simulator, play, clock, wait_timeout
    ):
        chat = simulator.add_deployment(inference_engine_version="0.18.0", replicas=2)
        simulator.operation_seconds = 10
        becomes(simulator, chat, 15, inference_engine_version="0.18.0")

        result = play(id=chat, inference_engine_version="0.19.0", replicas=3, wait_timeout=wait_timeout)

        assert result["failed"]
        assert "does not show it: inference_engine_version: wanted '0.19.0', found '0.18.0'" in result["msg"]
        assert len(simulator.writes()) == 2
        assert sum(clock.sleeps) < 60

    def test_an_update_that_settles_in_error_is_not_built_on(self, simulator, play):
        chat = simulator.add_deployment(inference_engine_version="0.18.0", replicas=2)
        simulator.settle_seconds = 20
        becomes(simulator, chat, 10, state="error")

        result = play(id=chat, inference_engine_version="0.19.0", replicas=3)

        assert "settled in the state error after PATCH" in result["msg"]
        assert [write.method for write in simulator.writes()] == ["PATCH"]

    def test_another_deployment_in_the_answer_is_not_touched(self, simulator, play):
        chat = simulator.add_deployment(name="chat", inference_engine_version="0.18.0")
        other = simulator.add_deployment(name="chat", inference_engine_version="0.18.0")
        simulator.misbehave("GET", "/ai/deployment/" + chat, times=9, status=200, json=simulator.deployment(other))

        result = play(id=chat, inference_engine_version="0.19.0")

        assert f"was asked for the deployment {chat} and answered with {other}" in result["msg"]
        assert simulator.writes() == []

    def test_a_read_that_lags_a_little_is_no_failure(self, simulator, play):
        chat = simulator.add_deployment(inference_engine_version="0.18.0")
        simulator.lag_seconds = 3

        result = play(id=chat, inference_engine_version="0.19.0", replicas=2)

        assert not result["failed"]
        assert result["actions"] == ["update", "scale"]
        assert len(simulator.writes()) == 2

    def test_a_state_that_nobody_knows_is_one_of_rest_and_a_warning(self, simulator, play, clock):
        chat = simulator.add_deployment(state="hibernating", inference_engine_version="0.18.0")

        result = play(id=chat, inference_engine_version="0.18.0")

        simulator.contract_violations.clear()
        assert not result["failed"]
        assert clock.sleeps == []
        assert [
            "state hibernating, which this version of the collection does not know" in w for w in result["warnings"]
        ] == [True]

    def test_a_secret_that_moved_is_not_in_the_warning(self, simulator, play):
        chat = simulator.add_deployment(
            inference_engine_version="0.18.0", inference_engine_parameters=["--api-key=sentinel-old"]
        )
        simulator.operation_seconds = 10
        becomes(simulator, chat, 5, inference_engine_parameters=["--api-key=sentinel-new"])

        result = play(id=chat, inference_engine_version="0.19.0")

        assert ["moved" in warning for warning in result["warnings"]] == [True]
        assert "sentinel" not in str(result)

    def test_a_field_that_moved_without_being_managed_is_a_warning(self, simulator, play):
        chat = simulator.add_deployment(inference_engine_version="0.18.0", replicas=1)
        simulator.operation_seconds = 10
        becomes(simulator, chat, 5, replicas=3)

        result = play(id=chat, inference_engine_version="0.19.0")

        assert not result["failed"]
        assert ["replicas moved from 1 to 3" in warning for warning in result["warnings"]] == [True]

    def test_a_deployment_that_vanishes_while_waiting_is_an_error_that_says_what_was_done(self, simulator, play):
        chat = simulator.add_deployment(inference_engine_version="0.18.0")
        simulator.operation_seconds = 10
        simulator.at(9, lambda: simulator.remove_deployment(chat))

        result = play(id=chat, inference_engine_version="0.19.0")

        assert result["failed"]
        assert result["changed"]
