# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many requests a task sends, which, and with what in them."""

from __future__ import annotations

import pytest

HELP = "GET /ai/help/inference-engine-parameters"


def path_of(deployment):
    return "/ai/deployment/" + deployment


def test_by_id_with_nothing_to_change_there_is_one_request(simulator, play):
    chat = simulator.add_deployment(name="chat", inference_engine_version="0.18.0")

    result = play(id=chat, name="chat", inference_engine_version="0.18.0", inference_engine_parameters=[])

    assert not result["failed"]
    assert not result["changed"]
    assert simulator.calls() == ["GET " + path_of(chat)]


def test_by_name_with_nothing_to_change_there_are_two_requests(simulator, play):
    chat = simulator.add_deployment(name="chat", inference_engine_version="0.18.0")

    result = play(name="chat", inference_engine_version="0.18.0")

    assert not result["changed"]
    assert simulator.calls() == ["GET /ai/deployment", "GET " + path_of(chat)]


def test_a_change_whose_operation_is_final_at_once_is_not_polled(simulator, play):
    chat = simulator.add_deployment(name="chat", inference_engine_version="0.18.0")

    result = play(name="chat", inference_engine_version="0.19.0")

    assert result["changed"]
    assert simulator.calls() == [
        "GET /ai/deployment",
        "GET " + path_of(chat),
        HELP,
        "PATCH " + path_of(chat),
        "GET " + path_of(chat),
    ]


def test_a_change_that_takes_time_is_list_get_patch_polls_get(simulator, play):
    chat = simulator.add_deployment(name="chat", inference_engine_version="0.18.0")
    simulator.operation_seconds = 2

    result = play(name="chat", inference_engine_version="0.19.0")

    poll = "GET /operation/" + result["operations"][0]["id"]
    assert simulator.calls() == [
        "GET /ai/deployment",
        "GET " + path_of(chat),
        HELP,
        "PATCH " + path_of(chat),
        poll,
        poll,
        poll,
        poll,
        "GET " + path_of(chat),
    ]


def test_the_patch_holds_only_what_differs(simulator, play):
    chat = simulator.add_deployment(
        name="chat", inference_engine_version="0.18.0", inference_engine_parameters=["--seed=1"]
    )

    result = play(id=chat, name="talk", inference_engine_version="0.18.0", inference_engine_parameters=["--seed=2"])

    (patch,) = simulator.writes()
    assert patch.body == {"name": "talk", "inference-engine-parameters": ["--seed=2"]}
    assert result["changes"] == ["name", "inference_engine_parameters"]


def test_without_wait_there_is_no_poll_but_one_last_get(simulator, play):
    chat = simulator.add_deployment(name="chat", inference_engine_version="0.18.0")
    simulator.operation_seconds = 600

    result = play(id=chat, inference_engine_version="0.19.0", wait=False)

    assert result["changed"]
    assert result["operations"][0]["state"] == "pending"
    assert simulator.calls() == ["GET " + path_of(chat), HELP, "PATCH " + path_of(chat), "GET " + path_of(chat)]


def test_an_id_in_upper_case_reaches_the_api_in_lower_case(simulator, play):
    chat = simulator.add_deployment(name="chat")

    play(id=chat.upper())

    assert simulator.calls() == ["GET " + path_of(chat)]


def test_text_beyond_ascii_arrives_unharmed(simulator, play):
    chat = simulator.add_deployment(name="chat")

    result = play(id=chat, name="Gespräch ✓", inference_engine_parameters=['--chat-template={"ü": "中"}'])

    assert not result["failed"]
    assert simulator.deployment(chat)["name"] == "Gespräch ✓"


def test_null_is_the_same_as_omitted(simulator, play):
    chat = simulator.add_deployment(name="chat", inference_engine_parameters=["--seed=1"])

    result = play(id=chat, name=None, inference_engine_version=None, inference_engine_parameters=None)

    assert not result["changed"]
    assert simulator.writes() == []


def test_an_empty_list_clears_the_parameters_and_a_second_run_changes_nothing(simulator, play):
    chat = simulator.add_deployment(name="chat", inference_engine_parameters=["--seed=1"])

    first = play(id=chat, inference_engine_parameters=[])
    second = play(id=chat, inference_engine_parameters=[])

    assert [patch.body for patch in simulator.writes()] == [{"inference-engine-parameters": []}]
    assert (first["changed"], second["changed"]) == (True, False)
    assert first["deployment"]["inference_engine_parameters"] == []


def test_the_version_is_never_sent_unless_it_is_managed_and_differs(simulator, play):
    chat = simulator.add_deployment(name="chat", inference_engine_version="0.12.0")

    play(id=chat, name="talk", inference_engine_parameters=["--seed=1"])

    (patch,) = simulator.writes()
    assert "inference-engine-version" not in patch.body
    assert simulator.deployment(chat)["inference-engine-version"] == "0.12.0"


class TestByName:
    def test_a_public_deployment_of_the_same_name_does_not_count(self, simulator, play):
        simulator.add_deployment(name="chat", visibility="public")
        own = simulator.add_deployment(name="chat")

        assert play(name="chat")["deployment"]["id"] == own

    def test_two_of_the_same_name_are_an_error_that_lists_their_ids(self, simulator, play):
        ids = {simulator.add_deployment(name="chat"), simulator.add_deployment(name="chat")}

        result = play(name="chat", inference_engine_version="0.19.0")

        assert result["failed"]
        assert all(deployment in result["msg"] for deployment in ids)
        assert simulator.calls() == ["GET /ai/deployment"]

    def test_a_name_that_does_not_exist_is_an_error_that_lists_those_that_do(self, simulator, play):
        simulator.add_deployment(name="talk")
        simulator.add_deployment(name="sing,public", visibility="public")

        result = play(name="chat")

        assert "The deployment 'chat' does not exist" in result["msg"]
        assert "talk" in result["msg"]
        assert "sing," not in result["msg"]

    @pytest.mark.parametrize("stranger", [{"name": "other"}, {"visibility": "public"}, {"id": None, "name": 5}, 7, {}])
    def test_an_entry_that_lacks_an_id_or_a_name_is_passed_over(self, simulator, play, stranger):
        chat = simulator.add_deployment(name="chat")
        simulator.misbehave(
            "GET", "/ai/deployment", status=200, json={"deployments": [stranger, {"id": chat, "name": "chat"}]}
        )

        assert play(name="chat")["deployment"]["id"] == chat

    def test_an_entry_without_a_name_is_looked_up_before_a_creation(self, simulator, play):
        chat = simulator.add_deployment(name="chat")
        simulator.misbehave("GET", "/ai/deployment", status=200, json={"deployments": [{"id": chat, "state": "ready"}]})

        assert play(name="chat")["deployment"]["id"] == chat

    def test_an_entry_without_a_name_that_is_not_there_any_more_is_passed_over(self, simulator, play):
        stranger = {"id": "00000000-0000-4000-8000-000000000000", "state": "ready", "name": ""}
        simulator.add_model("a/b")
        simulator.misbehave("GET", "/ai/deployment", status=200, json={"deployments": [stranger]})

        assert play(name="chat", model="a/b", gpu_type="gpua5000", gpu_count=1, replicas=1)["actions"] == ["create"]

    def test_the_same_deployment_listed_twice_is_one(self, simulator, play):
        chat = simulator.add_deployment(name="chat")
        entry = {"id": chat, "name": "chat"}
        simulator.misbehave("GET", "/ai/deployment", status=200, json={"deployments": [entry, entry]})

        assert play(name="chat")["deployment"]["id"] == chat

    def test_an_entry_without_an_id_that_could_be_the_one_that_is_meant_is_an_error(self, simulator, play):
        simulator.misbehave("GET", "/ai/deployment", status=200, json={"deployments": [{"name": "chat"}]})

        result = play(name="chat", model="a/b", gpu_type="gpua5000", gpu_count=1, replicas=1)

        assert "lists the deployment 'chat' without its ID" in result["msg"]
        assert simulator.writes() == []

    def test_a_name_must_match_exactly(self, simulator, play):
        simulator.add_deployment(name="Chat")
        simulator.add_deployment(name="chat ")

        assert play(name="chat")["failed"]

    def test_a_deployment_that_is_renamed_between_list_and_get_is_left_alone(self, simulator, play):
        chat = simulator.add_deployment(name="chat", inference_engine_version="0.18.0")
        simulator.misbehave(
            "GET",
            path_of(chat),
            status=200,
            json=dict(simulator.deployment(chat), name="talk"),
        )

        result = play(name="chat", inference_engine_version="0.19.0")

        assert "is named 'talk' now" in result["msg"]
        assert simulator.writes() == []


class TestCheckMode:
    @pytest.mark.parametrize("wait", [True, False])
    def test_no_write_is_sent_and_the_prediction_is_what_then_happens(self, simulator, play, wait):
        chat = simulator.add_deployment(name="chat", inference_engine_version="0.18.0")
        options = {"id": chat, "inference_engine_version": "0.19.0", "inference_engine_parameters": ["--seed=1"]}

        predicted = play(check_mode=True, wait=wait, **options)
        writes_in_check_mode = simulator.writes()
        happened = play(wait=wait, **options)

        assert writes_in_check_mode == []
        for key in ("changed", "changes", "diff"):
            assert predicted[key] == happened[key]
        assert set(predicted) == set(happened)
        assert predicted["operations"] == []

    def test_the_deployment_is_shown_as_it_would_be(self, simulator, play):
        chat = simulator.add_deployment(name="chat", inference_engine_version="0.18.0")

        result = play(check_mode=True, id=chat, inference_engine_version="0.19.0")

        assert result["deployment"]["inference_engine_version"] == "0.19.0"
        assert simulator.deployment(chat)["inference-engine-version"] == "0.18.0"

    def test_with_nothing_to_change_a_transition_is_no_warning(self, simulator, play):
        chat = simulator.add_deployment(name="chat", state="updating")

        assert play(check_mode=True, id=chat)["warnings"] == []

    def test_it_does_not_wait_for_a_deployment_in_transition(self, simulator, play, clock):
        chat = simulator.add_deployment(name="chat", state="deploying", inference_engine_version="0.18.0")

        result = play(check_mode=True, id=chat, inference_engine_version="0.19.0")

        assert result["changed"]
        assert clock.sleeps == []


def test_the_diff_holds_the_managed_fields_alone(simulator, play):
    chat = simulator.add_deployment(
        name="chat", inference_engine_version="0.18.0", inference_engine_parameters=["--seed=1"]
    )

    result = play(name="chat", inference_engine_version="0.19.0")

    assert result["diff"]["before"] == {"inference_engine_version": "0.18.0"}
    assert result["diff"]["after"] == {"inference_engine_version": "0.19.0"}
    assert chat in result["diff"]["before_header"]
