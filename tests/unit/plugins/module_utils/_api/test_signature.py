# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The signature is that of the vendor's own implementation."""

from __future__ import annotations

from string import ascii_letters, ascii_lowercase, digits

import requests
from exoscale_auth import ExoscaleV2Auth
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.exoscale.cloud.plugins.module_utils._api.signature import VALIDITY, Exo2Auth

NOW = 1_700_000_000
SECRET = "the-secret"
URL = "https://api-ch-gva-2.exoscale.com/v2/ai/deployment"


def signed_by_us(request: requests.Request) -> str:
    prepared = request.prepare()
    return Exo2Auth("EXOkey", SECRET, lambda: NOW)(prepared).headers["Authorization"]


def signed_by_the_vendor(request: requests.Request) -> str:
    prepared = request.prepare()
    ExoscaleV2Auth("EXOkey", SECRET)._sign_request(prepared, NOW + VALIDITY)
    return prepared.headers["Authorization"]


@given(
    method=st.sampled_from(["GET", "PATCH", "POST", "DELETE"]),
    segments=st.lists(st.text(ascii_letters + digits + "-_.~ é", min_size=1, max_size=10), max_size=3),
    query=st.dictionaries(st.text(ascii_lowercase + "-", min_size=1), st.text(min_size=1), max_size=4),
    body=st.one_of(st.none(), st.binary(min_size=1)),
)
def test_any_request_is_signed_as_the_vendor_signs_it(method, segments, query, body):
    request = requests.Request(method, "/".join([URL, *segments]), params=query, data=body)

    assert signed_by_us(request) == signed_by_the_vendor(request)


def test_a_body_of_text_is_signed_like_its_bytes():
    assert signed_by_us(requests.Request("POST", URL, data="né")) == signed_by_us(
        requests.Request("POST", URL, data="né".encode())
    )


def test_a_query_parameter_with_two_values_is_not_signed():
    once = signed_by_us(requests.Request("GET", URL, params=[("tail", "5")]))
    with_repeated = signed_by_us(requests.Request("GET", URL, params=[("tail", "5"), ("x", "1"), ("x", "2")]))

    assert "signed-query-args=tail," in once
    assert with_repeated == once


def test_signing_again_later_moves_the_expiry():
    times = iter([NOW, NOW + 30])
    auth = Exo2Auth("EXOkey", SECRET, lambda: next(times))
    first = auth(requests.Request("GET", URL).prepare()).headers["Authorization"]
    second = auth(requests.Request("GET", URL).prepare()).headers["Authorization"]

    assert f"expires={NOW + VALIDITY}," in first
    assert f"expires={NOW + 30 + VALIDITY}," in second


def test_the_header_does_not_hold_the_secret():
    assert SECRET not in signed_by_us(requests.Request("PATCH", URL, data=b"{}"))
