# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bodies of error answers read well, whatever wrote them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.exoscale.cloud.plugins.module_utils._api.problem import read_problem


def test_a_problem_document_gives_title_detail_and_each_error_with_its_place():
    problem = read_problem(
        json.dumps(
            {
                "type": "about:blank",
                "title": "Bad Request",
                "status": 400,
                "detail": "Invalid request body.",
                "errors": [
                    {"pointer": "/name", "path": "name", "detail": "is too short"},
                    {"path": "inference-engine-version", "detail": "is unknown"},
                    {"location": "body", "detail": "is odd"},
                    "a plain sentence",
                ],
            }
        )
    )

    assert problem.title == "Bad Request"
    assert problem.detail == "Invalid request body."
    assert str(problem) == (
        "Bad Request: Invalid request body; /name: is too short; inference-engine-version: is unknown; "
        "body: is odd; a plain sentence"
    )
    assert problem.errors[3] == {"detail": "a plain sentence"}


def test_the_other_shape_of_a_403_is_understood():
    problem = read_problem('{"code": "forbidden_operation", "error": "Denied by the role"}')

    assert (problem.title, problem.detail) == ("forbidden_operation", "Denied by the role")


def test_message_stands_in_for_detail():
    assert read_problem('{"message": "Not today"}').detail == "Not today"


def test_the_users_of_a_model_are_named():
    assert read_problem('{"deployments": ["a", "b"]}').detail == "in use by the deployments a, b"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", "the body of the answer is empty"),
        (" \n", "the body of the answer is empty"),
        ('{"title": "Bad Req', 'the body of the answer is JSON that breaks off or is malformed: {"title": "Bad Req'),
        ("upstream connect error", "the body of the answer is plain text: upstream connect error"),
        ('"just text"', '"just text"'),
        ("[1, 2]", "[1, 2]"),
        ('{"unheard": "of"}', '{"unheard": "of"}'),
    ],
)
def test_any_other_body_is_shown_as_it_is(body, expected):
    assert read_problem(body).detail == expected


def test_a_page_of_html_is_reduced_to_its_title_and_blamed_on_a_proxy():
    page = "<html><head><title>502 Bad\nGateway</title><style>p {}</style></head><body><h1>nginx</h1></body></html>"

    problem = read_problem(page)

    assert problem.detail == (
        "the answer is an HTML page, so probably not from the API but from a proxy: 502 Bad Gateway"
    )


def test_a_page_of_html_without_a_title_is_reduced_to_its_text():
    problem = read_problem("<!doctype html><script>var a = '<b>';</script><p>Come  back</p> later")

    assert str(problem).endswith("from a proxy: Come back later")


def test_a_long_body_is_cut():
    detail = read_problem("x" * 10_000).detail

    assert detail is not None
    assert len(detail) < 300


def test_json_nested_beyond_reason_is_no_crash():
    assert "breaks off or is malformed" in str(read_problem("[" * 200_000))


json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
)
known_keys = st.sampled_from(["title", "detail", "code", "error", "message", "errors", "deployments", "status"])


@given(st.one_of(json_values, st.dictionaries(known_keys, json_values)).map(json.dumps) | st.text())
def test_no_body_at_all_makes_it_crash_or_say_nothing(body):
    assert str(read_problem(body)).strip() or body.strip()
