# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way to the API: names, connections, certificates and proxies, each of which can fail on demand."""

from __future__ import annotations

import contextlib
import datetime
import os
import socket
import socketserver
import ssl
import tempfile
import threading
import time
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import trustme

from ansible_collections.exoscale.cloud.tests.simulator import FakeClock, Proxy, Simulator

HOST = "localhost"
DIRECT, FORWARD, TUNNEL = "directly", "through a proxy", "through a tunnel"
WAYS = (DIRECT, FORWARD, TUNNEL)
_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "CURL_CA_BUNDLE")


class PassingClock(FakeClock):
    """A clock on which sleep takes no time, and all else the time that it takes."""

    def __init__(self) -> None:
        super().__init__()
        self._began = time.monotonic()

    def monotonic(self) -> float:
        return super().monotonic() + time.monotonic() - self._began

    def time(self) -> float:
        return self._started + self.monotonic()


class Network:
    """A simulator at the end of one way.

    :param way: one of :data:`WAYS`; a proxy that forwards sees requests without TLS.
    :param connections: see :class:`Simulator`.
    """

    def __init__(self, way: str, connections: str, clock: FakeClock) -> None:
        self._trouble: str | None = None
        self._left = 0
        self._lock = threading.Lock()
        self._stack = contextlib.ExitStack()
        authority = trustme.CA()
        tls = None if way == FORWARD else _context(authority.issue_cert(HOST))
        self.simulator = self._stack.enter_context(Simulator(clock, tls=tls, host=HOST, connections=connections))
        proxy = None if way == DIRECT else self._stack.enter_context(_FailingProxy(self))
        self._port = urlsplit(proxy.url if proxy else self.simulator.url).port
        folder = self._stack.enter_context(tempfile.TemporaryDirectory())
        bundle = Path(folder, "ca.pem")
        authority.cert_pem.write_to_path(str(bundle))
        self._stack.enter_context(mock.patch.dict(os.environ, {"REQUESTS_CA_BUNDLE": str(bundle)}))
        # An empty variable would hide the one that is spelt in capitals.
        for variable in _VARIABLES:
            os.environ.pop(variable, None)
            os.environ.pop(variable.lower(), None)
        if proxy:
            os.environ["HTTP_PROXY" if way == FORWARD else "HTTPS_PROXY"] = proxy.url.replace("127.0.0.1", HOST)
        self._resolve = socket.getaddrinfo
        self._stack.enter_context(mock.patch.object(socket, "getaddrinfo", self._look_up))
        now = datetime.datetime.now(datetime.UTC)
        long_ago = now - datetime.timedelta(days=30)
        self._impostors = {
            "self-signed": _context(trustme.CA().issue_cert(HOST)),
            "expired": _context(authority.issue_cert(HOST, not_before=long_ago, not_after=long_ago)),
            "wrong host": _context(authority.issue_cert("elsewhere.example")),
        }
        self._places: dict[str, int] = {}

    def __enter__(self) -> Network:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def strike(self, trouble: str, times: float) -> None:
        """Let so many connections fail from now on."""
        with self._lock:
            self._trouble, self._left = trouble, times

    def recover(self) -> None:
        self.strike("", 0)

    def take(self, *among: str) -> str | None:
        """The trouble that the next connection meets, if it is one of these, which then is used up by one."""
        with self._lock:
            if self._left <= 0 or (among and self._trouble not in among):
                return None
            self._left -= 1
            return self._trouble

    def place_of(self, trouble: str) -> int:
        """The port at which a certificate cannot be trusted, or at which nobody answers."""
        if trouble not in self._places:
            if trouble == "silent":
                self._places[trouble] = self._stack.enter_context(silent_port())
            elif trouble == "refused":
                self._places[trouble] = self._stack.enter_context(_closed_port())
            else:
                self._places[trouble] = self._stack.enter_context(_impostor(self._impostors[trouble]))
        return self._places[trouble]

    def _look_up(self, host: Any, port: Any, *args: Any, **options: Any) -> Any:
        among = ["refused", "unknown host", "silent"]
        if self._port == urlsplit(self.simulator.url).port:
            among += self._impostors
        trouble = self.take(*among) if port == self._port else None
        if trouble == "unknown host":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return self._resolve("127.0.0.1", self.place_of(trouble) if trouble else port, *args, **options)

    def tunnel_trouble(self) -> str | None:
        return self.take("403", "407", "502", "0")

    def tunnel_destination(self, port: int) -> tuple[str, int]:
        trouble = self.take(*self._impostors)
        return ("127.0.0.1", self.place_of(trouble) if trouble else port)


class _FailingProxy(Proxy):
    def __init__(self, network: Network) -> None:
        super().__init__()
        self._network = network

    def next_refusal(self) -> int | None:
        trouble = self._network.tunnel_trouble()
        return None if trouble is None else int(trouble)

    def destination(self, _host: str, port: int) -> tuple[str, int]:
        return self._network.tunnel_destination(port)


def _context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@contextlib.contextmanager
def _impostor(context: ssl.SSLContext) -> Any:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError), context.wrap_socket(self.request, server_side=True) as secure:
                secure.recv(1)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def _closed_port() -> Any:
    """A port that is taken, and at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@contextlib.contextmanager
def silent_port() -> Any:
    """A port whose queue is full, so that a connection is never made and never refused."""
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for _number in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        yield listening.getsockname()[1]
