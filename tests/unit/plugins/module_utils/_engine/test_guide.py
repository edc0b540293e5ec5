# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each row of the guide's tables is true for the flags of a real engine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ansible_collections.exoscale.cloud.plugins.module_utils._engine.check import check
from ansible_collections.exoscale.cloud.plugins.module_utils._engine.comparison import same_meaning
from ansible_collections.exoscale.cloud.plugins.module_utils._engine.flags import parse_help
from ansible_collections.exoscale.cloud.tests.engine_tables import help_table

VERSION = "0.28.0"
GUIDE = Path(__file__).parents[5] / "docs" / "docsite" / "rst" / "guide_engine_parameters.rst"
#: Which only later versions have.
WITH_OPPOSITE = {"flags": ["--enable-x", "--disable-x"], "type": "boolean"}
KNOWN = parse_help([*help_table(VERSION), WITH_OPPOSITE])


def rows(number):
    """The cells of a table of the guide, without its header."""
    table = GUIDE.read_text().split(".. list-table::")[number].split("\n\n")[1]
    return [re.split(r"\n     - ", row.strip()) for row in re.split(r"(?:^|\n)   \* - ", table) if row.strip()][1:]


def items(cell):
    return re.findall("``(.+?)``", cell)


COMPARISONS, MISTAKES = rows(1), rows(2)


def test_the_tables_are_read_as_a_whole():
    text = GUIDE.read_text()

    assert len(COMPARISONS) + len(MISTAKES) + 2 == text.count("\n   * - ")
    assert {row[2] for row in COMPARISONS} == {"yes", "no"}
    assert {row[1] for row in MISTAKES} == {"fails", "warns"}


@pytest.mark.parametrize(("one", "other", "same", "_why"), COMPARISONS, ids=lambda cell: cell)
def test_what_the_guide_calls_the_same_is_the_same(one, other, same, _why):
    assert same_meaning(items(one), items(other), KNOWN) == (same == "yes")


@pytest.mark.parametrize(("written", "outcome", "_why"), MISTAKES, ids=lambda cell: cell)
def test_what_the_guide_calls_a_mistake_is_found(written, outcome, _why):
    severities = {finding.severity for finding in check(items(written), KNOWN, VERSION)}

    assert severities == {"error" if outcome == "fails" else "warning"}
