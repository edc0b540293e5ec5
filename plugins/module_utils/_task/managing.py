# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tasks of all modules that write have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from .._api.errors import ExoscaleError
from .._reconcile.converge import converge
from .._reconcile.ledger import Ledger, report
from .._reconcile.limits import Limits, Waiting
from .connection import Connection
from .options import Declaration, api_options, failure_of_writing

if TYPE_CHECKING:
    from .._api.client import Client
    from .._reconcile.kind import Kind
    from .run import Findings, Task


def declaration_of_managing(options: dict[str, dict[str, Any]], returned: str, **more: Any) -> Declaration:
    """
    :param options: of the module alone.
    :param returned: the key under which it returns the resource.
    """
    return Declaration(
        options={**api_options(), **options},
        nothing={"changed": False, returned: None, "operations": [], "changes": [], "actions": []},
        failure=failure_of_writing(),
        has_diff=True,
        **more,
    )


def manage(
    task: Task,
    findings: Findings,
    wanted: Any,
    make_kind: Callable[[Client], Kind[Any, Any]],
    returned: str,
) -> None:
    """Bring a resource to what is wanted.

    :param returned: the key under which the result has the resource.
    :raises ExoscaleError: anything that a user, a network or a server can cause.
    """
    params = task.params
    wait_for = params.get("wait_for", "ready")
    waiting = Waiting(params["wait"], wait_for != "operation", params["wait_timeout"], wait_for == "serving")
    connection = Connection.from_params(params, task.redactor)
    limits = Limits.begin(waiting, connection.retries, connection.timeout, task.clock, task.tell)
    client = connection.client(task.redactor, read_only=task.check_mode, clock=task.clock)
    kind = make_kind(client)
    ledgers: list[Ledger[Any]] = []
    findings.tell = lambda: _result(ledgers, kind, returned, task.check_mode)
    findings.reveal = lambda: {returned: kind.revealed()}
    findings.diff = lambda: _diff(ledgers, kind)
    try:
        converge(
            kind,
            wanted,
            ledgers,
            limits,
            task.warn,
            check_mode=task.check_mode,
            roll_back=params.get("on_failure") == "rollback",
        )
    except ExoscaleError as error:
        # Imported where a task has failed: a module compiles whatever it imports, each time it starts.
        from .replacing import tell_of_unfinished_replacement

        tell_of_unfinished_replacement(error, kind, ledgers, findings)
        raise
    finally:
        client.close()


def _result(ledgers: list[Ledger[Any]], kind: Kind[Any, Any], returned: str, check_mode: bool) -> dict[str, Any]:
    """The result of a task, from what it has attempted and seen."""
    told = report(ledgers, kind.fields)
    attempts = [tried for ledger in ledgers for tried in ledger.attempts]
    seen = next((ledger.seen for ledger in reversed(ledgers) if ledger.seen is not None), None)
    if attempts and ledgers[-1].seen is None and ledgers[-1].may_be_missing:
        seen = None
    return {
        "changed": told.changed,
        returned: kind.shown(seen, [tried.step for tried in attempts] if check_mode else []),
        "operations": [tried.operation.result() for tried in attempts if tried.operation is not None],
        "changes": told.changes,
        "actions": told.actions,
    }


def _diff(ledgers: list[Ledger[Any]], kind: Kind[Any, Any]) -> dict[str, Any]:
    """What the task manages, before and after what was done."""
    told = report(ledgers, kind.fields)
    return {
        "before": told.before,
        "after": told.after,
        "before_header": told.label,
        "after_header": told.after_label,
    }
