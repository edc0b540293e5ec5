# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the loop does after a write that was not accepted: give up, or pause so that it can look again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

from .._api.errors import DeadlineExceeded, ExoscaleError, RequestFailed
from .._api.sight import Sight
from .._api.waiting import look_until
from .ledger import BUSY, REFUSED, UNKNOWN
from .plan import DELETE

if TYPE_CHECKING:
    from .kind import Kind, Seen, Wanted
    from .ledger import Attempt, Ledger
    from .limits import Limits
    from .plan import Step

#: A conflict that lasts for so many attempts and seconds is no passing one.
_FINAL_CONFLICT_ATTEMPTS = 4
_FINAL_CONFLICT_SECONDS = 10.0
#: Pauses that bring the fourth attempt to that time.
_CONFLICT_PAUSES = (1.0, 3.0, 6.0)
_LATER_CONFLICT_PAUSE = 10.0
_MOST_ATTEMPTS = 100
_LAST_PAUSE = 0.5


def recover(
    kind: Kind[Seen, Wanted],
    wanted: Wanted,
    tried: Attempt[Seen],
    ledger: Ledger[Seen],
    limits: Limits,
    warn: Callable[[str], None],
) -> None:
    """Return if it is worth looking again, and raise if it is not.

    :raises ExoscaleError: the task cannot go on.
    """
    if tried.error is None:
        return
    if tried.outcome == REFUSED:
        _after_refusal(kind, tried, ledger, limits, tried.error)
    elif tried.outcome == BUSY:
        _after_conflict(kind, tried, ledger, limits, tried.error)
    else:
        _after_unknown_outcome(kind, wanted, tried, ledger, limits, tried.error, warn)


def give_way(kind: Kind[Seen, Wanted], step: Step, ledger: Ledger[Seen], limits: Limits) -> None:
    """Not every step that is left may be attempted: there is an end to attempts, and to conflicts without waiting.

    :raises RequestFailed: the conflict.
    :raises DeadlineExceeded: there were too many attempts.
    """
    if len(ledger.attempts) >= _MOST_ATTEMPTS:
        why = next((f". The last error: {tried.error}" for tried in reversed(ledger.attempts) if tried.error), "")
        raise DeadlineExceeded(f"Gave up after {_MOST_ATTEMPTS} attempts, the next of which would be {step}{why}")
    conflicts = [tried.error for tried in ledger.tries(step, BUSY) if tried.error is not None]
    if conflicts and not limits.waiting.wait:
        conflict = conflicts[-1]
        conflict.add("The resource is busy with another change. With wait=true the task waits until it is free")
        kind.explain_refusal(step, ledger.seen, conflict)
        raise conflict


def refuse_late(kind: Kind[Seen, Wanted], step: Step, ledger: Ledger[Seen], limits: Limits) -> None:
    """
    :raises DeadlineExceeded: there is no time left to begin anything.
    """
    is_late = limits.waiting.wait and limits.deadline.remaining() <= 0
    if limits.begins_in_time and is_late and not ledger.attempts:
        raise DeadlineExceeded(
            f"Nothing was changed: {limits.waiting.timeout:g} seconds (wait_timeout) had passed before the turn of "
            f"{kind.name(ledger.seen)} came, so that {step} was not sent. Run the task again, or set a larger "
            "wait_timeout"
        )


def _after_refusal(
    kind: Kind[Seen, Wanted], tried: Attempt[Seen], ledger: Ledger[Seen], limits: Limits, refusal: RequestFailed
) -> None:
    refused = ledger.tries(tried.step, REFUSED)
    number = len(refused)
    # What was to be deleted may be gone; what cannot be reached now may be reached soon.
    is_gone = tried.step.action == DELETE and refusal.is_absence
    if is_gone:
        # Perhaps by what was sent before.
        for earlier in ledger.tries(tried.step, UNKNOWN):
            earlier.disproved = False
    most, until = kind.client.patience(tried.step.method, refusal, limits.retries, limits.deadline)
    if number <= most and (is_gone or refusal.transient):
        if is_gone and number == 1:
            return
        if kind.client.pause(number - 1, refusal, until):
            return
    kind.explain_refusal(tried.step, tried.before, refusal)
    raise refusal


def _after_conflict(
    kind: Kind[Seen, Wanted], tried: Attempt[Seen], ledger: Ledger[Seen], limits: Limits, conflict: RequestFailed
) -> None:
    conflicts = ledger.tries(tried.step, BUSY)
    # Perhaps it is busy with what was sent before.
    for earlier in ledger.tries(tried.step, UNKNOWN):
        earlier.disproved = False
    at_rest = [each for each in conflicts if each.at_rest_before]
    if not limits.waiting.wait:
        return
    if len(at_rest) >= _FINAL_CONFLICT_ATTEMPTS and tried.at - at_rest[0].at >= _FINAL_CONFLICT_SECONDS:
        conflict.add(
            f"This was the answer to {len(conflicts)} attempts within {tried.at - conflicts[0].at:.0f} seconds, though "
            "nothing seems to be under way, so it is taken for final"
        )
        kind.explain_refusal(tried.step, tried.before, conflict)
        raise conflict
    number = len(conflicts) - 1
    pause = _CONFLICT_PAUSES[number] if number < len(_CONFLICT_PAUSES) else _LATER_CONFLICT_PAUSE
    pause = max(pause, conflict.retry_after or 0.0)
    if not limits.deadline.sleep(pause):
        raise DeadlineExceeded(
            f"Gave up after trying for {limits.waiting.timeout:g} seconds (wait_timeout): {conflict}",
            **conflict.result(),
        )


def _after_unknown_outcome(
    kind: Kind[Seen, Wanted],
    wanted: Wanted,
    tried: Attempt[Seen],
    ledger: Ledger[Seen],
    limits: Limits,
    lost: RequestFailed,
    warn: Callable[[str], None],
) -> None:
    """Look for a trace of the write; without one, return only if it may be sent again."""
    may_wait = limits.deadline.remaining()
    found = _look_for_trace(kind, wanted, tried, ledger, limits, lost)
    if found:
        tried.traced = True
        kind.after_lost_answer(tried.step, lost)
        warn(
            f"The answer to {tried.step} was lost ({lost}). What is seen since then shows an effect, so it is taken "
            "for accepted; its operation is not known"
        )
        return
    if not tried.step.is_repeatable:
        lost.add(
            "It may have been carried out all the same. "
            f"No trace of it was seen for {min(limits.uncertain_for, may_wait):g} seconds, and it is not sent again, "
            f"since there must not be two. {kind.after_lost_creation.format(noun=kind.noun)}"
        )
        raise lost
    if may_wait < limits.uncertain_for:
        lost.add(
            "It may have been carried out all the same, and wait_timeout has passed before that was clear; run the "
            "task again"
        )
        raise lost
    tried.disproved = True
    number = len(ledger.tries(tried.step, UNKNOWN))
    if number > limits.retries:
        lost.add(f"What can be read shows no effect of it, after {number} attempts")
        raise lost


def _look_for_trace(
    kind: Kind[Seen, Wanted],
    wanted: Wanted,
    tried: Attempt[Seen],
    ledger: Ledger[Seen],
    limits: Limits,
    lost: RequestFailed,
) -> bool:
    """Look for as long as the API may need to carry the write out.

    :raises RequestFailed: ``lost``, if what is there at the end of that time cannot be read.
    """
    clock = limits.deadline.clock
    trouble: ExoscaleError | None = None
    began = clock.monotonic()

    def look() -> Seen | None:
        nonlocal trouble, began
        began = clock.monotonic()
        try:
            ledger.seen = kind.look(wanted, limits.deadline, retries=0, may_be_missing=True)
        except ExoscaleError as error:
            trouble = error
            raise
        trouble = None
        return ledger.seen

    absences = 0

    def is_trace(seen: Seen | None) -> bool:
        nonlocal absences
        absences = absences + 1 if seen is None else 0
        # A single 'not found' may be a read that lags.
        return kind.leaves_trace(tried.step, tried.before, seen) and (seen is not None or absences > 1)

    try:
        if is_trace(look()):
            return True
    except ExoscaleError as error:
        if not error.may_be_lag:
            raise _unreadable(lost, error) from error
    deadline = limits.deadline.within(limits.uncertain_for)
    end = clock.monotonic() + deadline.remaining()
    try:
        sight = Sight(f"whether {tried.step} was carried out for {kind.name(tried.before)}", "unknown")
        look_until(look, is_trace, lambda: sight, deadline, limits.tell, most_lagging=float("inf"))
        return True
    except DeadlineExceeded as error:
        # An earlier look does not tell what has happened since, and one absence may be a lag.
        while trouble is None and (began < end or absences == 1) and limits.deadline.sleep(_LAST_PAUSE):
            try:
                if is_trace(look()):
                    return True
            except ExoscaleError as last:
                raise _unreadable(lost, last) from last
        if trouble is not None:
            raise _unreadable(lost, trouble) from error
        return False
    except ExoscaleError as error:
        raise _unreadable(lost, error) from error


def _unreadable(lost: RequestFailed, error: ExoscaleError) -> RequestFailed:
    lost.add(f"It may have been carried out all the same, and what is there now cannot be read: {error}")
    return lost
