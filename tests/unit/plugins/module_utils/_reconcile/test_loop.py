# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The loop knows no deployment: here it brings keys to what is wanted of them."""

from __future__ import annotations

import pytest

from ansible_collections.exoscale.cloud.plugins.module_utils._api.errors import (
    ApiError,
    DeadlineExceeded,
    ImmutableField,
    NotApplied,
    NotReady,
)
from ansible_collections.exoscale.cloud.plugins.module_utils._reconcile.converge import converge
from ansible_collections.exoscale.cloud.plugins.module_utils._reconcile.ledger import report
from ansible_collections.exoscale.cloud.plugins.module_utils._reconcile.limits import Limits, Waiting
from ansible_collections.exoscale.cloud.tests.unit.plugins.module_utils._reconcile.named_key import (
    KeyStore,
    NamedKey,
    WantedKey,
    failure,
)

WANTED = WantedKey("ci", "public")
GONE = WantedKey("ci", absent=True)
NOTED = WantedKey("ci", note="for builds")


def absent(**how):
    """The API's word that there is no such thing."""
    error = failure(404, **how)
    error.is_absence = True
    return error


@pytest.fixture
def store(clock):
    return KeyStore(clock)


@pytest.fixture
def run(store, clock):
    """Reconciles a key; what it did and said is in its attributes."""

    def converge_key(
        wanted=WANTED, *, wait=True, for_ready=True, timeout=100.0, check_mode=False, late_by=None, may_lag=False
    ):
        ledgers = []
        converge_key.warnings, converge_key.told = [], []
        limits = Limits.begin(
            Waiting(wait, for_ready, timeout), retries=3, uncertain_for=20.0, clock=clock, tell=converge_key.told.append
        )
        limits = limits._replace(may_lag_at_first=may_lag, begins_in_time=late_by is not None)
        if late_by is not None:
            clock.advance(timeout + late_by)
        try:
            return converge(
                NamedKey(store), wanted, ledgers, limits, converge_key.warnings.append, check_mode=check_mode
            )
        finally:
            converge_key.report = report(ledgers, NamedKey.fields)

    return converge_key


def test_what_is_missing_is_created_and_a_second_run_changes_nothing(store, run):
    assert run().scope == "public"
    assert (run.report.changed, run.report.actions, run.report.changes) == (True, ["create"], ["name", "scope"])

    run()
    assert (run.report.changed, run.report.actions, run.report.changes) == (False, [], [])
    assert store.writes == ["POST"]


def test_what_is_to_be_absent_is_deleted(store, run):
    run()

    assert run(GONE) is None
    assert store.keys == {}
    assert (run.report.before, run.report.after) == ({"name": "ci", "scope": "public"}, {})


def test_check_mode_tells_the_same_and_writes_nothing(store, run):
    run(check_mode=True)
    predicted = run.report
    assert store.writes == []

    run()
    assert vars(run.report) == vars(predicted)


def test_what_the_kind_refuses_ends_the_run_before_any_write(store, run):
    run()

    with pytest.raises(ImmutableField):
        run(WantedKey("ci", "other"))
    assert store.writes == ["POST"]


def test_a_refusal_is_final(store, run):
    store.outcomes = [failure(400)]

    with pytest.raises(ApiError):
        run()
    assert not run.report.changed
    assert store.writes == ["POST"]


def test_a_refusal_for_now_is_tried_again_a_bounded_number_of_times(store, run, clock):
    store.outcomes = [failure(429)] * 3
    run()
    assert store.writes == ["POST"] * 4
    assert clock.sleeps == [1, 2, 3]

    store.keys.clear()
    store.outcomes = [failure(429)] * 9
    with pytest.raises(ApiError):
        run()
    assert store.writes == ["POST"] * 8


def test_a_conflict_is_waited_out_and_believed_at_the_fourth_attempt_after_ten_seconds(store, run, clock):
    store.outcomes = [failure(409)] * 3
    run()
    assert store.writes == ["POST"] * 4
    assert clock.sleeps == [1, 3, 6]

    store.keys.clear()
    store.outcomes = [failure(409)] * 9
    with pytest.raises(ApiError) as caught:
        run()
    assert store.writes == ["POST"] * 8
    assert str(caught.value) == (
        "answered with 409. This was the answer to 4 attempts within 10 seconds, though nothing seems to be under way, "
        "so it is taken for final. POST /key was meant for the key"
    )


def test_a_conflict_that_outlasts_the_deadline_is_told_as_that(store, run, clock):
    clock.advance(1000)
    store.outcomes = [failure(409)] * 9

    with pytest.raises(DeadlineExceeded, match=r"\(wait_timeout\).*409"):
        run(timeout=5)
    assert sum(clock.sleeps) == 5


def test_a_conflict_with_what_is_under_way_is_waited_out_for_a_hundred_attempts(store, run):
    run()
    store.in_transition = True
    store.outcomes = [failure(409)] * 200

    with pytest.raises(DeadlineExceeded) as caught:
        run(GONE, timeout=10_000.0)
    assert store.writes == ["POST"] + ["DELETE"] * 100
    (key,) = store.keys
    assert str(caught.value) == (
        f"Gave up after 100 attempts, the next of which would be DELETE /key/{key}. The last error: answered with 409"
    )


@pytest.mark.parametrize("outcomes", [[400], [409] * 9], ids=["refusal", "conflict"])
def test_a_kind_explains_what_is_refused_for_good(store, run, outcomes):
    run()
    store.outcomes = [failure(status) for status in outcomes]

    with pytest.raises(ApiError) as caught:
        run(GONE)
    (key,) = store.keys
    assert str(caught.value).endswith(f"DELETE /key/{key} was meant for the key ci")


def test_a_kind_explains_a_conflict_that_is_not_waited_out(store, run):
    run()
    store.outcomes = [failure(409)]

    with pytest.raises(ApiError) as caught:
        run(GONE, wait=False)
    (key,) = store.keys
    assert str(caught.value) == (
        "answered with 409. The resource is busy with another change. With wait=true the task waits until it is free. "
        f"DELETE /key/{key} was meant for the key ci"
    )


@pytest.mark.parametrize("late_by", [0, 1])
def test_a_run_that_has_to_begin_in_time_begins_nothing_when_the_time_is_over(store, run, late_by):
    with pytest.raises(DeadlineExceeded) as caught:
        run(timeout=100.0, late_by=late_by)
    assert store.writes == []
    assert str(caught.value) == (
        "Nothing was changed: 100 seconds (wait_timeout) had passed before the turn of the key came, so that POST /key "
        "was not sent. Run the task again, or set a larger wait_timeout"
    )


def test_what_could_not_begin_in_time_is_named(store, run):
    run()

    with pytest.raises(DeadlineExceeded, match="before the turn of the key ci came, so that PATCH"):
        run(NOTED, late_by=0)


def test_a_run_that_has_to_begin_in_time_does_so_until_the_end(store, run):
    run(late_by=-1)

    assert store.writes == ["POST"]


def test_a_run_that_need_not_begin_in_time_does_not(store, run):
    run(wait=False, late_by=1)

    assert store.writes == ["POST"]


def test_without_wait_a_conflict_is_final_unless_somebody_else_has_done_it(store, run, clock):
    store.outcomes = [failure(409)]
    with pytest.raises(ApiError, match="wait=true"):
        run(wait=False)
    assert store.writes == ["POST"]
    assert clock.sleeps == []

    store.outcomes = [failure(409, applied=True)]
    run(wait=False)
    assert not run.report.changed


def test_a_creation_that_is_lost_and_took_effect_is_found(store, run):
    store.outcomes = [failure(500, unknown=True, applied=True)]

    assert run().name == "ci"
    assert run.report.changed
    assert store.writes == ["POST"]
    assert run.warnings == [
        "The answer to POST /key was lost (answered with 500). What is seen since then shows an effect, so it is taken "
        "for accepted; its operation is not known"
    ]


def test_a_creation_of_which_there_is_no_trace_is_never_sent_again(store, run, clock):
    store.outcomes = [failure(500, unknown=True)]

    with pytest.raises(ApiError) as caught:
        run()
    assert run.report.changed
    assert store.writes == ["POST"]
    assert sum(clock.sleeps) == pytest.approx(20)
    assert str(caught.value) == (
        "answered with 500. It may have been carried out all the same. No trace of it was seen for 20 seconds, and it "
        "is not sent again, since there must not be two. It is safe to run the task again once the name shows among "
        "the resources, or certainly does not"
    )


def test_while_a_trace_is_looked_for_that_is_told_and_each_look_is_taken_once(store, run):
    store.outcomes = [failure(500, unknown=True, applied=True)]
    store.lag_seconds = 3.0

    run()

    assert run.told == ["whether POST /key was carried out for the key is unknown (0 s)"]
    assert store.repeated == [None] + [0] * (len(store.repeated) - 2) + [None]
    assert len(store.repeated) > 4


@pytest.mark.parametrize(
    ("reads", "status"),
    [
        ([failure(403)], 403),
        ([None, failure(403)], 403),
        ([failure(404)] * 99, 404),
        ([None] + [failure(404)] * 99, 404),
    ],
    ids=["at once", "later", "from the first on", "from the second on"],
)
def test_a_write_without_an_answer_of_which_nothing_can_be_read_is_told_as_that(store, run, reads, status):
    store.outcomes = [failure(500, unknown=True)]
    store.reads = [None, *reads]

    with pytest.raises(ApiError) as caught:
        run()
    assert store.writes == ["POST"]
    assert run.report.changed
    assert str(caught.value) == (
        "answered with 500. It may have been carried out all the same, and what is there now cannot be read: answered "
        f"with {status}"
    )


def test_a_trace_that_shows_between_looks_that_fail_is_found(store, run):
    store.outcomes = [failure(500, unknown=True, applied=True)]
    store.reads = [None, *[failure(404)] * 6]

    assert run().name == "ci"
    assert store.writes == ["POST"]


def test_a_deletion_without_a_trace_is_sent_again_if_the_time_was_just_enough_to_tell(store, run):
    run()
    store.outcomes = [failure(500, unknown=True)]

    assert run(GONE, timeout=20.0) is None
    assert store.writes == ["POST", "DELETE", "DELETE"]


def test_a_conflict_is_waited_out_for_as_long_as_the_api_says(store, run, clock):
    store.outcomes = [failure(409, retry_after=7)]

    run()

    assert clock.sleeps == [7]


def test_a_trace_is_looked_for_as_long_as_the_task_may_wait(store, run, clock):
    store.outcomes = [failure(500, unknown=True)]

    with pytest.raises(ApiError, match="No trace of it was seen for 7 seconds"):
        run(timeout=7.0)
    assert sum(clock.sleeps) == pytest.approx(7)


def test_a_deletion_of_which_there_is_no_trace_is_sent_again(store, run):
    run()
    store.outcomes = [failure(500, unknown=True)]

    assert run(GONE) is None
    assert store.writes == ["POST", "DELETE", "DELETE"]
    assert run.report.actions == ["delete"]


def test_a_deletion_without_a_trace_is_not_sent_again_if_the_time_was_too_short_to_tell(store, run):
    run()
    store.outcomes = [failure(500, unknown=True)]

    with pytest.raises(ApiError) as caught:
        run(GONE, timeout=19.0)
    assert store.writes == ["POST", "DELETE"]
    assert run.report.changed
    assert str(caught.value) == (
        "answered with 500. It may have been carried out all the same, and wait_timeout has passed before that was "
        "clear; run the task again"
    )


def test_a_deletion_without_a_trace_is_sent_again_a_bounded_number_of_times(store, run):
    run()
    store.outcomes = [failure(500, unknown=True)] * 9

    with pytest.raises(ApiError) as caught:
        run(GONE)
    assert store.writes == ["POST"] + ["DELETE"] * 4
    assert not run.report.changed
    assert str(caught.value) == "answered with 500. What can be read shows no effect of it, after 4 attempts"


def test_a_deletion_that_is_lost_and_took_effect_shows_in_two_looks(store, run, clock):
    run()
    store.outcomes = [failure(500, unknown=True, applied=True)]

    assert run(GONE) is None
    assert store.writes == ["POST", "DELETE"]
    assert run.report.actions == ["delete"]
    assert sum(clock.sleeps) == 0.5


def test_a_deletion_that_shows_at_the_very_end_is_looked_at_once_more(store, run, clock):
    run()
    store.outcomes = [failure(500, unknown=True, applied=True)]
    store.lag_seconds = 20.0

    assert run(GONE) is None
    assert store.writes == ["POST", "DELETE"]
    assert sum(clock.sleeps) == 20.5


def test_a_deletion_that_may_show_at_the_very_end_and_cannot_be_read_then_is_told_as_that(store, run, clock):
    run()
    store.outcomes = [failure(500, unknown=True, applied=True)]
    store.lag_seconds = 20.0
    store.fails_from = clock.monotonic() + 20.5

    with pytest.raises(ApiError) as caught:
        run(GONE)
    assert str(caught.value) == (
        "answered with 500. It may have been carried out all the same, and what is there now cannot be read: answered "
        "with 403"
    )


def test_a_creation_that_shows_at_the_very_end_is_found(store, run):
    store.outcomes = [failure(500, unknown=True, applied=True)]
    store.lag_seconds = 20.0

    assert run().name == "ci"
    assert store.writes == ["POST"]


@pytest.mark.parametrize("wait", [True, False])
def test_after_a_write_a_look_that_fails_for_a_moment_is_repeated(store, run, clock, wait):
    store.reads = [None, failure(404), failure(404)]

    assert run(wait=wait).name == "ci"
    assert clock.sleeps == [0.5, 0.5]


def test_after_a_change_of_another_run_the_first_look_may_lag(store, run, clock):
    run()
    store.reads = [failure(404)]

    assert run(may_lag=True).name == "ci"
    assert clock.sleeps[0] == 0.5


def test_after_a_change_of_another_run_it_is_looked_a_few_times_whether_there_is_something_to_do(store, run, clock):
    run()

    run(may_lag=True)

    assert store.writes == ["POST"]
    assert clock.sleeps == [0.5, 0.75, 1.125, 1.6875, 2.53125, 3.796875]


def test_before_any_write_no_such_look_is(store, run, clock):
    store.reads = [failure(404)]

    with pytest.raises(ApiError):
        run()
    assert clock.sleeps == []


def test_after_a_write_a_look_that_is_refused_ends_the_run(store, run, clock):
    store.reads = [None, failure(403)]

    with pytest.raises(ApiError):
        run()
    assert (run.report.changed, clock.sleeps) == (True, [])


def test_what_became_of_it_is_told_behind_its_name(store, run):
    labels = []
    for wanted in (WANTED, NOTED, WantedKey("ci"), GONE, GONE):
        run(wanted)
        labels.append((run.report.label, run.report.after_label))

    assert labels == [
        ("key ci", "key ci, created"),
        ("key ci", "key ci"),
        ("key ci", "key ci"),
        ("key ci", "key ci, deleted"),
        ("key ci", "key ci"),
    ]


def test_a_single_look_that_lags_is_no_trace_of_a_deletion(store, run):
    run()
    store.outcomes = [failure(500, unknown=True)]
    store.reads = [None, []]

    assert run(GONE) is None
    assert store.writes == ["POST", "DELETE", "DELETE"]


def test_an_accepted_creation_that_shows_late_is_not_sent_again(store, run, clock):
    store.hidden_until = clock.monotonic() + 5

    assert run().name == "ci"
    assert store.writes == ["POST"]


def test_an_accepted_creation_that_never_shows_is_an_error(store, run, clock):
    store.hidden_until = float("inf")

    with pytest.raises(NotApplied) as caught:
        run()
    assert run.report.changed
    assert store.writes == ["POST"]
    assert sum(clock.sleeps) < 20
    assert str(caught.value) == (
        "POST /key was accepted, but the key is not there. Run the task again once it shows, or certainly does not"
    )


def test_a_creation_that_was_seen_and_is_not_seen_any_more_is_an_error(store, run):
    store.outcomes = [failure(500, unknown=True, applied=True)]
    store.reads = [None, None] + [[]] * 99

    with pytest.raises(
        NotApplied, match="POST /key was taken for accepted, as its answer was lost, but the key is not"
    ):
        run()
    assert store.writes == ["POST"]


@pytest.fixture
def there(store, run):
    """The ID of a key that is there."""
    run()
    store.writes.clear()
    return next(iter(store.keys))


def test_an_update_is_sent_once_and_told(store, run, there):
    assert run(NOTED).note == "for builds"
    assert store.writes == ["PATCH"]
    assert (run.report.actions, run.report.changes) == (["update"], ["note"])
    assert (run.report.before, run.report.after) == ({"note": ""}, {"note": "for builds"})


def test_a_write_is_checked_before_it_is_sent(store, run, there):
    store.checked.clear()

    run(NOTED, timeout=70.0)

    assert store.checked == [(f"PATCH /key/{there}", "ci", 70.0)]


def test_a_creation_is_checked_though_nothing_is_there(store, run):
    run(timeout=70.0)

    assert store.checked == [("POST /key", None, 70.0)]


@pytest.mark.parametrize(("seconds", "looks"), [([5.0], 2), ([5.1], 3), ([5.1, 5.1, 5.1, 5.0], 5), ([6.0] * 99, 22)])
def test_what_was_seen_more_than_five_seconds_before_a_write_is_looked_at_again_twenty_times_at_most(
    store, run, there, seconds, looks
):
    store.check_seconds = [*seconds]
    store.repeated.clear()

    run(NOTED, timeout=1000.0)

    assert store.writes == ["PATCH"]
    assert len(store.repeated) == looks


def test_what_is_seen_after_a_long_quiet_may_need_nothing_any_more(store, run, clock, there):
    store.quiet_seconds = 9.0
    as_wanted = [{**key, "note": "for builds"} for key in store.keys.values()]
    store.reads = [None] + [as_wanted] * 9

    assert run(NOTED).note == "for builds"
    assert store.writes == []
    assert clock.sleeps == [9.0]


def test_an_update_that_shows_late_is_not_sent_again(store, run, clock, there):
    store.reads = [None] + [list(store.keys.values())] * 5

    assert run(NOTED).note == "for builds"
    assert store.writes == ["PATCH"]
    assert clock.sleeps == [0.5, 0.75, 1.125, 1.6875, 2.53125]


def test_what_shows_only_in_a_later_look_is_done_after_a_change_of_another_run(store, run, there):
    as_wanted = [{**key, "note": "for builds"} for key in store.keys.values()]
    store.reads = [as_wanted] * 3

    assert run(NOTED, may_lag=True).note == "for builds"
    assert store.writes == ["PATCH"]


def test_an_update_that_never_shows_is_an_error(store, run, clock, there):
    store.ignores_updates = True

    with pytest.raises(NotApplied) as caught:
        run(NOTED)
    assert store.writes == ["PATCH"]
    assert clock.sleeps == [0.5, 0.75, 1.125, 1.6875, 2.53125, 3.796875]
    assert str(caught.value) == (
        f"PATCH /key/{there} was accepted, but the key ci does not show it: note. Somebody else may have changed it "
        "meanwhile"
    )


def test_an_update_whose_answer_was_lost_and_that_somebody_takes_back_is_an_error(store, run, there):
    store.outcomes = [failure(500, unknown=True, applied=True)]
    store.reads = [None, None] + [list(store.keys.values())] * 99

    with pytest.raises(NotApplied) as caught:
        run(NOTED)
    assert store.writes == ["PATCH"]
    assert str(caught.value) == (
        f"PATCH /key/{there} was taken for accepted, as its answer was lost, but the key ci does not show it: note. "
        "Somebody else may have changed it meanwhile: run the task again"
    )


@pytest.mark.parametrize("ignores_updates", [True, False])
def test_an_update_after_which_it_is_in_a_state_of_failure_is_an_error(store, run, there, ignores_updates):
    store.updates_fail, store.ignores_updates = True, ignores_updates

    with pytest.raises(NotReady) as caught:
        run(NOTED)
    assert store.writes == ["PATCH"]
    assert str(caught.value) == f"The key ci settled in the state broken after PATCH /key/{there} (note)"
    assert caught.value.undo == WantedKey("ci", note="")
    assert caught.value.after_change


def test_a_state_of_failure_that_nothing_wanted_can_mend_fails_the_task(store, run, there):
    store.in_error = True

    with pytest.raises(NotReady) as caught:
        run()
    assert store.writes == []
    assert not caught.value.after_change
    assert str(caught.value) == (
        "The key ci is in the state broken, and nothing that is wanted differs from what is there, so there is nothing "
        "to do about it. Change what is declared, or set wait_for=operation to accept the state"
    )


def test_check_mode_tells_such_a_state_as_well_and_none_of_transition(store, run, there):
    store.in_transition = True
    run(check_mode=True)
    assert run.warnings == []

    store.in_error = True
    with pytest.raises(NotReady):
        run(check_mode=True)


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_state_of_failure_is_a_warning_without_wait(store, run, there, check_mode):
    store.in_error = True

    run(wait=False, check_mode=check_mode)

    assert run.warnings == ["The key ci is in the state broken"]


def test_a_state_of_transition_in_which_nothing_moves_for_five_minutes_is_one_of_rest(store, run, clock, there):
    store.in_transition = True

    run(timeout=1000.0)

    assert 300 <= sum(clock.sleeps) <= 330
    assert run.warnings == [
        "The key ci is in the state there, and has shown nothing else for 301 seconds. There is nothing in it that "
        "could get ready, so the task does not wait any longer"
    ]


@pytest.mark.parametrize(
    ("outcome", "times"),
    [(None, 1), (failure(500, unknown=True, applied=True), 2)],
    ids=["accepted", "answer lost"],
)
def test_a_transition_is_waited_out_before_a_change_and_after_one_whose_operation_nobody_knows(
    store, run, clock, there, outcome, times
):
    store.in_transition = True
    store.outcomes = [outcome]

    run(NOTED, for_ready=False, timeout=1000.0)

    assert times * 300 <= sum(clock.sleeps) <= times * 330
    assert store.writes == ["PATCH"]


def test_a_change_without_an_answer_that_shows_only_before_it_would_be_sent_again_is_told(store, run, there):
    store.outcomes = [failure(500, unknown=True, applied=True)]
    store.lag_seconds = 25.0
    store.check_seconds = [0.0, 6.0]

    run(NOTED)

    assert store.writes == ["PATCH"]
    assert (run.report.actions, run.report.changes) == (["update"], ["note"])


def test_without_wait_a_state_of_transition_is_no_matter(store, run, clock, there):
    store.in_transition = True

    run(wait=False)

    assert (clock.sleeps, run.warnings) == ([], [])


@pytest.mark.parametrize("wait", [True, False])
@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("wanted", [NOTED, WANTED], ids=["changed", "unchanged"])
def test_what_is_worth_telling_of_a_resource_is_a_warning(store, run, there, wait, check_mode, wanted):
    store.odd = ["strange:"]

    run(wanted, wait=wait, check_mode=check_mode)

    assert run.warnings == ["strange: ci"]


@pytest.mark.parametrize("check_mode", [True, False])
def test_of_what_is_to_be_deleted_nothing_is_worth_telling(store, run, there, check_mode):
    store.odd = ["strange:"]

    run(GONE, check_mode=check_mode)

    assert run.warnings == []


def test_what_is_gone_when_it_is_to_be_deleted_is_looked_for_at_once(store, run, clock, there):
    store.outcomes = [absent(applied=True)]

    assert run(GONE) is None
    assert (store.writes, clock.sleeps) == (["DELETE"], [])


def test_what_cannot_be_found_when_it_is_to_be_deleted_and_still_shows_is_given_some_time(store, run, clock, there):
    store.outcomes = [absent()] * 9

    with pytest.raises(ApiError):
        run(GONE)
    assert (store.writes, clock.sleeps) == (["DELETE"] * 4, [2, 3])
