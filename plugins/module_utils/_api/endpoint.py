# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests to another server than the API, with a key of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .failures import describe_failure
from .libraries import AuthBase
from .problem import cut, excerpt, read_problem
from .proxies import proxies_for, proxy_of
from .transport import ExchangeFailed, Transport
from .values import decode

if TYPE_CHECKING:
    from requests import PreparedRequest

    from .client import Client


#: Answers of proxies, or of a server that has too much to do with those that it serves.
_ON_THE_WAY = (407, 429, 511)


class BearerAuth(AuthBase):
    """A key as a Bearer token."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._key}"
        return request


class NoUsableAnswer(Exception):
    """Why there is none to a request.

    ``method`` is the one of the request, ``status`` and ``detail`` are what the server has said, if it has;
    ``is_certain`` is false if the request may be the reason, or what lies between the server and this host.
    """

    def __init__(
        self, method: str, text: str, status: int | None = None, detail: str | None = None, is_certain: bool = True
    ) -> None:
        super().__init__(text)
        self.method = method
        self.status = status
        self.detail = detail
        self.is_certain = is_certain


class Endpoint:
    """An HTTP API in JSON below a base URL to which secrets may be sent.

    :param client: of the API; its timeout, its certificates, its proxies and its redaction count here too.
    """

    def __init__(self, client: Client, base_url: str, key: str) -> None:
        self._client = client
        self._base_url = base_url.rstrip("/")
        self._auth = BearerAuth(key)
        self._proxies = proxies_for(self._base_url).mapping
        self._is_direct = self._proxies is not None or proxy_of(self._base_url) is None

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send one request, once; it has all of its time, whatever deadline is near, so that it can be answered.

        :param path: below the base URL.
        :raises NoUsableAnswer: the answer is not 200 with a JSON object, or there is none.
        """
        url = self._base_url + path
        request = f"{method} {url}"
        data = None if body is None else json.dumps(body).encode("ascii")
        # A connection of its own: one that the server has ended in the meantime would tell nothing about the server.
        transport = Transport(
            self._auth, self._client.headers, validate_certs=self._client.validate_certs, proxies=self._proxies
        )
        try:
            answer = transport.exchange(method, url, query=None, data=data, timeout=self._client.timeout)
        except ExchangeFailed as exchange:
            failure = describe_failure(exchange)
            # Where a proxy is, what was never sent may have ended there.
            is_certain = not failure.on_the_way and (exchange.sent or self._is_direct)
            raise NoUsableAnswer(
                method, f"{request} failed: {failure.text}", detail=failure.text, is_certain=is_certain
            ) from exchange
        finally:
            transport.close()
        text = decode(answer.body)
        redact = self._client.redact
        if answer.status != 200:
            problem = read_problem(text, redact)
            raise NoUsableAnswer(
                method,
                f"{request} was answered with {answer.status}: {problem}",
                answer.status,
                problem.detail,
                is_certain=answer.status not in _ON_THE_WAY,
            )
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict):
            found = excerpt(redact(cut(text)))
            raise NoUsableAnswer(
                method, f"{request} was answered with 200 and no JSON object, but {found or 'nothing'}", 200
            )
        return document
