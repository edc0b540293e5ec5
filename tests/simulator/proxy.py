# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A proxy that forwards plain requests and opens tunnels, as far as it is told to."""

from __future__ import annotations

import contextlib
import select
import socket
import socketserver
import threading
from urllib.parse import urlsplit

from .serving import hold_back

_TIMEOUT = 30


class Proxy:
    """
    :ivar refusal: the status with which a tunnel is refused; 0 ends the connection instead, None opens it.
    :ivar requests: the first line of each request.
    :ivar destinations: where tunnels to hosts lead that exist in a test only.
    """

    def __init__(self) -> None:
        self.refusal: int | None = None
        self.requests: list[str] = []
        self.destinations: dict[str, tuple[str, int]] = {}
        proxy = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with contextlib.suppress(OSError):
                    proxy._handle(self.request)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:{}".format(self._server.server_address[1])

    def __enter__(self) -> Proxy:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def next_refusal(self) -> int | None:
        """How the next tunnel is refused; see :attr:`refusal`."""
        return self.refusal

    def destination(self, host: str, port: int) -> tuple[str, int]:
        """Where the next tunnel to ``host`` leads."""
        return self.destinations.get(host, (host, port))

    def _handle(self, client: socket.socket) -> None:
        client.settimeout(_TIMEOUT)
        head = _read_head(client)
        if not head:
            return
        line, _end, fields = head.partition(b"\r\n")
        self.requests.append(line.decode("latin-1"))
        method, target, version = line.split(b" ")
        if method == b"CONNECT":
            self._tunnel(client, target.decode("ascii"))
            return
        url = urlsplit(target.decode("latin-1"))
        path = (url.path + ("?" + url.query if url.query else "")).encode("latin-1")
        with socket.create_connection((url.hostname, url.port or 80), _TIMEOUT) as server:
            server.sendall(b" ".join([method, path, version]) + b"\r\n" + fields)
            self._relay(client, server)

    def _tunnel(self, client: socket.socket, target: str) -> None:
        refusal = self.next_refusal()
        if refusal == 0:
            return
        if refusal is not None:
            client.sendall(f"HTTP/1.1 {refusal} No\r\nContent-Length: 0\r\n\r\n".encode())
            return
        host, _colon, port = target.rpartition(":")
        with socket.create_connection(self.destination(host, int(port)), _TIMEOUT) as server:
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self._relay(client, server)

    def _relay(self, client: socket.socket, server: socket.socket) -> None:
        while True:
            readable, _writable, _failed = select.select([client, server], [], [], _TIMEOUT)
            for source in readable:
                data = source.recv(65536)
                if not data:
                    return
                target = client if source is server else server
                ends = _has_ended(source)
                if ends:
                    hold_back(target)
                target.sendall(data)
                if ends:
                    return
            if not readable:
                return


def _has_ended(connection: socket.socket) -> bool:
    # Python waits for as long as the timeout is, whatever the flags say.
    readable, _writable, _failed = select.select([connection], [], [], 0)
    return bool(readable) and connection.recv(1, socket.MSG_PEEK) == b""


def _read_head(client: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        data = client.recv(65536)
        if not data:
            return b""
        head += data
    return head
