# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading what the API lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from .._api.errors import ApiError, InvalidAnswer
from .._api.values import is_of, is_uuid, snake_case

if TYPE_CHECKING:
    from .._api.client import Client
    from .._api.deadline import Deadline

MODELS = "/ai/model"
API_KEYS = "/ai/api-key"
INSTANCE_TYPES = "/ai/instance-type"
QUOTAS = "/quota"


def read_list(client: Client, path: str, key: str, deadline: Deadline | None = None) -> list[dict[str, Any]]:
    """The objects of a list that the API answers with.

    :raises InvalidAnswer: there is no such list in the answer.
    """
    return [entry for entry in client.get_list(path, key, deadline=deadline) if isinstance(entry, dict)]


def may_list(client: Client, path: str, key: str, wanted_id: str, name: str | None, deadline: Deadline) -> bool:
    """Whether the list that the API answers with has a resource, or an entry that shows too little to rule it out.

    :param wanted_id: in lower case.
    :param name: ``None`` if it is not known.
    :raises RequestFailed: there is no such list in the answer.
    """

    def may_be_it(entry: Any) -> bool:
        shown = entry if isinstance(entry, dict) else {}
        if is_uuid(shown.get("id")):
            return is_of(shown, wanted_id)
        return name is None or shown.get("name") in (None, name)

    return any(map(may_be_it, client.get_list(path, key, deadline=deadline)))


def list_models(client: Client, deadline: Deadline | None = None) -> list[dict[str, Any]]:
    """The entries of ``GET /ai/model``.

    :raises InvalidAnswer: the answer is not a list of models.
    """
    return read_list(client, MODELS, "models", deadline)


def find(client: Client, path: str, key: str, wanted_id: str | None, filters: dict[str, Any]) -> list[dict[str, Any]]:
    """The resources that match, with keys in snake_case, sorted by name and then by ID.

    :param key: of the list in the answer to ``GET path``; with ``wanted_id`` that one is read alone.
    :param filters: the wanted value of fields, ``None`` for any.
    :raises InvalidAnswer: the answer is none of these.
    """
    if wanted_id is None:
        shown = [snake_case(entry) for entry in read_list(client, path, key)]
    else:
        shown = _one_if_there(client, path, wanted_id)
    matching = [
        entry
        for entry in shown
        if all(wanted is None or entry.get(field) == wanted for field, wanted in filters.items())
    ]
    return sorted(matching, key=lambda entry: (str(entry.get("name")), str(entry.get("id"))))


def read_by_id(
    client: Client,
    collection: str,
    wanted_id: str,
    deadline: Deadline | None = None,
    retries: int | None = None,
    check: Callable[[dict[str, Any]], dict[str, Any]] = lambda found: found,
) -> dict[str, Any]:
    """``GET`` of one resource of a collection, with keys in snake_case and its ID in lower case.

    :param check: raises :class:`InvalidAnswer` if the resource lacks what is needed of it.
    :raises InvalidAnswer: the answer has another ID, or lacks something.
    """
    path = f"{collection}/{wanted_id}"

    def parse(answer: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = snake_case(answer)
        shown = wanted_id if found.get("id") is None else found["id"]
        if not is_uuid(shown) or shown.lower() != wanted_id:
            raise InvalidAnswer(f"GET {path} was answered with something that has not this ID")
        return check({**found, "id": wanted_id})

    return client.read(path, parse, deadline=deadline, retries=retries)


def _one_if_there(client: Client, collection: str, wanted_id: str) -> list[dict[str, Any]]:
    try:
        return [read_by_id(client, collection, wanted_id)]
    except ApiError as error:
        if error.is_absence:
            return []
        raise
