# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An operation, the API's handle on a change that takes time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import (
    InvalidAnswer,
    OperationFailed,
    OperationTimedOut,
)
from .values import is_text, is_uuid

if TYPE_CHECKING:
    from .client import Client
    from .deadline import Deadline

PENDING = "pending"
SUCCESS = "success"
_FAILURE = "failure"
_TIMEOUT = "timeout"


class Operation(NamedTuple):
    """``GET /operation/{id}``, which is also what a write is answered with."""

    id: str | None
    state: str
    reason: str | None = None
    message: str | None = None
    reference: dict[str, Any] | None = None

    @classmethod
    def from_api(cls, payload: dict[str, Any], request: str) -> Operation:
        """
        :param request: method and path of what was answered with it.
        :raises InvalidAnswer: the payload is not an operation.
        """
        state = payload.get("state")
        operation_id = payload.get("id")
        if not is_text(state) or (state == PENDING and not is_uuid(operation_id)):
            raise InvalidAnswer(
                f"{request} was answered with something that is not an operation: "
                f"its state is {state!r} and its ID {operation_id!r}",
                may_have_arrived=True,
            )
        reference = payload.get("reference")
        return cls(
            id=operation_id if isinstance(operation_id, str) else None,
            state=str(state),
            reason=_text(payload.get("reason")),
            message=_text(payload.get("message")),
            reference=reference if isinstance(reference, dict) else None,
        )

    @property
    def pending(self) -> bool:
        return self.state == PENDING

    @property
    def succeeded(self) -> bool:
        return self.state == SUCCESS

    @property
    def reference_id(self) -> str | None:
        """The ID of what it is for, in lower case, if it tells it; that of a creation tells what it has made."""
        found = (self.reference or {}).get("id")
        return found.lower() if isinstance(found, str) and is_uuid(found) else None

    def result(self) -> dict[str, Any]:
        """As the modules return it; the keys are always the same."""
        return {
            "id": self.id,
            "state": self.state,
            "reason": self.reason,
            "message": self.message,
            "reference": self.reference,
        }

    def raise_for_state(self, request: str, undo: Any = None) -> None:
        """
        :param undo: what is to be wanted if the change is to be taken back.
        :raises OperationFailed: it ended, but not well.
        :raises OperationTimedOut: the API gave it up.
        """
        if self.pending or self.succeeded:
            return
        why = ": ".join(part for part in (self.reason, self.message) if part) or "the API gives no reason"
        what = f"The operation {self.id} of {request}"
        if self.state == _TIMEOUT:
            raise OperationTimedOut(
                f"{what} took longer than the API allows, and the API gave it up ({why}). Look at the state of the "
                "resource before you run the task again",
                operation=self.result(),
                undo=undo,
                after_change=True,
            )
        if self.state != _FAILURE:
            # It may still be under way, and is not to be taken back for a word.
            raise OperationFailed(
                f"{what} is in the state {self.state!r}, which this version of the collection does not know ({why}). "
                "It may still be under way: look at the state of the resource before you run the task again",
                operation=self.result(),
                after_change=True,
            )
        raise OperationFailed(f"{what} failed ({why})", operation=self.result(), undo=undo, after_change=True)


def read_operation(
    client: Client, operation_id: str, deadline: Deadline | None = None, retries: int | None = None
) -> Operation:
    """``GET /operation/{id}``.

    :raises ApiError: there is none of that ID, for example.
    :raises InvalidAnswer: the answer is not that operation.
    """
    path = f"/operation/{operation_id}"

    def parse(answer: dict[str, Any]) -> Operation:
        found = Operation.from_api({**answer, "id": answer.get("id") or operation_id}, f"GET {path}")
        if found.id is None or found.id.lower() != operation_id.lower():
            raise InvalidAnswer(f"GET {path} was answered with another operation, {found.id}")
        return found._replace(id=operation_id)

    return client.read(path, parse, deadline=deadline, retries=retries)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
