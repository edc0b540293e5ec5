# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import date, datetime

import pytest

from ansible_collections.exoscale.cloud.plugins.module_utils._api.values import leaves
from ansible_collections.exoscale.cloud.plugins.plugin_utils._arguments import plain_options


class Vaulted:
    """What ansible-core before 2.19 makes of a vaulted value in a playbook."""

    __ENCRYPTED__ = True

    def __str__(self):
        return "decrypted"


class Marked(str):
    """A text with a mark of Ansible."""


def test_options_arrive_as_plain_json():
    given = {
        Marked("name"): Marked("chat"),
        "secret": Vaulted(),
        "day": date(2026, 1, 2),
        "time": datetime(2026, 1, 2, 3, 4, 5),
        "list": (Marked("a"), [1, 2.5, None, True]),
        "keys": {1: "one"},
    }

    options = plain_options(given)

    assert options == {
        "name": "chat",
        "secret": "decrypted",
        "day": "2026-01-02",
        "time": "2026-01-02T03:04:05",
        "list": ["a", [1, 2.5, None, True]],
        "keys": {"1": "one"},
    }
    assert {type(text) for text in (*options, options["name"], options["list"][0])} == {str}


@pytest.mark.parametrize("given", [{"name": b"bytes"}, {"name": {1, 2}}, {"_raw_params": "x"}, {"a": {("x",): 1}}])
def test_what_has_no_plain_form_is_left_to_the_module(given):
    assert plain_options(given) is None


def test_a_list_that_holds_itself_is_left_to_the_module():
    circle = []
    circle.append(circle)

    assert plain_options({"name": circle}) is None


def test_the_leaves_of_a_value_are_its_texts_and_numbers():
    assert list(leaves({"a": ["x", "", None, True, 5], "b": {"c": "y"}})) == ["x", "5", "y"]
