# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deadlines are shared, schedules are not."""

from __future__ import annotations

import pytest

from ansible_collections.exoscale.cloud.plugins.module_utils._api.deadline import Deadline, Schedule
from ansible_collections.exoscale.cloud.plugins.module_utils._api.errors import (
    ApiError,
    DeadlineExceeded,
    InvalidAnswer,
)
from ansible_collections.exoscale.cloud.plugins.module_utils._api.sight import Sight, tell_nobody
from ansible_collections.exoscale.cloud.plugins.module_utils._api.waiting import look_until


def test_a_sleep_does_not_go_beyond_the_deadline(clock):
    deadline = Deadline(10, clock)

    assert deadline.sleep(7)
    assert deadline.sleep(7)
    assert not deadline.sleep(7)
    assert clock.sleeps == [7, 3]


def test_without_seconds_there_is_no_end(clock):
    assert Deadline(None, clock).remaining() == float("inf")


def test_a_deadline_within_another_one_ends_first(clock):
    assert Deadline(10, clock).within(3).remaining() == 3
    assert Deadline(2, clock).within(3).remaining() == 2
    assert Deadline(None, clock).within(3).remaining() == 3


@pytest.mark.parametrize(("waited", "delay"), [(0, 0.5), (5, 0.5), (20, 2), (200, 20), (300, 30), (9000, 30)])
def test_the_delay_is_a_tenth_of_the_time_waited_within_bounds(clock, waited, delay):
    schedule = Schedule(clock)
    clock.advance(waited)

    assert schedule.delay() == delay


def test_waits_that_share_a_deadline_have_a_schedule_each(clock):
    deadline = Deadline(1000, clock)
    first = Schedule(clock)
    clock.advance(100)

    assert (first.delay(), Schedule(clock).delay()) == (10, 0.5)
    assert deadline.remaining() == 900


def look_at(clock, *answers):
    """Looks that see or raise one after the other."""
    remaining = list(answers)

    def look():
        answer = remaining.pop(0) if len(remaining) > 1 else remaining[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return lambda seconds=100, tell=tell_nobody: look_until(
        look, lambda seen: seen == "done", lambda: Sight("it", "not done"), Deadline(seconds, clock), tell
    )


def test_it_is_looked_until_it_is_done(clock):
    assert look_at(clock, "no", "no", "done")() == "done"
    assert clock.sleeps == [0.5, 0.5, 0.5]


def test_a_deadline_that_passes_is_told_with_what_was_waited_for_and_the_last_trouble(clock):
    with pytest.raises(DeadlineExceeded) as caught:
        look_at(clock, ApiError("the API is away", transient=True, status=502))(7)

    assert "after waiting 7 seconds (wait_timeout): it is still not done" in str(caught.value)
    assert ". The last attempt to look failed: the API is away. It may still" in str(caught.value)
    assert caught.value.status == 502
    assert sum(clock.sleeps) == pytest.approx(7)


@pytest.mark.parametrize("seconds", [0, 3])
def test_a_deadline_that_passes_without_trouble_tells_of_none(clock, seconds):
    with pytest.raises(DeadlineExceeded) as caught:
        look_at(clock, "no")(seconds)

    assert str(caught.value) == (
        f"Gave up after waiting {seconds} seconds (wait_timeout): it is still not done. It may still come to its end; "
        "run the task again to wait for it, or set a larger wait_timeout"
    )
    assert caught.value.status is None


def test_it_tells_now_and_then_what_it_waits_for_and_why_it_sees_nothing(clock):
    told = []

    with pytest.raises(DeadlineExceeded):
        look_at(clock, "no", ApiError("the API is away", transient=True))(50, told.append)

    assert told == [
        "it is not done (0 s)",
        "it is not done (30 s), and the last attempt to look failed: the API is away",
    ]


def test_a_wish_of_the_server_makes_a_pause_longer_within_the_deadline(clock):
    trouble = ApiError("slow down", transient=True, retry_after=40)

    with pytest.raises(DeadlineExceeded):
        look_at(clock, trouble)(100)

    assert clock.sleeps == [0.5, 40, 40, 19.5]


@pytest.mark.parametrize("lag", [ApiError("not found", status=404), InvalidAnswer("gibberish")])
def test_a_few_reads_may_lag_and_no_more(clock, lag):
    assert look_at(clock, lag, lag, lag, "done")() == "done"
    with pytest.raises(type(lag)):
        look_at(clock, lag)()


def test_reads_that_lag_are_counted_anew_once_something_was_seen(clock):
    lag = ApiError("not found", status=404)

    assert look_at(clock, lag, lag, lag, "no", lag, lag, lag, "done")() == "done"


def test_a_failure_for_a_moment_is_no_read_that_lags(clock):
    away = ApiError("the API is away", transient=True, status=503)

    assert look_at(clock, *[away] * 9, "done")() == "done"


def test_a_refusal_ends_the_wait(clock):
    with pytest.raises(ApiError):
        look_at(clock, ApiError("forbidden", status=403))()
    assert len(clock.sleeps) == 1
