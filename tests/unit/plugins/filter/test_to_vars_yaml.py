# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is written as variables is read as the same, and no text of it is a template."""

from __future__ import annotations

import json

import pytest
from ansible.errors import AnsibleFilterError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.exoscale.cloud.plugins.filter.to_vars_yaml import FilterModule

try:
    from ansible.template import trust_as_template
except ImportError:
    # ansible-core 2.18, which takes each text for a template that is not marked.
    TRUST, EXPRESSION = {}, "{{ data }}"
else:
    TRUST, EXPRESSION = {"trusted_as_template": True}, trust_as_template("{{ data }}")

to_vars_yaml = FilterModule().filters()["to_vars_yaml"]

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    [
        "{{ 7*7 }}",
        "{% raw %}",
        "{# x #}",
        "1",
        "1.0",
        "no",
        "null",
        "~",
        "",
        " x ",
        "a: b",
        "- a",
        "!unsafe x",
        "12:30",
        "a\x85",
        "\x7f",
        "\u2028",
    ]
)
DATA = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS.map(lambda key: "k" + key), inner, max_size=3),
    max_leaves=8,
)


def as_variable(tmp_file, text):
    """The value of the variable ``data`` in a file of variables, as a task sees it."""
    tmp_file.write_text(text, encoding="utf-8")
    loader = DataLoader()
    loaded = loader.load_from_file(str(tmp_file), cache="none", **TRUST)
    return json.loads(json.dumps(Templar(loader, variables=loaded).template(EXPRESSION)))


@settings(max_examples=300)
@given(data=DATA)
def test_it_is_read_as_the_same(tmp_path_factory, data):
    file = tmp_path_factory.getbasetemp() / "vars.yml"

    assert as_variable(file, to_vars_yaml({"data": {"in": data}})) == {"in": data}


def test_it_reads_well():
    data = {"data": [{"name": "chat", "parameters": ["--seed=1", "--chat-template={{ messages }}"]}, {"name": "no"}]}

    assert to_vars_yaml(data).splitlines() == [
        "data:",
        "  - name: chat",
        "    parameters:",
        "      - --seed=1",
        '      - !unsafe "--chat-template={{ messages }}"',
        "  - name: 'no'",
    ]


@pytest.mark.parametrize("data", [{1, 2}, object(), {"a": b"x"}, {"a": "\ud800"}])
def test_what_has_no_form_in_yaml_is_refused(data):
    with pytest.raises(AnsibleFilterError, match="no form in YAML"):
        to_vars_yaml(data)
