# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random sequences of tasks of ai_deployment, with faults, keep the promises that each single task makes."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from ansible_collections.exoscale.cloud.plugins.module_utils._task import deployment
from ansible_collections.exoscale.cloud.tests.unit.random_cases import in_number

from .sequences import Machine, faults, read_faults

NAME = "chat"
CREATION = {"model": "openai/gpt-oss-120b", "gpu_type": "gpua5000", "gpu_count": 1, "replicas": 1}

changes = st.fixed_dictionaries(
    {},
    optional={
        "inference_engine_version": st.sampled_from(["0.17.0", "0.18.0", "0.19.0"]),
        "inference_engine_parameters": st.lists(
            st.sampled_from(["--seed=1", "--max-num-seqs=4", "--enforce-eager", "--hf-token=sentinel-of-the-engine"]),
            max_size=2,
            unique=True,
        ),
        "replicas": st.integers(0, 3),
    },
)
replacements = st.fixed_dictionaries(
    {"recreate": st.just(True)}, optional={"gpu_type": st.sampled_from(["gpua5000", "gpu3080ti"])}
)
ends = st.sampled_from([{}, {}, {"wait_for": "serving"}, {"wait_for": "serving", "serving_probe": "chat"}])


class Sequences(Machine):
    task = deployment

    def __init__(self):
        super().__init__()
        self.simulator.add_deployment(name="other", model={"name": CREATION["model"]})

    def present(self):
        return self.simulator.deployments()

    def listed(self):
        return [entry for entry in self.simulator.deployments() if entry["name"] == NAME]

    def expect_writes_of(self, actions, options, known):
        """Nothing was sent that the dry run did not tell, and nothing to anybody else."""
        for write in self.simulator.writes():
            if write.path == "/ai/deployment":
                assert "create" in actions
                assert write.body["name"] == NAME
            else:
                sent = {"PATCH": "update", "DELETE": "delete", "POST": "scale"}[write.method]
                assert sent in actions
                assert write.path.split("/")[3] in known
            for key, value in (write.body or {}).items() if write.method == "PATCH" else ():
                assert options[key.replace("-", "_")] == value
            if write.path.endswith("/scale"):
                assert write.body == {"replicas": options["replicas"]}

    @rule(
        visible=st.sampled_from(["at once", "when done"]),
        lag_seconds=st.sampled_from([0, 0, 3]),
        hidden_fields=st.sampled_from([(), (), ("gpu-count",), ("gpu-type", "gpu-count"), ("updated-at",)]),
        serving_seconds=st.sampled_from([0, 20]),
    )
    def the_world_is_another(self, visible, lag_seconds, hidden_fields, serving_seconds):
        self.simulator.visible = visible
        self.simulator.lag_seconds = lag_seconds
        self.simulator.hidden_fields = hidden_fields
        self.simulator.serving_seconds = serving_seconds

    @rule(values=changes, end=ends, fault=faults, read_fault=read_faults)
    def it_is_declared_whole(self, values, end, fault, read_fault):
        options = {**CREATION, **values}
        present = self.listed()
        if present:
            options["gpu_type"] = present[0]["gpu-type"]
        else:
            options["replicas"] = max(1, options["replicas"])
        self.check_and_run(fault, read_fault, name=NAME, **options, **end)

    @precondition(lambda self: self.listed())
    @rule(values=changes, end=ends, fault=faults, read_fault=read_faults)
    def it_is_changed(self, values, end, fault, read_fault):
        self.check_and_run(fault, read_fault, name=NAME, **values, **end)

    @precondition(lambda self: self.listed() and self.listed()[0]["replicas"] > 0)
    @rule(values=replacements, fault=faults, read_fault=read_faults)
    def it_is_replaced(self, values, fault, read_fault):
        whole = {key: self.listed()[0][key.replace("_", "-")] for key in ("gpu_type", "gpu_count", "replicas")}
        self.check_and_run(fault, read_fault, name=NAME, model=CREATION["model"], **{**whole, **values})

    @rule(fault=faults, read_fault=read_faults)
    def it_is_removed(self, fault, read_fault):
        self.check_and_run(fault, read_fault, name=NAME, state="absent")
        assert self.listed() == []

    @precondition(lambda self: self.listed() and self.simulator.hidden_fields == ())
    @rule(
        version=st.sampled_from(["0.20.0", "0.21.0"]),
        replicas_too=st.booleans(),
        comes_up=st.booleans(),
        fault=st.sampled_from([{}, {"status": 500}, {"status": 503, "applied": True}, {"status": 409, "times": 3}]),
    )
    def an_update_fails_and_is_rolled_back(self, version, replicas_too, comes_up, fault):
        self.clock.advance(3600)
        (before,) = self.listed()
        # One that comes up must be asked, and for that it needs replicas.
        does_not_serve = comes_up and before["replicas"] > 0
        if does_not_serve:
            self.simulator.versions_that_do_not_serve = (version,)
        else:
            self.simulator.fail_next_operation()
        if fault:
            self.simulator.misbehave("PATCH", skip=1, **fault)
        more = {"replicas": before["replicas"] + 1} if replicas_too else {}
        end = {"wait_for": "serving"} if does_not_serve else {}

        result = self.play(name=NAME, inference_engine_version=version, on_failure="rollback", **more, **end)
        self.simulator.forget_faults()
        self.simulator.versions_that_do_not_serve = ()

        assert result["failed"]
        assert "It was rolled back" in result["msg"], result["msg"]
        (after,) = [self.simulator.deployment(entry["id"]) for entry in self.listed()]
        assert after["inference-engine-version"] != version
        assert {key: after.get(key) for key in ("name", "replicas")} == {
            key: before.get(key) for key in ("name", "replicas")
        }
        assert not self.play(name=NAME)["failed"]

    @invariant()
    def there_is_at_most_one_of_the_name(self):
        assert len(self.listed()) <= 1

    @invariant()
    def nothing_else_is_touched(self):
        entries = self.simulator.deployments()
        assert len([entry for entry in entries if entry["name"] == "other"]) == 1


TestSequences = Sequences.TestCase
TestSequences.settings = in_number(40)
