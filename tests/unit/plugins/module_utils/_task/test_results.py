# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a result can show of an answer."""

from __future__ import annotations

import json

import pytest

from ansible_collections.exoscale.cloud.plugins.module_utils._task import model_info
from ansible_collections.exoscale.cloud.tests.unit.plugins.module_utils._task.play import Player


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "1" + "0" * 40, "-1e31"])
def test_a_number_beyond_reason_is_an_ellipsis_so_that_the_result_is_json(simulator, clock, number):
    body = '{"models": [{"name": "a/b", "model-size": %s, "price": 0.5}]}'
    simulator.misbehave("GET", status=200, body=body % number)

    result = Player(simulator, clock, model_info)()

    assert result["models"] == [{"name": "a/b", "model_size": "…", "price": 0.5}]
    assert json.loads(json.dumps(result, allow_nan=False)) == result
