# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task of ``ai_instance_type_info``."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NoReturn

from .._ai.reading import INSTANCE_TYPES, read_list
from .._api.values import snake_case
from .module import run_module
from .reading import declaration_of_reading, work_of_reading

if TYPE_CHECKING:
    from .._api.client import Client
    from .._api.clock import Clock
    from .options import Declaration
    from .run import Findings, Task


def declaration() -> Declaration:
    """Of the module ``ai_instance_type_info``."""
    return declaration_of_reading({}, nothing={"instance_types": []})


def main(clock: Clock = time) -> NoReturn:
    """The process of the module."""
    run_module(declaration(), look_up, clock)


def _read(client: Client, _task: Task, _findings: Findings) -> dict[str, Any]:
    entries = snake_case(read_list(client, INSTANCE_TYPES, "instance-types"))
    return {"instance_types": sorted(entries, key=lambda entry: str(entry.get("family")))}


look_up = work_of_reading(_read)
