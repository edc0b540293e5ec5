# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AI deployments: what one is, and what is wanted of it. All of it is pure: no HTTP, no clock."""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass, field, replace
from typing import Any, Iterable

from ansible_collections.exoscale.cloud.plugins.module_utils._errors import InvalidAnswer, InvalidInput
from ansible_collections.exoscale.cloud.plugins.module_utils._values import is_uuid, is_version, snake_case

READY = "ready"
ERROR = "error"
TRANSITIONS = frozenset(["creating", "deploying", "preparing", "scaling", "updating"])

PARAMETERS = "inference_engine_parameters"
VERSION = "inference_engine_version"
#: What one PATCH can change, in the order in which changes are reported.
UPDATABLE = ("name", VERSION, PARAMETERS)
#: What is decided when the deployment is created.
FIXED = ("model", "gpu_type", "gpu_count")
#: What nobody but the user should change; the rest of an answer moves by itself.
CONFIGURATION = (*UPDATABLE, *FIXED, "replicas")
_MOST_GPUS = 8
#: What an answer may leave out, but must not show as something else, because decisions hang on it.
_OPTIONAL = {VERSION: str, "replicas": int, "gpu_count": int, "gpu_type": str}


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
        if fields.get(PARAMETERS) is None:
            fields[PARAMETERS] = []
        wrong = [key for key in ("name", "state") if not isinstance(fields.get(key), str)]
        wrong += [key for key, kind in _OPTIONAL.items() if not isinstance(fields.get(key), (kind, type(None)))]
        if not is_uuid(found_id):
            wrong.append("id")
        if not _is_list_of_text(fields[PARAMETERS]):
            wrong.append(PARAMETERS)
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
    def scaled_to_zero(self) -> bool:
        return self.fields.get("replicas") == 0

    @property
    def in_transition(self) -> bool:
        """Whether it is going to be in another state by itself.

        Which state the API shows without replicas is not documented; there is nothing then that could get ready.
        """
        return self.state in TRANSITIONS and not self.scaled_to_zero

    @property
    def settled(self) -> bool:
        """Whether a change that was made has come to its end, well or not."""
        return self.state in (READY, ERROR) or self.scaled_to_zero

    def __str__(self) -> str:
        return f"the deployment {self.name} ({self.id})"

    def sentence(self) -> str:
        """The same as the beginning of a sentence."""
        text = str(self)
        return text[0].upper() + text[1:]

    def describe_state(self) -> str:
        details = self.fields.get("state_details")
        return f"{self.state} ({details})" if details else self.state

    def configuration(self) -> dict[str, Any]:
        """What a user can decide about it."""
        return {key: self.shown(key) for key in CONFIGURATION if self.fields.get(key) is not None}

    def shown(self, key: str, like: Any = None) -> Any:
        """The value of a field in the form in which a user gives it.

        :param like: what the user has given; a model is shown by its ID if the user named it so, or else by its name.
        """
        value = self.fields.get(key)
        if key != "model" or not isinstance(value, dict):
            return value
        by_id, by_name = value.get("id"), value.get("name")
        return (by_id or by_name) if is_uuid(like) else (by_name or by_id)


@dataclass(frozen=True)
class Desired:
    """What the user wants; ``managed`` has the fields that were given, and no others."""

    id: str | None
    lookup_name: str | None
    managed: dict[str, Any] = field(hash=False)
    absent: bool = False
    recreate: bool = False

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
        _check_fields(params)
        managed = {key: params[key] for key in CONFIGURATION if params[key] is not None}
        if is_uuid(managed.get("model")):
            managed["model"] = managed["model"].lower()
        if deployment_id is None:
            managed.pop("name")
        return cls(
            id=None if deployment_id is None else deployment_id.lower(),
            lookup_name=name if deployment_id is None else None,
            managed=managed,
            absent=params["state"] == "absent",
            recreate=params["recreate"],
        )

    def with_parameters(self, tokens: list[str]) -> Desired:
        """The same, with other engine parameters."""
        return replace(self, managed={**self.managed, PARAMETERS: tokens})


def moved_fields(before: Deployment, after: Deployment, managed: Iterable[str]) -> list[str]:
    """The names of configuration fields that nobody asked to change, but that did."""
    return [
        key
        for key in CONFIGURATION
        if key not in managed and key in before.fields and before.fields[key] != after.fields.get(key)
    ]


def _check_fields(params: dict[str, Any]) -> None:
    version, gpu_count, replicas = params[VERSION], params["gpu_count"], params["replicas"]
    if version is not None and not is_version(version):
        raise InvalidInput(f"{VERSION} is {version!r}, but must be three numbers such as '0.19.0'")
    if gpu_count is not None and not 1 <= gpu_count <= _MOST_GPUS:
        raise InvalidInput(f"gpu_count is {gpu_count}, but must be from 1 to {_MOST_GPUS}")
    if replicas is not None and replicas < 0:
        raise InvalidInput(f"replicas is {replicas}, but must be 0 or more")
    for option in ("model", "gpu_type"):
        if params[option] is not None and not params[option].strip():
            raise InvalidInput(f"{option} is empty")
    for number, token in enumerate(params[PARAMETERS] or [], start=1):
        if _is_python_and_not_json(token):
            # The token is not repeated, for it may hold a secret.
            raise InvalidInput(
                f"Item {number} of {PARAMETERS} is a mapping or list in Python's notation and not JSON, which the "
                "engine would not understand. Write the JSON text in quotes, or, in a template, end it with "
                "'| to_json | string'"
            )


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
