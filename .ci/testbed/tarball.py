# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tarball that users get."""

from __future__ import annotations

import re
import shutil
import tarfile
from pathlib import Path

import nox

from .places import BUILD

# What a user gets. A new file at the root must be put either here or into `build_ignore` of galaxy.yml.
SHIPPED = {
    "CHANGELOG.md",
    "CHANGELOG.rst",
    "CODE_OF_CONDUCT.md",
    "CONTRIBUTING.md",
    "FILES.json",
    "LICENSE",
    "LICENSES",
    "MANIFEST.json",
    "README.md",
    "REUSE.toml",
    "SECURITY.md",
    "changelogs",
    "docs",
    "meta",
    "playbooks",
    "plugins",
}


def build(session: nox.Session) -> Path:
    dist = BUILD / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    session.run("ansible-galaxy", "collection", "build", "--force", "--output-path", str(dist))
    (made,) = dist.glob("exoscale-cloud-*.tar.gz")
    return made


def judge(session: nox.Session, made: Path) -> None:
    """Fail if something in the tarball is not as it should be."""
    refuse_what_nobody_needs(session, made)
    compare_what_an_execution_environment_gets(session, made)
    let_galaxy_importer_judge(session, made)


def refuse_what_nobody_needs(session: nox.Session, made: Path) -> None:
    with tarfile.open(made) as archive:
        stowaways = {name.partition("/")[0] for name in archive.getnames()} - SHIPPED
    if stowaways:
        session.error(f"nobody who uses the collection needs {sorted(stowaways)}: see build_ignore in galaxy.yml")


def let_galaxy_importer_judge(session: nox.Session, made: Path) -> None:
    session.chdir(made.parent)
    session.env.update(
        GALAXY_IMPORTER_CHECK_REQUIRED_TAGS="true",
        GALAXY_IMPORTER_RUN_ANSIBLE_LINT="false",  # a session of its own, with the tests in view
        GALAXY_IMPORTER_RUN_FLAKE8="true",
    )
    said = session.run("python", "-m", "galaxy_importer.main", made.name, silent=True)
    session.log(said)
    # It exits 0 whatever it finds.
    if re.search("^(WARNING|ERROR)", said, re.MULTILINE) or "completed successfully" not in said:
        session.error("galaxy-importer is not content")


def compare_what_an_execution_environment_gets(session: nox.Session, made: Path) -> None:
    """Read the installed collection as ansible-builder does, which passes over a file that it does not find."""
    place = BUILD / "installed"
    shutil.rmtree(place, ignore_errors=True)
    # The tree that it was built from counts as installed, too.
    options = ("--force", "--collections-path", str(place))
    session.run("ansible-galaxy", "collection", "install", str(made), *options, silent=True)
    found = place / "requirements.txt"
    session.run("ansible-builder", "introspect", f"--write-pip={found}", str(place), silent=True)
    wanted = requirements_in(place / "ansible_collections" / "exoscale" / "cloud" / "meta" / "ee-requirements.txt")
    if not found.is_file() or requirements_in(found) != wanted:
        session.error(f"an execution environment does not get {sorted(wanted)}: see meta/execution-environment.yml")


def requirements_in(file: Path) -> set[str]:
    """Its requirements, without the notes that ansible-builder adds on where they come from."""
    lines = (line.partition("#")[0].strip() for line in file.read_text().splitlines())
    return {line.replace("'", '"') for line in lines if line}
