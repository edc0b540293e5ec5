# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page about the playbooks names each of them, and the variables that it has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
PLAYBOOKS = {file.stem: file.read_text() for file in (ROOT / "playbooks").glob("*.yml")}
PAGE = (ROOT / "docs" / "docsite" / "rst" / "playbooks.rst").read_text()
SECTIONS = dict(re.findall(r"^exoscale\.cloud\.(\w+)\n-+\n(.*?)(?=^exoscale\.cloud\.\w+\n-|\Z)", PAGE, re.M | re.S))


def settings(text):
    """What somebody may want to set: not what is computed, and not a list of constants."""
    given = [variables for play in yaml.safe_load(text) for variables in play.get("vars", {}).items()]
    return {name for name, value in given if not isinstance(value, (list, dict)) and "{{" not in str(value)}


def documented(section):
    terms = re.findall(r"^``.*``$", section, re.M)
    return {name for term in terms for name in re.findall(r"``(\w+)``", term)}


def test_each_playbook_is_there():
    assert SECTIONS.keys() == PLAYBOOKS.keys()


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_each_variable_of_a_playbook_is_told_and_none_that_it_has_not(name):
    told = documented(SECTIONS[name])

    assert settings(PLAYBOOKS[name]) - told == set()
    assert {variable for variable in told if not re.search(rf"\b{variable}\b", PLAYBOOKS[name])} == set()
