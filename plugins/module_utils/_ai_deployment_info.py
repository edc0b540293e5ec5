# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking deployments up."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from ansible_collections.exoscale.cloud.plugins.module_utils._ai_deployment import PARAMETERS, Deployment
from ansible_collections.exoscale.cloud.plugins.module_utils._ai_deployment_api import (
    list_entries,
    read_deployment_if_any,
)
from ansible_collections.exoscale.cloud.plugins.module_utils._arguments import build_client
from ansible_collections.exoscale.cloud.plugins.module_utils._engine_secrets import secret_values
from ansible_collections.exoscale.cloud.plugins.module_utils._errors import InvalidInput
from ansible_collections.exoscale.cloud.plugins.module_utils._values import is_uuid

if TYPE_CHECKING:
    from ansible_collections.exoscale.cloud.plugins.module_utils._client import Client
    from ansible_collections.exoscale.cloud.plugins.module_utils._clock import Clock
    from ansible_collections.exoscale.cloud.plugins.module_utils._outcome import Findings

_READS_AT_A_TIME = 4
_FILTERS = ("name", "state", "gpu_type", "visibility")
#: What only the single GET shows.
_DETAILS = ("inference_engine_version", PARAMETERS)


def run(params: dict[str, Any], findings: Findings, clock: Clock = time) -> None:
    """Find the deployments that ``params``, the module's options, describe.

    :raises ExoscaleError: anything that a user, a network or a server can cause.
    """
    if params["id"] is not None and not is_uuid(params["id"]):
        raise InvalidInput(f"id is {params['id']!r}, which is not a UUID")
    client = build_client(params, read_only=True, clock=clock)
    if params["id"] is not None:
        entries = _read(client, [params["id"].lower()])
    else:
        entries = [entry for entry in list_entries(client) if _matches(entry, params)]
        if params["details"]:
            entries = _read(client, [entry["id"] for entry in entries])
        else:
            entries = [{**dict.fromkeys(_DETAILS), **entry} for entry in entries]
    matching = [entry for entry in entries if _matches(entry, params)]
    findings.resources = sorted(matching, key=lambda entry: (str(entry.get("name")), entry["id"]))
    for entry in matching:
        findings.secrets |= secret_values(entry.get(PARAMETERS) or [])


def _read(client: Client, ids: list[str]) -> list[dict[str, Any]]:
    """Those that have vanished meanwhile are left out."""
    with ThreadPoolExecutor(max_workers=_READS_AT_A_TIME) as pool:
        found: list[Deployment | None] = list(pool.map(lambda each: read_deployment_if_any(client, each), ids))
    return [deployment.fields for deployment in found if deployment is not None]


def _matches(entry: dict[str, Any], params: dict[str, Any]) -> bool:
    if any(params[key] is not None and entry.get(key) != params[key] for key in _FILTERS):
        return False
    model = entry.get("model")
    wanted = params["model"]
    return wanted is None or (isinstance(model, dict) and wanted in (model.get("id"), model.get("name")))
