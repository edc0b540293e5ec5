# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An execution environment gets what the collection needs, as meta/ says it."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from ..plugins.imports import run_time_imports_of

ROOT = Path(__file__).parents[3]
DECLARED = yaml.safe_load((ROOT / "meta" / "execution-environment.yml").read_text())
#: What comes with ansible-core, and with requests.
BROUGHT = {"ansible", "jinja2", "yaml", "urllib3"}


def requirements():
    lines = (ROOT / DECLARED["dependencies"]["python"]).read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def images():
    return tomllib.loads((ROOT / "antsibull-nox.toml").read_text())["sessions"]["ee_check"]["execution_environments"]


def test_the_declaration_has_the_form_that_collections_use():
    assert set(DECLARED) == {"version", "dependencies"}
    assert DECLARED["version"] == 1


def test_each_file_that_the_declaration_names_is_shipped():
    assert DECLARED["dependencies"] == {"python": "meta/ee-requirements.txt"}
    assert (ROOT / "meta" / "ee-requirements.txt").is_file()


def test_what_the_plugins_import_and_what_is_required_are_the_same():
    imported = {name.split(".")[0] for file in ROOT.glob("plugins/**/*.py") for name in run_time_imports_of(file)}
    foreign = imported - {"plugins", "ansible_collections", *sys.stdlib_module_names} - BROUGHT

    assert {re.match(r"\w+", line)[0] for line in requirements()} == foreign


def test_only_a_python_without_tomllib_needs_tomli():
    assert 'tomli; python_version < "3.11"' in requirements()


@pytest.mark.parametrize("image", images(), ids=lambda image: image["name"])
def test_each_image_gets_its_libraries_from_the_collection_alone_and_runs_a_playbook(image):
    assert "python" not in image["config"]["dependencies"]
    assert [name for name in image["test_playbooks"] if not (ROOT / name).is_file()] == []


def test_the_first_image_has_the_oldest_ansible_core_that_the_collection_works_with():
    oldest = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())["requires_ansible"]

    assert images()[0]["config"]["dependencies"]["ansible_core"] == {
        "package_pip": oldest.replace(">=", "ansible-core~=")
    }
