# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client: what is retried, and what odd answers become."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from ansible_collections.exoscale.cloud.plugins.module_utils._api.client import Client
from ansible_collections.exoscale.cloud.plugins.module_utils._api.deadline import Deadline
from ansible_collections.exoscale.cloud.plugins.module_utils._api.errors import (
    ApiError,
    Interrupted,
    InvalidAnswer,
    ReadOnlyClient,
    RequestFailed,
)
from ansible_collections.exoscale.cloud.plugins.module_utils._api.signature import Exo2Auth

LIST = "/ai/deployment"


@pytest.fixture
def make_client(simulator, clock):
    def make(**options):
        auth = Exo2Auth(simulator.api_key, simulator.api_secret, clock.time)
        return Client(simulator.url, auth, clock=clock, jitter=lambda: 1.0, **options)

    return make


def test_a_read_is_tried_again_with_pauses_that_double_up_to_ten_seconds(simulator, make_client, clock):
    simulator.misbehave("GET", times=7, status=503)

    make_client(retries=7).get(LIST)

    assert clock.sleeps == [0.5, 1, 2, 4, 8, 10, 10]


def test_a_client_is_patient_and_careful_unless_it_is_told_otherwise(simulator, make_client):
    client = make_client()

    assert (client.timeout, client.retries, client.validate_certs, client.read_only) == (30, 5, True, False)


def test_a_request_tells_what_it_takes_for_an_answer(simulator, make_client):
    make_client().get(LIST)

    assert simulator.journal[0].headers["Accept"] == "application/json"


@pytest.fixture
def timeouts(monkeypatch):
    """The timeouts of the requests that were sent."""
    seen = []
    send = requests.Session.request

    def request(session, *args, **options):
        seen.append(options["timeout"])
        return send(session, *args, **options)

    monkeypatch.setattr(requests.Session, "request", request)
    return seen


@pytest.mark.parametrize(("seconds", "timeout"), [(None, 30), (100, 30), (7, 7), (1.5, 1.5), (0.5, 1), (0, 30)])
def test_a_read_does_not_wait_beyond_the_deadline_unless_that_leaves_it_no_time_at_all(
    make_client, clock, timeouts, seconds, timeout
):
    make_client().get(LIST, deadline=Deadline(seconds, clock))

    assert timeouts == [timeout]


def test_a_read_without_a_deadline_and_a_write_wait_as_long_as_the_client_does(make_client, timeouts):
    client = make_client(timeout=9)

    client.get(LIST)
    with pytest.raises(ApiError):
        client.write("POST", LIST, {})

    assert timeouts == [9, 9]


def test_an_answer_without_the_list_that_is_wanted_is_read_again_and_told(simulator, make_client):
    simulator.misbehave("GET", times=3, status=200, json={"ai-keys": {}})

    with pytest.raises(InvalidAnswer) as caught:
        make_client(retries=2).get_list("/ai/api-key", "ai-api-keys")

    assert str(caught.value) == (
        "GET /ai/api-key: the answer holds no list of ai api keys. This came of 3 attempts within 2 seconds"
    )
    assert len(simulator.calls()) == 3


def test_a_list_is_asked_for_with_the_query(simulator, make_client):
    with pytest.raises(RequestFailed):
        make_client().get_list("/ai/deployment", "nothing", {"tail": "5"}, retries=0)

    assert [entry.query for entry in simulator.journal] == [{"tail": "5"}]


@pytest.mark.parametrize(("retries", "requests_sent"), [(None, 3), (0, 1), (1, 2)])
def test_a_caller_can_have_its_own_number_of_repetitions(simulator, make_client, retries, requests_sent):
    simulator.misbehave("GET", status=503, times=9)

    with pytest.raises(ApiError):
        make_client(retries=2).get_list(LIST, "deployments", retries=retries)

    assert len(simulator.journal) == requests_sent


def test_pauses_have_jitter(simulator, make_client, clock):
    simulator.misbehave("GET", times=1, status=503)
    client = make_client()
    client._jitter = lambda: 0.0

    client.get(LIST)

    assert clock.sleeps == [0.25]


@pytest.mark.parametrize(
    "read",
    [
        lambda client, deadline: client.get(LIST, deadline=deadline),
        lambda client, deadline: client.get_list(LIST, "deployments", deadline=deadline),
    ],
    ids=["document", "list"],
)
def test_a_deadline_ends_the_attempts(simulator, make_client, clock, read):
    simulator.misbehave("GET", times=100, status=503)

    with pytest.raises(ApiError):
        read(make_client(retries=100), Deadline(5, clock))

    assert sum(clock.sleeps) == 5


def test_a_write_is_sent_once_whatever_comes_back(simulator, make_client):
    for fault in ({"status": 503}, {"status": 429}, {"kind": "lost"}, {"status": 200, "body": "{"}):
        simulator.clear_journal()
        simulator.misbehave("POST", **fault)
        with pytest.raises(RequestFailed):
            make_client().write("POST", LIST, {})
        assert len(simulator.calls()) == 1


@pytest.mark.parametrize(("method", "may_have_arrived"), [("GET", False), ("POST", True)])
def test_only_what_changes_something_may_have_arrived_without_an_answer(
    simulator, make_client, method, may_have_arrived
):
    simulator.misbehave(kind="lost")
    client = make_client(retries=0)

    with pytest.raises(RequestFailed) as caught:
        client.get(LIST) if method == "GET" else client.write(method, LIST, {})

    assert caught.value.may_have_arrived == may_have_arrived
    assert str(caught.value).startswith(f"{method} {LIST} to 127.0.0.1:")


@pytest.mark.parametrize(("method", "may_have_arrived"), [("GET", False), ("POST", True)])
def test_an_answer_that_is_nested_too_deep_is_no_answer(simulator, make_client, method, may_have_arrived):
    simulator.misbehave(method, status=202, body='{"a":' + "[" * 99 + "]" * 99 + "}")
    client = make_client(retries=0)

    with pytest.raises(InvalidAnswer) as caught:
        client.get(LIST) if method == "GET" else client.write(method, LIST, {})

    assert (caught.value.may_have_arrived, caught.value.status) == (may_have_arrived, 202)


def test_only_a_host_that_never_answered_makes_doubt_of_the_option_that_leads_to_it(simulator, make_client):
    client, new = make_client(retries=0), make_client(retries=0, where_from="the profile")
    client.get(LIST)
    simulator.misbehave("GET", kind="lost", times=2)

    messages = []
    for each in (client, new):
        with pytest.raises(RequestFailed) as caught:
            each.get(LIST)
        messages.append(str(caught.value))

    assert ["Check the profile" in message for message in messages] == [False, True]
    assert "Check api_endpoint" not in messages[0]


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308, 408, 500, 501, 502, 503, 504, 505, 520, 599])
def test_the_outcome_of_a_write_is_unknown_after_any_redirect_or_server_error(simulator, make_client, status):
    simulator.misbehave("POST", status=status)

    with pytest.raises(ApiError) as caught:
        make_client().write("POST", LIST, {})

    assert caught.value.may_have_arrived


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 412, 418, 422, 429])
def test_the_server_has_certainly_done_nothing_after_any_other_answer(simulator, make_client, status):
    simulator.misbehave("POST", status=status)

    with pytest.raises(ApiError) as caught:
        make_client().write("POST", LIST, {})

    assert not caught.value.may_have_arrived


def test_the_client_of_check_mode_refuses_to_write(simulator, make_client):
    for method in ("PATCH", "POST", "PUT", "DELETE"):
        with pytest.raises(ReadOnlyClient) as caught:
            make_client(read_only=True).write(method, LIST, {})
        assert str(caught.value) == (
            f"{method} {LIST} was not sent: check mode must not change anything. This is a mistake in the collection, "
            "please report it"
        )
    assert simulator.calls() == []


@pytest.mark.parametrize("charset", ["undefined", "idna", "punycode", "no-such-thing", "utf-16", "a\\0b"])
@pytest.mark.parametrize("status", [200, 400])
def test_the_charset_that_an_answer_claims_does_not_matter(simulator, make_client, charset, status):
    simulator.misbehave(
        "GET", times=9, status=status, body="nöt JSÖN", content_type=f"application/json; charset={charset}"
    )

    with pytest.raises((ApiError, InvalidAnswer), match="nöt JSÖN"):
        make_client(retries=0).get(LIST)


@pytest.mark.parametrize("body", ["\0", "\0" * 5000, '{"a": "\\u0000"}x', "<html>\0", "9" * 5000])
def test_an_odd_body_is_no_crash(simulator, make_client, body):
    simulator.misbehave("GET", times=2, status=400, body=body)

    with pytest.raises(ApiError):
        make_client(retries=0).get(LIST)


def test_what_is_seen_is_observed_before_it_can_fail(simulator, make_client):
    seen = []
    simulator.misbehave("GET", status=400, json={"title": "Bad", "api-key": "x"})

    with pytest.raises(ApiError):
        make_client(observe=seen.append).get(LIST)

    assert seen == [{"title": "Bad", "api-key": "x"}]


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("body", ["the key is x", '{"a":' + "[" * 60 + "]" * 60 + "}"], ids=["no JSON", "too deep"])
def test_what_cannot_be_followed_down_to_its_end_is_observed_as_text(simulator, make_client, status, body):
    seen = []
    simulator.misbehave("GET", status=status, body=body)

    with pytest.raises(RequestFailed):
        make_client(retries=0, observe=seen.append).get(LIST)

    assert seen == [body]


def test_a_text_is_redacted_before_it_is_cut(simulator, make_client):
    simulator.misbehave("GET", status=400, body="x" * 195 + "sentinel-value")

    with pytest.raises(ApiError) as caught:
        make_client(redact=lambda text: text.replace("sentinel-value", "***")).get(LIST)

    assert "sent" not in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        "sentinel-é".encode("latin-1"),
        "sentinel-é".encode("utf-16"),
        "sentinel-é".encode("utf-16-le"),
        b"sentinel-\xc3\xa9",
    ],
)
def test_a_body_is_read_in_the_charset_that_it_is_in(make_client, simulator, body):
    redacted = []

    def redact(value):
        redacted.append(value)
        return value

    simulator.misbehave("GET", status=400, body=body)
    with pytest.raises(ApiError):
        make_client(redact=redact).get(LIST)

    assert redacted[0] == "sentinel-é"


def test_a_problem_document_is_parsed_before_it_is_redacted(simulator, make_client):
    simulator.misbehave("GET", status=400, json={"title": "Bad", "detail": "sent inel"})

    with pytest.raises(ApiError) as caught:
        make_client(redact=lambda value: {**value, "detail": "***"} if isinstance(value, dict) else "gone").get(LIST)

    assert (caught.value.title, caught.value.detail) == ("Bad", "***")


def test_threads_can_share_a_client_and_have_a_session_each(simulator, make_client):
    client = make_client()
    together = threading.Barrier(4, timeout=10)

    def read():
        client.get(LIST)
        together.wait()

    threads = [threading.Thread(target=read) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(client._transports) == 4
    client.close()
    assert not client._transports


@pytest.mark.parametrize("page", ["<title" * 50_000, "<script" * 50_000, "<script>" * 50_000, "<" * 200_000])
def test_a_hostile_page_costs_little_time(simulator, make_client, page):
    simulator.misbehave("GET", status=400, body=page)
    started = time.process_time()

    with pytest.raises(ApiError):
        make_client(retries=0).get(LIST)

    assert time.process_time() - started < 5


def test_a_client_that_is_aborted_ends_its_requests_and_sends_no_more(simulator, make_client):
    simulator.misbehave("GET", kind="timeout", times=9)
    client = make_client(timeout=60)
    ended = []

    def read():
        try:
            client.get("/ai/deployment")
        except Interrupted as error:
            ended.append(error)

    reading = threading.Thread(target=read, daemon=True)
    reading.start()
    while not simulator.journal:
        reading.join(0.01)

    client.abort()
    reading.join(10)

    assert [str(each) for each in ended] == [
        "The answer to GET /ai/deployment was not waited for, as the task was interrupted"
    ]
    assert len(simulator.journal) == 1


class TestAReadThatIsInsistedOn:
    def test_is_repeated_whatever_the_failure_is(self, simulator, make_client):
        simulator.misbehave("GET", status=403, times=2)

        assert make_client().read(LIST, len, insist=True) == 1

        assert len(simulator.journal) == 3

    def test_is_settled_when_it_has_failed_as_often_as_it_may_be_repeated(self, simulator, make_client):
        simulator.misbehave("GET", status=403, times=99)

        with pytest.raises(ApiError) as failure:
            make_client(retries=2).read(LIST, len, insist=True)

        assert failure.value.is_settled
        assert len(simulator.journal) == 3

    def test_is_not_settled_when_there_was_no_time_to_repeat_it(self, simulator, make_client, clock):
        simulator.misbehave("GET", status=403, times=99)

        with pytest.raises(ApiError) as failure:
            make_client().read(LIST, len, deadline=Deadline(1, clock), insist=True)

        assert not failure.value.is_settled


def test_a_refusal_of_a_read_that_nobody_insists_on_is_not_settled(simulator, make_client):
    simulator.misbehave("GET", status=403)

    with pytest.raises(ApiError) as failure:
        make_client(retries=0).get(LIST)

    assert not failure.value.is_settled
    assert len(simulator.journal) == 1


def test_a_failure_that_did_not_pass_is_settled(simulator, make_client):
    simulator.misbehave("GET", status=503, times=99)

    with pytest.raises(ApiError) as failure:
        make_client(retries=2).get(LIST)

    assert failure.value.is_settled


def test_a_not_found_in_other_words_counts_for_the_request_that_it_answers(simulator, make_client):
    client = make_client(retries=0)
    simulator.misbehave("GET", times=4, status=404, body="default backend")

    absences = []
    for query in ({"version": "1"}, {"version": "2"}, {"version": "3"}, {"version": "1"}):
        with pytest.raises(ApiError) as failure:
            client.get_list(LIST, "deployments", query)
        absences.append(failure.value.is_absence)

    assert absences == [False] * 4


def test_a_not_found_in_other_words_counts_for_the_thread_that_gets_it(simulator, make_client):
    client = make_client(retries=0)
    simulator.misbehave("GET", times=6, status=404, body="default backend")

    def read():
        with pytest.raises(ApiError) as failure:
            client.get(LIST)
        return failure.value.is_absence

    with ThreadPoolExecutor(1) as other:
        absences = [found for _each in range(3) for found in (read(), other.submit(read).result())]

    assert absences == [False] * 4 + [True] * 2


@pytest.mark.parametrize(("page", "is_absence"), [("default backend", True), ("\n <html>not found</html> ", False)])
def test_a_not_found_in_other_words_is_believed_the_third_time_and_on_a_page_never(
    simulator, make_client, page, is_absence
):
    client = make_client(retries=0)
    simulator.misbehave("GET", times=3, status=404, body=page)

    absences = []
    for _each in range(3):
        with pytest.raises(ApiError) as failure:
            client.get(LIST)
        absences.append(failure.value.is_absence)

    assert absences == [False, False, is_absence]
