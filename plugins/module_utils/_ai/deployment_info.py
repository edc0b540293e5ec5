# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking deployments up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .._api.concurrency import all_at_once
from .._api.errors import ApiError, InvalidAnswer
from .._api.values import is_text, is_uuid
from .deployment import DEPLOYMENTS, PARAMETERS, VERSION, model_key, own
from .deployment_reading import list_entries, read_deployment

if TYPE_CHECKING:
    from .._api.client import Client

#: The fields by which deployments can be looked up.
FILTERS = ("name", "state", "model", "gpu_type", "visibility")
#: What only the single GET shows.
_DETAILS = (VERSION, PARAMETERS)


class Found(NamedTuple):
    """
    :param deployments: with keys in snake_case, sorted by name and then by ID.
    :param private: the names and IDs of all private deployments in the zone, as they are listed; ``None`` if they were
        not listed.
    """

    deployments: list[dict[str, Any]]
    private: list[tuple[str, Any]] | None


def find(client: Client, deployment_id: str | None, filters: dict[str, Any], details: bool) -> Found:
    """The deployments that match.

    :param filters: the wanted value of fields, ``None`` for any.
    :param details: whether to read each of them singly, for what the list lacks.
    """
    private = None
    if deployment_id is not None:
        entries = _read(client, [{"id": deployment_id.lower()}])
    else:
        # What the list does not show, reading an entry singly may.
        listed = list_entries(client)
        if {} in listed:
            raise InvalidAnswer(f"GET {DEPLOYMENTS}: the answer lists something that is no deployment")
        private = [(str(each.get("name")), each.get("id")) for each in own(listed)]
        entries = [entry for entry in listed if _matches(entry, filters, if_not_shown=details)]
        entries = _read(client, entries) if details else [_without_details(entry) for entry in entries]
    matching = [entry for entry in entries if _matches(entry, filters)]
    return Found(sorted(matching, key=lambda entry: (str(entry.get("name")), str(entry.get("id")))), private)


def _read(client: Client, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that have vanished meanwhile are left out, and those without an ID are as they are listed."""
    found = all_at_once(client, lambda entry: _read_one(client, entry), entries)
    return [fields for fields in found if fields is not None]


def _read_one(client: Client, entry: dict[str, Any]) -> dict[str, Any] | None:
    if not is_uuid(entry.get("id")):
        return _without_details(entry)
    try:
        # What only the list shows, such as whose it is, counts too.
        return {**entry, **read_deployment(client, entry["id"].lower()).fields}
    except ApiError as error:
        if error.is_absence:
            return None
        raise


def _without_details(entry: dict[str, Any]) -> dict[str, Any]:
    return {"id": None, **dict.fromkeys(_DETAILS), **entry}


def _matches(entry: dict[str, Any], filters: dict[str, Any], if_not_shown: bool = False) -> bool:
    for key, wanted in filters.items():
        shown = _shown(entry, key, wanted)
        is_open = if_not_shown and not is_text(shown)
        if wanted is not None and shown != wanted and not is_open:
            return False
    return True


def _shown(entry: dict[str, Any], key: str, wanted: Any) -> Any:
    value = entry.get(key)
    if key != "model" or not isinstance(value, dict):
        return value
    part = value.get(model_key(wanted))
    # As the user has written it.
    return wanted if is_uuid(part) and str(part).lower() == str(wanted).lower() else part
