# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shipped code needs nothing but the standard library, ansible-core and requests."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from .imports import ROOT, run_time_imports_of

PLUGINS = ROOT / "plugins"
FILES = sorted(PLUGINS.glob("**/*.py"))
#: What may be imported beside the standard library and the collection itself, and where.
ALLOWED = {
    # These run in Ansible's own process; `_task` has the module process around a task.
    "ansible": ("filter/", "inventory/", "lookup/", "plugin_utils/", "module_utils/_task/"),
    # ansible-core needs both itself, and filters run nowhere without it.
    "jinja2": ("filter/",),
    "yaml": ("filter/to_vars_yaml.py",),
    # requests is built on urllib3. Elsewhere they are taken from that file, which bears their absence.
    "requests": ("module_utils/_api/libraries.py",),
    "urllib3": ("module_utils/_api/libraries.py",),
    # For a Python that has no tomllib; whoever needs it is told.
    "tomli": ("module_utils/_api/account.py",),
}


def name_of(file):
    return file.relative_to(PLUGINS).as_posix()


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_file_imports_nothing_else(file):
    packages = {name.split(".")[0] for name in run_time_imports_of(file)}
    foreign = packages - {"plugins", "ansible_collections", *sys.stdlib_module_names}

    assert {package for package in foreign if not name_of(file).startswith(ALLOWED.get(package, ()))} == set()


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_file_imports_no_other_collection(file):
    others = [name for name in run_time_imports_of(file) if name.startswith("ansible_collections.")]

    assert [name for name in others if not name.startswith("ansible_collections.exoscale.cloud.plugins.")] == []


IMPORT_ALL = """
import sys
from importlib import import_module
sys.modules.update(dict.fromkeys(["requests", "urllib3", "tomli"]))
for name in sys.argv[1:]:
    import_module(name)
print("imported")
"""


def test_each_file_can_be_imported_without_requests_so_that_a_task_can_tell_what_is_missing():
    parts = (file.relative_to(ROOT).with_suffix("").parts for file in FILES)
    names = [".".join(("ansible_collections", "exoscale", "cloud", *each)) for each in parts]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT.parents[2]), *sys.path])}
    finished = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, *names], env=environment, capture_output=True, text=True, check=False
    )

    assert (finished.stdout, finished.stderr) == ("imported\n", "")
