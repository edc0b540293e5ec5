# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A clock that moves only when it is told to, or when somebody sleeps by it."""

from __future__ import annotations

import time


class FakeClock:
    def __init__(self) -> None:
        self._started = time.time()
        self._passed = 0.0
        self.sleeps: list[float] = []

    def monotonic(self) -> float:
        return self._passed

    def time(self) -> float:
        return self._started + self._passed

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        self._passed += seconds
