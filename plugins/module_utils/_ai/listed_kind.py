# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the kinds of resources have in common that the API lists whole, and that have a name and an ID."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Protocol, Sequence, TypeVar

from .._reconcile.kind import Kind
from .._reconcile.plan import DELETE
from .finding_one import find_one

if TYPE_CHECKING:
    from .._api.client import Client
    from .._api.deadline import Deadline
    from .._reconcile.plan import Step


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

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        self._id: str | None = None
        self._wanted: Wanted | None = None

    def look(
        self, wanted: Wanted, deadline: Deadline, *, retries: int | None = None, may_be_missing: bool = False
    ) -> dict[str, Any] | None:
        self._wanted = wanted
        known_id, may_be_missing = self._id or wanted.id, may_be_missing or wanted.absent
        found = find_one(
            self.client, self.noun, self.path, self.key, known_id, wanted.name, deadline, retries, may_be_missing
        )
        self._id = None if found is None else found["id"]
        return found

    def name(self, seen: dict[str, Any] | None) -> str:
        if seen is None:
            return f"the {self.noun} {self._wanted.name or self._wanted.id}" if self._wanted else f"the {self.noun}"
        return f"the {self.noun} {seen['name']} ({seen['id']})"

    def shown(self, seen: dict[str, Any] | None, steps: Sequence[Step]) -> dict[str, Any] | None:
        for step in steps:
            seen = None if step.action == DELETE else {"id": None, **step.result}
        return seen
