# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verifies EXO2-HMAC-SHA256 signatures, independently of the code under test."""

from __future__ import annotations

import base64
import hashlib
import hmac

#: Seconds that a signature may be valid for.
LONGEST_VALIDITY = 900


def refusal(
    *,
    authorization: str,
    method: str,
    path: str,
    query: dict[str, list[str]],
    body: bytes,
    api_key: str,
    api_secret: str,
    now: float,
) -> str | None:
    """Why the request is not accepted, or None if it is.

    :param path: as sent, with ``/v2``.
    :param query: all values of each query parameter.
    """
    scheme, _blank, rest = authorization.partition(" ")
    if scheme != "EXO2-HMAC-SHA256":
        return "The Authorization header is missing or has another scheme"
    parts = dict(part.partition("=")[::2] for part in rest.split(","))
    if parts.get("credential") != api_key:
        return "The API key is unknown"
    expires = parts.get("expires", "")
    if not expires.isdigit():
        return "The signature has no expiry"
    if int(expires) < now:
        return "The signature has expired"
    if int(expires) > now + LONGEST_VALIDITY:
        return "The signature is valid for too long"
    signed = [name for name in parts.get("signed-query-args", "").split(";") if name]
    if signed != sorted(name for name in query if len(query[name]) == 1):
        return "The query parameters are not the signed ones"
    message = b"\n".join(
        [
            f"{method} {path}".encode(),
            body,
            "".join(query[name][0] for name in signed).encode(),
            b"",
            expires.encode(),
        ]
    )
    signature = hmac.new(api_secret.encode(), message, hashlib.sha256).digest()
    if not hmac.compare_digest(base64.b64encode(signature).decode("ascii"), parts.get("signature", "")):
        return "The signature is wrong"
    return None
