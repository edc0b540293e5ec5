# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An operation, the API's handle on a change that takes time."""

from __future__ import annotations

from typing import Any, NamedTuple

from .errors import (
    InvalidAnswer,
    OperationFailed,
    OperationTimedOut,
)
from .values import is_uuid

PENDING = "pending"
SUCCESS = "success"


class Operation(NamedTuple):
    """``GET /operation/{id}``, which is also what a write is answered with."""

    id: str | None
    state: str
    reason: str | None = None
    message: str | None = None
    reference: dict[str, Any] | None = None

    @classmethod
    def from_api(cls, payload: dict[str, Any]) -> Operation:
        """
        :raises InvalidAnswer: the payload is not an operation.
        """
        state = payload.get("state")
        operation_id = payload.get("id")
        if not isinstance(state, str) or (state == PENDING and not is_uuid(operation_id)):
            raise InvalidAnswer(
                "The API answered with something that is not an operation: "
                f"its state is {state!r} and its ID {operation_id!r}",
                may_have_arrived=True,
            )
        reference = payload.get("reference")
        return cls(
            id=operation_id if isinstance(operation_id, str) else None,
            state=state,
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
        if self.state == "timeout":
            raise OperationTimedOut(
                f"{what} took longer than the API allows, and the API gave it up ({why}). Look at the state of the "
                "resource before you run the task again",
                operation=self.result(),
                undo=undo,
                after_change=True,
            )
        ended = "failed" if self.state == "failure" else f"ended in the unknown state {self.state!r}"
        raise OperationFailed(f"{what} {ended} ({why})", operation=self.result(), undo=undo, after_change=True)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
