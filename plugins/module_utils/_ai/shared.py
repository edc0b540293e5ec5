# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the deployments that one task manages side by side know together."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from copy import copy
from typing import TYPE_CHECKING, Callable

from .._api.errors import ExoscaleError
from .engine_help import is_certain, read_help

if TYPE_CHECKING:
    from .._api.client import Client
    from .._api.deadline import Deadline
    from .._engine.flags import EngineHelp
    from .deployment_reading import Listed


class Shared:
    """
    :param listed: what the zone held when the task began; ``None`` if nobody has asked.
    :param is_forecast: nothing is written, so that the quota does not show what the others would use or give back.
    :param in_turn: each ends before the next one begins, so that what one gives back is there for the next.
    """

    def __init__(self, client: Client, listed: Listed | None, *, is_forecast: bool, in_turn: bool) -> None:
        self.listed = listed
        self._client = client
        self._is_forecast = is_forecast
        self._in_turn = in_turn
        self._lock = threading.Lock()
        self._helps: dict[str | None, Future[EngineHelp]] = {}
        self._promised: dict[str, int] = {}

    def read_help(self, version: str | None, deadline: Deadline | None, insist: bool) -> EngineHelp:
        """The help of a version, read by one of those that want it at the same time.

        What could not be read is read again by those that want it later, and by those that insist on it more than the
        one that has read it.

        :param insist: as in :meth:`Client.read`.
        :raises ExoscaleError: it cannot be read.
        """
        with self._lock:
            known = self._helps.get(version)
            reading = self._helps[version] = Future() if known is None else known
        if known is None:
            try:
                reading.set_result(read_help(self._client, version, deadline, insist))
            except BaseException as error:
                with self._lock:
                    del self._helps[version]
                # Each one says more of it, about what it was doing itself.
                reading.set_exception(copy(error))
                raise
            return reading.result()
        try:
            found = reading.result()
            if not insist or is_certain(found):
                return found
            with self._lock:
                if self._helps.get(version) is reading:
                    del self._helps[version]
        except ExoscaleError as error:
            is_late = deadline is not None and deadline.remaining() <= 0
            if not insist or is_late or is_certain(error):
                raise copy(error) from None
        return self.read_help(version, deadline, insist)

    def promise(self, gpu_type: str, more: int, refuse: Callable[[int], str | None]) -> str | None:
        """Promise GPUs to a creation that is not refused.

        :param more: how many it will use more than are used now.
        :param refuse: is given how many were promised before; returns why not.
        """
        with self._lock:
            refusal = refuse(self._promised.get(gpu_type, 0))
            if refusal is None:
                self._count(gpu_type, more)
            return refusal

    def count(self, gpu_type: str, more: int) -> None:
        """A deployment will use so many GPUs more, or less, than it uses now."""
        with self._lock:
            self._count(gpu_type, more)

    def _count(self, gpu_type: str, more: int) -> None:
        # What is given back is there for certain only if each ends before the next one begins.
        if self._is_forecast and (more > 0 or self._in_turn):
            self._promised[gpu_type] = self._promised.get(gpu_type, 0) + more
