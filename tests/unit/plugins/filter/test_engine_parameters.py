# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from jinja2 import StrictUndefined
from jinja2.exceptions import UndefinedError

from ansible_collections.exoscale.cloud.plugins.filter import engine_parameters as plugin

ENGINE_PARAMETERS = plugin.FilterModule().filters()["engine_parameters"]


def test_a_mapping_becomes_tokens():
    parameters = {
        "max_model_len": 8192,
        "enforce_eager": True,
        "enable_lora": False,
        "seed": None,
        "hf_overrides": {"a": 1},
    }

    assert ENGINE_PARAMETERS(parameters) == [
        "--max-model-len=8192",
        "--enforce-eager",
        "--no-enable-lora",
        '--hf-overrides={"a":1}',
    ]


@pytest.mark.parametrize("parameters", [None, "x", ["--a"], {"": 1}, {1: 1}, {"a": b"x"}, {"a": float("nan")}])
def test_a_mistake_is_an_error_of_the_filter(parameters):
    with pytest.raises(AnsibleFilterError, match=r"^exoscale\.cloud\.engine_parameters: "):
        ENGINE_PARAMETERS(parameters)


def test_a_variable_that_is_missing_is_named():
    with pytest.raises(UndefinedError, match="'engine' is undefined"):
        ENGINE_PARAMETERS(StrictUndefined(name="engine"))


def test_no_error_holds_a_value():
    with pytest.raises(AnsibleFilterError) as caught:
        ENGINE_PARAMETERS({"hf_token": b"hidden"})

    assert "hidden" not in str(caught.value)


def test_the_documentation_fits():
    assert yaml.safe_load(plugin.DOCUMENTATION)["name"] == "engine_parameters"
    for task in yaml.safe_load(plugin.EXAMPLES):
        assert "exoscale.cloud.engine_parameters" in task["exoscale.cloud.ai_deployment"]["inference_engine_parameters"]
