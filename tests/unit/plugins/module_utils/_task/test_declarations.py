# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ai_deployment_info declares, ai_deployment takes, and changes nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.exoscale.cloud.plugins.module_utils._task import deployment_info
from ansible_collections.exoscale.cloud.tests.simulator import FakeClock, Simulator

from .play import Player

TEMPLATES = ["{{ 7*7 }}", "--chat-template={% for each in messages %}{{ each }}{% endfor %}"]


@pytest.fixture
def look_up(simulator, clock):
    return Player(simulator, clock, deployment_info)


def declared_back(play, declarations):
    """The results of ai_deployment for each of them."""
    return [play(**declaration) for declaration in declarations]


def test_a_declaration_is_complete_and_has_no_id(simulator, look_up):
    simulator.add_deployment(
        name="chat",
        inference_engine_version="0.18.0",
        inference_engine_parameters=["--seed=1", TEMPLATES[1]],
        gpu_type="gpu3080ti",
        gpu_count=2,
        replicas=0,
        model={"name": "mistral/small"},
    )

    result = look_up()

    assert result["declarations"] == [
        {
            "name": "chat",
            "inference_engine_version": "0.18.0",
            "inference_engine_parameters": ["--seed=1", TEMPLATES[1]],
            "model": "mistral/small",
            "gpu_type": "gpu3080ti",
            "gpu_count": 2,
            "replicas": 0,
        }
    ]
    assert result["warnings"] == []


def test_no_parameters_are_declared_as_none(simulator, look_up):
    simulator.add_deployment(name="chat")

    assert look_up()["declarations"][0]["inference_engine_parameters"] == []


def test_declared_back_it_changes_nothing(simulator, look_up, play):
    simulator.add_deployment(name="chat", inference_engine_parameters=["--seed", "1", *TEMPLATES])
    simulator.add_deployment(name="idle", replicas=0)
    simulator.add_deployment(name="twin")
    simulator.add_deployment(name="twin", inference_engine_version="0.18.0")
    simulator.add_deployment(name=" odd ")
    simulator.add_deployment(name="shared", visibility="public")

    declarations = look_up()["declarations"]
    results = declared_back(play, declarations)

    assert len(declarations) == 5
    assert [result.get("msg") for result in results if result["failed"]] == []
    assert not any(result["changed"] for result in results)
    assert simulator.writes() == []


def test_an_id_is_declared_only_where_the_name_does_not_tell(simulator, look_up):
    simulator.add_deployment(name="chat")
    twins = sorted(simulator.add_deployment(name="twin", state=state) for state in ("ready", "error"))
    odd = simulator.add_deployment(name=" odd ")
    simulator.add_deployment(name="shared", visibility="public")
    simulator.add_deployment(name="shared")

    by_id = {each.get("id"): each.get("name") for each in look_up()["declarations"]}
    filtered = look_up(state="error")["declarations"]
    alone = look_up(id=twins[0])["declarations"]

    assert by_id == {None: "shared", odd: None, twins[0]: "twin", twins[1]: "twin"}
    assert filtered[0]["id"] in twins
    assert alone[0]["id"] == twins[0]


def test_without_details_nothing_is_declared(simulator, look_up):
    simulator.add_deployment(name="chat")

    assert look_up(details=False)["declarations"] == []


@pytest.mark.parametrize(
    ("tokens", "shown", "flags"),
    [
        (["--api-key=swordfish", "--seed=1"], ["--api-key=********", "--seed=1"], ["--api-key"]),
        (["--api-key", "swordfish", "trout-12345"], ["--api-key", "********", "********"], ["--api-key"]),
        (
            ["--hf-token", "swordfish", '--hf-overrides={"api_key": "trout-12345"}'],
            ["--hf-token", "********", '--hf-overrides={"api_key": "********"}'],
            ["--hf-token", "--hf-overrides"],
        ),
        (["HF_TOKEN=swordfish"], ["HF_TOKEN=********"], ["item 1"]),
    ],
)
def test_a_secret_is_a_placeholder_that_a_warning_names_and_a_task_refuses(
    simulator, look_up, play, tokens, shown, flags
):
    chat = simulator.add_deployment(name="chat", inference_engine_parameters=tokens)

    result = look_up()
    (declared,) = declared_back(play, result["declarations"])

    assert result["declarations"][0]["inference_engine_parameters"] == shown
    assert len(result["warnings"]) == len(flags)
    for flag, warning in zip(flags, result["warnings"], strict=True):
        assert f"The declaration of the deployment chat ({chat})" in warning
        assert "shows a placeholder for a secret, which ai_deployment refuses. Put the secret itself there" in warning
        assert warning.endswith(f"it is the value of {flag}")
    assert declared["failed"]
    assert "holds a placeholder that stands for a secret" in declared["msg"]
    assert simulator.writes() == []
    assert "swordfish" not in str(result) + str(declared)


def test_a_name_that_holds_a_secret_is_not_declared(simulator, look_up, play):
    simulator.add_deployment(name="other", inference_engine_parameters=["--api-key=swordfish"])
    chat = simulator.add_deployment(name="chat-swordfish")

    declarations = look_up()["declarations"]
    declared = play(**next(each for each in declarations if each.get("id") == chat))

    assert not declared["failed"]
    assert simulator.writes() == []
    assert "swordfish" not in str(declarations)


@pytest.mark.parametrize("option", ["name", "model", "gpu_type"])
def test_a_placeholder_is_refused_wherever_it_stands(simulator, play, option):
    result = play(**{"name": "chat", option: "********"})

    assert f"{option} holds a placeholder" in result["msg"]
    assert simulator.calls() == []


@pytest.mark.parametrize(
    ("fields", "left_out", "why"),
    [
        ({"inference-engine-version": None}, "inference_engine_version", "because the API does not show it"),
        ({"inference-engine-version": "nightly"}, "inference_engine_version", "must be three numbers"),
        ({"gpu-count": 16}, "gpu_count", "must be from 1 to 8"),
        ({"model": {}}, "model", "because the API does not show it"),
        ({"inference-engine-parameters": ["--x={'a': 1}"]}, "inference_engine_parameters", "Python's notation"),
    ],
)
def test_what_cannot_be_declared_is_left_out_with_a_warning(simulator, look_up, fields, left_out, why):
    simulator.add_deployment(name="chat")
    chat = {key: value for key, value in simulator.deployments()[0].items() if value is not None}
    answer = {key: value for key, value in {**chat, **fields}.items() if value is not None}
    simulator.misbehave("GET", f"/ai/deployment/{chat['id']}", status=200, json=answer)

    result = look_up()

    assert left_out not in result["declarations"][0]
    (warning,) = result["warnings"]
    assert f"leaves {left_out} out" in warning
    assert why in warning


def test_what_only_the_list_shows_is_declared_too(simulator, look_up, play):
    simulator.add_deployment(name="chat")
    chat = simulator.deployments()[0]
    answer = {key: value for key, value in chat.items() if key != "gpu-type"}
    simulator.misbehave("GET", f"/ai/deployment/{chat['id']}", status=200, json=answer, times=2)

    result = look_up()
    (declared,) = declared_back(play, result["declarations"])

    assert result["declarations"][0]["gpu_type"] == chat["gpu-type"]
    assert not declared["changed"]


@pytest.mark.parametrize("token", ["--chat-template=" + "x" * 100_001, "--chat-template=x\ud800y"], ids=len)
def test_parameters_that_cannot_be_shown_as_they_are_are_left_out(simulator, look_up, play, token):
    chat = simulator.add_deployment(name="chat")
    answer = {**simulator.deployment(chat), "inference-engine-parameters": ["--seed=1", token]}
    simulator.misbehave("GET", f"/ai/deployment/{chat}", status=200, json=answer, times=2)

    result = look_up()
    (declared,) = declared_back(play, result["declarations"])

    assert "inference_engine_parameters" not in result["declarations"][0]
    assert "leaves inference_engine_parameters out, because it" in result["warnings"][0]
    assert not declared["changed"]


def test_one_that_only_the_list_tells_to_be_public_is_not_declared(simulator, look_up):
    shared = simulator.add_deployment(name="shared", visibility="public")
    answer = {key: value for key, value in simulator.deployment(shared).items() if key != "visibility"}
    simulator.misbehave("GET", f"/ai/deployment/{shared}", status=200, json=answer)

    result = look_up()

    simulator.contract_violations.clear()
    assert result["declarations"] == []
    assert result["deployments"][0]["visibility"] == "public"


def test_one_that_is_listed_under_another_name_is_declared_by_its_id(simulator, look_up, play):
    chat = simulator.add_deployment(name="chat")
    answer = {**simulator.deployment(chat), "name": "talk"}
    simulator.misbehave("GET", f"/ai/deployment/{chat}", status=200, json=answer)

    (declaration,) = look_up()["declarations"]

    assert declaration["id"] == chat
    assert "name" not in declaration
    assert not play(**declaration)["changed"]


def test_two_that_change_their_names_meanwhile_are_told_apart(simulator, look_up, play):
    blue = simulator.add_deployment(name="blue", inference_engine_version="0.18.0")
    green = simulator.add_deployment(name="green", replicas=3)
    answer = {**simulator.deployment(green), "name": "blue"}
    simulator.misbehave("GET", f"/ai/deployment/{green}", status=200, json=answer)

    declarations = look_up()["declarations"]

    assert [each.get("id") for each in declarations if each["replicas"] == 3] == [green]
    assert not any(
        result["changed"] for result in declared_back(play, [each for each in declarations if "id" not in each])
    )
    assert simulator.deployment(blue)["replicas"] == 1


@pytest.mark.parametrize("name", ["[1,2]", "{'a': 1}", "(1)"])
def test_a_name_like_data_is_not_declared_as_templates_may_change_it(simulator, look_up, play, name):
    chat = simulator.add_deployment(name=name)

    (declaration,) = look_up()["declarations"]

    assert declaration["id"] == chat
    assert "name" not in declaration
    assert not play(**declaration)["changed"]


def test_what_the_api_writes_otherwise_is_declared_as_a_task_takes_it(simulator, look_up, play):
    chat = simulator.add_deployment(name="chat", inference_engine_version="0.18.0", gpu_type="gpua5000")
    answer = {**simulator.deployment(chat), "inference-engine-version": " v0.18.0", "gpu-type": "GPUA5000 "}
    simulator.misbehave("GET", f"/ai/deployment/{chat}", status=200, json=answer, times=2)

    result = look_up()
    (declared,) = declared_back(play, result["declarations"])

    assert not declared["changed"]
    assert not declared["failed"]


NAMES = st.sampled_from(["chat", "talk", "{{ 7*7 }}", " odd ", "1", "no", "naïve ☃", "a\tb", "********"])
TOKENS = st.sampled_from(
    [
        "--seed=1",
        "--seed",
        "1",
        "--max-model-len=8k",
        '--hf-overrides={"a": [1, {"b": null}]}',
        "--chat-template={{ messages }}",
        "--served-model-name",
        "{'a': 1}",
        "",
        " ",
        "-tp=2",
        "--api-key=swordfish",
        "naïve ☃",
    ]
)
DEPLOYMENTS = st.lists(
    st.fixed_dictionaries(
        {"name": NAMES, "inference_engine_parameters": st.lists(TOKENS, max_size=4)},
        optional={
            "replicas": st.integers(0, 3),
            "gpu_count": st.integers(1, 8),
            "state": st.sampled_from(["ready", "error"]),
            "inference_engine_version": st.sampled_from(["0.12.0", "0.19.0"]),
            "visibility": st.sampled_from(["private", "public"]),
            "model": st.sampled_from([{"name": "a/b"}, {"name": "c/d"}]),
        },
    ),
    max_size=5,
)


@settings(deadline=None, max_examples=60)
@given(deployments=DEPLOYMENTS)
def test_whatever_is_there_no_declaration_changes_it(deployments):
    clock = FakeClock()
    with Simulator(clock) as simulator:
        for fields in deployments:
            simulator.add_deployment(**fields)

        declarations = Player(simulator, clock, deployment_info)()["declarations"]
        play = Player(simulator, clock)
        results = declared_back(play, [{**each, "wait_for": "operation"} for each in declarations])

    private = [each for each in deployments if each.get("visibility") != "public"]
    assert len(declarations) == len(private)
    assert simulator.writes() == []
    for result in results:
        assert not result["failed"] or "holds a placeholder" in result["msg"]


@pytest.mark.parametrize("token", ["--chat-template={{ 'x' }}", "--a={['b']: 1}"])
def test_what_only_begins_like_data_of_python_is_taken_as_it_is(simulator, look_up, play, token):
    simulator.add_deployment(name="chat", inference_engine_parameters=[token])

    (declaration,) = look_up()["declarations"]
    result = play(**declaration)

    assert declaration["inference_engine_parameters"] == [token]
    assert not result["failed"]
    assert not result["changed"]


@pytest.mark.parametrize("odd", [None, True, 5, 0.5, "", "text", [1], [], {"name": 5}, {"id": [], "name": None}])
@pytest.mark.parametrize(
    "field",
    ["name", "model", "gpu-type", "gpu-count", "replicas", "inference-engine-version", "inference-engine-parameters"],
)
def test_of_one_that_is_listed_without_its_id_only_what_can_be_right_is_declared(simulator, look_up, field, odd):
    simulator.add_deployment(name="chat", model={"name": "a/b"})
    (entry,) = simulator.deployments()
    listed = {**entry, "id": None, field: odd}
    simulator.misbehave("GET", "/ai/deployment", times=9, status=200, json={"deployments": [listed]})

    result = look_up()

    assert not result["failed"], result["msg"]
    (declared,) = result["declarations"]
    key = field.replace("-", "_")
    is_left_out = any(f"leaves {key} out" in warning for warning in result["warnings"])
    assert is_left_out if key not in declared else declared[key] == odd
