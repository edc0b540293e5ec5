# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a task as a module's process would receive them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

_CORE_PREFIX = "_"


def plain_options(args: Mapping[str, Any]) -> dict[str, Any] | None:
    """Nothing but the types of JSON, without tags and vaults; ``None`` if there is no telling how they arrive."""
    if any(str(name).startswith(_CORE_PREFIX) for name in args):
        return None
    try:
        options: dict[str, Any] = json.loads(json.dumps(dict(args), default=_plain))
    except (TypeError, ValueError, RecursionError):
        return None
    return options


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, date):
        return value.isoformat()
    if getattr(value, "__ENCRYPTED__", False):
        # A vaulted value of ansible-core before 2.19.
        return str(value)
    raise TypeError(type(value))
