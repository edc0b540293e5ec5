# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finding one deployment, and looking at it again; what was seen last goes into the outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.exoscale.cloud.plugins.module_utils._ai_deployment import PARAMETERS, Deployment
from ansible_collections.exoscale.cloud.plugins.module_utils._ai_deployment_api import (
    only_id,
    private_ids_by_name,
    read_deployment,
    read_deployment_if_any,
    with_model_as_given,
)
from ansible_collections.exoscale.cloud.plugins.module_utils._engine_secrets import secret_values
from ansible_collections.exoscale.cloud.plugins.module_utils._errors import NotFound

if TYPE_CHECKING:
    from ansible_collections.exoscale.cloud.plugins.module_utils._ai_deployment import Desired
    from ansible_collections.exoscale.cloud.plugins.module_utils._client import Client
    from ansible_collections.exoscale.cloud.plugins.module_utils._outcome import Outcome
    from ansible_collections.exoscale.cloud.plugins.module_utils._waiter import Waiter

_MOST_NAMES_LISTED = 10


class Reader:
    """
    :param desired: names the deployment, and its model in the way in which it is to be read.
    """

    def __init__(self, client: Client, waiter: Waiter, desired: Desired, outcome: Outcome) -> None:
        self.client = client
        self._waiter = waiter
        self._desired = desired
        self._outcome = outcome
        self._known_names: list[str] = []
        self._completed_model: tuple[Any, Any] = (None, None)

    def find(self) -> Deployment | None:
        """None if there is no deployment of that name, or if it may be absent, and is.

        :raises NotFound: the deployment is being renamed.
        :raises AmbiguousName: several deployments have that name.
        """
        if self._desired.id is not None:
            return self._look_or_read(self._desired.id)
        name = str(self._desired.lookup_name)
        ids_by_name = private_ids_by_name(self.client)
        deployment_id = only_id(ids_by_name.get(name, []), name, self.client)
        if deployment_id is None:
            self._known_names = sorted(ids_by_name)
            return None
        found = self._look_or_read(deployment_id)
        if found is not None and found.name != name:
            raise NotFound(
                f"The deployment {found.id} was named {name!r} a moment ago and is named {found.name!r} now; "
                "somebody else changes it. Nothing was changed by this task"
            )
        return found

    def _look_or_read(self, deployment_id: str) -> Deployment | None:
        # Only what is to be absent may be missing.
        return self.look(deployment_id) if self._desired.absent else self.read(deployment_id)

    def read(self, deployment_id: str, retries: int | None = None) -> Deployment:
        return self._remember(read_deployment(self.client, deployment_id, retries))

    def look(self, deployment_id: str, retries: int | None = None) -> Deployment | None:
        """The same as :meth:`read`, and None if it is gone."""
        found = read_deployment_if_any(self.client, deployment_id, retries)
        if found is not None:
            return self._remember(found)
        self._outcome.resource = None
        return None

    def look_by_name(self, name: str) -> Deployment | None:
        """
        :raises AmbiguousName: several deployments have that name.
        """
        deployment_id = only_id(private_ids_by_name(self.client).get(name, []), name, self.client)
        return None if deployment_id is None else self.look(deployment_id)

    def wait_for_rest(self, current: Deployment) -> Deployment:
        """Look until the deployment is in transition no longer."""
        return self._waiter.until(
            lambda: self.read(current.id, retries=0),
            lambda seen: not seen.in_transition,
            lambda seen: f"{current} is still in the state {(seen or current).describe_state()}",
            current,
        )

    def describe_others(self) -> str:
        """Which deployments there are, after none was found."""
        names = self._known_names
        if not names:
            return f"In {self.client.base_url} there is no deployment at all"
        more = ", …" if len(names) > _MOST_NAMES_LISTED else ""
        return "In {} there are: {}{}".format(self.client.base_url, ", ".join(names[:_MOST_NAMES_LISTED]), more)

    def _remember(self, deployment: Deployment) -> Deployment:
        shown, completed = self._completed_model
        if shown is not None and deployment.fields.get("model") == shown:
            deployment = Deployment(deployment.id, {**deployment.fields, "model": completed})
        else:
            shown = deployment.fields.get("model")
            deployment = with_model_as_given(self.client, deployment, self._desired.managed.get("model"))
            self._completed_model = (shown, deployment.fields.get("model"))
        self._outcome.resource = deployment.fields
        self._outcome.secrets |= secret_values(deployment.fields[PARAMETERS])
        return deployment
