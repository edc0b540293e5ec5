# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Imports go one way."""

from __future__ import annotations

import pytest

from ..imports import ROOT, imports_of

MODULE_UTILS = ROOT / "plugins" / "module_utils"
#: From top to bottom: each may import those that stand behind it.
ROOMS = ["_task", "_ai", "_reconcile", "_engine", "_api"]
#: The loop and the client know no engine.
STRANGERS = {("_reconcile", "_engine"), ("_engine", "_api")}
FILES = sorted(MODULE_UTILS.glob("*/*.py"))


def room_of(name):
    parts = name.split(".")
    return parts[2] if parts[:2] == ["plugins", "module_utils"] else None


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(MODULE_UTILS)))
def test_a_room_imports_only_rooms_below_it(file):
    own = file.parent.name
    for name in imports_of(file):
        room = room_of(name)
        if room is not None:
            assert ROOMS.index(room) >= ROOMS.index(own), name
            assert (own, room) not in STRANGERS, name


def test_no_file_imports_itself_in_a_circle():
    graph = {}
    for file in FILES:
        name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        graph[name] = {each for each in imports_of(file) if room_of(each) is not None}

    def visit(name, path):
        assert name not in path, " → ".join([*path, name])
        for each in graph.get(name, ()):
            visit(each, (*path, name))

    for name in graph:
        visit(name, ())


def test_each_module_has_an_action_plugin_of_its_name():
    names = [{file.name for file in (ROOT / "plugins" / room).glob("*.py")} for room in ("modules", "action")]

    assert names[0] == names[1] != set()


CONTROLLER_FILES = sorted((ROOT / "plugins" / "plugin_utils").glob("*.py"))


@pytest.mark.parametrize("file", CONTROLLER_FILES, ids=lambda file: file.name)
def test_what_only_the_controller_needs_knows_no_kind_of_resource(file):
    prefix = "ansible_collections.exoscale.cloud.plugins.module_utils."
    rooms = {name[len(prefix) :].split(".")[0] for name in imports_of(file) if name.startswith(prefix)}

    assert rooms <= {"_task", "_api"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(MODULE_UTILS)))
def test_no_data_class_slows_the_start_of_a_module_down(file):
    assert "dataclasses" not in list(imports_of(file))
