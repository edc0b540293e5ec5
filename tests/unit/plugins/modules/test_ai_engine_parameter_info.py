# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking up what an engine version accepts."""

from __future__ import annotations

import pytest

from ansible_collections.exoscale.cloud.plugins.modules import ai_engine_parameter_info

TABLE = [
    {"name": "max-model-len", "flags": ["--max-model-len"], "type": "integer", "section": "Model"},
    {
        "name": "tensor-parallel-size",
        "flags": ["--tensor-parallel-size", "-tp"],
        "type": "integer",
        "section": "Parallel",
        "allowed-values": ["1", "2"],
    },
]


@pytest.fixture
def look_up(simulator, module_process):
    simulator.set_help("0.19.0", TABLE)
    return lambda **options: module_process(main=ai_engine_parameter_info.main, **options)


def test_all_come_in_the_order_of_the_api_with_keys_in_snake_case(simulator, look_up):
    result = look_up(version="0.19.0")

    assert [entry["name"] for entry in result["parameters"]] == ["max-model-len", "tensor-parallel-size"]
    assert result["parameters"][1]["allowed_values"] == ["1", "2"]
    assert not result["changed"]
    assert [(call.path, call.query) for call in simulator.journal] == [
        ("/ai/help/inference-engine-parameters", {"version": "0.19.0"})
    ]


def test_without_a_version_the_api_chooses(simulator, look_up):
    assert look_up()["parameters"]
    assert simulator.journal[0].query == {}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"name": "max-model-len"}, ["max-model-len"]),
        ({"name": "--max_model_len"}, ["max-model-len"]),
        ({"name": "max_model_len"}, ["max-model-len"]),
        ({"name": "-tp"}, ["tensor-parallel-size"]),
        ({"section": "Parallel"}, ["tensor-parallel-size"]),
        ({"name": "-tp", "section": "Model"}, []),
        ({"name": "nothing"}, []),
    ],
)
def test_filters_have_to_match(look_up, options, expected):
    assert [entry["name"] for entry in look_up(version="0.19.0", **options)["parameters"]] == expected


def test_what_is_no_version_is_an_error_before_any_request(simulator, look_up):
    assert "version is '0.19'" in look_up(version="0.19")["msg"]
    assert simulator.calls() == []


def test_a_version_that_does_not_exist_is_refused_by_the_api(look_up):
    assert look_up(version="9.9.9")["status"] == 400


def test_an_answer_without_a_list_is_an_error(simulator, look_up):
    simulator.misbehave("GET", times=2, status=200, json={"parameters": "none"})

    assert "holds no list of parameters" in look_up(api_retries=1)["msg"]


def test_check_mode_finds_the_same(look_up):
    assert look_up(check_mode=True, version="0.19.0") == look_up(version="0.19.0")
