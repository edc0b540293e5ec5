# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading AI deployments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.exoscale.cloud.plugins.module_utils._ai_deployment import Deployment
from ansible_collections.exoscale.cloud.plugins.module_utils._ai_deployment_plan import DEPLOYMENTS, deployment_path
from ansible_collections.exoscale.cloud.plugins.module_utils._errors import (
    AmbiguousName,
    ApiError,
    ExoscaleError,
    InvalidAnswer,
)
from ansible_collections.exoscale.cloud.plugins.module_utils._values import is_uuid, snake_case

if TYPE_CHECKING:
    from ansible_collections.exoscale.cloud.plugins.module_utils._client import Client

_NOT_FOUND = 404
_MODELS = "/ai/model"
_LOG_LINES_IN_MESSAGE = 3


def list_entries(client: Client) -> list[dict[str, Any]]:
    """The entries of ``GET /ai/deployment``, in snake_case; they lack version and parameters.

    :raises InvalidAnswer: the answer is not a list of deployments.
    """
    entries = client.get(DEPLOYMENTS).get("deployments")
    if not isinstance(entries, list):
        raise InvalidAnswer(f"GET {DEPLOYMENTS}: the answer holds no list of deployments")
    for entry in entries:
        if not isinstance(entry, dict) or not is_uuid(entry.get("id")):
            raise InvalidAnswer(f"GET {DEPLOYMENTS}: the answer lists a deployment without an ID")
    listed: list[dict[str, Any]] = snake_case(entries)
    return listed


def private_ids_by_name(client: Client) -> dict[str, list[str]]:
    """The organisation's own deployments: name → IDs."""
    ids: dict[str, list[str]] = {}
    for entry in list_entries(client):
        if entry.get("visibility") != "public":
            ids.setdefault(str(entry.get("name")), []).append(entry["id"])
    return ids


def only_id(ids: list[str], name: str, client: Client) -> str | None:
    """
    :raises AmbiguousName: several deployments have that name.
    """
    if len(ids) > 1:
        raise AmbiguousName(
            "{} private deployments in {} are named {!r}: {}. Give the id of the one that is meant".format(
                len(ids), client.base_url, name, ", ".join(sorted(ids))
            )
        )
    return ids[0] if ids else None


def read_deployment(client: Client, deployment_id: str, retries: int | None = None) -> Deployment:
    """``GET /ai/deployment/{id}``."""
    return Deployment.from_api(client.get(deployment_path(deployment_id), retries=retries), deployment_id)


def read_deployment_if_any(client: Client, deployment_id: str, retries: int | None = None) -> Deployment | None:
    """The same, and None if there is no such deployment."""
    try:
        return read_deployment(client, deployment_id, retries)
    except ApiError as error:
        if error.status == _NOT_FOUND:
            return None
        raise


def with_model_as_given(client: Client, deployment: Deployment, model: str | None) -> Deployment:
    """The deployment with that part of its model filled in, ID or name, by which the user names the model.

    The API promises one of them only; nothing is requested if the wanted one is there.
    """
    shown = deployment.fields.get("model")
    wanted = "id" if is_uuid(model) else "name"
    if model is None or not isinstance(shown, dict) or shown.get(wanted):
        return deployment
    if wanted == "name":
        if not is_uuid(shown.get("id")):
            return deployment
        found = client.get(f"{_MODELS}/{shown['id']}").get("name")
    else:
        models = client.get(_MODELS).get("models")
        entries = [entry for entry in models if isinstance(entry, dict)] if isinstance(models, list) else []
        found = next((entry.get("id") for entry in entries if entry.get("name") == shown.get("name")), None)
    return Deployment(deployment.id, {**deployment.fields, "model": {**shown, wanted: found}})


def add_logs(client: Client, deployment_id: str, lines: int, error: ExoscaleError) -> None:
    """Let an error show the end of the engine's log; not being able to fetch it never hides the error itself."""
    if lines == 0:
        return
    try:
        error.logs = read_logs(client, deployment_id, lines)
    except ExoscaleError:
        return
    messages = [str(entry.get("message")) for entry in error.logs[-_LOG_LINES_IN_MESSAGE:]]
    if messages:
        error.add("The end of the engine's log: {}".format(" | ".join(messages)))


def read_logs(client: Client, deployment_id: str, lines: int) -> list[dict[str, Any]]:
    """The last entries of ``GET /ai/deployment/{id}/logs``: each of ``time``, ``node``, ``message``."""
    answer = client.get(deployment_path(deployment_id) + "/logs", {"tail": str(lines)}, retries=0).get("logs")
    entries = [entry for entry in answer if isinstance(entry, dict)] if isinstance(answer, list) else []
    return entries[-lines:]
