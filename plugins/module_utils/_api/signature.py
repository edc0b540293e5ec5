# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exoscale's request signature, EXO2-HMAC-SHA256."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING, Callable
from urllib.parse import parse_qs, urlsplit

from .libraries import AuthBase

if TYPE_CHECKING:
    from requests import PreparedRequest

#: Seconds for which a signature is valid, as in the vendor's clients.
VALIDITY = 600


class Exo2Auth(AuthBase):
    """Signs each request as it is sent, so that one which is sent again gets a fresh expiry.

    :param wall_clock: returns the Unix time in seconds.
    """

    def __init__(self, api_key: str, api_secret: str, wall_clock: Callable[[], float]) -> None:
        self._api_key = api_key
        self._api_secret = api_secret.encode("utf-8")
        self._wall_clock = wall_clock

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        url = urlsplit(request.url or "")
        body = request.body or b""
        single = {name: values[0] for name, values in parse_qs(str(url.query)).items() if len(values) == 1}
        expires = str(int(self._wall_clock()) + VALIDITY)
        message = b"\n".join(
            [
                f"{request.method} {url.path}".encode(),
                body.encode("utf-8") if isinstance(body, str) else bytes(body),
                "".join(single[name] for name in sorted(single)).encode("utf-8"),
                b"",
                expires.encode("ascii"),
            ]
        )
        signature = base64.b64encode(hmac.new(self._api_secret, message, hashlib.sha256).digest()).decode("ascii")
        parts = [f"credential={self._api_key}"]
        if single:
            parts.append("signed-query-args={}".format(";".join(sorted(single))))
        parts += [f"expires={expires}", f"signature={signature}"]
        request.headers["Authorization"] = "EXO2-HMAC-SHA256 " + ",".join(parts)
        return request
