# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a wait tells while it lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .clock import Clock
    from .sight import Sight, Tell

_EVERY = 30.0
_MINUTE = 60


class Progress:
    """Tells of one wait: when what is seen changes, and about every thirty seconds while it does not."""

    def __init__(self, tell: Tell, clock: Clock) -> None:
        self._tell = tell
        self._clock = clock
        self._started = self._told = clock.monotonic()
        self._state: str | None = None

    def note(self, sight: Sight, pause: float = 0.0, trouble: object = None) -> None:
        """
        :param pause: seconds until the next look.
        :param trouble: why the last look has shown nothing.
        """
        now = self._clock.monotonic()
        # The look that is nearest to the time when a line is due brings it.
        if sight.state == self._state and now + pause / 2 < self._told + _EVERY:
            return
        self._state, self._told = sight.state, now
        last_words = "" if trouble is None else f", and the last attempt to look failed: {trouble}"
        self._tell(f"{sight} ({duration(now - self._started)}){last_words}")


def duration(seconds: float) -> str:
    """Seconds, for a reader."""
    minutes, rest = divmod(int(seconds), _MINUTE)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
