# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task of ``ai_deployment``: options become values, and what was done becomes a result."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NoReturn

from .._ai.deployment import Desired
from .._ai.deployment import tell as tell_values
from .._ai.deployment_kind import DeploymentKind, EngineConduct, predicted
from .._api.errors import ExoscaleError
from .._reconcile.converge import converge
from .._reconcile.ledger import ACCEPTED, Ledger, report
from .._reconcile.limits import Limits, Waiting
from .._reconcile.plan import CREATE
from .connection import Connection
from .module import run_module
from .options import Declaration, api_options, failure_of_writing, wait_options

if TYPE_CHECKING:
    from .._api.clock import Clock
    from .run import Findings, Task

_VALIDATIONS = ["none", "warn", "error", "strict"]


def declaration() -> Declaration:
    """Of the module ``ai_deployment``."""
    return Declaration(
        options={
            **api_options(),
            **wait_options(),
            "id": {"type": "str"},
            "name": {"type": "str"},
            "inference_engine_version": {"type": "str"},
            "inference_engine_parameters": {"type": "list", "elements": "str"},
            "parameter_comparison": {"type": "str", "choices": ["semantic", "exact"], "default": "semantic"},
            "parameter_validation": {"type": "str", "choices": _VALIDATIONS, "default": "error"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "model": {"type": "raw"},
            "gpu_type": {"type": "str"},
            "gpu_count": {"type": "int"},
            "replicas": {"type": "int"},
            "recreate": {"type": "bool", "default": False},
            "on_failure": {"type": "str", "choices": ["keep", "rollback"], "default": "keep"},
            "failure_log_lines": {"type": "int", "default": 20},
        },
        required_one_of=(("id", "name"),),
        nothing={"changed": False, "deployment": None, "operations": [], "changes": [], "actions": []},
        failure=failure_of_writing(),
        has_diff=True,
    )


def main(clock: Clock = time) -> NoReturn:
    """The process of the module."""
    run_module(declaration(), manage, clock)


def manage(task: Task, findings: Findings) -> None:
    """Bring a deployment to what the options declare.

    :raises ExoscaleError: anything that a user, a network or a server can cause.
    """
    params = task.params
    desired = Desired.from_params(params)
    waiting = Waiting(params["wait"], params["wait_for"] == "ready", params["wait_timeout"])
    connection = Connection.from_params(params)
    limits = Limits.begin(waiting, connection.retries, connection.timeout, task.clock, task.tell)
    client = connection.client(task.redactor, read_only=task.check_mode, clock=task.clock)
    engine = EngineConduct(params["parameter_comparison"], params["parameter_validation"])
    kind = DeploymentKind(client, engine, params["failure_log_lines"], task.warn)
    ledgers: list[Ledger[Any]] = []
    findings.tell = lambda: tell(ledgers, kind, task.check_mode)
    findings.diff = lambda: tell_diff(ledgers, kind)
    try:
        converge(
            kind,
            desired,
            ledgers,
            limits,
            task.warn,
            check_mode=task.check_mode,
            roll_back=params["on_failure"] == "rollback",
        )
    except ExoscaleError as error:
        _tell_of_unfinished_replacement(error, ledgers, findings)
        raise
    finally:
        client.close()


def tell(ledgers: list[Ledger[Any]], kind: DeploymentKind, check_mode: bool) -> dict[str, Any]:
    """The result of a task, from what it has attempted and seen."""
    told = report(ledgers, kind.fields)
    attempts = [tried for ledger in ledgers for tried in ledger.attempts]
    seen = next((ledger.seen for ledger in reversed(ledgers) if ledger.seen is not None), None)
    if attempts and ledgers[-1].seen is None and ledgers[-1].may_be_missing:
        seen = None
    return {
        "changed": told.changed,
        "deployment": predicted(seen, [tried.step for tried in attempts] if check_mode else []),
        "operations": [tried.operation.result() for tried in attempts if tried.operation is not None],
        "changes": told.changes,
        "actions": told.actions,
    }


def tell_diff(ledgers: list[Ledger[Any]], kind: DeploymentKind) -> dict[str, Any]:
    """What the task manages, before and after what was done."""
    told = report(ledgers, kind.fields)
    return {
        "before": told.before,
        "after": told.after,
        "before_header": told.label,
        "after_header": told.after_label,
    }


def _tell_of_unfinished_replacement(error: ExoscaleError, ledgers: list[Ledger[Any]], findings: Findings) -> None:
    """Say that the old deployment is gone, and what is needed to have it again."""
    # Imported where a task has failed: a module compiles whatever it imports, each time it starts.
    from .._reconcile.failing import unfinished_replacement

    deletion = unfinished_replacement(ledgers)
    if deletion is None:
        return
    step = deletion.step
    wanted = {"name": step.then.lookup_name, **step.then.managed}
    if ledgers[-1].seen is None or ledgers[-1].attempts[-1].step.action == CREATE:
        fate = "is gone, it was deleted"
    else:
        fate = "is being deleted" if deletion.outcome == ACCEPTED else "is there, but may yet be deleted"
    error.add(
        f"The old deployment {fate} for this replacement ({step}). To have it again, declare what is "
        f"in 'declaration' of this result: {tell_values(wanted)}. A secret is shown there as a placeholder"
    )
    tell_so_far = findings.tell
    findings.tell = lambda: {**tell_so_far(), "declaration": wanted}
