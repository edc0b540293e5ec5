# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which parts of the engine's command line are kept out of every output."""

from __future__ import annotations

import pytest

from ansible_collections.exoscale.cloud.plugins.module_utils._engine.secrets import conceal, secret_values


@pytest.mark.parametrize(
    "tokens",
    [
        ["--api-key", "sentinel"],
        ["--api-key=sentinel"],
        ["--api_key", "sentinel"],
        ["--hf-token", "sentinel"],
        ["--hf-token sentinel"],
        ["--HF-Token=sentinel"],
        ["--some.password=sentinel"],
        ["--ssl-secret", "sentinel", "--max-model-len=8192"],
        ["--enforce-eager", "--api-key", "sentinel", "--seed", "123456"],
    ],
)
def test_the_value_of_a_secret_flag_is_found(tokens):
    assert secret_values(tokens) == {"sentinel"}


def test_all_values_of_a_flag_that_takes_several_are_found():
    assert secret_values(["--api-key", "first-value", "second-value", "--seed", "123456"]) == {
        "first-value",
        "second-value",
    }


@pytest.mark.parametrize(
    "tokens", [["--tokenizer=some/model"], ["--max-num-batched-tokens", "8192000"], ["--api-key"], ["plainvalue"], []]
)
def test_nothing_else_is(tokens):
    assert secret_values(tokens) == set()


@pytest.mark.parametrize(
    ("tokens", "shown"),
    [
        (["--api-key=abc"], ["--api-key=********"]),
        (["--api-key", "a", "b", "--seed", "1"], ["--api-key", "********", "********", "--seed", "1"]),
        (["--hf-tok", "abc"], ["--hf-tok", "********"]),
        (["--api-kye=abc"], ["--api-kye=********"]),
        (["--hf-toke=abc"], ["--hf-toke=********"]),
        (["HF_TOKEN=abc"], ["HF_TOKEN=********"]),
        (["--api-key:abc"], ["--api-key:********"]),
        (["--api-key", "-Sabc"], ["--api-key", "********"]),
        (["--hf-token abc --seed 1"], ["--hf-token ********"]),
        (["--seed 1 --hf-token abc"], ["--seed 1 --hf-token ********"]),
        (['--hf-overrides={"apiKey": "a\\"b"}'], ['--hf-overrides={"apiKey": "********"}']),
        (["--x", '{"a": [{"hf_token": ["ab", "c"]}]}'], ["--x", '{"a": [{"hf_token": ["********", "********"]}]}']),
        (["--x", '{"token": "abc'], ["--x", '{"token": "********']),
        (["--api-key", "--Zq13abcd"], ["--api-key", "********"]),
        (["--api-key", "--seed", "1"], ["--api-key", "--seed", "1"]),
        (["--env=HF_TOKEN=abc"], ["--env=HF_TOKEN=********"]),
        (["\u2014api-key=abc", "\u2013hf-token", "def"], ["\u2014api-key=********", "\u2013hf-token", "********"]),
        (['--x={"cfg": "{\\"api_key\\": \\"abc\\"}"}'], ['--x={"cfg": "{\\"api_key\\": \\"********\\"}"}']),
        (['--x={"api_keys": {"Zq13abcd": "admin"}}'], ['--x={"api_keys": {"********": "********"}}']),
        (['--x=[{"name": "HF_TOKEN", "value": "abc"}]'], ['--x=[{"name": "HF_TOKEN", "value": "********"}]']),
        (["--x={'token': {'v': 'abc'}}"], ["--x={'token': {'v': '********'}}"]),
        (['--x={"password": 7351928463}'], ['--x={"password": ********}']),
        (["--proxy=http://user:abc@host/"], ["--proxy=http://user:********@host/"]),
        (["--proxy=http://user:a/b@c@host/"], ["--proxy=http://user:********@host/"]),
        (["--proxy=http://abcdefgh1@host/"], ["--proxy=http://********@host/"]),
        (["OPENAI_API_KEY_PROD=abc"], ["OPENAI_API_KEY_PROD=********"]),
        (['--r={"think_start_token":"<t>"}'], ['--r={"think_start_token":"<t>"}']),
        (["--model-loader-extra-config.hf_token", "abc"], ["--model-loader-extra-config.hf_token", "********"]),
    ],
)
def test_a_placeholder_stands_for_it_however_short_it_is_and_however_it_is_written(tokens, shown):
    assert conceal(tokens) == shown
