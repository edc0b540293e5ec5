# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ansible-test in a home of its own."""

from __future__ import annotations

import ast
import contextlib
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nox

from .places import HOME, REPORT


def ansible_test(session: nox.Session, tree: Path, *args: str, minutes: int = 25) -> None:
    (tree / "tests" / "output" / "junit").mkdir(parents=True, exist_ok=True)
    # A test that hangs shall say so while somebody still waits.
    session.run("ansible-test", "env", "--timeout", str(minutes), silent=True)
    with junit(session, tree):
        session.run("ansible-test", *args, "--color", "no", *session.posargs)


@contextlib.contextmanager
def junit(session: nox.Session, tree: Path) -> Iterator[None]:
    """Hand the JUnit files of the tree over to the report, however the tests end."""
    target = REPORT / "junit" / re.sub(r"\W+", "-", session.name)
    shutil.rmtree(target, ignore_errors=True)
    try:
        yield
    finally:
        shutil.copytree(tree / "tests" / "output" / "junit", target, dirs_exist_ok=True)


def installed_ansible_test(session: nox.Session) -> Path:
    (package,) = Path(session.virtualenv.location).glob("lib/python*/site-packages/ansible_test")
    return package


def skip_what_is_not_on_the_index(session: nox.Session) -> list[str]:
    """A candidate of ansible-core may pin a linter's dependency to a commit, which no index has."""
    options = []
    for file in sorted((installed_ansible_test(session) / "_data" / "requirements").glob("sanity.*.txt")):
        pinned = [line for line in file.read_text().splitlines() if " @ " in line and not line.startswith("#")]
        test = file.name.split(".")[1]
        if pinned and len(file.name.split(".")) == 3:
            session.warn(f"sanity test {test} is left out, since it needs {pinned[0]}")
            options += ["--skip-test", test]
    return options


def provide_pip(session: nox.Session) -> None:
    """Prepare what ansible-test needs to make virtual environments inside the sandbox.

    It hides PIP_* from pip, so those settings go into a file; and it downloads a script that brings pip into an empty
    environment, for which Python's own ensurepip stands in where there is no such download.
    """
    listing = [sys.executable, "-m", "pip", "config", "list"]
    settings = subprocess.run(listing, check=True, capture_output=True, text=True).stdout
    # The environment comes first in the list and wins over the files.
    values = dict(reversed(re.findall(r"^\S+?\.([\w-]+)=(.+)$", settings, re.MULTILINE)))
    # What ansible-test installs has versions of its own.
    values.pop("constraint", None)
    config = HOME / ".config" / "pip" / "pip.conf"
    config.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"{key} = {' '.join(ast.literal_eval(value).split())}" for key, value in values.items()]
    config.write_text("\n".join(["[global]", *lines, ""]))

    package = installed_ansible_test(session)
    version = re.search(r"\bpip='([\d.]+)'", (package / "_internal/python_requirements.py").read_text())[1]
    script = HOME / ".ansible" / "test" / "cache" / f"get_pip_{version.replace('.', '_')}.py"
    if script.exists():
        return
    source = re.search(r"'(https://\S+%s\.py)'", (package / "_util/target/setup/requirements.py").read_text())[1]
    script.parent.mkdir(parents=True, exist_ok=True)
    try:
        with urllib.request.urlopen(source % version, timeout=5) as answer:
            script.write_bytes(answer.read())
    except OSError as error:
        session.warn(f"{source % version}: {error}; ensurepip stands in")
        script.write_text("import ensurepip\nensurepip.bootstrap()\n")
