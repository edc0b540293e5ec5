# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module that is killed at any of its requests leaves nothing that the next run does not bring to its end."""

from __future__ import annotations

import itertools
import signal

import pytest

from ansible_collections.exoscale.cloud.tests.reliability.processes import FastClock, ModuleProcess
from ansible_collections.exoscale.cloud.tests.reliability.scenarios import SCENARIOS
from ansible_collections.exoscale.cloud.tests.simulator import Simulator
from ansible_collections.exoscale.cloud.tests.simulator.serving import Abandoned

from .form import is_long

MODULES = {
    "update": "ai_deployment",
    "create": "ai_deployment",
    "delete": "ai_deployment",
    "recreate": "ai_deployment",
    "roll back": "ai_deployment",
    "fleet": "ai_deployments",
    "create model": "ai_model",
    "create key": "ai_api_key",
}
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGKILL)


class Stage:
    """Runs a scenario as a process, which may be killed at one of its requests."""

    def __init__(self, scenario, folder):
        self.scenario = scenario
        self.folder = folder
        self.numbers = itertools.count()
        self.simulator = Simulator(FastClock())
        self.options = {}

    def __enter__(self):
        self.simulator.start()
        return self

    def __exit__(self, *_):
        self.simulator.stop()
        assert self.simulator.contract_violations == []

    def set(self):
        self.simulator.reset()
        self.simulator.on_arrival = self.simulator.on_answer = lambda *_: None
        self.simulator.operation_seconds = 2.0
        self.simulator.settle_seconds = 1.0
        self.options = self.scenario.prepare(self.simulator)

    def begin(self, **more):
        self.simulator.clear_journal()
        connection = {
            "api_key": self.simulator.api_key,
            "api_secret": self.simulator.api_secret,
            "api_endpoint": self.simulator.url,
        }
        output = self.folder / f"{next(self.numbers)}.json"
        return ModuleProcess(MODULES[self.scenario.name], {**connection, **self.options, **more}, output)

    def journal(self):
        return [entry.operation for entry in self.simulator.journal]

    def kill_at(self, number, signal_number, carried_out):
        """Kill the process when its request of that number has come, before or after it is carried out.

        Returns the process, or None if it ended before.
        """
        process = None
        arrived = 0

        def kill(*_):
            nonlocal arrived
            arrived += 1
            if arrived == number + 1:
                process.kill(signal_number)
                if not carried_out:
                    raise Abandoned

        self.set()
        if carried_out:
            self.simulator.on_answer = kill
        else:
            self.simulator.on_arrival = kill
        process = self.begin()
        process.wait()
        self.simulator.on_arrival = self.simulator.on_answer = lambda *_: None
        return process if arrived > number else None


@pytest.mark.parametrize("name", MODULES)
def test_the_next_run_brings_to_its_end_what_was_killed(name, tmp_path, record_property):
    (scenario,) = [each for each in SCENARIOS if each.name == name]
    kills = 0
    with Stage(scenario, tmp_path) as stage:
        stage.set()
        result = stage.begin().result()
        assert result.get("failed", False) == bool(scenario.fails_with), result
        requests = stage.journal()
        cases = [
            (number, signal_number, carried_out)
            for number, request in enumerate(requests)
            for carried_out in ((True,) if request.startswith("GET") else (True, False))
            for signal_number in SIGNALS
        ]
        chosen = cases if is_long() else cases[:: len(SIGNALS) + 1]
        for number, signal_number, carried_out in chosen:
            killed = stage.kill_at(number, signal_number, carried_out)
            if killed is None:
                # On a busy machine it may look less often, and be at its end before that.
                continue
            kills += 1
            case = f"{requests[number]}, number {number}, {signal.Signals(signal_number).name}, {carried_out}"
            assert killed.last_words() == "", case
            if killed.wait() >= 0:
                end = killed.result()
                assert not end.get("failed") or signal.Signals(signal_number).name in end["msg"], (case, end)
            # The process got the signal before the answer: nothing that changes something comes after it.
            after = [each for each in stage.journal()[number + 1 :] if not each.startswith("GET")]
            assert after == [], case
            stage.simulator.forget_outcomes()
            stage.options = {**stage.options, **scenario.correction}
            second = stage.begin().result()
            assert not second.get("failed", False), (case, second)
            assert scenario.is_reached(stage.simulator), case
            names = [each["name"] for each in stage.simulator.deployments()]
            assert len(names) == len(set(names)), case
            stage.options.pop("recreate", None)
            third = stage.begin().result()
            assert not third["changed"], case
            assert [each for each in stage.journal() if not each.startswith("GET")] == [], case
    assert kills > len(chosen) / 2
    record_property("kills", kills)
