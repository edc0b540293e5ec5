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
_LONGEST_GAP = 2.0
_SHORTEST_GAP = 0.01


class Pace:
    """As fast as they can, until the API says that this is too fast.

    Then none of them sends before the time that the API has named, and after it they send one after the other. The gap
    between two requests grows with each further word of the API, and shrinks with each answer.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._next = float("-inf")
        self._gap = 0.0

    def slow_down(self, seconds: float) -> None:
        """The API wants no requests for that long."""
        with self._lock:
            self._next = max(self._next, self._clock.monotonic() + seconds)
            self._gap = min(max(self._gap * 2, _FIRST_GAP), _LONGEST_GAP)

    def speed_up(self) -> None:
        """The API has answered."""
        if not self._gap:
            return
        with self._lock:
            self._gap = 0.0 if self._gap < _SHORTEST_GAP else self._gap * 0.9

    def turn(self) -> float:
        """Seconds until it is the caller's turn to send; it takes its turn then."""
        with self._lock:
            now = self._clock.monotonic()
            turn = max(now, self._next)
            self._next = turn + self._gap
            return turn - now
