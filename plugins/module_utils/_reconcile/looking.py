# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the loop looks, and what it must wait for first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .ledger import UNKNOWN

if TYPE_CHECKING:
    from .kind import Kind, Seen, Wanted
    from .ledger import Ledger
    from .limits import Limits
    from .plan import Plan

#: How many looks an accepted value may take to show, and a state of transition to stay after its operation has ended.
PATIENT_LOOKS = 6
#: Seconds after which a state of transition in which nothing moves is one of rest, if the kind allows that.
_LONG_UNMOVED = 300.0
#: The same after the operation has ended, if nothing is to be done any more; no more than that share of all the time.
_UNMOVED_AT_THE_END = 15.0
_SHARE_FOR_THE_END = 0.25


def must_rest(kind: Kind[Seen, Any], seen: Seen | None, plan: Plan, ledger: Ledger[Seen], limits: Limits) -> bool:
    """Whether the resource is in a transition that has to end first."""
    if seen is None or not limits.waiting.wait or is_at_rest(kind, seen, plan, ledger, limits):
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
    if plan.first is None:
        return True
    # More replicas of what does not serve would be of no use; any other change may be the cure.
    return ledger.last is not None and ledger.last.step.undo is not None and plan.first.undo is None


def is_at_rest(kind: Kind[Seen, Any], seen: Seen | None, plan: Plan, ledger: Ledger[Seen], limits: Limits) -> bool:
    """Whether it is in no transition, or in one that has outlasted all patience."""
    if seen is None or not kind.in_transition(seen):
        return True
    if not kind.may_rest_in_transition(seen, ledger.last.step if ledger.last else None):
        return False
    operation_has_ended = ledger.last.has_ended if ledger.last is not None else limits.may_lag_at_first
    unmoved = ledger.unmoved_for(limits.deadline.clock)
    # To end a task early costs nothing, but a write must not meet a transition.
    if operation_has_ended and plan.first is None:
        long = min(_UNMOVED_AT_THE_END, _SHARE_FOR_THE_END * limits.waiting.timeout)
        return ledger.looks >= PATIENT_LOOKS and unmoved >= long
    return unmoved >= _LONG_UNMOVED


def look_once(
    kind: Kind[Seen, Wanted], wanted: Wanted, ledger: Ledger[Seen], limits: Limits, retries: int | None
) -> Seen | None:
    """Look, and remember what is seen.

    :param retries: instead of the client's own number, for callers that repeat by themselves.
    """
    seen = kind.look(wanted, limits.deadline, retries=retries, may_be_missing=ledger.may_be_missing)
    ledger.looked_at = kind.client.clock.monotonic()
    _note(kind, ledger, seen)
    return seen


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
