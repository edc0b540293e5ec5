# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the loop waits until a resource that is ready does what it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic

from .._api.errors import DeadlineExceeded, ExoscaleError, NotServing
from .._api.sight import Sight
from .._api.values import sentence
from .._api.waiting import look_until
from .ledger import Seen
from .looking import look_once

if TYPE_CHECKING:
    from .kind import Kind
    from .ledger import Ledger
    from .limits import Limits

#: So many refusals in a row, for so many seconds, are the last word.
_MOST_REFUSALS = 3
_LONG_REFUSED = 10.0


def look_until_serving(
    kind: Kind[Seen, Any], wanted: Any, seen: Seen | None, ledger: Ledger[Seen], limits: Limits
) -> Seen | None:
    """Ask, and pause and look and ask again, until it serves, or is in a state in which it cannot.

    :raises NotServing: it does not when the deadline passes, or certainly never will.
    :raises DeadlineExceeded: the deadline has passed, and whether it serves is not known.
    """
    trial = _Trial(kind, wanted, ledger, limits)
    trouble: ExoscaleError | None = None
    try:
        trial.ask(seen)
    except ExoscaleError as error:
        if not error.may_be_lag:
            raise
        trouble = error
    how_long = ", and waiting does not change that"
    if not trial.has_ended:
        try:
            seen = look_until(
                trial.look,
                lambda _seen: trial.has_ended,
                trial.describe,
                limits.deadline,
                limits.tell,
                trouble=trouble,
            )
        except DeadlineExceeded:
            if trial.reason is None:
                raise
            how_long = f" for {limits.waiting.timeout:g} seconds (wait_timeout)"
    reason = trial.reason
    if reason is None:
        return seen
    raise NotServing(
        f"{sentence(kind.name(ledger.seen))} was in the state ready, but did not serve{how_long}: {reason}",
        # What may lie on the way is no reason for another change.
        undo=ledger.undo if reason.is_certain else None,
        after_change=any(tried.counts for tried in ledger.attempts),
        status=reason.status,
        detail=reason.detail,
    )


class _Trial(Generic[Seen]):
    """``reason`` is why it did not serve when it was asked last; ``None`` if it did, or was not asked since then."""

    def __init__(self, kind: Kind[Seen, Any], wanted: Any, ledger: Ledger[Seen], limits: Limits) -> None:
        self._kind = kind
        self._wanted = wanted
        self._ledger = ledger
        self._limits = limits
        self._refused: list[float] = []
        self.reason: NotServing | None = None
        self.has_ended = False

    def look(self) -> Seen | None:
        # An earlier answer does not tell what is so by now.
        self.reason = None
        seen = look_once(self._kind, self._wanted, self._ledger, self._limits, retries=0)
        self.ask(seen)
        return seen

    def ask(self, seen: Seen | None) -> None:
        if seen is None or self._kind.in_error(seen):
            self.has_ended = True
        elif self._kind.in_transition(seen):
            self._refused.clear()
        elif not self._kind.can_serve(seen):
            self.has_ended = True
        else:
            self.reason = self._kind.why_not_serving(seen, self._limits.deadline)
            if self.reason is None:
                self._ledger.note_service()
            self.has_ended = self.reason is None or self._is_last_word(self.reason)

    def describe(self) -> Sight:
        subject, state = self._kind.sight(self._ledger.seen)
        return Sight(subject, state if self.reason is None else f"{state}, but does not serve yet: {self.reason}")

    def _is_last_word(self, reason: NotServing) -> bool:
        if not reason.is_refusal:
            self._refused.clear()
            return False
        self._refused.append(self._limits.deadline.clock.monotonic())
        has_lasted = self._refused[-1] - self._refused[0] >= _LONG_REFUSED
        return has_lasted and len(self._refused) >= _MOST_REFUSALS
