# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the fragments say, and whether a changelog says it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

FRAGMENTS = Path("changelogs", "fragments")
CHANGELOG = Path("changelogs", "changelog.yaml")
#: A section of the fragments that no changelog shows.
UNSEEN = "trivial"


def fragments_in(tree: Path) -> dict[str, dict[str, Any]]:
    """Each fragment by the name of its file."""
    return {file.name: yaml.safe_load(file.read_text()) for file in sorted((tree / FRAGMENTS).glob("*.yml"))}


def releases_in(tree: Path) -> dict[str, Any]:
    return yaml.safe_load((tree / CHANGELOG).read_text())["releases"]


def untold(fragments: dict[str, dict[str, Any]], text: str) -> list[str]:
    """What users are to know, and a text does not tell them: each with its fragment."""
    told = words(text)
    return [
        f"{name}: {entry}"
        for name, sections in fragments.items()
        for section, entries in sections.items()
        if section != UNSEEN
        for entry in ([entries] if isinstance(entries, str) else entries)
        if words(entry) not in told
    ]


def words(text: str) -> str:
    """A text as it is, wherever its lines break."""
    return " ".join(text.split())


def notes_of(version: str, text: str) -> str:
    """What CHANGELOG.md says of one version.

    :raises ValueError: it does not know the version.
    """
    parts = re.split(r'^<a id="v(\d+-\d+-\d+)"></a>\n## .*\n', text, flags=re.MULTILINE)
    notes = dict(zip(parts[1::2], parts[2::2], strict=True))
    try:
        return notes[version.replace(".", "-")].strip() + "\n"
    except KeyError:
        raise ValueError(f"CHANGELOG.md does not know {version}") from None
