# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plays many cells of the matrix, in several processes and for a bounded time."""

from __future__ import annotations

import faulthandler
import random
import time
import zlib
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import NamedTuple

from .cells import FAILED, Cell, Stage, Verdict, cells, ways

#: Seconds of the wall clock after which a cell hangs.
_HANGS = 300
#: Those who wait for a server that does not answer leave the processor to others.
_WORKERS = 6
_PARTS = 10


class Played(NamedTuple):
    """
    :ivar broken: the promises that were not kept.
    """

    row: str
    fault: str
    times: float
    way: str
    connections: str
    ending: str
    broken: list[str]


class Outcome(NamedTuple):
    """
    :ivar there_are: how many cells the whole matrix has.
    """

    played: list[Played]
    there_are: int

    @property
    def broken(self) -> list[str]:
        return [
            f"{each.row} × {each.fault} × {each.times:g} × {each.way} × {each.connections}: {promise}"
            for each in self.played
            for promise in each.broken
        ]


def play(stage: Stage, chosen: Iterable[Cell], until: float) -> list[Played]:
    """
    :param until: the time of the wall clock from which on no further cell is begun.
    """
    played = []
    for cell in chosen:
        if time.time() > until:
            break
        faulthandler.dump_traceback_later(_HANGS, exit=True)
        try:
            verdict = stage.judge(cell)
        except Exception as error:  # noqa: BLE001 - one cell that ends in a traceback does not end the others
            verdict = Verdict(FAILED, [f"it ends in a traceback: {error!r}"])
        finally:
            faulthandler.cancel_dump_traceback_later()
        coordinates = (cell.row.name, cell.fault.name, cell.times, cell.way, cell.connections)
        played.append(Played(*coordinates, verdict.ending, verdict.broken))
    return played


def play_all(minutes: float, seed: int) -> Outcome:
    """All cells, or as many as the time allows, in an order that ``seed`` decides.

    When a sixth of them is played, each request has met each fault so and so often, on one way or another.
    """
    until = time.time() + minutes * 60
    all_ways = ways()
    jobs = [
        (*all_ways[(number + number // _PARTS + seed) % len(all_ways)], number % _PARTS)
        for number in range(len(all_ways) * _PARTS)
    ]
    played: list[Played] = []
    with ProcessPoolExecutor(_WORKERS, max_tasks_per_child=1) as pool:
        parts = [pool.submit(_play_part, *job, seed, until) for job in jobs]
        for number, part in enumerate(as_completed(parts), 1):
            found = part.result()
            played += found
            print(f"{number} of {len(jobs)} parts: {len(found)} cells", flush=True)
            for line in Outcome(found, 0).broken:
                print(f"Broken: {line}", flush=True)
    return Outcome(played, _count())


def _count() -> int:
    with Stage(*ways()[0]) as stage:
        rows = stage.rows()
    return sum(1 for way, connections in ways() for _cell in cells(rows, way, connections))


def _part_of(cell: Cell) -> int:
    """The same on each way."""
    return zlib.crc32(f"{cell.row.name} {cell.fault.name} {cell.times}".encode()) % _PARTS


def _play_part(way: str, connections: str, part: int, seed: int, until: float) -> list[Played]:
    if time.time() > until:
        return []
    try:
        with Stage(way, connections) as stage:
            mine = [cell for cell in cells(stage.rows(), way, connections) if _part_of(cell) == part]
            random.Random(seed).shuffle(mine)
            return play(stage, mine, until)
    except Exception as error:  # noqa: BLE001 - nor does a part
        return [Played("all requests", "none", 1, way, connections, FAILED, [f"it ends in a traceback: {error!r}"])]
