# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task of ``ai_deployment_info``."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NoReturn

from .._ai.declaration import declarations
from .._ai.deployment_info import FILTERS, find
from .._api.values import uuid_of
from .module import run_module
from .reading import declaration_of_reading, work_of_reading

if TYPE_CHECKING:
    from .._api.client import Client
    from .._api.clock import Clock
    from .options import Declaration
    from .run import Findings, Task


def declaration() -> Declaration:
    """Of the module ``ai_deployment_info``."""
    return declaration_of_reading(
        {
            "id": {"type": "str"},
            "name": {"type": "str"},
            "state": {"type": "str"},
            "model": {"type": "str"},
            "gpu_type": {"type": "str"},
            "visibility": {"type": "str", "choices": ["private", "public"]},
            "details": {"type": "bool", "default": True},
        },
        nothing={"deployments": [], "declarations": []},
    )


def main(clock: Clock = time) -> NoReturn:
    """The process of the module."""
    run_module(declaration(), look_up, clock)


def _read(client: Client, task: Task, _findings: Findings) -> dict[str, Any]:
    params = task.params
    wanted_id = uuid_of("id", params["id"])
    found = find(client, wanted_id, {key: params[key] for key in FILTERS}, params["details"])
    # Only what was read singly is complete.
    whole = found.deployments if params["details"] else []
    declared = declarations(whole, found.private, task.show, task.warn)
    return {"deployments": found.deployments, "declarations": declared}


look_up = work_of_reading(_read)
