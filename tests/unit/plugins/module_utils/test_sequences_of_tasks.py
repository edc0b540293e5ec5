# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random sequences of tasks, with faults, keep the promises that each single task makes."""

from __future__ import annotations

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ansible_collections.exoscale.cloud.tests.simulator import FakeClock, Simulator
from ansible_collections.exoscale.cloud.tests.unit.plugins.module_utils.play import Player

NAME = "chat"
CREATION = {"model": "openai/gpt-oss-120b", "gpu_type": "gpua5000", "gpu_count": 1, "replicas": 1}

changes = st.fixed_dictionaries(
    {},
    optional={
        "inference_engine_version": st.sampled_from(["0.17.0", "0.18.0", "0.19.0"]),
        "inference_engine_parameters": st.lists(st.sampled_from(["--a", "--b=1", "--c"]), max_size=2),
        "replicas": st.integers(0, 3),
    },
)
replacements = st.fixed_dictionaries(
    {"recreate": st.just(True)}, optional={"gpu_type": st.sampled_from(["gpua5000", "gpu3080ti"])}
)
faults = st.sampled_from(
    [
        {},
        {"kind": "lost", "applied": True},
        {"kind": "reset"},
        {"status": 502, "applied": True},
        {"status": 500},
        {"status": 503},
        {"status": 200, "body": "", "applied": True},
    ]
)
busy = {"status": 409, "json": {"title": "Conflict", "detail": "busy"}}


class Sequences(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        clock = FakeClock()
        self.simulator = Simulator(clock)
        self.simulator.start()
        self.play = Player(self.simulator, clock)
        self.simulator.add_deployment(name="other", model={"name": CREATION["model"]})

    def teardown(self):
        self.simulator.stop()
        assert self.simulator.contract_violations == []

    def listed(self):
        return [entry for entry in self.simulator.deployments() if entry["name"] == NAME]

    def check_and_run(self, fault, **options):
        self.simulator.clear_journal()
        predicted = self.play(check_mode=True, **options)
        assert self.simulator.writes() == []
        if fault:
            for method in ("POST", "PATCH", "DELETE"):
                self.simulator.misbehave(method, **fault)
        happened = self.play(**options)
        self.simulator.forget_faults()
        assert not happened["failed"], happened["msg"]
        for key in ("changed", "changes", "diff", "actions"):
            assert predicted[key] == happened[key]
        self.simulator.clear_journal()
        again = self.play(**{key: value for key, value in options.items() if key != "recreate"})
        assert not again["failed"], again["msg"]
        assert not again["changed"]
        assert self.simulator.writes() == []
        return happened

    @rule(
        operation_seconds=st.sampled_from([0, 5, 200]),
        settle_seconds=st.sampled_from([0, 30]),
        visible=st.sampled_from(["at once", "when done"]),
        zero=st.sampled_from(["ready", "deploying"]),
    )
    def the_api_behaves_otherwise(self, operation_seconds, settle_seconds, visible, zero):
        self.simulator.operation_seconds = operation_seconds
        self.simulator.settle_seconds = settle_seconds
        self.simulator.visible = visible
        self.simulator.state_at_zero_replicas = zero

    @rule(values=changes, fault=faults)
    def it_is_declared_whole(self, values, fault):
        options = {**CREATION, **values}
        present = self.listed()
        if present:
            options["gpu_type"] = present[0]["gpu-type"]
        else:
            options["replicas"] = max(1, options["replicas"])
        self.check_and_run(fault, name=NAME, **options)

    @precondition(lambda self: self.listed())
    @rule(values=changes, fault=st.one_of(faults, st.just(busy)))
    def it_is_changed(self, values, fault):
        self.check_and_run(fault, name=NAME, **values)

    @precondition(lambda self: self.listed() and self.listed()[0]["replicas"] > 0)
    @rule(values=replacements, fault=faults)
    def it_is_replaced(self, values, fault):
        self.check_and_run(fault, name=NAME, **values)

    @rule(fault=faults)
    def it_is_removed(self, fault):
        self.check_and_run(fault, name=NAME, state="absent")
        assert self.listed() == []

    @precondition(lambda self: self.listed())
    @rule(version=st.sampled_from(["0.20.0", "0.21.0"]), replicas_too=st.booleans())
    def an_update_fails_and_is_rolled_back(self, version, replicas_too):
        (before,) = self.listed()
        self.simulator.fail_next_operation()
        more = {"replicas": before["replicas"] + 1} if replicas_too else {}

        result = self.play(name=NAME, inference_engine_version=version, on_failure="rollback", **more)

        assert result["failed"]
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
TestSequences.settings = settings(
    max_examples=40,
    stateful_step_count=12,
    deadline=None,
    # Every step is played over real HTTP, so that shrinking a failure would take many minutes.
    phases=[Phase.generate],
)
