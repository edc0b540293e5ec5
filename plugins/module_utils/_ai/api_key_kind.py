# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An AI API key as a kind of resource for the loop."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Callable, NamedTuple

from .._api.errors import (
    ImmutableField,
    InvalidAnswer,
    InvalidInput,
    NotFound,
    Refused,
    RequestFailed,
)
from .._api.values import is_uuid, sentence, snake_case, uuid_of
from .._reconcile.plan import CREATE, Step
from .deployment import DEPLOYMENTS
from .listed_kind import ListedKind
from .reading import API_KEYS, read_by_id

if TYPE_CHECKING:
    from .._api.client import Client
    from .._api.deadline import Deadline
    from .._api.errors import ExoscaleError
    from .._api.operation import Operation
    from .._reconcile.plan import Plan

_PUBLIC = "public"
_LONGEST_NAME = 50
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 _'()-]*[A-Za-z0-9])?", re.ASCII)


class WantedKey(NamedTuple):
    """What a user wants of a key; ``scope`` is ``public``, a deployment's ID, or its name."""

    id: str | None
    name: str | None
    scope: str | None = None
    absent: bool = False
    recreate: bool = False

    @classmethod
    def from_params(cls, params: dict[str, Any]) -> WantedKey:
        """
        :raises InvalidInput: an option cannot be right.
        """
        name, scope = params["name"], params["scope"]
        if name is not None and (len(name) > _LONGEST_NAME or not _NAME.fullmatch(name)):
            raise InvalidInput(
                f"name is {name!r}, but must have 1 to {_LONGEST_NAME} characters: ASCII letters, digits, and between "
                "them also spaces and any of _'()-"
            )
        if scope is not None and (not scope or scope != scope.strip()):
            raise InvalidInput(f"scope is {scope!r}, which is empty or begins or ends with white space")
        scope = str(scope).lower() if is_uuid(scope) else scope
        return cls(uuid_of("id", params["id"]), name, scope, params["state"] == "absent", params["recreate"])


class ApiKeyKind(ListedKind[WantedKey]):
    """One key."""

    fields = ("name", "scope")
    noun = "AI API key"
    path = API_KEYS
    key = "ai-api-keys"
    title = "AI API key"

    after_lost_creation = (
        "If the name shows among the AI API keys by then, delete that key (state=absent) before you run the task "
        "again, since its value is lost"
    )

    def __init__(self, client: Client, warn: Callable[[str], None]) -> None:
        super().__init__(client)
        self._warn = warn
        self._value: str | None = None
        #: The key that this task has made, as the answer to its creation shows it.
        self._made: dict[str, Any] | None = None
        #: The IDs of deployments that were looked up by name.
        self._scopes: dict[str, str] = {}

    def look(
        self, wanted: WantedKey, deadline: Deadline, *, retries: int | None = None, may_be_missing: bool = False
    ) -> dict[str, Any] | None:
        try:
            found = super().look(wanted, deadline, retries=retries, may_be_missing=may_be_missing)
        except RequestFailed as error:
            if self._made is None:
                raise
            found = self._told_at_creation(self._made, f"cannot be read: {error}")
        if found is None and self._made is not None:
            found = self._told_at_creation(self._made, "does not show yet")
        if not wanted.absent and wanted.scope not in (None, _PUBLIC, *self._scopes) and not is_uuid(wanted.scope):
            from .deployment_reading import id_of_private

            self._scopes[str(wanted.scope)] = id_of_private(self.client, str(wanted.scope), deadline, retries)
        if found is None:
            return None
        if wanted.scope is not None and not found.get("scope") and found is not self._made:
            # The list may show less than the key itself.
            found = self.read_more(found, deadline, retries)
        # A key that somebody else has made shows no value, and one that this task has made does so once.
        return {key: value for key, value in found.items() if key != "value"}

    def _told_at_creation(self, made: dict[str, Any], why: str) -> dict[str, Any]:
        """The key as the answer to its creation shows it, which is the key itself."""
        self._warn(f"{sentence(self.name(made))} was created, but {why}")
        return made

    def check(self, plan: Plan, seen: dict[str, Any] | None, deadline: Deadline) -> None:
        # One that was given by its name was found.
        scopes = [step.result["scope"] for step in plan.steps if step.action == CREATE]
        for scope in scopes:
            if scope == _PUBLIC or scope in self._scopes.values():
                continue
            try:
                read_by_id(self.client, DEPLOYMENTS, scope, deadline)
            except RequestFailed as error:
                if error.is_absence:
                    raise Refused(
                        f"Nothing was changed: the scope {scope} is no deployment in this zone", status=error.status
                    ) from error
                self._warn(f"Whether the scope {scope} is a deployment was not checked: {error}")

    def creation(self, name: str, wanted: WantedKey) -> Step:
        if wanted.scope is None:
            raise InvalidInput(f"The AI API key named {name!r} does not exist, and to create it scope is missing")
        result = {"name": name, "scope": self._scope_id(wanted.scope)}
        return Step(CREATE, "POST", API_KEYS, result, result)

    def why_not_kept(self, seen: dict[str, Any], wanted: WantedKey) -> ExoscaleError | bool:
        has_another_scope = self._has_another_scope(seen, wanted)
        if not has_another_scope or wanted.recreate:
            return has_another_scope
        return ImmutableField(
            f"The scope of {self.name(seen)} is {seen['scope']} and cannot become {wanted.scope}. With "
            "recreate=true the task would delete the key and create another one in its place, with another value"
        )

    def _has_another_scope(self, seen: dict[str, Any], wanted: WantedKey) -> bool:
        shown = seen.get("scope")
        return bool(wanted.scope and shown) and str(shown).lower() != self._scope_id(str(wanted.scope)).lower()

    def _scope_id(self, scope: str) -> str:
        return self._scopes.get(scope, scope)

    def read_answer(self, step: Step, answer: dict[str, Any]) -> Operation | None:
        if step.action != CREATE:
            return super().read_answer(step, answer)
        if not is_uuid(answer.get("id")) or not isinstance(answer.get("value"), str) or not answer["value"]:
            raise InvalidAnswer(
                f"{step} was answered with something that is no key with an ID and a value", may_have_arrived=True
            )
        self._id, self._value = answer["id"].lower(), answer["value"]
        self._made = {**step.result, **snake_case(answer), "id": self._id}
        return None

    def after_lost_answer(self, step: Step, lost: RequestFailed) -> None:
        if step.action == CREATE:
            raise NotFound(
                f"The AI API key named {step.result['name']!r} exists now, but the answer to {step}, which alone shows "
                f"its value, was lost ({lost}). To have one whose value is known, delete it (state=absent) and run the "
                "task again",
                **lost.result(),
            )

    def state(self, seen: dict[str, Any]) -> str:
        return "there"

    def managed(self, wanted: WantedKey) -> dict[str, Any]:
        return {"name": wanted.name, **({} if wanted.scope is None else {"scope": wanted.scope})}

    def revealed(self) -> dict[str, Any]:
        return {} if self._value is None else {"value": self._value}

    def differences(self, seen: dict[str, Any], step: Step) -> str:
        return "; ".join(
            f"{key}: wanted {value!r}, found {seen.get(key)!r}"
            for key, value in step.result.items()
            if seen.get(key) != value
        )
