# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which parts of the engine's command line are kept out of every output."""

from __future__ import annotations

import pytest

from ansible_collections.exoscale.cloud.plugins.module_utils._engine_secrets import secret_values


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


def test_a_value_so_short_that_it_would_blot_out_the_output_is_left():
    assert secret_values(["--api-key=abc"]) == set()
