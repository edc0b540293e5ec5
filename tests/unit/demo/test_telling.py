# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The demo tells what the API received, and which run did not end as it should."""

from __future__ import annotations

import pytest

from ansible_collections.exoscale.cloud.tests.demo.runs import Run
from ansible_collections.exoscale.cloud.tests.demo.telling import complaints, counted, received

CHAT = "/ai/deployment/11111111-1111-4111-8111-111111111111"


def request(method="GET", path=CHAT, query=(), body=None, status=200):
    return {"method": method, "path": path, "query": dict(query), "body": body, "status": status}


READ = request()
BODY = {"inference-engine-version": "0.19.0", "inference-engine-parameters": ["--seed=1", "-O2"]}
WRITE = request("PATCH", body=BODY)


def run(**expected):
    return Run("A run", "It is played.", (), **expected)


def test_a_write_is_told_with_the_fields_of_its_body():
    assert received([WRITE]) == [
        "PATCH /ai/deployment/11111111…",
        "      inference-engine-version: 0.19.0",
        "      inference-engine-parameters: --seed=1 -O2",
    ]


def test_a_query_and_a_refusal_are_told():
    assert received([request(path="/ai/deployment", query={"visibility": "private"}, status=403)]) == [
        "GET   /ai/deployment?visibility=private  → 403"
    ]


def test_the_same_request_in_a_row_is_told_once():
    assert received([READ, READ, WRITE, WRITE, READ]) == [
        "GET   /ai/deployment/11111111…  (2 times)",
        "PATCH /ai/deployment/11111111…  (2 times)",
        "      inference-engine-version: 0.19.0",
        "      inference-engine-parameters: --seed=1 -O2",
        "GET   /ai/deployment/11111111…",
    ]


@pytest.mark.parametrize(
    ("journal", "told"),
    [
        ([READ], "1 request, no write among them"),
        ([READ, WRITE, READ], "3 requests, 1 write among them"),
        ([WRITE, WRITE], "2 requests, 2 writes among them"),
    ],
)
def test_requests_and_writes_are_counted(journal, told):
    assert counted(journal) == told


def test_a_run_that_ends_as_it_should_is_no_complaint():
    assert complaints(run(), 0, [READ]) == []
    assert complaints(run(fails=True, writes=1), 2, [READ, WRITE]) == []


@pytest.mark.parametrize(
    ("expected", "exit_status", "complaint"),
    [
        (run(), 2, "exit status 2 instead of 0"),
        (run(fails=True), 0, "exit status 0 instead of 2"),
        (run(fails=True), 4, "exit status 4 instead of 2"),
    ],
)
def test_another_exit_status_is_a_complaint(expected, exit_status, complaint):
    assert complaints(expected, exit_status, []) == [complaint]


@pytest.mark.parametrize(("expected", "journal"), [(0, [WRITE]), (1, [READ]), (1, [WRITE, WRITE])])
def test_another_number_of_writes_is_a_complaint(expected, journal):
    writes = journal.count(WRITE)

    assert complaints(run(writes=expected), 0, journal) == [f"{writes} instead of {expected} writes"]
