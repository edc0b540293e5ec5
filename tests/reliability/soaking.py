# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random tasks of all modules, with random faults, for as long as somebody wants."""

from __future__ import annotations

import contextlib
import faulthandler
import math
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from ansible_collections.exoscale.cloud.plugins.module_utils._task import (
    api_key,
    api_key_info,
    deployment,
    deployment_info,
    deployment_log_info,
    deployments,
    engine_parameter_info,
    instance_type_info,
    model,
    model_info,
    operation_info,
    quota_info,
)
from ansible_collections.exoscale.cloud.tests.unit.plugins.module_utils._task.play import Player

from .cells import API_RETRIES, API_TIMEOUT, WAIT_TIMEOUT, is_possible, ways
from .faults import FAULTS, SLOW, FaultCase
from .network import Network, PassingClock
from .promises import doubled, leaked, not_bounded
from .scenarios import CREATION, MODEL, PARAMETERS

#: Seconds of the wall clock after which a task hangs.
_HANGS = 300
_TASKS_IN_A_WORLD = 8
_NAMES = ("chat", "embed", "code")
_VERSIONS = ("0.17.0", "0.18.0", "0.19.0")
_MODELS = (MODEL, "mistralai/other")
_KEYS = ("team", "ci")

Options = dict[str, Any]


class Soak:
    """
    :param seed: decides all that is random.

    ``counts`` has how often each module was played, and what became of it; ``broken`` the promises that were not kept.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._clock = PassingClock()
        self.counts: Counter[str] = Counter()
        self.broken: list[str] = []

    def run(self, seconds: float) -> None:
        """Play for so long."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            way, connections = self._random.choice(ways())
            with Network(way, connections, self._clock) as network:
                world = _World(network, way, self._clock, self._random)
                self.counts["worlds"] += 1
                for _number in range(_TASKS_IN_A_WORLD):
                    if time.monotonic() >= until:
                        break
                    self._play(world)
                self.broken += network.simulator.contract_violations

    def _play(self, world: _World) -> None:
        task, options = world.choose()
        fault = world.choose_fault()
        faulthandler.dump_traceback_later(_HANGS, exit=True)
        try:
            self.broken += [
                f"{promise} ({_name(task)} with {options} and {fault})" for promise in world.play(task, options, fault)
            ]
        finally:
            faulthandler.cancel_dump_traceback_later()
        self.counts["tasks"] += 1
        self.counts[_name(task)] += 1
        self.counts["requests"] += world.requests
        self.counts["faults met"] += world.has_met
        self.counts[world.ending] += 1
        world.requests = 0


class _World:
    """Something of everything, at the end of one way."""

    def __init__(self, network: Network, way: str, clock: PassingClock, chance: random.Random) -> None:
        self._network = network
        self._way = way
        self._clock = clock
        self._chance = chance
        self._simulator = network.simulator
        self.requests = 0
        self.has_met = False
        self.ending = ""
        for name in _MODELS:
            self._simulator.add_model(name)
        for name in chance.sample(_NAMES, chance.randint(0, len(_NAMES))):
            self._simulator.add_deployment(
                name=name,
                model={"name": MODEL},
                inference_engine_version=chance.choice(_VERSIONS),
                inference_engine_parameters=PARAMETERS,
            )
        self._simulator.operation_seconds = chance.choice([0.0, 0.8])
        self._simulator.settle_seconds = chance.choice([0.0, 0.4])
        self._simulator.visible = chance.choice(["at once", "when done"])

    def choose(self) -> tuple[Any, Options]:
        """A task, and its options."""
        choices: list[tuple[Any, Callable[[], Options]]] = [
            (deployment, self._of_deployment),
            (deployment, self._of_deployment),
            (deployments, self._of_fleet),
            (model, self._of_model),
            (api_key, self._of_key),
            (deployment_info, lambda: {"details": self._chance.random() < 0.5}),
            (model_info, dict),
            (api_key_info, dict),
            (instance_type_info, dict),
            (quota_info, dict),
            (deployment_log_info, lambda: {"name": self._chance.choice(_NAMES)}),
            (engine_parameter_info, lambda: {"version": self._chance.choice(_VERSIONS)}),
            (operation_info, self._of_operation),
        ]
        task, options = self._chance.choice(choices)
        return task, options()

    def choose_fault(self) -> tuple[FaultCase, float, int] | None:
        """A fault, how often it comes, and after how many requests."""
        if self._chance.random() < 0.2:
            return None
        fault = self._chance.choice([fault for fault in FAULTS if is_possible(fault, self._way)])
        times = 1 if fault.name in SLOW else self._chance.choice([1, 1, 2, 3, math.inf])
        return fault, times, self._chance.randint(0, 8)

    def play(self, task: Any, options: Options, fault: tuple[FaultCase, float, int] | None) -> Iterator[str]:
        """Play the task dry, with the fault, and without it until it is at its end."""
        writes = hasattr(task, "manage")
        predicted = self._run(task, options, check_mode=True)
        if self._written():
            yield f"check mode writes: {self._written()}"
        yield from leaked(predicted)
        changes_before = self._simulator.changes
        began = self._clock.monotonic()
        with self._armed(fault):
            happened = self._run(task, options)
        yield from not_bounded(self._clock.monotonic() - began, WAIT_TIMEOUT, self._simulator)
        yield from leaked(happened)
        yield from doubled(self._simulator)
        self.has_met = any(entry.fault for entry in self._simulator.journal)
        self.ending = "failed" if happened["failed"] else "succeeded"
        has_changed = self._simulator.changes > changes_before
        if has_changed and not happened["changed"]:
            yield "it has changed something, and says that it has not"
        if not predicted["failed"] and not predicted["changed"] and self._written():
            yield f"it writes what the dry run did not tell: {self._written()}"
        # What the dry run could look up may have been unreadable, so that the API had to refuse.
        if predicted["failed"] and not predicted["changed"] and has_changed:
            yield f"it changes something though the dry run fails: {self._written()}"
        self._clock.advance(3600)
        second = self._run(task, options)
        if second["failed"] and not predicted["failed"]:
            yield f"the next run fails: {second['msg']}"
        self._clock.advance(3600)
        third = self._run(task, {key: value for key, value in options.items() if key != "recreate"})
        if writes and not predicted["failed"] and (third["changed"] or self._written()):
            yield f"the run after the next writes again: {self._written()}"

    @contextlib.contextmanager
    def _armed(self, fault: tuple[FaultCase, float, int] | None) -> Iterator[None]:
        if fault is not None:
            case, times, after = fault
            if case.network is not None:
                self._network.strike(case.network, times)
            else:
                number = 10**6 if times == math.inf else int(times)
                self._simulator.misbehave(path=r"(?!/inference).*", times=number, skip=after, **case.options)
        try:
            yield
        finally:
            self._network.recover()
            self._simulator.forget_faults()

    def _run(self, task: Any, options: Options, check_mode: bool = False) -> dict[str, Any]:
        self._clock.sleeps.clear()
        self._simulator.clear_journal()
        player = Player(self._simulator, self._clock, task)
        waiting = {"wait_timeout": WAIT_TIMEOUT} if "wait_timeout" in task.declaration().options else {}
        result = player(check_mode, api_timeout=API_TIMEOUT, api_retries=API_RETRIES, **waiting, **options)
        self.requests += len(self._simulator.journal)
        return {**result, "told": player.told}

    def _written(self) -> list[str]:
        return [write.operation for write in self._simulator.writes()]

    def _changes(self) -> Options:
        possible = {
            "inference_engine_version": self._chance.choice(_VERSIONS),
            "inference_engine_parameters": self._chance.choice([PARAMETERS, [], ["--seed", "1"]]),
            "replicas": self._chance.randint(1, 3),
        }
        return {key: value for key, value in possible.items() if self._chance.random() < 0.5}

    def _of_deployment(self) -> Options:
        name = self._chance.choice(_NAMES)
        kind = self._chance.random()
        if kind < 0.15:
            return {"name": name, "state": "absent"}
        if kind < 0.3:
            other = {"gpu_type": self._chance.choice(["gpua5000", "gpu3080ti"]), "recreate": True}
            return {"name": name, **CREATION, **other}
        more = {"wait_for": self._chance.choice(["ready", "operation", "serving"])}
        return {"name": name, **CREATION, **self._changes(), **(more if self._chance.random() < 0.3 else {})}

    def _of_fleet(self) -> Options:
        names = self._chance.sample(_NAMES, self._chance.randint(1, len(_NAMES)))
        entries = [{"name": name, **self._changes()} for name in names]
        return {"deployments": entries, "defaults": CREATION, "concurrency": self._chance.randint(1, 3)}

    def _of_model(self) -> Options:
        name = self._chance.choice([*_MODELS, "another/model"])
        if self._chance.random() < 0.3:
            return {"name": name, "state": "absent"}
        return {"name": name, "huggingface_token": "sentinel-of-the-token"}

    def _of_key(self) -> Options:
        name = self._chance.choice(_KEYS)
        return {"name": name, "state": "absent"} if self._chance.random() < 0.3 else {"name": name, "scope": "public"}

    def _of_operation(self) -> Options:
        found = [each for each in self._simulator.deployments() if each["state"] == "ready"]
        if not found:
            return {"ids": []}
        return {"ids": [self._simulator.begin_scaling(found[0]["id"], 2)], "wait": True}


def _name(task: Any) -> str:
    return str(task.__name__).rpartition(".")[2]
