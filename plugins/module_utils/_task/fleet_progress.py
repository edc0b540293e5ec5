# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task for many deployments tells on its way."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Counter

from .._api.progress import duration

if TYPE_CHECKING:
    from .._api.clock import Clock
    from .._api.sight import Tell
    from .member import Member

_EVERY = 30.0
#: Seconds after which what is under way is told, if it is not what was told last.
_SOON = 2.0


class FleetProgress:
    """A line as a deployment ends that had to change or to wait, or has failed, and now and then how many are where.

    :param total: how many there are.
    :param aim: the word for those that have come where they should be.
    """

    def __init__(self, tell: Tell, clock: Clock, total: int, aim: str = "ready") -> None:
        self._tell = tell
        self._clock = clock
        self._lock = threading.Lock()
        self._told = clock.monotonic()
        self._told_of: set[str] = set()
        self._total = total
        self._aim = aim
        self._running: dict[int, tuple[Member, float]] = {}
        self._ended: Counter[str] = Counter()
        self._have_waited: set[int] = set()

    def begin(self, member: Member) -> None:
        """It is no longer waiting."""
        with self._lock:
            self._running[id(member)] = (member, self._clock.monotonic())

    def end(self, member: Member) -> None:
        """It has ended, well or not."""
        with self._lock:
            _member, began = self._running.pop(id(member))
            self._ended[member.fate] += 1
            taken = duration(self._clock.monotonic() - began)
            if member.error is not None or member.managed.attempts or id(member) in self._have_waited:
                self._say(f"{member.label}: {member.outcome} ({taken}); {self._summary()}")

    def wait(self, member: Member) -> None:
        """It waits for something."""
        with self._lock:
            self._have_waited.add(id(member))
        self.tell_now_and_then()

    def tell_now_and_then(self) -> None:
        """How many are where, and what is under way; called as often as you like."""
        with self._lock:
            is_new = {member.label for member in self._changing()} != self._told_of
            if self._clock.monotonic() >= self._told + (_SOON if is_new else _EVERY):
                self._say(self._summary())

    def under_way(self) -> list[Member]:
        """Those that have begun and not ended."""
        with self._lock:
            return [member for member, _began in self._running.values()]

    def _say(self, line: str) -> None:
        self._told = self._clock.monotonic()
        self._told_of = {member.label for member in self._changing()}
        self._tell(line)

    def _changing(self) -> list[Member]:
        return [member for member, _began in self._running.values() if member.doing is not None]

    def _summary(self) -> str:
        doing = Counter(member.doing or "being looked at" for member, _began in self._running.values())
        waiting = self._total - len(self._running) - sum(self._ended.values())
        more = {**self._ended, **doing, "waiting": waiting, self._aim: 0}
        told = [f"{self._ended[self._aim]} of {self._total} {self._aim}"]
        told += [f"{count} {what}" for what, count in more.items() if count]
        now = self._clock.monotonic()
        # Whoever interrupts the task sees here what goes on.
        names = [
            f"{member.label} ({duration(now - began)})"
            for member, began in self._running.values()
            if member.doing is not None
        ]
        return ", ".join(told) + (f"; under way: {', '.join(names)}" if names else "")
