# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Brings a resource to what is wanted of it: look, plan, attempt the first step, look again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Sequence

from .ledger import ACCEPTED, Attempt
from .looking import (
    PATIENT_LOOKS,
    look_once,
    must_rest,
    must_serve,
)
from .plan import DELETE
from .verdict import accept

if TYPE_CHECKING:
    from .kind import Kind, Seen, Wanted
    from .ledger import Ledger
    from .limits import Limits
    from .plan import Plan, Step

Warn = Callable[[str], None]


def reconcile(
    kind: Kind[Seen, Wanted], wanted: Wanted, ledger: Ledger[Seen], limits: Limits, warn: Warn
) -> Seen | None:
    """Look, plan, attempt the first step, look again, until nothing differs and what is seen has settled.

    :param ledger: gets all that is attempted and seen, also when it fails.
    :returns: what is there in the end.
    :raises ExoscaleError: anything that a user, a network or a server can cause.
    """
    seen = _look_at_first(kind, wanted, ledger, limits)
    while True:
        # What only a change or a wait needs is imported then: a module compiles whatever it imports, each time.
        if ledger.deletion_under_way(seen, limits.waiting.wait):
            from .patience import look_until_gone

            seen = look_until_gone(kind, wanted, ledger, limits)
        wanted = ledger.wanted_now(seen, wanted)
        plan = ledger.plan = kind.plan(seen, wanted)
        step = plan.first
        awaited = ledger.awaited(plan)
        if must_rest(kind, seen, plan, ledger, limits):
            from .patience import look_until_at_rest

            seen = look_until_at_rest(kind, wanted, plan, ledger, limits)
        elif not limits.waiting.wait and ledger.last and not ledger.last.step.must_end:
            if awaited and plan.refusal is not None:
                from .verdict import not_shown

                raise not_shown(kind, seen, awaited)
            _tell_the_rest(kind, [each for each in plan.steps if not ledger.expects(each)], warn)
            return _warn(kind, seen, plan, warn)
        elif awaited or _may_lag(kind, seen, wanted, plan, ledger, limits):
            from .patience import look_patiently

            seen = look_patiently(kind, wanted, seen, awaited, ledger, limits)
        elif must_serve(kind, seen, plan, ledger, limits):
            from .serving import look_until_serving

            seen = look_until_serving(kind, wanted, seen, ledger, limits)
        elif step is None or _has_failed(kind, seen, ledger, limits):
            return accept(kind, seen, plan, ledger, limits, warn, has_waited=True)
        else:
            from .patience import look_again
            from .taking import take

            take(step, kind, wanted, seen, plan, ledger, limits, warn)
            seen = look_again(kind, wanted, ledger, limits)


def predict(kind: Kind[Seen, Wanted], wanted: Wanted, ledger: Ledger[Seen], limits: Limits, warn: Warn) -> Seen | None:
    """What :func:`reconcile` would do, by the same look, the same plan and the same check, without a write."""
    seen = _look_at_first(kind, wanted, ledger, limits)
    plan = ledger.plan = kind.plan(seen, wanted)
    if plan.first is None:
        return accept(kind, seen, plan, ledger, limits, warn, has_waited=False)
    kind.check(plan, seen, limits.deadline)
    count = len(plan.steps if limits.waiting.wait else plan.at_once)
    for step in plan.steps[:count]:
        ledger.add(Attempt(step, ACCEPTED, seen, plan, 0.0))
    _tell_the_rest(kind, plan.steps[count:], warn)
    # What is said of one that is to be deleted is of no interest any more.
    return seen if plan.first.action == DELETE else _warn(kind, seen, plan, warn)


def _look_at_first(kind: Kind[Seen, Wanted], wanted: Wanted, ledger: Ledger[Seen], limits: Limits) -> Seen | None:
    if limits.may_lag_at_first:
        # As above.
        from .patience import look_again

        return look_again(kind, wanted, ledger, limits)
    return look_once(kind, wanted, ledger, limits, retries=None)


def _warn(kind: Kind[Seen, Any], seen: Seen | None, plan: Plan, warn: Warn) -> Seen | None:
    for warning in kind.warnings(None, seen, set(plan.before)) if seen is not None else ():
        warn(warning)
    return seen


def _may_lag(
    kind: Kind[Seen, Wanted], seen: Seen | None, wanted: Wanted, plan: Plan, ledger: Ledger[Seen], limits: Limits
) -> bool:
    """Whether there seems to be nothing to do, or nothing possible, because a read does not show a change yet."""
    last = ledger.last
    has_changed = last is not None or limits.may_lag_at_first
    states = [] if last is None else [each for each in (last.before, seen) if each is not None]
    is_still_in_error = len(states) > 1 and all(map(kind.in_error, states))
    shown_before = [] if last is None else kind.unverified(last.before, wanted)
    has_vanished = has_changed and set(kind.unverified(seen, wanted)) - set(shown_before)
    seems_wrong = plan.refusal is not None or (last is None and plan.first is None) or is_still_in_error or has_vanished
    is_early = ledger.looks <= PATIENT_LOOKS and limits.deadline.remaining() > 0
    return has_changed and bool(seems_wrong) and is_early


def _has_failed(kind: Kind[Seen, Any], seen: Seen | None, ledger: Ledger[Seen], limits: Limits) -> bool:
    """Whether the change before has ended in a state of failure, so that another step would be built on sand."""
    if seen is None or ledger.last is None or not limits.waiting.for_ready:
        return False
    return ledger.last.step.undo is not None and kind.in_error(seen)


def _tell_the_rest(kind: Kind[Any, Any], steps: Sequence[Step], warn: Warn) -> None:
    for step in steps:
        warn(
            f"With wait=false the task does not wait for the end of the first change, so {step} "
            f"({kind.tell(step.result)}) is left: run the task again when that change has ended, or with wait=true"
        )
