# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a fault makes of an answer, on the socket."""

from __future__ import annotations

import gzip
import os
import select
import socket
import struct
import threading
import time
from functools import lru_cache

from werkzeug.wrappers import Response

from .faults import Fault
from .serving import Abandoned, hold_back

_DRIP_SECONDS = 0.02
_LONGEST_SECONDS = 60.0
_BOMB_SIZE = 100 * 1024 * 1024
_PIECE = b" " * 1024 * 1024
_TRUNCATED_AT = 10


def spoil(fault: Fault, answer: Response, connection: socket.socket, stopping: threading.Event) -> None:
    """Change the answer, or give another one in its place.

    :raises Abandoned: nothing is left to be sent.
    """
    kind = fault.kind
    if kind == "slow":
        time.sleep(fault.delay)
    elif kind == "recoded":
        answer.set_data(answer.get_data().decode("utf-8").encode(fault.charset))
        answer.headers["Content-Type"] = f"application/json; charset={fault.charset}"
    elif kind == "timeout":
        _wait_until_gone(connection, stopping)
        raise Abandoned
    elif kind == "reset":
        _reset(connection)
        raise Abandoned
    elif kind == "lost":
        raise Abandoned
    elif kind not in (None, "altered"):
        # Together with the end, so that it does not depend on luck what of it is seen.
        hold_back(connection)
        _send(kind, answer, connection, stopping)
        raise Abandoned


def _send(kind: str, answer: Response, connection: socket.socket, stopping: threading.Event) -> None:
    body = answer.get_data()
    if kind == "verbatim":
        connection.sendall(_head(answer, answer.headers.get("Content-Length", str(len(body)))) + body)
    elif kind == "truncated":
        connection.sendall(_head(answer, str(len(body) + 1000)) + body[:_TRUNCATED_AT])
    elif kind == "short":
        connection.sendall(_head(answer, str(len(body) // 2)) + body)
    elif kind == "gibberish":
        connection.sendall(b"220 mail.example ESMTP\r\n")
    elif kind == "gzip bomb":
        answer.headers["Content-Encoding"] = "gzip"
        connection.sendall(_head(answer, str(len(_bomb()))) + _bomb())
    elif kind == "broken gzip":
        answer.headers["Content-Encoding"] = "gzip"
        connection.sendall(_head(answer, str(len(body))) + body)
    elif kind == "endless":
        connection.sendall(_head(answer, None))
        while not stopping.is_set():
            connection.sendall(_PIECE)
    elif kind == "drip":
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)
        connection.sendall(_head(answer, str(len(body) + 100_000)))
        end = time.monotonic() + _LONGEST_SECONDS
        while time.monotonic() < end and not stopping.wait(_DRIP_SECONDS):
            connection.sendall(b" ")


def _head(answer: Response, length: str | None) -> bytes:
    """All headers as they are, however malformed, and the length that is named."""
    headers = [(name, value) for name, value in answer.headers.items() if name != "Content-Length"]
    if length is not None:
        headers.append(("Content-Length", length))
    lines = [f"HTTP/1.1 {answer.status}", *(f"{name}: {value}" for name, value in headers)]
    return "".join(f"{line}\r\n" for line in lines).encode("latin-1") + b"\r\n"


def _reset(connection: socket.socket) -> None:
    """Close so that the client's system reports a reset and not an end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(connection.detach())


def _wait_until_gone(connection: socket.socket, stopping: threading.Event) -> None:
    end = time.monotonic() + _LONGEST_SECONDS
    while time.monotonic() < end and not stopping.is_set():
        readable, _writable, _failed = select.select([connection], [], [], 0.05)
        if readable:
            return


@lru_cache(maxsize=1)
def _bomb() -> bytes:
    return gzip.compress(b" " * _BOMB_SIZE)
