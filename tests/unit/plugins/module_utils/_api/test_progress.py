# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from itertools import pairwise

import pytest

from ansible_collections.exoscale.cloud.plugins.module_utils._api.deadline import Deadline
from ansible_collections.exoscale.cloud.plugins.module_utils._api.errors import ApiError
from ansible_collections.exoscale.cloud.plugins.module_utils._api.progress import duration
from ansible_collections.exoscale.cloud.plugins.module_utils._api.sight import Sight
from ansible_collections.exoscale.cloud.plugins.module_utils._api.waiting import look_until


def watch(clock, states, seconds=None):
    """The lines of a wait whose state is a function of the seconds waited."""
    lines = []
    started = clock.monotonic()

    def now():
        return states(clock.monotonic() - started)

    look_until(
        now,
        lambda state: state == "ready",
        lambda: Sight("the deployment chat", f"in the state {now()}"),
        Deadline(seconds, clock),
        lines.append,
    )
    return lines


def test_a_wait_tells_its_beginning_each_change_and_its_end(clock):
    lines = watch(clock, lambda seconds: "creating" if seconds < 5 else "deploying" if seconds < 10 else "ready")

    assert lines == [
        "the deployment chat is in the state creating (0 s)",
        "the deployment chat is in the state deploying (5 s)",
        "the deployment chat is in the state ready (10 s)",
    ]


@pytest.mark.parametrize("length", [100, 1000, 10_000])
def test_a_line_comes_about_every_thirty_seconds_while_nothing_changes(clock, length):
    times = []
    started = clock.monotonic()

    def look():
        return clock.monotonic() - started >= length

    def tell(_line):
        times.append(clock.monotonic() - started)

    look_until(look, bool, lambda: Sight("it", "pending"), Deadline(None, clock), tell)

    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert all(15 <= gap <= 45 for gap in gaps)
    assert length / 45 - 1 <= len(times) <= length / 20 + 1


def test_trouble_is_told_with_a_line_that_is_due(clock):
    lines = []
    started = clock.monotonic()

    def look():
        if clock.monotonic() - started < 100:
            raise ApiError("the API is away", transient=True)
        return True

    look_until(look, bool, lambda: Sight("it", "pending"), Deadline(None, clock), lines.append)

    assert lines[0] == "it is pending (0 s)"
    assert all(line.endswith(", and the last attempt to look failed: the API is away") for line in lines[1:])


@pytest.mark.parametrize(("seconds", "words"), [(0.4, "0 s"), (59.9, "59 s"), (60, "1 min 0 s"), (3725, "62 min 5 s")])
def test_a_duration_reads_well(seconds, words):
    assert duration(seconds) == words
