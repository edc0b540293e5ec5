# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Small facts about values that more than one room needs."""

from __future__ import annotations

import re
from typing import Any

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)

_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+", re.ASCII)


def is_uuid(value: Any) -> bool:
    """Whether ``value`` is the text of a UUID, and so safe as a segment of a path."""
    return isinstance(value, str) and _UUID.fullmatch(value) is not None


def is_version(value: Any) -> bool:
    """Whether ``value`` has the shape of an engine version; which ones exist is for the API to say."""
    return isinstance(value, str) and _VERSION.fullmatch(value) is not None


def snake_case(value: Any) -> Any:
    """The same JSON value with ``-`` in the keys of its objects replaced by ``_``."""
    if isinstance(value, dict):
        return {str(key).replace("-", "_"): snake_case(item) for key, item in value.items()}
    if isinstance(value, list):
        return [snake_case(item) for item in value]
    return value
