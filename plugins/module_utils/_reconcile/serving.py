# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the loop waits until a resource that is ready does what it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic

from .._api.errors import DeadlineExceeded, NotServing
from .._api.sight import Sight
from .ledger import Seen
from .patience import look_until

if TYPE_CHECKING:
    from .kind import Kind, Wanted
    from .ledger import Ledger
    from .limits import Limits


def look_until_serving(
    kind: Kind[Seen, Wanted], wanted: Wanted, seen: Seen | None, ledger: Ledger[Seen], limits: Limits
) -> Seen | None:
    """Ask, and pause and look and ask again, until it serves, or is in a state in which it cannot.

    :raises NotServing: it does not when the deadline passes, or certainly never will.
    """
    trial = _Trial(kind, ledger, limits)
    for_how_long = "and waiting does not change that"
    if not trial.has_ended(seen):
        try:
            seen = look_until(kind, wanted, ledger, limits, trial.has_ended, trial.describe, limits.deadline)
        except DeadlineExceeded:
            if trial.reason is None:
                raise
            trial.reason.is_final = True
            for_how_long = f"for {limits.waiting.timeout:g} seconds (wait_timeout)"
    reason = trial.reason
    if reason is None or not reason.is_final:
        return seen
    told = kind.describe(ledger.seen)
    raise NotServing(
        f"{told[0].upper()}{told[1:]}, but does not serve, {for_how_long}: {reason}",
        undo=ledger.undo,
        after_change=any(tried.counts for tried in ledger.attempts),
        status=reason.status,
        detail=reason.detail,
    )


class _Trial(Generic[Seen]):
    """``reason`` is why it does not serve, ``None`` if it does or that is not known."""

    def __init__(self, kind: Kind[Seen, Any], ledger: Ledger[Seen], limits: Limits) -> None:
        self._kind = kind
        self._ledger = ledger
        self._limits = limits
        self.reason: NotServing | None = None

    def has_ended(self, seen: Seen | None) -> bool:
        if seen is None or self._kind.in_error(seen):
            self.reason = None
            return True
        if self._kind.in_transition(seen):
            return False
        self.reason = self._kind.why_not_serving(seen, self._limits.deadline)
        self._ledger.has_served = self.reason is None
        return self.reason is None or self.reason.is_final

    def describe(self) -> Sight:
        subject, state = self._kind.sight(self._ledger.seen)
        return Sight(subject, state if self.reason is None else f"{state}, but does not serve yet: {self.reason}")
