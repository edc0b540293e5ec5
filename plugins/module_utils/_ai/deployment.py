# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AI deployments: what one is, and what is wanted of it. All of it is pure: no HTTP, no clock."""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Mapping, NamedTuple, Sequence

from .._api.errors import InvalidAnswer, InvalidInput
from .._api.values import is_number, is_text, is_uuid, is_version, snake_case, uuid_of
from .._engine.secret_names import PLACEHOLDER

DEPLOYMENTS = "/ai/deployment"
READY = "ready"
ERROR = "error"
TRANSITIONS = frozenset(["creating", "deploying", "preparing", "scaling", "updating"])
PUBLIC = "public"
PRIVATE = "private"

PARAMETERS = "inference_engine_parameters"
VERSION = "inference_engine_version"
#: What one PATCH can change, in the order in which changes are reported.
UPDATABLE = ("name", VERSION, PARAMETERS)
#: What is fixed when the deployment is created.
FIXED = ("model", "gpu_type", "gpu_count")
#: What nobody but the user should change; the rest of an answer moves by itself.
CONFIGURATION = (*UPDATABLE, *FIXED, "replicas")
_MOST_GPUS = 8
_MOST_REPLICAS = 10_000
#: Unicode categories of characters that nobody sees.
_INVISIBLE = frozenset(["Cc", "Cf", "Cs", "Zl", "Zp"])
#: Code points that are ignored when text is shown, though their categories do not say so.
_WITHOUT_WIDTH = (
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
#: What may stand around the three numbers of a version.
OTHER_VERSION = r"^\s*[vV]?|\s*$"
#: What stands for a secret in outputs, here and in those of Ansible.
_PLACEHOLDERS = (PLACEHOLDER, "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", "$REDACTED$")
#: What an answer may leave out, but must not show as something else, because decisions hang on it.
_OPTIONAL: dict[str, type] = {VERSION: str, "replicas": int, "gpu_count": int, "gpu_type": str}
#: What no deployment is without.
_REQUIRED = ("name", "state")


class Deployment(NamedTuple):
    """``GET /ai/deployment/{id}``; ``fields`` has the keys of the answer in snake_case.

    :param alike: by field, what a user has given and what means the same as what is shown.
    :param unknown: by field, what a user has given and what cannot be compared, since the API does not show it.
    """

    id: str
    fields: dict[str, Any]
    alike: Mapping[str, Any] = {}
    unknown: Mapping[str, Any] = {}

    @classmethod
    def from_api(cls, payload: dict[str, Any], deployment_id: str | None = None) -> Deployment:
        """
        :param deployment_id: the ID that was asked for, as the answer itself need not hold it.
        :raises InvalidAnswer: the payload is not a deployment.
        """
        fields = snake_case(payload)
        if fields.get("id") is None:
            fields["id"] = deployment_id
        found_id = fields["id"]
        # The API leaves an empty list out.
        if fields.get(PARAMETERS) is None:
            fields[PARAMETERS] = []
        wrong = [key for key in _REQUIRED if not is_text(fields.get(key))]
        wrong += [key for key, kind in _OPTIONAL.items() if not _is_of_type(fields.get(key), kind)]
        if not is_uuid(found_id):
            wrong.append("id")
        if not _is_list_of_text(fields[PARAMETERS]):
            wrong.append(PARAMETERS)
        if wrong:
            request = "The API" if deployment_id is None else f"GET {deployment_path(deployment_id)}"
            raise InvalidAnswer(
                "{} was answered with something that is not a deployment: {} missing or of another type".format(
                    request, ", ".join(wrong)
                )
            )
        # The API leaves a field open that it shows empty.
        fields.update({key: None for key in _OPTIONAL if key in fields and _is_empty(key, fields[key])})
        if isinstance(fields.get("model"), dict):
            fields["model"] = _shown_of_model(fields["model"])
        if deployment_id is not None and found_id.lower() != deployment_id.lower():
            raise InvalidAnswer(f"The API was asked for the deployment {deployment_id} and answered with {found_id}")
        return cls(id=found_id.lower(), fields=fields)

    @property
    def name(self) -> str:
        return str(self.fields["name"])

    @property
    def engine_version(self) -> str | None:
        """The version that it runs, or, if the API does not show that, the one that it should run."""
        version: str | None = self.fields.get(VERSION) or self.unknown.get(VERSION)
        return version

    @property
    def state(self) -> str:
        return str(self.fields["state"])

    @property
    def is_public(self) -> bool:
        """Whether it belongs to the vendor and is there for everybody."""
        return self.fields.get("visibility") == PUBLIC

    @property
    def in_transition(self) -> bool:
        """Whether it is going to be in another state without anybody doing anything."""
        return self.state in TRANSITIONS

    def __str__(self) -> str:
        return f"the deployment {self.name} ({self.id})"

    def describe_state(self) -> str:
        details = self.fields.get("state_details")
        return f"{self.state} ({details})" if details else self.state

    def configuration(self) -> dict[str, Any]:
        """What a user can decide about it, as far as the API shows it."""
        return {key: self.view(key) for key in CONFIGURATION if self.view(key) is not None}

    def view(self, key: str, like: Any = None) -> Any:
        """The value of a field in the form in which a user gives it; ``None`` if it is not shown.

        :param like: what the user has given; a model is shown by its ID if the user named it so, or else by its name.
        """
        value = self.fields.get(key)
        if key != "model" or value is None:
            return value
        shown = value if isinstance(value, dict) else {}
        by_id, by_name = shown.get("id"), shown.get("name")
        return (by_id or by_name) if is_uuid(like) else (by_name or by_id)

    def comparable(self, key: str, like: Any) -> Any:
        """The value of a field as it can be compared with ``like``; ``None`` if that is not shown."""
        if key in self.alike and self.alike[key] == like:
            return like
        value = self.fields.get(key)
        if key == "model":
            value = value.get(model_key(like)) if isinstance(value, dict) else None
        return like if _is_spelling_of(key, value, like) else value

    def differing(self, values: dict[str, Any]) -> list[str]:
        """The keys of ``values`` for which the API certainly shows another value."""
        return [key for key, value in values.items() if self.differs(key, value)]

    def part(self, values: dict[str, Any]) -> dict[str, Any]:
        """The fields of ``values`` as they are, in the form of ``values``, and as far as the API shows them."""
        shown = {key: self.view(key, value) for key, value in values.items()}
        return {key: value for key, value in shown.items() if value is not None}

    def differs(self, key: str, wanted: Any) -> bool:
        """Whether the API certainly shows another value."""
        shown = self.comparable(key, wanted)
        return shown is not None and shown != wanted


def own(entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The organization's own ones among the entries of a list: those that are not certainly public."""
    return [entry for entry in entries if entry.get("visibility") != PUBLIC]


def deployment_path(deployment_id: str) -> str:
    """Below the base URL."""
    return f"{DEPLOYMENTS}/{deployment_id}"


def model_key(model: Any) -> str:
    """Which part of a model ``model`` names: ``id`` or ``name``."""
    return "id" if is_uuid(model) else "name"


def model_reference(model: str) -> dict[str, str]:
    """A model as the API takes it."""
    return {model_key(model): model}


class Desired(NamedTuple):
    """What the user wants; ``managed`` has the fields that were given, and no others.

    ``cures`` tells whether a deployment in the state error is updated though none of them differs, as a rollback does.
    """

    id: str | None
    lookup_name: str | None
    managed: dict[str, Any]
    absent: bool = False
    recreate: bool = False
    cures: bool = False

    @classmethod
    def from_params(cls, params: dict[str, Any]) -> Desired:
        """
        :raises InvalidInput: an option cannot be right.
        """
        deployment_id, name = params["id"], params["name"]
        if deployment_id is None and name is None:
            raise InvalidInput("Which deployment is meant? Set id or name")
        deployment_id = uuid_of("id", deployment_id)
        if name is not None:
            check_name(name)
        absent = params["state"] == "absent"
        managed = {} if absent else _checked_fields(params)
        if is_uuid(managed.get("model")):
            managed["model"] = managed["model"].lower()
        if deployment_id is None:
            managed.pop("name", None)
        return cls(
            id=deployment_id,
            lookup_name=name if deployment_id is None else None,
            managed=managed,
            absent=absent,
            recreate=params["recreate"],
        )

    def wants_cure_of(self, current: Deployment) -> bool:
        """Whether all of it is to be sent though nothing differs, so that the deployment leaves the state error."""
        return self.cures and current.state == ERROR

    def is_met_by(self, current: Deployment) -> bool:
        """Whether there is nothing to do."""
        return not self.absent and not self.wants_cure_of(current) and not current.differing(self.managed)

    def replacing(self, name: str, managed: dict[str, Any]) -> Desired:
        """What is wanted after the deployment was deleted, so that another one takes its place."""
        return self._replace(id=None, lookup_name=name, managed=managed)


def _shown_of_model(model: dict[str, Any]) -> dict[str, Any]:
    """A model without what cannot be its ID or its name, and so does not tell which one it is."""
    is_usable = {"id": is_uuid(model.get("id")), "name": is_text(model.get("name"))}
    return {key: value for key, value in model.items() if is_usable.get(key, True)}


def usable(key: str, value: Any) -> Any:
    """The value of a field as an entry of a list shows it; ``None`` where the field cannot have it."""
    if key == "model":
        return _shown_of_model(value) if isinstance(value, dict) else None
    if key == PARAMETERS:
        return value if _is_list_of_text(value) else None
    is_possible = is_text(value) if key in _REQUIRED else _is_of_type(value, _OPTIONAL[key])
    return value if is_possible else None


def _is_empty(key: str, value: Any) -> bool:
    return not is_text(value) if isinstance(value, str) else key == "gpu_count" and value == 0


def _is_spelling_of(key: str, shown: Any, wanted: Any) -> bool:
    """Whether the API shows what a user has written in another way."""
    if not isinstance(shown, str) or not isinstance(wanted, str):
        return False
    if shown == wanted:
        return True
    if key == "model":
        return shown.lower() == wanted.lower() if is_uuid(wanted) else shown.strip() == wanted
    if key == "gpu_type":
        return shown.strip().lower() == wanted.lower()
    return key == VERSION and re.sub(OTHER_VERSION, "", shown) == wanted


def _model_of(model: Any) -> str | None:
    """A model by its ID or name, also where it is given as ``ai_deployment_info`` returns it."""
    if isinstance(model, dict):
        model = model.get("id") or model.get("name")
        if not isinstance(model, str):
            raise InvalidInput("model is a mapping without id and name")
    if model is None or isinstance(model, str):
        return model
    raise InvalidInput("model must be a name, a UUID, or a mapping with id or name")


def check_name(name: str) -> None:
    """
    :raises InvalidInput: no deployment should have this name.
    """
    _refuse_placeholder("name", name)
    if not name.strip():
        raise InvalidInput("name is empty, but a deployment's name has at least one character")
    if name != name.strip():
        raise InvalidInput(f"name is {name!r}, which begins or ends with white space")
    if any(unicodedata.category(each) in _INVISIBLE for each in name) or (
        not name.isascii() and re.search(_WITHOUT_WIDTH, name)
    ):
        raise InvalidInput(f"name is {name!a}, which holds a control character or one that has no width")


def _checked_fields(params: dict[str, Any]) -> dict[str, Any]:
    """The fields that are given.

    :raises InvalidInput: one of them cannot be right.
    """
    params = {**params, "model": _model_of(params["model"])}
    check_fields(params)
    return {key: params[key] for key in CONFIGURATION if params[key] is not None}


def check_fields(params: dict[str, Any]) -> None:
    """
    :param params: a value for each field that can be given; ``None`` for one that is not.
    :raises InvalidInput: one of them cannot be right.
    """
    version, gpu_count, replicas = params[VERSION], params["gpu_count"], params["replicas"]
    if version is not None and not is_version(version):
        raise InvalidInput(f"{VERSION} is {version!r}, but must be three numbers such as '0.19.0'")
    if gpu_count is not None and not 1 <= gpu_count <= _MOST_GPUS:
        raise InvalidInput(f"gpu_count is {gpu_count}, but must be from 1 to {_MOST_GPUS}")
    if replicas is not None and not 0 <= replicas <= _MOST_REPLICAS:
        raise InvalidInput(f"replicas is {replicas}, but must be from 0 to {_MOST_REPLICAS}")
    for option in ("model", "gpu_type"):
        if params[option] is not None and params[option] != params[option].strip():
            raise InvalidInput(f"{option} is {params[option]!r}, which begins or ends with white space")
        if params[option] == "":
            raise InvalidInput(f"{option} is empty")
        _refuse_placeholder(option, params[option])
    for number, token in enumerate(params[PARAMETERS] or [], start=1):
        # The token is not repeated, for it may hold a secret.
        if _is_python_and_not_json(token):
            raise InvalidInput(
                f"Item {number} of {PARAMETERS} is a mapping or list in Python's notation and not JSON, which the "
                "engine would not understand. Write the JSON text in quotes, or, in a template, end it with "
                "'| to_json | string'"
            )
        _refuse_placeholder(f"Item {number} of {PARAMETERS}", token)


def _refuse_placeholder(what: str, value: str | None) -> None:
    if value is not None and any(placeholder in value for placeholder in _PLACEHOLDERS):
        raise InvalidInput(
            f"{what} holds a placeholder that stands for a secret in outputs. Put the secret itself there, from a "
            "vault for example"
        )


def _is_python_and_not_json(token: str) -> bool:
    """Whether Ansible seems to have turned JSON into a value, and that value into text again."""
    value = token.partition("=")[2] if token.startswith("-") else token
    if not value.startswith(("{", "[")) or "'" not in value:
        return False
    # Imported where there is something like it: a module compiles whatever it imports, each time it starts.
    from .._engine.secrets_in_json import is_python_and_not_json

    return is_python_and_not_json(value)


def _is_of_type(value: Any, kind: type) -> bool:
    return value is None or (is_number(value) if kind is int else isinstance(value, kind))


def _is_list_of_text(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
