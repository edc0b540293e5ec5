# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long it takes to compare and to check the engine's command lines."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from statistics import median
from typing import Any

from .measurement import Measurement

TOKENS = (10, 100, 1_000, 10_000)
UNKNOWN = 1_000
#: As many flags as the engine has, roughly.
FLAGS = 250
_ROOM = "ansible_collections.exoscale.cloud.plugins.module_utils._engine."


def measure(runs: int) -> Iterator[Measurement]:
    comparison, flags, check = (import_module(_ROOM + name) for name in ("comparison", "flags", "check"))
    for count in TOKENS:
        known = help_of(flags, max(count // 2, FLAGS))
        current = [token for n in range(count // 2) for token in (f"--flag-{n}", str(n))]
        desired = [token for n in reversed(range(count // 2)) for token in (f"--flag_{n}", str(n))]
        taken = timed(partial(comparison.same_meaning, current, desired, known), runs, expected=True)
        yield Measurement(f"comparing {count} tokens with {count}", taken * 1000, "ms")
        taken = timed(partial(check.check, current, known, "0.19.0"), runs, expected=[])
        yield Measurement(f"checking {count} tokens", taken * 1000, "ms")
    known = help_of(flags, FLAGS)
    unknown = [f"--unheard-of-{n}=1" for n in range(UNKNOWN)]
    taken = timed(lambda: len(check.check(unknown, known, "0.19.0")), runs, expected=UNKNOWN)
    yield Measurement(f"checking {UNKNOWN} unknown flags", taken * 1000, "ms")


def help_of(flags: Any, count: int) -> Any:
    return flags.parse_help([{"name": f"flag-{n}", "flags": [f"--flag-{n}"], "type": "integer"} for n in range(count)])


def timed(work: Callable[[], Any], runs: int, *, expected: Any) -> float:
    """The median of seconds."""
    times = []
    for _run in range(runs):
        start = time.perf_counter()
        outcome = work()
        times.append(time.perf_counter() - start)
        if outcome != expected:
            raise SystemExit(f"what is measured is wrong: {outcome!r:.200}")
    return median(times)
