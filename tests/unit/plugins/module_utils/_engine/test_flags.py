# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.exoscale.cloud.plugins.module_utils._engine.check import check
from ansible_collections.exoscale.cloud.plugins.module_utils._engine.comparison import same_meaning
from ansible_collections.exoscale.cloud.plugins.module_utils._engine.flags import HelpEntry, parse_help


def test_an_entry_is_read():
    payload = {
        "name": "max-model-len",
        "flags": ["--max_model_len", "-m"],
        "type": "Integer",
        "default": "None",
        "section": "Model",
        "description": "Longest context",
        "allowed-values": ["1", "2"],
    }

    help_ = parse_help([payload])

    assert help_.complete
    assert help_.entries == (
        HelpEntry(
            name="max-model-len",
            flags=("--max-model-len", "-m"),
            kind="integer",
            type="integer",
            default="None",
            allowed_values=("1", "2"),
            section="Model",
            description="Longest context",
        ),
    )


@pytest.mark.parametrize("flags", [None, [], "--x", ["what?"], [1]])
def test_without_flags_the_name_is_one(flags):
    help_ = parse_help([{"name": "max_model_len", "flags": flags}])

    assert help_.entries[0].flags == ("--max-model-len",)
    assert not help_.complete


def test_a_flag_that_is_not_understood_may_be_known_to_the_engine():
    help_ = parse_help([{"flags": ["--x", "what?", "y_z"]}])

    assert help_.entries[0].flags == ("--x", "--y-z")
    assert not help_.complete


@pytest.mark.parametrize("payload", [None, {}, "x", 1, [1], [None], [{}], [{"flags": "--x"}], [{"flags": [1, "- x"]}]])
def test_what_is_not_understood_is_known_to_be_missing(payload):
    help_ = parse_help(payload)

    assert not help_
    assert not help_.complete


@pytest.mark.parametrize(
    ("field", "value"),
    [("type", 1), ("type", "tensor"), ("default", 1), ("section", None), ("description", []), ("allowed-values", "x")],
)
def test_a_field_of_another_form_costs_only_what_it_says(field, value):
    (found,) = parse_help([{"flags": ["--x"], field: value}]).entries

    assert (found.flags, found.kind, found.default, found.allowed_values) == (("--x",), "unknown", None, ())


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers()
    | st.text()
    | st.sampled_from(["--a", "-b", "integer", "json"]),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
)
entries = st.fixed_dictionaries(
    {},
    optional={
        "name": anything,
        "flags": st.lists(st.sampled_from(["--a", "--no-a", "-b", "-1", "--", "", "a b", "c"]) | anything) | anything,
        "type": st.sampled_from(["boolean", "integer", "float", "enum", "string", "json", "list"]) | anything,
        "default": anything,
        "allowed-values": st.lists(st.text()) | anything,
    },
)
tokens = st.lists(st.sampled_from(["--a", "--no-a", "--a=1", "--a.b", "-b", "--c", "x", "-1", "--a x"]) | st.text())


@given(st.lists(entries | anything) | anything, tokens, tokens)
def test_nothing_at_all_makes_it_crash(payload, current, desired):
    help_ = parse_help(payload)

    same_meaning(current, desired, help_)
    check(current, help_, "0.19.0")
