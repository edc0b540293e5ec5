# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Time: until when a task may wait, and how long it pauses between two looks."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .clock import Clock

_SHORTEST_DELAY = 0.5
_LONGEST_DELAY = 30.0
_SHARE_OF_TIME_WAITED = 0.1


class Deadline:
    """The end of all waiting of a task. Several waits, of several threads, can share one.

    :param seconds: from now on; ``None`` for a task that does not wait, whose pauses are bounded by their number.
    """

    def __init__(self, seconds: float | None, clock: Clock = time) -> None:
        self.seconds = seconds
        self.clock = clock
        self._end = None if seconds is None else clock.monotonic() + seconds

    def remaining(self) -> float:
        """Seconds that are left, perhaps infinitely many, never less than 0."""
        return float("inf") if self._end is None else max(0.0, self._end - self.clock.monotonic())

    def sleep(self, seconds: float) -> bool:
        """Sleep, but not beyond the deadline; ``False``, at once, if it has passed."""
        remaining = self.remaining()
        if remaining <= 0:
            return False
        self.clock.sleep(min(seconds, remaining))
        return True

    def within(self, seconds: float) -> Deadline:
        """A deadline that ends after ``seconds``, and with this one at the latest."""
        return Deadline(min(seconds, self.remaining()), self.clock)


class Schedule:
    """The pauses of one wait: a tenth of the time waited so far, at least 0.5 s, at most 30 s."""

    def __init__(self, clock: Clock = time) -> None:
        self._clock = clock
        self._started = clock.monotonic()

    def delay(self) -> float:
        """Seconds until the next look is due."""
        waited = self._clock.monotonic() - self._started
        return min(max(waited * _SHARE_OF_TIME_WAITED, _SHORTEST_DELAY), _LONGEST_DELAY)
