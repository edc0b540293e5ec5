# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How fast the threads that share a client may send."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .clock import Clock

_FIRST_GAP = 0.1
_LONGEST_GAP = 1.0
_SHORTEST_GAP = 0.01
_SHRINK = 0.9


class Pace:
    """As fast as they can, until the API says that this is too fast.

    Then none of them sends anything before the time that the API has named. After it, they read one after the other:
    the gap between two reads grows while the API goes on complaining, and shrinks with each answer. What is written was
    seen just before, and so does not wait for a gap.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._quiet_until = self._next = self._widened = float("-inf")
        self._gap = 0.0

    def slow_down(self, seconds: float) -> None:
        """The API wants no requests for that long."""
        with self._lock:
            now = self._clock.monotonic()
            self._quiet_until = max(self._quiet_until, now + seconds)
            # Complaints that come together are about the same burst.
            if now - self._widened >= max(self._gap, _FIRST_GAP):
                self._gap = min(max(self._gap * 2, _FIRST_GAP), _LONGEST_GAP)
                self._widened = self._quiet_until

    def speed_up(self) -> None:
        """The API has answered."""
        if not self._gap:
            return
        with self._lock:
            self._gap = 0.0 if self._gap < _SHORTEST_GAP else self._gap * _SHRINK

    def quiet(self) -> float:
        """Seconds for which the API wants no requests."""
        return max(0.0, self._quiet_until - self._clock.monotonic())

    def wait_for_turn(self) -> float:
        """0 if it is the caller's turn to read, which then is taken; else the seconds after which to ask again."""
        with self._lock:
            now = self._clock.monotonic()
            seconds = max(self._quiet_until, self._next) - now
            if seconds > 0:
                return seconds
            self._next = now + self._gap
            return 0.0
