# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task of ``ai_engine_parameter_info``."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NoReturn

from .._ai.engine_parameter_info import find
from .._api.errors import InvalidInput
from .._api.values import is_version
from .connection import Connection
from .module import run_module
from .options import Declaration, api_options, failure_of_reading

if TYPE_CHECKING:
    from .._api.clock import Clock
    from .run import Findings, Task


def declaration() -> Declaration:
    """Of the module ``ai_engine_parameter_info``."""
    return Declaration(
        options={
            **api_options(),
            "version": {"type": "str"},
            "name": {"type": "str"},
            "section": {"type": "str"},
        },
        nothing={"changed": False, "parameters": []},
        failure=failure_of_reading(),
    )


def main(clock: Clock = time) -> NoReturn:
    """The process of the module."""
    run_module(declaration(), look_up, clock)


def look_up(task: Task, findings: Findings) -> None:
    """Find the parameters that the options describe.

    :raises ExoscaleError: anything that a user, a network or a server can cause.
    """
    params = task.params
    version = params["version"]
    if version is not None and not is_version(version):
        raise InvalidInput(f"version is {version!r}, but must be three numbers such as '0.19.0'")
    client = Connection.from_params(params).client(task.redactor, read_only=True, clock=task.clock)
    try:
        parameters = find(client, version, params["name"], params["section"])
    finally:
        client.close()
    findings.tell = lambda: {"parameters": parameters}
