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
_AT_FIRST = 2.0
_MOST_NAMED = 10
#: What a deployment does after a step was sent.
_DOING = {"create": "creating", "update": "updating", "scale": "scaling", "delete": "deleting"}


class FleetProgress:
    """A line as a deployment ends that had to change or to wait, or has failed, and now and then how many are where."""

    def __init__(self, tell: Tell, clock: Clock, total: int) -> None:
        self._tell = tell
        self._clock = clock
        self._lock = threading.Lock()
        self._told = clock.monotonic()
        self._pause = _AT_FIRST
        self._total = total
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
        """How many are where, and soon after the beginning for the first time; called as often as you like."""
        with self._lock:
            if self._clock.monotonic() >= self._told + self._pause:
                self._say(self._summary())

    def under_way(self) -> list[Member]:
        """Those that have begun and not ended."""
        with self._lock:
            return [member for member, _began in self._running.values()]

    def _say(self, line: str) -> None:
        self._told, self._pause = self._clock.monotonic(), _EVERY
        self._tell(line)

    def _summary(self) -> str:
        doing = Counter(self._doing(member) for member, _began in self._running.values())
        waiting = self._total - len(self._running) - sum(self._ended.values())
        ready = self._ended["ready"]
        more = {**self._ended, **doing, "waiting": waiting, "ready": 0}
        told = [f"{ready} of {self._total} ready", *(f"{count} {what}" for what, count in more.items() if count)]
        changing = [member.label for member, _began in self._running.values() if member.managed.attempts]
        # Whoever interrupts the task sees here what is under way.
        names = ", ".join(changing[:_MOST_NAMED]) + (", …" if changing[_MOST_NAMED:] else "")
        return ", ".join(told) + (f"; under way: {names}" if changing else "")

    @staticmethod
    def _doing(member: Member) -> str:
        attempts = member.managed.attempts
        return _DOING.get(attempts[-1].step.action, "changing") if attempts else "being looked at"
