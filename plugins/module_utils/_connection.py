# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What :mod:`requests` raises, in words."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass

with contextlib.suppress(ImportError):
    import requests

_PASSWORD_IN_URL = re.compile(r"//[^/@\s]*@")
_OBJECT_ADDRESS = re.compile(r"<[\w.]+ object at 0x[0-9a-f]+>: ?|\w+\(host='[^']*', port=\d+\): ?")


@dataclass(frozen=True)
class Failure:
    """Why there is no answer.

    ``may_have_arrived`` tells whether the server may have carried out the request.
    """

    text: str
    transient: bool = True
    may_have_arrived: bool = True


def describe_failure(error: Exception) -> Failure:
    """Put what requests raised into words, without the parts of it that may be secret."""
    exceptions = requests.exceptions
    cause = _root_cause(error)
    if isinstance(error, exceptions.SSLError):
        if "CERTIFICATE_VERIFY_FAILED" in cause or "doesn't match" in cause:
            return Failure(
                f"the TLS certificate cannot be verified ({cause}). If a private certificate authority signed it, "
                "let REQUESTS_CA_BUNDLE name that authority's file",
                transient=False,
                may_have_arrived=False,
            )
        return Failure(f"the TLS connection failed ({cause})")
    if isinstance(error, exceptions.ProxyError):
        return Failure(
            f"the proxy could not be used ({cause}). Check the environment variables HTTPS_PROXY, HTTP_PROXY and "
            "NO_PROXY of the host where the task runs",
            may_have_arrived=False,
        )
    if isinstance(error, exceptions.ConnectTimeout):
        return Failure("no connection within api_timeout", may_have_arrived=False)
    if isinstance(error, exceptions.Timeout):
        return Failure("no answer within api_timeout")
    if isinstance(error, exceptions.ConnectionError):
        if _never_connected(error):
            return Failure(f"no connection ({cause})", may_have_arrived=False)
        return Failure(f"the connection broke off before the answer was complete ({cause})")
    if isinstance(error, (exceptions.ChunkedEncodingError, exceptions.ContentDecodingError)):
        return Failure(f"the connection broke off before the answer was complete ({cause})")
    return Failure(
        f"the request or its answer could not be handled ({cause}). Check api_endpoint, and the proxy and certificate "
        "settings in the environment",
        transient=False,
        may_have_arrived=False,
    )


def _never_connected(error: Exception) -> bool:
    reason = getattr(error.args[0], "reason", None) if error.args else None
    names = {kind.__name__ for kind in type(reason).__mro__}
    return "NewConnectionError" in names


def _root_cause(error: BaseException) -> str:
    innermost = error
    while True:
        inner = getattr(innermost, "reason", None)
        if not isinstance(inner, BaseException):
            inner = next((part for part in innermost.args if isinstance(part, BaseException)), None)
        if inner is None or inner is innermost:
            break
        innermost = inner
    text = _OBJECT_ADDRESS.sub("", str(innermost)) or type(innermost).__name__
    return _PASSWORD_IN_URL.sub("//", text)
