# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is done and said once a change has failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

from .._api.errors import ExoscaleError
from .ledger import Ledger
from .loop import reconcile
from .plan import CREATE

if TYPE_CHECKING:
    from .._api.errors import ChangeFailed
    from .kind import Kind, Seen, Wanted
    from .ledger import Attempt
    from .limits import Limits


def explain(
    kind: Kind[Seen, Wanted],
    wanted: Wanted,
    ledger: Ledger[Seen],
    limits: Limits,
    failure: ChangeFailed,
    goes_back: bool,
) -> None:
    """Look at what has become of the resource, and let the failure tell it.

    :param goes_back: the state is about to be changed back.
    """
    try:
        if failure.operation is not None:
            failed = ledger.attempts[-1]
            ledger.seen = kind.look(wanted, limits.deadline, retries=0, may_be_missing=True)
            failed.effect = kind.effect(failed.step, ledger.seen)
        if ledger.seen is not None:
            kind.explain_failure(ledger.seen, failure, goes_back)
    except ExoscaleError:
        # What ended the task is worth more than why the look at the ruins failed.
        return


def go_back(
    kind: Kind[Seen, Wanted],
    failure: ChangeFailed,
    ledgers: list[Ledger[Seen]],
    limits: Limits,
    warn: Callable[[str], None],
) -> None:
    """The same loop towards what was there before, with a deadline and attempts of its own."""
    ledger: Ledger[Seen] = Ledger()
    ledgers.append(ledger)
    values = kind.tell(kind.managed(failure.undo))
    try:
        seen = reconcile(kind, failure.undo, ledger, limits.for_rollback(), warn)
    except ExoscaleError as error:
        failure.add(f"Rolling back to {values} failed too: {error}")
        if ledger.seen is not None:
            failure.add(f"Now {kind.describe(ledger.seen)}")
        return
    unverified = kind.unverified(seen, failure.undo)
    if unverified:
        failure.add(
            f"Whether it is back at {values} cannot be told, because the API does not show {', '.join(unverified)}: "
            f"now {kind.describe(seen)}"
        )
    elif not ledger.attempts:
        failure.add(f"Nothing had to be rolled back, {values} is what is there: now {kind.describe(seen)}")
    elif limits.waiting.wait:
        failure.add(f"It was rolled back to {values}: now {kind.describe(seen)}")
    else:
        failure.add(f"A rollback to {values} was started, and with wait=false its end was not waited for")


def unfinished_replacement(ledgers: list[Ledger[Seen]]) -> Attempt[Seen] | None:
    """The attempt by which a replacement has deleted the resource, or may have, if nothing has taken its place."""
    attempts = [tried for ledger in ledgers for tried in ledger.attempts]
    is_there = ledgers[-1].seen is not None
    # A deletion whose operation failed has an effect: what is still there. One that was refused may be somebody else's.
    deletions = [
        tried
        for tried in attempts
        if tried.step.then is not None and not tried.effect and (tried.counts or not is_there)
    ]
    last = next((tried for tried in reversed(attempts) if tried.counts), None)
    is_replaced = is_there and last is not None and last.step.action == CREATE and last.effect is None
    return None if is_replaced or not deletions else deletions[-1]
