# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options become a client: where to, and as whom."""

from __future__ import annotations

import os
import re
import time
from functools import cached_property
from typing import TYPE_CHECKING, Any, Mapping, NamedTuple
from urllib.request import getproxies

from .._api.base_url import why_unsafe
from .._api.client import Client
from .._api.errors import InvalidInput
from .._api.signature import Exo2Auth
from .._api.values import leaves
from .options import BROKEN, NULL_ITEM, RANGES

if TYPE_CHECKING:
    from .._api.account import Account
    from .._api.clock import Clock
    from .options import Declaration
    from .redaction import Redactor

_ZONE = r"[a-z]{2}-[a-z]{2,5}-[0-9]{1,2}"
_API_KEY = re.compile(r"[!-+\--~]+", re.ASCII)
_PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
_URL_VARIABLES = (*_PROXY_VARIABLES, "EXOSCALE_API_ENDPOINT")
_PAIR = ("EXOSCALE_API_KEY", "EXOSCALE_API_SECRET")
_LONGEST_NUMBER_SHOWN = 20
#: A shorter text is hardly a secret, and may be part of any other.
_SHORTEST_MISSPELT = 6


class Connection(NamedTuple):
    """Where the API is, who asks it, and how.

    :param base_url: without a slash at its end.
    :param where_from: the option that names the host.
    :param key_from: what tells the credentials, if it is no option.
    :param timeout: seconds for one request.
    :param retries: how many more times a request that failed for a moment is sent.
    :param proxies: for :mod:`requests`; ``None`` leaves them to the environment.
    """

    base_url: str
    where_from: str
    api_key: str
    api_secret: str
    validate_certs: bool = True
    timeout: int = 30
    retries: int = 5
    proxies: dict[str, str] | None = None
    key_from: str | None = None

    def __repr__(self) -> str:
        return f"Connection({self.base_url!r})"

    @classmethod
    def from_params(
        cls, params: dict[str, Any], redactor: Redactor, environment: Mapping[str, str] | None = None
    ) -> Connection:
        """
        :param redactor: learns the secrets of a file of accounts.
        :param environment: ``None`` for that of the process.
        :raises InvalidInput: an option, a variable or an account cannot be right, or is missing.
        """
        environment = os.environ if environment is None else environment
        check_numbers(params)
        file = AccountFile(params, environment, redactor)
        pair = given_pair(params, environment)
        if pair is None:
            file.require()
        base_url, where_from = base_url_of(params, environment, file)
        proxies = None
        if getproxies():
            # Imported where there is a proxy: a module compiles whatever it imports, each time it starts.
            from .._api.proxies import proxies_for

            proxies, secrets = proxies_for(base_url)
            redactor.add(*secrets)
        # The command that tells a secret is run when nothing else can be refused any more.
        api_key, api_secret = credentials(params, environment, file)
        return cls(
            base_url,
            where_from,
            api_key,
            api_secret,
            params["validate_certs"],
            params["api_timeout"],
            params["api_retries"],
            proxies,
            str(file.account) if pair is None else _key_from(pair),
        )

    def client(self, redactor: Redactor, *, read_only: bool, clock: Clock = time) -> Client:
        """
        :param read_only: refuse every method but GET.
        """
        return Client(
            self.base_url,
            Exo2Auth(self.api_key, self.api_secret, clock.time),
            timeout=self.timeout,
            retries=self.retries,
            validate_certs=self.validate_certs,
            proxies=self.proxies,
            where_from=self.where_from,
            key_from=self.key_from,
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
    redactor.add(*map(environment.get, _PAIR))
    urls = [environment.get(variable) for variable in _URL_VARIABLES] + [params.get("api_endpoint")]
    with_passwords = [str(url) for url in urls if "@" in str(url)]
    if with_passwords:
        # As above.
        from .._api.proxies import passwords_in

        redactor.add(*(password for url in with_passwords for password in passwords_in(url)))
    redactor.learn(dict(params))
    for name, options in declaration.inner.items():
        _learn_misspelt(params.get(name), options, redactor)


def _learn_misspelt(value: Any, options: Mapping[str, Any], redactor: Redactor) -> None:
    """What is no option may be a secret whose name is misspelt, and is logged before anybody refuses it."""
    if isinstance(value, str):
        redactor.learn(value)
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            unknown = [leaf for key, inner in each.items() if key not in options for leaf in leaves(inner)]
            redactor.add(*(leaf for leaf in unknown if len(leaf) >= _SHORTEST_MISSPELT))
        elif each is not value:
            _learn_misspelt(each, options, redactor)


class AccountFile:
    """The account of the vendor's client, which is read when it is asked for."""

    def __init__(self, params: Mapping[str, Any], environment: Mapping[str, str], redactor: Redactor) -> None:
        self._params = params
        self._environment = environment
        self._redactor = redactor

    @cached_property
    def account(self) -> Account | None:
        """
        :raises InvalidInput: the file cannot be used, or has no such account.
        """
        # Imported where options and environment leave something open: a module compiles whatever it imports, each time
        # it starts.
        from .._api.account import account_of

        return account_of(
            self._params.get("account"), self._params.get("config_file"), self._environment, self._redactor.add
        )

    def places(self) -> str:
        """Where it was looked for, inside a sentence."""
        from .._api.account import places_of

        return " or ".join(places_of(self._environment))

    def require(self) -> Account:
        """
        :raises InvalidInput: there is no account, or it lacks something, so that nothing tells the credentials.
        """
        if self.account is None:
            halves = [name for name in _PAIR if self._environment.get(name)]
            there = f" (of these, {halves[0]} is set)" if halves else ""
            raise InvalidInput(
                "Credentials are missing: set the options api_key and api_secret, or the environment variables "
                f"EXOSCALE_API_KEY and EXOSCALE_API_SECRET on the host where the task runs{there}, or let the file of "
                f"the vendor's client name an account; there is no {self.places()}"
            )
        self.account.check()
        return self.account

    def credentials(self) -> tuple[str, str]:
        """
        :raises InvalidInput: there is no account, or it does not tell them.
        """
        return self.require().credentials(float(self._params["api_timeout"]), self._redactor.add)


def given_pair(params: Mapping[str, Any], environment: Mapping[str, str]) -> tuple[str, str, str, str] | None:
    """Key and secret of the options, or else of the environment, and the names of where they come from.

    ``None`` if an account is asked for, or neither tells both.

    :raises InvalidInput: a half is missing among the options.
    """
    key, secret = params["api_key"], params["api_secret"]
    if bool(key) != bool(secret):
        given, other = ("api_key", "api_secret") if key else ("api_secret", "api_key")
        raise InvalidInput(
            f"The option {given} is given without {other}: set both, or none of them to use the environment variables "
            "EXOSCALE_API_KEY and EXOSCALE_API_SECRET, or an account"
        )
    if key:
        return key, secret, "api_key", "api_secret"
    key, secret = (environment.get(name) for name in _PAIR)
    return (key, secret, *_PAIR) if key and secret and not params.get("account") else None


def _key_from(pair: tuple[str, str, str, str]) -> str | None:
    key_name, secret_name = pair[2:]
    return f"{key_name} and {secret_name}" if key_name in _PAIR else None


def credentials(params: Mapping[str, Any], environment: Mapping[str, str], file: AccountFile) -> tuple[str, str]:
    """Key and secret, both from the same place: options, an account that the options name, environment, file.

    :raises InvalidInput: a half is missing, or cannot be right.
    """
    pair = given_pair(params, environment)
    if pair is not None:
        key, secret, key_name, secret_name = pair
        _check_key(key, key_name)
    else:
        _check_key(str(file.require().key), f"The key of {file.account}")
        key, secret = file.credentials()
        secret_name = f"The secret of {file.account}"
    if secret != secret.strip():
        raise InvalidInput(
            f"{secret_name} begins or ends with white space, perhaps from a file that ends with a new line"
        )
    try:
        secret.encode("utf-8")
    except UnicodeEncodeError:
        raise InvalidInput(f"{secret_name} is not valid UTF-8 text") from None
    return key, secret


def _check_key(key: str, name: str) -> None:
    if not _API_KEY.fullmatch(key):
        raise InvalidInput(f"{name} holds a space or another character that no Exoscale API key has")


def base_url_of(params: Mapping[str, Any], environment: Mapping[str, str], file: AccountFile) -> tuple[str, str]:
    """The base URL without a slash at its end, and the name of what it comes from.

    :raises InvalidInput: nothing tells it, or not in the shape that keeps the secrets where they belong.
    """
    zone, zone_from = params["zone"] or environment.get("EXOSCALE_ZONE"), "zone"
    endpoint, endpoint_from = params["api_endpoint"] or environment.get("EXOSCALE_API_ENDPOINT"), "api_endpoint"
    if not zone and not endpoint and file.account is not None:
        zone, zone_from = file.account.default_zone, f"defaultZone of {file.account}"
        endpoint, endpoint_from = file.account.endpoint, f"endpoint of {file.account}"
    if zone and not re.fullmatch(_ZONE, zone):
        raise InvalidInput(
            f"{zone_from} is {zone!r}, which does not have the shape of an Exoscale zone, for example ch-gva-2"
        )
    if endpoint:
        return _checked_endpoint(endpoint, endpoint_from), endpoint_from
    if zone:
        return f"https://api-{zone}.exoscale.com/v2", zone_from
    said = f"there is no {file.places()}" if file.account is None else f"{file.account} has none"
    raise InvalidInput(
        "The zone is missing: set the option zone or the environment variable EXOSCALE_ZONE (or, instead of it, "
        f"api_endpoint or EXOSCALE_API_ENDPOINT), or the defaultZone of an account of the vendor's client; {said}"
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
        if "dict" in (option.get("type"), option.get("elements")):
            # It holds options, which are refused one by one.
            continue
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


def _checked_endpoint(endpoint: str, name: str) -> str:
    why = why_unsafe(endpoint)
    if why:
        raise InvalidInput(f"{name} {why}")
    return endpoint.rstrip("/")
