# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task has attempted. What it changed follows from this, and is stored nowhere else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Iterable, TypeVar

from .plan import CREATE, DELETE, Plan, Step

if TYPE_CHECKING:
    from .._api.errors import RequestFailed
    from .._api.operation import Operation

ACCEPTED, REFUSED, BUSY, UNKNOWN = "accepted", "refused", "busy", "unknown"

Seen = TypeVar("Seen")


@dataclass
class Attempt(Generic[Seen]):
    """One write that was sent, and what became of it.

    :param outcome: ``accepted``, ``refused`` (the server certainly did nothing), ``busy`` or ``unknown``.
    :param before: what was seen before it; ``None`` if there was nothing.
    :param plan: the plan that it was the first step of.
    :param at: the monotonic time at which it was sent.
    :param disproved: of an unknown outcome: a later look shows that nothing happened.
    :param traced: of an unknown outcome: a later look shows that it happened.
    :param looks: how often the resource was seen at rest since.
    """

    step: Step
    outcome: str
    before: Seen | None
    plan: Plan
    at: float
    operation: Operation | None = None
    error: RequestFailed | None = None
    at_rest_before: bool = True
    disproved: bool = False
    traced: bool = False
    looks: int = 0

    @property
    def counts(self) -> bool:
        """Whether it has, or may have, changed something."""
        return self.outcome == ACCEPTED or (self.outcome == UNKNOWN and not self.disproved)

    @property
    def holds(self) -> bool:
        """Whether its effect is to be expected, so that it must not be sent again."""
        return self.outcome == ACCEPTED or (self.outcome == UNKNOWN and self.traced)

    @property
    def has_ended(self) -> bool:
        return self.operation is not None and not self.operation.pending


@dataclass
class Ledger(Generic[Seen]):
    """The attempts of one run towards one desire, in order, and what was seen last.

    :param looks: how often the resource was looked at without an attempt before it.
    """

    attempts: list[Attempt[Seen]] = field(default_factory=list)
    looks: int = 0
    seen: Seen | None = None
    plan: Plan | None = None

    @property
    def last(self) -> Attempt[Seen] | None:
        """The last attempt whose effect is to be expected."""
        return next((attempt for attempt in reversed(self.attempts) if attempt.holds), None)

    def awaited(self, step: Step | None) -> Attempt[Seen] | None:
        """The attempt that should have led to what ``step`` is to do."""
        if step is None:
            return None
        for attempt in reversed(self.attempts):
            if attempt.holds and attempt.step.action == step.action:
                result = attempt.step.result
                if not step.result or any(key in result and result[key] == step.result[key] for key in step.result):
                    return attempt
        return None

    def tries(self, step: Step, *outcomes: str) -> list[Attempt[Seen]]:
        """The attempts at the same request that came out so."""
        return [attempt for attempt in self.attempts if attempt.step == step and attempt.outcome in outcomes]

    @property
    def may_be_missing(self) -> bool:
        """Whether it is no surprise that the resource is not there."""
        return bool(self.attempts) and self.attempts[-1].step.action in (CREATE, DELETE)


@dataclass(frozen=True)
class Report:
    """What was done, in the words of a result.

    ``after`` is what is managed, as it should be after what was done.
    """

    changed: bool
    actions: list[str]
    changes: list[str]
    before: dict[str, Any]
    after: dict[str, Any]
    label: str
    after_label: str


def report(ledgers: Iterable[Ledger[Any]], order: Iterable[str]) -> Report:
    """
    :param ledgers: of one task, in order of time.
    :param order: the names of all fields, in the order in which changes are told.
    """
    told = list(ledgers)
    done = [attempt for ledger in told for attempt in ledger.attempts if attempt.counts]
    plan = done[0].plan if done else next((ledger.plan for ledger in reversed(told) if ledger.plan), None)
    before = dict(plan.before) if plan else {}
    after = dict(before)
    for attempt in done:
        # A creation shows all that was asked for; nothing is left of what was there before.
        kept = {} if attempt.step.action in (CREATE, DELETE) else after
        after = {**kept, **attempt.step.result}
    actions = [attempt.step.action for attempt in done]
    label = plan.label if plan else ""
    after_label = label
    if DELETE in actions:
        after_label += ", replaced" if CREATE in actions else ", deleted"
    return Report(
        changed=bool(done),
        actions=actions,
        changes=[key for key in order if before.get(key) != after.get(key)],
        before=before,
        after=after,
        label=label,
        after_label=after_label,
    )
