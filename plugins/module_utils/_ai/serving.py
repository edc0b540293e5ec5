# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the endpoint of a deployment answers: ready does not mean that it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._api.base_url import why_unsafe
from .._api.endpoint import Endpoint, NoUsableAnswer
from .._api.errors import ExoscaleError, InvalidAnswer, NotServing, Refused
from .._api.values import is_text
from .endpoint_key import endpoint_key

if TYPE_CHECKING:
    from .._api.client import Client
    from .._api.deadline import Deadline
    from .deployment import Deployment

#: What asks for as little as possible, by the option ``serving_probe``; ``models`` asks for no more than the list.
_PROBES: dict[str, tuple[str, dict[str, Any]]] = {
    "chat": ("/chat/completions", {"messages": [{"role": "user", "content": "ping"}], "max_tokens": 1}),
    "completions": ("/completions", {"prompt": "ping", "max_tokens": 1}),
    "embeddings": ("/embeddings", {"input": "ping"}),
}
_UNAUTHORIZED = (401, 403)
#: Answers of an engine that runs, to a request that it does not understand.
_REFUSED = (400, 404, 405, 422)


class Serving:
    """
    :param probe: as the option ``serving_probe``.
    """

    def __init__(self, client: Client, probe: str) -> None:
        self._client = client
        self._probe = probe
        self._keys: dict[str, str] = {}

    def check(self, seen: Deployment) -> None:
        """Look, before a change, whether the endpoint could be asked after it.

        :raises Refused: it could not.
        """
        url = seen.fields.get("deployment_url")
        unsafe = why_unsafe(str(url)) if is_text(url) else None
        if unsafe:
            raise Refused(
                f"Nothing was changed: whether {seen} serves could not be asked afterwards, because its deployment_url "
                f"{unsafe}"
            )

    def why_not(self, seen: Deployment, deadline: Deadline) -> NotServing | None:
        """``None`` if the endpoint answers as it should.

        :raises ExoscaleError: it cannot be told, as the endpoint may not be asked, or its key not be read.
        """
        url = seen.fields.get("deployment_url")
        if not is_text(url):
            raise InvalidAnswer(f"The API does not show the deployment_url of {seen}, so its endpoint cannot be asked")
        unsafe = why_unsafe(str(url))
        if unsafe:
            raise InvalidAnswer(f"The key of {seen} was not sent to its endpoint, because its deployment_url {unsafe}")
        try:
            key = self._key(seen, deadline)
        except ExoscaleError as error:
            if not error.may_be_lag:
                error.add(
                    "wait_for=serving needs the key of the endpoint, which only a role may read that is allowed "
                    "reveal-deployment-api-key; wait_for=ready does without"
                )
            raise
        return self._ask(Endpoint(self._client, str(url), key), seen)

    def _key(self, seen: Deployment, deadline: Deadline) -> str:
        if seen.id not in self._keys:
            key = endpoint_key(self._client, seen.id, deadline)
            if not (key.isascii() and key.isprintable()):
                raise InvalidAnswer(f"The key of the endpoint of {seen} holds characters that no header can hold")
            self._keys[seen.id] = key
        return self._keys[seen.id]

    def _ask(self, endpoint: Endpoint, seen: Deployment) -> NotServing | None:
        try:
            models = endpoint.ask("GET", "/models").get("data")
            if self._probe in _PROBES:
                path, body = _PROBES[self._probe]
                endpoint.ask("POST", path, {"model": _served_name(models, seen), **body})
        except NoUsableAnswer as why:
            if why.status in _UNAUTHORIZED:
                # It may be another one by now.
                self._keys.pop(seen.id, None)
            reason = NotServing(str(why), status=why.status, detail=why.detail)
            reason.is_refusal = why.method != "GET" and why.status in _REFUSED
            reason.is_certain = why.is_certain
            return reason
        return None


def _served_name(models: Any, seen: Deployment) -> Any:
    """How the endpoint calls the model: as it says itself, or else as the model is named."""
    first = models[0] if isinstance(models, list) and models else None
    name = first.get("id") if isinstance(first, dict) else None
    return name if is_text(name) else seen.view("model")
