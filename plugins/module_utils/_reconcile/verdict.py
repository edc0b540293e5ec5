# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a run ends once there is nothing more to send: well, or in one of a few failures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from .._api.errors import ExoscaleError, NotApplied, NotReady
from .._api.values import sentence
from .ledger import ACCEPTED

if TYPE_CHECKING:
    from .kind import Kind, Seen
    from .ledger import Attempt, Ledger
    from .limits import Limits
    from .plan import Plan


def accept(
    kind: Kind[Seen, Any],
    seen: Seen | None,
    plan: Plan,
    ledger: Ledger[Seen],
    limits: Limits,
    warn: Callable[[str], None],
    *,
    has_waited: bool,
) -> Seen | None:
    """Nothing is to be done, or nothing can be.

    :param has_waited: whether a transition that is seen has outlasted all patience.
    :raises ExoscaleError: what is wanted cannot be had.
    :raises NotReady: the resource is in a state of failure.
    """
    last = ledger.last
    if plan.refusal is not None:
        if not any(tried.counts for tried in ledger.attempts):
            plan.refusal.add("Nothing was changed")
        raise plan.refusal
    if seen is None:
        return None
    if kind.in_error(seen):
        if last is not None and (limits.waiting.for_ready or last.operation is None):
            raise _settled_in_error(kind, seen, last)
        if last is None and limits.waiting.for_ready and limits.waiting.wait:
            raise NotReady(
                f"{sentence(kind.describe(seen))}, and nothing that is wanted differs from what is there, so there is "
                f"nothing to do about it. {kind.cure}"
            )
        warn(sentence(kind.describe(seen)))
    elif has_waited and kind.in_transition(seen) and limits.waiting.wait and limits.waiting.for_ready:
        unmoved = ledger.unmoved_for(limits.deadline.clock)
        warn(
            f"{sentence(kind.describe(seen))}, and has shown nothing else for {unmoved:.0f} seconds. There is nothing "
            "in it that could get ready, so the task does not wait any longer"
        )
    managed = {key for tried in ledger.attempts if tried.counts for key in tried.step.result} | set(plan.before)
    for warning in kind.warnings(ledger.attempts[0].before if last else None, seen, managed):
        warn(warning)
    return seen


def not_shown(kind: Kind[Seen, Any], seen: Seen | None, awaited: Attempt[Seen]) -> ExoscaleError:
    """The failure of a change that was accepted and does not show."""
    was_accepted = "was accepted" if awaited.outcome == ACCEPTED else "was taken for accepted, as its answer was lost"
    if seen is None:
        return NotApplied(
            f"{awaited.step} {was_accepted}, but {kind.describe(None)}. Run the task again once it shows, or certainly "
            "does not"
        )
    if kind.in_error(seen):
        return _settled_in_error(kind, seen, awaited)
    differences = kind.differences(seen, awaited.step) or "a field that is fixed is another one now"
    advice = "" if awaited.outcome == ACCEPTED else ": run the task again"
    return NotApplied(
        f"{awaited.step} {was_accepted}, but {kind.name(seen)} does not show it: {differences}. Somebody else may have "
        f"changed it meanwhile{advice}"
    )


def _settled_in_error(kind: Kind[Seen, Any], seen: Seen, tried: Attempt[Seen]) -> NotReady:
    return NotReady(
        f"{sentence(kind.name(seen))} settled in the state {kind.state(seen)} after {tried.step} "
        f"({', '.join(tried.step.result)})",
        undo=tried.step.undo,
        after_change=True,
    )
