# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AI deployments: what one is, what is wanted of it, and the plan that leads from the one to the other.

All of it is pure: no HTTP, no clock.
"""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass, field
from typing import Any, Iterable

from ansible_collections.exoscale.cloud.plugins.module_utils._errors import InvalidAnswer, InvalidInput
from ansible_collections.exoscale.cloud.plugins.module_utils._values import is_uuid, snake_case

READY = "ready"
ERROR = "error"
TRANSITIONS = frozenset(["creating", "deploying", "preparing", "scaling", "updating"])

_PARAMETERS = "inference_engine_parameters"
#: What one PATCH can change, in the order in which changes are reported.
UPDATABLE = ("name", "inference_engine_version", _PARAMETERS)
#: What nobody but the user should change; the rest of an answer moves by itself.
_CONFIGURATION = (*UPDATABLE, "model", "gpu_type", "gpu_count", "replicas")
_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+", re.ASCII)


@dataclass(frozen=True)
class Deployment:
    """``GET /ai/deployment/{id}``; ``fields`` has the answer's keys in snake_case."""

    id: str
    fields: dict[str, Any] = field(hash=False)

    @classmethod
    def from_api(cls, payload: dict[str, Any], deployment_id: str | None = None) -> Deployment:
        """
        :param deployment_id: the ID that was asked for, as the answer itself need not hold it.
        :raises InvalidAnswer: the payload is not a deployment.
        """
        fields = snake_case(payload)
        found_id = fields.setdefault("id", deployment_id)
        # The API leaves an empty list out.
        if fields.get(_PARAMETERS) is None:
            fields[_PARAMETERS] = []
        wrong = [key for key in ("name", "state") if not isinstance(fields.get(key), str)]
        if not is_uuid(found_id):
            wrong.append("id")
        if not _is_list_of_text(fields[_PARAMETERS]):
            wrong.append(_PARAMETERS)
        if wrong:
            raise InvalidAnswer(
                "The API answered with something that is not a deployment: {} missing or of another type".format(
                    ", ".join(wrong)
                )
            )
        return cls(id=str(found_id), fields=fields)

    @property
    def name(self) -> str:
        return str(self.fields["name"])

    @property
    def state(self) -> str:
        return str(self.fields["state"])

    @property
    def in_transition(self) -> bool:
        return self.state in TRANSITIONS

    def __str__(self) -> str:
        return f"the deployment {self.name} ({self.id})"

    def describe_state(self) -> str:
        details = self.fields.get("state_details")
        return f"{self.state} ({details})" if details else self.state


@dataclass(frozen=True)
class Desired:
    """What the user wants; ``managed`` has the fields that were given, and no others."""

    id: str | None
    lookup_name: str | None
    managed: dict[str, Any] = field(hash=False)

    @classmethod
    def from_params(cls, params: dict[str, Any]) -> Desired:
        """
        :raises InvalidInput: an option cannot be right.
        """
        deployment_id, name = params["id"], params["name"]
        if deployment_id is None and name is None:
            raise InvalidInput("Which deployment is meant? Set id or name")
        if deployment_id is not None and not is_uuid(deployment_id):
            raise InvalidInput(f"id is {deployment_id!r}, which is not a UUID")
        if name is not None and not name.strip():
            raise InvalidInput("name is empty, but a deployment's name has at least one character")
        version = params["inference_engine_version"]
        if version is not None and not _VERSION.fullmatch(version):
            raise InvalidInput(f"inference_engine_version is {version!r}, but must be three numbers such as '0.19.0'")
        for number, token in enumerate(params[_PARAMETERS] or [], start=1):
            if _is_python_and_not_json(token):
                # The token is not repeated, for it may hold a secret.
                raise InvalidInput(
                    f"Item {number} of {_PARAMETERS} is a mapping or list in Python's notation and not JSON, which the "
                    "engine would not understand. Write the JSON text in quotes, or, in a template, end it with "
                    "'| to_json | string'"
                )
        managed = {key: params[key] for key in UPDATABLE if params[key] is not None}
        if deployment_id is None:
            managed.pop("name")
            return cls(None, name, managed)
        return cls(deployment_id.lower(), None, managed)


@dataclass(frozen=True)
class Step:
    """One request that changes something."""

    method: str
    path: str
    body: dict[str, Any] = field(hash=False)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Plan:
    """The way from ``before`` to ``after``, which hold the managed fields only."""

    steps: tuple[Step, ...]
    before: dict[str, Any] = field(hash=False)
    after: dict[str, Any] = field(hash=False)

    @property
    def changes(self) -> list[str]:
        """The names of the fields that differ."""
        return [key for key in self.after if self.before.get(key) != self.after[key]]

    @property
    def changed(self) -> bool:
        return bool(self.steps)


def make_plan(current: Deployment, desired: Desired) -> Plan:
    """One PATCH with the managed fields that differ; no step if none does."""
    before = {key: current.fields.get(key) for key in desired.managed}
    after = dict(desired.managed)
    body = {key.replace("_", "-"): after[key] for key in after if before[key] != after[key]}
    steps = (Step("PATCH", deployment_path(current.id), body),) if body else ()
    return Plan(steps, before, after)


def deployment_path(deployment_id: str) -> str:
    return f"/ai/deployment/{deployment_id}"


def private_ids_by_name(payload: dict[str, Any]) -> dict[str, list[str]]:
    """The organisation's own deployments in the answer to ``GET /ai/deployment``: name → IDs.

    :raises InvalidAnswer: the payload is not a list of deployments.
    """
    entries = payload.get("deployments")
    if not isinstance(entries, list):
        raise InvalidAnswer("GET /ai/deployment: the answer holds no list of deployments", transient=True)
    ids: dict[str, list[str]] = {}
    for entry in entries:
        if not isinstance(entry, dict) or not is_uuid(entry.get("id")):
            raise InvalidAnswer("GET /ai/deployment: the answer lists a deployment without an ID", transient=True)
        if entry.get("visibility") != "public":
            ids.setdefault(str(entry.get("name")), []).append(entry["id"])
    return ids


def moved_fields(before: Deployment, after: Deployment, managed: Iterable[str]) -> list[str]:
    """The names of configuration fields that nobody asked to change, but that did."""
    return [
        key
        for key in _CONFIGURATION
        if key not in managed and key in before.fields and before.fields[key] != after.fields.get(key)
    ]


def _is_python_and_not_json(token: str) -> bool:
    """Whether Ansible seems to have turned JSON into a value, and that value into text again."""
    value = token.partition("=")[2] if token.startswith("-") else token
    if not value.startswith(("{", "[")) or "'" not in value:
        return False
    try:
        json.loads(value)
    except (ValueError, RecursionError):
        try:
            ast.literal_eval(value)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return False
        return True
    return False


def _is_list_of_text(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
