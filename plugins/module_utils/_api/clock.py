# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The clock that the rest of the collection is given; the module :mod:`time` is one."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """Time, and waiting for it to pass; all in seconds."""

    def monotonic(self) -> float:
        """A clock that never goes back, for durations."""

    def time(self) -> float:
        """The Unix time, for signatures."""

    def sleep(self, seconds: float, /) -> None:
        """Let that many seconds pass."""
