# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One version of each tool, and of what the tools need."""

from __future__ import annotations

import json
import os
import re
import subprocess

import nox

from .places import BUILD, ROOT

CONSTRAINTS = ROOT / ".ci" / "constraints.txt"


def pin_for_antsibull_nox(core: str) -> None:
    """Let what its sessions install have the pinned versions, and this ansible-core, which it does not ask for."""
    own = write_constraints("antsibull-nox", [core])
    # Addresses, since pip would split a path at a space.
    os.environ["PIP_CONSTRAINT"] = f"{CONSTRAINTS.as_uri()} {own}"


def install(session: nox.Session, *requirements: str, **others: str) -> None:
    """Install tools, each in the version that .ci/constraints.txt names, and nothing that it does not name.

    :param others: versions that this session needs instead.
    """
    versions = pinned() | others
    lines = [f"{name}=={version}" for name, version in versions.items()]
    session.env["PIP_CONSTRAINT"] = write_constraints(session.name, lines) if others else CONSTRAINTS.as_uri()
    session.install(*requirements)
    refuse_what_is_not_pinned(session, versions)


def pinned() -> dict[str, str]:
    return dict(line.split("==") for line in CONSTRAINTS.read_text().splitlines() if "==" in line)


def write_constraints(name: str, lines: list[str]) -> str:
    file = BUILD / "constraints" / f"{name}.txt"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f"{line}\n" for line in lines))
    return file.as_uri()


def refuse_what_is_not_pinned(session: nox.Session, versions: dict[str, str]) -> None:
    # Python brings pip, and up to 3.11 setuptools.
    expected = (f"--exclude={name}" for name in ("ansible-core", "pip", "setuptools"))
    listing = ("python", "-m", "pip", "list", "--format=json", *expected)
    found = json.loads(session.run(*listing, silent=True, stderr=subprocess.DEVNULL))
    installed = {re.sub("[-_]+", "-", each["name"]).lower(): each["version"] for each in found}
    if loose := sorted(installed.items() - versions.items()):
        session.error(f"{CONSTRAINTS.relative_to(ROOT)} does not name {' '.join(map('=='.join, loose))}")
