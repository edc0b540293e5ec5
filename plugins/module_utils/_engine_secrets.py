# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds secrets that the engine's command line may hold, so that they are kept out of every output."""

from __future__ import annotations

import re
from typing import Iterable

_SECRET_FLAG = re.compile(r"--?(?:.*[.-])?(?:api-key|token|password|secret)(?:\..*)?", re.IGNORECASE | re.DOTALL)
#: An item that holds a flag and its value with a blank between them is a mistake, but its value is secret all the same.
_BETWEEN_FLAG_AND_VALUE = re.compile(r"[=\s]")
#: A shorter value would blot out unrelated parts of the output.
_SHORTEST_SECRET = 6


def is_secret_flag(flag: str) -> bool:
    """Whether the value of a flag such as ``--api-key`` or ``--hf_token`` is to be kept secret."""
    return _SECRET_FLAG.fullmatch(flag.replace("_", "-")) is not None


def secret_values(tokens: Iterable[str]) -> set[str]:
    """The values of flags such as ``--api-key`` and ``--hf-token``."""
    values: set[str] = set()
    follows_secret_flag = False
    for token in tokens:
        flag, *rest = _BETWEEN_FLAG_AND_VALUE.split(token, maxsplit=1)
        if is_secret_flag(flag):
            values.update(rest)
            # A flag such as --api-key takes several values.
            follows_secret_flag = not rest
        elif token.startswith("--"):
            follows_secret_flag = False
        elif follows_secret_flag:
            values.add(token)
    return {value for value in values if len(value) >= _SHORTEST_SECRET}
