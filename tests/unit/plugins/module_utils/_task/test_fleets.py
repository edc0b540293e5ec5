# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ai_deployments does with many deployments at once."""

from __future__ import annotations

import pytest

from ansible_collections.exoscale.cloud.plugins.module_utils._task import deployments
from ansible_collections.exoscale.cloud.tests.unit.plugins.module_utils._task.play import Player

OLD, NEW = "0.18.0", "0.19.0"
CREATION = {"model": "openai/gpt-oss-120b", "gpu_type": "gpua5000", "gpu_count": 1, "replicas": 1}


@pytest.fixture
def play(simulator, clock):
    return Player(simulator, clock, deployments)


def there(simulator, *names, **fields):
    """IDs by name."""
    return {name: simulator.add_deployment(name=name, inference_engine_version=OLD, **fields) for name in names}


def writes(simulator):
    return [f"{entry.method} {entry.path}" for entry in simulator.writes()]


def test_nothing_to_change_costs_one_list_and_one_get_for_each(play, simulator):
    ids = there(simulator, "a", "b", "c")

    result = play(deployments=[{"name": name} for name in ids], defaults={"inference_engine_version": OLD})

    assert sorted(simulator.calls()) == [
        "GET /ai/deployment",
        *sorted(f"GET /ai/deployment/{each}" for each in ids.values()),
    ]
    assert not result["failed"]
    assert not result["changed"]
    assert [each["deployment"]["name"] for each in result["results"]] == ["a", "b", "c"]
    assert result["counts"] == {"changed": 0, "unchanged": 3, "failed": 0, "not_started": 0}
    assert result["diff"] == []


def test_entries_by_id_need_no_list(play, simulator):
    ids = there(simulator, "a", "b")

    result = play(deployments=[{"id": each, "replicas": 1} for each in ids.values()])

    assert not result["changed"]
    assert sorted(simulator.calls()) == sorted(f"GET /ai/deployment/{each}" for each in ids.values())


def test_what_differs_is_changed_and_told_in_the_order_given(play, simulator):
    ids = there(simulator, "a", "b", "c")
    entries = [{"name": "c"}, {"name": "a", "inference_engine_version": OLD}, {"name": "b"}]

    predicted = play(check_mode=True, deployments=entries, defaults={"inference_engine_version": NEW})
    assert writes(simulator) == []
    result = play(deployments=entries, defaults={"inference_engine_version": NEW}, concurrency=1)

    assert writes(simulator) == [f"PATCH /ai/deployment/{ids['c']}", f"PATCH /ai/deployment/{ids['b']}"]
    assert [each["actions"] for each in result["results"]] == [["update"], [], ["update"]]
    assert [each["before_header"] for each in result["diff"]] == [
        f"AI deployment c ({ids['c']})",
        f"AI deployment b ({ids['b']})",
    ]
    assert "diff" not in result["results"][0]
    for key in ("changed", "diff", "counts"):
        assert predicted[key] == result[key]
