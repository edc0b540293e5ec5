# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task of ``ai_deployment_info``."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NoReturn

from .._ai.deployment_info import find
from .._api.errors import InvalidInput
from .._api.values import is_uuid
from .connection import Connection
from .module import run_module
from .options import Declaration, api_options, failure_of_reading

if TYPE_CHECKING:
    from .._api.clock import Clock
    from .run import Findings, Task


def declaration() -> Declaration:
    """Of the module ``ai_deployment_info``."""
    return Declaration(
        options={
            **api_options(),
            "id": {"type": "str"},
            "name": {"type": "str"},
            "state": {"type": "str"},
            "model": {"type": "str"},
            "gpu_type": {"type": "str"},
            "visibility": {"type": "str", "choices": ["private", "public"]},
            "details": {"type": "bool", "default": True},
        },
        nothing={"changed": False, "deployments": []},
        failure=failure_of_reading(),
    )


def main(clock: Clock = time) -> NoReturn:
    """The process of the module."""
    run_module(declaration(), look_up, clock)


def look_up(task: Task, findings: Findings) -> None:
    """Find the deployments that the options describe.

    :raises ExoscaleError: anything that a user, a network or a server can cause.
    """
    params = task.params
    if params["id"] is not None and not is_uuid(params["id"]):
        raise InvalidInput(f"id is {params['id']!r}, which is not a UUID")
    client = Connection.from_params(params).client(task.redactor, read_only=True, clock=task.clock)
    try:
        deployments = find(client, params["id"], {key: params[key] for key in _FILTERS}, params["details"])
    finally:
        client.close()
    findings.tell = lambda: {"deployments": deployments}


_FILTERS = ("name", "state", "model", "gpu_type", "visibility")
