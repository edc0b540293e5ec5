# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which version may be released next, and where the collection names its own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

#: Where the version stands, as a template of the text around it.
PLACES = {
    "galaxy.yml": "\nversion: {}\n",
    "README.md": "exoscale-cloud-{}.tar.gz",
    "plugins/module_utils/_api/version.py": 'COLLECTION_VERSION = "{}"\n',
}
FORM = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")


def version_of(tree: Path) -> str:
    return re.search(r"^version: (.+)$", (tree / "galaxy.yml").read_text(), re.MULTILINE)[1]


def objection(version: str, released: Iterable[str]) -> str | None:
    """Why a version cannot be the next one."""
    if not FORM.fullmatch(version):
        return f"{version!r} is no version such as 1.0.0"
    newest = max(released, key=order, default=None)
    if newest and order(version) <= order(newest):
        return f"{version} does not come after {newest}"
    return None


def next_major(released: Iterable[str]) -> str:
    return f"{max((order(version)[0] for version in released), default=0) + 1}.0.0"


def order(version: str) -> tuple[int, ...]:
    return tuple(map(int, FORM.fullmatch(version).groups()))


def set_version(tree: Path, version: str) -> None:
    """Write a version to each place that names the present one."""
    present = version_of(tree)
    for name, form in PLACES.items():
        file = tree / name
        file.write_text(file.read_text().replace(form.format(present), form.format(version)))


def places_that_differ(tree: Path, version: str) -> list[str]:
    """Where the collection names another version."""
    another = rf"(?!{re.escape(version)}\b)\d+\.\d+\.\d+"
    patterns = {name: re.escape(form).replace(r"\{\}", another) for name, form in PLACES.items()}
    return [name for name, pattern in patterns.items() if re.search(pattern, (tree / name).read_text())]
