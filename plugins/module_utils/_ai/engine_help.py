# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading which parameters the versions of the engine accept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from .._api.client import entries_in
from .._api.errors import ExoscaleError, InvalidAnswer, RequestFailed
from .._engine.flags import EngineHelp, parse_help

if TYPE_CHECKING:
    from .._api.client import Client
    from .._api.deadline import Deadline

HELP = "/ai/help/inference-engine-parameters"
_PARAMETERS = "parameters"


def read_entries(client: Client, version: str | None) -> list[Any]:
    """The list ``parameters`` of the help for an engine version, as the API has it.

    :param version: ``None`` leaves the choice to the API.
    :raises InvalidAnswer: the answer holds no such list.
    """
    return client.get_list(HELP, _PARAMETERS, _query(version))


def read_help(client: Client, version: str | None, deadline: Deadline | None, insist: bool) -> EngineHelp:
    """The help for an engine version; perhaps it lists nothing.

    :param version: ``None`` leaves the choice to the API.
    :param insist: as in :meth:`Client.read`; a help that lists nothing is a failure, too.
    :raises InvalidAnswer: the answer holds no list of parameters.
    """

    def understand(document: dict[str, Any]) -> EngineHelp:
        known = parse_help(entries_in(document, HELP, _PARAMETERS))
        if insist and not known:
            raise InvalidAnswer(f"GET {HELP}: the answer lists no parameters that can be understood")
        return known

    return client.read(HELP, understand, _query(version), deadline=deadline, insist=insist)


def is_certain(known: EngineHelp | ExoscaleError) -> bool:
    """Whether a write may be decided by it: a help that lists nothing, and a failure that may pass, are read again."""
    return known.is_settled if isinstance(known, RequestFailed) else bool(known)


def _query(version: str | None) -> dict[str, str] | None:
    return None if version is None else {"version": version}


ReadHelp = Callable[["str | None", "Deadline | None", bool], EngineHelp]


class EngineHelps:
    """The help of each version, read at most once in a task.

    :param read: ``None`` to read it for this task alone.
    """

    def __init__(self, client: Client, read: ReadHelp | None = None) -> None:
        self._read = read or (lambda *wanted: read_help(client, *wanted))
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
        if known is None or not is_certain(known):
            try:
                known = self._read(version, deadline, True)
            except RequestFailed as error:
                if not error.is_settled:
                    error.add("wait_timeout has passed before it was certain that the engine's flags cannot be read")
                    raise
                known = error
            self._known[version] = known
        return known
