# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever the vendor's document lets one do with the AI part, some module or plugin does."""

from __future__ import annotations

import pytest

from ansible_collections.exoscale.cloud.plugins.module_utils._task import (
    api_key,
    api_key_info,
    deployment,
    deployment_info,
    deployment_log_info,
    engine_parameter_info,
    instance_type_info,
    model,
    model_info,
    quota_info,
)
from ansible_collections.exoscale.cloud.tests.simulator.contract import vendor_contract
from ansible_collections.exoscale.cloud.tests.unit.plugins.module_utils._task.play import Player

WHOLE = {"model": "openai/gpt-oss-20b", "gpu_type": "gpua5000", "gpu_count": 1, "replicas": 1}
#: A life of everything, by the names of modules.
LIFE = [
    (model, {"name": WHOLE["model"]}),
    (deployment, {"name": "chat", **WHOLE, "wait_for": "serving"}),
    (deployment, {"name": "chat", "inference_engine_version": "0.19.0", "replicas": 2}),
    (api_key, {"name": "team", "scope": "chat"}),
    (deployment_info, {}),
    (deployment_log_info, {"name": "chat"}),
    (engine_parameter_info, {"version": "0.19.0"}),
    (instance_type_info, {}),
    (model_info, {}),
    (api_key_info, {}),
    (quota_info, {}),
    (api_key, {"name": "team", "state": "absent"}),
    (deployment, {"name": "chat", "state": "absent"}),
    (model, {"name": WHOLE["model"], "state": "absent"}),
]


@pytest.fixture
def reached(simulator, clock):
    """The operations that the tasks of a life have reached, each of which ended well."""
    for task, options in LIFE:
        result = Player(simulator, clock, task)(**options)
        assert not result["failed"], result["msg"]
    return {entry.operation for entry in simulator.journal if entry.status == 200}


def test_each_operation_is_used(reached):
    assert vendor_contract().operations("/ai/") - reached == set()
