# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the kinds of resources have in common that the API lists whole, and that have a name and an ID."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Protocol, Sequence, TypeVar, cast

from .._api.errors import ImmutableField, NotFound
from .._api.values import sentence
from .._reconcile.kind import Kind
from .._reconcile.plan import DELETE, Plan, Step
from .finding_one import find_one
from .reading import may_list, read_by_id

if TYPE_CHECKING:
    from .._api.client import Client
    from .._api.deadline import Deadline
    from .._api.errors import ExoscaleError


class _Named(Protocol):
    """What a user wants of such a resource."""

    @property
    def id(self) -> str | None:
        """Its UUID, if the user has given it."""

    @property
    def name(self) -> str | None:
        """Its name, if the user has given it."""

    @property
    def absent(self) -> bool:
        """Whether it shall not be there."""


Wanted = TypeVar("Wanted", bound=_Named)


class ListedKind(Kind["dict[str, Any]", Wanted], Generic[Wanted]):
    """One resource; it is seen as the API shows it, with keys in snake_case."""

    #: ``GET`` of this path lists them, in the answer's list ``key``.
    path: str
    key: str
    #: Begins the headers of a diff.
    title: str

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        self._id: str | None = None
        self._last_id: str | None = None
        #: What was deleted for one that was created and is found by its name; a list may still show it.
        self._replaced_id: str | None = None
        self._wanted: Wanted | None = None

    def look(
        self, wanted: Wanted, deadline: Deadline, *, retries: int | None = None, may_be_missing: bool = False
    ) -> dict[str, Any] | None:
        self._wanted = wanted
        known_id, may_be_missing = self._id or wanted.id, may_be_missing or wanted.absent
        found = find_one(
            self.client,
            self.noun,
            self.path,
            self.key,
            known_id,
            wanted.name,
            deadline,
            retries,
            may_be_missing,
            self._replaced_id,
        )
        self._id = None if found is None else found["id"]
        self._last_id = self._id or self._last_id
        return found

    def is_listed(self, seen: dict[str, Any], deadline: Deadline) -> bool:
        return may_list(self.client, self.path, self.key, seen["id"], seen["name"], deadline)

    def read_more(self, listed: dict[str, Any], deadline: Deadline, retries: int | None) -> dict[str, Any]:
        """The resource with what it shows singly, where that is more than the list does.

        :raises RequestFailed: it cannot be read.
        """
        single = read_by_id(self.client, self.path, listed["id"], deadline, retries)
        return {**listed, **{key: value for key, value in single.items() if value is not None}, "name": listed["name"]}

    def leaves_trace(self, step: Step, before: dict[str, Any] | None, seen: dict[str, Any] | None) -> bool:
        # What else moves, moves by itself.
        return (seen is None) if step.action == DELETE else seen is not None

    def effect(self, step: Step, seen: dict[str, Any] | None) -> dict[str, Any]:
        return self._part(seen) if seen is not None else {}

    def unverified(self, seen: dict[str, Any] | None, wanted: Wanted) -> list[str]:
        managed = {} if seen is None or wanted.absent else self.managed(wanted)
        return [key for key, value in managed.items() if value is not None and (seen or {}).get(key) is None]

    def warnings(self, before: dict[str, Any] | None, seen: dict[str, Any], managed: set[str]) -> list[str]:
        unknown = self.unverified(seen, self._wanted) if self._wanted is not None else []
        name = sentence(self.name(seen))
        return [f"{name}: the API does not show {key}, so that what is declared was not compared" for key in unknown]

    def _part(self, seen: dict[str, Any]) -> dict[str, Any]:
        """The fields that a task can manage, as far as they are shown."""
        return {key: seen[key] for key in self.fields if seen.get(key) is not None}

    def creation(self, name: str, wanted: Wanted) -> Step:
        """The step that makes one of this name.

        :raises InvalidInput: something is missing for it.
        """
        raise NotImplementedError

    def why_not_kept(self, seen: dict[str, Any], wanted: Wanted) -> ExoscaleError | bool:
        """Whether another one must take its place; or why none may, though it is not what is wanted."""
        raise NotImplementedError

    def plan(self, seen: dict[str, Any] | None, wanted: Wanted) -> Plan:
        name, which = (wanted.name, "not there") if seen is None else (seen["name"], seen["id"])
        label = f"{self.title} {name or wanted.id} ({which})"
        if seen is None:
            return Plan(() if wanted.absent else (self._first_creation(wanted),), {}, label)
        before = self._part(seen)
        delete = Step(DELETE, "DELETE", f"{self.path}/{seen['id']}", None, {})
        if wanted.name not in (None, seen["name"]):
            refusal = ImmutableField(
                f"{sentence(self.name(seen))} is not named {wanted.name}, and a name cannot be changed"
            )
            return Plan((), before, label, refusal)
        if wanted.absent:
            return Plan((delete,), before, label)
        why = self.why_not_kept(seen, wanted)
        if why is False:
            return Plan((), before, label)
        if why is not True:
            return Plan((), before, label, why)
        # Values of what is wanted are named tuples.
        again = cast(Any, wanted)._replace(id=None, name=seen["name"])
        return Plan((delete._replace(then=again, must_end=True), self.creation(seen["name"], again)), before, label)

    def _first_creation(self, wanted: Wanted) -> Step:
        if wanted.name is None:
            raise NotFound(f"The {self.noun} {wanted.id} is not there, and one is created by name and not by id")
        return self.creation(wanted.name, wanted)

    def name(self, seen: dict[str, Any] | None) -> str:
        if seen is None:
            return f"the {self.noun} {self._wanted.name or self._wanted.id}" if self._wanted else f"the {self.noun}"
        return f"the {self.noun} {seen['name']} ({seen['id']})"

    def shown(self, seen: dict[str, Any] | None, steps: Sequence[Step]) -> dict[str, Any] | None:
        for step in steps:
            seen = None if step.action == DELETE else {"id": None, **step.result}
        return seen
