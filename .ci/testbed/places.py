# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the sessions find the checkout, and where they put what they make."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import nox

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build"
#: Which part of the default sessions this process runs; empty for all of them.
LANE = os.environ.get("LANE", "")
HOME = BUILD / "home"
REPORT = BUILD / "report"


def sandbox(session: nox.Session) -> None:
    """Give the session a home of its own, so that no setting of the user comes in and nothing of it is changed."""
    HOME.mkdir(parents=True, exist_ok=True)
    session.env.update(
        HOME=str(HOME),
        ANSIBLE_HOME=str(HOME / ".ansible"),
        ANSIBLE_NOCOLOR="1",
        XDG_CACHE_HOME=str(HOME / ".cache"),
    )


def lay_out(session: nox.Session, name: str, trees: Path = BUILD / "trees") -> Path:
    """Copy the collection to where Ansible expects one: below ansible_collections/<namespace>/<name>."""
    base = trees / name
    tree = base / "ansible_collections" / "exoscale" / "cloud"
    shutil.rmtree(base, ignore_errors=True)
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for file in subprocess.run(listing, check=True, capture_output=True, text=True, cwd=ROOT).stdout.split("\0"):
        if file and (ROOT / file).is_file():
            (tree / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / file, tree / file)
    # Without a repository of its own the tree would count as the ignored build folder of the one around it.
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main"], check=True, cwd=tree)
    session.env["ANSIBLE_COLLECTIONS_PATH"] = str(base)
    session.chdir(tree)
    return tree
