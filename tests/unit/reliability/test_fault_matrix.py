# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A part of the fault matrix; ``make soak`` plays all of it."""

from __future__ import annotations

import itertools
import math
import time

import pytest

from ansible_collections.exoscale.cloud.tests.reliability import table
from ansible_collections.exoscale.cloud.tests.reliability.cells import Stage, cells, ways
from ansible_collections.exoscale.cloud.tests.reliability.faults import FAULTS, SLOW
from ansible_collections.exoscale.cloud.tests.reliability.network import DIRECT
from ansible_collections.exoscale.cloud.tests.reliability.playing import Outcome, play
from ansible_collections.exoscale.cloud.tests.reliability.scenarios import SCENARIOS
from ansible_collections.exoscale.cloud.tests.simulator.contract import vendor_contract

#: Of so many cells, one is played.
_SHARE = 211


@pytest.fixture(scope="module")
def rows():
    with Stage(DIRECT, "kept") as stage:
        return stage.rows()


def part_of(all_cells, first):
    """Some of them, spread over requests, faults and repetitions."""
    quick = [cell for cell in all_cells if cell.fault.name not in SLOW or cell.times == 1]
    return list(itertools.islice(quick, first, None, _SHARE))


@pytest.mark.parametrize(("number", "way", "connections"), [(n, *each) for n, each in enumerate(ways())])
def test_a_task_that_meets_a_fault_keeps_its_promises(number, way, connections, record_property):
    with Stage(way, connections) as stage:
        chosen = part_of(cells(stage.rows(), way, connections), number * _SHARE // len(ways()))

        played = play(stage, chosen, until=math.inf)

    assert Outcome(played, len(played)).broken == []
    assert len(played) == len(chosen) > 0
    recorded, _cells, _there_are = table.recorded()
    assert [each for each in played if table.differs(recorded, each)] == []
    record_property("cells", len(played))


def test_every_operation_of_the_api_is_a_row(rows):
    wanted = vendor_contract().operations("/ai/") | {"GET /operation/{id}", "GET /quota"}

    met = {row.operation for row in rows}

    assert {each for each in met if "/inference/" not in each} == wanted
    assert len({each for each in met if "/inference/" in each}) == 4


def test_each_part_meets_faults_of_every_group(rows):
    chosen = [
        cell
        for number, (way, connections) in enumerate(ways())
        for cell in part_of(cells(rows, way, connections), number * _SHARE // len(ways()))
    ]

    assert {cell.fault.group for cell in chosen} == {fault.group for fault in FAULTS}
    assert {cell.row.scenario.name for cell in chosen} == {row.scenario.name for row in rows}
    assert {cell.times for cell in chosen} == {1, 3, math.inf}


def test_each_scenario_has_a_name_of_its_own():
    names = [scenario.name for scenario in SCENARIOS]

    assert len(names) == len(set(names))


def test_the_page_of_the_documentation_is_what_was_recorded():
    assert table.PAGE.read_text(encoding="utf-8") == table.page(*table.recorded())


def test_a_time_that_is_over_begins_no_cell(rows):
    with Stage(DIRECT, "kept") as stage:
        assert play(stage, cells(rows, DIRECT, "kept"), until=time.time() - 1) == []
