# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task of ``ai_engine_parameter_info``."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NoReturn

from .._ai.engine_parameter_info import find
from .._api.errors import InvalidInput
from .._api.values import is_version
from .module import run_module
from .reading import declaration_of_reading, work_of_reading

if TYPE_CHECKING:
    from .._api.client import Client
    from .._api.clock import Clock
    from .options import Declaration
    from .run import Findings, Task


def declaration() -> Declaration:
    """Of the module ``ai_engine_parameter_info``."""
    return declaration_of_reading(
        {"version": {"type": "str"}, "name": {"type": "str"}, "section": {"type": "str"}},
        nothing={"parameters": []},
    )


def main(clock: Clock = time) -> NoReturn:
    """The process of the module."""
    run_module(declaration(), look_up, clock)


def _check(params: dict[str, Any]) -> None:
    version = params["version"]
    if version is not None and not is_version(version):
        raise InvalidInput(f"version is {version!r}, but must be three numbers such as '0.19.0'")


def _read(client: Client, task: Task, _findings: Findings) -> dict[str, Any]:
    return {"parameters": find(client, task.params["version"], task.params["name"], task.params["section"])}


look_up = work_of_reading(_read, _check)
