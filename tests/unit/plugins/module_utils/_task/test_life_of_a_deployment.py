# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Create, scale, replace, delete, recover: which requests, in which order, and what is told of them."""

from __future__ import annotations

import pytest

WANTED = {
    "name": "chat",
    "model": "openai/gpt-oss-120b",
    "gpu_type": "gpua5000",
    "gpu_count": 2,
    "replicas": 1,
}
LIST = "GET /ai/deployment"
CHECKS = ["GET /ai/model", "GET /ai/instance-type", "GET /quota"]
HELP = "GET /ai/help/inference-engine-parameters"


@pytest.fixture(autouse=True)
def model(simulator):
    """A model that deployments can be made of; its ID."""
    other = simulator.add_deployment(name="other", model={"name": "openai/gpt-oss-120b"})
    return simulator.deployment(other)["model"]["id"]


@pytest.fixture
def chat(simulator, model):
    return simulator.add_deployment(
        name="chat", model={"id": model}, gpu_count=2, replicas=2, inference_engine_version="0.18.0"
    )


def path_of(deployment):
    return "/ai/deployment/" + deployment


def of_that_name(simulator, name="chat"):
    return [
        entry["id"] for entry in simulator.deployments() if entry["name"] == name and entry["visibility"] == "private"
    ]


class TestCreate:
    def test_it_is_list_post_polls_get(self, simulator, play):
        simulator.operation_seconds = 2

        result = play(**WANTED)

        poll = "GET /operation/" + result["operations"][0]["id"]
        created = result["deployment"]["id"]
        assert simulator.calls() == [
            LIST,
            *CHECKS,
            "POST /ai/deployment",
            *[poll] * 4,
            "GET " + path_of(created),
        ]
        assert result["changed"]
        assert result["actions"] == ["create"]
        assert result["diff"]["before"] == {}
        assert result["diff"]["after"] == WANTED

    def test_the_body_holds_what_was_given_and_no_defaults(self, simulator, play):
        play(**WANTED)

        (post,) = simulator.writes()
        assert post.body == {
            "name": "chat",
            "model": {"name": "openai/gpt-oss-120b"},
            "gpu-type": "gpua5000",
            "gpu-count": 2,
            "replicas": 1,
        }

    def test_version_and_parameters_are_sent_if_given_and_a_model_by_its_id(self, simulator, play, model):
        play(
            **dict(WANTED, model=model.upper()),
            inference_engine_version="0.19.0",
            inference_engine_parameters=["--seed=1"],
        )

        (post,) = simulator.writes()
        assert post.body["model"] == {"id": model}
        assert post.body["inference-engine-version"] == "0.19.0"
        assert post.body["inference-engine-parameters"] == ["--seed=1"]
        assert simulator.calls().count(HELP) == 1

    def test_a_second_run_changes_nothing(self, simulator, play):
        play(**WANTED)
        again = play(**WANTED)

        assert not again["changed"]
        assert again["actions"] == []
        assert len(simulator.writes()) == 1

    def test_check_mode_creates_nothing_and_tells_the_same(self, simulator, play):
        predicted = play(check_mode=True, **WANTED)
        writes = simulator.writes()
        happened = play(**WANTED)

        assert writes == []
        for key in ("changed", "changes", "actions"):
            assert predicted[key] == happened[key]
        assert predicted["diff"] == happened["diff"]
        assert predicted["deployment"]["name"] == "chat"

    def test_all_that_is_missing_is_named_at_once(self, simulator, play):
        result = play(name="chat", gpu_count=1)

        assert result["failed"]
        assert "to create it model, gpu_type, replicas are missing" in result["msg"]
        assert simulator.writes() == []

    def test_by_id_nothing_is_created(self, simulator, play):
        result = play(id="00000000-0000-4000-8000-000000000000", **WANTED)

        assert result["status"] == 404
        assert simulator.writes() == []

    def test_without_replicas_there_is_nothing_to_create(self, simulator, play):
        result = play(**dict(WANTED, replicas=0))

        assert "at least 1 replica" in result["msg"]
        assert simulator.writes() == []

    def test_an_operation_that_does_not_name_the_deployment_leads_to_it_by_name(self, simulator, play):
        simulator.reference_in_operations = False

        result = play(**WANTED)

        assert [result["deployment"]["id"]] == of_that_name(simulator)

    def test_too_few_gpus_are_named_with_type_and_number(self, simulator, play):
        simulator.gpus_free = 1

        result = play(**dict(WANTED, replicas=3))

        assert result["status"] == 412
        assert "2 of the type gpua5000 were asked for, for each of 3 replicas" in result["msg"]
        assert not result["changed"]

    @pytest.mark.parametrize(
        "fault", [{"status": 502}, {"status": 503}, {"kind": "reset"}, {"kind": "lost"}, {"status": 200, "body": ""}]
    )
    @pytest.mark.parametrize("operation_seconds", [0, 60])
    def test_an_answer_that_is_lost_never_makes_two(self, simulator, play, fault, operation_seconds):
        simulator.operation_seconds = operation_seconds
        simulator.misbehave("POST", applied=True, **fault)

        result = play(**WANTED)

        assert not result["failed"]
        assert result["changed"]
        assert result["deployment"]["state"] == "ready"
        assert len(of_that_name(simulator)) == 1
        assert len(simulator.writes()) == 1

    @pytest.mark.parametrize("fault", [{"kind": "lost"}, {"status": 500}, {"status": 503}, {"status": 408}])
    def test_one_of_which_there_is_no_trace_is_never_sent_again_and_may_be_run_again(
        self, simulator, play, clock, fault
    ):
        simulator.misbehave("POST", **fault)

        result = play(**WANTED, api_timeout=20)
        again = play(**WANTED)

        assert result["failed"]
        assert result["changed"]
        assert "safe to run the task again once the name shows" in result["msg"]
        assert sum(clock.sleeps) == pytest.approx(20)
        assert not again["failed"]
        assert len(of_that_name(simulator)) == 1
        assert len(simulator.writes()) == 2

    def test_one_that_takes_longer_than_a_request_may_take_is_found_by_its_name(self, simulator, play):
        simulator.misbehave("POST", kind="lost")
        simulator.at(15, lambda: simulator.add_deployment(name="chat", gpu_count=2))

        result = play(**WANTED)

        assert not result["failed"]
        assert result["changed"]
        assert len(of_that_name(simulator)) == 1
        assert len(simulator.writes()) == 1

    def test_one_that_is_not_listed_at_once_is_looked_for_again(self, simulator, play):
        simulator.lag_seconds = 3

        result = play(**WANTED)

        assert not result["failed"]
        assert result["actions"] == ["create"]
        assert len(simulator.writes()) == 1

    @pytest.mark.parametrize("recreate", [True, False])
    @pytest.mark.parametrize("shown", [{"gpu-count": 4}, {"replicas": 0}, {"inference-engine-parameters": []}])
    @pytest.mark.parametrize("times", [1, 100])
    def test_what_a_new_deployment_shows_otherwise_is_looked_at_again_and_never_changed(
        self, simulator, play, shown, times, recreate
    ):
        options = dict(WANTED, inference_engine_parameters=["--seed=1"], recreate=recreate)
        play(**options)
        new = simulator.deployment(of_that_name(simulator)[0])
        play(name="chat", state="absent")
        simulator.clear_journal()
        simulator.misbehave("GET", "/ai/deployment/.+", times=times, status=200, json=dict(new, id=None, **shown))

        result = play(**options)

        simulator.contract_violations.clear()
        assert [write.method for write in simulator.writes()] == ["POST"]
        assert result["actions"] == ["create"]
        assert result["failed"] == (times == 100)
        if result["failed"]:
            assert "does not show it" in result["msg"]
            assert "Nothing was changed" not in result["msg"]

    def test_one_that_is_refused_for_now_is_sent_again(self, simulator, play):
        simulator.misbehave("POST", times=2, status=429)

        assert not play(**WANTED)["failed"]
        assert len(of_that_name(simulator)) == 1

    def test_a_model_that_vanishes_after_the_check_is_what_the_hint_is_about(self, simulator, play):
        simulator.misbehave("POST", status=404, json={"title": "Not Found", "detail": "Model not found"})

        result = play(**WANTED)

        assert "Check that the model openai/gpt-oss-120b is in this zone" in result["msg"]
        assert "ID" not in result["msg"]

    def test_without_wait_it_ends_with_the_id_known(self, simulator, play, clock):
        simulator.operation_seconds = 600

        result = play(wait=False, **WANTED)

        assert [result["deployment"]["id"]] == of_that_name(simulator)
        assert clock.sleeps == []

    def test_one_that_settles_in_error_fails_with_the_end_of_the_log(self, simulator, play):
        simulator.operation_seconds = 10
        simulator.fail_next_operation(message="CUDA out of memory")

        result = play(**WANTED)

        assert result["failed"]
        assert result["changed"]
        assert "engine failed: CUDA out of memory" in result["msg"]
        assert [entry["message"] for entry in result["logs"]] == ["engine starts", "engine failed: CUDA out of memory"]


class TestScale:
    def test_it_is_list_get_post_polls_get(self, simulator, play, chat):
        simulator.operation_seconds = 1

        result = play(name="chat", replicas=3)

        poll = "GET /operation/" + result["operations"][0]["id"]
        get = "GET " + path_of(chat)
        assert simulator.calls() == [LIST, get, "POST " + path_of(chat) + "/scale", poll, poll, get]
        assert simulator.writes()[0].body == {"replicas": 3}
        assert result["changes"] == ["replicas"]
        assert result["actions"] == ["scale"]

    def test_replicas_that_are_not_given_are_never_touched(self, simulator, play, chat):
        play(id=chat, inference_engine_version="0.19.0")

        assert [write.path for write in simulator.writes()] == [path_of(chat)]
        assert simulator.deployment(chat)["replicas"] == 2

    def test_up_the_update_comes_first(self, simulator, play, chat):
        simulator.operation_seconds = 5

        result = play(id=chat, inference_engine_version="0.19.0", replicas=3)

        assert [write.method for write in simulator.writes()] == ["PATCH", "POST"]
        assert result["actions"] == ["update", "scale"]
        assert result["deployment"]["replicas"] == 3
        assert result["deployment"]["inference_engine_version"] == "0.19.0"

    @pytest.mark.parametrize("check_mode", [True, False])
    def test_without_wait_only_the_first_of_two_steps_is_sent_and_the_other_one_is_told(
        self, simulator, play, chat, clock, check_mode
    ):
        simulator.operation_seconds = 500

        result = play(id=chat, inference_engine_version="0.19.0", replicas=3, wait=False, check_mode=check_mode)

        assert not result["failed"]
        assert result["actions"] == ["update"]
        assert result["changes"] == ["inference_engine_version"]
        assert result["diff"]["after"] == {"inference_engine_version": "0.19.0", "replicas": 2}
        assert result["warnings"] == [
            "With wait=false the task does not wait for the end of the first change, so POST "
            f"{path_of(chat)}/scale (replicas 3) is left: run the task again when that change has ended, or with "
            "wait=true"
        ]
        assert [write.method for write in simulator.writes()] == ([] if check_mode else ["PATCH"])
        assert clock.sleeps == []

    def test_down_the_update_comes_last(self, simulator, play, chat):
        simulator.operation_seconds = 5

        result = play(id=chat, inference_engine_version="0.19.0", replicas=1)

        assert not result["failed"]
        assert [write.method for write in simulator.writes()] == ["POST", "PATCH"]
        assert [write.status for write in simulator.writes()] == [200, 200]

    @pytest.mark.parametrize("state", ["ready", "creating", "scaling", "deploying", "updating", "preparing"])
    def test_a_state_that_stays_after_the_operation_is_one_of_rest_at_zero_replicas(
        self, simulator, play, chat, clock, state
    ):
        simulator.operation_seconds = 5
        simulator.state_at_zero_replicas = state

        result = play(id=chat, replicas=0)

        assert not result["failed"]
        assert result["deployment"]["replicas"] == 0
        assert sum(clock.sleeps) <= 25

    def test_scaling_up_from_zero_is_waited_for_though_no_replica_shows_yet(self, simulator, play, chat):
        simulator.set_deployment(chat, replicas=0)
        simulator.visible = "when done"
        simulator.misbehave("POST", status=200, json={"id": chat, "state": "success"})
        simulator.at(0.1, lambda: simulator.set_deployment(chat, state="scaling"))
        simulator.at(60, lambda: simulator.set_deployment(chat, state="ready", replicas=2))

        result = play(id=chat, replicas=2)

        assert not result["failed"]
        assert result["deployment"]["replicas"] == 2

    def test_between_two_steps_a_transition_at_zero_replicas_is_waited_for_too(self, simulator, play, chat):
        simulator.set_deployment(chat, replicas=0)
        simulator.operation_seconds = 5
        simulator.settle_seconds = 60
        simulator.misbehave("POST", kind="reset")

        result = play(id=chat, inference_engine_version="0.19.0", replicas=2)

        assert not result["failed"]
        assert result["actions"] == ["update", "scale"]
        assert [write.status for write in simulator.writes()] == [200, None, 200]

    def test_a_state_in_which_nothing_moves_for_long_is_one_of_rest_at_zero_replicas(
        self, simulator, play, chat, clock
    ):
        simulator.set_deployment(chat, replicas=0, state="scaling")

        unchanged = play(id=chat, replicas=0)
        slept = sum(clock.sleeps)
        changed = play(id=chat, inference_engine_version="0.18.0", wait_timeout=100)

        assert not unchanged["failed"]
        assert ["has shown nothing else for 30" in warning for warning in unchanged["warnings"]] == [True]
        assert 300 <= slept <= 340
        assert "is still in the state scaling" in changed["msg"]

    def test_zero_replicas_that_settle_in_some_seconds_are_waited_for(self, simulator, play, chat):
        simulator.settle_seconds = 12

        result = play(id=chat, replicas=0)

        assert result["deployment"]["state"] == "ready"
        assert result["warnings"] == []

    @pytest.mark.parametrize("wait_timeout", [8, 100])
    def test_zero_replicas_that_do_not_settle_end_the_task_with_a_warning(
        self, simulator, play, chat, clock, wait_timeout
    ):
        simulator.settle_seconds = 10**6

        result = play(id=chat, replicas=0, wait_timeout=wait_timeout)

        assert (result["failed"], result["changed"]) == (False, True)
        assert "is in the state scaling, and has shown nothing else for" in result["warnings"][0]
        assert clock.monotonic() <= 25

    @pytest.mark.parametrize("options", [{"replicas": 2}, {"inference_engine_version": "0.19.0"}])
    @pytest.mark.parametrize("state", ["scaling", "updating", "deploying"])
    def test_a_transition_at_zero_replicas_is_waited_for(self, simulator, play, chat, state, options):
        simulator.set_deployment(chat, replicas=0, state=state)
        simulator.at(50, lambda: simulator.set_deployment(chat, state="ready"))

        result = play(id=chat, **options)

        assert not result["failed"]
        assert [write.status for write in simulator.writes()] == [200]

    def test_zero_in_the_state_error_is_a_failure(self, simulator, play, chat):
        simulator.state_at_zero_replicas = "error"

        assert play(id=chat, replicas=0)["failed"]

    def test_a_lost_answer_is_looked_after(self, simulator, play, chat):
        simulator.misbehave("POST", kind="lost", applied=True)

        result = play(id=chat, replicas=3)

        assert not result["failed"]
        assert len(simulator.writes()) == 1

    def test_too_few_gpus_are_named_with_type_and_number(self, simulator, play, chat):
        simulator.gpus_free = 0

        assert "of the type gpua5000" in play(id=chat, replicas=8)["msg"]

    def test_of_two_steps_only_the_one_that_was_carried_out_is_reported_after_a_failure(self, simulator, play, chat):
        simulator.gpus_free = 0

        result = play(id=chat, inference_engine_version="0.19.0", replicas=8)

        assert result["failed"]
        assert result["changed"]
        assert result["changes"] == ["inference_engine_version"]
        assert result["actions"] == ["update"]
        assert result["deployment"]["inference_engine_version"] == "0.19.0"

    def test_a_busy_deployment_between_two_steps_is_waited_for(self, simulator, play, chat):
        simulator.misbehave("POST", times=2, status=409)

        result = play(id=chat, inference_engine_version="0.19.0", replicas=3)

        assert not result["failed"]
        assert result["changes"] == ["inference_engine_version", "replicas"]
        assert [write.method for write in simulator.writes()] == ["PATCH", "POST", "POST", "POST"]

    def test_a_step_that_somebody_else_takes_is_not_claimed(self, simulator, play, chat):
        simulator.operation_seconds = 10
        simulator.at(5, lambda: simulator.set_deployment(chat, replicas=3))

        result = play(id=chat, inference_engine_version="0.19.0", replicas=3)

        assert not result["failed"]
        assert result["actions"] == ["update"]
        assert result["changes"] == ["inference_engine_version"]
        assert result["diff"]["after"] == {"inference_engine_version": "0.19.0", "replicas": 2}


class TestFixedFields:
    def test_each_difference_is_listed_with_field_wanted_and_found_before_anything_is_written(
        self, simulator, play, chat
    ):
        result = play(id=chat, model="other/model", gpu_type="gpu3080ti", gpu_count=1, replicas=9)

        assert result["failed"]
        assert "model: wanted 'other/model', found 'openai/gpt-oss-120b'" in result["msg"]
        assert "gpu_type: wanted 'gpu3080ti', found 'gpua5000'" in result["msg"]
        assert "gpu_count: wanted 1, found 2" in result["msg"]
        assert result["msg"].endswith(
            ". With recreate=true the task would delete the deployment and create another one in its place. "
            "Nothing was changed"
        )
        assert simulator.writes() == []

    @pytest.mark.parametrize("shown_by", ["id", "name"])
    @pytest.mark.parametrize("given_by", ["id", "name"])
    def test_a_model_is_the_same_by_name_and_by_id(self, simulator, play, chat, model, shown_by, given_by):
        both = {"id": model, "name": "openai/gpt-oss-120b"}
        simulator.set_deployment(chat, model={shown_by: both[shown_by]})

        same = play(id=chat, model=both[given_by])
        other = play(id=chat, model="another/model")

        assert not same["failed"]
        assert not same["changed"]
        assert "model: wanted 'another/model'" in other["msg"]

    @pytest.mark.parametrize("check_mode", [True, False])
    def test_recreate_deletes_waits_and_creates_and_says_so(self, simulator, play, chat, check_mode):
        simulator.operation_seconds = 5

        result = play(check_mode=check_mode, name="chat", gpu_count=4, recreate=True)

        assert not result["failed"]
        assert result["changed"]
        assert result["actions"] == ["delete", "create"]
        assert result["changes"] == ["gpu_count"]
        assert "replaced" in result["diff"]["after_header"]
        assert [write.method for write in simulator.writes()] == ([] if check_mode else ["DELETE", "POST"])

    def test_recreate_carries_over_what_is_not_managed(self, simulator, play, chat):
        simulator.set_deployment(chat, inference_engine_parameters=["--seed=1"])

        result = play(name="chat", gpu_count=4, recreate=True)

        assert result["deployment"]["id"] != chat
        assert result["deployment"]["inference_engine_version"] == "0.18.0"
        assert result["deployment"]["inference_engine_parameters"] == ["--seed=1"]
        assert result["deployment"]["replicas"] == 2

    @pytest.mark.parametrize("fault", [{"status": 412}, {"kind": "lost"}, {"status": 403}])
    def test_recreate_that_cannot_create_says_what_is_lost_and_returns_it_ready_to_declare(
        self, simulator, play, chat, fault
    ):
        simulator.set_deployment(chat, inference_engine_parameters=["--max-model-len=4096"])
        simulator.misbehave("POST", **fault)

        result = play(name="chat", gpu_count=4, recreate=True)
        again = play(**result["declaration"])

        assert result["failed"]
        assert "The old deployment is gone" in result["msg"]
        assert "--max-model-len=4096" in result["msg"]
        assert result["deployment"] is None
        assert result["declaration"] == {
            "name": "chat",
            "model": "openai/gpt-oss-120b",
            "gpu_type": "gpua5000",
            "gpu_count": 4,
            "replicas": 2,
            "inference_engine_version": "0.18.0",
            "inference_engine_parameters": ["--max-model-len=4096"],
        }
        assert not again["failed"]
        assert len(of_that_name(simulator)) == 1

    @pytest.fixture
    def may_break_the_contract(self, simulator):
        yield
        simulator.contract_violations.clear()

    @pytest.mark.usefixtures("may_break_the_contract")
    @pytest.mark.parametrize("hidden", ["gpu-count", "gpu-type", "replicas", "model"])
    def test_what_is_not_shown_is_not_different(self, simulator, play, chat, hidden):
        simulator.hidden_fields = (hidden,)

        result = play(
            name="chat", gpu_type="gpua5000", gpu_count=2, replicas=2, model="m/n", recreate=hidden != "model"
        )
        other = play(name="chat", **{hidden.replace("-", "_"): {"gpu-count": 4, "replicas": 4}.get(hidden, "x")})

        if hidden != "model":
            assert "does not exist" not in result.get("msg", "")
        assert not other["failed"]
        assert not other["changed"]
        assert any(f"does not show {hidden.replace('-', '_')}" in warning for warning in other["warnings"])
        assert simulator.writes() == []

    @pytest.mark.usefixtures("may_break_the_contract")
    @pytest.mark.parametrize("hidden", ["gpu-type", "replicas", "model", "inference-engine-version"])
    def test_what_a_replacement_needs_and_nobody_shows_fails_before_the_deletion(self, simulator, play, chat, hidden):
        simulator.hidden_fields = (hidden,)

        result = play(name="chat", gpu_count=4, recreate=True)

        assert result["failed"]
        assert f"does not show {hidden.replace('-', '_')} of it" in result["msg"]
        assert simulator.writes() == []

    def test_one_of_two_models_of_the_same_name_is_not_certainly_another_one(self, simulator, play, model, chat):
        namesake = simulator.add_model("openai/gpt-oss-120b")
        simulator.set_deployment(chat, model={"name": "openai/gpt-oss-120b"})

        result = play(name="chat", model=namesake, recreate=True)

        assert not result["changed"]
        assert simulator.writes() == []

    def test_recreate_carries_over_what_is_there_though_somebody_else_deletes_it_first(self, simulator, play, chat):
        simulator.set_deployment(chat, inference_engine_parameters=["--seed=1"])
        simulator.misbehave("DELETE", status=429, headers={"Retry-After": "5"})
        simulator.at(3, lambda: simulator.remove_deployment(chat))

        result = play(name="chat", gpu_count=4, recreate=True)

        assert not result["failed"]
        assert result["deployment"]["inference_engine_version"] == "0.18.0"
        assert result["deployment"]["inference_engine_parameters"] == ["--seed=1"]

    def test_recreate_carries_over_what_is_there_though_the_deletion_shows_late(self, simulator, play, chat):
        simulator.set_deployment(chat, inference_engine_parameters=["--seed=1"])
        simulator.misbehave("DELETE", status=500, applied_after=40)
        simulator.misbehave("DELETE", times=99, status=409)

        result = play(name="chat", gpu_count=4, recreate=True)

        assert not result["failed"]
        assert result["changed"]
        assert result["deployment"]["inference_engine_parameters"] == ["--seed=1"]

    def test_a_deletion_that_fails_leaves_what_is_there(self, simulator, play, chat):
        simulator.operation_seconds = 5
        simulator.fail_next_operation(settles_in="ready")

        result = play(name="chat", gpu_count=4, recreate=True)

        assert "gone" not in result["msg"]
        assert "declaration" not in result
        assert result["diff"]["after"] == result["diff"]["before"]
        assert result["diff"]["before_header"] == result["diff"]["after_header"]

    def test_a_replacement_that_settles_in_error_is_not_called_gone(self, simulator, play, chat):
        simulator.settle_seconds = 20
        simulator.at(10, lambda: [simulator.set_deployment(each, state="error") for each in of_that_name(simulator)])

        result = play(name="chat", gpu_count=4, recreate=True)

        assert "settled in the state error" in result["msg"]
        assert "gone" not in result["msg"]
        assert "declaration" not in result

    @pytest.mark.parametrize("wait", [True, False])
    @pytest.mark.parametrize(
        "dying",
        [{"replicas": 0}, {"gpu-type": None}, {"gpu-count": None}, {"gpu-count": 4}, {"model": {"name": "x/y"}}],
    )
    def test_what_a_deployment_shows_while_it_is_deleted_does_not_count(self, simulator, play, chat, dying, wait):
        shown = {key: value for key, value in {**simulator.deployment(chat), **dying}.items() if value is not None}
        simulator.misbehave("GET", path_of(chat), skip=1, times=2, status=200, json=shown)

        result = play(name="chat", gpu_count=4, inference_engine_version="0.19.0", recreate=True, wait=wait)

        simulator.contract_violations.clear()
        assert not result["failed"]
        assert [write.method for write in simulator.writes()] == ["DELETE", "POST"]
        assert len(of_that_name(simulator)) == 1

    @pytest.mark.parametrize("shown", [{"gpu-count": 4}, {"model": {"name": "x/y"}}])
    @pytest.mark.parametrize("times", [1, 100])
    def test_what_was_just_changed_is_not_replaced_because_a_read_shows_it_otherwise(
        self, simulator, play, chat, shown, times
    ):
        odd = {**simulator.deployment(chat), "replicas": 3, **shown}
        simulator.misbehave("GET", path_of(chat), skip=1, times=times, status=200, json=odd)

        result = play(name="chat", model="openai/gpt-oss-120b", gpu_count=2, replicas=3, recreate=True)

        assert [write.method for write in simulator.writes()] == ["POST"]
        assert result["actions"] == ["scale"]
        assert result["failed"] == (times == 100)

    def test_recreate_that_cannot_create_says_so_though_somebody_else_deleted_it(self, simulator, play, chat):
        simulator.misbehave("DELETE", status=429, headers={"Retry-After": "5"})
        simulator.at(3, lambda: simulator.remove_deployment(chat))
        simulator.misbehave("POST", status=412)

        result = play(name="chat", gpu_count=4, recreate=True)

        assert "is gone" in result["msg"]
        assert result["declaration"]["inference_engine_version"] == "0.18.0"

    def test_recreate_whose_creation_fails_returns_what_is_needed_to_have_it_again(self, simulator, play, chat):
        simulator.operation_seconds = 5
        simulator.at(1, simulator.fail_next_operation)

        result = play(name="chat", gpu_count=4, recreate=True)

        assert "The old deployment is gone" in result["msg"]
        assert result["declaration"]["gpu_count"] == 4

    def test_a_deletion_that_is_uncertain_is_not_called_certain(self, simulator, play, chat):
        simulator.misbehave("DELETE", status=503)

        result = play(name="chat", gpu_count=4, recreate=True, wait_timeout=3)

        assert "The old deployment may have been deleted, or may yet be," in result["msg"]
        assert simulator.deployment(chat) is not None

    def test_a_deletion_of_which_nothing_can_be_read_is_told_as_open(self, simulator, play, chat):
        simulator.misbehave("DELETE", kind="lost")
        simulator.misbehave("GET", path_of(chat), skip=1, times=1000, status=502)

        result = play(id=chat, gpu_count=4, recreate=True, wait_timeout=100)

        assert "The old deployment may have been deleted, or may yet be," in result["msg"]
        assert "wait_timeout" not in result["msg"]
        assert result["declaration"]["gpu_count"] == 4

    def test_a_deletion_that_failed_is_not_called_under_way(self, simulator, play, chat):
        simulator.operation_seconds = 5
        simulator.fail_next_operation(settles_in="ready")
        simulator.misbehave("GET", path_of(chat), skip=1, times=1000, status=502)

        result = play(id=chat, gpu_count=4, recreate=True)

        assert "is being deleted" not in result["msg"]
        assert "may be gone, or not, after the end of its deletion" in result["msg"]

    def test_without_wait_all_that_must_be_waited_for_takes_wait_timeout_at_most(self, simulator, play, chat, clock):
        simulator.operation_seconds = 90
        still_there = simulator.deployment(chat)
        simulator.misbehave("GET", path_of(chat), skip=1, times=1000, status=200, json=still_there)

        result = play(name="chat", gpu_count=4, recreate=True, wait=False, wait_timeout=100)

        assert result["failed"]
        assert sum(clock.sleeps) == pytest.approx(100)

    def test_without_wait_a_replacement_still_waits_for_the_deletion(self, simulator, play, chat, clock):
        simulator.operation_seconds = 20

        result = play(name="chat", gpu_count=4, recreate=True, wait=False)

        assert not result["failed"]
        assert [write.method for write in simulator.writes()] == ["DELETE", "POST"]
        assert len(of_that_name(simulator)) == 1
        assert sum(clock.sleeps) < 25

    def test_a_model_is_accepted_as_it_is_returned(self, simulator, play, chat, model):
        shown = play(name="chat")["deployment"]["model"]

        assert not play(name="chat", model=shown)["changed"]
        assert not play(name="chat", model={"name": shown["name"]})["changed"]

    def test_recreate_with_nothing_fixed_to_change_only_updates(self, simulator, play, chat):
        result = play(name="chat", inference_engine_version="0.19.0", gpu_count=2, recreate=True)

        assert result["actions"] == ["update"]

    def test_after_recreate_a_second_run_changes_nothing(self, simulator, play, chat):
        play(name="chat", gpu_count=4, recreate=True)

        assert not play(name="chat", gpu_count=4, recreate=True)["changed"]


class TestAbsent:
    def test_by_name_it_is_list_get_delete_polls_and_a_look(self, simulator, play, chat):
        simulator.operation_seconds = 1

        result = play(name="chat", state="absent")

        poll = "GET /operation/" + result["operations"][0]["id"]
        get = "GET " + path_of(chat)
        assert simulator.calls() == [LIST, get, "DELETE " + path_of(chat), poll, poll, get]
        assert result["changed"]
        assert result["actions"] == ["delete"]
        assert result["deployment"] is None
        assert result["diff"]["before"]["name"] == "chat"
        assert result["diff"]["after"] == {}

    def test_options_that_describe_it_are_ignored(self, simulator, play, chat):
        result = play(
            name="chat",
            state="absent",
            inference_engine_version="1.x",
            gpu_count=99,
            model={},
            inference_engine_parameters=["--api-key=********"],
        )

        assert not result["failed"]
        assert simulator.deployment(chat) is None

    def test_when_absent_by_name_there_is_one_request(self, simulator, play):
        result = play(name="chat", state="absent")

        assert not result["failed"]
        assert not result["changed"]
        assert simulator.calls() == [LIST]

    def test_when_absent_by_id_there_is_one_request(self, simulator, play):
        result = play(id="00000000-0000-4000-8000-000000000000", state="absent")

        assert not result["failed"]
        assert not result["changed"]
        assert len(simulator.calls()) == 1

    def test_one_that_is_only_listed_any_more_is_no_change(self, simulator, play, chat):
        simulator.misbehave("GET", path_of(chat), times=99, status=404)

        result = play(name="chat", state="absent")

        assert not result["failed"]
        assert not result["changed"]

    def test_one_that_is_listed_again_after_it_was_not_found_is_deleted(self, simulator, play, chat):
        simulator.misbehave("GET", path_of(chat), status=404)

        result = play(name="chat", state="absent")

        assert result["changed"]
        assert chat not in [each["id"] for each in simulator.deployments()]

    def test_one_that_somebody_else_deletes_first_is_no_change(self, simulator, play, chat, clock):
        simulator.misbehave("DELETE", status=429, headers={"Retry-After": "5"})
        simulator.at(3, lambda: simulator.remove_deployment(chat))

        result = play(name="chat", state="absent")

        assert not result["failed"]
        assert not result["changed"]

    def test_one_that_stays_though_it_was_deleted_is_waited_for(self, simulator, play, chat):
        simulator.misbehave("DELETE", status=200, json={"id": chat, "state": "success"})
        simulator.at(20, lambda: simulator.remove_deployment(chat))

        result = play(id=chat, state="absent")

        assert not result["failed"], result["msg"]
        assert play.told == [
            f"the deployment chat ({chat}) is there after DELETE {path_of(chat)} (0 s)",
            f"the deployment chat ({chat}) is gone (20 s)",
        ]

    def test_one_that_never_goes_though_it_was_deleted_fails_the_task(self, simulator, play, chat):
        simulator.misbehave("DELETE", status=200, json={"id": chat, "state": "success"})

        result = play(id=chat, state="absent", wait_timeout=60)

        assert result["msg"].startswith(
            f"Gave up after waiting 60 seconds (wait_timeout): the deployment chat ({chat}) is still there after "
            f"DELETE {path_of(chat)}. "
        )

    def test_check_mode_deletes_nothing_and_tells_the_same(self, simulator, play, chat):
        predicted = play(check_mode=True, id=chat, state="absent")
        writes = simulator.writes()
        happened = play(id=chat, state="absent")

        assert writes == []
        for key in ("changed", "changes", "actions", "diff", "deployment"):
            assert predicted[key] == happened[key]

    def test_a_busy_one_is_tried_again_until_it_is_gone(self, simulator, play, chat):
        simulator.misbehave("DELETE", times=3, status=409)

        assert play(id=chat, state="absent")["changed"]
        assert simulator.deployment(chat) is None

    @pytest.mark.parametrize("applied", [True, False])
    def test_a_lost_answer_is_looked_after(self, simulator, play, chat, applied):
        simulator.misbehave("DELETE", kind="lost", applied=applied)

        result = play(id=chat, state="absent")

        assert result["changed"]
        assert len(simulator.writes()) == (1 if applied else 2)

    def test_one_in_the_state_error_can_be_deleted(self, simulator, play):
        broken = simulator.add_deployment(name="broken", state="error")

        assert play(name="broken", state="absent")["changed"]
        assert simulator.deployment(broken) is None

    def test_two_of_the_same_name_are_both_left_alone(self, simulator, play, chat):
        simulator.add_deployment(name="chat")

        assert play(name="chat", state="absent")["failed"]
        assert simulator.writes() == []


class TestRollback:
    def test_without_it_a_failed_update_is_left_as_it_is(self, simulator, play, chat):
        simulator.fail_next_operation()

        result = play(id=chat, inference_engine_version="0.19.0")

        assert result["failed"]
        assert len(simulator.writes()) == 1

    @pytest.mark.parametrize("operation_seconds", [0, 10])
    @pytest.mark.parametrize("state", ["failure", "timeout"])
    def test_a_failed_operation_is_followed_by_a_patch_back(self, simulator, play, chat, operation_seconds, state):
        before = simulator.deployment(chat)
        simulator.operation_seconds = operation_seconds
        simulator.fail_next_operation(state=state, message="CUDA out of memory")

        result = play(id=chat, inference_engine_version="0.19.0", name="talk", on_failure="rollback")

        assert result["failed"]
        assert result["changed"]
        assert "CUDA out of memory" in result["msg"]
        assert "It was rolled back to name 'chat', inference_engine_version '0.18.0'" in result["msg"]
        assert simulator.writes()[1].body == {"name": "chat", "inference-engine-version": "0.18.0"}
        after = simulator.deployment(chat)
        assert {**after, "updated-at": None} == {**before, "updated-at": None}

    def test_a_deployment_that_settles_in_error_is_rolled_back_too(self, simulator, play, chat):
        simulator.settle_seconds = 20
        simulator.at(10, lambda: simulator.set_deployment(chat, state="error"))

        result = play(id=chat, inference_engine_version="0.19.0", on_failure="rollback")

        assert "It was rolled back" in result["msg"]
        assert result["deployment"]["state"] == "ready"
        assert result["deployment"]["inference_engine_version"] == "0.18.0"

    def test_a_rollback_that_fails_too_tells_what_is_running_now(self, simulator, play, chat):
        simulator.fail_next_operation(message="first")
        simulator.fail_next_operation(message="second")

        result = play(id=chat, inference_engine_version="0.19.0", on_failure="rollback")

        assert "first" in result["msg"]
        assert "Rolling back to inference_engine_version '0.18.0' failed too" in result["msg"]
        assert "second" in result["msg"]
        assert "is in the state error" in result["msg"]
        assert "inference_engine_version '0.18.0'" in result["msg"]
        assert len(simulator.writes()) == 2

    def test_values_that_never_showed_in_a_deployment_that_runs_need_no_patch_back(self, simulator, play, chat):
        simulator.visible = "when done"
        simulator.fail_next_operation(settles_in="ready")

        result = play(id=chat, inference_engine_version="0.19.0", on_failure="rollback")

        assert result["failed"]
        assert len(simulator.writes()) == 1

    def test_a_write_that_was_refused_is_not_rolled_back(self, simulator, play, chat):
        result = play(id=chat, inference_engine_version="9.9.9", on_failure="rollback")

        assert result["status"] == 400
        assert simulator.writes() == []

    @pytest.mark.parametrize("status", [500, 503, 409])
    @pytest.mark.parametrize("wait", [True, False])
    def test_a_rollback_that_is_never_taken_is_bounded(self, simulator, play, chat, clock, status, wait):
        simulator.fail_next_operation()
        simulator.misbehave("PATCH", skip=1, times=10_000, status=status)

        result = play(id=chat, inference_engine_version="0.19.0", on_failure="rollback", wait=wait, wait_timeout=400)

        assert "Rolling back to inference_engine_version '0.18.0' failed too" in result["msg"]
        assert sum(clock.sleeps) <= 400
        assert len(simulator.writes()) <= 8

    def test_a_rollback_that_is_lost_once_is_sent_again_and_claimed_only_when_it_is_seen(self, simulator, play, chat):
        simulator.fail_next_operation()
        simulator.misbehave("PATCH", skip=1, status=500)

        result = play(id=chat, inference_engine_version="0.19.0", on_failure="rollback")

        assert "It was rolled back to inference_engine_version '0.18.0': now the deployment chat" in result["msg"]
        assert [write.body for write in simulator.writes()] == [
            {"inference-engine-version": version} for version in ("0.19.0", "0.18.0", "0.18.0")
        ]
        assert simulator.deployment(chat)["inference-engine-version"] == "0.18.0"

    def test_after_a_rollback_past_and_present_are_told_apart(self, simulator, play, chat):
        simulator.operation_seconds = 10
        simulator.fail_next_operation(message="boom")

        result = play(id=chat, inference_engine_version="0.19.0", on_failure="rollback")

        assert "was in the state error then" in result["msg"]
        assert "is now in the state error" not in result["msg"]
        assert result["msg"].rstrip(".").endswith("is in the state ready")
        assert result["changed"]
        assert result["actions"] == ["update", "update"]
        assert result["changes"] == []
        assert result["diff"]["before"] == result["diff"]["after"]

    @pytest.mark.parametrize("settles_in", ["ready", "error"])
    def test_a_rollback_that_cannot_be_seen_is_not_claimed(self, simulator, play, chat, settles_in):
        simulator.operation_seconds = 10
        simulator.fail_next_operation(settles_in=settles_in)
        simulator.at(5, lambda: setattr(simulator, "hidden_fields", ("inference-engine-version",)))

        result = play(id=chat, inference_engine_version="0.19.0", on_failure="rollback")

        assert "cannot be told, because the API does not show inference_engine_version" in result["msg"]
        assert "It was rolled back" not in result["msg"]
        assert "Nothing had to be rolled back" not in result["msg"]

    def test_an_error_after_the_scaling_is_no_failure_of_the_update_that_came_up(self, simulator, play, chat):
        simulator.operation_seconds = 10
        simulator.settle_seconds = 30
        simulator.at(60, lambda: simulator.set_deployment(chat, state="error"))

        result = play(id=chat, inference_engine_version="0.19.0", replicas=4, on_failure="rollback")

        assert "settled in the state error after POST" in result["msg"]
        assert [write.method for write in simulator.writes()] == ["PATCH", "POST"]

    @pytest.mark.parametrize("lag", [{"status": 404}, {"status": 200, "json": {}}])
    def test_a_first_look_that_lags_does_not_end_it(self, simulator, play, chat, lag):
        simulator.operation_seconds = 10
        simulator.fail_next_operation()
        simulator.misbehave("GET", "/ai/deployment/.+", skip=2, **lag)

        result = play(id=chat, inference_engine_version="0.19.0", on_failure="rollback", failure_log_lines=0)

        assert "It was rolled back" in result["msg"]

    def test_an_error_that_a_read_still_shows_after_the_cure_is_not_rolled_back(self, simulator, play, chat):
        simulator.set_deployment(chat, state="error")
        stale = dict(simulator.deployment(chat), **{"inference-engine-version": "0.19.0"})
        simulator.misbehave("GET", "/ai/deployment/.+", skip=1, status=200, json=stale)

        result = play(id=chat, inference_engine_version="0.19.0", on_failure="rollback")

        assert not result["failed"]
        assert len(simulator.writes()) == 1

    def test_a_read_that_lags_does_not_hide_what_has_to_be_rolled_back(self, simulator, play, chat):
        simulator.lag_seconds = 3
        simulator.fail_next_operation()

        result = play(id=chat, inference_engine_version="0.19.0", on_failure="rollback")

        assert "It was rolled back" in result["msg"]
        assert simulator.deployment(chat)["inference-engine-version"] == "0.18.0"

    def test_it_has_wait_timeout_once_again(self, simulator, play, chat, clock):
        simulator.operation_seconds = 80
        simulator.fail_next_operation()

        result = play(id=chat, inference_engine_version="0.19.0", on_failure="rollback", wait_timeout=100)

        assert "It was rolled back" in result["msg"]

    def test_our_own_deadline_is_not_a_failure_of_the_update(self, simulator, play, chat):
        simulator.operation_seconds = 1000

        play(id=chat, inference_engine_version="0.19.0", on_failure="rollback", wait_timeout=10)

        assert len(simulator.writes()) == 1


class TestLog:
    @pytest.fixture
    def failing(self, simulator, chat):
        simulator.write_log(chat, [f"line {number}" for number in range(50)])
        simulator.fail_next_operation(message="boom")
        return chat

    def test_its_last_lines_are_in_the_data_and_its_end_in_the_message(self, simulator, play, failing):
        result = play(id=failing, inference_engine_version="0.19.0")

        assert len(result["logs"]) == 20
        assert result["logs"][-1]["message"] == "engine failed: boom"
        assert set(result["logs"][0]) == {"time", "node", "message"}
        dates = [entry["time"] for entry in result["logs"][-3:]]
        assert "{} line 48 | {} line 49 | {} engine failed: boom".format(*dates) in result["msg"]
        assert simulator.journal[-1].query == {"tail": "20"}

    def test_their_number_can_be_chosen(self, play, failing):
        assert len(play(id=failing, inference_engine_version="0.19.0", failure_log_lines=5)["logs"]) == 5

    def test_none_are_asked_for_with_zero(self, simulator, play, failing):
        result = play(id=failing, inference_engine_version="0.19.0", failure_log_lines=0)

        assert result["logs"] == []
        assert not any(call.endswith("/logs") for call in simulator.calls())

    @pytest.mark.parametrize("fault", [{"status": 500}, {"kind": "reset"}, {"status": 200, "body": "<html>"}])
    def test_not_being_able_to_fetch_them_never_hides_the_real_error(self, simulator, play, failing, fault):
        simulator.misbehave("GET", ".*/logs", times=100, **fault)

        result = play(id=failing, inference_engine_version="0.19.0")

        assert "failed (fault: boom)" in result["msg"]
        assert result["logs"] == []

    def test_a_negative_number_is_refused(self, simulator, play, chat):
        assert "failure_log_lines is -1" in play(id=chat, failure_log_lines=-1)["msg"]
        assert simulator.calls() == []
