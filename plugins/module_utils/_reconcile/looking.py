# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the loop looks: again, patiently, or until a transition has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from .._api.deadline import Deadline
from .._api.errors import ExoscaleError
from .._api.sight import Sight
from .ledger import UNKNOWN
from .verdict import not_shown

if TYPE_CHECKING:
    from .kind import Kind, Seen, Wanted
    from .ledger import Attempt, Ledger
    from .limits import Limits
    from .plan import Plan

#: How many looks an accepted value may take to show, and a state of transition to stay after its operation has ended.
PATIENT_LOOKS = 6
_LONGEST_PATIENT_PAUSE = 4.0
#: Seconds after which a state of transition in which nothing moves is one of rest, if the kind allows that.
_LONG_UNMOVED = 300.0
_LAG_WITHOUT_WAIT = 10.0


def look_at_first(kind: Kind[Seen, Wanted], wanted: Wanted, ledger: Ledger[Seen], limits: Limits) -> Seen | None:
    """The look with which a run begins."""
    if limits.may_lag_at_first:
        return look_again(kind, wanted, ledger, limits)
    return _look(kind, wanted, ledger, limits, retries=None)


def look_again(kind: Kind[Seen, Wanted], wanted: Wanted, ledger: Ledger[Seen], limits: Limits) -> Seen | None:
    """Look after an attempt. Once something was accepted, a look that lags or fails is repeated.

    :raises ExoscaleError: the look failed for good, or before anything was changed.
    """
    try:
        return _look(kind, wanted, ledger, limits, retries=None)
    except ExoscaleError as error:
        if not error.may_be_lag or (ledger.last is None and not limits.may_lag_at_first):
            raise
    deadline = limits.deadline if limits.waiting.wait else Deadline(_LAG_WITHOUT_WAIT, limits.deadline.clock)
    return look_until(kind, wanted, ledger, limits, lambda _seen: True, lambda: kind.sight(ledger.seen), deadline)


def look_until_at_rest(
    kind: Kind[Seen, Wanted], wanted: Wanted, plan: Plan, ledger: Ledger[Seen], limits: Limits
) -> Seen | None:
    """Pause and look until the resource is not in transition any more.

    :param plan: what is to be done then.
    :raises DeadlineExceeded: it still is when the deadline passes.
    """

    def done(seen: Seen | None) -> bool:
        return _is_at_rest(kind, seen, plan, ledger, limits)

    return look_until(kind, wanted, ledger, limits, done, lambda: kind.sight(ledger.seen), limits.deadline)


def look_until_gone(kind: Kind[Seen, Wanted], wanted: Wanted, ledger: Ledger[Seen], limits: Limits) -> Seen | None:
    """Pause and look until what was deleted is gone.

    :raises DeadlineExceeded: it is still there when the deadline passes.
    """
    name = kind.name(ledger.seen)
    deletion = ledger.last.step if ledger.last else None

    def describe() -> Sight:
        return Sight(name, "gone" if ledger.seen is None else f"there after {deletion}")

    return look_until(
        kind,
        wanted,
        ledger,
        limits,
        lambda seen: seen is None,
        describe,
        limits.what_must_end,
    )


def look_patiently(
    kind: Kind[Seen, Wanted],
    wanted: Wanted,
    seen: Seen | None,
    awaited: Attempt[Seen] | None,
    ledger: Ledger[Seen],
    limits: Limits,
) -> Seen | None:
    """Look again, a few times, for a change that was accepted and does not show yet.

    :raises NotApplied: it does not show.
    :raises NotReady: it does not show, and the resource is in a state of failure.
    """
    deadline = limits.what_must_end
    # Pauses that grow, so that a few looks cover about ten seconds.
    pause = min(0.5 * 1.5 ** (ledger.looks - 1), _LONGEST_PATIENT_PAUSE)
    if awaited and (ledger.looks > PATIENT_LOOKS or not deadline.sleep(pause)):
        raise not_shown(kind, seen, awaited)
    if not awaited:
        deadline.sleep(pause)
    return look_again(kind, wanted, ledger, limits)


def must_rest(kind: Kind[Seen, Any], seen: Seen | None, plan: Plan, ledger: Ledger[Seen], limits: Limits) -> bool:
    """Whether the resource is in a transition that has to end first."""
    if seen is None or not limits.waiting.wait or _is_at_rest(kind, seen, plan, ledger, limits):
        return False
    if plan.first is None:
        unknown_operation = ledger.last is not None and ledger.last.outcome == UNKNOWN
        return limits.waiting.for_ready or unknown_operation
    return plan.first.needs_rest


def must_serve(kind: Kind[Seen, Any], seen: Seen | None, plan: Plan, ledger: Ledger[Seen], limits: Limits) -> bool:
    """Whether the resource has to show first that it does what it is for."""
    if seen is None or not (limits.waiting.wait and limits.waiting.for_serving) or ledger.has_served or plan.refusal:
        return False
    if kind.in_error(seen) or kind.in_transition(seen) or not kind.can_serve(seen):
        return False
    # More replicas of what does not serve would be of no use.
    return plan.first is None or ledger.undo is not None


def _is_at_rest(kind: Kind[Seen, Any], seen: Seen | None, plan: Plan, ledger: Ledger[Seen], limits: Limits) -> bool:
    if seen is None or not kind.in_transition(seen):
        return True
    if not kind.may_rest_in_transition(seen, ledger.last.step if ledger.last else None):
        return False
    operation_has_ended = ledger.last.has_ended if ledger.last is not None else limits.may_lag_at_first
    # To end a task early costs nothing, but a write must not meet a transition.
    if operation_has_ended and plan.first is None:
        return ledger.looks >= PATIENT_LOOKS
    return limits.deadline.clock.monotonic() - ledger.unmoved_since >= _LONG_UNMOVED


def _look(
    kind: Kind[Seen, Wanted], wanted: Wanted, ledger: Ledger[Seen], limits: Limits, retries: int | None
) -> Seen | None:
    seen = kind.look(wanted, limits.deadline, retries=retries, may_be_missing=ledger.may_be_missing)
    _note(kind, ledger, seen)
    return seen


def look_until(
    kind: Kind[Seen, Wanted],
    wanted: Wanted,
    ledger: Ledger[Seen],
    limits: Limits,
    done: Callable[[Seen | None], bool],
    describe: Callable[[], Sight],
    deadline: Deadline,
) -> Seen | None:
    """Pause and look until what is seen is ``done``.

    :param describe: says what is waited for, and how it is now.
    :raises DeadlineExceeded: the deadline passed.
    """
    # Imported where a task waits: a module compiles whatever it imports, each time it starts.
    from .._api import waiting

    return waiting.look_until(
        lambda: _look(kind, wanted, ledger, limits, retries=0), done, describe, deadline, limits.tell
    )


def _note(kind: Kind[Seen, Any], ledger: Ledger[Seen], seen: Seen | None) -> None:
    """Remember what is seen, and what it proves of attempts whose outcome is unknown."""
    if ledger.looks == 0 or seen != ledger.seen:
        ledger.unmoved_since = kind.client.clock.monotonic()
    ledger.seen = seen
    ledger.looks += 1
    for tried in ledger.attempts:
        is_open = tried.outcome == UNKNOWN and not tried.traced and not ledger.expects(tried.step)
        if is_open and kind.leaves_trace(tried.step, tried.before, seen):
            tried.traced, tried.disproved = True, False
