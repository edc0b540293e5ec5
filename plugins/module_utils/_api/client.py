# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests to the Exoscale API: sign, send, retry reads, decode errors."""

from __future__ import annotations

import json
import random
import re
import threading
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Callable
from urllib.parse import urlsplit

from .deadline import Deadline
from .errors import ApiError, ConnectionFailed, InvalidAnswer, ReadOnlyClient, RequestFailed
from .failures import describe_failure
from .problem import excerpt, read_problem
from .transport import ExchangeFailed, Transport
from .version import COLLECTION_VERSION

if TYPE_CHECKING:
    from .clock import Clock
    from .signature import Exo2Auth
    from .transport import Answer

#: Answers that say that the request was certainly not carried out, and that it may be sent again.
_REFUSED_FOR_NOW = frozenset([429])
#: Besides these, each answer from 500 on leaves open whether a write was carried out.
_REQUEST_TIMEOUT = 408
_PERMANENT = frozenset([501, 505])
_FIRST_BACKOFF = 0.5
_LONGEST_BACKOFF = 10.0
_LONGEST_RETRY_AFTER = 60.0
_CLOCK_TOLERANCE = 60.0

_HTTP_DATE = re.compile(r"\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT", re.ASCII)

_HINTS = {
    401: "Check api_key and api_secret",
    403: "Check api_key and api_secret, and that the role of this key allows the operation",
    429: "Too many requests: run fewer tasks at the same time, or try later",
}


class Client:
    """Sends signed requests to one base URL; several threads can share it.

    :param base_url: for example ``https://api-ch-gva-2.exoscale.com/v2``, without a slash at its end.
    :param timeout: seconds for one request.
    :param retries: how many more times a read that failed for a moment is sent.
    :param proxies: for :mod:`requests`; ``None`` leaves them to the environment.
    :param where_from: names the option that ``base_url`` comes from, for the advice if there is no such host.
    :param read_only: refuse every method but GET, which makes check mode safe by construction.
    :param observe: is given each JSON object that the API answers with, before anything can fail because of it.
    :param redact: takes the secrets out of a text or a JSON value of the server, before parts of it are cut off.
    :param jitter: a random number from 0 to 1.
    """

    def __init__(
        self,
        base_url: str,
        auth: Exo2Auth,
        *,
        timeout: float = 30,
        retries: int = 5,
        validate_certs: bool = True,
        proxies: dict[str, str] | None = None,
        where_from: str = "api_endpoint",
        read_only: bool = False,
        clock: Clock = time,
        observe: Callable[[Any], None] = lambda _document: None,
        redact: Callable[[Any], Any] = lambda value: value,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.base_url = base_url
        self.timeout = timeout
        self.retries = retries
        self.clock = clock
        self._auth = auth
        self._validate_certs = validate_certs
        self._proxies = proxies
        self._where_from = where_from
        self._read_only = read_only
        self._observe = observe
        self._redact = redact
        self._jitter = jitter
        self._of_thread = threading.local()
        self._transports: list[Transport] = []
        self._was_reached = False

    def close(self) -> None:
        """Close the connections of all threads."""
        while self._transports:
            self._transports.pop().close()

    def get(
        self,
        path: str,
        query: dict[str, str] | None = None,
        *,
        deadline: Deadline | None = None,
        retries: int | None = None,
    ) -> dict[str, Any]:
        """Read ``path``; a failure that is over in a moment is tried again.

        :param deadline: bounds the pauses between the attempts.
        :param retries: instead of the client's own number, for callers that repeat by themselves.
        :raises RequestFailed: no usable answer came.
        """
        left = self.retries if retries is None else retries
        attempt = 0
        while True:
            try:
                return self._send("GET", path, query=query, deadline=deadline)
            except RequestFailed as error:
                if attempt >= left or not error.transient or not self.pause(attempt, error, deadline):
                    raise
                attempt += 1

    def write(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send, once, a request that changes something.

        :raises RequestFailed: if ``may_have_arrived`` is set, the caller must look before it tries again.
        :raises ReadOnlyClient: in check mode.
        """
        if self._read_only:
            raise ReadOnlyClient(
                f"{method} {path} was not sent: check mode must not change anything. "
                "This is a mistake in the collection, please report it"
            )
        return self._send(method, path, body=body)

    def pause(self, attempt: int, error: RequestFailed, deadline: Deadline | None) -> bool:
        """Sleep before the repetition number ``attempt``, counted from 0; ``False`` if ``deadline`` has passed."""
        if error.retry_after is not None:
            seconds = error.retry_after
        else:
            seconds = min(_FIRST_BACKOFF * 2 ** min(attempt, 10), _LONGEST_BACKOFF) * (1 + self._jitter()) / 2
        return (deadline or Deadline(None, self.clock)).sleep(seconds)

    def _transport(self) -> Transport:
        transport: Transport | None = getattr(self._of_thread, "transport", None)
        if transport is None:
            headers = {
                "Accept": "application/json",
                "User-Agent": f"ansible-collection-exoscale.cloud/{COLLECTION_VERSION}",
            }
            transport = Transport(self._auth, headers, validate_certs=self._validate_certs, proxies=self._proxies)
            self._of_thread.transport = transport
            self._transports.append(transport)
        return transport

    def _send(
        self,
        method: str,
        path: str,
        query: dict[str, str] | None = None,
        body: dict[str, Any] | None = None,
        deadline: Deadline | None = None,
    ) -> dict[str, Any]:
        request = f"{method} {path}"
        # The signature covers the body, so the bytes that are signed must be the bytes that are sent.
        data = None if body is None else json.dumps(body, separators=(",", ":")).encode("ascii")
        timeout = self.timeout
        if deadline is not None and deadline.remaining() > 0:
            timeout = min(timeout, max(1.0, deadline.remaining()))
        try:
            answer = self._transport().exchange(method, self.base_url + path, query=query, data=data, timeout=timeout)
        except ExchangeFailed as failure:
            raise self._connection_failed(request, method, failure) from failure
        self._was_reached = True
        text = _decode(answer.body)
        document = _parse(text)
        self._observe(document)
        if answer.status >= 300:
            raise self._api_error(request, method, answer, text)
        if not isinstance(document, dict):
            raise self._invalid_answer(request, method, answer, text)
        return document

    def _connection_failed(self, request: str, method: str, exchange: ExchangeFailed) -> ConnectionFailed:
        failure = describe_failure(exchange)
        host = urlsplit(self.base_url).netloc
        message = f"{request} to {host} failed: {failure.text}"
        if failure.unknown_host:
            message += f". Check {self._where_from}: it leads to the host {host}"
        return ConnectionFailed(
            message,
            # A host that was there a moment ago is there again in a moment; one that never was is misspelt.
            transient=failure.transient and (self._was_reached or not failure.unknown_host),
            may_have_arrived=method != "GET" and exchange.sent,
            detail=failure.text,
        )

    def _api_error(self, request: str, method: str, answer: Answer, text: str) -> ApiError:
        status = answer.status
        problem = read_problem(text, self._redact)
        said = str(status)
        if answer.reason and answer.reason.lower() != (problem.title or "").lower():
            said += " " + excerpt(self._redact(_decode(answer.reason.encode("latin-1", "replace"))))
        sentences = [f"{request} was answered with {said}: {problem}"]
        if status < 400:
            sentences = [
                f"{request} was answered with {said}, a redirect to {_host_of(answer)}, which is not followed "
                "because the signature belongs to one host. Check api_endpoint"
            ]
        elif status in _HINTS:
            sentences.append(_HINTS[status])
        elif status >= 500:
            sentences.append("The API or a proxy on the way has a problem; try again later")
        if status in (401, 403):
            sentences += self._clock_hint(answer, str(problem))
        outcome_is_open = status >= 500 or status == _REQUEST_TIMEOUT
        return ApiError(
            ". ".join(sentence.rstrip(".") for sentence in sentences),
            transient=status in _REFUSED_FOR_NOW or (outcome_is_open and status not in _PERMANENT),
            may_have_arrived=method != "GET" and outcome_is_open,
            retry_after=self._retry_after(answer),
            status=status,
            title=problem.title,
            detail=problem.detail,
            errors=problem.errors,
        )

    def _invalid_answer(self, request: str, method: str, answer: Answer, text: str) -> InvalidAnswer:
        found = excerpt(self._redact(text).strip())
        return InvalidAnswer(
            f"{request} was answered with {answer.status}, but the body should be a JSON object and is "
            f"{'something else: ' + found if found else 'nothing'}. Check api_endpoint, and proxies on the way",
            transient=True,
            may_have_arrived=method != "GET",
            status=answer.status,
            detail=found or None,
        )

    def _retry_after(self, answer: Answer) -> float | None:
        value = answer.headers.get("Retry-After", "").strip()
        if value.isascii() and value.isdigit():
            return min(float(value[:10]), _LONGEST_RETRY_AFTER)
        moment = _parse_date(value)
        return None if moment is None else min(max(0.0, moment - self.clock.time()), _LONGEST_RETRY_AFTER)

    def _clock_hint(self, answer: Answer, problem: str) -> list[str]:
        # A proxy on the way may add a date of its own; requests joins repeated headers with a comma.
        dates = [_parse_date(value) for value in _HTTP_DATE.findall(answer.headers.get("Date", "")[:1000])]
        ahead = max((self.clock.time() - date for date in dates if date is not None), key=abs, default=0.0)
        if abs(ahead) > _CLOCK_TOLERANCE:
            return [
                "The clock of this host is {:.0f} minutes {} that of the API, and signatures are valid for "
                "minutes only: set the clock right".format(abs(ahead) / 60, "ahead of" if ahead > 0 else "behind")
            ]
        if "expire" in problem.lower():
            return ["A signature is valid for minutes only: check the clock of this host"]
        return []


def _decode(body: bytes) -> str:
    """The text of a body, whatever charset it claims: UTF-8, UTF-16 or UTF-32, or else Latin-1."""
    for encoding in ("utf-8-sig", json.detect_encoding(body)):
        try:
            text = body.decode(encoding)
        except ValueError:
            continue
        if "\0" not in text[:4]:
            return text
    return body.decode("latin-1").replace("\0", "")


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _host_of(answer: Answer) -> str:
    try:
        return urlsplit(answer.headers.get("Location", "")).hostname or "the same host"
    except ValueError:
        return "an address that is malformed"


def _parse_date(value: str) -> float | None:
    try:
        return parsedate_to_datetime(value).timestamp()
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
