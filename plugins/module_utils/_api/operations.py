# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several operations, read or awaited together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Sequence

from .concurrency import all_at_once
from .errors import ApiError, ExoscaleError
from .operation import read_operation
from .sight import Sight
from .waiting import MOST_LAGGING, look_until

if TYPE_CHECKING:
    from .client import Client
    from .deadline import Deadline
    from .operation import Operation
    from .sight import Tell


def read_known_operations(client: Client, ids: Sequence[str], deadline: Deadline | None) -> list[Operation]:
    """Those that a user names by their IDs, all read at once.

    :param deadline: bounds the pauses between attempts.

    :raises ApiError: there is none of that ID, for example; the message says then what to check.
    """

    def read(operation_id: str) -> Operation:
        try:
            return read_operation(client, operation_id, deadline)
        except ApiError as error:
            if error.is_absence:
                error.add("Check the ID and the zone: an operation exists in one zone only")
            raise

    return all_at_once(client, read, ids)


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
    failures = [0] * len(latest)

    def read(place: int) -> Operation | ExoscaleError:
        try:
            return read_operation(client, str(latest[place].id), deadline, retries=0)
        except ExoscaleError as error:
            return error

    def look() -> list[Operation]:
        places = [place for place, operation in enumerate(latest) if operation.pending]
        trouble: ExoscaleError | None = None
        for place, found in zip(places, all_at_once(client, read, places)):
            if not isinstance(found, ExoscaleError):
                latest[place], failures[place] = found, 0
                continue
            failures[place] += not found.transient
            is_final = failures[place] > MOST_LAGGING or not (found.transient or found.may_be_lag)
            # One that fails for good is told first, when all the others have been looked at.
            if is_final or (found.transient and trouble is None):
                trouble = found
        track(latest)
        if trouble is not None:
            raise trouble
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
            most_lagging=0,
        )
