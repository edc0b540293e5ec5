# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every failure of the collection that a user, a network or a server can cause, and how it reads."""

from __future__ import annotations

from typing import Any, Sequence


class ExoscaleError(Exception):
    """A failure that ends the task.

    ``str(error)`` is one paragraph for a person; :meth:`result` is the same as data.
    """

    #: Whether the same request may succeed if it is sent again a little later.
    transient = False

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        title: str | None = None,
        detail: str | None = None,
        errors: Sequence[dict[str, Any]] = (),
        operation: dict[str, Any] | None = None,
        logs: Sequence[dict[str, Any]] = (),
    ) -> None:
        super().__init__(message)
        # What servers say may hold line breaks; a message is one paragraph.
        self._message = " ".join(message.split())
        self.status = status
        self.title = title
        self.detail = detail
        self.errors: list[dict[str, Any]] = list(errors)
        self.operation = operation
        self.logs: list[dict[str, Any]] = list(logs)

    def __str__(self) -> str:
        return self._message

    def add(self, sentence: str) -> None:
        """Say one thing more, that only the caller knows."""
        self._message = "{}. {}".format(self._message.rstrip("."), " ".join(sentence.split()))

    def result(self) -> dict[str, Any]:
        """The parts of the failure; the keys are the same for every kind of it."""
        return {
            "status": self.status,
            "title": self.title,
            "detail": self.detail,
            "errors": self.errors,
            "operation": self.operation,
            "logs": self.logs,
        }


class InvalidInput(ExoscaleError):
    """What the user asked for cannot be right; no request was sent."""


class RequestFailed(ExoscaleError):
    """A request that got no usable answer.

    ``may_have_arrived`` tells whether the server may have carried it out all the same.
    ``retry_after`` is the server's own wish in seconds.
    """

    def __init__(
        self,
        message: str,
        *,
        transient: bool = False,
        may_have_arrived: bool = False,
        retry_after: float | None = None,
        **parts: Any,
    ) -> None:
        super().__init__(message, **parts)
        self.transient = transient
        self.may_have_arrived = may_have_arrived
        self.retry_after = retry_after


class ApiError(RequestFailed):
    """The server answered with an error status."""


class ConnectionFailed(RequestFailed):
    """There was no answer, or it broke off."""


class InvalidAnswer(RequestFailed):
    """The server answered with success, but not with what the API promises."""


class ReadOnlyClient(ExoscaleError):
    """A write was attempted in check mode."""


class InvalidParameters(ExoscaleError):
    """The engine would not accept its parameters; nothing was written."""


class ImmutableField(ExoscaleError):
    """A field differs that can only be decided when the resource is created."""


class NotFound(ExoscaleError):
    """No resource of that name exists."""


class AmbiguousName(ExoscaleError):
    """Several resources have that name."""


class OperationFailed(ExoscaleError):
    """The API reports that an operation failed."""


class OperationTimedOut(ExoscaleError):
    """The API itself gave up an operation."""


class DeadlineExceeded(ExoscaleError):
    """This task has waited as long as it was allowed to; what it waited for may still happen."""


class NotReady(ExoscaleError):
    """The resource settled in a state that is not the wanted one."""


class NotApplied(ExoscaleError):
    """The API accepted values that it does not show afterwards."""
