# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A deployment that nobody declares, as a kind of resource that is deleted and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

from .._api.errors import Refused
from .deployment import PRIVATE
from .deployment_kind import DeploymentKind

if TYPE_CHECKING:
    from .._api.client import Client
    from .._api.deadline import Deadline
    from .deployment import Deployment, Desired
    from .fleet import Stray

_LOG_LINES = 20


class StrayKind(DeploymentKind):
    """It is the one that was listed, or it is left alone.

    :param stray: as it was listed.
    :param warn: takes sentences for the user.
    """

    def __init__(self, client: Client, stray: Stray, warn: Callable[[str], None]) -> None:
        super().__init__(client, "exact", "none", _LOG_LINES, None, warn)
        self._stray = stray

    def look(
        self,
        wanted: Desired,
        deadline: Deadline,
        *,
        retries: int | None = None,
        may_be_missing: bool = False,
    ) -> Deployment | None:
        seen = super().look(wanted, deadline, retries=retries, may_be_missing=may_be_missing)
        if seen is None:
            return None
        if seen.name != self._stray.name or seen.fields.get("visibility") not in (None, PRIVATE):
            raise Refused(f"{self._stray} is not deleted, since it is not any more what was listed: it is {seen} now")
        return seen
