# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The redactor: every spelling of a secret goes, and nothing else."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.exoscale.cloud.plugins.module_utils._task.redaction import Redactor
from ansible_collections.exoscale.cloud.plugins.module_utils._task.run import paragraph

AWKWARD = [
    "plain-sentinel",
    'quo"te-sentinel',
    "apos'trophe-sentinel",
    "both\"and'-sentinel",
    "back\\slash-sentinel",
    "tab\tbed-sentinel",
    "two  spaces-sentinel",
    "line\nbreak-sentinel",
    "ümlaut-sentinel",
    "per%cent-sentinel",
    "{brace}-sentinel",
    " blank-sentinel ",
]
SPELLINGS = {
    "as it is": str,
    "repr": repr,
    "ascii": ascii,
    "list": lambda secret: repr(["a", secret]),
    "json": json.dumps,
    "json in unicode": lambda secret: json.dumps(secret, ensure_ascii=False),
    "json in json": lambda secret: json.dumps(json.dumps(secret)),
    "json in repr": lambda secret: repr(json.dumps(secret)),
    "folded": paragraph,
    "folded repr": lambda secret: repr(paragraph(secret)),
    "url": lambda secret: quote(secret, safe=""),
}


@pytest.mark.parametrize("secret", AWKWARD)
@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
def test_a_secret_goes_in_every_spelling(secret, spell):
    redactor = Redactor()
    redactor.add(secret)

    shown = paragraph(redactor.text(f"before {spell(secret)} after"))

    assert "sentinel" not in shown
    assert shown.startswith("before")
    assert shown.endswith("after")


def test_a_secret_that_begins_with_another_one_goes_whole():
    redactor = Redactor()
    redactor.add("sentinel", "sentinel-and-more")

    assert redactor.text("x sentinel-and-more y") == "x ******** y"


def test_a_short_one_goes_only_where_it_is_a_word():
    redactor = Redactor()
    redactor.add("abcd", "xy")

    assert redactor.text("abcd abcde xabcd xy --x=abcd") == "******** abcde xabcd xy --x=********"


def test_engine_parameters_hide_their_secrets_however_short():
    redactor = Redactor()
    document = {"inference_engine_parameters": ["--api-key", "x", "--seed", "1"], "seed": "1"}
    redactor.learn(document)

    assert redactor.redact(document) == {
        "inference_engine_parameters": ["--api-key", "********", "--seed", "1"],
        "seed": "1",
    }


@pytest.mark.parametrize(
    "document",
    [
        {"inference-engine-parameters": ["--hf-token=sentinel-1"]},
        {"deployments": [{"inference-engine-parameters": ["--x", '{"token": "sentinel-1"}']}]},
        {"api-key": "sentinel-1"},
        {"a": {"huggingface-token": "sentinel-1"}},
        {"inference_engine_parameters": "--hf-token=sentinel-1,--seed=1"},
        {"inference_engine_parameters": {"hf_token": "sentinel-1"}},
        {"inference_engine_parameters": [{"hf_token": "sentinel-1"}, 5, None]},
    ],
)
def test_secrets_are_learnt_from_whatever_holds_them(document):
    redactor = Redactor()
    redactor.learn(document)

    assert "sentinel-1" not in redactor.text("what came was sentinel-1")


def test_keys_are_redacted_too():
    redactor = Redactor()
    redactor.add("sentinel-1")

    assert redactor.redact({"sentinel-1": [{"x": ("sentinel-1", 5, None, True)}]}) == {
        "********": [{"x": ["********", 5, None, True]}]
    }


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda c: st.lists(c) | st.dictionaries(st.text(), c)
    )
)
def test_without_secrets_nothing_changes(document):
    assert Redactor().redact(document) == json.loads(json.dumps(document))
