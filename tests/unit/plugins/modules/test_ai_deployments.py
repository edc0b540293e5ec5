# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module ai_deployments as a process: what it prints in the end."""

from __future__ import annotations

import signal
import threading

import pytest

from ansible_collections.exoscale.cloud.plugins.modules.ai_deployments import main


@pytest.fixture
def fleet(module_process):
    """Runs the module: fleet(deployments=…) → its result."""
    return lambda **options: module_process(main=main, **options)


def test_many_deployments_are_changed_by_one_process(fleet, simulator):
    for name in ("a", "b"):
        simulator.add_deployment(name=name, inference_engine_version="0.18.0")

    result = fleet(
        deployments=[{"name": "a"}, {"name": "b", "replicas": 2}], defaults={"inference_engine_version": "0.19.0"}
    )

    assert result["changed"]
    assert [each["actions"] for each in result["results"]] == [["update"], ["update", "scale"]]
    assert len(result["diff"]) == 2


def test_what_may_be_a_misspelt_secret_shows_neither_in_the_result_nor_in_the_invocation(fleet, module_process):
    result = fleet(deployments=[{"name": "a", "hf_tokn": "swordfish"}], defaults={"pasword": ["swordfish", 12345678]})

    assert result["failed"]
    assert "swordfish" not in module_process.output
    assert "12345678" not in module_process.output
    assert module_process.invocation["deployments"] == [{"name": "a", "hf_tokn": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"}]


def test_a_signal_ends_it_with_a_result_that_tells_what_is_under_way(fleet, simulator, clock, monkeypatch):
    for name in ("a", "b"):
        simulator.add_deployment(name=name, inference_engine_version="0.18.0")
    # Long enough for the main thread to notice the signal in any case.
    simulator.operation_seconds = 1_000_000
    sleep = clock.sleep

    def sleep_and_signal(seconds):
        sleep(seconds)
        if len(clock.sleeps) == 5:
            signal.pthread_kill(threading.main_thread().ident, signal.SIGTERM)

    monkeypatch.setattr(clock, "sleep", sleep_and_signal)

    result = fleet(
        deployments=[{"name": "a"}, {"name": "b"}],
        defaults={"inference_engine_version": "0.19.0"},
        concurrency=1,
        wait_timeout=1_000_000,
    )

    assert result["failed"]
    assert result["changed"]
    assert result["msg"].startswith("The task was interrupted by SIGTERM")
    assert result["results"][0]["operations"][0]["state"] == "pending"
    assert len(simulator.writes()) == 1
