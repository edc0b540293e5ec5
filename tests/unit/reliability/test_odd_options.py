# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever a user gives for an option, both ways of running a task say the same of it, and tell no secret."""

from __future__ import annotations

import importlib
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.exoscale.cloud.plugins import modules
from ansible_collections.exoscale.cloud.plugins.plugin_utils._arguments import plain_options
from ansible_collections.exoscale.cloud.tests.unit.random_cases import in_number

from .both_ways import COLLECTION, both_ways, without_own
from .odd_options import SECRET, entries, parameters, secrets, values

MODULES = sorted(file.stem for file in Path(next(iter(modules.__path__))).glob("[a-z]*.py"))
#: So that nothing but the options may be refused, and nothing is asked for: no zone is known.
GIVEN = {"api_key": "EXO0123456789abcdef01234567", "api_secret": "swordfish-of-the-account"}
#: Cases for each option of a module.
EACH = 3


def declaration_of(module):
    return importlib.import_module(f"{COLLECTION}.action.{module}").ActionModule.declaration


def needed(declaration):
    """The least that a task of a module must be given."""
    required = [name for name, option in declaration.options.items() if option.get("required")]
    of_groups = [group[-1] for group in declaration.required_one_of]
    kinds = {"list": [], "dict": {}}
    return {
        **GIVEN,
        **{name: kinds.get(declaration.options[name]["type"], "chat") for name in (*required, *of_groups)},
    }


def values_of(name, option, declaration):
    """What is tried for an option."""
    if name in declaration.inner:
        return entries(declaration.inner[name])
    if option.get("no_log"):
        return secrets | values
    if name == "inference_engine_parameters":
        return parameters | values
    choices = option.get("choices")
    return values | st.sampled_from(choices) if choices else values


@pytest.fixture(autouse=True)
def nothing_else_is_given(monkeypatch, tmp_path):
    """No option comes from the environment or from a file."""
    for name in [name for name in os.environ if name.startswith(("EXOSCALE_API", "EXOSCALE_ZONE", "EXOSCALE_ACC"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("module", MODULES)
def test_both_ways_say_the_same(module, cases, watched, capsys):
    for name in declaration_of(module).options:
        say_the_same(module, name, cases, watched, capsys)


def say_the_same(module, name, cases, watched, capsys):
    """The same of an option, with others or without."""
    declaration = declaration_of(module)
    others = st.dictionaries(st.sampled_from(sorted(declaration.options)), values, max_size=2)
    unknown = st.sampled_from([{}, {}, {}, {"api_secrte": SECRET}, {"wait_timeuot": 5}, {"": 1}, {"a b": None}])

    @in_number(EACH)
    @given(values_of(name, declaration.options[name], declaration), others, unknown)
    def holds(value, others, unknown):
        watched()
        options = plain_options({**needed(declaration), **unknown, **others, name: value})
        if options is None:
            # It runs as a module, whatever else is so.
            return
        cases.one_more()

        as_module, in_process = both_ways(module, options, capsys)

        assert without_own(as_module) == without_own(in_process)
        assert as_module["failed"]
        assert SECRET not in json.dumps([as_module, in_process])

    holds()
