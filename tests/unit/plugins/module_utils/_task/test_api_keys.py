# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The life of an AI API key."""

from __future__ import annotations

import pytest

from ansible_collections.exoscale.cloud.plugins.module_utils._task import api_key
from ansible_collections.exoscale.cloud.tests.unit.plugins.module_utils._task.play import Player

NOBODY = "00000000-0000-4000-8000-000000000000"
LIST = "GET /ai/api-key"
POST = "POST /ai/api-key"
PREDICTED = ("changed", "changes", "actions", "diff")


def nested(levels):
    """A list in a list, and so on."""
    return [nested(levels - 1)] if levels else []


@pytest.fixture
def play(simulator, clock):
    return Player(simulator, clock, api_key)


@pytest.fixture
def chat(simulator):
    return simulator.add_deployment(name="chat")


class TestPresent:
    def test_it_is_list_post_get_and_returns_the_value_once(self, simulator, play):
        result = play(name="team", scope="public")
        created = result["ai_api_key"]["id"]
        calls = simulator.calls()
        again = play(name="team", scope="public")

        assert calls == [LIST, POST, f"{LIST}/{created}"]
        assert result["ai_api_key"]["value"] == f"value-of-{created}"
        assert result["actions"] == ["create"]
        assert result["diff"]["after"] == {"name": "team", "scope": "public"}
        assert not again["changed"]
        assert "value" not in again["ai_api_key"]

    def test_check_mode_creates_nothing_and_tells_the_same_without_a_value(self, simulator, play):
        predicted = play(name="team", scope="public", check_mode=True)
        writes = simulator.writes()
        happened = play(name="team", scope="public")

        assert writes == []
        assert {key: predicted[key] for key in PREDICTED} == {key: happened[key] for key in PREDICTED}
        assert predicted["ai_api_key"] == {"id": None, "name": "team", "scope": "public"}

    def test_a_new_key_is_looked_at_by_the_id_that_the_api_has_given_it(self, simulator, play):
        created = play(name="team", scope="public")

        assert simulator.calls() == [LIST, POST, f"GET /ai/api-key/{created['ai_api_key']['id']}"]

    def test_a_deployment_is_named_by_its_name_or_its_id(self, simulator, play, chat):
        created = play(name="team", scope="chat")
        by_name, by_id = play(name="team", scope="chat"), play(name="team", scope=chat.upper())

        assert simulator.writes()[0].body == {"name": "team", "scope": chat}
        assert created["ai_api_key"]["scope"] == chat
        assert not by_name["changed"]
        assert not by_id["changed"]

    def test_a_deployment_that_does_not_exist_ends_the_task_before_any_write(self, simulator, play):
        assert "No private deployment" in play(name="team", scope="chat")["msg"]
        assert simulator.writes() == []

    def test_a_scope_that_is_not_given_is_not_compared_and_needed_to_create(self, simulator, play):
        missing = play(name="team-7b")
        simulator.add_api_key("team-7b")

        assert "The AI API key named 'team-7b' does not exist, and to create it scope is missing" in missing["msg"]
        assert not play(name="team-7b")["changed"]

    def test_another_scope_is_refused_and_replaced_with_recreate(self, simulator, play, chat):
        old = simulator.add_api_key("team")
        refused = play(name="team", scope="chat")
        predicted = play(name="team", scope="chat", recreate=True, check_mode=True)
        writes = simulator.writes()
        replaced = play(name="team", scope="chat", recreate=True)

        assert "cannot become chat" in refused["msg"]
        assert "recreate=true" in refused["msg"]
        assert writes == []
        assert {key: predicted[key] for key in ("changed", "changes", "actions")} == {
            key: replaced[key] for key in ("changed", "changes", "actions")
        }
        assert [f"{write.method} {write.path}" for write in simulator.writes()] == [f"DELETE /ai/api-key/{old}", POST]
        assert replaced["ai_api_key"]["value"]

    def test_the_name_cannot_change(self, simulator, play):
        known = simulator.add_api_key("team")

        assert "is not named other" in play(id=known, name="other")["msg"]
        assert "is not named other" in play(id=known, name="other", state="absent")["msg"]
        assert simulator.writes() == []

    @pytest.mark.parametrize(
        "fault",
        [
            {"kind": "lost"},
            {"kind": "truncated"},
            {"status": 500},
            {"status": 200, "json": {"id": NOBODY}},
            {"status": 200, "json": {"id": NOBODY, "value": "value-of-x", "more": nested(60)}},
        ],
    )
    def test_if_the_answer_is_lost_so_is_the_value_and_the_task_says_how_to_replace_the_key(
        self, simulator, play, fault
    ):
        simulator.misbehave("POST", applied=True, **fault)

        result = play(name="team", scope="public")

        assert result["failed"]
        assert result["changed"]
        assert "exists now" in result["msg"]
        assert "delete it (state=absent) and run the task again" in result["msg"]
        assert len(simulator.writes()) == len(simulator.api_keys()) == 1
        assert "value-of-" not in str(result)

    def test_what_the_api_says_of_a_key_that_cannot_be_read_back_does_not_show_its_value(self, simulator, play):
        simulator.misbehave("GET", "/ai/api-key/.+", times=99, status=400, json={"detail": "what is value-of-x"})
        simulator.misbehave("POST", status=200, json={"id": NOBODY, "scope": "public", "value": "value-of-x"})

        result = play(name="team", scope="public")

        simulator.contract_violations.clear()
        assert result["ai_api_key"]["value"] == "value-of-x"
        assert "what is ********" in result["warnings"][0]

    @pytest.mark.parametrize("wait", [True, False])
    @pytest.mark.parametrize(
        "fault", [{"status": 404}, {"status": 403}, {"status": 500}, {"status": 200, "json": {}}, {"kind": "lost"}]
    )
    def test_the_answer_is_the_key_itself_whatever_a_read_shows_then(self, simulator, play, fault, wait):
        simulator.misbehave("GET", "/ai/api-key/.+", times=99, **fault)

        result = play(name="team", scope="public", wait=wait, api_retries=1)

        (key,) = simulator.api_keys()
        assert not result["failed"], result["msg"]
        assert result["changed"]
        assert result["ai_api_key"]["id"] == key["id"]
        assert result["ai_api_key"]["name"] == "team"
        assert result["ai_api_key"]["value"] == f"value-of-{key['id']}"
        assert "was created, but " in result["warnings"][0]

    def test_a_scope_that_is_no_deployment_is_refused_before_anything_is_deleted(self, simulator, play):
        old = simulator.add_api_key("team")

        predicted = play(check_mode=True, name="team", scope=NOBODY, recreate=True)
        happened = play(name="team", scope=NOBODY, recreate=True)

        for result in (predicted, happened):
            assert f"the scope {NOBODY} is no deployment in this zone" in result["msg"]
            assert not result["changed"]
        assert simulator.writes() == []
        assert [key["id"] for key in simulator.api_keys()] == [old]

    def test_a_scope_that_cannot_be_looked_up_is_a_warning(self, simulator, play):
        chat = simulator.add_deployment(name="chat")
        simulator.misbehave("GET", f"/ai/deployment/{chat}", times=9, status=403)

        result = play(name="team", scope=chat)

        assert result["changed"]
        assert f"Whether the scope {chat} is a deployment was not checked" in result["warnings"][0]

    def test_a_scope_that_is_not_shown_causes_no_write_but_a_warning(self, simulator, play):
        key = simulator.add_api_key("team", scope="public")
        shown = {"id": key, "name": "team"}
        simulator.misbehave("GET", "/ai/api-key", status=200, json={"ai-api-keys": [shown]})
        simulator.misbehave("GET", f"/ai/api-key/{key}", status=200, json=shown)

        result = play(name="team", scope="public", recreate=True)

        assert not result["changed"]
        assert "does not show scope, so that what is declared was not compared" in result["warnings"][0]

    def test_a_scope_that_the_list_does_not_show_is_read_singly(self, simulator, play):
        key = simulator.add_api_key("team", scope="public")
        simulator.misbehave("GET", "/ai/api-key", status=200, json={"ai-api-keys": [{"id": key, "name": "team"}]})

        result = play(name="team", scope="public")

        assert not result["changed"]
        assert result["warnings"] == []
        assert simulator.calls() == [LIST, f"GET /ai/api-key/{key}"]

    @pytest.mark.parametrize(
        "options",
        [
            {"name": ""},
            {"name": "x" * 51},
            {"name": "-x"},
            {"name": "x "},
            {"name": "é"},
            {"name": "a\n"},
            {"name": "a", "scope": " public"},
            {"id": "x"},
        ],
    )
    def test_what_cannot_be_right_is_refused_before_any_request(self, simulator, play, options):
        assert play(**{"scope": "public", **options})["failed"]
        assert simulator.calls() == []


class TestAbsent:
    def test_it_is_deleted_and_absent_twice_is_no_change(self, simulator, play):
        known = simulator.add_api_key("team")
        simulator.operation_seconds = 1
        predicted = play(name="team", state="absent", check_mode=True)

        result = play(name="team", state="absent")
        again = play(name="team", state="absent")

        assert {key: predicted[key] for key in PREDICTED} == {key: result[key] for key in PREDICTED}
        assert [f"{write.method} {write.path}" for write in simulator.writes()] == [f"DELETE /ai/api-key/{known}"]
        assert result["ai_api_key"] is None
        assert not again["changed"]

    def test_its_scope_is_not_looked_up(self, simulator, play):
        assert not play(name="team", scope="nobody", state="absent")["failed"]
        assert simulator.calls() == [LIST]

    def test_by_id_one_that_is_not_there_is_no_error(self, play):
        assert not play(id=NOBODY, state="absent")["failed"]
