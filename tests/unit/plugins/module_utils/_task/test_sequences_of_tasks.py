# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random sequences of tasks, with faults, keep the promises that each single task makes.

``EXOSCALE_TEST_SEQUENCES`` sets how many sequences are played.
"""

from __future__ import annotations

import os
from unittest import mock

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ansible_collections.exoscale.cloud.tests.simulator import FakeClock, Proxy, Simulator
from ansible_collections.exoscale.cloud.tests.unit.plugins.module_utils._task.play import Player

NAME = "chat"
CREATION = {"model": "openai/gpt-oss-120b", "gpu_type": "gpua5000", "gpu_count": 1, "replicas": 1}
WAIT_TIMEOUT = 600
API_TIMEOUT = 20
PROMISED = ("changed", "changes", "actions", "diff")

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
#: Each of them is over after a few requests; some of them took effect all the same, or will.
faults = st.sampled_from(
    [
        {},
        {"status": 429},
        {"status": 409, "times": 2},
        {"kind": "reset"},
        {"kind": "lost", "applied": True},
        {"kind": "reset", "applied": True},
        {"kind": "truncated", "applied": True},
        {"status": 500},
        {"status": 500, "applied": True},
        {"status": 502, "applied": True},
        {"status": 503},
        {"status": 503, "applied": True},
        {"status": 200, "body": "", "applied": True},
        {"status": 200, "headers": {"Content-Length": "1, 2"}, "applied": True},
        {"status": 504, "applied_after": 10},
        {"kind": "lost", "applied_after": 35},
        {"status": 400, "times": 100},
        {"status": 500, "times": 100},
        {"status": 409, "times": 100},
    ]
)
read_faults = st.sampled_from([{}, {}, {"status": 503}, {"kind": "reset"}, {"status": 200, "body": "{"}])


class Sequences(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.clock = FakeClock()
        self.simulator = Simulator(self.clock)
        self.simulator.start()
        self.proxy = Proxy()
        self.proxy.__enter__()
        self.environment = {}
        self.player = Player(self.simulator, self.clock)
        self.simulator.add_deployment(name="other", model={"name": CREATION["model"]})

    def teardown(self):
        self.simulator.stop()
        self.proxy.__exit__()
        assert self.simulator.contract_violations == []

    def listed(self):
        return [entry for entry in self.simulator.deployments() if entry["name"] == NAME]

    def play(self, check_mode=False, **options):
        """One task, which must keep its bounds and its secrets, and say that it changed something if it did."""
        self.clock.sleeps.clear()
        self.simulator.clear_journal()
        changes_before = self.simulator.changes
        with mock.patch.dict(os.environ, self.environment):
            result = self.player(
                check_mode=check_mode, wait_timeout=WAIT_TIMEOUT, api_timeout=API_TIMEOUT, api_retries=3, **options
            )
        assert sum(self.clock.sleeps) <= WAIT_TIMEOUT * 2 + API_TIMEOUT
        assert len(self.simulator.journal) < 500
        assert "sentinel" not in str(result)
        if check_mode:
            assert self.simulator.writes() == []
        if self.simulator.changes > changes_before:
            assert result["changed"], result
        return result

    def check_and_run(self, fault, read_fault, **options):
        # What was lost before has come by now.
        self.clock.advance(3600)
        predicted = self.play(check_mode=True, **options)
        known = [entry["id"] for entry in self.simulator.deployments()]
        for method in ("POST", "PATCH", "DELETE") if fault else ():
            self.simulator.misbehave(method, **fault)
        if read_fault:
            self.simulator.misbehave("GET", skip=2, **read_fault)
        happened = self.play(**options)
        self.simulator.forget_faults()
        self.expect_writes_of(predicted["actions"], options, known)
        if happened["failed"]:
            # What was lost may still come.
            self.clock.advance(3600)
            happened = self.play(**options)
            assert not happened["failed"], happened["msg"]
        else:
            assert {key: predicted[key] for key in PROMISED} == {key: happened[key] for key in PROMISED}
        again = self.play(**{key: value for key, value in options.items() if key != "recreate"})
        assert not again["failed"], again["msg"]
        assert not again["changed"]
        assert self.simulator.writes() == []

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
        operation_seconds=st.sampled_from([0, 5, 200]),
        settle_seconds=st.sampled_from([0, 30]),
        visible=st.sampled_from(["at once", "when done"]),
        lag_seconds=st.sampled_from([0, 0, 3]),
        hidden_fields=st.sampled_from([(), (), ("gpu-count",), ("gpu-type", "gpu-count"), ("updated-at",)]),
        through_proxy=st.booleans(),
    )
    def the_world_is_another(
        self, operation_seconds, settle_seconds, visible, lag_seconds, hidden_fields, through_proxy
    ):
        self.simulator.operation_seconds = operation_seconds
        self.simulator.settle_seconds = settle_seconds
        self.simulator.visible = visible
        self.simulator.lag_seconds = lag_seconds
        self.simulator.hidden_fields = hidden_fields
        self.environment = {"HTTP_PROXY": self.proxy.url if through_proxy else ""}

    @rule(values=changes, fault=faults, read_fault=read_faults)
    def it_is_declared_whole(self, values, fault, read_fault):
        options = {**CREATION, **values}
        present = self.listed()
        if present:
            options["gpu_type"] = present[0]["gpu-type"]
        else:
            options["replicas"] = max(1, options["replicas"])
        self.check_and_run(fault, read_fault, name=NAME, **options)

    @precondition(lambda self: self.listed())
    @rule(values=changes, fault=faults, read_fault=read_faults)
    def it_is_changed(self, values, fault, read_fault):
        self.check_and_run(fault, read_fault, name=NAME, **values)

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
        fault=st.sampled_from([{}, {"status": 500}, {"status": 503, "applied": True}, {"status": 409, "times": 3}]),
    )
    def an_update_fails_and_is_rolled_back(self, version, replicas_too, fault):
        self.clock.advance(3600)
        (before,) = self.listed()
        self.simulator.fail_next_operation()
        if fault:
            self.simulator.misbehave("PATCH", skip=1, **fault)
        more = {"replicas": before["replicas"] + 1} if replicas_too else {}

        result = self.play(name=NAME, inference_engine_version=version, on_failure="rollback", **more)
        self.simulator.forget_faults()

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
TestSequences.settings = settings(
    max_examples=int(os.environ.get("EXOSCALE_TEST_SEQUENCES", "40")),
    stateful_step_count=12,
    deadline=None,
    # Every step is played over real HTTP, so that shrinking a failure would take many minutes.
    phases=[Phase.generate],
)
