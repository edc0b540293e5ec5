# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task of ``operation_info``."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NoReturn

from .._api.deadline import Deadline
from .._api.operations import await_operations, read_known_operations
from .._api.values import uuid_of
from .module import run_module
from .reading import declaration_of_reading, work_of_reading

if TYPE_CHECKING:
    from .._api.client import Client
    from .._api.clock import Clock
    from .._api.operation import Operation
    from .options import Declaration
    from .run import Findings, Task


def declaration() -> Declaration:
    """Of the module ``operation_info``."""
    return declaration_of_reading(
        {
            "ids": {"type": "list", "elements": "str", "required": True},
            "wait": {"type": "bool", "default": False},
            "wait_timeout": {"type": "int", "default": 1800},
        },
        nothing={"operations": [], "all_succeeded": False},
    )


def main(clock: Clock = time) -> NoReturn:
    """The process of the module."""
    run_module(declaration(), look_up, clock)


def _ids(params: dict[str, Any]) -> list[str]:
    return [str(uuid_of("each of ids", each)) for each in params["ids"]]


def _read(client: Client, task: Task, findings: Findings) -> dict[str, Any]:
    ids = _ids(task.params)
    deadline = Deadline(task.params["wait_timeout"], task.clock)
    different = list(dict.fromkeys(ids))
    read = read_known_operations(client, different, deadline if task.params["wait"] else None)
    operations = dict(zip(different, read))
    latest = [operations[each] for each in ids]

    def track(seen: list[Operation]) -> None:
        latest[:] = [{each.id: each for each in seen}[each] for each in ids]

    findings.tell = lambda: _result(latest)
    if task.params["wait"]:
        await_operations(client, list(operations.values()), track, deadline, task.tell)
    return _result(latest)


def _result(operations: list[Operation]) -> dict[str, Any]:
    return {
        "operations": [operation.result() for operation in operations],
        "all_succeeded": all(operation.succeeded for operation in operations),
    }


look_up = work_of_reading(_read, _ids)
