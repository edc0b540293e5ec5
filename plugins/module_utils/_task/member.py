# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One of several deployments that one task brings to what is wanted of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from .._api.errors import ExoscaleError, Interrupted
from .managing import Managed, waiting_of

if TYPE_CHECKING:
    from .._reconcile.kind import Kind
    from .._reconcile.limits import Limits

#: What became of it, for the count of a task.
FAILED, NOT_STARTED, CHANGED, UNCHANGED = "failed", "not_started", "changed", "unchanged"
#: What one does after a step was sent.
_DOING = {"create": "creating", "update": "updating", "scale": "scaling", "delete": "deleting"}


class Member:
    """One deployment of several, and what becomes of it.

    :param label: names it in what is told to the user.
    :param identity: its name and its ID, as far as they are known before it is seen.
    :param params: its options.
    :param make_kind: is given what takes sentences for the user.
    :param returned: the key under which a result has it.
    """

    def __init__(
        self,
        label: str,
        identity: dict[str, str | None],
        params: dict[str, Any],
        wanted: Any,
        make_kind: Callable[[Callable[[str], None]], Kind[Any, Any]],
        returned: str,
        *,
        check_mode: bool,
    ) -> None:
        self.label = label
        self.warnings: list[str] = []
        self.error: ExoscaleError | None = None
        self.has_begun = False
        self._identity = identity
        self._params = params
        self._returned = returned
        self.managed = Managed(
            make_kind(self._warn),
            wanted,
            returned,
            self._warn,
            check_mode=check_mode,
            roll_back=params["on_failure"] == "rollback",
        )

    def converge(self, limits: Limits) -> None:
        """Bring it to what is wanted; a failure is kept."""
        self.has_begun = True
        try:
            self.managed.converge(limits._replace(waiting=waiting_of(self._params)))
        except ExoscaleError as error:
            if isinstance(error, Interrupted):
                error.add(self._what_goes_on())
            self.error = error

    def abandon(self) -> None:
        """It is not waited for any more, though it has not ended."""
        error = Interrupted("What it was doing was not waited for any more, as the task was interrupted")
        error.add(self._what_goes_on())
        self.error = error

    @property
    def fate(self) -> str:
        """One word for what has become of it."""
        seen = self.managed.seen
        if self.error is not None:
            return FAILED
        if self.managed.attempts and not self._params["wait"]:
            return "begun"
        return "gone" if seen is None else str(self.managed.kind.state(seen)).partition(" ")[0]

    @property
    def doing(self) -> str | None:
        """What goes on with it; ``None`` if nothing does that is known."""
        attempts, seen = self.managed.attempts, self.managed.seen
        if attempts:
            return _DOING.get(attempts[-1].step.action, "changing")
        # Somebody may have begun that before.
        is_moving = seen is not None and self.managed.kind.in_transition(seen)
        return str(self.managed.kind.state(seen)).partition(" ")[0] if is_moving else None

    @property
    def outcome(self) -> str:
        """What was done to it, or why it failed."""
        if self.error is not None:
            return f"failed: {self.error}"
        return ", ".join(self.managed.report.actions) or "nothing to change"

    @property
    def count(self) -> str:
        """As what it counts."""
        if self.error is not None or not self.has_begun:
            return NOT_STARTED if self.error is None else FAILED
        return CHANGED if self.managed.report.changed else UNCHANGED

    def result(self, show: Callable[[str], str], why_not_started: str) -> dict[str, Any]:
        """As the module for a single deployment returns it, with its name and ID.

        :param show: a text as a result shows it.
        """
        told = {**self._identity, **self.managed.result(), "failed": self.error is not None}
        shown = told[self._returned] or {}
        told.update({key: shown[key] for key in self._identity if shown.get(key) is not None})
        if self.error is not None:
            told.update(self.error.result(), msg=show(str(self.error)))
        elif not self.has_begun:
            told["msg"] = why_not_started
        if self.warnings:
            told["warnings"] = [show(warning) for warning in self.warnings]
        return told

    def _warn(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings.append(text)

    def _what_goes_on(self) -> str:
        under_way = [
            f"{tried.step}" + (f" (operation {tried.operation.id})" if tried.operation is not None else "")
            for tried in self.managed.attempts
            if tried.counts and not tried.has_ended
        ]
        if under_way:
            return f"What was begun goes on: {', '.join(under_way)}"
        if any(tried.counts for tried in self.managed.attempts):
            return f"What was begun has been accepted, and perhaps goes on: {self.managed.attempts[-1].step}"
        return "Nothing was begun" if self.doing is None else f"Nothing was begun, and it is {self.doing} by itself"
