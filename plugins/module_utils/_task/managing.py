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
from .options import NO_DIFF, Declaration, api_options, failure_of_writing

if TYPE_CHECKING:
    from .._api.client import Client
    from .._reconcile.kind import Kind
    from .._reconcile.ledger import Attempt, Report
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
        no_diff=NO_DIFF,
        **more,
    )


class Managed:
    """One resource that is brought to what is wanted of it, and what the result of a task tells of that.

    :param returned: the key under which the result has the resource.
    :param roll_back: whether a change that fails is taken back.
    :param warn: takes sentences for the user.
    """

    def __init__(
        self,
        kind: Kind[Any, Any],
        wanted: Any,
        returned: str,
        warn: Callable[[str], None],
        *,
        check_mode: bool,
        roll_back: bool = False,
    ) -> None:
        self.kind = kind
        self.ledgers: list[Ledger[Any]] = []
        self._wanted = wanted
        self._returned = returned
        self._warn = warn
        self._check_mode = check_mode
        self._roll_back = roll_back
        self._unfinished: dict[str, Any] = {}

    def converge(self, limits: Limits) -> None:
        """
        :raises ExoscaleError: anything that a user, a network or a server can cause.
        """
        try:
            converge(
                self.kind,
                self._wanted,
                self.ledgers,
                limits,
                self._warn,
                check_mode=self._check_mode,
                roll_back=self._roll_back,
            )
        except ExoscaleError as error:
            # Imported where a task has failed: a module compiles whatever it imports, each time it starts.
            from .replacing import tell_of_unfinished_replacement

            self._unfinished = tell_of_unfinished_replacement(error, self.kind, self.ledgers)
            raise

    @property
    def report(self) -> Report:
        """What was done."""
        return report(self.ledgers, self.kind.fields)

    @property
    def attempts(self) -> list[Attempt[Any]]:
        """All of them, in order."""
        return [tried for ledger in self.ledgers for tried in ledger.attempts]

    @property
    def seen(self) -> Any:
        """The resource as it was seen last; ``None`` if it is not there, or never was seen."""
        if self.attempts and self.ledgers[-1].seen is None and self.ledgers[-1].may_be_missing:
            return None
        return next((ledger.seen for ledger in reversed(self.ledgers) if ledger.seen is not None), None)

    def result(self) -> dict[str, Any]:
        """What was attempted and seen."""
        told = self.report
        return {
            "changed": told.changed,
            self._returned: self.kind.shown(
                self.seen, [tried.step for tried in self.attempts] if self._check_mode else []
            ),
            "operations": [tried.operation.result() for tried in self.attempts if tried.operation is not None],
            "changes": told.changes,
            "actions": told.actions,
            **self._unfinished,
        }

    def diff(self) -> dict[str, Any]:
        """What is managed, before and after what was done."""
        told = self.report
        return {
            "before": told.before,
            "after": told.after,
            "before_header": told.label,
            "after_header": told.after_label,
        }


def waiting_of(params: dict[str, Any]) -> Waiting:
    """How a task waits."""
    wait_for = params.get("wait_for", "ready")
    return Waiting(params["wait"], wait_for != "operation", params["wait_timeout"], wait_for == "serving")


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
    connection = Connection.from_params(params, task.redactor)
    limits = Limits.begin(waiting_of(params), connection.retries, connection.timeout, task.clock, task.tell)
    client = connection.client(task.redactor, read_only=task.check_mode, clock=task.clock)
    roll_back = params.get("on_failure") == "rollback"
    managed = Managed(make_kind(client), wanted, returned, task.warn, check_mode=task.check_mode, roll_back=roll_back)
    findings.tell = managed.result
    findings.reveal = lambda: {returned: managed.kind.revealed()}
    findings.diff = managed.diff
    try:
        managed.converge(limits)
    finally:
        client.close()
