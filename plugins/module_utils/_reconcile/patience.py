# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the loop waits: for a read that lags, patiently, or until a transition has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

from .._api import waiting
from .._api.deadline import Deadline
from .._api.errors import DeadlineExceeded, ExoscaleError
from .._api.sight import Sight
from .looking import PATIENT_LOOKS, is_at_rest, look_once
from .verdict import not_shown

if TYPE_CHECKING:
    from .kind import Kind, Seen, Wanted
    from .ledger import Attempt, Ledger
    from .limits import Limits
    from .plan import Plan

_LONGEST_PATIENT_PAUSE = 4.0
_LAG_WITHOUT_WAIT = 10.0


def look_again(kind: Kind[Seen, Wanted], wanted: Wanted, ledger: Ledger[Seen], limits: Limits) -> Seen | None:
    """Look after an attempt. Once something was accepted, a look that lags or fails is repeated.

    :raises ExoscaleError: the look failed for good, or before anything was changed.
    """
    try:
        return look_once(kind, wanted, ledger, limits, retries=None)
    except ExoscaleError as error:
        if not error.may_be_lag or (ledger.last is None and not limits.may_lag_at_first):
            raise
        trouble = error
    deadline = limits.deadline if limits.waiting.wait else Deadline(_LAG_WITHOUT_WAIT, limits.deadline.clock)

    def describe() -> Sight:
        # Nobody who has not looked can say that it is not there.
        if ledger.looks == 0:
            return Sight(f"what there is of {kind.name(ledger.seen)}", "unknown")
        return kind.sight(ledger.seen)

    return look_until(kind, wanted, ledger, limits, lambda _seen: True, describe, deadline, trouble)


def look_until_at_rest(
    kind: Kind[Seen, Wanted], wanted: Wanted, plan: Plan, ledger: Ledger[Seen], limits: Limits
) -> Seen | None:
    """Pause and look until the resource is not in transition any more.

    :param plan: what is to be done then.
    :raises DeadlineExceeded: it still is when the deadline passes.
    """

    def done(seen: Seen | None) -> bool:
        return is_at_rest(kind, seen, plan, ledger, limits)

    try:
        return look_until(kind, wanted, ledger, limits, done, lambda: kind.sight(ledger.seen), limits.deadline)
    except DeadlineExceeded as error:
        if plan.first is not None:
            error.add(f"{plan.first} was not sent")
        raise


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


def look_until(
    kind: Kind[Seen, Wanted],
    wanted: Wanted,
    ledger: Ledger[Seen],
    limits: Limits,
    done: Callable[[Seen | None], bool],
    describe: Callable[[], Sight],
    deadline: Deadline,
    trouble: ExoscaleError | None = None,
) -> Seen | None:
    """Pause and look until what is seen is ``done``.

    :param describe: says what is waited for, and how it is now.
    :param trouble: why the last look before has failed.
    :raises DeadlineExceeded: the deadline passed.
    """
    return waiting.look_until(
        lambda: look_once(kind, wanted, ledger, limits, retries=0),
        done,
        describe,
        deadline,
        limits.tell,
        trouble=trouble,
    )
