# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading which parameters the versions of the engine accept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from .._api.errors import ExoscaleError, InvalidAnswer, RequestFailed
from .._engine.flags import EngineHelp, parse_help

if TYPE_CHECKING:
    from .._api.client import Client
    from .._api.deadline import Deadline

HELP = "/ai/help/inference-engine-parameters"


def read_entries(client: Client, version: str | None, deadline: Deadline | None = None) -> list[Any]:
    """The list ``parameters`` of the help for an engine version, as the API has it.

    :param version: ``None`` leaves the choice to the API.
    :raises InvalidAnswer: the answer holds no such list.
    """
    query = None if version is None else {"version": version}
    return client.get_list(HELP, "parameters", query, deadline=deadline)


ReadHelp = Callable[["str | None", "Deadline | None"], EngineHelp]


class EngineHelps:
    """The help of each version, read at most once in a task.

    :param read: ``None`` to read it for this task alone.
    """

    def __init__(self, client: Client, read: ReadHelp | None = None) -> None:
        self._client = client
        self._read = read or (lambda version, deadline: parse_help(read_entries(client, version, deadline)))
        self._known: dict[str | None, EngineHelp | ExoscaleError] = {}

    def of(self, version: str | None, deadline: Deadline | None = None) -> EngineHelp | ExoscaleError:
        """The flags of ``version``, or why they cannot be read."""
        if version not in self._known:
            try:
                self._known[version] = self._read(version, deadline)
            except ExoscaleError as error:
                self._known[version] = error
        return self._known[version]

    def of_certainly(self, version: str, deadline: Deadline) -> EngineHelp | ExoscaleError:
        """The same for whoever decides about a write by it: it is read again whatever the reason.

        :raises RequestFailed: the deadline has passed before it was certain that it cannot be read.
        """
        for attempt in range(self._client.retries):
            known = self.of(version, deadline)
            # What passes in a moment was waited for, unless there was no time for that.
            was_repeated = isinstance(known, InvalidAnswer) or (isinstance(known, RequestFailed) and known.transient)
            if not isinstance(known, RequestFailed) or (was_repeated and deadline.remaining() > 0):
                return known
            del self._known[version]
            if not self._client.pause(attempt, known, deadline):
                known.add("wait_timeout has passed before it was certain that the engine's flags cannot be read")
                raise known
        return self.of(version, deadline)
