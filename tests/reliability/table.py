# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The matrix as data, and as a page of the documentation."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from .cells import CONVERGED, TIMES
from .faults import FAULTS
from .playing import Played

HEAD = Path(__file__).with_name("fault_matrix_head.rst")
RECORD = Path(__file__).with_name("fault_matrix.json")
PAGE = Path(__file__).parents[2] / "docs" / "docsite" / "rst" / "fault_matrix.rst"
_BOTH, _ONLY_CONVERGED, _ONLY_FAILED, _NONE = "◐", "●", "○", "·"

#: By request, by fault, a sign for once, three times and for ever.
Table = dict[str, dict[str, str]]


def table_of(played: Iterable[Played]) -> Table:
    """What became of each request with each fault, over all ways."""
    endings: dict[tuple[str, str], dict[float, set[str]]] = {}
    for each in played:
        endings.setdefault((each.row, each.fault), {}).setdefault(each.times, set()).add(each.ending)
    table: Table = {}
    for (row, fault), by_times in endings.items():
        table.setdefault(row, {})[fault] = "".join(_sign(by_times.get(times, set())) for times in TIMES)
    return table


def _sign(endings: set[str]) -> str:
    if not endings:
        return _NONE
    if len(endings) > 1:
        return _BOTH
    return _ONLY_CONVERGED if CONVERGED in endings else _ONLY_FAILED


def is_whole(table: Table) -> bool:
    """Whether nothing is missing but what there is not."""
    needed = {fault.name for fault in FAULTS if not fault.name.endswith(", after")}
    return bool(table) and all(
        needed <= found.keys() and not any(_NONE in sign for sign in found.values()) for found in table.values()
    )


def differs(table: Table, each: Played) -> bool:
    """Whether it ended in another way than the table tells."""
    known = table.get(each.row, {}).get(each.fault, _NONE * len(TIMES))[TIMES.index(each.times)]
    return known != _BOTH and known != _sign({each.ending})


def write(table: Table, cells: int, there_are: int) -> None:
    """Keep what was found, and write the page."""
    record = {"cells": cells, "there are": there_are, "table": table}
    RECORD.write_text(json.dumps(record, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    PAGE.write_text(page(table, cells, there_are), encoding="utf-8")


def recorded() -> tuple[Table, int, int]:
    """What was found last, in how many cells, and how many there are."""
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    return record["table"], record["cells"], record["there are"]


def page(table: Table, cells: int, there_are: int) -> str:
    """The page of the documentation, in reStructuredText."""
    groups = list(dict.fromkeys(fault.group for fault in FAULTS))
    parts = [
        HEAD.read_text(encoding="utf-8").format(
            cells=f"{cells:,}", there_are=f"{there_are:,}", rows=len(table), faults=len(FAULTS)
        )
    ]
    for group in groups:
        names = [fault.name for fault in FAULTS if fault.group == group]
        for first in range(0, len(names), _WIDEST):
            parts.append(_heading(group) if first == 0 else "")
            parts.append(_list_table(table, names[first : first + _WIDEST]))
    return "\n".join(parts)


_WIDEST = 7


def _heading(text: str) -> str:
    return f"{text}\n{'-' * len(text)}\n"


def _list_table(table: Table, faults: Sequence[str]) -> str:
    lines = [".. list-table::", "   :header-rows: 1", "", "   * - Request"]
    lines += [f"     - {fault}" for fault in faults]
    for row, found in sorted(table.items()):
        lines.append(f"   * - {row}")
        lines += [f"     - {found.get(fault, _NONE * len(TIMES))}" for fault in faults]
    return "\n".join(lines) + "\n"
