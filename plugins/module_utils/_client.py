# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One HTTP session with the Exoscale API: sign, send, retry, decode errors.

What only a failure needs is imported where it is used: a task compiles anew what it imports.
"""

from __future__ import annotations

import json
import re
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

try:
    import requests

    HAS_REQUESTS = True
except ImportError:
    HAS_REQUESTS = False

from ansible_collections.exoscale.cloud.plugins.module_utils._errors import (
    ApiError,
    ConnectionFailed,
    InvalidAnswer,
    ReadOnlyClient,
    RequestFailed,
)
from ansible_collections.exoscale.cloud.plugins.module_utils._proxies import proxies_for
from ansible_collections.exoscale.cloud.plugins.module_utils._version import COLLECTION_VERSION

if TYPE_CHECKING:
    from ansible_collections.exoscale.cloud.plugins.module_utils._auth import Exo2Auth
    from ansible_collections.exoscale.cloud.plugins.module_utils._clock import Clock

#: Answers that say that the request was not carried out, and that it may be sent again.
_REFUSED_FOR_NOW = frozenset([408, 429, 503])
#: Answers that leave open whether the request was carried out.
_OUTCOME_UNKNOWN = frozenset([500, 502, 504])
_FIRST_BACKOFF = 0.5
_LONGEST_BACKOFF = 10.0
_LONGEST_RETRY_AFTER = 60.0
_CLOCK_TOLERANCE = 60.0

_HTTP_DATE = re.compile(r"\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT", re.ASCII)

_HINTS = {
    401: "Check api_key and api_secret",
    403: "Check api_key and api_secret, and that the role of this key allows the operation",
    404: "Check the ID and the zone: a resource exists in one zone only",
    409: "The resource is busy with another change",
    429: "Too many requests: run fewer tasks at the same time, or try later",
}


class Client:
    """Sends signed requests to one base URL.

    :param base_url: for example ``https://api-ch-gva-2.exoscale.com/v2``, without a slash at its end.
    :param timeout: seconds for one request.
    :param retries: how often a request that failed for a moment is sent again.
    :param read_only: refuse every method but GET, which makes check mode safe by construction.
    """

    def __init__(
        self,
        base_url: str,
        auth: Exo2Auth,
        *,
        timeout: float = 30,
        retries: int = 5,
        validate_certs: bool = True,
        read_only: bool = False,
        clock: Clock = time,
    ) -> None:
        self.base_url = base_url
        self.retries = retries
        self._timeout = timeout
        self._validate_certs = validate_certs
        self._read_only = read_only
        self._clock = clock
        self._proxies = proxies_for(base_url)
        self._session = requests.Session()
        # An explicit auth keeps requests from looking into netrc.
        self._session.auth = auth
        self._session.headers.update(
            {
                "Accept": "application/json",
                "User-Agent": f"ansible-collection-exoscale.cloud/{COLLECTION_VERSION}",
            }
        )

    def get(self, path: str, query: dict[str, str] | None = None, retries: int | None = None) -> dict[str, Any]:
        """Read ``path``; a failure that is over in a moment is tried again.

        :param retries: instead of the client's own number, for callers that repeat by themselves.
        :raises RequestFailed: no usable answer came.
        """
        attempts = self.retries if retries is None else retries
        return self._repeat(attempts, lambda: self._send("GET", path, query=query))

    def write(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send a request that changes something.

        It is sent again only if the server cannot have carried it out.

        :raises RequestFailed: if ``may_have_arrived`` is set, the caller must read before it tries again.
        :raises ReadOnlyClient: in check mode.
        """
        if self._read_only:
            raise ReadOnlyClient(
                f"{method} {path} was not sent: check mode must not change anything. "
                "This is a mistake in the collection, please report it"
            )
        return self._repeat(self.retries, lambda: self._send(method, path, body=body))

    def backoff(self, attempt: int, error: RequestFailed) -> None:
        """Sleep before the repetition number ``attempt``, counted from 0."""
        if error.retry_after is not None:
            self._clock.sleep(min(error.retry_after, _LONGEST_RETRY_AFTER))
        else:
            self._clock.sleep(min(_FIRST_BACKOFF * 2 ** min(attempt, 10), _LONGEST_BACKOFF))

    def _repeat(self, retries: int, send: Any) -> dict[str, Any]:
        attempt = 0
        while True:
            try:
                answer: dict[str, Any] = send()
                return answer
            except RequestFailed as error:
                if attempt >= retries or not error.transient or error.may_have_arrived:
                    raise
                self.backoff(attempt, error)
                attempt += 1

    def _send(
        self,
        method: str,
        path: str,
        query: dict[str, str] | None = None,
        body: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        request = f"{method} {path}"
        # The signature covers the body, so the bytes that are signed must be the bytes that are sent.
        data = None if body is None else json.dumps(body, separators=(",", ":")).encode("ascii")
        try:
            response = self._session.request(
                method,
                self.base_url + path,
                params=query,
                data=data,
                headers={"Content-Type": "application/json"} if data is not None else None,
                timeout=self._timeout,
                # Given here and not on the session, where environment variables would override it.
                verify=self._validate_certs,
                proxies=self._proxies,
                allow_redirects=False,
            )
        # A ValueError is how requests takes the malformed target of a redirect, though it is not to follow any.
        except (requests.exceptions.RequestException, OSError, ValueError) as error:
            from ansible_collections.exoscale.cloud.plugins.module_utils._connection import describe_failure

            failure = describe_failure(error)
            raise ConnectionFailed(
                f"{request} to {urlsplit(self.base_url).netloc} failed: {failure.text}",
                transient=failure.transient,
                may_have_arrived=method != "GET" and failure.may_have_arrived,
                detail=failure.text,
            ) from error
        if response.status_code >= 300:
            raise self._api_error(request, method, response)
        return self._decode(request, method, response)

    def _api_error(self, request: str, method: str, response: requests.Response) -> ApiError:
        from ansible_collections.exoscale.cloud.plugins.module_utils._problem import read_problem

        status = response.status_code
        problem = read_problem(response.text)
        said = str(status)
        if response.reason and response.reason.lower() != (problem.title or "").lower():
            said += " " + response.reason
        sentences = [f"{request} was answered with {said}: {problem}"]
        if status < 400:
            sentences = [
                f"{request} was answered with {said}, a redirect to {_host_of(response)}, which is not followed "
                "because the signature belongs to one host. Check api_endpoint"
            ]
        elif status in _HINTS:
            sentences.append(_HINTS[status])
        elif status >= 500:
            sentences.append("The API or a proxy on the way has a problem; try again later")
        if status in (401, 403):
            sentences += self._clock_hint(response, str(problem))
        return ApiError(
            ". ".join(sentence.rstrip(".") for sentence in sentences),
            transient=status in _REFUSED_FOR_NOW or status in _OUTCOME_UNKNOWN,
            may_have_arrived=method != "GET" and status in _OUTCOME_UNKNOWN,
            retry_after=self._retry_after(response),
            status=status,
            title=problem.title,
            detail=problem.detail,
            errors=problem.errors,
        )

    def _decode(self, request: str, method: str, response: requests.Response) -> dict[str, Any]:
        try:
            document = json.loads(response.content)
        except (ValueError, RecursionError):
            document = None
        if isinstance(document, dict):
            return document
        from ansible_collections.exoscale.cloud.plugins.module_utils._problem import excerpt

        text = response.text.strip()
        found = f"something else: {excerpt(text)}" if text else "nothing"
        raise InvalidAnswer(
            f"{request} was answered with {response.status_code}, but the body should be a JSON object and is {found}. "
            "Check api_endpoint, and proxies on the way",
            transient=True,
            may_have_arrived=method != "GET",
            status=response.status_code,
            detail=excerpt(text) or None,
        )

    def _retry_after(self, response: requests.Response) -> float | None:
        value = response.headers.get("Retry-After", "").strip()
        if value.isascii() and value.isdigit():
            return float(value)
        moment = _parse_date(value)
        return None if moment is None else max(0.0, moment - self._clock.time())

    def _clock_hint(self, response: requests.Response, problem: str) -> list[str]:
        # A proxy on the way may add a date of its own; requests joins repeated headers with a comma.
        dates = [_parse_date(value) for value in _HTTP_DATE.findall(response.headers.get("Date", ""))]
        ahead = max((self._clock.time() - date for date in dates if date is not None), key=abs, default=0.0)
        if abs(ahead) > _CLOCK_TOLERANCE:
            return [
                "The clock of this host is {:.0f} minutes {} that of the API, and signatures are valid for "
                "minutes only: set the clock right".format(abs(ahead) / 60, "ahead of" if ahead > 0 else "behind")
            ]
        if "expire" in problem.lower():
            return ["A signature is valid for minutes only: check the clock of this host"]
        return []


def _host_of(response: requests.Response) -> str:
    location = response.headers.get("Location", "")
    try:
        return urlsplit(location).netloc or "the same host"
    except ValueError:
        return "an address that is malformed"


def _parse_date(value: str) -> float | None:
    try:
        return parsedate_to_datetime(value).timestamp()
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
