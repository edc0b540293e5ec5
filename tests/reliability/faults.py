# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can go wrong with a request, and how a person recognises it in a message."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

#: What only connections through TLS, and only those through a tunnel, can meet.
TLS = "TLS"
TUNNEL = "tunnel"


@dataclass(frozen=True)
class FaultCase:
    """
    :ivar group: the table of the documentation in which it stands.
    :ivar network: what :class:`~.network.Network` does to connections; otherwise the simulator misbehaves with
        ``options`` of :class:`~..simulator.faults.Fault`.
    :ivar cause: a regular expression that a message about it fits; empty if it does no harm.
    :ivar passes: whether it is of a kind that may be over in a moment, so that a request is worth a repetition.
    :ivar applied: whether the request was carried out.
    :ivar is_lie: whether the API says in good form what is not so, which nobody can notice.
    :ivar needs: :data:`TLS` or :data:`TUNNEL`, if it cannot happen without.
    """

    group: str
    name: str
    cause: str
    options: dict[str, Any] = field(default_factory=dict)
    network: str | None = None
    passes: bool = True
    applied: bool = False
    is_lie: bool = False
    needs: str | None = None


def _both(group: str, name: str, cause: str, options: dict[str, Any], passes: bool = True) -> Iterator[FaultCase]:
    """Before and after the request was carried out."""
    yield FaultCase(group, f"{name}, before", cause, options, passes=passes)
    yield FaultCase(group, f"{name}, after", cause, {**options, "applied": True}, passes=passes, applied=True)


def _text(name: str, body: str | bytes, cause: str, **options: Any) -> FaultCase:
    whole = {"status": 200, "body": body, "applied": True, **options}
    return FaultCase("Bodies", name, cause, whole, applied=True)


def _status(status: int, passes: bool, cause: str | None = None, **options: Any) -> FaultCase:
    is_lie = status == 404
    name = str(status) + (f", {options.pop('name')}" if "name" in options else "")
    return FaultCase(
        "Refusals", name, cause or str(status), {"status": status, **options}, passes=passes, is_lie=is_lie
    )


_NO_TRUST = "TLS certificate cannot be verified"
_NO_TUNNEL = "proxy could not be used"
_NOT_WHOLE = "broke off before the answer was complete|no answer|not complete"
_NO_OBJECT = "JSON object|lacks|holds no|no JSON|malformed|is not|without|has not this ID|does not show|is no key"

#: With these, each repetition costs real seconds.
SLOW = frozenset(
    {"no connection in time", "no answer in time, before", "no answer in time, after", "dripping", "gzip bomb"}
)

FAULTS: tuple[FaultCase, ...] = (
    FaultCase("Connections", "refused", "[Rr]efused|could not be used", network="refused"),
    FaultCase(
        "Connections", "unknown host", "cannot be resolved|could not be used", network="unknown host", passes=False
    ),
    FaultCase("Connections", "no connection in time", "api_timeout|could not be used", network="silent"),
    FaultCase("Connections", "self-signed certificate", _NO_TRUST, network="self-signed", needs=TLS, passes=False),
    FaultCase("Connections", "expired certificate", _NO_TRUST, network="expired", needs=TLS, passes=False),
    FaultCase("Connections", "certificate of another", _NO_TRUST, network="wrong host", needs=TLS, passes=False),
    FaultCase("Connections", "tunnel refused: 403", _NO_TUNNEL, network="403", needs=TUNNEL, passes=False),
    FaultCase("Connections", "tunnel refused: 407", _NO_TUNNEL, network="407", needs=TUNNEL, passes=False),
    FaultCase("Connections", "tunnel refused: 502", _NO_TUNNEL, network="502", needs=TUNNEL),
    FaultCase("Connections", "tunnel ended", f"{_NO_TUNNEL}|TLS connection failed", network="0", needs=TUNNEL),
    *_both("Lost answers", "reset", _NOT_WHOLE, {"kind": "reset"}),
    *_both("Lost answers", "ended", _NOT_WHOLE, {"kind": "lost"}),
    *_both("Lost answers", "no answer in time", "api_timeout", {"kind": "timeout"}),
    FaultCase("Lost answers", "broken off", _NOT_WHOLE, {"kind": "truncated", "applied": True}, applied=True),
    FaultCase("Lost answers", "dripping", "api_timeout", {"kind": "drip", "applied": True}, applied=True),
    FaultCase("Lost answers", "endless", "larger than", {"kind": "endless", "applied": True}, applied=True),
    FaultCase("Lost answers", "gzip bomb", "larger than", {"kind": "gzip bomb", "applied": True}, applied=True),
    FaultCase("Lost answers", "broken gzip", _NOT_WHOLE, {"kind": "broken gzip", "applied": True}, applied=True),
    FaultCase("Lost answers", "not HTTP", "not HTTP|broke off", {"kind": "gibberish", "applied": True}, applied=True),
    FaultCase("Lost answers", "length too small", _NO_OBJECT, {"kind": "short", "applied": True}, applied=True),
    FaultCase(
        "Lost answers",
        "length malformed",
        _NOT_WHOLE,
        {"kind": "verbatim", "status": 200, "headers": {"Content-Length": "1, 2"}, "applied": True},
        applied=True,
    ),
    _text("HTML", "<html><body>Welcome</body></html>", "Welcome", content_type="text/html"),
    _text("empty", "", _NO_OBJECT),
    _text("a list", "[1, 2]", _NO_OBJECT),
    _text("a number", "7", _NO_OBJECT),
    _text("an object without what is wanted", json.dumps({"unexpected": True}), _NO_OBJECT),
    _text("values of wrong types", json.dumps({"id": 7, "state": [], "name": {}}), _NO_OBJECT),
    _text("not UTF-8", b'{"id": "\xff\xfe"}', _NO_OBJECT),
    FaultCase("Bodies", "real, as UTF-16", "", {"kind": "recoded", "charset": "utf-16"}, applied=True),
    FaultCase("Bodies", "real, with a mark", "", {"kind": "recoded", "charset": "utf-8-sig"}, applied=True),
    _status(302, False, "redirect|302", headers={"Location": "https://elsewhere.example/"}),
    _status(400, False),
    _status(401, False, "api_key|401"),
    _status(403, False, "role of this key|403"),
    _status(403, False, "role of this key|403", name="the other shape", json={"message": "Forbidden"}),
    _status(404, False, "404|does not exist|no longer|is gone|not found|There is no"),
    _status(408, True),
    _status(409, False),
    _status(412, False),
    _status(418, False),
    _status(429, True),
    _status(429, True, name="in 3 seconds", headers={"Retry-After": "3"}),
    _status(429, True, name="at a date", headers={"Retry-After": "Fri, 31 Dec 2100 23:59:59 GMT"}),
    _status(429, True, name="absurd", headers={"Retry-After": "9" * 30}),
    *(
        case
        for status in (500, 501, 502, 503, 504)
        for case in _both("Troubles of the server", str(status), str(status), {"status": status}, passes=status != 501)
    ),
)
