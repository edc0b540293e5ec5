# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One cell of the matrix: a task meets a fault at one of its requests, on one way, and keeps its promises."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from ansible_collections.exoscale.cloud.tests.simulator import JournalEntry, Simulator
from ansible_collections.exoscale.cloud.tests.unit.plugins.module_utils._task.play import Player

from .faults import FAULTS, TLS, TUNNEL, FaultCase
from .network import FORWARD, WAYS, Network, PassingClock
from .network import TUNNEL as THROUGH_TUNNEL
from .promises import doubled, leaked, not_bounded
from .scenarios import SCENARIOS, Options, Scenario

CONNECTIONS = ("kept", "dying")
TIMES = (1, 3, math.inf)
WAIT_TIMEOUT = 600
API_TIMEOUT = 1
API_RETRIES = 3
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"

CONVERGED, FAILED = "converged", "failed"


class Row(NamedTuple):
    """A request of a scenario.

    :ivar operation: method and path, with ``{id}`` for each ID.
    :ivar number: how many requests the task sends before it; ``earlier`` of them are of the same kind.
    """

    scenario: Scenario
    operation: str
    is_after_change: bool
    number: int
    earlier: int

    @property
    def name(self) -> str:
        moment = ", after a change" if self.is_after_change else ""
        return f"{self.scenario.name}: {self.operation}{moment}"

    @property
    def method(self) -> str:
        return self.operation.partition(" ")[0]

    @property
    def path(self) -> str:
        """A regular expression."""
        return re.escape(self.operation.partition(" ")[2]).replace(re.escape("{id}"), _UUID)

    @property
    def changes_something(self) -> bool:
        return self.method != "GET" and not self.is_of_endpoint

    @property
    def is_of_endpoint(self) -> bool:
        return "/inference/" in self.operation

    @property
    def creates(self) -> bool:
        return self.operation in ("POST /ai/deployment", "POST /ai/model", "POST /ai/api-key")


class Cell(NamedTuple):
    row: Row
    fault: FaultCase
    times: float
    way: str
    connections: str

    @property
    def name(self) -> str:
        times = "for ever" if self.times == math.inf else f"{self.times:g} times"
        return f"{self.row.name} × {self.fault.name} × {times} × {self.way} × {self.connections}"


class Baseline(NamedTuple):
    """What a task does where nothing goes wrong."""

    rows: list[Row]
    writes: list[tuple[str, str]]
    changes: int


class Verdict(NamedTuple):
    """
    :ivar ending: :data:`CONVERGED` or :data:`FAILED`.
    :ivar broken: the promises that were not kept.
    """

    ending: str
    broken: list[str]


def is_possible(fault: FaultCase, way: str) -> bool:
    """Whether it can happen on this way."""
    if fault.needs == TLS:
        return way != FORWARD
    return fault.needs != TUNNEL or way == THROUGH_TUNNEL


def may_meet(row: Row, fault: FaultCase, way: str) -> bool:
    """Whether there is such a cell."""
    # A request that only reads has no 'after'.
    twin = fault.name.endswith(", after")
    return is_possible(fault, way) and (row.changes_something or not twin)


class Stage:
    """Plays scenarios at the end of one way."""

    def __init__(self, way: str, connections: str) -> None:
        self.way = way
        self.connections = connections
        self.clock = PassingClock()
        self.network = Network(way, connections, self.clock)
        self.simulator: Simulator = self.network.simulator
        self._baselines: dict[str, Baseline] = {}

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *_: object) -> None:
        self.network.__exit__()

    def rows(self) -> list[Row]:
        """Each kind of request, before and after a change, once; and those of special scenarios again."""
        found: list[Row] = []
        seen = set()
        for scenario in SCENARIOS:
            for row in self.baseline(scenario).rows:
                key = (row.operation, row.is_after_change)
                if scenario.is_special or key not in seen:
                    found.append(row)
                seen.add(key)
        return found

    def baseline(self, scenario: Scenario) -> Baseline:
        if scenario.name not in self._baselines:
            options = self._set(scenario)
            result = self._play(scenario, options)
            assert result["failed"] == bool(scenario.fails_with), result
            assert scenario.is_reached(self.simulator)
            self._baselines[scenario.name] = Baseline(
                list(_rows(scenario, self.simulator.journal)), _writes(self.simulator), self.simulator.changes
            )
        return self._baselines[scenario.name]

    def judge(self, cell: Cell) -> Verdict:
        """Play the cell."""
        scenario = cell.row.scenario
        baseline = self.baseline(scenario)
        options = self._set(scenario)
        changes_before = self.simulator.changes
        self._arm(cell)
        began = self.clock.monotonic()
        result = self._play(scenario, options)
        took = self.clock.monotonic() - began
        self.network.recover()
        self.simulator.forget_faults()
        self.simulator.on_answer = lambda *_: None
        self.simulator.forget_outcomes()
        changes = self.simulator.changes - changes_before
        broken = [
            *not_bounded(took, WAIT_TIMEOUT, self.simulator),
            *_not_true(cell, result, changes),
            *_not_worth_it(cell, result),
            *_not_told(cell, result),
            *_not_asked_for(baseline, changes, self.simulator),
            *leaked(result),
        ]
        is_reached = scenario.is_reached(self.simulator) or cell.fault.is_lie
        if not result["failed"] and not is_reached:
            broken.append("it claims success, and is not what was declared")
        ending = FAILED if result["failed"] and not _fails_as_it_should(scenario, result) else CONVERGED
        broken += self._run_again(scenario, options)
        return Verdict(ending, broken)

    def _set(self, scenario: Scenario) -> Options:
        self.network.recover()
        self.simulator.reset()
        self.simulator.operation_seconds = 0.8
        self.simulator.settle_seconds = 0.4
        return scenario.prepare(self.simulator)

    def _play(self, scenario: Scenario, options: Options) -> dict[str, Any]:
        self.clock.sleeps.clear()
        self.simulator.clear_journal()
        player = Player(self.simulator, self.clock, scenario.task)
        known = scenario.task.declaration().options
        waiting = {"wait_timeout": WAIT_TIMEOUT} if "wait_timeout" in known else {}
        result = player(api_timeout=API_TIMEOUT, api_retries=API_RETRIES, **waiting, **options)
        return {**result, "told": player.told}

    def _arm(self, cell: Cell) -> None:
        row, fault = cell.row, cell.fault
        if fault.network is None:
            times = 10**6 if cell.times == math.inf else int(cell.times)
            self.simulator.misbehave(row.method, row.path, times=times, skip=row.earlier, **fault.options)
            return
        trouble = fault.network
        answered = 0

        def strike_before_the_row(exchange: Any, _entry: JournalEntry) -> None:
            nonlocal answered
            answered += 1
            if answered == row.number:
                exchange.ends_connection = True
                self.network.strike(trouble, cell.times)

        if row.number == 0:
            self.network.strike(trouble, cell.times)
        else:
            self.simulator.on_answer = strike_before_the_row

    def _run_again(self, scenario: Scenario, options: Options) -> Iterator[str]:
        # What was lost may still come.
        self.clock.advance(3600)
        options = {**options, **scenario.correction}
        second = self._play(scenario, options)
        if second["failed"]:
            yield f"the next run fails: {second['msg']}"
        elif not scenario.is_reached(self.simulator):
            yield "the next run does not bring it to what was declared"
        third = self._play(scenario, {key: value for key, value in options.items() if key != "recreate"})
        if third["changed"] or _writes(self.simulator):
            yield f"the run after the next writes again: {_writes(self.simulator)}"


def cells(rows: list[Row], way: str, connections: str) -> Iterator[Cell]:
    """All cells of one way."""
    for row in rows:
        for fault in FAULTS:
            if may_meet(row, fault, way):
                for times in TIMES:
                    yield Cell(row, fault, times, way, connections)


def ways() -> list[tuple[str, str]]:
    """Each way to the API, with each use of connections."""
    return [(way, connections) for way in WAYS for connections in CONNECTIONS]


def _rows(scenario: Scenario, journal: list[JournalEntry]) -> Iterator[Row]:
    has_changed = False
    counts: dict[str, int] = {}
    seen = set()
    for number, entry in enumerate(journal):
        row = Row(scenario, entry.operation, has_changed, number, counts.get(entry.operation, 0))
        if (row.operation, has_changed) not in seen:
            seen.add((row.operation, has_changed))
            yield row
        counts[entry.operation] = row.earlier + 1
        has_changed = has_changed or row.changes_something


def _writes(simulator: Simulator) -> list[tuple[str, str]]:
    return [(write.operation, re.sub(_UUID, "{id}", str(write.body))) for write in simulator.writes()]


def _fails_as_it_should(scenario: Scenario, result: dict[str, Any]) -> bool:
    return bool(scenario.fails_with and scenario.fails_with in result.get("msg", ""))


def _not_true(cell: Cell, result: dict[str, Any], changes: int) -> Iterator[str]:
    if changes and not result["changed"]:
        yield "it has changed something, and says that it has not"
    outcome_is_open = result["failed"] and cell.row.changes_something and not cell.fault.applied
    if result["changed"] and not changes and not outcome_is_open:
        yield "it says that it has changed something, and has not"


def _not_worth_it(cell: Cell, result: dict[str, Any]) -> Iterator[str]:
    if not result["failed"] or _fails_as_it_should(cell.row.scenario, result):
        return
    if not cell.fault.cause:
        yield f"it fails for what does no harm: {result['msg']}"
    # A creation is never sent a second time.
    elif cell.times == 1 and cell.fault.passes and not cell.row.creates:
        yield f"it fails for a moment's trouble: {result['msg']}"


def _not_told(cell: Cell, result: dict[str, Any]) -> Iterator[str]:
    if not cell.fault.cause or _fails_as_it_should(cell.row.scenario, result):
        return
    if result["failed"]:
        text = result["msg"]
    # An endpoint serves if it answers with 200, whatever it says.
    elif cell.times == math.inf and not cell.fault.is_lie and not cell.row.is_of_endpoint:
        text = " ".join(result["warnings"])
    else:
        return
    # Whoever is told that there is no such thing has no reason to doubt the request.
    if cell.fault.is_lie:
        return
    # A network that is down meets the next request as well.
    request = f"{cell.row.method} \\S*{cell.row.path}" if cell.fault.network is None else r"[A-Z]+ \S*/\S+"
    if not re.search(request, text):
        yield f"it does not name the request: {text}"
    if not re.search(cell.fault.cause, text):
        yield f"it does not name the cause: {text}"


def _not_asked_for(baseline: Baseline, changes: int, simulator: Simulator) -> Iterator[str]:
    writes = _writes(simulator)
    unasked = set(writes) - set(baseline.writes)
    if unasked:
        yield f"it has sent what nobody asked for: {unasked}"
    # To delete what is being deleted changes nothing, and nothing shows that it is.
    repeated = sum(operation.startswith("DELETE") for operation, _body in writes[1:])
    if changes > baseline.changes + repeated:
        yield f"it has begun {changes} changes instead of {baseline.changes}"
    yield from doubled(simulator)
