# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The README names what there is, quotes what a guide says, and its quick start works, again and again."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.exoscale.cloud.tests.simulator import Simulator
from ansible_collections.exoscale.cloud.tests.unit.plugins.action.playbook import Playbook

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text()
KINDS = {
    "module": "plugins/modules/*.py",
    "inventory": "plugins/inventory/*.py",
    "lookup": "plugins/lookup/*.py",
    "filter": "plugins/filter/*.py",
    "playbook": "playbooks/*.yml",
}
PROGRAMS = {"ansible": "ansible.cli.adhoc", "ansible-playbook": "ansible.cli.playbook"}


def section(title):
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def rows(title):
    """The cells of each row of a table, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def guides_in(text):
    return re.findall(r"\((docs/docsite/rst/\w+\.rst)\)", text)


def blocks(language, title):
    found = re.findall(rf"^ *```{language}\n(.*?)^ *```$", section(title), re.MULTILINE | re.DOTALL)
    return [re.sub("^   ", "", block, flags=re.MULTILINE) for block in found]


def names_of(pattern):
    return {file.stem for file in ROOT.glob(pattern)} - {"__init__"}


@pytest.mark.parametrize("kind", KINDS)
def test_the_content_is_what_there_is(kind):
    told = {name.strip("`") for own_kind, name, _purpose in rows("Content") if own_kind == kind}

    assert told == {f"exoscale.cloud.{name}" for name in names_of(KINDS[kind])} != set()


@pytest.mark.parametrize("row", rows("What makes it different"), ids=lambda row: row[0])
def test_each_figure_stands_in_the_guide_that_the_row_names(row):
    guides = " ".join((ROOT / guide).read_text() for guide in guides_in(row[2]))
    figures = re.findall(r"\d[\d.]*\d|\d", re.sub(r"\(.*?\)", "", row[1]))

    assert [figure for figure in figures if not re.search(rf"(?<![\d.]){figure}(?![\d.]*\d)", guides)] == []


def test_each_link_into_the_repository_leads_somewhere():
    links = {link for link in re.findall(r"\]\(([^)#]+)", README) if not link.startswith("https://")}

    # A release writes the changelog.
    assert {link for link in links if not (ROOT / link).exists()} <= {"CHANGELOG.md"}


def test_each_guide_is_linked():
    assert set(guides_in(section("Guides"))) == {
        str(guide.relative_to(ROOT)) for guide in ROOT.glob("docs/docsite/rst/*.rst")
    }


def test_it_tells_no_version_of_the_collection_which_would_have_to_be_kept_up():
    version = re.search(r"^version: (.+)$", (ROOT / "galaxy.yml").read_text(), re.MULTILINE)[1]

    assert version not in README


def answers(simulator):
    return [(entry.operation, entry.status) for entry in simulator.journal]


class Shell:
    """Runs the commands of the quick start.

    :param folder: where its playbook is.
    """

    def __init__(self, simulator, folder):
        self.simulator = simulator
        self.folder = folder
        self.environment = Playbook(simulator, folder).environment()

    def __call__(self, line):
        """The writes that the command has sent."""
        self.simulator.clear_journal()
        program, *arguments = shlex.split(line)
        command = [sys.executable, "-m", PROGRAMS[program], *arguments]
        finished = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False, timeout=300
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr
        return [entry.operation for entry in self.simulator.writes()]


def test_the_quick_start_leads_from_nothing_to_a_model_that_answers_and_back(tmp_path):
    (playbook,) = blocks("yaml", "Quick start")
    (tmp_path / "chat.yml").write_text(playbook)
    lines = [line for block in blocks("console", "Quick start") for line in block.splitlines()]
    see_gpus, look, run, run_again, *clean_up = [line for line in lines if shlex.split(line)[0] in PROGRAMS]

    with Simulator() as simulator:
        shell = Shell(simulator, tmp_path)

        assert shell(see_gpus) == []
        assert shell(look) == []
        assert shell(run) == ["POST /ai/model", "POST /ai/deployment"]
        assert ("POST /inference/{id}/v1/chat/completions", 200) in answers(simulator)
        assert shell(look) == []
        assert shell(run_again) == []
        assert [shell(line) for line in clean_up] == [["DELETE /ai/deployment/{id}"], ["DELETE /ai/model/{id}"]]
        assert simulator.deployments() == []
        assert simulator.models() == []
