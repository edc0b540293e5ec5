# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking engine parameters up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._api.errors import InvalidAnswer
from .._api.values import snake_case
from .._engine.flags import normalise
from .engine_help import HELP, read_entries

if TYPE_CHECKING:
    from .._api.client import Client


def find(client: Client, version: str | None, name: str | None, section: str | None) -> list[dict[str, Any]]:
    """The parameters that match, with keys in snake_case, in the order of the API.

    :param version: ``None`` leaves the choice to the API.
    :raises InvalidAnswer: the answer is not a list of parameters.
    """
    entries = read_entries(client, version)
    if not all(isinstance(entry, dict) for entry in entries):
        raise InvalidAnswer(f"GET {HELP}: the answer holds parameters that are no objects")
    return [
        snake_case(entry)
        for entry in entries
        if (name is None or _has_name(entry, name)) and (section is None or entry.get("section") == section)
    ]


def _has_name(entry: dict[str, Any], name: str) -> bool:
    flags = entry.get("flags")
    spellings = [entry.get("name"), *(flags if isinstance(flags, list) else [])]
    return any(each in spellings for each in (name, normalise(name), name.replace("_", "-")))
