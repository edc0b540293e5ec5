# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A release has one version everywhere, and its changelog tells every fragment."""

from __future__ import annotations

from pathlib import Path

import pytest

from testbed.changelog import fragments_in, notes_of, untold
from testbed.version import PLACES, next_major, objection, places_that_differ, set_version, version_of

ROOT = Path(__file__).parents[3]

CHANGELOG = """\
# Release Notes

**Topics**

- <a href="#v1-10-0">v1\\.10\\.0</a>
- <a href="#v1-1-0">v1\\.1\\.0</a>

<a id="v1-10-0"></a>
## v1\\.10\\.0

<a id="bugfixes"></a>
### Bugfixes

* new

<a id="v1-1-0"></a>
## v1\\.1\\.0

* old
"""


@pytest.fixture
def tree(tmp_path):
    """The places that name the version, and nothing else."""
    for name in PLACES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text((ROOT / name).read_text())
    return tmp_path


@pytest.mark.parametrize("version", ["1.0", "v1.0.0", "1.0.0-rc1", "01.0.0", "1.0.0 ", ""])
def test_what_is_not_three_numbers_is_no_version(version):
    assert objection(version, []) == f"{version!r} is no version such as 1.0.0"


@pytest.mark.parametrize("version", ["1.9.0", "1.10.0"])
def test_a_version_comes_after_all_that_were_released(version):
    assert objection(version, ["1.9.0", "1.10.0"]) == f"{version} does not come after 1.10.0"


@pytest.mark.parametrize("released", [[], ["1.9.0"], ["0.9.9", "1.9.10"]])
def test_the_next_version_is_fine(released):
    assert objection("1.10.0", released) is None


@pytest.mark.parametrize(
    ("released", "expected"), [([], "1.0.0"), (["0.1.0"], "1.0.0"), (["9.0.0", "10.2.3"], "11.0.0")]
)
def test_the_dry_run_takes_a_version_that_comes_after_all(released, expected):
    assert next_major(released) == expected


def test_a_release_sets_the_version_wherever_it_stands(tree):
    set_version(tree, "12.3.4")

    assert version_of(tree) == "12.3.4"
    assert places_that_differ(tree, "12.3.4") == []


@pytest.mark.parametrize("name", ["galaxy.yml", "plugins/module_utils/_api/version.py"])
def test_a_place_that_was_forgotten_is_found(tree, name):
    before = (tree / name).read_text()
    set_version(tree, "12.3.4")
    (tree / name).write_text(before)

    assert places_that_differ(tree, "12.3.4") == [name]


def test_the_checkout_names_one_version():
    assert places_that_differ(ROOT, version_of(ROOT)) == []


def test_a_fragment_is_told_wherever_its_lines_break():
    fragments = {"a.yml": {"bugfixes": ["ai_model - one two three."], "release_summary": "Four five."}}

    assert untold(fragments, "- ai_model - one two\n  three.\n\nFour\nfive.\n") == []


def test_what_the_changelog_leaves_out_is_named_with_its_fragment():
    fragments = {"a.yml": {"bugfixes": ["one", "two"]}, "b.yml": {"release_summary": "three"}}

    assert untold(fragments, "one") == ["a.yml: two", "b.yml: three"]


def test_what_is_trivial_need_not_be_told():
    assert untold({"a.yml": {"trivial": ["one"]}}, "") == []


def test_fragments_are_read_by_their_files(tmp_path):
    (tmp_path / "changelogs" / "fragments").mkdir(parents=True)
    (tmp_path / "changelogs" / "fragments" / "a.yml").write_text("bugfixes:\n  - one\n")

    assert fragments_in(tmp_path) == {"a.yml": {"bugfixes": ["one"]}}


def test_the_notes_of_a_release_are_its_part_of_the_changelog():
    assert notes_of("1.10.0", CHANGELOG) == '<a id="bugfixes"></a>\n### Bugfixes\n\n* new\n'
    assert notes_of("1.1.0", CHANGELOG) == "* old\n"


def test_a_release_that_the_changelog_does_not_know_has_no_notes():
    with pytest.raises(ValueError, match=r"does not know 1\.2\.0"):
        notes_of("1.2.0", CHANGELOG)
