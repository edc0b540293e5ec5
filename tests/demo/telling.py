# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the demo tells of a run, from the journal of the simulator. Pure."""

from __future__ import annotations

import re
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from .runs import Run

Entry = dict[str, Any]

_REST_OF_AN_ID = re.compile(r"(?<=/[0-9a-f]{8})(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def received(journal: list[Entry]) -> list[str]:
    """One line for each request, and below it one for each field of its body; the same one in a row is told once."""
    told = []
    for (head, *body), same in groupby(journal, _lines):
        times = len(list(same))
        told += [head if times == 1 else f"{head}  ({times} times)", *body]
    return told


def counted(journal: list[Entry]) -> str:
    requests = f"{len(journal)} request{'s' if len(journal) > 1 else ''}"
    return f"{requests}, {in_words(_number_of_writes(journal))} among them"


def in_words(writes: int) -> str:
    return f"{writes or 'no'} write{'s' if writes > 1 else ''}"


def complaints(run: Run, exit_status: int, journal: list[Entry]) -> list[str]:
    """What did not end as it should."""
    found = []
    if exit_status != (expected := 2 if run.fails else 0):
        found.append(f"exit status {exit_status} instead of {expected}")
    if (writes := _number_of_writes(journal)) != run.writes:
        found.append(f"{writes} instead of {run.writes} writes")
    return found


def _number_of_writes(journal: list[Entry]) -> int:
    return sum(entry["method"] != "GET" for entry in journal)


def _lines(entry: Entry) -> list[str]:
    query = "?" + urlencode(entry["query"]) if entry["query"] else ""
    refused = "" if entry["status"] == 200 else f"  → {entry['status']}"
    head = f"{entry['method']:<5} {_REST_OF_AN_ID.sub('…', entry['path'])}{query}{refused}"
    return [head, *(f"      {name}: {_text(value)}" for name, value in (entry["body"] or {}).items())]


def _text(value: Any) -> str:
    return " ".join(value) if isinstance(value, list) else str(value)
