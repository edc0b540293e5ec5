# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the API received, and what it answered."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class JournalEntry:
    """
    :param path: without ``/v2``, and whole for the endpoint of a deployment.
    :param status: None if no answer was sent; ``fault`` names what was done instead.
    """

    method: str
    path: str
    query: dict[str, str]
    body: Any
    status: int | None
    fault: str | None
    headers: dict[str, str]

    @property
    def operation(self) -> str:
        """Method and path, with ``{id}`` for each ID, as the contract names it."""
        return f"{self.method} {_ID.sub('{id}', self.path)}"
