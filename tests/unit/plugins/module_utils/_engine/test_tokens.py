# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
from types import MappingProxyType

import pytest

from ansible_collections.exoscale.cloud.plugins.module_utils._engine.tokens import to_tokens


@pytest.mark.parametrize(
    ("mapping", "tokens"),
    [
        ({}, []),
        ({"enforce_eager": True}, ["--enforce-eager"]),
        ({"enforce_eager": False}, ["--no-enforce-eager"]),
        ({"quantization": None}, []),
        ({"max_model_len": 8192}, ["--max-model-len=8192"]),
        ({"max-model-len": "8k"}, ["--max-model-len=8k"]),
        ({"gpu_memory_utilization": 0.9}, ["--gpu-memory-utilization=0.9"]),
        ({"seed": 0, "rope": 1.0}, ["--seed=0", "--rope=1.0"]),
        ({"chat_template": "a b=c"}, ["--chat-template=a b=c"]),
        ({"chat_template": ""}, ["--chat-template="]),
        ({"hf_overrides": {"a_b": [1, None, True, 0.5, "é"]}}, ['--hf-overrides={"a_b":[1,null,true,0.5,"é"]}']),
        ({"allowed_origins": ["*"]}, ['--allowed-origins=["*"]']),
        ({"allowed_origins": ("*",)}, ['--allowed-origins=["*"]']),
        ({"hf_overrides": {}}, ["--hf-overrides={}"]),
        ({"compilation_config.cudagraph_mode": "FULL"}, ["--compilation-config.cudagraph_mode=FULL"]),
        ({"a_b.c_d": True}, ["--a-b.c_d"]),
        ({"-tp": 2}, ["-tp=2"]),
        ({"-x_y": True}, ["-x_y"]),
        ({"--max_model_len": 1}, ["--max-model-len=1"]),
        ({"no_enforce_eager": True}, ["--no-enforce-eager"]),
        ({"b": 1, "a": 2, "c": 3}, ["--b=1", "--a=2", "--c=3"]),
        (MappingProxyType({"a": MappingProxyType({"b": 1})}), ['--a={"b":1}']),
    ],
    ids=str,
)
def test_tokens(mapping, tokens):
    assert to_tokens(mapping) == tokens


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        (None, "needs a mapping, but got of type NoneType"),
        ("--a=1", "needs a mapping, but got of type str"),
        ([("a", 1)], "needs a mapping, but got of type list"),
        ({"": 1}, "the key '' is not the name of a flag"),
        ({"--": 1}, "the key '--' is not the name of a flag"),
        ({"---a": 1}, "the key '---a' is not the name of a flag"),
        ({"a b": 1}, "the key 'a b' is not the name of a flag"),
        ({"a=b": 1}, "the key 'a=b' is not the name of a flag"),
        ({".a": 1}, "the key '.a' is not the name of a flag"),
        ({"a\n": 1}, "the key 'a\\n' is not the name of a flag"),
        ({1: 1}, "a key has to be a string, but 1 is of type int; perhaps it needs quotes"),
        ({True: 1}, "a key has to be a string, but True is of type bool; perhaps it needs quotes"),
        ({"a_b": 1, "a-b": None}, "the keys 'a_b' and 'a-b' are the same flag --a-b"),
        ({"a": 1, "--a": 1}, "the keys 'a' and '--a' are the same flag --a"),
        ({"-tp": False}, "the key '-tp' cannot be false, as -tp has no opposite; null leaves it out"),
        ({"no_x": False}, "the key 'no_x' cannot be false, as --no-x has no opposite; null leaves it out"),
        ({"a.b": False}, "the key 'a.b' cannot be false, as --a.b has no opposite; null leaves it out"),
        ({"a": datetime.date(2026, 1, 2)}, "the value of 'a' is of type date, which has no form on a command line"),
        ({"a": b"secret"}, "the value of 'a' is of type bytes, which has no form on a command line"),
        ({"a": {1, 2}}, "the value of 'a' is of type set, which has no form on a command line"),
        ({"a": float("nan")}, "the value of 'a' is not a finite number"),
        ({"a": {"b": [float("inf")]}}, "the value of 'a.b' is not a finite number"),
        ({"a": {"b": [datetime.date(2026, 1, 2)]}}, "the value of 'a.b' is of type date"),
        ({"a": {1: 2}}, "inside 'a' a key has to be a string, but 1 is of type int"),
    ],
    ids=str,
)
def test_refused(mapping, message):
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        to_tokens(mapping)

    assert str(caught.value).startswith(message)


def test_a_string_from_the_vault_is_text():
    class Encrypted:
        __ENCRYPTED__ = True

        def __str__(self):
            return "opened"

    assert to_tokens({"api_key": Encrypted(), "a": [Encrypted()]}) == ["--api-key=opened", '--a=["opened"]']
