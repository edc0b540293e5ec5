# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every failure of the collection that a user, a network or a server can cause.

::

    ExoscaleError
    ├── InvalidInput           the options cannot be right
    ├── Refused                the API's own data say that the change would fail; nothing was written
    ├── RequestFailed          a request got no usable answer
    │   ├── ApiError           an error status
    │   ├── ConnectionFailed   no answer, or one that broke off
    │   └── InvalidAnswer      success without what the API promises
    ├── ReadOnlyClient         a write in check mode
    ├── Interrupted            somebody has ended the task
    ├── SomeFailed             some of the resources that one task manages
    ├── NotFound, AmbiguousName, ImmutableField
    ├── ChangeFailed           the API accepted a change that did not come to a good end
    │   ├── OperationFailed
    │   ├── OperationTimedOut
    │   ├── NotReady
    │   └── NotServing
    ├── NotApplied             the API accepted values that it does not show
    └── DeadlineExceeded       the task has waited as long as it may
"""

from __future__ import annotations

from typing import Any, Mapping, Sequence

NOT_FOUND = 404
TOO_MANY_REQUESTS = 429


class ExoscaleError(Exception):
    """A failure that ends the task.

    ``str(error)`` is the text for a person, as it was composed; whoever shows it redacts it first and makes one
    paragraph of it then. :meth:`result` is the same as data.
    """

    #: Whether the same request may succeed a little later.
    transient = False
    #: Whether the API says that there is no such thing; an HTML page does not, as it is not from the API.
    is_absence = False
    #: The JSON object that the API answered with, without secrets.
    document: Mapping[str, Any] = {}

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
        self._message = message
        self.status = status
        self.title = title
        self.detail = detail
        self.errors: list[dict[str, Any]] = list(errors)
        self.operation = operation
        self.logs: list[dict[str, Any]] = list(logs)

    def __str__(self) -> str:
        return self._message

    @property
    def may_be_lag(self) -> bool:
        """Whether a look that failed so may just have come too early, or met a moment's trouble."""
        return self.transient or self.status == NOT_FOUND or isinstance(self, InvalidAnswer)

    def add(self, sentence: str) -> None:
        """Say one thing more, that only the caller knows."""
        self._message = "{}. {}".format(self._message.rstrip(". "), sentence)

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
    """The options cannot be right; no request was sent."""


class Refused(ExoscaleError):
    """The API's own data say that the change would fail; nothing was written."""


class RequestFailed(ExoscaleError):
    """A request that got no usable answer.

    ``may_have_arrived`` tells whether the server may have carried out a write all the same.
    ``retry_after`` is the server's own wish in seconds, within the bounds of the client.
    """

    #: Whether the request was repeated as often as it may be, and failed each time.
    is_settled = False

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


class Interrupted(ExoscaleError):
    """Somebody has ended the task; the request was not sent."""


class SomeFailed(ExoscaleError):
    """Some of the resources that one task manages did not become what is wanted."""


class ImmutableField(ExoscaleError):
    """A field differs that is fixed when the resource is created."""


class NotFound(ExoscaleError):
    """No resource of that name exists."""


class AmbiguousName(ExoscaleError):
    """Several resources have that name."""


class ChangeFailed(ExoscaleError):
    """The API accepted a change that did not come to a good end.

    ``undo`` is what is to be wanted instead if the change is to be taken back; ``None`` if it cannot be.
    ``after_change`` is false if the task itself has changed nothing.
    """

    def __init__(self, message: str, *, undo: Any = None, after_change: bool = False, **parts: Any) -> None:
        super().__init__(message, **parts)
        self.undo = undo
        self.after_change = after_change


class OperationFailed(ChangeFailed):
    """The API reports that an operation failed."""


class OperationTimedOut(ChangeFailed):
    """The API itself gave up an operation."""


class NotReady(ChangeFailed):
    """The resource settled in a state of failure."""


class NotServing(ChangeFailed):
    """The resource is there, and does not do what it is for.

    ``is_refusal`` tells that it has understood what it was asked, and refused it; ``is_certain`` is false if what lies
    between it and this host may be the reason.
    """

    is_refusal = False
    is_certain = True


class NotApplied(ExoscaleError):
    """The API accepted values that it does not show afterwards."""


class DeadlineExceeded(ExoscaleError):
    """This task has waited as long as it may; what it waited for may still happen."""
