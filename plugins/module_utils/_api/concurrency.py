# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several reads at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Callable, Sequence, TypeVar

if TYPE_CHECKING:
    from .client import Client

_AT_A_TIME = 4

Item = TypeVar("Item")
Found = TypeVar("Found")


def all_at_once(client: Client, read: Callable[[Item], Found], items: Sequence[Item]) -> list[Found]:
    """What ``read`` finds for each item, in the same order, by a few threads that share the client.

    The first one that raises ends the reads of all.
    """
    with ThreadPoolExecutor(max_workers=_AT_A_TIME) as pool:
        try:
            return list(pool.map(read, items))
        except BaseException:
            # A task that fails, or that Ansible ends, does not wait for what is still being read.
            client.abort()
            raise
