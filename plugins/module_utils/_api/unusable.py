# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An answer that is not what was asked for becomes an error that a person can act on."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Callable
from urllib.parse import urlsplit

from .errors import NOT_FOUND, TOO_MANY_REQUESTS, ApiError, InvalidAnswer, RequestFailed
from .problem import cut, excerpt, read_problem
from .values import decode

if TYPE_CHECKING:
    from .clock import Clock
    from .problem import Problem
    from .transport import Answer

#: Answers that say that the request was certainly not carried out, and that it may be sent again.
_REFUSED_FOR_NOW = frozenset([TOO_MANY_REQUESTS])
#: Besides these, each answer from 500 on leaves open whether a write was carried out.
_REQUEST_TIMEOUT = 408
#: What helps depends on what was asked for, so that the one who has asked tells it.
_EXPLAINED_ELSEWHERE = frozenset([NOT_FOUND, 409, 412])
_PERMANENT = frozenset([501, 505])
_LONGEST_RETRY_AFTER = 60.0
_CLOCK_TOLERANCE = 60.0

_HTTP_DATE = re.compile(r"\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT", re.ASCII)

_CHECK_THE_WAY = "Check api_endpoint, and proxies on the way"
_HINTS = {
    401: "Check api_key and api_secret",
    403: "Check api_key and api_secret, and that the role of this key allows the operation",
    TOO_MANY_REQUESTS: "Too many requests: run fewer tasks at the same time, or try later",
}


class UnusableAnswer:
    """
    :param request: method and path.
    :param text: the body of ``answer``.
    :param redact: takes the secrets out of a text or a JSON value of the server, before parts of it are cut off.
    :param key_from: names what the credentials come from, if it is no option.
    """

    def __init__(
        self,
        request: str,
        method: str,
        answer: Answer,
        text: str,
        redact: Callable[[Any], Any],
        clock: Clock,
        key_from: str | None,
    ) -> None:
        self._request = request
        self._method = method
        self._answer = answer
        self._text = text
        self._redact = redact
        self._clock = clock
        self._key_from = key_from

    def error(self) -> RequestFailed:
        """The error to raise."""
        return self._api_error() if self._answer.status >= 300 else self._invalid_answer()

    def _api_error(self) -> ApiError:
        status = self._answer.status
        problem = read_problem(self._text, self._redact)
        said = str(status)
        if self._answer.reason and self._answer.reason.lower() != (problem.title or "").lower():
            said += " " + excerpt(self._redact(decode(cut(self._answer.reason).encode("latin-1", "replace"))))
        sentences = [f"{self._request} was answered with {said}: {problem}", *self._advice(problem)]
        if status < 400:
            sentences = [
                f"{self._request} was answered with {said}, a redirect to {_host_of(self._answer)}, which is not "
                "followed because the signature belongs to one host. Check api_endpoint"
            ]
        may_pass = status in _REFUSED_FOR_NOW or status == _REQUEST_TIMEOUT or status >= 500
        # A redirect may send elsewhere for the outcome of what was carried out.
        outcome_is_open = status < 400 or status == _REQUEST_TIMEOUT or status >= 500
        error = ApiError(
            ". ".join(sentence.rstrip(".") for sentence in sentences),
            transient=may_pass and status not in _PERMANENT,
            may_have_arrived=self._method != "GET" and outcome_is_open,
            retry_after=self._retry_after(),
            status=status,
            title=problem.title,
            detail=problem.detail,
            errors=problem.errors,
        )
        error.document = problem.document
        error.is_absence = status == NOT_FOUND and bool(problem.document)
        return error

    def _advice(self, problem: Problem) -> list[str]:
        status = self._answer.status
        if status >= 500 or status == _REQUEST_TIMEOUT:
            return ["The API or a proxy on the way has a problem; try again later"]
        advice = []
        if status in _HINTS:
            advice.append(_HINTS[status])
        elif problem.document and status not in _EXPLAINED_ELSEWHERE:
            advice.append("Change what it names, then run the task again")
        if not problem.document and status not in _REFUSED_FOR_NOW:
            advice.append(_CHECK_THE_WAY)
        if status in (401, 403):
            if self._key_from is not None:
                advice.append(f"They come from {self._key_from}")
            advice += self._clock_hint(str(problem))
        return advice

    def _invalid_answer(self) -> InvalidAnswer:
        text = self._text.strip()
        if text.startswith(("{", "[")):
            # It may be cut off in the middle of a secret that nobody knows.
            what = found = f"{len(text)} characters of something like it, which breaks off or is malformed"
        else:
            found = excerpt(self._redact(cut(text)))
            what = f"something else: {found}" if found else "nothing"
        return InvalidAnswer(
            f"{self._request} was answered with {self._answer.status}, but the body should be a JSON object and is "
            f"{what}. {_CHECK_THE_WAY}",
            transient=True,
            may_have_arrived=self._method != "GET",
            status=self._answer.status,
            detail=found or None,
        )

    def _retry_after(self) -> float | None:
        value = self._answer.headers.get("Retry-After", "").strip()
        if value.isascii() and value.isdigit():
            return min(float(value[:10]), _LONGEST_RETRY_AFTER)
        moment = _parse_date(value)
        return None if moment is None else min(max(0.0, moment - self._clock.time()), _LONGEST_RETRY_AFTER)

    def _clock_hint(self, problem: str) -> list[str]:
        # A proxy on the way may add a date of its own; requests joins repeated headers with a comma.
        dates = [_parse_date(value) for value in _HTTP_DATE.findall(self._answer.headers.get("Date", "")[:1000])]
        ahead = max((self._clock.time() - date for date in dates if date is not None), key=abs, default=0.0)
        if abs(ahead) > _CLOCK_TOLERANCE:
            return [
                "The clock of this host is {:.0f} minutes {} that of the API, and signatures are valid for "
                "minutes only: set the clock right".format(abs(ahead) / 60, "ahead of" if ahead > 0 else "behind")
            ]
        if "expire" in problem.lower():
            return ["A signature is valid for minutes only: check the clock of this host"]
        return []


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
