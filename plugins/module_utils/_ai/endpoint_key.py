# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The key with which clients call the endpoint of a deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._api.errors import ApiError, InvalidAnswer
from .._api.values import is_text, is_uuid
from .deployment import deployment_path
from .deployment_reading import id_of_private

if TYPE_CHECKING:
    from .._api.client import Client
    from .._api.deadline import Deadline


def endpoint_key(client: Client, deployment: str, deadline: Deadline | None = None) -> str:
    """``GET /ai/deployment/{id}/api-key``.

    :param deployment: its name or its ID.
    :raises NotFound: there is no private deployment of that name.
    :raises InvalidAnswer: the answer holds no key.
    """
    deployment_id = deployment.lower() if is_uuid(deployment) else id_of_private(client, deployment)
    path = deployment_path(deployment_id) + "/api-key"

    def parse(answer: dict[str, Any]) -> str:
        key = answer.get("api-key")
        if not is_text(key):
            raise InvalidAnswer(f"GET {path}: the answer holds no key")
        return str(key)

    try:
        return client.read(path, parse, deadline=deadline)
    except ApiError as error:
        if error.is_absence:
            error.add("Check the ID and the zone: a deployment exists in one zone only")
        raise
