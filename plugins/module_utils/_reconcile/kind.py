# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the loop must know of a kind of resource. A subclass says all of it; the loop knows no kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Sequence, TypeVar

from .._api.sight import Sight

if TYPE_CHECKING:
    from .._api.client import Client
    from .._api.deadline import Deadline
    from .._api.errors import ExoscaleError, NotServing, RequestFailed
    from .._api.operation import Operation
    from .plan import Plan, Step

Seen = TypeVar("Seen")
Wanted = TypeVar("Wanted")


class Kind(Generic[Seen, Wanted]):
    """One resource of a kind: it remembers which one it is, and nothing of what was done to it.

    :param client: reads and writes; the loop sends the writes.
    """

    #: The names of the fields that a task can manage, in the order in which changes are told.
    fields: tuple[str, ...] = ()
    #: What one is called inside a sentence.
    noun = "resource"
    #: What helps one that is in a state of failure though nothing that is wanted differs.
    cure = "Change what is declared, or set wait_for=operation to accept the state"

    #: What to do after a creation whose answer was lost and of which no trace was seen.
    after_lost_creation = (
        "It is safe to run the task again once the name shows among the {noun}s, or certainly does not"
    )

    def __init__(self, client: Client) -> None:
        self.client = client

    def look(
        self, wanted: Wanted, deadline: Deadline, *, retries: int | None = None, may_be_missing: bool = False
    ) -> Seen | None:
        """Find and read it; ``None`` if it is certainly not there.

        :param retries: instead of the client's own number, for callers that repeat by themselves.
        :param may_be_missing: it is no error if what was known by its ID is not there any more.
        """
        raise NotImplementedError

    def plan(self, seen: Seen | None, wanted: Wanted) -> Plan:
        """The steps that are left. Pure."""
        raise NotImplementedError

    def name(self, seen: Seen | None) -> str:
        """Names the resource inside a sentence, as in 'the deployment chat'."""
        raise NotImplementedError

    def state(self, seen: Seen) -> str:
        """The state that the API shows, perhaps with details."""
        raise NotImplementedError

    def describe(self, seen: Seen | None) -> str:
        """The name and the state, inside a sentence."""
        return str(self.sight(seen))

    def sight(self, seen: Seen | None) -> Sight:
        """The same in its two halves."""
        return Sight(self.name(seen), "not there" if seen is None else f"in the state {self.state(seen)}")

    def tell(self, values: dict[str, Any]) -> str:
        """Values of fields, inside a sentence."""
        return ", ".join(f"{key} {value!r}" for key, value in values.items())

    def shown(self, seen: Seen | None, steps: Sequence[Step]) -> dict[str, Any] | None:
        """The resource as a result shows it.

        :param steps: in check mode, what would be done to it.
        """
        raise NotImplementedError

    def revealed(self) -> dict[str, Any]:
        """Secrets that a result must show, since there is no other way to get them."""
        return {}

    def declaration(self, wanted: Wanted) -> dict[str, Any]:
        """What a user declares to have what is wanted."""
        return self.managed(wanted)

    def managed(self, wanted: Wanted) -> dict[str, Any]:
        """The fields that are wanted."""
        raise NotImplementedError

    def check(self, plan: Plan, seen: Seen | None, deadline: Deadline) -> None:
        """Look up whether the API would refuse the plan, before its first step is sent.

        :raises Refused: it would, certainly.
        """

    def read_answer(self, step: Step, answer: dict[str, Any]) -> Operation | None:
        """The operation that a write was answered with; ``None`` if this kind has none for it."""
        # Imported where something was changed: a module compiles whatever it imports, each time it starts.
        from .._api.operation import Operation

        return Operation.from_api(answer, str(step))

    def after_lost_answer(self, step: Step, lost: RequestFailed) -> None:
        """Raise if ``step``, which took effect, is of no use without its answer; ``lost`` tells why there is none."""

    def adopt(self, operation: Operation | None) -> None:
        """Remember which resource a creation has made; called before that is known as well."""

    def in_transition(self, seen: Seen) -> bool:
        """Whether it is going to be in another state without anybody doing anything."""
        return False

    def may_rest_in_transition(self, seen: Seen, last: Step | None) -> bool:
        """Whether it may stay in a state of transition after its operation has ended.

        :param last: the step that the task has taken, if it has taken one.
        """
        return False

    def in_error(self, seen: Seen) -> bool:
        """Whether it is in a state of failure."""
        return False

    def can_serve(self, seen: Seen) -> bool:
        """Whether there is something that could do what the resource is for, once it is ready."""
        return False

    def why_not_serving(self, seen: Seen, deadline: Deadline) -> NotServing | None:
        """Ask it to do what it is for; ``None`` if it does.

        :raises ExoscaleError: that cannot be told.
        """
        return None

    def leaves_trace(self, step: Step, before: Seen | None, seen: Seen | None) -> bool:
        """Whether ``seen`` shows that something has been done to it since ``before``."""
        return before != seen

    def effect(self, step: Step, seen: Seen | None) -> dict[str, Any]:
        """What ``step``, whose operation failed, has led to: the fields of its result as they are now."""
        return step.result

    def unverified(self, seen: Seen | None, wanted: Wanted) -> list[str]:
        """The wanted fields that the API does not show."""
        return []

    def explain_refusal(self, step: Step, seen: Seen | None, error: ExoscaleError) -> None:
        """Add to an error what only this kind knows of it."""

    def explain_failure(self, seen: Seen, error: ExoscaleError, is_past: bool) -> None:
        """Add to an error what the resource itself tells of its failure, its log for example.

        :param is_past: the state is about to be changed back.
        """

    def differences(self, seen: Seen, step: Step) -> str:
        """In which fields ``seen`` is not yet what ``step`` was to lead to."""
        return ", ".join(step.result)

    def is_listed(self, seen: Seen, deadline: Deadline) -> bool:
        """Whether the API lists a resource, or may do so, whatever it answers to who asks for it alone.

        :raises RequestFailed: the list cannot be read.
        """
        return False

    def warnings(self, before: Seen | None, seen: Seen, managed: set[str]) -> list[str]:
        """What is worth telling of a resource at its end.

        :param before: what it was before the task changed it; ``None`` if the task did not.
        :param managed: the fields that the task compared or changed.
        """
        return []
