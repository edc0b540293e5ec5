# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import ansible_collections.exoscale.cloud as collection
from ansible_collections.exoscale.cloud.plugins.module_utils._api.client import Client
from ansible_collections.exoscale.cloud.plugins.module_utils._api.concurrency import all_at_once, side_by_side
from ansible_collections.exoscale.cloud.plugins.module_utils._api.deadline import Deadline
from ansible_collections.exoscale.cloud.plugins.module_utils._api.errors import ApiError, Interrupted, RequestFailed
from ansible_collections.exoscale.cloud.plugins.module_utils._api.pace import Pace
from ansible_collections.exoscale.cloud.plugins.module_utils._api.signature import Exo2Auth


def nobody_watches():
    return True


def test_as_many_as_there_are_threads_are_at_work_at_a_time():
    together = threading.Barrier(3, timeout=10)
    lock = threading.Lock()
    at_work, most = [], []

    def work(item):
        with lock:
            at_work.append(item)
            most.append(len(at_work))
        # Nobody passes unless three are here.
        together.wait()
        with lock:
            at_work.remove(item)

    side_by_side(work, range(9), 3, nobody_watches)

    assert max(most) == 3
    assert len(most) == 9


def test_the_items_begin_in_their_order():
    begun = []

    side_by_side(begun.append, "abcdef", 1, nobody_watches)

    assert begun == list("abcdef")


def test_what_one_raises_is_raised_and_keeps_others_from_beginning():
    begun = []

    def work(item):
        begun.append(item)
        raise ZeroDivisionError(item)

    with pytest.raises(ZeroDivisionError, match="a"):
        side_by_side(work, "abc", 1, nobody_watches)
    assert begun == ["a"]


class TestPace:
    def test_nobody_waits_until_the_api_asks_for_it(self, clock):
        pace = Pace(clock)

        assert [pace.wait_for_turn() for _each in range(3)] == [0, 0, 0]
        assert pace.quiet() == 0

    def test_all_wait_then_and_read_one_after_the_other(self, clock):
        pace = Pace(clock)

        pace.slow_down(10)

        assert pace.wait_for_turn() == pytest.approx(10)
        assert pace.quiet() == pytest.approx(10)
        clock.advance(10)
        assert [pace.wait_for_turn() for _each in range(3)] == pytest.approx([0, 0.1, 0.1])
        clock.advance(0.1)
        assert pace.wait_for_turn() == 0

    def test_the_gap_grows_while_the_api_complains_and_shrinks_with_each_answer(self, clock):
        pace = Pace(clock)

        def gap():
            clock.advance(100)
            pace.wait_for_turn()
            return pace.wait_for_turn()

        gaps = []
        for _each in range(3):
            pace.slow_down(0)
            # These belong to the same burst.
            pace.slow_down(0)
            pace.slow_down(0)
            gaps.append(gap())
        assert gaps == pytest.approx([0.1, 0.2, 0.4])
        for _each in range(100):
            pace.speed_up()
        assert gap() == 0


@pytest.fixture
def client(simulator, clock):
    auth = Exo2Auth(simulator.api_key, simulator.api_secret, clock.time)
    made = Client(simulator.url, auth, retries=0, clock=clock, jitter=lambda: 0.5)
    yield made
    made.close()


def in_another_thread(action):
    thread = threading.Thread(target=action)
    thread.start()
    thread.join()


def refuse_second_read(client, simulator, **fault):
    """Let the thread of the caller read twice, the second time in vain, as that is one request too many."""
    client.get("/ai/deployment")
    simulator.misbehave("GET", status=429, **fault)
    with pytest.raises(ApiError):
        client.get("/ai/deployment")


def test_a_429_for_one_thread_lets_the_others_wait_as_long_as_the_api_says(client, simulator, clock):
    refuse_second_read(client, simulator, headers={"Retry-After": "7"})
    clock.sleeps.clear()

    for _each in range(3):
        in_another_thread(lambda: client.get("/ai/model"))

    # The gap of a tenth of a second shrinks with each answer, and nobody comes back at the very moment that it is over.
    assert clock.sleeps == pytest.approx([7, 0.1 * 1.5, 0.1 * 0.9 * 1.5])


def test_a_429_that_names_no_time_lets_the_others_wait_for_a_quarter_of_a_second(client, simulator, clock):
    refuse_second_read(client, simulator)

    in_another_thread(lambda: client.get("/ai/model"))

    assert clock.sleeps == [0.25]


def test_another_failure_lets_nobody_wait(client, simulator, clock):
    client.get("/ai/deployment")
    simulator.misbehave("GET", status=503, headers={"Retry-After": "7"})
    with pytest.raises(ApiError):
        client.get("/ai/deployment")

    in_another_thread(lambda: client.get("/ai/model"))

    assert clock.sleeps == []


@pytest.fixture
def patience(client, simulator):
    """How often, and for how many seconds, another thread repeats what is refused; ``None`` for without end."""
    refuse_second_read(client, simulator, times=2)

    def ask(status=429, retries=3, deadline=None, method="GET"):
        found = []
        error = ApiError("refused", status=status)
        in_another_thread(lambda: found.append(client.patience(method, error, retries, deadline)))
        ((most, until),) = found
        seconds = float("inf") if until is None else until.remaining()
        return most, None if seconds == float("inf") else seconds

    return ask


def test_only_what_several_have_brought_about_together_is_repeated_longer(client, patience):
    assert client.patience("GET", ApiError("slow down", status=429), 3, None) == (3, None)
    assert [patience(), patience(retries=60), patience(503)] == [(50, 300), (60, 300), (3, None)]


def test_where_nothing_is_waited_for_there_are_five_minutes_for_all_together(client, patience, clock):
    clock.advance(299)
    assert [patience(), patience(deadline=Deadline(None, clock))] == [(50, 1), (50, 1)]
    assert patience(deadline=Deadline(1000, clock)) == (50, 1000)

    clock.advance(2)
    assert patience() == (50, 0)


def test_the_five_minutes_begin_anew_when_one_of_the_kind_was_not_refused(client, patience, simulator, clock):
    clock.advance(299)
    with pytest.raises(ApiError):
        client.get("/ai/deployment")
    assert patience() == (50, 1)
    assert patience(method="PATCH") == (50, None)

    client.get("/ai/deployment")
    assert patience() == (50, None)


def test_no_connection_stays_open_for_a_thread_that_has_ended(client):
    client.get("/ai/deployment")
    files = Path("/proc/self/fd")
    before = len(list(files.iterdir()))

    for _each in range(40):
        in_another_thread(lambda: client.get("/ai/deployment"))

    # A connection takes two files here, and one at the server.
    assert len(list(files.iterdir())) < before + 40


@pytest.fixture
def quiet_client(client, simulator, clock):
    """A client to which the API has just said that it wants no requests for 7 seconds."""
    refuse_second_read(client, simulator, headers={"Retry-After": "7"})
    clock.sleeps.clear()
    simulator.clear_journal()
    return client


def failure_in_another_thread(action):
    failures = []

    def act():
        try:
            action()
        except RequestFailed as failure:
            failures.append(failure)

    in_another_thread(act)
    return next(iter(failures), None)


@pytest.mark.parametrize(
    ("act", "what"),
    [
        (lambda client, deadline: client.await_quiet(deadline, "PATCH", "/ai/x"), "PATCH /ai/x"),
        (lambda client, deadline: client.get("/ai/model", deadline=deadline), "GET /ai/model"),
    ],
    ids=["write", "read"],
)
def test_what_would_have_to_wait_for_longer_than_the_task_does_is_not_sent(quiet_client, simulator, clock, act, what):
    failure = failure_in_another_thread(lambda: act(quiet_client, Deadline(5, clock)))

    assert str(failure) == (
        f"{what} was not sent: the API has answered GET /ai/deployment of this task with 429, and wants no requests "
        "for longer than the task waits"
    )
    assert (failure.status, failure.transient, failure.may_have_arrived) == (429, True, False)
    assert clock.sleeps == [5]
    assert simulator.calls() == []


def test_a_read_waits_for_no_gap_if_there_is_no_time_for_it(quiet_client, simulator, clock):
    clock.advance(7)
    in_another_thread(lambda: quiet_client.get("/ai/deployment"))

    failure = failure_in_another_thread(lambda: quiet_client.get("/ai/model", deadline=Deadline(0.05, clock)))

    assert failure is None
    assert clock.sleeps == pytest.approx([0.05])
    assert simulator.calls() == ["GET /ai/deployment", "GET /ai/model"]


def test_even_a_short_quiet_is_kept(client, simulator, clock):
    refuse_second_read(client, simulator, headers={"Retry-After": "1"})

    failure = failure_in_another_thread(lambda: client.get("/ai/model", deadline=Deadline(0.5, clock)))

    assert failure.status == 429


def test_what_can_be_sent_as_the_time_of_the_task_ends_is_sent(quiet_client, clock):
    failure = failure_in_another_thread(lambda: quiet_client.await_quiet(Deadline(7, clock), "PATCH", "/ai/x"))

    assert failure is None
    assert clock.sleeps == [7]


def test_a_change_keeps_even_a_short_quiet(client, simulator, clock):
    refuse_second_read(client, simulator, headers={"Retry-After": "1"})
    clock.sleeps.clear()

    in_another_thread(lambda: client.await_quiet(Deadline(5, clock), "PATCH", "/ai/x"))

    assert clock.sleeps == [1]


def test_a_caller_that_repeats_by_itself_is_not_made_patient(client, simulator, clock):
    client.get("/ai/deployment")
    simulator.misbehave("GET", "/ai/model", status=429, times=9)

    failure = failure_in_another_thread(lambda: client.get_list("/ai/model", "models", retries=0))

    assert failure.status == 429
    assert simulator.calls() == ["GET /ai/deployment", "GET /ai/model"]


def test_one_thread_alone_does_not_wait_before_a_change(quiet_client, clock):
    quiet_client.await_quiet(Deadline(5, clock), "PATCH", "/ai/x")

    assert clock.sleeps == []


def test_a_client_that_was_stopped_sends_nothing_more(client, simulator):
    client.stop()

    for send in (lambda: client.get("/ai/model"), lambda: client.write("PATCH", "/ai/model")):
        with pytest.raises(Interrupted, match="was not sent, because the task was interrupted"):
            send()
    assert simulator.calls() == []


def test_where_threads_must_not_import_all_is_imported_before_they_start():
    """As Python before 3.10 does not import from a zip file in threads."""
    root = Path(next(iter(collection.__path__)))
    name = "ansible_collections.exoscale.cloud.plugins.module_utils"
    script = f"""
import json, sys
from {name}._api import concurrency
concurrency.zipimporter = object
concurrency.side_by_side(print, [], 1, print)
print(json.dumps(list(sys.modules)))
"""

    finished = subprocess.run(
        [sys.executable, "-c", script], cwd=root.parents[2], stdout=subprocess.PIPE, text=True, check=True
    )

    files = (root / "plugins" / "module_utils").rglob("[!_]*.py")
    there = {
        ".".join((name, *file.relative_to(root / "plugins" / "module_utils").with_suffix("").parts)) for file in files
    }
    assert there - set(json.loads(finished.stdout)) == set()


def test_who_is_interrupted_while_others_sleep_does_not_wait_for_them(client):
    awake = threading.Event()
    woken = []

    def read(item):
        if item == "interrupted":
            raise KeyboardInterrupt
        woken.append(awake.wait(10))

    with pytest.raises(KeyboardInterrupt):
        all_at_once(client, read, ["asleep", "interrupted"])
    assert woken == []
    awake.set()

    with pytest.raises(Interrupted):
        client.get("/ai/deployment")


def test_what_is_found_at_once_comes_in_the_order_of_the_items(client):
    together = threading.Barrier(4, timeout=10)

    def read(item):
        together.wait()
        return item.upper()

    assert all_at_once(client, read, ["a", "b", "c", "d"]) == ["A", "B", "C", "D"]


def test_who_is_stopped_waits_for_no_quiet(quiet_client, simulator, clock):
    interrupted = []

    def read():
        try:
            quiet_client.get("/ai/model", deadline=Deadline(60, clock))
        except Interrupted as error:
            interrupted.append(error)

    quiet_client.stop()

    in_another_thread(read)
    in_another_thread(lambda: quiet_client.await_quiet(Deadline(60, clock), "PATCH", "/ai/x"))

    assert (len(interrupted), clock.sleeps, simulator.calls()) == (1, [], [])


@pytest.mark.parametrize("seconds", [None, "no deadline"], ids=str)
def test_what_nobody_waits_for_is_repeated_for_five_minutes_at_most(simulator, clock, seconds):
    auth = Exo2Auth(simulator.api_key, simulator.api_secret, clock.time)
    client = Client(simulator.url, auth, clock=clock)
    client.get("/ai/model")
    simulator.misbehave("GET", "/ai/deployment", times=10**6, status=429, headers={"Retry-After": "60"})
    deadline = None if seconds else Deadline(None, clock)

    failure = failure_in_another_thread(lambda: client.get("/ai/deployment", deadline=deadline))

    assert failure.status == 429
    assert 240 <= clock.monotonic() <= 420
