# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How much of the plugins is run."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import nox

from .ansible_test import installed_ansible_test
from .places import BUILD, ROOT

#: Python runs a few times slower while it is measured.
MEASURING_MINUTES = 45


@contextlib.contextmanager
def measured_processes(session: nox.Session) -> Iterator[None]:
    """Let each process of the session's Python read .ci/measured_processes.py."""
    packages = installed_ansible_test(session).parent
    hook = ROOT / ".ci" / "measured_processes.py"
    files = (packages / hook.name, packages / f"{hook.stem}.pth")
    shutil.copy2(hook, files[0])
    files[1].write_text(f"import {hook.stem}\n")
    try:
        yield
    finally:
        for file in files:
            file.unlink()


def report_coverage(session: nox.Session, tree: Path) -> None:
    target = BUILD / "coverage"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    data = f"--data-file={tree / 'tests' / 'output' / 'coverage' / 'coverage'}"
    for form, place in (("html", "--directory"), ("xml", "-o"), ("json", "-o")):
        name = target if form == "html" else target / f"coverage.{form}"
        session.run("coverage", form, data, "--include=plugins/*", place, str(name), silent=True)
    session.run("python", str(ROOT / ".ci" / "covered.py"), str(target / "coverage.json"))
