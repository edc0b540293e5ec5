# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan: what differs is sent, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.exoscale.cloud.plugins.module_utils._ai.deployment import (
    CONFIGURATION,
    Deployment,
    Desired,
)
from ansible_collections.exoscale.cloud.plugins.module_utils._ai.deployment_change import moved_fields
from ansible_collections.exoscale.cloud.plugins.module_utils._ai.deployment_plan import make_plan
from ansible_collections.exoscale.cloud.plugins.module_utils._api.errors import InvalidAnswer, InvalidInput

ID = "3f1b0c5e-6f4e-4b8e-9a52-0d6d6f3c7f10"


def deployment(**fields):
    payload = {
        "id": ID,
        "name": "chat",
        "state": "ready",
        "inference-engine-version": "0.18.0",
        "inference-engine-parameters": ["--a", "--b"],
    }
    payload.update({key.replace("_", "-"): value for key, value in fields.items()})
    return Deployment.from_api(payload)


def desired(**params):
    return Desired.from_params(
        dict(dict.fromkeys(CONFIGURATION), **{"id": None, "state": "present", "recreate": False, **params})
    )


def body_of(plan):
    return plan.steps[0].body if plan.steps else None


def test_what_is_omitted_is_neither_compared_nor_sent():
    plan = make_plan(deployment(), desired(id=ID))

    assert (plan.steps, plan.before) == ((), {})


def test_one_patch_holds_only_what_differs():
    plan = make_plan(
        deployment(),
        desired(id=ID, name="chat", inference_engine_version="0.19.0", inference_engine_parameters=["--a", "--b"]),
    )

    assert [str(step) for step in plan.steps] == ["PATCH /ai/deployment/" + ID]
    assert body_of(plan) == {"inference-engine-version": "0.19.0"}
    assert plan.steps[0].result == {"inference_engine_version": "0.19.0"}
    assert plan.before == {
        "name": "chat",
        "inference_engine_version": "0.18.0",
        "inference_engine_parameters": ["--a", "--b"],
    }


def test_an_empty_list_clears_the_parameters():
    assert body_of(make_plan(deployment(), desired(id=ID, inference_engine_parameters=[]))) == {
        "inference-engine-parameters": []
    }


@pytest.mark.parametrize("shown", [{}, {"inference_engine_parameters": None}, {"inference_engine_parameters": []}])
def test_an_empty_list_equals_no_list(shown):
    current = Deployment.from_api(
        {
            key.replace("_", "-"): value
            for key, value in dict({"id": ID, "name": "chat", "state": "ready"}, **shown).items()
        }
    )

    assert not make_plan(current, desired(id=ID, inference_engine_parameters=[])).steps


def test_the_order_of_parameters_counts():
    assert make_plan(deployment(), desired(id=ID, inference_engine_parameters=["--b", "--a"])).steps


def test_removing_one_parameter_is_a_change():
    assert make_plan(deployment(), desired(id=ID, inference_engine_parameters=["--a"])).steps


def test_without_an_id_the_name_only_finds_the_deployment():
    wanted = desired(name="chat")

    assert wanted.lookup_name == "chat"
    assert wanted.managed == {}


def test_with_an_id_another_name_renames():
    assert body_of(make_plan(deployment(), desired(id=ID, name="talk"))) == {"name": "talk"}


def test_an_id_in_upper_case_is_the_same_id():
    assert desired(id=ID.upper()).id == ID


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "Set id or name"),
        ({"id": "chat"}, "id is 'chat', which is not a UUID"),
        ({"id": ""}, "id is '', which is not a UUID"),
        ({"id": ID + "/../x"}, "not a UUID"),
        ({"id": ID + "\n"}, "not a UUID"),
        ({"id": "{" + ID + "}"}, "not a UUID"),
        ({"name": ""}, "name is empty"),
        ({"name": "  "}, "name is empty"),
        ({"id": ID, "name": ""}, "name is empty"),
        ({"name": "chat", "inference_engine_version": "0.19"}, "inference_engine_version is '0.19'"),
        ({"name": "chat", "inference_engine_version": ""}, "inference_engine_version is ''"),
        ({"name": "chat", "inference_engine_version": "v0.19.0"}, "three numbers"),
        ({"name": "chat", "inference_engine_version": "0.19.0\n"}, "three numbers"),
        ({"name": "chat", "inference_engine_version": "latest"}, "three numbers"),
        ({"name": "chat", "gpu_count": 0}, "gpu_count is 0, but must be from 1 to 8"),
        ({"name": "chat", "gpu_count": 9}, "gpu_count is 9"),
        ({"name": "chat", "replicas": -1}, "replicas is -1"),
        ({"name": "chat", "model": ""}, "model is empty"),
        ({"name": "chat", "gpu_type": " "}, "gpu_type is ' ', which begins or ends with white space"),
        ({"name": "chat", "model": "a/b\n"}, "model is .* white space"),
        ({"name": "chat "}, "name is 'chat ', which begins or ends with white space"),
        ({"name": "\u00a0chat"}, "begins or ends with white space"),
        ({"name": "chat\n"}, "begins or ends with white space"),
        ({"name": "ch\nat"}, "holds a control character"),
        ({"name": "ch\u200bat"}, "one that has no width"),
        ({"name": "chat\ufeff"}, "one that has no width"),
        ({"name": "ch\u034fat"}, "one that has no width"),
        ({"name": "chat\ufe0f"}, "one that has no width"),
        ({"name": "chat\u3164"}, "one that has no width"),
        ({"name": "chat\U000e0100"}, "one that has no width"),
        ({"id": ID, "name": "chat\u200d"}, "one that has no width"),
        ({"name": "chat", "inference_engine_parameters": ["--api-key=********"]}, "Item 1 .* placeholder"),
        ({"name": "chat", "inference_engine_parameters": ["-x", "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"]}, "Item 2"),
    ],
)
def test_what_cannot_be_right_is_refused(params, message):
    with pytest.raises(InvalidInput, match=message):
        desired(**params)


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"id": ID},
        {"id": "../x", "name": "chat", "state": "ready"},
        {"id": ID, "name": 1, "state": "ready"},
        {"id": ID, "name": "chat", "state": None},
        {"id": ID, "name": "chat", "state": "ready", "inference-engine-parameters": "--a"},
        {"id": ID, "name": "chat", "state": "ready", "inference-engine-parameters": [1]},
        {"id": ID, "name": "chat", "state": "ready", "inference-engine-version": ["0.19.0"]},
        {"id": ID, "name": "chat", "state": "ready", "replicas": "1"},
    ],
)
def test_an_answer_that_is_no_deployment_is_said_to_be_none(payload):
    with pytest.raises(InvalidAnswer, match="not a deployment"):
        Deployment.from_api(payload)


def test_keys_come_in_snake_case_at_every_depth():
    shown = deployment(model={"model-id": "x"}, deployment_url="u")

    assert shown.fields["model"] == {"model_id": "x"}
    assert shown.fields["deployment_url"] == "u"


def test_a_field_that_nobody_asked_to_move_is_noticed_and_volatile_ones_are_not():
    before = deployment(replicas=1, updated_at="a")
    after = deployment(replicas=2, updated_at="b", state="updating", inference_engine_version="0.20.0")

    assert moved_fields(before, after, {"inference_engine_version"}) == ["replicas"]


versions = st.sampled_from(["0.18.0", "0.18.1", "0.19.0"])
names = st.sampled_from(["chat", "talk"])
tokens = st.lists(st.sampled_from(["--a", "--b", "--c=1"]), max_size=3)


@given(
    current=st.fixed_dictionaries(
        {"name": names, "inference_engine_version": versions, "inference_engine_parameters": tokens}
    ),
    wanted=st.fixed_dictionaries(
        {},
        optional={
            "name": names | st.none(),
            "inference_engine_version": versions | st.none(),
            "inference_engine_parameters": tokens | st.none(),
        },
    ),
)
def test_the_body_is_the_managed_fields_that_differ_and_a_second_plan_is_empty(current, wanted):
    plan = make_plan(deployment(**current), desired(id=ID, **wanted))
    differing = {
        key.replace("_", "-"): value for key, value in wanted.items() if value is not None and value != current[key]
    }
    afterwards = dict(current, **{key.replace("-", "_"): value for key, value in (body_of(plan) or {}).items()})

    assert (body_of(plan) or {}) == differing
    assert not make_plan(deployment(**afterwards), desired(id=ID, **wanted)).steps
