# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the fragments to a tarball, a commit and a tag. What comes after it is the workflow's."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import nox

from . import tarball
from .changelog import CHANGELOG, FRAGMENTS, fragments_in, notes_of, releases_in, untold
from .places import BUILD, ROOT
from .version import objection, places_that_differ, set_version


def write_changelog(session: nox.Session, tree: Path, version: str) -> None:
    """Turn the fragments of a tree into a changelog that tells all of them."""
    if reason := objection(version, releases_in(tree)):
        session.error(reason)
    fragments = fragments_in(tree)
    session.chdir(tree)
    set_version(tree, version)
    session.run("antsibull-changelog", "release", silent=True)
    if missing := untold(fragments, (tree / "CHANGELOG.rst").read_text()):
        session.error("\n".join(["CHANGELOG.rst does not tell", *missing]))
    if left := fragments_in(tree):
        session.error(f"{FRAGMENTS} still holds {', '.join(left)}")


def release(session: nox.Session, version: str, *, dry: bool) -> None:
    """Make a release: in a tree of its own, so that one that fails leaves the checkout as it is."""
    if output("git", "status", "--porcelain"):
        session.error("commit first what differs: git status tells")
    if output("git", "tag", "--list", version):
        session.error(f"there is a tag {version}")
    if not any("release_summary" in sections for sections in fragments_in(ROOT).values()):
        session.error(f"no fragment in {FRAGMENTS} has a release_summary")
    with worktree() as tree:
        write_changelog(session, tree, version)
        make(session, tree, version)
        if dry:
            session.log(f"{version} can be released. Nothing was changed.")
            return
        git("add", "--all", cwd=tree)
        git("commit", "--quiet", f"--message=Release {version}", cwd=tree)
        commit = output("git", "rev-parse", "HEAD", cwd=tree)
    git("merge", "--quiet", "--ff-only", commit)
    git("tag", "--annotate", f"--message={version}", version)
    session.log(f"{version} is committed and tagged. To publish it: git push --atomic origin HEAD {version}")


def make_what_is_tagged(session: nox.Session, version: str) -> None:
    """Build the tarball of the release that the checkout is."""
    if version not in output("git", "tag", "--points-at", "HEAD").split() or output("git", "status", "--porcelain"):
        session.error(f"the checkout is not what is tagged {version}")
    if others := places_that_differ(ROOT, version):
        session.error(f"{', '.join(others)}: not {version}")
    if version not in releases_in(ROOT) or fragments_in(ROOT):
        session.error(f"{CHANGELOG} does not know {version}, or there are fragments left")
    make(session, ROOT, version)


def make(session: nox.Session, tree: Path, version: str) -> None:
    session.chdir(tree)
    made = tarball.build(session)
    tarball.judge(session, made)
    notes = notes_of(version, (tree / "CHANGELOG.md").read_text())
    (made.parent / "notes.md").write_text(notes)
    session.log(f"{made.relative_to(ROOT)}, with these notes:\n\n{notes}")
    session.chdir(ROOT)


@contextlib.contextmanager
def worktree() -> Iterator[Path]:
    """The last commit once more, where Ansible expects a collection."""
    tree = BUILD / "release" / "ansible_collections" / "exoscale" / "cloud"
    git("worktree", "prune")
    git("worktree", "add", "--quiet", "--force", "--detach", str(tree), "HEAD")
    try:
        yield tree
    finally:
        git("worktree", "remove", "--force", str(tree))


def git(*args: str, cwd: Path = ROOT) -> None:
    subprocess.run(["git", *args], check=True, cwd=cwd)


def output(*command: str, cwd: Path = ROOT) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=cwd).stdout.strip()
