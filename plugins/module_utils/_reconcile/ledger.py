# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task has attempted. What it changed follows from this, and is stored nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Iterable, TypeVar

from .plan import CREATE, DELETE

if TYPE_CHECKING:
    from .._api.clock import Clock
    from .._api.errors import RequestFailed
    from .._api.operation import Operation
    from .plan import Plan, Step

ACCEPTED, REFUSED, BUSY, UNKNOWN = "accepted", "refused", "busy", "unknown"

Seen = TypeVar("Seen")


class Attempt(Generic[Seen]):
    """One write that was sent, and what became of it.

    :param outcome: ``accepted``, ``refused`` (the server certainly did nothing), ``busy`` or ``unknown``.
    :param before: what was seen before it; ``None`` if there was nothing.
    :param plan: the plan that it was the first step of.
    :param at: the monotonic time at which it was sent.
    :param disproved: of an unknown outcome: a later look shows that nothing happened.
    :param traced: of an unknown outcome: a later look shows that it happened.
    :param effect: what it has led to, if its operation failed and that was seen; ``None``: what it was to lead to.
    """

    def __init__(self, step: Step, outcome: str, before: Seen | None, plan: Plan, at: float) -> None:
        self.step = step
        self.outcome = outcome
        self.before = before
        self.plan = plan
        self.at = at
        self.operation: Operation | None = None
        self.error: RequestFailed | None = None
        self.at_rest_before = True
        self.disproved = False
        self.traced = False
        self.effect: dict[str, Any] | None = None

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


class Ledger(Generic[Seen]):
    """The attempts of one run towards one desire, in order, and what was seen last.

    :param looks: how often the resource was looked at since the last attempt whose effect is to be expected.
    :param unmoved_since: the monotonic time since which each look has shown the same.
    :param looked_at: the monotonic time at which the last look ended.
    :param pauses: how often an attempt was put off, since the API wanted no requests.
    """

    def __init__(self) -> None:
        self.attempts: list[Attempt[Seen]] = []
        self.seen: Seen | None = None
        self.plan: Plan | None = None
        self.looks = 0
        self.unmoved_since = 0.0
        self.looked_at = 0.0
        self.pauses = 0
        #: How many of the attempts had been made when the resource was seen to do what it is for.
        self._served_after: int | None = None

    def add(self, tried: Attempt[Seen]) -> Attempt[Seen]:
        """Keep an attempt."""
        if tried.outcome == ACCEPTED:
            # Whether an earlier one of the same has happened as well makes no difference any more.
            for earlier in self.tries(tried.step, UNKNOWN):
                earlier.disproved = not earlier.traced
        self.attempts.append(tried)
        self.looks = 0
        return tried

    def unmoved_for(self, clock: Clock) -> float:
        """Seconds for which each look has shown the same."""
        return clock.monotonic() - self.unmoved_since

    @property
    def _held(self) -> list[Attempt[Seen]]:
        """The attempts whose effect is to be expected, the last one first, back to the last deletion."""
        held = []
        for tried in reversed(self.attempts):
            if tried.holds:
                held.append(tried)
                if tried.step.action == DELETE:
                    break
        return held

    @property
    def last(self) -> Attempt[Seen] | None:
        """The last attempt whose effect is to be expected."""
        return next(iter(self._held), None)

    def note_service(self) -> None:
        """Remember that the resource was seen to do what it is for."""
        self._served_after = len(self.attempts)

    @property
    def has_served(self) -> bool:
        """Whether the resource was seen to do what it is for since the last attempt."""
        return self._served_after == len(self.attempts)

    @property
    def undo(self) -> Any:
        """What is wanted if what was changed, and has not served yet, is to be taken back; ``None`` if it cannot be."""
        unproven = self.attempts[slice(self._served_after, None)]
        undone = (tried.step.undo for tried in reversed(unproven) if tried.holds)
        return next((undo for undo in undone if undo is not None), None)

    def deletion_under_way(self, seen: Seen | None, wait: bool) -> bool:
        """Whether what is seen is going to vanish, so that nothing it shows counts any more, and that is waited for."""
        last = self.last
        return seen is not None and last is not None and last.step.action == DELETE and (wait or last.step.must_end)

    def wanted_now(self, seen: Seen | None, wanted: Any) -> Any:
        """What is wanted: once the resource that is replaced is gone, whoever deleted it, the one in its place."""
        if seen is not None:
            return wanted
        return next((tried.step.then for tried in reversed(self.attempts) if tried.step.then is not None), wanted)

    def awaited(self, plan: Plan) -> Attempt[Seen] | None:
        """The attempt after which ``plan`` should not be needed any more."""
        if plan.first is not None:
            return self.expects(plan.first)
        created = (tried for tried in self._held if tried.step.action == CREATE)
        return next(created, None) if plan.refusal is not None else None

    def expects(self, step: Step) -> Attempt[Seen] | None:
        """The attempt that should have led to what ``step`` is to do, so that it must not be sent."""
        for tried in self._held:
            if step.action == DELETE:
                # Nothing that was just created or changed is deleted because a read shows it otherwise.
                matches = tried.step.action != DELETE or tried.step.path == step.path
            elif step.action == CREATE:
                matches = tried.step.action == CREATE
            else:
                result = tried.step.result
                matches = any(key in result and result[key] == value for key, value in step.result.items())
            if matches and (tried.step.action != DELETE or step.action == DELETE):
                return tried
        return None

    def tries(self, step: Step, *outcomes: str) -> list[Attempt[Seen]]:
        """The attempts at the same request that came out so."""
        return [tried for tried in self.attempts if tried.step.request == step.request and tried.outcome in outcomes]

    @property
    def may_be_missing(self) -> bool:
        """Whether it is no surprise that the resource is not there."""
        return bool(self.attempts) and self.attempts[-1].step.action in (CREATE, DELETE)


class Report:
    """What was done, in the words of a result.

    ``after`` is what is managed, as it should be after what was done.
    """

    def __init__(
        self,
        actions: list[str],
        order: tuple[str, ...],
        before: dict[str, Any],
        after: dict[str, Any],
        label: str,
        fate: str,
    ) -> None:
        self.changed = bool(actions)
        self.actions = actions
        self.changes = [key for key in order if before.get(key) != after.get(key)]
        self.before = before
        self.after = after
        self.label = label
        self.after_label = label + fate


def report(ledgers: Iterable[Ledger[Any]], order: tuple[str, ...]) -> Report:
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
        after = {**kept, **(attempt.step.result if attempt.effect is None else attempt.effect)}
    actions = [attempt.step.action for attempt in done]
    return Report(actions, order, before, after, plan.label if plan else "", _fate(done))


def _fate(done: list[Attempt[Any]]) -> str:
    """What has become of the resource as a whole, for the header of a diff."""
    is_created = any(attempt.step.action == CREATE and attempt.effect != {} for attempt in done)
    if any(attempt.step.action == DELETE and attempt.effect is None for attempt in done):
        return ", replaced" if is_created else ", deleted"
    return ", created" if is_created else ""
