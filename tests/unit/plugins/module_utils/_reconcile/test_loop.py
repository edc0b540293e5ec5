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


@pytest.fixture
def store(clock):
    return KeyStore(clock)


@pytest.fixture
def run(store, clock):
    """Reconciles a key; what it did and said is in its attributes."""

    def converge_key(wanted=WANTED, *, wait=True, timeout=100.0, check_mode=False):
        ledgers = []
        converge_key.warnings = []
        limits = Limits.begin(Waiting(wait, True, timeout), retries=3, uncertain_for=20.0, clock=clock)
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


def test_a_refusal_for_now_is_tried_again_a_bounded_number_of_times(store, run):
    store.outcomes = [failure(429)] * 3
    run()
    assert store.writes == ["POST"] * 4

    store.keys.clear()
    store.outcomes = [failure(429)] * 9
    with pytest.raises(ApiError):
        run()
    assert store.writes == ["POST"] * 8


def test_a_conflict_is_waited_out_and_believed_at_the_fourth_attempt_after_ten_seconds(store, run, clock):
    store.outcomes = [failure(409)] * 3
    run()
    assert store.writes == ["POST"] * 4
    assert sum(clock.sleeps) == 10

    store.keys.clear()
    store.outcomes = [failure(409)] * 9
    with pytest.raises(ApiError, match="taken for final"):
        run()
    assert store.writes == ["POST"] * 8


def test_a_conflict_that_outlasts_the_deadline_is_told_as_that(store, run, clock):
    store.outcomes = [failure(409)] * 9

    with pytest.raises(DeadlineExceeded, match=r"\(wait_timeout\).*409"):
        run(timeout=5)
    assert sum(clock.sleeps) == 5


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
    assert run.warnings[0].startswith("The answer to POST /key was lost (")
    assert "What is seen since then shows an effect" in run.warnings[0]


def test_a_creation_of_which_there_is_no_trace_is_never_sent_again(store, run, clock):
    store.outcomes = [failure(500, unknown=True)]

    with pytest.raises(ApiError, match="safe to run the task again"):
        run()
    assert run.report.changed
    assert store.writes == ["POST"]
    assert sum(clock.sleeps) == pytest.approx(20)


def test_a_deletion_of_which_there_is_no_trace_is_sent_again(store, run):
    run()
    store.outcomes = [failure(500, unknown=True)]

    assert run(GONE) is None
    assert store.writes == ["POST", "DELETE", "DELETE"]
    assert run.report.actions == ["delete"]


def test_an_accepted_creation_that_shows_late_is_not_sent_again(store, run, clock):
    store.hidden_until = clock.monotonic() + 5

    assert run().name == "ci"
    assert store.writes == ["POST"]


def test_an_accepted_creation_that_never_shows_is_an_error(store, run, clock):
    store.hidden_until = float("inf")

    with pytest.raises(NotApplied):
        run()
    assert run.report.changed
    assert store.writes == ["POST"]
    assert sum(clock.sleeps) < 20
