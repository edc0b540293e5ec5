# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What builds and tests the collection has fixed versions."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
REQUIREMENTS = [ROOT / ".ci" / "requirements.txt", *sorted(ROOT.glob("tests/*/requirements.txt"))]
WORKFLOWS = sorted(ROOT.glob(".github/workflows/*.yml"))
SESSIONS = [
    node
    for file in (ROOT / "noxfile.py", *sorted((ROOT / ".ci" / "testbed").glob("*.py")))
    for node in ast.walk(ast.parse(file.read_text()))
]


def entries(file):
    lines = (line.strip() for line in file.read_text().splitlines())
    return [line for line in lines if line and not line.startswith(("#", "-"))]


def name_in(requirement):
    return re.match(r"[A-Za-z0-9._-]+", requirement)[0].lower()


PINS = entries(ROOT / ".ci" / "constraints.txt")
PINNED = {name_in(pin) for pin in PINS}


def calls_of(name):
    return [node for node in SESSIONS if isinstance(node, ast.Call) and ast.unparse(node.func) == name]


def packages_of_antsibull_nox(settings):
    for key, value in settings.items():
        if isinstance(value, dict):
            yield from packages_of_antsibull_nox(value)
        elif key.endswith(("_package", "_extra_deps")):
            yield from [value] if isinstance(value, str) else value


def test_each_pin_is_one_exact_version():
    assert [pin for pin in PINS if not re.fullmatch(r"[a-z0-9.-]+==[0-9][0-9a-z.]*", pin)] == []
    assert len(PINNED) == len(PINS) > 0


def test_the_pins_leave_the_version_of_ansible_core_to_the_matrix():
    assert "ansible-core" not in PINNED


@pytest.mark.parametrize("file", REQUIREMENTS, ids=lambda file: file.parent.name)
def test_whatever_a_file_of_requirements_names_is_pinned(file):
    assert {name_in(entry) for entry in entries(file)} - PINNED == set()


def test_whatever_a_session_names_is_pinned():
    assigned = [node for node in SESSIONS if isinstance(node, ast.Assign)]
    lists = [node.value for node in assigned if ast.unparse(node.targets[0]).endswith("REQUIREMENTS")]
    given = [argument for each in lists for argument in each.elts]
    given += [argument for call in calls_of("install") for argument in call.args]
    named = {argument.value for argument in given if isinstance(argument, ast.Constant)}
    tools = {each for each in named if each != "-r" and not each.endswith(".txt")}

    assert {"ruff", "pytest-xdist"} <= tools
    assert {name_in(each) for each in tools} - PINNED == set()


def test_whatever_a_session_of_antsibull_nox_names_is_pinned():
    named = set(packages_of_antsibull_nox(tomllib.loads((ROOT / "antsibull-nox.toml").read_text())["sessions"]))

    assert "types-requests" in named
    assert {name_in(each) for each in named} - PINNED == {"ansible-core"}


def test_sessions_install_by_way_of_the_pins_but_for_what_ansible_test_wants():
    calls = [ast.unparse(call) for call in calls_of("session.install")]

    assert [call for call in calls if "ansible-test.txt" not in call] == ["session.install(*requirements)"]


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_each_action_of_a_workflow_is_one_commit_and_tells_its_version(file):
    used = [each for each in re.findall(r"uses: *(.+)", file.read_text()) if not each.startswith("./")]

    assert used
    assert [each for each in used if not re.fullmatch(r"[\w-]+/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each)] == []
