# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several deployments that one task brings to what is wanted of them, side by side."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from .._api.concurrency import side_by_side
from .fleet_progress import FleetProgress

if TYPE_CHECKING:
    from .._reconcile.limits import Limits
    from .interruption import Interruption
    from .member import Member
    from .run import Task


class Fleet:
    """
    :param limits: of all of them together.
    :param concurrency: how many at a time.
    :param fail_fast: whether a failure keeps those from beginning that have not begun.
    """

    def __init__(
        self,
        task: Task,
        limits: Limits,
        interruption: Interruption,
        concurrency: int,
        *,
        fail_fast: bool,
    ) -> None:
        self._task = task
        self._limits = limits
        self._interruption = interruption
        self._concurrency = concurrency
        self._fail_fast = fail_fast
        self._turns = count()
        self._has_failed = False
        self._has_told = False

    def run(self, members: list[Member], aim: str = "ready") -> None:
        """Bring each of them to what is wanted; what fails is kept with it.

        :param aim: the word for where they should be in the end.
        """
        progress = FleetProgress(self._task.tell, self._limits.deadline.clock, len(members), aim)

        def work(member: Member) -> None:
            if self._interruption.reason is not None or (self._fail_fast and self._has_failed):
                return
            had_to_wait = next(self._turns) >= self._concurrency
            # Whoever gives no time at all wants the first ones to begin, and not to be waited for.
            begins_in_time = had_to_wait or self._limits.waiting.timeout > 0
            progress.begin(member)
            member.converge(
                self._limits._replace(tell=lambda _line: progress.wait(member), begins_in_time=begins_in_time)
            )
            self._has_failed = self._has_failed or member.error is not None
            progress.end(member)

        side_by_side(work, members, self._concurrency, lambda: self._watch(progress))

    def _watch(self, progress: FleetProgress) -> bool:
        """Tell how many are where, and of an interruption; whether to go on waiting."""
        if self._interruption.reason is None:
            progress.tell_now_and_then()
        elif not self._has_told:
            self._has_told = True
            names = ", ".join(member.label for member in progress.under_way()) or "nothing"
            self._task.tell(f"interrupted by {self._interruption.reason}, nothing more is written; under way: {names}")
        if not self._interruption.is_over:
            return True
        for member in progress.under_way():
            member.abandon()
        return False
