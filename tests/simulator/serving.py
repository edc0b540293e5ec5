# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP/1.1 on a socket of its own, on which anything can go wrong that a test wants."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import h11
from werkzeug.wrappers import Response

#: How connections are used: for one request, which is announced; for many; for one, without a word about it.
CONNECTIONS = ("one each", "kept", "dying")
_CHUNK = 65536
_IDLE_SECONDS = 60
_SILENT = frozenset([204, 304])


class Abandoned(Exception):
    """There is no answer, or it was sent already, and the connection ends."""


class Exchange:
    """One request, on its connection.

    :ivar environ: for WSGI.
    :ivar ends_connection: whether the connection ends together with the answer, which does not announce it.
    """

    def __init__(self, request: h11.Request, body: bytes, connection: socket.socket, scheme: str) -> None:
        self.connection = connection
        self.ends_connection = False
        # A proxy is asked for a whole URL, and some hand it on as it is.
        url = urlsplit(request.target.decode("latin-1"))
        name, port = connection.getsockname()[:2]
        self.environ: dict[str, Any] = {
            "REQUEST_METHOD": request.method.decode("ascii"),
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(url.path).decode("latin-1"),
            "QUERY_STRING": url.query,
            "SERVER_NAME": name,
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": connection.getpeername()[0],
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": scheme,
            "wsgi.input": BytesIO(body),
            "wsgi.errors": BytesIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "CONTENT_LENGTH": str(len(body)),
        }
        for raw_name, raw_value in request.headers:
            key = raw_name.decode("ascii").upper().replace("-", "_")
            if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
                key = f"HTTP_{key}"
            self.environ[key] = raw_value.decode("latin-1")


class HttpServer:
    """
    :param answer: gives the answer to an exchange; :class:`Abandoned` and :class:`OSError` end the connection instead.
    :param tls: each connection begins with a handshake.
    """

    def __init__(
        self, port: int, answer: Callable[[Exchange], Response], connections: str, tls: ssl.SSLContext | None
    ) -> None:
        if connections not in CONNECTIONS:
            raise ValueError(f"connections are {', '.join(CONNECTIONS)}, and not {connections}")
        serve = self._serve

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                # Whoever has asked may be gone at any time.
                with contextlib.suppress(OSError, Abandoned, h11.RemoteProtocolError):
                    serve(self.request)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            block_on_close = False
            request_queue_size = 128

        self._answer = answer
        self._connections = connections
        self._tls = tls
        self._server = Server(("127.0.0.1", port), Handler)
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _serve(self, client: socket.socket) -> None:
        client.settimeout(_IDLE_SECONDS)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls is None:
            self._serve_all(client)
            return
        with self._tls.wrap_socket(client, server_side=True) as secure:
            self._serve_all(secure)

    def _serve_all(self, client: socket.socket) -> None:
        scheme = "http" if self._tls is None else "https"
        protocol = h11.Connection(h11.SERVER)
        while True:
            request = _next_event(protocol, client)
            if not isinstance(request, h11.Request):
                return
            body = b""
            while isinstance(part := _next_event(protocol, client), h11.Data):
                body += part.data
            exchange = Exchange(request, body, client, scheme)
            answer = self._answer(exchange)
            ends = exchange.ends_connection or self._connections == "dying"
            if ends:
                hold_back(client)
            closes = [("Connection", "close")] if self._connections == "one each" else []
            client.sendall(_encoded(protocol, answer, closes))
            if ends or protocol.our_state is not h11.DONE:
                return
            protocol.start_next_cycle()


def hold_back(connection: socket.socket) -> None:
    """Let what is sent from now on arrive together with the end of the connection, so that nobody sees one alone."""
    if hasattr(socket, "TCP_CORK"):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)


def _next_event(protocol: h11.Connection, client: socket.socket) -> Any:
    while (event := protocol.next_event()) is h11.NEED_DATA:
        protocol.receive_data(client.recv(_CHUNK))
    return event


def _encoded(protocol: h11.Connection, answer: Response, more: list[tuple[str, str]]) -> bytes:
    headers = [*answer.headers.items(), *more]
    head = protocol.send(
        h11.Response(
            status_code=answer.status_code,
            headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers],
            reason=answer.status.partition(" ")[2].encode("latin-1"),
        )
    )
    data = b"" if answer.status_code in _SILENT else protocol.send(h11.Data(data=answer.get_data())) or b""
    return (head or b"") + data + (protocol.send(h11.EndOfMessage()) or b"")
