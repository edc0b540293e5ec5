# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A step is taken: it waits for its turn, is checked, attempted, and seen through to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from .._api.waiting import await_operation
from .attempt import attempt
from .ledger import ACCEPTED
from .plan import CREATE, DELETE
from .recovery import give_way, recover, refuse_late

if TYPE_CHECKING:
    from .kind import Kind, Seen, Wanted
    from .ledger import Attempt, Ledger
    from .limits import Limits
    from .plan import Plan, Step

#: Seconds after which what was seen is no ground for a write any more.
_LONG_AGO = 5.0
#: So often another look is taken instead of a write; the last write is sent in any case.
_MOST_PAUSES = 20


def take(
    step: Step,
    kind: Kind[Seen, Wanted],
    wanted: Wanted,
    seen: Seen | None,
    plan: Plan,
    ledger: Ledger[Seen],
    limits: Limits,
    warn: Callable[[str], None],
) -> None:
    """
    :param step: the first one of ``plan``, which was made for ``seen``.
    :raises ExoscaleError: it would be refused, was refused, or did not come to a good end.
    """
    give_way(kind, step, ledger, limits)
    refuse_late(kind, step, ledger, limits)
    if limits.checks:
        kind.check(plan, seen, limits.deadline)
    kind.client.await_quiet(limits.deadline, step.method, step.path)
    if kind.client.clock.monotonic() - ledger.looked_at > _LONG_AGO and ledger.pauses < _MOST_PAUSES:
        # The checks took long, or the API wanted quiet: what was seen before may be out of date.
        ledger.pauses += 1
        return
    if step.action == CREATE and _only_seems_gone(kind, ledger, limits):
        return
    refuse_late(kind, step, ledger, limits)
    tried = ledger.add(attempt(kind, step, plan, seen))
    if tried.outcome == ACCEPTED:
        _see_operation_through(kind, tried, limits)
    else:
        recover(kind, wanted, tried, ledger, limits, warn)


def _only_seems_gone(kind: Kind[Seen, Any], ledger: Ledger[Seen], limits: Limits) -> bool:
    """Whether what is to be replaced is listed, though its deletion was not accepted and no look shows it.

    :raises RequestFailed: so it goes on and on.
    """
    deletion = next((tried for tried in reversed(ledger.attempts) if tried.step.action == DELETE), None)
    if deletion is None or deletion.outcome == ACCEPTED or deletion.before is None or deletion.error is None:
        return False
    if not kind.is_listed(deletion.before, limits.deadline):
        return False
    ledger.pauses += 1
    if ledger.pauses > _MOST_PAUSES or not kind.client.pause(ledger.pauses - 1, deletion.error, limits.deadline):
        deletion.error.add("The list still shows it, so that none was created in its place")
        raise deletion.error
    return True


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
        deadline = limits.what_must_end
        purpose = f"{tried.step} for {kind.name(tried.before)}"
        await_operation(kind.client, tried.operation, purpose, track, deadline, limits.tell)
    tried.operation.raise_for_state(str(tried.step), tried.step.undo)
