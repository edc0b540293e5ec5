# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a task waits, and how long."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .._api.deadline import Deadline
from .._api.sight import Tell, tell_nobody

if TYPE_CHECKING:
    from .._api.clock import Clock


class Waiting:
    """
    :param wait: whether to wait for the end of a change.
    :param for_ready: whether that end is the state ready, and not only the end of the operation.
    :param for_serving: whether the resource must then also do what it is for.
    :param timeout: seconds for all waiting together.
    """

    def __init__(
        self, wait: bool = True, for_ready: bool = True, timeout: float = 1800.0, for_serving: bool = False
    ) -> None:
        self.wait = wait
        self.for_ready = for_ready
        self.timeout = timeout
        self.for_serving = for_serving


class Limits(NamedTuple):
    """The bounds of one run of the loop, in time and in number.

    :param retries: how many more times a write that certainly or probably did nothing may be sent.
    :param uncertain_for: seconds for which a trace of a write with an unknown outcome is looked for.
    :param what_must_end: the deadline for all waits that a task without ``wait`` cannot do without.
    :param checks: whether to look up, before a write, whether the API would refuse it.
    :param tell: is given a line now and then while the run waits.
    :param may_lag_at_first: something was changed just before this run, and the first look may not show it yet.
    :param begins_in_time: this run begins no change when the deadline that it shares with others has passed.
    """

    waiting: Waiting
    deadline: Deadline
    retries: int
    uncertain_for: float
    what_must_end: Deadline
    tell: Tell = tell_nobody
    checks: bool = True
    may_lag_at_first: bool = False
    begins_in_time: bool = False

    @classmethod
    def begin(
        cls, waiting: Waiting, retries: int, uncertain_for: float, clock: Clock, tell: Tell = tell_nobody
    ) -> Limits:
        """The bounds of a run that begins now."""
        must_end = Deadline(waiting.timeout, clock)
        deadline = must_end if waiting.wait else Deadline(None, clock)
        return cls(waiting, deadline, retries, uncertain_for, must_end, tell)

    def for_rollback(self) -> Limits:
        """The same bounds for a run that begins now, towards what has been accepted once."""
        again = self.begin(self.waiting, self.retries, self.uncertain_for, self.deadline.clock, self.tell)
        return again._replace(checks=False, may_lag_at_first=True)
