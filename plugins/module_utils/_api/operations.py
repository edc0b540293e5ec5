# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several operations, read or awaited together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Sequence

from .errors import ApiError
from .operation import read_operation
from .sight import Sight
from .waiting import look_until

if TYPE_CHECKING:
    from .client import Client
    from .deadline import Deadline
    from .operation import Operation
    from .sight import Tell


def read_known_operation(client: Client, operation_id: str) -> Operation:
    """One that a user names by its ID.

    :raises ApiError: there is none of that ID, for example; the message says then what to check.
    """
    try:
        return read_operation(client, operation_id)
    except ApiError as error:
        if error.is_absence:
            error.add("Check the ID and the zone: an operation exists in one zone only")
        raise


def await_operations(
    client: Client,
    operations: Sequence[Operation],
    track: Callable[[list[Operation]], None],
    deadline: Deadline,
    tell: Tell,
) -> None:
    """Look at those that are pending, all of them at each look, until none is.

    :param track: is given all of them, in the same order, as far as they were seen.
    :raises DeadlineExceeded: some are still pending when the deadline passes.
    """
    latest = list(operations)

    def look() -> list[Operation]:
        for place, operation in enumerate(latest):
            if operation.pending and operation.id is not None:
                latest[place] = read_operation(client, operation.id, retries=0)
                track(latest)
        return latest

    def pending() -> list[Operation]:
        return [operation for operation in latest if operation.pending]

    if pending():
        look_until(
            look,
            lambda _seen: not pending(),
            lambda: Sight("the number of pending operations", f"{len(pending())} of {len(latest)}"),
            deadline,
            tell,
        )
