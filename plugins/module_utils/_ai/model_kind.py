# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A model as a kind of resource for the loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, NamedTuple

from .._api.errors import InvalidAnswer, InvalidInput, Refused
from .._api.values import is_text, sentence, uuid_of
from .._reconcile.plan import CREATE, DELETE, Step
from .listed_kind import ListedKind
from .reading import MODELS

if TYPE_CHECKING:
    from .._api.client import Client
    from .._api.deadline import Deadline
    from .._api.errors import ExoscaleError
    from .._api.operation import Operation
    from .._reconcile.plan import Plan

_TRANSITIONS = ("created", "creating", "downloading")
_READY, _ERROR = "ready", "error"
_IN_USE = 412


class WantedModel(NamedTuple):
    """What a user wants of a model; ``token`` is for its creation only."""

    id: str | None
    name: str | None
    token: str | None = None
    absent: bool = False
    recreate: bool = False

    @classmethod
    def from_params(cls, params: dict[str, Any]) -> WantedModel:
        """
        :raises InvalidInput: an option cannot be right.
        """
        name = params["name"]
        if name is not None and (not name or name != name.strip()):
            raise InvalidInput(f"name is {name!r}, which is empty or begins or ends with white space")
        absent = params["state"] == "absent"
        return cls(uuid_of("id", params["id"]), name, params["huggingface_token"], absent, params["recreate"])


class ModelKind(ListedKind[WantedModel]):
    """One model of a zone."""

    fields = ("name",)
    noun = "model"
    path = MODELS
    key = "models"
    title = "AI model"
    cure = "With recreate=true the task deletes it and creates it again, and wait_for=operation accepts the state"

    def __init__(self, client: Client, warn: Callable[[str], None]) -> None:
        super().__init__(client)
        self._warn = warn

    def look(
        self, wanted: WantedModel, deadline: Deadline, *, retries: int | None = None, may_be_missing: bool = False
    ) -> dict[str, Any] | None:
        found = super().look(wanted, deadline, retries=retries, may_be_missing=may_be_missing)
        if found is None or wanted.absent or is_text(found.get("state")):
            return found
        # The list may show less than the model itself.
        found = self.read_more(found, deadline, retries)
        if not is_text(found.get("state")):
            raise InvalidAnswer(f"GET {MODELS}/{found['id']}: the answer does not show the state of the model")
        return found

    def creation(self, name: str, wanted: WantedModel) -> Step:
        token = {} if wanted.token is None else {"huggingface-token": wanted.token}
        return Step(CREATE, "POST", MODELS, {"name": name, **token}, {"name": name})

    def why_not_kept(self, seen: dict[str, Any], wanted: WantedModel) -> bool:
        return wanted.recreate and self.in_error(seen)

    def state(self, seen: dict[str, Any]) -> str:
        return str(seen.get("state"))

    def managed(self, wanted: WantedModel) -> dict[str, Any]:
        return {"name": wanted.name}

    def check(self, plan: Plan, seen: dict[str, Any] | None, deadline: Deadline) -> None:
        # A run leaves it to the API, which knows best.
        if self.client.read_only and seen is not None and any(step.action == DELETE for step in plan.steps):
            from .model_users import users_of

            users = users_of(self.client, seen, self._warn)
            if users:
                raise Refused(
                    f"The API would refuse to delete {self.name(seen)}: it is in use by {users}. Delete those first"
                )

    def adopt(self, operation: Operation | None) -> None:
        self._replaced_id = self._last_id
        self._id = None if operation is None else operation.reference_id

    def in_transition(self, seen: dict[str, Any]) -> bool:
        return seen.get("state") in _TRANSITIONS

    def in_error(self, seen: dict[str, Any]) -> bool:
        return bool(seen.get("state") == _ERROR)

    def differences(self, seen: dict[str, Any], step: Step) -> str:
        return f"name: wanted {step.result.get('name')!r}, found {seen['name']!r}"

    def explain_refusal(self, step: Step, seen: dict[str, Any] | None, error: ExoscaleError) -> None:
        if step.action == DELETE and error.status == _IN_USE:
            from .model_users import named

            users = named(self.client, error.document.get("deployments"))
            if users:
                error.add(f"It is in use by {users}. Delete those first")

    def warnings(self, before: dict[str, Any] | None, seen: dict[str, Any], managed: set[str]) -> list[str]:
        told = super().warnings(before, seen, managed)
        if seen.get("state") in (*_TRANSITIONS, _READY, _ERROR):
            return told
        return [*told, f"{sentence(self.describe(seen))}, which this version of the collection does not know"]
