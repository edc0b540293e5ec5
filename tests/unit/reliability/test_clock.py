# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The clock of the host may be wrong, and may be set while a task waits."""

from __future__ import annotations

import re

import pytest

from ansible_collections.exoscale.cloud.tests.simulator import FakeClock
from ansible_collections.exoscale.cloud.tests.unit.plugins.module_utils._task.play import Player

MINUTE = 60


class HostClock:
    """The clock of the host, whose time of day may be another than that of the API.

    :ivar steps: by how many seconds the time of day is set at each sleep to come.
    """

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.ahead = 0.0
        self.steps: list[float] = []

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def time(self) -> float:
        return self._clock.time() + self.ahead

    def sleep(self, seconds: float) -> None:
        self._clock.sleep(seconds)
        if self.steps:
            self.ahead += self.steps.pop(0)


@pytest.fixture
def host(clock):
    return HostClock(clock)


@pytest.fixture
def play(simulator, host):
    return Player(simulator, host)


@pytest.fixture
def chat(simulator):
    return simulator.add_deployment(name="chat", inference_engine_version="0.18.0")


@pytest.mark.parametrize("steps", [[4 * MINUTE], [-9 * MINUTE], [4 * MINUTE, -4 * MINUTE] * 30, [0.5] * 300])
def test_a_time_of_day_that_is_set_during_a_wait_changes_nothing_of_the_wait(simulator, play, host, clock, chat, steps):
    simulator.operation_seconds = 120
    host.steps = list(steps)

    result = play(id=chat, inference_engine_version="0.19.0")

    assert not result["failed"], result["msg"]
    assert len(simulator.writes()) == 1
    assert 120 <= sum(clock.sleeps) < 150


@pytest.mark.parametrize("step", [4 * MINUTE, -9 * MINUTE])
def test_a_wait_ends_at_its_deadline_whatever_the_time_of_day_is(simulator, play, host, clock, chat, step):
    simulator.operation_seconds = 5000
    host.steps = [step, -step] * 50

    result = play(id=chat, inference_engine_version="0.19.0", wait_timeout=300, api_retries=0)

    assert result["failed"]
    assert result["changed"]
    assert sum(clock.sleeps) == pytest.approx(300, abs=1)


@pytest.mark.parametrize(
    ("ahead", "words"), [(10 * MINUTE, "10 minutes ahead of"), (-11 * MINUTE, "11 minutes behind")]
)
def test_a_clock_that_is_minutes_off_is_named_where_the_api_refuses_the_signature(
    simulator, play, host, chat, ahead, words
):
    host.ahead = ahead

    result = play(id=chat, inference_engine_version="0.19.0")

    assert result["failed"]
    assert result["status"] == 403
    assert f"GET /ai/deployment/{chat}" in result["msg"]
    assert words in result["msg"]
    assert "set the clock right" in result["msg"]
    assert not result["changed"]
    assert simulator.writes() == []


@pytest.mark.parametrize("ahead", [4 * MINUTE, -9 * MINUTE])
def test_a_clock_that_is_off_by_less_than_signatures_are_valid_does_no_harm(simulator, play, host, chat, ahead):
    host.ahead = ahead

    result = play(id=chat, inference_engine_version="0.19.0")

    assert not result["failed"], result["msg"]
    assert len(simulator.writes()) == 1


def test_each_of_many_attempts_over_more_than_the_validity_of_a_signature_is_signed_anew(simulator, play, clock, chat):
    simulator.misbehave("PATCH", times=12, status=429, headers={"Retry-After": "60"})

    result = play(id=chat, inference_engine_version="0.19.0", api_retries=15)

    assert not result["failed"], result["msg"]
    assert sum(clock.sleeps) >= 12 * MINUTE
    signed = [re.search("expires=([0-9]+)", entry.headers["Authorization"])[1] for entry in simulator.writes()]
    assert len(set(signed)) == len(signed) == 13


def test_a_retry_after_that_is_a_date_far_away_is_bounded(simulator, play, host, clock, chat):
    host.ahead = -5 * MINUTE
    simulator.misbehave("GET", status=429, headers={"Retry-After": "Fri, 31 Dec 2100 23:59:59 GMT"})

    result = play(id=chat)

    assert not result["failed"]
    assert sum(clock.sleeps) <= MINUTE
