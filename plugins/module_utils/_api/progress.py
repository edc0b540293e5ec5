# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a wait tells while it lasts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable

if TYPE_CHECKING:
    from .clock import Clock

#: Is given each line.
Tell = Callable[[str], None]

_EVERY = 30.0
_MINUTE = 60


def tell_nobody(_line: str) -> None:
    """For a wait that nobody watches."""


@dataclass(frozen=True)
class Sight:
    """What is waited for, and how it is now; together they are a sentence with 'is' between them."""

    subject: str
    state: str

    def __str__(self) -> str:
        return f"{self.subject} is {self.state}"

    def still(self) -> str:
        """The sentence, for a wait that has taken long."""
        return f"{self.subject} is still {self.state}"


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
