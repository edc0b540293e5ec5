# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The flags of real engines, and what the help endpoint might say of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

VERSIONS = ("0.12.0", "0.28.0")
_TYPES = {
    "switch": "boolean",
    "toggle": "boolean",
    "int": "integer",
    "size": "integer",
    "size or auto": "integer",
    "float": "number",
    "text": "string",
    "word": "string",
    "json": "json",
    "object": "json",
    "object or text": "json",
}
_DESCRIPTIONS = {
    "size": "Takes sizes such as 1k and 1K, too.",
    "size or auto": "Takes sizes such as 1k and 1K, too, or 'auto'.",
}


def flags(version: str) -> list[dict[str, Any]]:
    """Those of an engine version, as the file of that version has them."""
    file = Path(__file__).parent / f"vllm-{version}.json"
    found: list[dict[str, Any]] = json.loads(file.read_text())["flags"]
    return found


def help_entry(flag: dict[str, Any], *, long_only: bool = False) -> dict[str, Any]:
    """A flag in the form of the help endpoint. Which types the API names is not documented."""
    spellings = [spelling for spelling in flag["flags"] if spelling.startswith("--") or not long_only]
    entry = {
        "name": flag["flags"][0].lstrip("-"),
        "flags": spellings,
        "type": _type(flag),
        "section": flag["section"],
        "description": _DESCRIPTIONS.get(flag["reads"], ""),
    }
    if "default" in flag:
        entry["default"] = flag["default"]
    if "choices" in flag:
        entry["allowed-values"] = flag["choices"]
    return entry


def help_table(version: str, *, long_only: bool = False) -> list[dict[str, Any]]:
    """All flags of an engine version in the form of the help endpoint.

    :param long_only: whether the short spellings are left out.
    """
    return [help_entry(flag, long_only=long_only) for flag in flags(version)]


def _type(flag: dict[str, Any]) -> str:
    kind = _TYPES[flag["reads"]]
    if flag.get("values") in ("several", "appended"):
        return f"list:{kind}"
    return "enum" if "choices" in flag else kind
