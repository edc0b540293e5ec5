# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options become a base URL that the secrets may be sent to, or a clear error."""

from __future__ import annotations

import pytest

from ansible_collections.exoscale.cloud.plugins.module_utils._api.errors import InvalidInput
from ansible_collections.exoscale.cloud.plugins.module_utils._task import connection
from ansible_collections.exoscale.cloud.plugins.module_utils._task.connection import AccountFile, Connection
from ansible_collections.exoscale.cloud.plugins.module_utils._task.redaction import Redactor

NOWHERE = {"HOME": "/nowhere"}

GOOD = {
    "api_key": "EXOkey",
    "api_secret": "secret",
    "zone": "ch-gva-2",
    "api_endpoint": None,
    "validate_certs": True,
    "api_timeout": 30,
    "api_retries": 5,
    "wait_timeout": 1800,
}


def given(**changes):
    return dict(GOOD, **changes)


def base_url_of(params, **environment):
    environment.update(NOWHERE)
    return connection.base_url_of(params, environment, AccountFile(params, environment, Redactor()))[0]


def credentials(params, environment):
    environment = {**NOWHERE, **environment}
    return connection.credentials(params, environment, AccountFile(params, environment, Redactor()))


@pytest.mark.parametrize("zone", ["at-vie-1", "bg-sof-1", "ch-dk-2", "ch-gva-2", "de-fra-1", "hr-zag-1", "xx-new-12"])
def test_a_zone_names_its_endpoint(zone):
    assert base_url_of(given(zone=zone)) == f"https://api-{zone}.exoscale.com/v2"


@pytest.mark.parametrize(
    "zone",
    [
        "geneva",
        "CH-GVA-2",
        "ch-gva-2.evil.example",
        "ch-gva-2/",
        "x@evil.example/",
        "ch-gva-2\n",
        " ch-gva-2",
        "ch-gva-２",
        "ch-gva-2#",
        "../ch-gva-2",
    ],
)
def test_what_has_not_the_shape_of_a_zone_is_refused(zone):
    with pytest.raises(InvalidInput, match=r"zone is .* does not have the shape of an Exoscale zone"):
        base_url_of(given(zone=zone))


def test_a_zone_is_checked_even_if_an_endpoint_is_used_instead():
    with pytest.raises(InvalidInput, match="zone"):
        base_url_of(given(zone="geneva", api_endpoint="https://api.example.com/v2"))


def test_an_endpoint_is_used_instead_of_that_of_the_zone():
    assert base_url_of(given(api_endpoint="https://api.example.com:8443/v2/")) == "https://api.example.com:8443/v2"


@pytest.mark.parametrize("missing", [None, ""])
def test_without_zone_and_endpoint_the_error_names_options_and_variables(missing):
    with pytest.raises(InvalidInput) as caught:
        base_url_of(given(zone=missing, api_endpoint=missing))

    for name in ("zone", "EXOSCALE_ZONE", "api_endpoint", "EXOSCALE_API_ENDPOINT"):
        assert name in str(caught.value)


@pytest.mark.parametrize(
    "endpoint",
    ["http://127.0.0.1:8080/v2", "http://127.8.9.1/v2", "http://localhost/v2", "http://[::1]:8080/v2"],
)
def test_clear_text_is_accepted_for_a_loopback_address(endpoint):
    assert base_url_of(given(api_endpoint=endpoint)) == endpoint


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://api-ch-gva-2.exoscale.com/v2",
        "http://localhost.evil.example/v2",
        "http://127.0.0.1.evil.example/v2",
        "http://128.0.0.1/v2",
        "http://0.0.0.0/v2",
        "http://[::2]/v2",
    ],
)
def test_clear_text_to_anywhere_else_is_refused(endpoint):
    with pytest.raises(InvalidInput, match="clear text"):
        base_url_of(given(api_endpoint=endpoint))


@pytest.mark.parametrize(
    "endpoint",
    [
        "api-ch-gva-2.exoscale.com/v2",
        "ftp://127.0.0.1/v2",
        "file:///etc/passwd",
        "https://user:password@api.example.com/v2",
        "http://127.0.0.1@evil.example/v2",
        "http://127.0.0.1\\@evil.example/v2",
        "http://evil.example#@127.0.0.1/v2",
        "https://api.example.com/v2?x=1",
        "https://api.example.com/v2#x",
        "https:///v2",
        "https://api.example.com:0/v2",
        "https://api.example.com:99999/v2",
        "https://[::1/v2",
        "https://api.example.com/v2\nHost: x",
        "https://api.example.com//v2",
    ],
)
def test_an_endpoint_that_is_no_plain_base_url_is_refused_without_repeating_it(endpoint):
    with pytest.raises(InvalidInput, match="api_endpoint is not a base URL") as caught:
        base_url_of(given(api_endpoint=endpoint))

    assert "password" not in str(caught.value)


PAIR = {"EXOSCALE_API_KEY": "EXOenv", "EXOSCALE_API_SECRET": "secret-of-env"}


def test_a_pair_in_the_options_wins_over_one_in_the_environment():
    assert credentials(given(), PAIR) == ("EXOkey", "secret")


@pytest.mark.parametrize("absent", [None, ""])
def test_without_options_the_environment_counts(absent):
    assert credentials(given(api_key=absent, api_secret=absent), PAIR) == ("EXOenv", "secret-of-env")


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ({"api_key": None}, "The option api_secret is given without api_key"),
        ({"api_secret": ""}, "The option api_key is given without api_secret"),
    ],
)
def test_half_a_pair_in_the_options_is_an_error_that_names_the_other_half(missing, message):
    with pytest.raises(InvalidInput, match=message):
        credentials(given(**missing), PAIR)


@pytest.mark.parametrize("half", [{}, {"EXOSCALE_API_KEY": "EXOenv"}, dict(PAIR, EXOSCALE_API_KEY="")])
def test_half_a_pair_in_the_environment_counts_as_none(half):
    with pytest.raises(InvalidInput, match="Credentials are missing") as caught:
        credentials(given(api_key=None, api_secret=None), half)

    for name in ("api_key", "api_secret", "EXOSCALE_API_KEY", "EXOSCALE_API_SECRET"):
        assert name in str(caught.value)
    (there,) = [name for name, value in half.items() if value] or [None]
    assert ("is set)" in str(caught.value)) == (there is not None)
    assert there is None or f"{there} is set" in str(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"api_key": "EXO key"},
        {"api_key": "EXOk\n"},
        {"api_key": "EXO,k"},
        {"api_key": "EXÖ"},
        {"api_secret": "s3cr3t\n"},
        {"api_secret": "s3cr3t\udcff"},
    ],
)
def test_credentials_that_cannot_be_right_are_refused_without_showing_them(wrong):
    with pytest.raises(InvalidInput) as caught:
        credentials(given(**wrong), {})

    assert not any(value.strip() in str(caught.value) for value in wrong.values())


def test_the_environment_names_the_zone_and_an_empty_variable_is_unset():
    assert base_url_of(given(zone=None), EXOSCALE_ZONE="at-vie-1") == "https://api-at-vie-1.exoscale.com/v2"
    assert base_url_of(given(), EXOSCALE_API_ENDPOINT="") == "https://api-ch-gva-2.exoscale.com/v2"
    with pytest.raises(InvalidInput, match="zone is missing"):
        base_url_of(given(zone=None), EXOSCALE_ZONE="")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("api_timeout", 0),
        ("api_timeout", -1),
        ("api_timeout", 3601),
        ("api_retries", -1),
        ("api_retries", 101),
        ("wait_timeout", -1),
    ],
)
def test_numbers_out_of_range_are_refused(option, value):
    with pytest.raises(InvalidInput, match=f"{option} is {value}, but must be from"):
        Connection.from_params(given(**{option: value}), Redactor(), {})


def test_the_secret_is_not_in_the_text_of_a_connection():
    assert "secret" not in repr(Connection.from_params(given(), Redactor(), {})).replace("api_secret", "")
