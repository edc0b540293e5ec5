# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which Pythons there are."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from .places import BUILD, LANE

TARGET_PYTHONS = ("3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14")


def link_pythons() -> dict[str, Path]:
    """Link every usable Python into one folder, first on PATH, and hide those that are on PATH and do not run.

    A shim of pyenv is found by its name, but runs only if its version is switched on.
    """
    folder = BUILD / "pythons" / (LANE or "all")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    on_path = [Path(place) for place in os.get_exec_path() if place and not Path(place).is_relative_to(BUILD)]
    # The folder of the shims stands beside that of the versions, wherever HOME and PYENV_ROOT are.
    roots = [Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")), *(place.parent for place in on_path)]
    versions = dict.fromkeys(place for root in roots for place in sorted(root.glob("versions/*/bin")))
    pythons = {}
    broken: dict[Path, set[str]] = {}
    for version in TARGET_PYTHONS:
        name = f"python{version}"
        for place in on_path:
            if (place / name).exists() and real_python(place / name) is None:
                broken.setdefault(place, set()).add(name)
        for place in (Path(sys.base_prefix, "bin"), *on_path, *versions):
            if python := real_python(place / name):
                pythons[version] = folder / name
                pythons[version].symlink_to(python)
                break
    path = [folder, *(mirror(place, broken[place], folder) if place in broken else place for place in on_path)]
    os.environ["PATH"] = os.pathsep.join(map(str, path))
    return pythons


def mirror(place: Path, hidden: set[str], folder: Path) -> Path:
    """A folder of links to all that is in ``place``, but for what is to be hidden."""
    copy = folder / f"without-{len(list(folder.iterdir()))}"
    copy.mkdir()
    for file in place.iterdir():
        if file.name not in hidden:
            (copy / file.name).symlink_to(file)
    return copy


def real_python(python: Path) -> str | None:
    if not os.access(python, os.X_OK):
        return None
    probe = [python, "-c", "import os, sys, ensurepip, venv; print(os.path.realpath(sys.executable))"]
    answer = subprocess.run(probe, check=False, capture_output=True, text=True)
    return answer.stdout.strip() if answer.returncode == 0 else None
