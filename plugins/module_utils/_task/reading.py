# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tasks of all modules that only read have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from .._api.values import uuid_of
from .connection import Connection
from .options import Declaration, api_options, failure_of_reading

if TYPE_CHECKING:
    from .._api.client import Client
    from .run import Findings, Task, Work

#: Asks the API what a task wants to know, and gives the result; it may tell before what it has found so far.
Read = Callable[["Client", "Task", "Findings"], "dict[str, Any]"]


def declaration_of_reading(options: dict[str, dict[str, Any]], nothing: dict[str, Any], **more: Any) -> Declaration:
    """
    :param options: of the module alone.
    :param nothing: what it returns if it found nothing.
    """
    return Declaration(
        options={**api_options(), **options},
        nothing={"changed": False, **nothing},
        failure=failure_of_reading(),
        **more,
    )


def _check_id(params: dict[str, Any]) -> None:
    uuid_of("id", params.get("id"))


def work_of_reading(read: Read, check: Callable[[dict[str, Any]], Any] = _check_id) -> Work:
    """The work of a task that reads: a client that refuses to write, for as long as it takes.

    :param check: refuses options that cannot be right, before anything else is done.
    """

    def work(task: Task, findings: Findings) -> None:
        check(task.params)
        client = Connection.from_params(task.params, task.redactor).client(
            task.redactor, read_only=True, clock=task.clock
        )
        try:
            found = read(client, task, findings)
        finally:
            client.close()
        findings.tell = lambda: found

    return work
