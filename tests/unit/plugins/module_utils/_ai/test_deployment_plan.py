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
from ansible_collections.exoscale.cloud.plugins.module_utils._api.errors import (
    ImmutableField,
    InvalidAnswer,
    InvalidInput,
    NotFound,
)
from ansible_collections.exoscale.cloud.plugins.module_utils._reconcile.plan import Step

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
        ({"id": "chat"}, "id is 'chat', which is not a UUID. If it is a name, give it as name"),
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


PATH = "/ai/deployment/" + ID
MODEL_ID = "0a1b2c3d-0000-4000-8000-000000000001"
COMPLETE = {
    "model": {"id": MODEL_ID, "name": "a/model"},
    "gpu_type": "gpua5000",
    "gpu_count": 2,
    "replicas": 2,
}
CONFIGURED = {
    "name": "chat",
    "inference_engine_version": "0.18.0",
    "inference_engine_parameters": ["--a", "--b"],
    "model": "a/model",
    "gpu_type": "gpua5000",
    "gpu_count": 2,
    "replicas": 2,
}
NEW = {"name": "chat", "model": "a/model", "gpu_type": "gpua5000", "gpu_count": 2, "replicas": 2}


class TestCreation:
    def test_it_is_one_request_with_all_that_is_given(self):
        plan = make_plan(None, desired(**NEW, inference_engine_version="0.19.0", inference_engine_parameters=["--a"]))

        result = {**NEW, "inference_engine_version": "0.19.0", "inference_engine_parameters": ["--a"]}
        body = {
            "name": "chat",
            "model": {"name": "a/model"},
            "gpu-type": "gpua5000",
            "gpu-count": 2,
            "replicas": 2,
            "inference-engine-version": "0.19.0",
            "inference-engine-parameters": ["--a"],
        }
        assert plan.steps == (Step("create", "POST", "/ai/deployment", body, result),)
        assert (plan.before, plan.label, plan.refusal) == ({}, "AI deployment chat (not there)", None)

    def test_a_model_may_be_named_by_its_id(self):
        assert body_of(make_plan(None, desired(**{**NEW, "model": MODEL_ID})))["model"] == {"id": MODEL_ID}

    def test_an_empty_list_of_parameters_is_not_sent(self):
        plan = make_plan(None, desired(**NEW, inference_engine_parameters=[]))

        assert "inference-engine-parameters" not in body_of(plan)
        assert plan.steps[0].result["inference_engine_parameters"] == []

    @pytest.mark.parametrize(
        ("missing", "said"),
        [
            (["gpu_type"], "gpu_type is missing"),
            (["replicas", "model"], "model, replicas are missing"),
            (["model", "gpu_type", "gpu_count", "replicas"], "model, gpu_type, gpu_count, replicas are missing"),
        ],
        ids=str,
    )
    def test_what_is_missing_is_told(self, missing, said):
        with pytest.raises(InvalidInput) as caught:
            make_plan(None, desired(**{key: value for key, value in NEW.items() if key not in missing}))

        assert str(caught.value) == f"The deployment 'chat' does not exist, and to create it {said}"

    def test_it_takes_a_replica(self):
        assert make_plan(None, desired(**{**NEW, "replicas": 1})).steps
        with pytest.raises(InvalidInput) as caught:
            make_plan(None, desired(**{**NEW, "replicas": 0}))

        assert str(caught.value) == (
            "The deployment 'chat' has to be created, and that takes at least 1 replica; set replicas to 1 or more, "
            "and scale it to 0 afterwards"
        )

    def test_it_is_not_done_by_id(self):
        with pytest.raises(NotFound) as caught:
            make_plan(None, desired(**{**NEW, "id": ID}))

        assert str(caught.value) == (
            f"The deployment {ID} is not there, and a deployment is created by name and not by id"
        )


class TestDeletion:
    def test_it_is_one_request(self):
        plan = make_plan(deployment(**COMPLETE), desired(name="chat", state="absent"))

        assert plan.steps == (Step("delete", "DELETE", PATH, None, {}),)
        assert (plan.before, plan.label, plan.refusal) == (CONFIGURED, f"AI deployment chat ({ID})", None)

    @pytest.mark.parametrize(("key", "label"), [("name", "chat"), ("id", ID)])
    def test_what_is_not_there_needs_none(self, key, label):
        plan = make_plan(None, desired(**{key: label, "state": "absent"}))

        assert plan == ((), {}, f"AI deployment {label} (not there)", None)


class TestUpdate:
    def test_what_is_there_is_what_it_is_taken_back_to(self):
        current = deployment(**COMPLETE)

        plan = make_plan(current, desired(id=ID, inference_engine_version="0.19.0", inference_engine_parameters=[]))

        (step,) = plan.steps
        assert step == Step(
            "update",
            "PATCH",
            PATH,
            {"inference-engine-version": "0.19.0", "inference-engine-parameters": []},
            {"inference_engine_version": "0.19.0", "inference_engine_parameters": []},
            undo=Desired(
                ID,
                None,
                {"inference_engine_version": "0.18.0", "inference_engine_parameters": ["--a", "--b"]},
                cures=True,
            ),
        )
        assert plan.label == f"AI deployment chat ({ID})"
        assert plan.before == {"inference_engine_version": "0.18.0", "inference_engine_parameters": ["--a", "--b"]}

    def test_more_replicas_come_after_it_and_fewer_before(self):
        def steps(replicas):
            return make_plan(
                deployment(**COMPLETE), desired(id=ID, inference_engine_version="0.19.0", replicas=replicas)
            ).steps

        assert [str(step) for step in steps(3)] == [f"PATCH {PATH}", f"POST {PATH}/scale"]
        assert [str(step) for step in steps(1)] == [f"POST {PATH}/scale", f"PATCH {PATH}"]
        assert steps(3)[1] == Step("scale", "POST", f"{PATH}/scale", {"replicas": 3}, {"replicas": 3})

    def test_one_in_the_state_error_is_taken_back_though_nothing_differs(self):
        managed = {"inference_engine_version": "0.18.0", "inference_engine_parameters": ["--a", "--b"]}
        back = Desired(ID, None, managed, cures=True)

        plan = make_plan(deployment(state="error"), back)

        assert [step.result for step in plan.steps] == [managed]
        assert not make_plan(deployment(), back).steps
        assert not make_plan(deployment(state="error"), back._replace(cures=False)).steps


class TestReplacement:
    def test_what_is_fixed_is_refused_with_what_differs(self):
        plan = make_plan(deployment(**COMPLETE), desired(id=ID, model="b/model", gpu_count=1, replicas=9))

        assert isinstance(plan.refusal, ImmutableField)
        assert str(plan.refusal) == (
            f"The deployment chat ({ID}) cannot become what is wanted, because this is fixed when a deployment is "
            "created: model: wanted 'b/model', found 'a/model'; gpu_count: wanted 1, found 2. With recreate=true the "
            "task would delete the deployment and create another one in its place"
        )
        assert plan.steps == ()
        assert plan.before == {"model": "a/model", "gpu_count": 2, "replicas": 2}
        assert plan.label == f"AI deployment chat ({ID})"

    def test_it_is_a_deletion_that_has_to_end_and_a_creation_of_the_same_with_what_is_wanted(self):
        plan = make_plan(deployment(**COMPLETE), desired(id=ID, gpu_count=1, recreate=True))

        configured = {**CONFIGURED, "gpu_count": 1}
        managed = {key: value for key, value in configured.items() if key != "name"}
        then = Desired(None, "chat", managed, recreate=True)
        body = {
            "name": "chat",
            "inference-engine-version": "0.18.0",
            "inference-engine-parameters": ["--a", "--b"],
            "model": {"name": "a/model"},
            "gpu-type": "gpua5000",
            "gpu-count": 1,
            "replicas": 2,
        }
        assert plan.steps == (
            Step("delete", "DELETE", PATH, None, {}, then=then, must_end=True),
            Step("create", "POST", "/ai/deployment", body, configured),
        )
        assert (plan.before, plan.label, plan.refusal) == (CONFIGURED, f"AI deployment chat ({ID})", None)

    def test_a_model_is_told_as_it_is_wanted(self):
        other = "0a1b2c3d-0000-4000-8000-000000000002"

        plan = make_plan(deployment(**COMPLETE), desired(id=ID, model=other, recreate=True))

        assert plan.before["model"] == MODEL_ID
        assert plan.steps[1].body["model"] == {"id": other}

    @pytest.mark.parametrize(
        ("hidden", "said"),
        [
            (["gpu_type"], "gpu_type of it, which the new one needs. Declare it in the task"),
            (
                ["replicas", "inference_engine_version"],
                "replicas, inference_engine_version of it, which the new one needs. Declare them in the task",
            ),
        ],
        ids=str,
    )
    def test_what_the_new_one_needs_has_to_be_shown_or_given(self, hidden, said):
        current = deployment(**{**COMPLETE, **dict.fromkeys(hidden)})

        with pytest.raises(InvalidInput) as caught:
            make_plan(current, desired(id=ID, gpu_count=1, recreate=True))
        assert str(caught.value) == (
            f"The deployment chat ({ID}) cannot be replaced, because the API does not show {said}"
        )
        given = {key: {"replicas": 3, "gpu_type": "gpua5000"}.get(key, "0.18.0") for key in hidden}
        assert make_plan(current, desired(id=ID, gpu_count=1, recreate=True, **given)).steps

    def test_it_takes_a_replica(self):
        with pytest.raises(InvalidInput) as caught:
            make_plan(deployment(**COMPLETE), desired(id=ID, gpu_count=1, replicas=0, recreate=True))

        assert str(caught.value) == (
            "The deployment 'chat' has to be created in place of the old one, and that takes at least 1 replica; set "
            "replicas to 1 or more, and scale it to 0 afterwards"
        )


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
