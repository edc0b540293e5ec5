# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Things that happen when the clock passes a point, looked at whenever a request comes in."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import count
from typing import Any


class Timeline:
    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._order = count()
        self._ahead: list[tuple[float, int, Callable[[], Any]]] = []
        self._happening: float | None = None

    def now(self) -> float:
        """While something belated happens, the point at which it was due."""
        return self._clock() if self._happening is None else self._happening

    def after(self, seconds: float, action: Callable[[], Any]) -> None:
        """Do it at once if ``seconds`` is 0."""
        if seconds <= 0:
            action()
        else:
            heapq.heappush(self._ahead, (self.now() + seconds, next(self._order), action))

    def catch_up(self) -> None:
        """Do all that is due, in the order in which it was due."""
        while self._ahead and self._ahead[0][0] <= self._clock():
            self._happening, _order, action = heapq.heappop(self._ahead)
            try:
                action()
            finally:
                self._happening = None
