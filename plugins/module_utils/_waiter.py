# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting: one deadline for the task, and a poll schedule that grows with the time waited."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Callable, TypeVar

from ansible_collections.exoscale.cloud.plugins.module_utils._errors import DeadlineExceeded, ExoscaleError

if TYPE_CHECKING:
    from ansible_collections.exoscale.cloud.plugins.module_utils._client import Client
    from ansible_collections.exoscale.cloud.plugins.module_utils._clock import Clock
    from ansible_collections.exoscale.cloud.plugins.module_utils._operation import Operation

_SHORTEST_DELAY = 0.5
_LONGEST_DELAY = 30.0
_SHARE_OF_TIME_WAITED = 0.1

Seen = TypeVar("Seen")


class Waiter:
    """
    :param timeout: seconds for all the waiting of the task together.
    """

    def __init__(self, timeout: float, clock: Clock = time) -> None:
        self.timeout = timeout
        self._clock = clock
        self._deadline = clock.monotonic() + timeout
        self._started = clock.monotonic()

    def restart_schedule(self) -> None:
        """Poll quickly again, because what is waited for next has just begun; the deadline stays."""
        self._started = self._clock.monotonic()

    def pause(self) -> bool:
        """Sleep until the next poll is due; False, at once, if the deadline has passed."""
        now = self._clock.monotonic()
        remaining = self._deadline - now
        if remaining <= 0:
            return False
        delay = min(max((now - self._started) * _SHARE_OF_TIME_WAITED, _SHORTEST_DELAY), _LONGEST_DELAY)
        self._clock.sleep(min(delay, remaining))
        return True

    def until(
        self,
        read: Callable[[], Seen],
        done: Callable[[Seen], bool],
        describe: Callable[[Seen | None], str],
        seen: Seen | None = None,
    ) -> Seen:
        """Read until what is read is ``done``.

        :param describe: says of the last thing seen what the wait was for, for the message.
        :param seen: what is known already, so that the first read comes only after a pause.
        :raises DeadlineExceeded: the deadline passed.
        :raises ExoscaleError: a read failed for good; one that failed for a moment is only repeated.
        """
        trouble: ExoscaleError | None = None
        while seen is None or not done(seen):
            if (seen is not None or trouble is not None) and not self.pause():
                last_words = "" if trouble is None else f". The last attempt to look failed: {trouble}"
                raise DeadlineExceeded(
                    f"Gave up after waiting {self.timeout:g} seconds (wait_timeout): {describe(seen)}{last_words}. "
                    "It may still come to its end by itself; run the task again to wait for it, "
                    "or with a larger wait_timeout"
                )
            try:
                seen = read()
                trouble = None
            except ExoscaleError as error:
                if not error.transient:
                    raise
                trouble = error
        return seen

    def until_finished(
        self, client: Client, operation: Operation, request: str, track: Callable[[Operation], None]
    ) -> Operation:
        """Poll ``GET /operation/{id}`` until the operation has ended, well or not.

        :param track: is given each state of the operation that was seen.
        """

        def read() -> Operation:
            latest = operation.from_api(client.get(f"/operation/{operation.id}", retries=0))
            track(latest)
            return latest

        def describe(seen: Operation | None) -> str:
            return f"the operation {operation.id} of {request} is still {(seen or operation).state}"

        try:
            return self.until(read, lambda seen: not seen.pending, describe, operation)
        except DeadlineExceeded as error:
            error.operation = operation.result()
            raise
