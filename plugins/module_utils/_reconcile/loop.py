# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Brings a resource to what is wanted of it: look, plan, attempt the first step, look again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Sequence

from .._api.errors import ExoscaleError, InvalidAnswer, NotApplied, NotReady
from .._api.waiting import await_operation, look_until
from .attempt import attempt
from .ledger import ACCEPTED, UNKNOWN, Attempt, Ledger
from .plan import DELETE
from .recovery import give_way, recover

if TYPE_CHECKING:
    from .kind import Kind, Seen, Wanted
    from .limits import Limits
    from .plan import Plan, Step

#: How many looks at rest an accepted value may take to show, and a state of transition to stay, before they count.
_PATIENT_LOOKS = 6
_LONGEST_PATIENT_PAUSE = 4.0

Warn = Callable[[str], None]


def reconcile(
    kind: Kind[Seen, Wanted], wanted: Wanted, ledger: Ledger[Seen], limits: Limits, warn: Warn
) -> Seen | None:
    """Look, plan, attempt the first step, look again, until nothing differs and what is seen has settled.

    :param ledger: gets all that is attempted and seen, also when it fails.
    :returns: what is there in the end.
    :raises ExoscaleError: anything that a user, a network or a server can cause.
    """
    seen = ledger.seen = kind.look(wanted, limits.deadline)
    while True:
        plan = ledger.plan = kind.plan(seen, wanted)
        step = plan.first
        awaited = ledger.awaited(step)
        if _must_rest(kind, seen, step, ledger, limits):
            seen = _look_again(kind, wanted, ledger, limits, lambda now: _is_at_rest(kind, now, ledger))
        elif not limits.waiting.wait and ledger.last and not ledger.last.step.must_end:
            _tell_the_rest(kind, [step for step in plan.steps if not ledger.awaited(step)], warn)
            return seen
        elif step is None and limits.may_lag_at_first and not ledger.attempts and ledger.looks < _PATIENT_LOOKS:
            _pause_patiently(ledger.looks, limits)
            seen = _look_again(kind, wanted, ledger, limits)
        elif step is None:
            return _accept(kind, seen, plan, ledger, limits, warn)
        elif awaited:
            seen = _await_effect(kind, wanted, seen, awaited, ledger, limits)
        else:
            give_way(step, ledger, limits)
            if limits.checks:
                kind.check(plan, seen, limits.deadline)
            tried = attempt(kind, step, plan, seen)
            ledger.attempts.append(tried)
            if tried.outcome == ACCEPTED:
                _see_operation_through(kind, tried, limits)
            else:
                recover(kind, wanted, tried, ledger, limits, warn)
            if tried.holds and step.then is not None:
                wanted = step.then
            seen = _look_again(kind, wanted, ledger, limits)


def predict(kind: Kind[Seen, Wanted], wanted: Wanted, ledger: Ledger[Seen], limits: Limits, warn: Warn) -> Seen | None:
    """What :func:`reconcile` would do, by the same look, the same plan and the same check, without a write."""
    seen = ledger.seen = kind.look(wanted, limits.deadline)
    plan = ledger.plan = kind.plan(seen, wanted)
    if plan.first is None:
        return _accept(kind, seen, plan, ledger, limits, warn)
    kind.check(plan, seen, limits.deadline)
    count = len(plan.steps if limits.waiting.wait else plan.at_once)
    ledger.attempts += [Attempt(step, ACCEPTED, seen, plan, 0.0) for step in plan.steps[:count]]
    _tell_the_rest(kind, plan.steps[count:], warn)
    return seen


def _must_rest(
    kind: Kind[Seen, Wanted],
    seen: Seen | None,
    step: Step | None,
    ledger: Ledger[Seen],
    limits: Limits,
) -> bool:
    """Whether the resource is in a transition that has to end first."""
    if seen is None or not limits.waiting.wait or _is_at_rest(kind, seen, ledger):
        return False
    if step is None:
        unknown_operation = ledger.last is not None and ledger.last.outcome == UNKNOWN
        return limits.waiting.for_ready or unknown_operation
    return step.needs_rest


def _is_at_rest(kind: Kind[Seen, Wanted], seen: Seen | None, ledger: Ledger[Seen]) -> bool:
    if seen is None or not kind.in_transition(seen):
        return True
    last = ledger.last
    stays_so = last is not None and last.has_ended and last.looks >= _PATIENT_LOOKS
    return stays_so and kind.may_rest_in_transition(seen)


def _look_again(
    kind: Kind[Seen, Wanted],
    wanted: Wanted,
    ledger: Ledger[Seen],
    limits: Limits,
    done: Callable[[Seen | None], bool] | None = None,
) -> Seen | None:
    """Look at once, or, with ``done``, pause and look until that is so. A look that lags or fails is repeated."""

    def look() -> Seen | None:
        retries = None if done is None else 0
        seen = kind.look(wanted, limits.deadline, retries=retries, may_be_missing=ledger.may_be_missing)
        _note(kind, ledger, seen)
        return seen

    if done is None:
        try:
            return look()
        except ExoscaleError as error:
            # Before anything was changed, a failure is told at once; later, all there is to do is to look again.
            may_lag = error.transient or isinstance(error, InvalidAnswer)
            if ledger.last is None or not limits.waiting.wait or not may_lag:
                raise
    return look_until(look, done or (lambda _seen: True), lambda: _still(kind, ledger.seen), limits.deadline)


def _still(kind: Kind[Seen, Any], seen: Seen | None) -> str:
    return kind.describe(seen) if seen is None else f"{kind.name(seen)} is still in the state {kind.state(seen)}"


def _note(kind: Kind[Seen, Any], ledger: Ledger[Seen], seen: Seen | None) -> None:
    """Remember what is seen, and what it proves of attempts whose outcome is unknown."""
    ledger.seen = seen
    if ledger.last is not None:
        ledger.last.looks += 1
    else:
        ledger.looks += 1
    for tried in ledger.attempts:
        is_open = tried.outcome == UNKNOWN and not tried.traced and not ledger.awaited(tried.step)
        if is_open and kind.leaves_trace(tried.step, tried.before, seen):
            tried.traced, tried.disproved = True, False


def _see_operation_through(kind: Kind[Seen, Wanted], tried: Attempt[Seen], limits: Limits) -> None:
    """
    :raises ChangeFailed: the operation did not come to a good end.
    :raises DeadlineExceeded: it did not end in time.
    """
    if tried.operation is None:
        return

    def track(operation: Any) -> None:
        tried.operation = operation

    if limits.waiting.wait or tried.step.must_end:
        deadline = limits.for_what_must_end()
        await_operation(kind.client, tried.operation, str(tried.step), track, deadline)
    tried.operation.raise_for_state(str(tried.step), tried.step.undo)


def _await_effect(
    kind: Kind[Seen, Wanted],
    wanted: Wanted,
    seen: Seen | None,
    awaited: Attempt[Seen],
    ledger: Ledger[Seen],
    limits: Limits,
) -> Seen | None:
    """The change was accepted, and does not show yet.

    :raises NotApplied: it does not show after a few looks.
    """
    if awaited.step.action == DELETE:
        return look_until(
            lambda: _look_for_deleted(kind, wanted, ledger, limits),
            lambda now: now is None,
            lambda: f"{kind.name(ledger.seen)} is still there after {awaited.step}",
            limits.for_what_must_end(),
        )
    if awaited.looks > _PATIENT_LOOKS:
        if seen is not None and kind.in_error(seen):
            raise _settled_in_error(kind, seen, awaited)
        raise _not_applied(kind, seen, awaited)
    _pause_patiently(awaited.looks - 1, limits)
    return _look_again(kind, wanted, ledger, limits)


def _pause_patiently(number: int, limits: Limits) -> None:
    """Pauses that grow, so that a few looks cover about ten seconds."""
    limits.for_what_must_end().sleep(min(0.5 * 1.5**number, _LONGEST_PATIENT_PAUSE))


def _look_for_deleted(kind: Kind[Seen, Wanted], wanted: Wanted, ledger: Ledger[Seen], limits: Limits) -> Seen | None:
    seen = kind.look(wanted, limits.deadline, retries=0, may_be_missing=True)
    _note(kind, ledger, seen)
    return seen


def _not_applied(kind: Kind[Seen, Any], seen: Seen | None, awaited: Attempt[Seen]) -> NotApplied:
    if seen is None:
        return NotApplied(f"{awaited.step} was accepted, but {kind.describe(None)}")
    error = NotApplied(
        f"The API accepted the change of {kind.name(seen)}, but does not show it: "
        f"{kind.differences(seen, awaited.step)}. Somebody else may have changed it meanwhile"
    )
    if awaited.outcome == UNKNOWN:
        error.add(f"The answer to {awaited.step} was lost, so the API may not have got it: run the task again")
    return error


def _accept(
    kind: Kind[Seen, Any], seen: Seen | None, plan: Plan, ledger: Ledger[Seen], limits: Limits, warn: Warn
) -> Seen | None:
    """Nothing differs and nothing is under way.

    :raises NotReady: it is in a state of failure.
    """
    last = ledger.last
    if seen is None:
        return None
    if kind.in_error(seen) and (limits.waiting.for_ready or (last is not None and last.operation is None)):
        if last is None:
            raise NotReady(
                f"{_sentence(kind.describe(seen))}, and nothing that is wanted differs from what is there, so there is "
                "nothing to do about it. Change what is declared, or set wait_for=operation to accept the state"
            )
        raise _settled_in_error(kind, seen, last)
    managed = {key for tried in ledger.attempts if tried.counts for key in tried.step.result} | set(plan.before)
    for warning in kind.warnings(ledger.attempts[0].before if last else None, seen, managed):
        warn(warning)
    return seen


def _settled_in_error(kind: Kind[Seen, Any], seen: Seen, tried: Attempt[Seen]) -> NotReady:
    return NotReady(
        f"{_sentence(kind.name(seen))} settled in the state {kind.state(seen)} after {tried.step} "
        f"({', '.join(tried.step.result)})",
        undo=tried.step.undo,
        after_change=True,
    )


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def _tell_the_rest(kind: Kind[Any, Any], steps: Sequence[Step], warn: Warn) -> None:
    for step in steps:
        warn(
            f"With wait=false the task does not wait for the end of the first change, so {step} "
            f"({kind.tell(step.result)}) is left: run the task again when that change has ended, or with wait=true"
        )
