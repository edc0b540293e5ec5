# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all random sequences of tasks have in common, whatever the kind of resource."""

from __future__ import annotations

import os
from unittest import mock

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from ansible_collections.exoscale.cloud.tests.simulator import FakeClock, Proxy, Simulator
from ansible_collections.exoscale.cloud.tests.unit.plugins.module_utils._task.play import Player

API_TIMEOUT = 20
PROMISED = ("changed", "changes", "actions", "diff")

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
        {"kind": "verbatim", "status": 200, "headers": {"Content-Length": "1, 2"}, "applied": True},
        {"status": 504, "applied_after": 10},
        {"kind": "lost", "applied_after": 35},
        {"status": 400, "times": 100},
        {"status": 500, "times": 100},
        {"status": 409, "times": 100},
    ]
)
read_faults = st.sampled_from([{}, {}, {"status": 503}, {"kind": "reset"}, {"status": 200, "body": "{"}])


class Machine(RuleBasedStateMachine):
    """Plays tasks of one module; a subclass says of which, and what may be written."""

    #: The file of :mod:`_task` whose module is played.
    task = None
    #: How many requests a task may send at most.
    most_requests = 500
    wait_timeout = 600

    def __init__(self):
        super().__init__()
        self.clock = FakeClock()
        self.simulator = Simulator(self.clock)
        self.simulator.start()
        self.proxy = Proxy()
        self.proxy.__enter__()
        self.environment = {}
        self.player = Player(self.simulator, self.clock, self.task)

    def teardown(self):
        self.simulator.stop()
        self.proxy.__exit__()
        assert self.simulator.contract_violations == []

    def present(self):
        """All resources of the kind, as they are."""
        raise NotImplementedError

    def expect_writes_of(self, actions, options, known):
        """Nothing was sent that the dry run did not tell, and nothing to anybody else."""
        raise NotImplementedError

    def play(self, check_mode=False, **options):
        """One task, which must keep its bounds and its secrets, and say that it changed something if it did."""
        self.clock.sleeps.clear()
        self.simulator.clear_journal()
        changes_before = self.simulator.changes
        with mock.patch.dict(os.environ, self.environment):
            result = self.player(
                check_mode=check_mode, wait_timeout=self.wait_timeout, api_timeout=API_TIMEOUT, api_retries=3, **options
            )
        assert sum(self.clock.sleeps) <= self.wait_timeout * 2 + API_TIMEOUT
        assert len(self.simulator.journal) < self.most_requests
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
        known = [entry["id"] for entry in self.present()]
        for method in ("POST", "PATCH", "DELETE") if fault else ():
            self.simulator.misbehave(method, r"(?!/inference).*", **fault)
        if read_fault:
            self.simulator.misbehave("GET", r"(?!/inference).*", skip=2, **read_fault)
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

    @rule(
        operation_seconds=st.sampled_from([0, 5, 200]),
        settle_seconds=st.sampled_from([0, 30]),
        through_proxy=st.booleans(),
    )
    def operations_take_another_time(self, operation_seconds, settle_seconds, through_proxy):
        self.simulator.operation_seconds = operation_seconds
        self.simulator.settle_seconds = settle_seconds
        self.environment = {"HTTP_PROXY": self.proxy.url if through_proxy else ""}
