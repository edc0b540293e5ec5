# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One exchange: what counts as sent, and how long and how large it may be."""

from __future__ import annotations

import contextlib
import gzip
import os
import socket
import threading
import time
from urllib.parse import urlsplit

import pytest
from requests.exceptions import ConnectTimeout

from ansible_collections.exoscale.cloud.plugins.module_utils._api.signature import Exo2Auth
from ansible_collections.exoscale.cloud.plugins.module_utils._api.transport import ExchangeFailed, Transport
from ansible_collections.exoscale.cloud.tests.reliability.network import silent_port


class Server:
    """Gives each connection to ``handle``, a function of its socket, once the head of a request has come."""

    def __init__(self, handle):
        self._handle = handle
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:{}/v2".format(self._socket.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _address = self._socket.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with contextlib.suppress(OSError), connection:
            connection.recv(65536)
            self._handle(connection)

    def close(self):
        self._socket.close()


@pytest.fixture
def serve():
    servers = []

    def start(handle):
        servers.append(Server(handle))
        return servers[-1].url

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def transport(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return Transport(Exo2Auth("key", "secret", time.time), {}, validate_certs=True, proxies=None)


def exchange(transport, url, timeout=5.0, method="PATCH"):
    return transport.exchange(method, url, query=None, data=b"{}", timeout=timeout)


def answer(head, body=b""):
    return lambda connection: connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)


def drip(*parts):
    def handle(connection):
        for part in parts:
            connection.sendall(part)
        while True:
            connection.sendall(b"x")
            time.sleep(0.02)

    return handle


@pytest.mark.parametrize(
    "parts",
    [
        [b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\nX-Long: "],
        [b"HTTP/1.1 200 "],
        [],
        [b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"],
        [b"HTTP/1.0 200 OK\r\n\r\n"],
    ],
    ids=["body", "header", "status", "nothing", "body until the connection closes", "body of HTTP/1.0"],
)
def test_an_answer_that_drips_is_bounded(serve, transport, parts):
    started = time.monotonic()

    with pytest.raises(ExchangeFailed) as caught:
        exchange(transport, serve(drip(*parts)), timeout=0.3)

    assert time.monotonic() - started < 3
    assert caught.value.sent
    assert "not complete within 2 times api_timeout" in caught.value.reason


@pytest.mark.parametrize("location", ["https://elsewhere.example/", "http://[nowhere"])
def test_no_more_is_read_of_a_redirect_than_of_any_other_answer(serve, transport, location):
    sent = []

    def handle(connection):
        connection.sendall(f"HTTP/1.1 302 Found\r\nLocation: {location}\r\n\r\n".encode())
        for _number in range(64):
            connection.sendall(b"x" * 1024 * 1024)
            sent.append(1)

    with pytest.raises(ExchangeFailed) as caught:
        exchange(transport, serve(handle))

    assert "larger than 16 MiB" in caught.value.reason
    assert len(sent) < 32


def test_a_proxy_that_drips_until_the_time_is_over_is_bounded(serve, transport, monkeypatch):
    def handle(connection):
        time.sleep(0.5)
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        connection.recv(65536)
        drip(b"\x16\x03\x03\x40\x00")(connection)

    monkeypatch.setenv("HTTPS_PROXY", serve(handle).replace("/v2", ""))
    monkeypatch.delenv("NO_PROXY")
    started = time.monotonic()

    with pytest.raises(ExchangeFailed) as caught:
        exchange(transport, "https://api.invalid/v2", timeout=0.4)

    assert time.monotonic() - started < 3
    assert not caught.value.sent


def test_no_socket_is_left_open(serve, transport):
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    url = serve(answer("HTTP/1.1 200 OK\nConnection: close\nContent-Length: 2", b"{}"))
    for _number in range(5):
        exchange(transport, url)
    transport.close()
    time.sleep(0.1)

    assert (len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0) <= before + 2


def test_an_answer_that_is_enormous_is_bounded(serve, transport):
    def handle(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b" " * 1024 * 1024)

    with pytest.raises(ExchangeFailed) as caught:
        exchange(transport, serve(handle))

    assert "larger than 16 MiB" in caught.value.reason


def test_an_answer_that_unpacks_to_something_enormous_is_bounded(serve, transport):
    bomb = gzip.compress(b"\0" * 100 * 1024 * 1024)
    head = f"HTTP/1.1 200 OK\nContent-Encoding: gzip\nContent-Length: {len(bomb)}"

    with pytest.raises(ExchangeFailed) as caught:
        exchange(transport, serve(answer(head, bomb)))

    assert "larger than 16 MiB" in caught.value.reason


@pytest.mark.parametrize(
    "head",
    [
        "HTTP/1.1 200 OK\nContent-Length: 5, 6",
        "HTTP/1.1 200 OK\nContent-Length: 10",
        "HTTP/1.1 200 OK\nTransfer-Encoding: chunked",
        "HTTP/1.1 200 OK\nContent-Encoding: gzip\nContent-Length: 2",
        "gibberish",
        "HTTP/1.1 abc OK",
    ],
)
def test_an_answer_that_is_malformed_counts_as_sent(serve, transport, head):
    with pytest.raises(ExchangeFailed) as caught:
        exchange(transport, serve(answer(head, b"{}")))

    assert caught.value.sent


@pytest.mark.parametrize(
    "hints",
    [
        b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n",
        b"HTTP/1.1 102 Processing\r\n\r\n" * 3 + b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 199 Wait\r\n\r\n",
    ],
    ids=["one", "several"],
)
def test_what_only_announces_an_answer_is_passed_over(serve, transport, hints):
    url = serve(lambda connection: connection.sendall(hints + b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}"))

    found = exchange(transport, url)

    assert (found.status, found.body) == (202, b"{}")


def test_announcements_without_end_are_bounded(serve, transport):
    def handle(connection):
        while True:
            connection.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n")

    with pytest.raises(ExchangeFailed) as caught:
        exchange(transport, serve(handle), timeout=0.3)

    assert "not complete within 2 times api_timeout" in caught.value.reason


def test_a_connection_that_ends_without_an_answer_counts_as_sent(serve, transport):
    with pytest.raises(ExchangeFailed) as caught:
        exchange(transport, serve(lambda connection: None))

    assert caught.value.sent


def test_a_connection_that_was_never_made_counts_as_not_sent(transport):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(ExchangeFailed) as caught:
            exchange(transport, "http://127.0.0.1:{}/v2".format(taken.getsockname()[1]))

    assert not caught.value.sent


def test_a_second_failure_is_told_apart_from_a_first_success(serve, transport):
    url = serve(answer("HTTP/1.1 200 OK\nContent-Length: 2", b"{}"))
    assert exchange(transport, url).body == b"{}"

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(ExchangeFailed) as caught:
            exchange(transport, "http://127.0.0.1:{}/v2".format(taken.getsockname()[1]))

    assert not caught.value.sent


def test_a_session_keeps_its_connection(transport):
    connections = []

    def handle(connection):
        connections.append(connection)
        for _request in range(2):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            connection.recv(65536)

    server = Server(handle)
    for _request in range(2):
        # Without a body, a request comes in one piece.
        transport.exchange("GET", server.url, query=None, data=None, timeout=5)
    server.close()

    assert len(connections) == 1


@pytest.fixture
def resolve_to(monkeypatch):
    """Lets each host have an address here for each of these ports."""
    look_up = socket.getaddrinfo

    def resolve(*ports):
        addresses = [look_up("127.0.0.1", port, type=socket.SOCK_STREAM)[0] for port in ports]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: addresses)

    return resolve


@pytest.fixture
def answering_port(serve):
    return urlsplit(serve(lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n{}"))).port


def test_no_third_address_of_a_host_is_tried_when_two_have_taken_all_the_time(transport, answering_port, resolve_to):
    with silent_port() as silent:
        resolve_to(silent, silent, answering_port)

        with pytest.raises(ExchangeFailed) as caught:
            transport.exchange("GET", "http://several.test/v2", query=None, data=None, timeout=1)

    assert isinstance(caught.value.__cause__, ConnectTimeout)
    assert caught.value.reason is None


def test_the_second_address_of_a_host_is_tried(transport, answering_port, resolve_to):
    with silent_port() as silent:
        resolve_to(silent, answering_port)

        answer = transport.exchange("GET", "http://several.test/v2", query=None, data=None, timeout=1)

    assert answer.status == 200
