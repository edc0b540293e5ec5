# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two that manage the same at the same time both come to an end, and one of them has its way."""

from __future__ import annotations

import pytest

from ansible_collections.exoscale.cloud.tests.reliability.processes import FastClock, ModuleProcess
from ansible_collections.exoscale.cloud.tests.simulator import Simulator

from .form import is_long

CREATION = {"model": "openai/gpt-oss-120b", "gpu_type": "gpua5000", "gpu_count": 1, "replicas": 1}


class Pair:
    """Starts two processes at the same moment."""

    def __init__(self, simulator, folder):
        self.simulator = simulator
        self.folder = folder

    def __call__(self, *wishes):
        """Their results, in the order of the wishes."""
        connection = {
            "api_key": self.simulator.api_key,
            "api_secret": self.simulator.api_secret,
            "api_endpoint": self.simulator.url,
        }
        self.simulator.clear_journal()
        processes = [
            ModuleProcess("ai_deployment", {**connection, **wish}, self.folder / f"{number}.json")
            for number, wish in enumerate(wishes)
        ]
        return [process.result() for process in processes]


@pytest.fixture
def world():
    with Simulator(FastClock()) as simulator:
        simulator.add_model(CREATION["model"])
        simulator.operation_seconds = 3.0
        simulator.settle_seconds = 1.0
        yield simulator
    assert simulator.contract_violations == []


@pytest.fixture
def pair(world, tmp_path):
    return Pair(world, tmp_path)


@pytest.fixture(params=range(25 if is_long() else 2))
def chat(request, world):
    """One deployment, as often as the form of the tests wants it."""
    return world.add_deployment(
        name="chat", model={"name": CREATION["model"]}, inference_engine_version="0.18.0", replicas=1
    )


def test_of_two_with_the_same_wish_one_writes_and_both_succeed(world, pair, chat, record_property):
    wish = {"name": "chat", "inference_engine_version": "0.19.0"}

    results = pair(wish, wish)

    assert [result.get("failed", False) for result in results] == [False, False], results
    assert world.changes == 1
    assert world.deployment(chat)["inference-engine-version"] == "0.19.0"
    record_property("pairs", 1)


def test_of_two_with_different_wishes_one_has_its_way_and_none_writes_twice(world, pair, chat, record_property):
    versions = ["0.19.0", "0.20.0"]

    results = pair(*({"name": "chat", "inference_engine_version": version} for version in versions))

    assert world.deployment(chat)["inference-engine-version"] in versions
    assert world.deployment(chat)["state"] == "ready"
    assert 1 <= world.changes <= 2
    for version, result in zip(versions, results, strict=True):
        if result.get("failed"):
            assert version in result["msg"]
    # The one that was carried out last is what is there, and that one has not failed.
    last = versions.index(world.deployment(chat)["inference-engine-version"])
    assert not results[last].get("failed", False), results
    record_property("pairs", 1)


def test_two_that_scale_differently_end_at_one_of_the_two_numbers(world, pair, chat, record_property):
    results = pair({"id": chat, "replicas": 2}, {"id": chat, "replicas": 3})

    assert world.deployment(chat)["replicas"] in (2, 3)
    assert not all(result.get("failed", False) for result in results)
    record_property("pairs", 1)


def test_two_that_delete_both_succeed(world, pair, chat, record_property):
    results = pair({"name": "chat", "state": "absent"}, {"id": chat, "state": "absent"})

    assert [result.get("failed", False) for result in results] == [False, False], results
    assert world.deployment(chat) is None
    record_property("pairs", 1)


def test_one_that_deletes_and_one_that_updates_both_end_and_nothing_is_made_anew(world, pair, chat, record_property):
    results = pair({"name": "chat", "state": "absent"}, {"name": "chat", "inference_engine_version": "0.19.0"})

    assert not results[0].get("failed", False), results
    assert world.deployments() == []
    if results[1].get("failed"):
        assert "chat" in results[1]["msg"] or chat in results[1]["msg"]
    record_property("pairs", 1)


@pytest.mark.parametrize("_number", range(25 if is_long() else 2))
def test_a_name_that_two_have_created_at_the_same_moment_stops_the_next_run(world, pair, record_property, _number):
    """The API has no way to make a name unique; what can be done is to notice."""
    wish = {"name": "chat", **CREATION}

    results = pair(wish, wish)
    again = pair(wish)[0]

    made = [each["id"] for each in world.deployments()]
    assert world.changes == len(made) <= 2
    assert [result.get("failed", False) for result in results] == [False, False], results
    if len(made) == 1:
        assert not again["changed"]
    else:
        assert again["failed"]
        assert all(each in again["msg"] for each in made)
        assert not again["changed"]
    record_property("pairs", 1)
