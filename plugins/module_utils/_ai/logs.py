# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The log of a deployment's engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._api.errors import ApiError
from .deployment import deployment_path
from .deployment_reading import id_of_private, read_deployment

if TYPE_CHECKING:
    from .._api.client import Client


def read_logs(client: Client, deployment_id: str, lines: int, retries: int | None = None) -> list[dict[str, Any]]:
    """The last entries of ``GET /ai/deployment/{id}/logs``: each of ``time``, ``node``, ``message``.

    :raises InvalidAnswer: there is no list of them in the answer.
    """
    path = deployment_path(deployment_id) + "/logs"
    answer = client.get_list(path, "logs", {"tail": str(lines)}, retries=retries)
    return [entry for entry in answer if isinstance(entry, dict)][-lines:]


def logs_of(client: Client, deployment_id: str | None, name: str | None, lines: int) -> list[dict[str, Any]]:
    """The same for the private deployment of an ID or a name, which is read first, so that its secrets are known.

    :raises NotFound: there is none of that name.
    """
    if deployment_id is None:
        deployment_id = id_of_private(client, str(name))
    try:
        read_deployment(client, deployment_id)
    except ApiError as error:
        if error.is_absence:
            error.add("Check the ID and the zone: a deployment exists in one zone only")
        raise
    return read_logs(client, deployment_id, lines)
