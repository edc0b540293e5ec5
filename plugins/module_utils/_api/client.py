# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests to the Exoscale API: sign, send, retry reads, decode errors."""

from __future__ import annotations

import json
import random
import threading
import time
from typing import TYPE_CHECKING, Any, Callable, TypeVar

from .deadline import Deadline
from .errors import NOT_FOUND, TOO_MANY_REQUESTS, Interrupted, InvalidAnswer, ReadOnlyClient, RequestFailed
from .transport import ExchangeFailed, Transport
from .values import DEEPEST, decode, is_too_deep
from .version import COLLECTION_VERSION

if TYPE_CHECKING:
    from .clock import Clock
    from .pace import Pace
    from .signature import Exo2Auth

_FIRST_BACKOFF = 0.5
_LONGEST_BACKOFF = 10.0
#: So often one of several threads repeats what the API refuses as one request too many; wait_timeout ends it earlier.
_MOST_YIELDS = 50
#: Seconds after which it is not repeated any more where nothing is waited for, if all of its kind are refused.
_LONGEST_YIELD = 300.0
#: So many times in a row a 'not found' has to come that is not in the words of the API.
_BELIEVED_ABSENCES = 3

Read = TypeVar("Read")


class Client:
    """Sends signed requests to one base URL; several threads can share it.

    :param base_url: for example ``https://api-ch-gva-2.exoscale.com/v2``, without a slash at its end.
    :param timeout: seconds for one request.
    :param retries: how many more times a read that failed for a moment is sent.
    :param proxies: for :mod:`requests`; ``None`` leaves them to the environment.
    :param where_from: names the option that ``base_url`` comes from, for the advice if the host does not answer.
    :param key_from: names what the credentials come from if no option tells them, for the advice if they are refused.
    :param read_only: refuse every method but GET, which makes check mode safe by construction.
    :param observe: is given each JSON value that the API answers with, before anything can fail because of it, or the
        text, if it is no JSON.
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
        key_from: str | None = None,
        read_only: bool = False,
        clock: Clock = time,
        observe: Callable[[Any], None] = lambda _document: None,
        redact: Callable[[Any], Any] = lambda value: value,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.base_url = base_url
        self.headers = {
            "Accept": "application/json",
            "User-Agent": f"ansible-collection-exoscale.cloud/{COLLECTION_VERSION}",
        }
        self.timeout = timeout
        self.retries = retries
        self.clock = clock
        self._auth = auth
        self.validate_certs = validate_certs
        self._proxies = proxies
        self._where_from = where_from
        self._key_from = key_from
        self.read_only = read_only
        self._observe = observe
        self.redact = redact
        self._jitter = jitter
        self._lock = threading.Lock()
        self._transports: dict[threading.Thread, Transport] = {}
        self._was_reached = False
        self._is_stopped = False
        self._pace: Pace | None = None
        #: By thread and request, how many answers in a row were a 'not found' that is not in the words of the API.
        self._vague_absences: dict[tuple[Any, ...], int] = {}
        #: The request of which the API has said last that it is one too many.
        self._refused = ""
        #: By method, until when requests are repeated for which nobody waits, since each one is one too many.
        self._yields: dict[str, Deadline] = {}

    def stop(self) -> None:
        """Send no more requests, of any thread."""
        self._is_stopped = True

    def abort(self) -> None:
        """End the requests of all threads at once, and send no more of them."""
        self.stop()
        for transport in list(self._transports.values()):
            transport.abort()

    def close(self) -> None:
        """Close the connections of all threads."""
        for transport in list(self._transports.values()):
            transport.close()
        self._transports.clear()

    def get(self, path: str, *, deadline: Deadline | None = None) -> dict[str, Any]:
        """Read ``path``; a failure that is over in a moment is tried again.

        :param deadline: bounds the pauses between the attempts.
        :raises RequestFailed: no usable answer came.
        """
        return self.read(path, lambda document: document, deadline=deadline)

    def get_list(
        self,
        path: str,
        key: str,
        query: dict[str, str] | None = None,
        *,
        deadline: Deadline | None = None,
        retries: int | None = None,
    ) -> list[Any]:
        """Read ``path``, of whose answer the list ``key`` is wanted; an answer without it is a failure like others.

        The rest is as in :meth:`read`.

        :raises RequestFailed: no usable answer came.
        """
        return self.read(
            path, lambda document: entries_in(document, path, key), query, deadline=deadline, retries=retries
        )

    def read(
        self,
        path: str,
        parse: Callable[[dict[str, Any]], Read],
        query: dict[str, str] | None = None,
        *,
        deadline: Deadline | None = None,
        retries: int | None = None,
        insist: bool = False,
    ) -> Read:
        """Read ``path`` as what ``parse`` makes of the answer; one that it refuses is a failure like others.

        :param parse: raises :class:`InvalidAnswer` if the answer is not what was asked for.
        :param insist: repeat it whatever the failure is, for whoever decides about a write by it.
        :raises RequestFailed: no usable answer came.
        """
        left = self.retries if retries is None else retries
        attempt = 0
        began = self.clock.monotonic()
        while True:
            try:
                self._await_turn(deadline, path)
                return parse(self._send("GET", path, query=query, deadline=deadline))
            except RequestFailed as error:
                may_pass = insist or error.transient or isinstance(error, InvalidAnswer)
                most, until = left, deadline
                if retries is None:
                    most, until = self.patience("GET", error, left, deadline)
                error.is_settled = may_pass and attempt >= most
                is_last = self._has_stopped() or error.is_settled or not may_pass
                if is_last or not self.pause(attempt, error, until):
                    if attempt:
                        seconds = self.clock.monotonic() - began
                        error.add(f"This came of {attempt + 1} attempts within {seconds:.0f} seconds")
                    raise
                attempt += 1

    def write(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send, once, a request that changes something.

        :raises RequestFailed: if ``may_have_arrived`` is set, the caller must look before it tries again.
        :raises ReadOnlyClient: in check mode.
        :raises Interrupted: the client was stopped.
        """
        if self.read_only:
            raise ReadOnlyClient(
                f"{method} {path} was not sent: check mode must not change anything. "
                "This is a mistake in the collection, please report it"
            )
        return self._send(method, path, body=body)

    def await_quiet(self, deadline: Deadline, method: str, path: str) -> None:
        """Pause for as long as the API wants no requests of the threads together, before such a request is sent.

        :raises RequestFailed: that is longer than the task waits.
        """
        while self._pace is not None and not self._is_alone:
            seconds = self._pace.quiet()
            if seconds <= 0 or self._has_stopped():
                return
            self._sleep_in_quiet(seconds, self._until(method, deadline), f"{method} {path}")

    def _await_turn(self, deadline: Deadline | None, path: str) -> None:
        while self._pace is not None and not self._is_alone:
            seconds = self._pace.wait_for_turn()
            if seconds <= 0 or self._has_stopped():
                return
            until = self._until("GET", deadline)
            if self._pace.quiet() > 0:
                self._sleep_in_quiet(self._pace.quiet(), until, f"GET {path}")
            elif not until.sleep(seconds * (1 + self._jitter())):
                # There is no time for good manners any more.
                return

    def patience(
        self, method: str, error: RequestFailed, retries: int, deadline: Deadline | None
    ) -> tuple[int, Deadline | None]:
        """How often a request may be repeated, and until when; longer what several have brought about together."""
        if error.status != TOO_MANY_REQUESTS or self._is_alone:
            return retries, deadline
        return max(retries, _MOST_YIELDS), self._until(method, deadline)

    def _until(self, method: str, deadline: Deadline | None) -> Deadline:
        if deadline is None or deadline.seconds is None:
            return self._yields.get(method) or Deadline(None, self.clock)
        return deadline

    @property
    def _is_alone(self) -> bool:
        """Whether no other thread sends anything; one alone pauses by itself before it tries again."""
        me = threading.current_thread()
        return all(thread is me or not thread.is_alive() for thread in list(self._transports))

    def _sleep_in_quiet(self, seconds: float, deadline: Deadline, request: str) -> None:
        is_in_time = seconds <= deadline.remaining()
        deadline.sleep(seconds)
        if not is_in_time:
            raise RequestFailed(
                f"{request} was not sent: the API has answered {self._refused} of this task with {TOO_MANY_REQUESTS}, "
                "and wants no requests for longer than the task waits",
                transient=True,
                status=TOO_MANY_REQUESTS,
            )

    def pause(self, attempt: int, error: RequestFailed, deadline: Deadline | None) -> bool:
        """Sleep before the repetition number ``attempt``, counted from 0; ``False`` if ``deadline`` has passed."""
        if error.retry_after is not None:
            seconds = error.retry_after
        else:
            seconds = min(_FIRST_BACKOFF * 2 ** min(attempt, 10), _LONGEST_BACKOFF) * (1 + self._jitter()) / 2
        return (deadline or Deadline(None, self.clock)).sleep(seconds)

    def _transport(self) -> Transport:
        me = threading.current_thread()
        if me not in self._transports:
            for ended in [thread for thread in list(self._transports) if not thread.is_alive()]:
                transport = self._transports.pop(ended, None)
                if transport is not None:
                    transport.close()
            self._transports[me] = Transport(
                self._auth, self.headers, validate_certs=self.validate_certs, proxies=self._proxies
            )
        return self._transports[me]

    def _send(
        self,
        method: str,
        path: str,
        query: dict[str, str] | None = None,
        body: dict[str, Any] | None = None,
        deadline: Deadline | None = None,
    ) -> dict[str, Any]:
        request = f"{method} {path}"
        if self._has_stopped():
            raise Interrupted(f"{request} was not sent, because the task was interrupted")
        # The signature covers the body, so the bytes that are signed must be the bytes that are sent.
        data = None if body is None else json.dumps(body, separators=(",", ":")).encode("ascii")
        timeout = self.timeout
        if deadline is not None and deadline.remaining() > 0:
            timeout = min(timeout, max(1.0, deadline.remaining()))
        try:
            answer = self._transport().exchange(method, self.base_url + path, query=query, data=data, timeout=timeout)
        except ExchangeFailed as failure:
            if self._has_stopped() and method == "GET":
                raise Interrupted(
                    f"The answer to {request} was not waited for, as the task was interrupted"
                ) from failure
            # What only a failure needs is imported then: a module compiles whatever it imports, each time it starts.
            from .failures import connection_failed

            raise connection_failed(
                request, method, failure, self.base_url, self._where_from, self._was_reached
            ) from failure
        self._was_reached = True
        if answer.status == TOO_MANY_REQUESTS:
            self._yields.setdefault(method, Deadline(_LONGEST_YIELD, self.clock))
        else:
            self._yields.pop(method, None)
        text = decode(answer.body)
        asked = (threading.get_ident(), request, tuple(sorted((query or {}).items())), data)
        document = _parse(text)
        # Who observes may follow it down to its deepest level.
        is_deep = is_too_deep(document)
        self._observe(text if document is None or is_deep else document)
        if answer.status >= 300 or not isinstance(document, dict):
            from .unusable import UnusableAnswer

            error = UnusableAnswer(request, method, answer, text, self.redact, self.clock, self._key_from).error()
            if error.status == NOT_FOUND and not error.is_absence:
                self._doubt(asked, error, text)
            else:
                self._vague_absences.pop(asked, None)
            if answer.status == TOO_MANY_REQUESTS:
                self._slow_down(request, _FIRST_BACKOFF / 2 if error.retry_after is None else error.retry_after)
            raise error
        self._vague_absences.pop(asked, None)
        if is_deep:
            raise InvalidAnswer(
                f"{request} was answered with JSON that is nested more than {DEEPEST} levels deep",
                may_have_arrived=method != "GET",
                status=answer.status,
            )
        if self._pace is not None:
            self._pace.speed_up()
        return document

    def _doubt(self, asked: tuple[Any, ...], error: RequestFailed, text: str) -> None:
        """Whoever is on the way may say 'not found' for a moment; that it is said again and again is believed.

        An HTML page is from nobody who knows what there is.
        """
        number = self._vague_absences[asked] = self._vague_absences.get(asked, 0) + 1
        error.transient = number < _BELIEVED_ABSENCES
        error.is_absence = not error.transient and not text.lstrip().startswith("<")

    def _has_stopped(self) -> bool:
        return self._is_stopped

    def _slow_down(self, refused: str, seconds: float) -> None:
        from .pace import Pace

        self._refused = refused
        with self._lock:
            self._pace = self._pace or Pace(self.clock)
        self._pace.slow_down(seconds)


def entries_in(document: dict[str, Any], path: str, key: str) -> list[Any]:
    """The list ``key`` of an answer.

    :param path: that was read.
    :raises InvalidAnswer: it holds none.
    """
    entries = document.get(key)
    if not isinstance(entries, list):
        raise InvalidAnswer(f"GET {path}: the answer holds no list of {key.replace('-', ' ')}")
    return entries


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
