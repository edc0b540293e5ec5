# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which base URLs a secret may be sent to."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from .values import is_loopback

_SHAPE = r"(https?)://[A-Za-z0-9.\[\]:-]+(/[A-Za-z0-9._~-]+)*/?"


def why_unsafe(url: str) -> str | None:
    """What is wrong with a base URL, as the rest of a sentence; ``None`` if secrets may be sent there."""
    shape = re.fullmatch(_SHAPE, url)
    try:
        host = urlsplit(url).hostname
        port_is_valid = urlsplit(url).port != 0
    except ValueError:
        host, port_is_valid = None, False
    if not shape or not host or not port_is_valid:
        # The value is not repeated, for it may hold credentials.
        return (
            "is not a base URL such as https://api-ch-gva-2.exoscale.com/v2 (only scheme, host, port and path are "
            "allowed)"
        )
    if shape.group(1) == "http" and not is_loopback(host):
        return (
            f"is {url}, which would send everything in clear text: use https://, or http:// with a loopback address "
            "only"
        )
    return None
