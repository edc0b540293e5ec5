# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task of ``ai_quota_info``."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NoReturn

from .._ai.quotas import read_quota
from .module import run_module
from .reading import declaration_of_reading, work_of_reading

if TYPE_CHECKING:
    from .._api.client import Client
    from .._api.clock import Clock
    from .options import Declaration
    from .run import Findings, Task


def declaration() -> Declaration:
    """Of the module ``ai_quota_info``."""
    return declaration_of_reading({}, nothing={"quota": {"uom_per_minute": None, "gpus": []}})


def main(clock: Clock = time) -> NoReturn:
    """The process of the module."""
    run_module(declaration(), look_up, clock)


def _read(client: Client, _task: Task, _findings: Findings) -> dict[str, Any]:
    return {"quota": read_quota(client)}


look_up = work_of_reading(_read)
