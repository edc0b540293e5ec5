# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A signal ends a task in good order: nothing more is written, and what is under way is told."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from .._api.clock import Clock

_LONGEST_SLEEP = 0.5
#: Seconds for which a request that was under way may still be answered after the task was interrupted.
_GRACE = 2.0
_WATCH_EVERY = 0.2
#: Seconds after which nobody waits any more for what has still not ended.
_LAST_GRACE = 4.0


class Interruption:
    """From its beginning to its end, the signals that end a process call ``stop``; a second one ends it as ever.

    The end of the parent process counts as a signal: whoever has started the task may be gone without one, behind a
    connection that has ended for example.

    :param stop: keeps the task from sending anything more; it is called between any two instructions, so that it must
        take no lock.
    :param abort: ends what is still not answered a while later.

    ``reason`` is the name of the signal, once one has come.
    """

    def __init__(self, stop: Callable[[], None], abort: Callable[[], None]) -> None:
        self._stop = stop
        self._abort = abort
        self._before: dict[int, Any] = {}
        self._parent = os.getppid()
        self._at = 0.0
        self._has_ended = False
        self.reason: str | None = None

    def begin(self) -> None:
        """Take the signals over."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                # Who ignores a signal, as nohup does, goes on ignoring it.
                if signal.getsignal(number) not in (signal.SIG_IGN, None):
                    self._before[number] = signal.signal(number, self._note)
        threading.Thread(target=self._watch, daemon=True).start()

    @property
    def is_over(self) -> bool:
        """Whether what was under way at the interruption is not worth waiting for any more."""
        return self.reason is not None and time.monotonic() > self._at + _LAST_GRACE

    def end(self) -> None:
        """Let signals do again what they did before."""
        self._has_ended = True
        while self._before:
            number, handler = self._before.popitem()
            signal.signal(number, handler)

    def _watch(self) -> None:
        while not self._has_ended:
            if self.reason is None and os.getppid() != self._parent:
                self._interrupt("the end of the process that waits for it")
            elif self.reason is not None and time.monotonic() > self._at + _GRACE:
                self._abort()
            time.sleep(_WATCH_EVERY)

    def _interrupt(self, reason: str) -> None:
        self._at = time.monotonic()
        self.reason = reason
        self._stop()

    def _note(self, number: int, _frame: object) -> None:
        if self.reason is None:
            self._interrupt(signal.Signals(number).name)
        else:
            self.end()
            if signal.getsignal(number) is signal.default_int_handler:
                # It would end in a traceback.
                signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)


class StoppableClock:
    """A clock by which nobody sleeps any more once it was stopped."""

    def __init__(self, clock: Clock) -> None:
        self.monotonic = clock.monotonic
        self.time = clock.time
        self._sleep = clock.sleep
        self._is_stopped = False

    def stop(self) -> None:
        self._is_stopped = True

    def sleep(self, seconds: float, /) -> None:
        """Sleep in short pieces."""
        end = self.monotonic() + seconds
        while not self._is_stopped and self.monotonic() < end:
            self._sleep(min(_LONGEST_SLEEP, max(0.0, end - self.monotonic())))
