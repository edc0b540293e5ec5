# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds one resource among those that the API lists whole, by its ID or by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._api.errors import AmbiguousName, ApiError, InvalidAnswer
from .._api.values import is_of, is_text, is_uuid, snake_case
from .reading import read_by_id

if TYPE_CHECKING:
    from .._api.client import Client
    from .._api.deadline import Deadline


def find_one(
    client: Client,
    noun: str,
    path: str,
    key: str,
    known_id: str | None,
    name: str | None,
    deadline: Deadline,
    retries: int | None,
    may_be_missing: bool,
    replaced_id: str | None,
) -> dict[str, Any] | None:
    """The resource, with keys in snake_case and its ID in lower case; ``None`` if it is certainly not there.

    :param noun: what one is called.
    :param key: of the list in the answer to ``GET path``.
    :param may_be_missing: it is no error if there is none of ``known_id``.
    :param replaced_id: is not meant by the name any more, though it may still be listed.
    :raises AmbiguousName: several have the name.
    :raises InvalidAnswer: the answer does not tell which one is meant.
    """
    if known_id is None:
        return _by_name(client, noun, path, key, str(name), deadline, retries, replaced_id)
    try:
        return read_by_id(
            client, path, known_id, deadline, retries, lambda found: _checked(found, f"GET {path}/{known_id}")
        )
    except ApiError as error:
        if error.is_absence and may_be_missing:
            return None
        if error.is_absence:
            error.add(f"Check the ID and the zone of the {noun}")
        raise


def _by_name(
    client: Client,
    noun: str,
    path: str,
    key: str,
    name: str,
    deadline: Deadline,
    retries: int | None,
    replaced_id: str | None,
) -> dict[str, Any] | None:
    listed = client.get_list(path, key, deadline=deadline, retries=retries)
    entries = [snake_case(each) if isinstance(each, dict) else {} for each in listed]
    meant: list[dict[str, Any]] = []
    for entry in entries:
        # One that is listed twice is still one.
        is_known = is_uuid(entry.get("id")) and entry["id"] in [each.get("id") for each in meant]
        if entry.get("name") == name and not is_known and not is_of(entry, replaced_id):
            meant.append(entry)
    if len(meant) > 1:
        ids = ", ".join(sorted(str(entry.get("id")) for entry in meant))
        raise AmbiguousName(
            f"{len(meant)} {noun}s in {client.base_url} are named {name!r}: {ids}. Give the id of the one that is meant"
        )
    if not meant and any(not is_text(entry.get("name")) for entry in entries):
        raise InvalidAnswer(
            f"GET {path}: the answer lists a {noun} without its name, which may be the one that is meant. Give the id "
            "of the one that is meant"
        )
    return _checked(meant[0], f"GET {path}") if meant else None


def _checked(found: dict[str, Any], request: str) -> dict[str, Any]:
    if not is_uuid(found.get("id")) or not is_text(found.get("name")):
        raise InvalidAnswer(f"{request} was answered with something that lacks a valid ID or a name")
    return {**found, "id": found["id"].lower()}
