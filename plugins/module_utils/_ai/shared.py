# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the deployments that one task manages side by side know together."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Callable

from .._engine.flags import EngineHelp, parse_help
from .engine_help import read_entries

if TYPE_CHECKING:
    from .._api.client import Client
    from .._api.deadline import Deadline
    from .deployment_reading import Listed


class Shared:
    """
    :param listed: what the zone held when the task began; ``None`` if nobody has asked.
    :param is_forecast: nothing is written, so that the quota does not show what the others would use.
    """

    def __init__(self, client: Client, listed: Listed | None, *, is_forecast: bool) -> None:
        self.listed = listed
        self._client = client
        self._is_forecast = is_forecast
        self._lock = threading.Lock()
        self._helps: dict[str | None, EngineHelp] = {}
        self._promised: dict[str, int] = {}

    def read_help(self, version: str | None, deadline: Deadline | None) -> EngineHelp:
        """The help of a version, read once for all; what could not be read is read again.

        :raises ExoscaleError: it cannot be read.
        """
        with self._lock:
            if version not in self._helps:
                self._helps[version] = parse_help(read_entries(self._client, version, deadline))
            return self._helps[version]

    def promise(self, gpu_type: str, needed: int, refuse: Callable[[int], str | None]) -> str | None:
        """Promise GPUs to a deployment that is not refused.

        :param refuse: is given how many more are needed, for those that were promised before; returns why not.
        """
        with self._lock:
            refusal = refuse(self._promised.get(gpu_type, 0))
            if refusal is None and self._is_forecast:
                self._promised[gpu_type] = self._promised.get(gpu_type, 0) + needed
            return refusal
