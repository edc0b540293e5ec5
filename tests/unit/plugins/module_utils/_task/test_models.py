# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The life of a model."""

from __future__ import annotations

import pytest

from ansible_collections.exoscale.cloud.plugins.module_utils._task import model
from ansible_collections.exoscale.cloud.tests.unit.plugins.module_utils._task.play import Player

NAME = "openai/gpt-oss-20b"
NOBODY = "00000000-0000-4000-8000-000000000000"
LIST = "GET /ai/model"
PREDICTED = ("changed", "changes", "actions", "diff")


@pytest.fixture
def play(simulator, clock):
    return Player(simulator, clock, model)


class TestPresent:
    def test_it_is_list_post_polls_get_and_waits_until_it_is_ready(self, simulator, play, clock):
        simulator.operation_seconds = 2
        simulator.settle_seconds = 500

        result = play(name=NAME)

        poll = "GET /operation/" + result["operations"][0]["id"]
        get = "GET /ai/model/" + result["model"]["id"]
        calls = [call for number, call in enumerate(simulator.calls()) if call != simulator.calls()[number - 1]]
        assert calls == [LIST, "POST /ai/model", poll, get]
        assert result["changed"]
        assert result["actions"] == ["create"]
        assert result["model"]["state"] == "ready"
        assert result["diff"]["before"] == {}
        assert result["diff"]["after"] == {"name": NAME}
        assert 500 < sum(clock.sleeps) < 560

    def test_a_second_run_is_one_request_and_changes_nothing(self, simulator, play):
        first = play(name=NAME)
        simulator.clear_journal()

        again = play(name=NAME)

        assert not again["changed"]
        assert again["model"] == first["model"]
        assert simulator.calls() == [LIST]

    def test_by_id_it_is_one_request_too(self, simulator, play):
        known = simulator.add_model(NAME)

        assert not play(id=known.upper())["changed"]
        assert simulator.calls() == [f"{LIST}/{known}"]

    @pytest.mark.parametrize("document", [{}, {"name": 7}, {"id": "another", "name": NAME}])
    def test_by_id_something_else_that_comes_once_is_asked_for_again(self, simulator, play, document):
        model_id = simulator.add_model(NAME)
        simulator.misbehave("GET", status=200, json=document)

        result = play(id=model_id)

        assert not result["failed"], result["msg"]
        assert len(simulator.calls()) == 2

    def test_check_mode_creates_nothing_and_tells_the_same(self, simulator, play):
        predicted = play(name=NAME, check_mode=True)
        writes = simulator.writes()
        happened = play(name=NAME)

        assert writes == []
        assert {key: predicted[key] for key in PREDICTED} == {key: happened[key] for key in PREDICTED}
        assert predicted["model"] == {"id": None, "name": NAME}

    def test_the_token_is_sent_at_the_creation_and_nowhere_to_be_seen(self, simulator, play):
        simulator.misbehave("POST", status=400, json={"detail": "hf_swordfish is wrong, use hf_swordfish"})

        refused = play(name=NAME, huggingface_token="hf_swordfish")
        created = play(name=NAME, huggingface_token="hf_swordfish")
        play(name=NAME, huggingface_token="another")

        assert [write.body for write in simulator.writes()] == [{"name": NAME, "huggingface-token": "hf_swordfish"}] * 2
        assert "swordfish" not in str(refused) + str(created)

    def test_one_that_is_on_its_way_is_waited_for(self, simulator, play):
        known = simulator.add_model(NAME, "downloading")
        simulator.at(60, lambda: simulator.set_model(known, state="ready"))

        result = play(name=NAME)

        assert not result["changed"]
        assert result["model"]["state"] == "ready"

    @pytest.mark.parametrize("options", [{"wait": False}, {"wait_for": "operation"}])
    def test_or_not(self, simulator, play, clock, options):
        simulator.add_model(NAME, "downloading")

        assert play(name=NAME, **options)["model"]["state"] == "downloading"
        assert clock.sleeps == []

    def test_one_in_error_fails_and_names_the_cure(self, simulator, play):
        simulator.add_model(NAME, "error")

        result = play(name=NAME)

        assert result["failed"]
        assert "is in the state error" in result["msg"]
        assert "recreate=true" in result["msg"]

    def test_one_in_error_is_replaced_with_recreate(self, simulator, play):
        old = simulator.add_model(NAME, "error")
        simulator.operation_seconds = 3

        predicted = play(id=old, recreate=True, check_mode=True)
        result = play(id=old, recreate=True)

        assert not result["failed"]
        assert [f"{write.method} {write.path}" for write in simulator.writes()] == [
            f"DELETE /ai/model/{old}",
            "POST /ai/model",
        ]
        assert [each["state"] for each in simulator.models()] == ["ready"]
        assert {key: predicted[key] for key in ("changed", "changes", "actions")} == {
            key: result[key] for key in ("changed", "changes", "actions")
        }

    def test_one_that_is_ready_is_never_replaced(self, simulator, play):
        simulator.add_model(NAME)

        assert not play(name=NAME, recreate=True)["changed"]

    def test_a_replacement_that_ends_in_error_again_is_not_repeated(self, simulator, play):
        simulator.add_model(NAME, "error")
        simulator.at(1, lambda: simulator.fail_next_operation(message="no such model"))
        simulator.operation_seconds = 3

        result = play(name=NAME, recreate=True)

        assert result["failed"]
        assert "no such model" in result["msg"]
        assert len(simulator.writes()) == 2

    def test_a_replacement_whose_creation_is_refused_says_that_the_old_one_is_gone(self, simulator, play):
        simulator.add_model(NAME, "error")
        simulator.misbehave("POST", status=403, json={"code": "forbidden_operation", "error": "no"})

        result = play(name=NAME, recreate=True)

        assert "The old model is gone" in result["msg"]
        assert result["declaration"] == {"name": NAME}

    @pytest.mark.parametrize("fault", [{"kind": "lost"}, {"status": 500}, {"status": 200, "json": {}}])
    @pytest.mark.parametrize("applied", [True, False])
    def test_an_answer_that_is_lost_never_makes_two(self, simulator, play, fault, applied):
        simulator.misbehave("POST", applied=applied, **fault)

        result = play(name=NAME)

        simulator.contract_violations.clear()
        assert result["failed"] != applied
        assert result["changed"]
        assert len(simulator.writes()) == 1
        assert len(simulator.models()) == applied

    def test_two_of_the_name_are_told_with_their_ids(self, simulator, play):
        ids = sorted(simulator.add_model(NAME) for _number in range(2))

        result = play(name=NAME)

        assert result["failed"]
        assert ", ".join(ids) in result["msg"]

    def test_an_entry_without_a_name_may_be_the_one_that_is_meant(self, simulator, play):
        simulator.misbehave("GET", "/ai/model", times=9, status=200, json={"models": [{"id": NOBODY}]})

        result = play(name=NAME)

        simulator.contract_violations.clear()
        assert "without its name" in result["msg"]
        assert simulator.writes() == []

    def test_the_name_cannot_change(self, simulator, play):
        known = simulator.add_model(NAME)

        result = play(id=known, name="another/one")

        assert "is not named another/one, and a name cannot be changed" in result["msg"]
        assert simulator.writes() == []

    def test_by_id_nothing_is_created(self, simulator, play):
        assert play(id=NOBODY)["status"] == 404
        assert simulator.writes() == []

    def test_a_state_that_nobody_knows_is_one_of_rest_with_a_warning(self, simulator, play):
        simulator.add_model(NAME, "enchanted")

        result = play(name=NAME)

        simulator.contract_violations.clear()
        assert not result["failed"]
        assert any("enchanted" in warning for warning in result["warnings"])

    @pytest.mark.parametrize("options", [{"name": ""}, {"name": " x"}, {"id": "x"}])
    def test_what_cannot_be_right_is_refused_before_any_request(self, simulator, play, options):
        assert play(**options)["failed"]
        assert simulator.calls() == []


class TestAbsent:
    def test_it_is_list_delete_polls_and_a_look_and_then_one_request(self, simulator, play):
        known = simulator.add_model(NAME)
        simulator.operation_seconds = 1

        result = play(name=NAME, state="absent")
        again = play(name=NAME, state="absent")

        poll = "GET /operation/" + result["operations"][0]["id"]
        one = f"/ai/model/{known}"
        assert simulator.calls() == [LIST, f"DELETE {one}", poll, poll, f"GET {one}", LIST]
        assert result["actions"] == ["delete"]
        assert result["model"] is None
        assert not again["changed"]

    def test_by_id_one_that_is_not_there_is_no_error(self, play):
        assert not play(id=NOBODY, state="absent")["failed"]

    def test_one_in_use_is_refused_with_the_names_and_ids_of_its_users(self, simulator, play):
        users = {simulator.add_deployment(name=name, model={"name": NAME}): name for name in ("chat", "talk")}

        result = play(name=NAME, state="absent")

        assert result["status"] == 412
        assert not result["changed"]
        for deployment, name in users.items():
            assert f"{name} ({deployment})" in result["msg"]

    def test_if_the_names_cannot_be_read_they_are_told_by_id(self, simulator, play):
        chat = simulator.add_deployment(name="chat", model={"name": NAME})
        simulator.misbehave("GET", "/ai/deployment", times=9, status=403)

        result = play(name=NAME, state="absent")

        assert result["status"] == 412
        assert chat in result["msg"]

    def test_check_mode_refuses_one_in_use_as_well(self, simulator, play):
        chat = simulator.add_deployment(name="chat", model={"name": NAME})

        result = play(name=NAME, state="absent", check_mode=True)

        assert result["failed"]
        assert not result["changed"]
        assert f"chat ({chat})" in result["msg"]
        assert simulator.writes() == []

    def test_check_mode_warns_if_it_cannot_tell(self, simulator, play):
        simulator.add_model(NAME)
        simulator.misbehave("GET", "/ai/deployment", times=9, status=403)

        result = play(name=NAME, state="absent", check_mode=True)

        assert result["changed"]
        assert any("was not checked" in warning for warning in result["warnings"])


class TestOdd:
    """What an API may answer besides, and what must not lead to a write."""

    @pytest.mark.parametrize("options", [{"state": "absent"}, {}])
    def test_an_answer_for_another_id_leads_to_no_write(self, simulator, play, options):
        asked, other = simulator.add_model(NAME), simulator.add_model("another/one")
        simulator.misbehave("GET", f"/ai/model/{asked}", times=99, status=200, json=simulator.models()[1])

        result = play(id=asked, **options)

        assert "has not this ID" in result["msg"]
        assert simulator.writes() == []
        assert other in [model["id"] for model in simulator.models()]

    def test_an_answer_without_an_id_is_the_one_that_was_asked_for(self, simulator, play):
        known = simulator.add_model(NAME)
        shown = {**simulator.models()[0], "id": None}
        simulator.misbehave("GET", f"/ai/model/{known}", status=200, json=shown)

        assert play(id=known)["model"]["id"] == known
        simulator.contract_violations.clear()

    @pytest.mark.parametrize("wait", [True, False])
    def test_a_lost_deletion_is_repeated_though_the_model_moves_by_itself(self, simulator, play, wait):
        model = simulator.add_model(NAME, "downloading")
        simulator.misbehave("DELETE", kind="lost")
        simulator.at(1, lambda: simulator.set_model(model, state="ready"))

        result = play(name=NAME, state="absent", wait=wait)

        assert not result["failed"], result["msg"]
        assert simulator.models() == []
        assert len(simulator.writes()) == 2

    def test_a_deletion_that_fails_changes_nothing(self, simulator, play):
        simulator.add_model(NAME)
        simulator.fail_next_operation()

        result = play(name=NAME, state="absent")

        assert result["failed"]
        assert result["changes"] == []
        assert result["diff"]["after"] == result["diff"]["before"] == {"name": NAME}

    def test_a_replacement_whose_deletion_fails_has_lost_nothing(self, simulator, play):
        simulator.add_model(NAME, "error")
        simulator.fail_next_operation()

        result = play(name=NAME, recreate=True)

        assert result["failed"]
        assert "declaration" not in result
        assert "may be gone" not in result["msg"]

    def test_a_creation_that_fails_and_leaves_nothing_has_changed_nothing(self, simulator, play):
        def vanish():
            for each in simulator.models():
                simulator.forget_model(each["id"])

        simulator.operation_seconds = 5
        simulator.fail_next_operation()
        simulator.at(5, vanish)

        result = play(name=NAME)

        assert result["failed"]
        assert result["model"] is None
        assert result["changes"] == []
        assert result["diff"]["after"] == {}
        assert "created" not in result["diff"]["after_header"]

    def test_a_model_whose_state_is_not_shown_is_read_singly_and_else_refused(self, simulator, play):
        model = simulator.add_model(NAME)
        listed = {"models": [{"id": model, "name": NAME}]}
        simulator.misbehave("GET", "/ai/model", times=2, status=200, json=listed)

        assert not play(name=NAME)["failed"]
        simulator.misbehave("GET", f"/ai/model/{model}", status=200, json=listed["models"][0], times=99)
        assert "does not show the state of the model" in play(name=NAME)["msg"]

    @pytest.mark.parametrize("name", [None, 5, "absent"])
    def test_an_answer_that_shows_no_name_leaves_the_one_that_is_listed(self, simulator, play, name):
        model = simulator.add_model(NAME)
        simulator.misbehave("GET", "/ai/model", status=200, json={"models": [{"id": model, "name": NAME}]})
        shown = {"id": model, "name": name, "state": "ready"}
        if name == "absent":
            del shown["name"]
        simulator.misbehave("GET", f"/ai/model/{model}", status=200, json=shown)

        result = play(name=NAME)

        assert not result["failed"], result["msg"]
        assert result["model"]["name"] == NAME

    def test_a_public_deployment_is_no_user_of_a_model(self, simulator, play):
        simulator.add_model(NAME)
        simulator.add_deployment(name="shared", visibility="public", model={"name": NAME})

        assert play(check_mode=True, name=NAME, state="absent")["changed"]

    def test_a_model_that_is_listed_twice_is_one(self, simulator, play):
        simulator.add_model(NAME)
        twice = {"models": simulator.models() * 2}
        simulator.misbehave("GET", "/ai/model", status=200, json=twice)

        assert not play(name=NAME)["failed"]

    def test_users_that_are_objects_are_told_by_their_ids(self, simulator, play):
        simulator.add_model(NAME)
        simulator.misbehave("DELETE", status=412, json={"deployments": [{"id": NOBODY}]})

        result = play(name=NAME, state="absent")

        assert f"It is in use by the deployments {NOBODY}" in result["msg"]
        assert "{" not in result["msg"]

    def test_a_lost_creation_speaks_of_models(self, simulator, play):
        simulator.misbehave("POST", kind="lost")

        assert "once the name shows among the models" in play(name=NAME)["msg"]

    def test_an_operation_that_is_unknown_for_good_is_told(self, simulator, play):
        simulator.operation_seconds = 5
        simulator.misbehave("GET", "/operation/.*", times=99, status=404)

        result = play(name=NAME)

        assert result["operation"]["id"] == result["operations"][0]["id"]
