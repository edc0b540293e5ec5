# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One exchange with a server over :mod:`requests`, bounded in time and size.

It knows for certain whether any part of a request was sent: nothing but the first byte after the connection, the
tunnel and TLS are ready counts, whatever exception ends it, and whether a proxy is on the way or not.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from http.client import HTTPResponse, parse_headers
from typing import TYPE_CHECKING, Any, List

from .libraries import HTTPAdapter, HTTPConnectionPool, HTTPSConnectionPool, requests

if TYPE_CHECKING:
    from typing import Callable, Iterable, Iterator, Mapping

    from .libraries import AuthBase

#: A whole exchange may take this many times what a single wait for the server may take.
TOTAL_TIMEOUT_FACTOR = 2
_LARGEST_BODY = 16 * 1024 * 1024
_CHUNK = 64 * 1024
_ABORT_AGAIN = 0.2
#: Statuses behind which the answer is still to come; 101 is the last one in HTTP.
_FIRST_OF_HINTS, _LAST_OF_HINTS = 102, 199


class Answer:
    """What came back; ``body`` is decoded from gzip and the like, and not yet from bytes."""

    def __init__(self, status: int, reason: str, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.reason = reason
        self.headers = headers
        self.body = body


class ExchangeFailed(Exception):
    """No answer, or not all of it; the cause is what :mod:`requests` raised.

    ``sent`` tells whether the server may have got the request, ``reason`` names a bound of ours that was hit.
    """

    def __init__(self, sent: bool, reason: str | None) -> None:
        super().__init__(reason)
        self.sent = sent
        self.reason = reason


class Transport:
    """One HTTP session, for one thread.

    :param validate_certs: whether to verify TLS certificates.
    :param proxies: for :mod:`requests`; ``None`` leaves them to the environment.
    """

    def __init__(
        self, auth: AuthBase, headers: dict[str, str], *, validate_certs: bool, proxies: dict[str, str] | None
    ) -> None:
        self._exchange = _Exchange()
        self._validate_certs = validate_certs
        self._proxies = proxies
        self._session = requests.Session()
        # An explicit auth keeps requests from looking into netrc.
        self._session.auth = auth
        self._session.headers.update(headers)
        # Else requests reads the whole body of a redirect, whatever its size, though it must not follow it.
        self._session.get_redirect_target = _no_target  # type: ignore[method-assign,assignment]
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _Adapter(self._exchange))

    def close(self) -> None:
        self._session.close()

    def abort(self) -> None:
        """End the request that another thread waits for."""
        self._exchange.is_unwanted = True
        self._exchange.abort()

    def exchange(
        self, method: str, url: str, *, query: dict[str, str] | None, data: bytes | None, timeout: float
    ) -> Answer:
        """
        :param timeout: seconds for the connection, and for each part of the answer.
        :raises ExchangeFailed: there is no answer, or not all of it.
        """
        watched = self._exchange
        watched.begin()
        over = threading.Event()
        threading.Thread(target=watched.abort_after, args=(timeout * TOTAL_TIMEOUT_FACTOR, over), daemon=True).start()
        try:
            response = self._session.request(
                method,
                url,
                params=query,
                data=data,
                headers={"Content-Type": "application/json"} if data is not None else None,
                timeout=timeout,
                # Given here and not on the session, where environment variables would override it.
                verify=self._validate_certs,
                proxies=self._proxies,
                allow_redirects=False,
                stream=True,
            )
            with contextlib.closing(response):
                body = _read(response)
            # To http.client the end of a connection in the middle of the headers is just the end of the headers.
            watched.raise_if_aborted()
            return Answer(response.status_code, str(response.reason or ""), response.headers, body)
        # Whatever goes wrong between here and the server, in requests or below it, is a failure of the exchange.
        except Exception as error:
            raise ExchangeFailed(watched.sent, watched.reason_of(error)) from error
        finally:
            over.set()
            watched.end()


class _OfEachAddress(List[Any]):
    """Options of a socket, through which urllib3 goes for each address of a host.

    It waits for each one for as long as for the only one, so that ``check`` may have to refuse another one.
    """

    def __init__(self, options: Iterable[Any], check: Callable[[], None]) -> None:
        super().__init__(options)
        self._check = check

    def __iter__(self) -> Iterator[Any]:
        self._check()
        return super().__iter__()


def _no_target(_response: requests.Response) -> None:
    return None


class _TooLarge(Exception):
    """The body is larger than any answer of the API."""


class _TooSlow(Exception):
    """The answer was not complete in time."""


def _read(response: requests.Response) -> bytes:
    body = bytearray()
    for chunk in response.iter_content(_CHUNK):
        body += chunk
        if len(body) > _LARGEST_BODY:
            raise _TooLarge
    return bytes(body)


class _Exchange:
    """How far the exchange that is under way has come."""

    def __init__(self) -> None:
        self._connection: Any = None
        #: Nobody wants this exchange, or any later one.
        self.is_unwanted = False
        self.begin()

    def begin(self) -> None:
        self.sent = False
        self._connection = None
        self._aborted = False

    def uses(self, connection: Any) -> None:
        self._connection = connection
        self.raise_if_aborted()

    def is_used_by(self, connection: Any) -> bool:
        return self._connection is connection

    def end(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None and connection.sock is None:
            connection.release()

    def abort(self) -> None:
        """End it from another thread."""
        self._aborted = True
        line = getattr(self._connection, "line", None)
        if line is not None:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def abort_after(self, seconds: float, over: threading.Event) -> None:
        """End it from another thread: whoever waits for the server is told that the connection has ended."""
        while not over.wait(seconds):
            self.abort()
            # Another connection may have been made in the meantime, for a tunnel for example.
            seconds = _ABORT_AGAIN

    def raise_if_aborted(self) -> None:
        if self._aborted:
            raise _TooSlow

    def reason_of(self, error: Exception) -> str | None:
        if self._aborted and self.is_unwanted:
            return "the task was interrupted before the answer was complete"
        if self._aborted and not isinstance(error, requests.exceptions.ConnectTimeout):
            return f"the answer was not complete within {TOTAL_TIMEOUT_FACTOR} times api_timeout"
        if isinstance(error, _TooLarge):
            return f"the answer is larger than {_LARGEST_BODY // 1024 // 1024} MiB"
        return None


class _Adapter(HTTPAdapter):
    """Lets each connection tell how far it has come."""

    def __init__(self, exchange: _Exchange) -> None:
        self._pools = _watched_pools(exchange)
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, *args: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(*args, **options)
        manager.pool_classes_by_scheme = self._pools
        return manager


def _watched_pools(exchange: _Exchange) -> dict[str, Any]:
    pools: dict[str, Any] = {}
    for scheme, pool in (("http", HTTPConnectionPool), ("https", HTTPSConnectionPool)):
        connection = _watched_connection(pool.ConnectionCls, exchange)
        pools[scheme] = type("Watched" + pool.__name__, (pool,), {"ConnectionCls": connection})
    return pools


class _FinalResponse(HTTPResponse):
    """Passes over answers that only announce another one, of which Python knows 100 alone: RFC 9110, 15.2."""

    def _read_status(self) -> Any:
        while True:
            status_line = super()._read_status()  # type: ignore[misc]
            if not _FIRST_OF_HINTS <= status_line[1] <= _LAST_OF_HINTS:
                return status_line
            parse_headers(self.fp)


def _watched_connection(base: Any, exchange: _Exchange) -> Any:
    class WatchedConnection(base):  # type: ignore[misc]
        response_class = _FinalResponse
        _connecting = False
        socket_options: Any
        #: A second handle on the socket, since layers of TLS, and the end of the headers, take the first one away.
        line: Any = None

        def _new_conn(self) -> Any:
            exchange.uses(self)
            began = time.monotonic()

            def check_time() -> None:
                if time.monotonic() - began > self.timeout * (TOTAL_TIMEOUT_FACTOR - 0.5):
                    raise socket.timeout("timed out")

            options = self.socket_options
            self.socket_options = _OfEachAddress(options or (), check_time)
            try:
                made = super()._new_conn()
            finally:
                self.socket_options = options
            self.release()
            self.line = socket.socket(fileno=os.dup(made.fileno()))
            return made

        def connect(self) -> None:
            exchange.uses(self)
            self._connecting = True
            try:
                super().connect()
            finally:
                self._connecting = False

        def send(self, data: Any) -> None:
            exchange.uses(self)
            if self.sock is None and self.auto_open:
                self.connect()
            # What is sent while connecting asks a proxy for a tunnel.
            if not self._connecting:
                exchange.sent = True
            super().send(data)

        def close(self) -> None:
            super().close()
            # The answer may still be read from a connection that is closed for further requests.
            if not exchange.is_used_by(self):
                self.release()

        def release(self) -> None:
            line, self.line = self.line, None
            if line is not None:
                line.close()

    return WatchedConnection
