# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading which parameters the versions of the engine accept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from .._api.errors import ExoscaleError, RequestFailed
from .._engine.flags import EngineHelp, parse_help

if TYPE_CHECKING:
    from .._api.client import Client
    from .._api.deadline import Deadline

HELP = "/ai/help/inference-engine-parameters"


def read_entries(
    client: Client, version: str | None, deadline: Deadline | None = None, insist: bool = False
) -> list[Any]:
    """The list ``parameters`` of the help for an engine version, as the API has it.

    :param version: ``None`` leaves the choice to the API.
    :param insist: as in :meth:`Client.read`.
    :raises InvalidAnswer: the answer holds no such list.
    """
    query = None if version is None else {"version": version}
    return client.get_list(HELP, "parameters", query, deadline=deadline, insist=insist)


ReadHelp = Callable[["str | None", "Deadline | None", bool], EngineHelp]


class EngineHelps:
    """The help of each version, read at most once in a task.

    :param read: ``None`` to read it for this task alone.
    """

    def __init__(self, client: Client, read: ReadHelp | None = None) -> None:
        self._read = read or (lambda *wanted: parse_help(read_entries(client, *wanted)))
        self._known: dict[str | None, EngineHelp | ExoscaleError] = {}

    def of(self, version: str | None, deadline: Deadline | None = None) -> EngineHelp | ExoscaleError:
        """The flags of ``version``, or why they cannot be read."""
        if version not in self._known:
            try:
                self._known[version] = self._read(version, deadline, False)
            except ExoscaleError as error:
                self._known[version] = error
        return self._known[version]

    def of_certainly(self, version: str, deadline: Deadline) -> EngineHelp | ExoscaleError:
        """The same for whoever decides about a write by it: it is read again whatever the reason.

        :raises RequestFailed: the deadline has passed before it was certain that it cannot be read.
        """
        known = self._known.get(version)
        if known is None or (isinstance(known, RequestFailed) and not known.is_settled):
            try:
                known = self._read(version, deadline, True)
            except RequestFailed as error:
                if not error.is_settled:
                    error.add("wait_timeout has passed before it was certain that the engine's flags cannot be read")
                    raise
                known = error
            self._known[version] = known
        return known
