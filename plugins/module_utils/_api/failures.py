# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What :mod:`requests` raises, in words."""

from __future__ import annotations

import re
import socket
from http.client import HTTPException
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from .errors import ConnectionFailed
from .libraries import requests

if TYPE_CHECKING:
    from typing import Iterator

    from .transport import ExchangeFailed

_USER_IN_URL = re.compile(r"//\S*@")
_OBJECT_ADDRESS = re.compile(r"<[\w.]+ object at 0x[0-9a-f]+>: ?|\w+\(host='[^']*', port=\d+\): ?")
#: Exceptions whose text is what the server has sent, which may be anything.
_QUOTING = ("BadStatusLine", "InvalidChunkLength", "UnknownProtocol")
_TUNNEL_REFUSED = "Tunnel connection failed: 4"


class Failure(NamedTuple):
    """Why there is no answer.

    :param unknown_host: the name of the host could not be resolved.
    :param on_the_way: the reason lies here, or between here and the server, which does not know of the request.
    """

    text: str
    transient: bool = True
    unknown_host: bool = False
    on_the_way: bool = False


def describe_failure(failure: ExchangeFailed) -> Failure:
    """Put a failed exchange into words, without the parts of it that may be secret."""
    exceptions = requests.exceptions
    error = failure.__cause__
    cause = _root_cause(error) if error else ""
    if failure.reason:
        return Failure(failure.reason)
    if isinstance(error, exceptions.SSLError):
        if "CERTIFICATE_VERIFY_FAILED" in cause or "doesn't match" in cause:
            return Failure(
                f"the TLS certificate cannot be verified ({cause}). If a private certificate authority signed it, "
                "let REQUESTS_CA_BUNDLE name the file of that authority",
                transient=False,
                on_the_way=True,
            )
        return Failure(f"the TLS connection failed ({cause})", on_the_way=True)
    if not failure.sent and _is_of_proxy(error):
        return Failure(
            f"the proxy could not be used ({cause}). Check the environment variables HTTPS_PROXY, HTTP_PROXY and "
            "NO_PROXY on the host where the task runs",
            transient=_TUNNEL_REFUSED not in cause,
            on_the_way=True,
        )
    if any(isinstance(each, socket.gaierror) or type(each).__name__ == "NameResolutionError" for each in _chain(error)):
        return Failure(f"the name of the host cannot be resolved ({cause})", unknown_host=True, on_the_way=True)
    if isinstance(error, exceptions.ConnectTimeout):
        return Failure("no connection within api_timeout")
    if isinstance(error, exceptions.Timeout):
        return Failure("no answer within api_timeout")
    if failure.sent:
        return Failure(f"the connection broke off before the answer was complete ({cause})")
    if isinstance(error, exceptions.ConnectionError):
        return Failure(f"no connection ({cause})")
    return Failure(
        f"the request could not be sent ({cause}). Check the URL, and the proxy and certificate settings in the "
        "environment",
        transient=False,
        on_the_way=True,
    )


def _is_of_proxy(error: BaseException | None) -> bool:
    """Whether it is a proxy that failed, before the request was sent; nobody else speaks HTTP by then."""
    return any(isinstance(each, (requests.exceptions.ProxyError, HTTPException)) for each in _chain(error))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and what is nested in it."""
    while error is not None:
        yield error
        inner = getattr(error, "reason", None)
        if not isinstance(inner, BaseException):
            inner = next((part for part in error.args if isinstance(part, BaseException)), error.__cause__)
        error = inner if inner is not error else None


def _root_cause(error: BaseException) -> str:
    cause = list(_chain(error))[-1]
    if type(cause).__name__ in _QUOTING:
        return "what came is not HTTP"
    return _USER_IN_URL.sub("//", _OBJECT_ADDRESS.sub("", str(cause)) or type(cause).__name__)


def connection_failed(
    request: str, method: str, exchange: ExchangeFailed, base_url: str, where_from: str, was_reached: bool
) -> ConnectionFailed:
    """The error for a request without an answer.

    :param request: method and path.
    :param where_from: names the option that ``base_url`` comes from.
    :param was_reached: whether the host has answered before.
    """
    failure = describe_failure(exchange)
    host = urlsplit(base_url).netloc
    message = f"{request} to {host} failed: {failure.text}"
    if failure.unknown_host:
        message += f". Check {where_from}: it leads to the host {host}"
    elif not was_reached and not failure.on_the_way:
        message += f". Check {where_from}, which leads to that host, and what lies between it and the host of the task"
    return ConnectionFailed(
        message,
        # A host that was there a moment ago is there again in a moment; one that never was is misspelt.
        transient=failure.transient and (was_reached or not failure.unknown_host),
        may_have_arrived=method != "GET" and exchange.sent,
        detail=failure.text,
    )
