# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which proxies a base URL may use."""

from __future__ import annotations

import base64
import re
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from .errors import InvalidInput
from .libraries import requests
from .values import is_loopback

_NOT_IN_URL = re.compile(r"""[\\\s<>"{}|^`]""")
_USER = re.compile(r"(?:\w+://)?(.*)@", re.DOTALL)


class Proxies(NamedTuple):
    """``mapping`` is for :mod:`requests`, ``None`` leaves the choice to the environment; ``secrets`` are passwords."""

    mapping: dict[str, str] | None
    secrets: frozenset[str]


def proxies_for(base_url: str) -> Proxies:
    """How requests to ``base_url`` use the proxies of the environment.

    Without TLS the base URL is a loopback address, and a proxy elsewhere would get what is meant
    to stay on this machine in clear text: so such a proxy is not used.

    :raises InvalidInput: the proxy that would be used is no URL.
    """
    url = urlsplit(base_url)
    proxy = proxy_of(base_url)
    if proxy is None:
        return Proxies(None, frozenset())
    secrets = passwords_in(proxy)
    host = _host_of(proxy, url.scheme)
    if url.scheme == "http" and not is_loopback(host):
        return Proxies({"no_proxy": url.hostname or ""}, secrets)
    return Proxies(None, secrets)


def proxy_of(base_url: str) -> str | None:
    """The proxy of the environment for requests to ``base_url``; ``None`` if they go there themselves."""
    return requests.utils.select_proxy(base_url, requests.utils.get_environ_proxies(base_url))


def passwords_in(url: str) -> frozenset[str]:
    """The password in a URL, in each form in which it may appear, however malformed the URL is."""
    found = _USER.match(url)
    if not found:
        return frozenset()
    credentials = found.group(1)
    password = credentials.partition(":")[2] or credentials
    basic = [base64.b64encode(each.encode("utf-8", "replace")).decode() for each in (credentials, unquote(credentials))]
    return frozenset(each for each in (password, unquote(password), *basic) if each)


def _host_of(proxy: str, scheme: str) -> str:
    url = proxy if "//" in proxy else "//" + proxy
    try:
        parts = urlsplit(url)
        host, port_is_valid = parts.hostname, parts.port != 0
    except ValueError:
        host, port_is_valid = None, False
    is_odd = _NOT_IN_URL.search(proxy) is not None
    if is_odd or not host or not port_is_valid or "@" in parts.path + parts.query + parts.fragment:
        # The value is not repeated, for it may hold a password.
        raise InvalidInput(
            f"The proxy for {scheme}:// in the environment ({scheme.upper()}_PROXY or ALL_PROXY, on the host where the "
            "task runs) is not a URL such as http://proxy.example.com:3128. Name and password of a user stand before "
            "its host and an @, and characters such as # / ? @ in them must be percent-encoded"
        )
    return host
