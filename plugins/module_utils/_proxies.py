# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which proxies a base URL may use."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

try:
    import requests
    import requests.utils
except ImportError:
    pass


def is_loopback(host: str | None) -> bool:
    """Whether ``host`` can only be this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def proxies_for(base_url: str) -> dict[str, str] | None:
    """The ``proxies`` argument for requests to ``base_url``; None leaves all to the environment.

    Without TLS the base URL is a loopback address, and a proxy elsewhere would get what is meant
    to stay on this machine in clear text: so such a proxy is not used.
    """
    url = urlsplit(base_url)
    if url.scheme != "http":
        return None
    proxy = requests.utils.select_proxy(base_url, requests.utils.get_environ_proxies(base_url))
    if proxy is None or is_loopback(urlsplit(proxy if "//" in proxy else "//" + proxy).hostname):
        return None
    return {"no_proxy": url.hostname or ""}
