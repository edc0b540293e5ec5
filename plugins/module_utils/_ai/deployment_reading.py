# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading AI deployments and what belongs to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._api.errors import AmbiguousName, InvalidAnswer, NotFound
from .._api.values import is_uuid, snake_case
from .deployment import DEPLOYMENTS, PUBLIC, Deployment, deployment_path

if TYPE_CHECKING:
    from .._api.client import Client
    from .._api.deadline import Deadline

HAS_VANISHED = "It was there a moment ago, so somebody may have deleted it meanwhile; run the task again"


def list_entries(client: Client, deadline: Deadline | None = None, retries: int | None = None) -> list[dict[str, Any]]:
    """The entries of ``GET /ai/deployment``, in snake_case; they lack version and parameters, and perhaps more.

    What is no object is an entry that shows nothing.

    :raises InvalidAnswer: the answer is not a list of deployments.
    """
    entries = client.get_list(DEPLOYMENTS, "deployments", deadline=deadline, retries=retries)
    return [snake_case(entry) if isinstance(entry, dict) else {} for entry in entries]


def id_of_name(entries: list[dict[str, Any]], name: str, base_url: str) -> str | None:
    """The ID of the deployment of that name; ``None`` if there is none.

    :param entries: the organization's own deployments.

    :raises AmbiguousName: several deployments have that name.
    :raises InvalidAnswer: the one that is meant is listed without its ID.
    """
    meant = [entry for entry in entries if entry.get("name") == name]
    ids = list(dict.fromkeys(entry["id"].lower() for entry in meant if is_uuid(entry.get("id"))))
    without_id = sum(not is_uuid(entry.get("id")) for entry in meant)
    if len(ids) + without_id > 1:
        raise AmbiguousName(
            "{} private deployments in {} are named {!r}: {}. Give the id of the one that is meant".format(
                len(ids) + without_id, base_url, name, ", ".join(sorted(ids)) or "their IDs are not shown"
            )
        )
    if meant and not ids:
        raise InvalidAnswer(f"GET {DEPLOYMENTS}: the answer lists the deployment {name!r} without its ID; give the id")
    return ids[0] if ids else None


def id_of_private(client: Client, name: str, deadline: Deadline | None = None, retries: int | None = None) -> str:
    """The ID of the organization's own deployment of that name.

    :raises NotFound: there is none.
    """
    private = [entry for entry in list_entries(client, deadline, retries) if entry.get("visibility") != PUBLIC]
    found = id_of_name(private, name, client.base_url)
    if found is None:
        raise NotFound(f"No private deployment in {client.base_url} is named {name!r}")
    return found


def read_deployment(
    client: Client, deployment_id: str, deadline: Deadline | None = None, retries: int | None = None
) -> Deployment:
    """``GET /ai/deployment/{id}``.

    :raises ApiError: there is none of that ID, for example.
    :raises InvalidAnswer: the answer is not that deployment.
    """
    return Deployment.from_api(
        client.get(deployment_path(deployment_id), deadline=deadline, retries=retries), deployment_id
    )
