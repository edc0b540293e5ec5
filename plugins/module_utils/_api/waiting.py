# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking again and again until something has happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, TypeVar

from .deadline import Schedule
from .errors import DeadlineExceeded, ExoscaleError, RequestFailed
from .operation import read_operation
from .progress import Progress
from .sight import Sight

if TYPE_CHECKING:
    from .client import Client
    from .deadline import Deadline
    from .operation import Operation
    from .sight import Tell

#: Answers in a row that say 'not found' or make no sense, and are taken for a read that lags.
MOST_LAGGING = 3

Seen = TypeVar("Seen")


def look_until(
    look: Callable[[], Seen],
    done: Callable[[Seen], bool],
    describe: Callable[[], Sight],
    deadline: Deadline,
    tell: Tell,
    most_lagging: float = MOST_LAGGING,
    trouble: ExoscaleError | None = None,
) -> Seen:
    """Pause and look until what is seen is ``done``.

    A look that fails for a moment is repeated as long as the deadline allows; one that finds nothing, or makes no
    sense, a few times.

    :param describe: says what is waited for, and how it is now.
    :param tell: is given a line now and then.
    :param most_lagging: how many looks in a row may find nothing or make no sense.
    :param trouble: why the last look before has failed.
    :raises DeadlineExceeded: the deadline passed.
    :raises ExoscaleError: a look failed for good.
    """
    schedule = Schedule(deadline.clock)
    progress = Progress(tell, deadline.clock)
    lagging = 0
    while True:
        pause = schedule.delay()
        if isinstance(trouble, RequestFailed) and trouble.retry_after is not None:
            pause = max(pause, trouble.retry_after)
        progress.note(describe(), pause, trouble)
        if not deadline.sleep(pause):
            raise _gave_up(deadline, describe().still(), trouble)
        try:
            seen = look()
        except ExoscaleError as error:
            if not error.transient:
                lagging += 1
                if lagging > most_lagging or not error.may_be_lag:
                    raise
            trouble = error
            continue
        trouble, lagging = None, 0
        if done(seen):
            progress.note(describe())
            return seen


def await_operation(
    client: Client,
    operation: Operation,
    purpose: str,
    track: Callable[[Operation], None],
    deadline: Deadline,
    tell: Tell,
) -> Operation:
    """Poll ``GET /operation/{id}`` until the operation has ended, well or not.

    :param purpose: what the operation is for, in a message.
    :param track: is given each state of the operation that was seen.
    :raises DeadlineExceeded: it is still pending when the deadline passes.
    """
    latest = operation

    def look() -> Operation:
        nonlocal latest
        latest = read_operation(client, str(operation.id), deadline, retries=0)
        track(latest)
        return latest

    if not operation.pending:
        return operation
    try:
        return look_until(
            look,
            lambda seen: not seen.pending,
            lambda: Sight(f"the operation {operation.id} of {purpose}", latest.state),
            deadline,
            tell,
        )
    except ExoscaleError as error:
        error.operation = latest.result()
        if isinstance(error, RequestFailed):
            error.add(f"{purpose} was accepted, and what becomes of it is not known. Run the task again to see")
        raise


def _gave_up(deadline: Deadline, waited_for: str, trouble: ExoscaleError | None) -> DeadlineExceeded:
    last_words = "" if trouble is None else f". The last attempt to look failed: {trouble}"
    return DeadlineExceeded(
        f"Gave up after waiting {deadline.seconds or 0:g} seconds (wait_timeout): {waited_for}{last_words}. "
        "It may still come to its end; run the task again to wait for it, or set a larger wait_timeout",
        status=None if trouble is None else trouble.status,
    )
