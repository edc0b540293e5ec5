# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a proxy or an ingress says for a moment, in its own words, decides nothing that costs."""

from __future__ import annotations

import json

import pytest

from ansible_collections.exoscale.cloud.plugins.module_utils._task import api_key, model
from ansible_collections.exoscale.cloud.tests.unit.plugins.module_utils._task.play import Player

DEFAULT_BACKEND = {"status": 404, "body": "default backend - 404", "content_type": "text/plain"}
EMPTY = {"status": 404, "body": ""}
NOT_FOUND = {"status": 404}
HTML = {"status": 404, "body": "<html>404 Not Found</html>", "content_type": "text/html"}
DEPLOYMENT = "/ai/deployment/[^/]+"
HELP = "/ai/help/.*"
RESPELT = {"inference_engine_parameters": ["--enforce-eager", "--seed", "1"]}
WHOLE = {"model": "openai/gpt-oss-120b", "gpu_type": "gpu3080ti", "gpu_count": 1, "replicas": 1}


@pytest.fixture
def chat(simulator):
    return simulator.add_deployment(name="chat", inference_engine_version="0.18.0")


@pytest.fixture
def player_of_keys(simulator, clock):
    return Player(simulator, clock, api_key)


@pytest.fixture
def respelt(simulator):
    return simulator.add_deployment(
        name="respelt",
        inference_engine_version="0.18.0",
        inference_engine_parameters=["--seed=1", "--enforce-eager"],
    )


@pytest.mark.parametrize("fault", [DEFAULT_BACKEND, EMPTY, HTML], ids=["text", "empty", "HTML"])
@pytest.mark.parametrize("times", [1, 2])
def test_what_is_to_be_absent_is_deleted_though_somebody_says_that_it_is_not_there(simulator, play, chat, fault, times):
    simulator.misbehave("GET", DEPLOYMENT, times=times, **fault)

    result = play(id=chat, state="absent")

    assert (result["failed"], result["changed"]) == (False, True)
    assert simulator.deployments() == []


@pytest.mark.parametrize("fault", [DEFAULT_BACKEND, EMPTY], ids=["text", "empty"])
def test_that_something_is_not_there_is_believed_when_it_is_said_again_and_again(simulator, play, chat, fault):
    simulator.misbehave("GET", DEPLOYMENT, times=99, **fault)

    result = play(id=chat, state="absent")

    assert (result["failed"], result["changed"]) == (False, False)
    assert len(simulator.journal) == 3


def test_an_html_page_is_never_believed(simulator, play, chat):
    simulator.misbehave("GET", DEPLOYMENT, times=99, **HTML)

    result = play(id=chat, state="absent")

    assert result["failed"]
    assert len(simulator.journal) == 3


def test_the_api_itself_is_believed_at_once(simulator, play):
    result = play(id="5f0c0000-0000-4000-8000-000000000000", state="absent")

    assert (result["failed"], result["changed"]) == (False, False)
    assert len(simulator.journal) == 1


@pytest.mark.parametrize("fault", [DEFAULT_BACKEND, EMPTY, NOT_FOUND], ids=["text", "empty", "JSON"])
@pytest.mark.parametrize("times", [1, 2, 5])
def test_no_second_one_is_made_in_place_of_one_that_only_seems_to_be_gone(simulator, play, chat, fault, times):
    simulator.misbehave("DELETE", DEPLOYMENT, **fault)
    simulator.misbehave("GET", DEPLOYMENT, skip=1, times=times, **fault)

    result = play(name="chat", **WHOLE, recreate=True)

    assert not result["failed"]
    assert [each["gpu-type"] for each in simulator.deployments()] == ["gpu3080ti"]


def test_the_same_goes_for_a_key(simulator, player_of_keys):
    simulator.add_api_key("team")
    simulator.misbehave("DELETE", **NOT_FOUND)
    simulator.misbehave("GET", "/ai/api-key/[^/]+", skip=1, times=5, **NOT_FOUND)

    result = player_of_keys(name="team", scope="public", recreate=True)

    assert not result["failed"]
    assert len(simulator.api_keys()) == 1


def test_nothing_is_made_while_the_list_goes_on_to_show_it(simulator, play, chat):
    simulator.misbehave("DELETE", DEPLOYMENT, times=99, **NOT_FOUND)
    simulator.misbehave("GET", DEPLOYMENT, skip=1, times=99, **NOT_FOUND)

    result = play(name="chat", **WHOLE, recreate=True)

    assert result["failed"]
    assert "The list still shows it, so that none was created in its place" in result["msg"]
    assert [write.method for write in simulator.writes()] == ["DELETE"]


@pytest.mark.parametrize(
    "fault", [HTML, EMPTY, *({"status": status} for status in (302, 400, 401, 403, 407, 409, 410, 418))], ids=str
)
def test_a_help_that_is_refused_for_a_moment_costs_no_redeploy(simulator, play, respelt, fault):
    simulator.misbehave("GET", HELP, **fault)

    result = play(id=respelt, **RESPELT)

    assert (result["failed"], result["changed"]) == (False, False)
    assert simulator.writes() == []


def test_a_help_that_stays_refused_lets_the_update_go_ahead(simulator, play, respelt):
    simulator.misbehave("GET", HELP, times=99, status=403)

    result = play(id=respelt, **RESPELT, api_retries=2)

    assert (result["failed"], result["changed"]) == (False, True)
    assert [entry.path for entry in simulator.journal].count("/ai/help/inference-engine-parameters") == 3
    assert "whether they mean the same cannot be told" in result["warnings"][0]


@pytest.mark.parametrize("status", [403, 503])
def test_without_time_to_ask_again_nothing_is_written(simulator, play, respelt, status):
    simulator.misbehave("GET", HELP, times=99, status=status, headers={"Retry-After": "30"})

    result = play(id=respelt, **RESPELT, wait_timeout=5)

    assert (result["failed"], result["changed"]) == (True, False)
    assert "wait_timeout has passed before it was certain" in result["msg"]
    assert simulator.writes() == []


def test_an_update_that_a_redirect_has_swallowed_is_looked_for(simulator, play, chat):
    simulator.misbehave("PATCH", status=302, applied=True)

    result = play(id=chat, inference_engine_version="0.19.0")

    assert (result["failed"], result["changed"]) == (False, True)
    assert len(simulator.writes()) == 1


def test_a_deadline_that_passes_before_the_first_look_after_a_change_names_what_was_in_the_way(simulator, play, chat):
    simulator.misbehave("GET", DEPLOYMENT, skip=1, times=99, status=503)

    result = play(id=chat, inference_engine_version="0.19.0", wait_timeout=3, api_retries=9)

    assert (result["failed"], result["changed"]) == (True, True)
    assert f"GET /ai/deployment/{chat} was answered with 503" in result["msg"]


def without(*keys):
    """What an answer is without some keys of each thing that it lists."""

    def alter(body):
        (listed,) = json.loads(body).items()
        return json.dumps(
            {listed[0]: [{k: v for k, v in each.items() if k not in keys} for each in listed[1]]}
        ).encode()

    return {"kind": "altered", "alter": alter}


@pytest.mark.parametrize("hidden", [["id"], ["id", "name"]], ids=str)
def test_what_the_list_shows_without_its_id_may_be_the_one_that_only_seems_to_be_gone(simulator, play, chat, hidden):
    simulator.misbehave("DELETE", DEPLOYMENT, times=99, **NOT_FOUND)
    simulator.misbehave("GET", DEPLOYMENT, skip=1, times=99, **NOT_FOUND)
    simulator.misbehave("GET", "/ai/deployment", times=99, **without(*hidden))

    result = play(id=chat, name="chat", **WHOLE, recreate=True)

    assert result["failed"]
    assert [write.method for write in simulator.writes()] == ["DELETE"]


def test_another_one_that_the_list_shows_without_its_id_is_not_the_one_that_is_gone(simulator, play, chat):
    simulator.add_deployment(name="talk")
    simulator.misbehave("DELETE", DEPLOYMENT, applied=True, **NOT_FOUND)
    simulator.misbehave("GET", "/ai/deployment", times=99, **without("id"))

    result = play(id=chat, name="chat", **WHOLE, recreate=True)

    assert not result["failed"]
    assert [write.method for write in simulator.writes()] == ["DELETE", "POST"]


@pytest.mark.parametrize("task", ["deployment", "model"])
def test_a_list_that_still_shows_what_was_replaced_makes_no_second_one_of_the_name(simulator, clock, task):
    simulator.reference_in_operations = False
    if task == "deployment":
        simulator.add_model(WHOLE["model"])
        old = simulator.add_deployment(name="chat")
        player, options, path = Player(simulator, clock), {"name": "chat", **WHOLE}, "/ai/deployment"
    else:
        old = simulator.add_model("a/b", state="error")
        player, options, path = Player(simulator, clock, model), {"name": "a/b"}, "/ai/model"
    shown = []

    def with_old(body):
        ((key, entries),) = json.loads(body).items()
        shown[:] = shown or [each for each in entries if each["id"] == old]
        return json.dumps({key: [*shown, *(each for each in entries if each["id"] != old)]}).encode()

    simulator.misbehave("GET", path, times=99, kind="altered", alter=with_old)

    result = player(**options, recreate=True)

    assert not result["failed"], result["msg"]
    assert [write.method for write in simulator.writes()] == ["DELETE", "POST"]


def test_a_deletion_whose_answer_was_lost_has_changed_something_if_the_next_one_finds_nothing(simulator, play, chat):
    stale = next(each for each in simulator.deployments() if each["id"] == chat)
    simulator.misbehave("DELETE", DEPLOYMENT, kind="lost", applied=True)
    simulator.misbehave("GET", DEPLOYMENT, times=999, status=200, json=stale)

    result = play(id=chat, state="absent", api_retries=1, api_timeout=1)

    assert (result["failed"], result["changed"]) == (True, True)
