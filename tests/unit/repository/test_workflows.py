# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The workflows run what there is to run, on each ansible-core, and publish only what passed."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
WORKFLOWS = {file.stem: yaml.safe_load(file.read_text()) for file in sorted(ROOT.glob(".github/workflows/*.yml"))}
TESTS = WORKFLOWS["tests"]["jobs"]
RELEASE = WORKFLOWS["release"]["jobs"]


def value_of(file, name):
    """What a module that needs nox assigns to a name."""
    for node in ast.parse((ROOT / file).read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return node.value
    raise AssertionError(f"{file} assigns nothing to {name}")


def commands_of(job):
    return " ".join(step.get("run", "") for step in job["steps"])


def runs_of(job):
    """The sessions that a job names."""
    return set(re.findall(r"[\w-]+", commands_of(job).partition("--session")[2]))


def test_each_ansible_core_is_tested():
    cores = ast.literal_eval(value_of(".ci/testbed/matrix.py", "ANSIBLE_CORES"))

    assert sorted(TESTS["ansible-test"]["strategy"]["matrix"]["core"]) == sorted(cores)


def test_each_python_on_which_modules_run_is_there():
    pythons = ast.literal_eval(value_of(".ci/testbed/pythons.py", "TARGET_PYTHONS"))
    (given,) = (
        step["with"]["python-version"] for step in TESTS["ansible-test"]["steps"] if "setup-python" in str(step)
    )

    assert tuple(given.split()) == pythons


def test_only_what_is_not_released_may_fail():
    (unreleased,) = ast.literal_eval(value_of(".ci/testbed/matrix.py", "UNRELEASED"))

    assert TESTS["ansible-test"]["continue-on-error"] == f"${{{{ matrix.core == '{unreleased}' }}}}"


def test_each_session_of_make_test_runs_in_a_job():
    lanes = [each for lane in value_of("noxfile.py", "LANES").values for each in lane.elts]
    plain = {each.value for each in lanes if isinstance(each, ast.Constant)}

    assert plain
    assert plain - runs_of(TESTS["checks"]) == set()


def test_a_release_is_published_only_after_all_tests_have_passed_on_its_tag():
    assert RELEASE["tests"] == {"if": "github.event_name == 'push'", "uses": "./.github/workflows/tests.yml"}
    assert RELEASE["publish"]["needs"] == "tests"
    assert "--tagged" in commands_of(RELEASE["publish"])


def test_the_token_is_in_an_environment_and_in_one_step():
    holders = [(job, step) for job in RELEASE.values() for step in job.get("steps", []) if "secrets." in str(step)]

    assert [(job["environment"], step["run"].split()[1:3]) for job, step in holders] == [
        ("galaxy", ["collection", "publish"])
    ]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_may_read_only_and_a_job_says_if_it_may_more(name):
    jobs = WORKFLOWS[name]["jobs"]

    assert WORKFLOWS[name]["permissions"] == {"contents": "read"}
    assert [job for job, told in jobs.items() if "permissions" in told] == (["publish"] if name == "release" else [])


@pytest.mark.parametrize("name", WORKFLOWS)
def test_no_command_is_written_by_who_started_the_workflow(name):
    commands = [commands_of(job) for job in WORKFLOWS[name]["jobs"].values() if "steps" in job]

    assert commands
    assert [each for each in commands if re.search(r"\$\{\{ *(github|inputs)\.", each)] == []
