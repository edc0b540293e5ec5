# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options become a client: where to, and as whom."""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING, Any, Mapping, NamedTuple
from urllib.parse import urlsplit
from urllib.request import getproxies

from .._api.client import Client
from .._api.errors import InvalidInput
from .._api.signature import Exo2Auth
from .._api.values import is_loopback
from .options import BROKEN, NULL_ITEM, RANGES

if TYPE_CHECKING:
    from .._api.clock import Clock
    from .options import Declaration
    from .redaction import Redactor

_ZONE = r"[a-z]{2}-[a-z]{2,5}-[0-9]{1,2}"
_ENDPOINT = r"(https?)://[A-Za-z0-9.\[\]:-]+(/[A-Za-z0-9._~-]+)*/?"
_API_KEY = re.compile(r"[!-+\--~]+", re.ASCII)
_PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
_URL_VARIABLES = (*_PROXY_VARIABLES, "EXOSCALE_API_ENDPOINT")
_LONGEST_NUMBER_SHOWN = 20


class Connection(NamedTuple):
    """Where the API is, who asks it, and how.

    :param base_url: without a slash at its end.
    :param where_from: the option that names the host.
    :param timeout: seconds for one request.
    :param retries: how many more times a request that failed for a moment is sent.
    """

    base_url: str
    where_from: str
    api_key: str
    api_secret: str
    validate_certs: bool = True
    timeout: int = 30
    retries: int = 5

    def __repr__(self) -> str:
        return f"Connection({self.base_url!r})"

    @classmethod
    def from_params(cls, params: dict[str, Any], environment: Mapping[str, str] | None = None) -> Connection:
        """
        :param environment: ``None`` for that of the process.
        :raises InvalidInput: an option or a variable cannot be right, or is missing.
        """
        environment = os.environ if environment is None else environment
        check_numbers(params)
        api_key, api_secret = credentials(params, environment)
        base_url, where_from = base_url_of(params, environment)
        return cls(
            base_url,
            where_from,
            api_key,
            api_secret,
            params["validate_certs"],
            params["api_timeout"],
            params["api_retries"],
        )

    def client(self, redactor: Redactor, *, read_only: bool, clock: Clock = time) -> Client:
        """
        :param read_only: refuse every method but GET.
        :raises InvalidInput: the proxy of the environment is none.
        """
        proxies = None
        if getproxies():
            # Imported where there is a proxy: a module compiles whatever it imports, each time it starts.
            from .._api.proxies import proxies_for

            proxies, secrets = proxies_for(self.base_url)
            redactor.add(*secrets)
        return Client(
            self.base_url,
            Exo2Auth(self.api_key, self.api_secret, clock.time),
            timeout=self.timeout,
            retries=self.retries,
            validate_certs=self.validate_certs,
            proxies=proxies,
            where_from=self.where_from,
            read_only=read_only,
            clock=clock,
            observe=redactor.learn,
            redact=redactor.answer,
        )


def learn_secrets(
    declaration: Declaration,
    params: Mapping[str, Any],
    redactor: Redactor,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Let the redactor know all that may be a secret, before anything of it is looked at."""
    environment = os.environ if environment is None else environment
    redactor.add(*(params.get(name) for name, option in declaration.options.items() if option.get("no_log")))
    redactor.add(environment.get("EXOSCALE_API_KEY"), environment.get("EXOSCALE_API_SECRET"))
    urls = [environment.get(variable) for variable in _URL_VARIABLES] + [params.get("api_endpoint")]
    with_passwords = [str(url) for url in urls if "@" in str(url)]
    if with_passwords:
        # As above.
        from .._api.proxies import passwords_in

        redactor.add(*(password for url in with_passwords for password in passwords_in(url)))
    redactor.learn(dict(params))


def credentials(params: Mapping[str, Any], environment: Mapping[str, str]) -> tuple[str, str]:
    """Key and secret, both from the options or both from the environment.

    :raises InvalidInput: a half is missing, or cannot be right.
    """
    key, secret = params["api_key"], params["api_secret"]
    if bool(key) != bool(secret):
        given, other = ("api_key", "api_secret") if key else ("api_secret", "api_key")
        raise InvalidInput(
            f"The option {given} is given without {other}: set both, or none of them to use the environment variables "
            "EXOSCALE_API_KEY and EXOSCALE_API_SECRET"
        )
    if not key:
        key, secret = environment.get("EXOSCALE_API_KEY"), environment.get("EXOSCALE_API_SECRET")
    if not key or not secret:
        halves = {"EXOSCALE_API_KEY": key, "EXOSCALE_API_SECRET": secret}
        there = "".join(f" (of these, {name} is set)" for name, value in halves.items() if value)
        raise InvalidInput(
            "Credentials are missing: set the options api_key and api_secret, or the environment variables "
            f"EXOSCALE_API_KEY and EXOSCALE_API_SECRET on the host where the task runs{there}"
        )
    if not _API_KEY.fullmatch(key):
        raise InvalidInput("api_key holds a space or another character that no Exoscale API key has")
    if secret != secret.strip():
        raise InvalidInput("api_secret begins or ends with white space, perhaps from a file that ends with a new line")
    try:
        secret.encode("utf-8")
    except UnicodeEncodeError:
        raise InvalidInput("api_secret is not valid UTF-8 text") from None
    return key, secret


def base_url_of(params: Mapping[str, Any], environment: Mapping[str, str]) -> tuple[str, str]:
    """The base URL without a slash at its end, and the name of the option that it comes from.

    :raises InvalidInput: both options are missing, or one has not the shape that keeps the secrets where they belong.
    """
    zone = params["zone"] or environment.get("EXOSCALE_ZONE")
    endpoint = params["api_endpoint"] or environment.get("EXOSCALE_API_ENDPOINT")
    if zone and not re.fullmatch(_ZONE, zone):
        raise InvalidInput(f"zone is {zone!r}, which does not have the shape of an Exoscale zone, for example ch-gva-2")
    if endpoint:
        return _checked_endpoint(endpoint), "api_endpoint"
    if zone:
        return f"https://api-{zone}.exoscale.com/v2", "zone"
    raise InvalidInput(
        "The zone is missing: set the option zone or the environment variable EXOSCALE_ZONE "
        "(or, instead of it, api_endpoint or EXOSCALE_API_ENDPOINT)"
    )


def check_numbers(params: Mapping[str, Any]) -> None:
    """
    :raises InvalidInput: a number is out of its range.
    """
    for name, (least, most) in RANGES.items():
        value = params.get(name)
        if value is not None and not least <= value <= most:
            text = str(value) if abs(value) < 10**_LONGEST_NUMBER_SHOWN else "a number of many digits"
            raise InvalidInput(f"{name} is {text}, but must be from {least} to {most}")


def refuse_what_ansible_takes(params: Mapping[str, Any], options: Mapping[str, Mapping[str, Any]]) -> None:
    """Ansible takes ``true`` for a number, namely 1, and broken text for text.

    :raises InvalidInput: a number is given as ``true`` or ``false``, ``null`` in a list, or a text that is no Unicode.
    """
    for name, option in options.items():
        value = params.get(name)
        if option.get("type") == "int" and isinstance(value, bool):
            raise InvalidInput(f"{name} is {str(value).lower()}, but must be a number")
        if isinstance(value, list) and NULL_ITEM in value:
            raise InvalidInput(
                f"Item {value.index(NULL_ITEM) + 1} of {name} is null, but must be a text. Perhaps nothing stands "
                "behind its dash, or a variable is not set"
            )
        if not isinstance(value, (bool, int)) and BROKEN in str(value):
            # The value is not repeated, for it may be a secret.
            raise InvalidInput(
                f"{name} is not valid UTF-8 text: it holds U+FFFD, which stands for what is no character"
            )


def _checked_endpoint(endpoint: str) -> str:
    shape = re.fullmatch(_ENDPOINT, endpoint)
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
