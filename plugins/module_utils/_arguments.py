# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that modules share, and how they become a client and a waiter."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ansible.module_utils.basic import env_fallback

from ansible_collections.exoscale.cloud.plugins.module_utils._auth import Exo2Auth
from ansible_collections.exoscale.cloud.plugins.module_utils._client import Client
from ansible_collections.exoscale.cloud.plugins.module_utils._errors import InvalidInput
from ansible_collections.exoscale.cloud.plugins.module_utils._proxies import is_loopback
from ansible_collections.exoscale.cloud.plugins.module_utils._waiter import Waiter

if TYPE_CHECKING:
    from ansible_collections.exoscale.cloud.plugins.module_utils._clock import Clock

_ZONE = re.compile(r"[a-z]{2}-[a-z]{2,5}-[0-9]{1,2}", re.ASCII)
_ENDPOINT = re.compile(r"(https?)://[A-Za-z0-9.\[\]:-]+(/[A-Za-z0-9._~-]+)*/?", re.ASCII)
_API_KEY = re.compile(r"[!-+\--~]+", re.ASCII)
_LONGEST_API_TIMEOUT = 3600


def api_argument_spec() -> dict[str, dict[str, Any]]:
    """Credentials, and where and how to reach the API."""
    return {
        "api_key": {"type": "str", "no_log": True, "fallback": (env_fallback, ["EXOSCALE_API_KEY"])},
        "api_secret": {"type": "str", "no_log": True, "fallback": (env_fallback, ["EXOSCALE_API_SECRET"])},
        "zone": {"type": "str", "fallback": (env_fallback, ["EXOSCALE_ZONE"])},
        "api_endpoint": {"type": "str", "fallback": (env_fallback, ["EXOSCALE_API_ENDPOINT"])},
        "validate_certs": {"type": "bool", "default": True},
        "api_timeout": {"type": "int", "default": 30},
        "api_retries": {"type": "int", "default": 5},
    }


def wait_argument_spec() -> dict[str, dict[str, Any]]:
    """Whether and how long to wait."""
    return {
        "wait": {"type": "bool", "default": True},
        "wait_for": {"type": "str", "choices": ["ready", "operation"], "default": "ready"},
        "wait_timeout": {"type": "int", "default": 1800},
    }


def build_client(params: dict[str, Any], read_only: bool, clock: Clock = time) -> Client:
    """
    :raises InvalidInput: an option cannot be right, or is missing.
    """
    _check_numbers(params)
    base_url = base_url_of(params)
    _check_credentials(params)
    return Client(
        base_url,
        Exo2Auth(params["api_key"], params["api_secret"], clock.time),
        timeout=params["api_timeout"],
        retries=params["api_retries"],
        validate_certs=params["validate_certs"],
        read_only=read_only,
        clock=clock,
    )


def build_waiter(params: dict[str, Any], clock: Clock = time) -> Waiter:
    """
    :raises InvalidInput: the timeout is negative.
    """
    if params["wait_timeout"] < 0:
        raise InvalidInput("wait_timeout is {}, but must be 0 seconds or more".format(params["wait_timeout"]))
    return Waiter(params["wait_timeout"], clock)


def base_url_of(params: dict[str, Any]) -> str:
    """The base URL without a slash at its end, from ``api_endpoint`` or else from ``zone``.

    :raises InvalidInput: both are missing, or one has not the shape that keeps the secrets where they belong.
    """
    zone = params["zone"]
    endpoint = params["api_endpoint"]
    if zone and not _ZONE.fullmatch(zone):
        raise InvalidInput(f"zone is {zone!r}, which does not have the shape of an Exoscale zone, for example ch-gva-2")
    if endpoint:
        return _checked_endpoint(endpoint)
    if zone:
        return f"https://api-{zone}.exoscale.com/v2"
    raise InvalidInput(
        "The zone is missing: set the option zone or the environment variable EXOSCALE_ZONE "
        "(or, instead of it, api_endpoint or EXOSCALE_API_ENDPOINT)"
    )


def _checked_endpoint(endpoint: str) -> str:
    shape = _ENDPOINT.fullmatch(endpoint)
    try:
        host = urlsplit(endpoint).hostname
        port_is_valid = urlsplit(endpoint).port != 0
    except ValueError:
        host, port_is_valid = None, False
    if not shape or not host or not port_is_valid:
        # The value is not repeated, for it may hold credentials.
        raise InvalidInput(
            "api_endpoint is not a base URL such as https://api-ch-gva-2.exoscale.com/v2 "
            "(only scheme, host, port and path are allowed)"
        )
    if shape.group(1) == "http" and not is_loopback(host):
        raise InvalidInput(
            f"api_endpoint is {endpoint}, which would send everything in clear text: use https://, or http:// with a "
            "loopback address only"
        )
    return endpoint.rstrip("/")


def _check_numbers(params: dict[str, Any]) -> None:
    if not 1 <= params["api_timeout"] <= _LONGEST_API_TIMEOUT:
        raise InvalidInput(
            "api_timeout is {}, but must be from 1 to {} seconds".format(params["api_timeout"], _LONGEST_API_TIMEOUT)
        )
    if params["api_retries"] < 0:
        raise InvalidInput("api_retries is {}, but must be 0 or more".format(params["api_retries"]))


def _check_credentials(params: dict[str, Any]) -> None:
    missing = [
        f"the option {option} or the environment variable EXOSCALE_{option.upper()}"
        for option in ("api_key", "api_secret")
        if not params[option]
    ]
    if missing:
        raise InvalidInput(
            "Credentials are missing: set {}, on the host where the task runs".format(" and ".join(missing))
        )
    if not _API_KEY.fullmatch(params["api_key"]):
        raise InvalidInput("api_key holds a blank or another character that no Exoscale API key has")
    if params["api_secret"] != params["api_secret"].strip():
        raise InvalidInput("api_secret begins or ends with white space, perhaps from a file that ends with a new line")
