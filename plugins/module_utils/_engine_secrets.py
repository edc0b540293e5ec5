# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds secrets that the engine's command line may hold, so that they are kept out of every output."""

from __future__ import annotations

import re
from typing import Iterable

_SECRET_FLAG = re.compile(r"--(?:[a-z0-9_.-]*[_.-])?(?:api[_-]key|token|password|secret)(?:=(.*))?", re.DOTALL)
#: A shorter value would blot out unrelated parts of the output.
_SHORTEST_SECRET = 6


def secret_values(tokens: Iterable[str]) -> set[str]:
    """The values of flags such as ``--api-key`` and ``--hf-token``."""
    values: set[str] = set()
    follows_flag = False
    for token in tokens:
        flag = _SECRET_FLAG.fullmatch(token)
        if flag:
            values.add(flag.group(1) or "")
        elif follows_flag and not token.startswith("--"):
            values.add(token)
        # A flag such as --api-key takes several values.
        follows_flag = bool(flag and flag.group(1) is None) or (follows_flag and not token.startswith("--"))
    return {value for value in values if len(value) >= _SHORTEST_SECRET}
