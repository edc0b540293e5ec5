# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation as a site. What decides how it looks is in docs/site/."""

from __future__ import annotations

import shutil
from pathlib import Path

import nox

from .changelog import fragments_in, releases_in
from .places import BUILD
from .release import write_changelog
from .version import next_major, version_of

REQUIREMENTS = (
    "ansible-pygments",
    "antsibull-changelog",
    "antsibull-docs",
    "pytest",
    "pytest-check-links",
    "sphinx",
    "sphinx-rtd-theme",
)


def build(session: nox.Session, tree: Path) -> Path:
    """Build it of a tree, with the changelog of the release that is to come; a warning is an error.

    :returns: its folder.
    """
    released = releases_in(tree)
    if fragments_in(tree):
        present = version_of(tree)
        write_changelog(session, tree, next_major(released) if present in released else present)
    sources = tree / "docs" / "site"
    pages = BUILD / "pages"
    shutil.rmtree(pages, ignore_errors=True)
    (pages / "rst").mkdir(parents=True, mode=0o755)
    shutil.copy2(sources / "index.rst", pages / "rst")
    session.run(
        *("antsibull-docs", "--config-file", str(sources / "antsibull-docs.cfg"), "collection", "--use-current"),
        *("--fail-on-error", "--cleanup", "similar-files", "--dest-dir", str(pages / "rst"), "exoscale.cloud"),
    )
    folders = (str(pages / "rst"), str(pages), "-c", str(sources))
    session.run("sphinx-build", "-M", "html", *folders, "--quiet", "--fail-on-warning", "--keep-going")
    return pages / "html"


def follow_links(session: nox.Session, site: Path) -> None:
    # Whether what is on other hosts is there may be another tomorrow.
    checks = ("--check-links", "--check-anchors", "--check-links-ignore=^https?:")
    session.run("pytest", "-q", "--disable-warnings", "-p", "no:cacheprovider", *checks, str(site))
