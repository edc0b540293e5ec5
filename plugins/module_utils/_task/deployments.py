# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task of ``ai_deployments``: many deployments at once."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NoReturn

from .._reconcile.limits import Limits, Waiting
from .connection import Connection
from .entries import entries_of, options_of_entries, refuse_twins
from .fleet import Fleet
from .interruption import Interruption, StoppableClock
from .managing_many import COUNTS, PURGED, Management
from .module import run_module
from .options import Declaration, api_options, failure_of_writing

if TYPE_CHECKING:
    from .._api.clock import Clock
    from .run import Findings, Task


def declaration() -> Declaration:
    """Of the module ``ai_deployments``."""
    return Declaration(
        options={
            **api_options(),
            "deployments": {"type": "list", "elements": "dict", "required": True},
            "defaults": {"type": "dict", "default": {}},
            "concurrency": {"type": "int", "default": 8},
            "purge": {"type": "bool", "default": False},
            "purge_limit": {"type": "int", "default": 0},
            "max_gpus": {"type": "int"},
            "fail_fast": {"type": "bool", "default": False},
            "wait": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 1800},
        },
        nothing={"changed": False, "results": [], "purged": [], "counts": dict.fromkeys((*COUNTS, PURGED), 0)},
        failure=failure_of_writing(),
        no_diff=[],
        inner=dict.fromkeys(("deployments", "defaults"), options_of_entries()),
    )


def main(clock: Clock = time) -> NoReturn:
    """The process of the module."""
    run_module(declaration(), manage, clock)


def manage(task: Task, findings: Findings) -> None:
    """Bring all deployments to what their entries declare.

    :raises ExoscaleError: anything that a user, a network or a server can cause.
    """
    params = task.params
    entries = entries_of(params)
    refuse_twins(entries)
    clock = StoppableClock(task.clock)
    connection = Connection.from_params(params, task.redactor)
    client = connection.client(task.redactor, read_only=task.check_mode, clock=clock)
    waiting = Waiting(params["wait"], timeout=params["wait_timeout"])
    limits = Limits.begin(waiting, connection.retries, connection.timeout, clock)

    def stop() -> None:
        client.stop()
        clock.stop()

    interruption = Interruption(stop, client.abort)
    fleet = Fleet(task, limits, interruption, params["concurrency"], fail_fast=params["fail_fast"])
    management = Management(task, client, limits.deadline, entries, interruption)
    findings.tell, findings.diff = management.result, management.diff
    # A signal that comes while the result is composed must not cost it.
    findings.finish = interruption.end
    interruption.begin()
    try:
        management.run(fleet)
    finally:
        # Whatever ends the task, its threads send nothing more.
        stop()
        client.close()
        management.warn()
