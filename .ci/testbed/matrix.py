# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each ansible-core, with the newest Python that it runs on and that is there."""

from __future__ import annotations

import sys

import nox

from .pythons import link_pythons

# ansible-core: the Pythons that it runs on, newest first. The oldest Python that its modules may run on is its own
# business: `ansible-test sanity` tries `compile` and `import` on each one that it supports and finds.
ANSIBLE_CORES = {
    "devel": ("3.14", "3.13"),
    "2.22": ("3.14", "3.13"),
    "2.21": ("3.14", "3.13", "3.12"),
    "2.20": ("3.14", "3.13", "3.12"),
    "2.19": ("3.13", "3.12", "3.11"),
    "2.18": ("3.13", "3.12", "3.11"),
}
#: Where a release has only a candidate yet. With the release itself, the line goes.
CANDIDATES = {"2.22": "rc1"}
#: What is no release, and comes from another place than the package index. Only who names it gets it.
UNRELEASED = {"devel": "https://github.com/ansible/ansible/archive/devel.tar.gz"}

PYTHONS = link_pythons()
MATRIX = [
    nox.param(next(python for python in pythons if python in PYTHONS), core, id=core)
    for core, pythons in ANSIBLE_CORES.items()
    if any(python in PYTHONS for python in pythons)
]
for absent in sorted(ANSIBLE_CORES.keys() - {entry.id for entry in MATRIX}):
    needed = ", ".join(ANSIBLE_CORES[absent])
    print(f"ansible-core {absent} is left out: it needs one of Python {needed}", file=sys.stderr)

NEWEST, NEWEST_PYTHON = next(
    (entry.id, entry.args[0]) for entry in MATRIX if entry.id not in CANDIDATES.keys() | UNRELEASED.keys()
)
#: For which a Python was found. Beside the newest release, what meets ansible-core is tested with them, too.
TESTED_CANDIDATES = [entry.id for entry in MATRIX if entry.id in CANDIDATES]
each_core = nox.parametrize("python,core", MATRIX)
each_core_of_the_matrix = nox.parametrize(
    "python,core",
    [nox.param(*entry.args, id=entry.id, tags=[] if entry.id in UNRELEASED else ["matrix"]) for entry in MATRIX],
)


def requirement(core: str) -> str:
    """The newest release of an ansible-core, or its candidate."""
    return UNRELEASED.get(core, f"ansible-core~={core}.0{CANDIDATES.get(core, '')}")


NEWEST_CORE = requirement(NEWEST)
