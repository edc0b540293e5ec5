# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Misbehaviour on demand."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from werkzeug.wrappers import Response

#: What becomes of an answer; see :mod:`.spoiling`.
KINDS = (
    None,
    "altered",
    "broken gzip",
    "drip",
    "endless",
    "gibberish",
    "gzip bomb",
    "lost",
    "recoded",
    "reset",
    "short",
    "slow",
    "timeout",
    "truncated",
    "verbatim",
)


@dataclass
class Fault:
    """
    :param kind: None answers with ``status``, ``json`` or ``body``, and ``headers``; ``verbatim`` does so with headers
        as they are, however malformed; ``reset`` resets the connection; ``lost`` closes it without an answer;
        ``timeout`` never answers. The others spoil the answer: ``truncated`` breaks it off, ``short`` announces less of
        it than there is, ``drip`` never ends to give it piece by piece, ``endless`` gives spaces instead for ever,
        ``gzip bomb`` a little that unpacks to much, ``broken gzip`` what cannot be unpacked, ``gibberish`` what is not
        HTTP, ``recoded`` is the real one in ``charset``; ``slow`` gives the real one after ``delay`` seconds of real
        time; ``altered`` gives what ``alter`` makes of its body, with ``status`` if there is one.
    :param applied: whether the request takes effect all the same.
    :param applied_after: in how many seconds of the simulator's clock it takes effect, after it was answered.
    """

    method: str | None = None
    path: str | None = None
    times: int = 1
    skip: int = 0
    status: int | None = None
    json: Any = None
    body: str | bytes | None = None
    content_type: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0
    alter: Callable[[bytes], bytes] | None = None
    kind: str | None = None
    charset: str = "utf-8"
    applied: bool = False
    applied_after: float | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"there is no fault of the kind {self.kind!r}")
        if self.kind in (None, "verbatim") and self.status is None:
            raise ValueError("a fault has a kind or a status")
        if (self.kind == "altered") != (self.alter is not None):
            raise ValueError("a fault of the kind 'altered', and no other, has what alters the answer")

    @property
    def name(self) -> str:
        return self.kind or f"status {self.status}"

    @property
    def is_real(self) -> bool:
        """Whether the request is carried out and its answer given, though late or changed."""
        return self.kind in ("altered", "recoded", "slow")

    @property
    def is_answered(self) -> bool:
        """Whether the answer is one that can be read."""
        return self.kind is None or self.is_real

    def matches(self, method: str, path: str) -> bool:
        return self.method in (None, method) and (self.path is None or re.fullmatch(self.path, path) is not None)

    def answer(self) -> Response:
        status = self.status or HTTPStatus.OK
        text = self.body
        if text is None:
            title = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Trouble"
            problem = {"type": "about:blank", "title": title, "status": status, "detail": "as the test wants it"}
            text = json.dumps(problem if self.json is None else self.json)
        answer = Response(text, status, content_type=self.content_type or "application/json")
        # Afterwards, for a response names the length of its body by itself.
        answer.headers.update(self.headers)
        return answer


class Faults:
    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._waiting.append(fault)

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that this request meets, which is then used up by one."""
        for fault in self._waiting:
            if fault.times <= 0 or not fault.matches(method, path):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.times -= 1
            return fault
        return None
