# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which deployments use a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from .._api.errors import ExoscaleError
from .._api.values import is_text
from .deployment import own
from .deployment_reading import list_entries

if TYPE_CHECKING:
    from .._api.client import Client


def users_of(client: Client, model: dict[str, Any], warn: Callable[[str], None]) -> str:
    """The deployments that the list shows with this model, by name and ID; empty if there are none."""
    try:
        entries = list_entries(client)
    except ExoscaleError as error:
        warn(f"Whether deployments use the model {model['name']} was not checked: {error}")
        return ""
    # The vendor's own deployments use models of their own, whatever their names.
    shown = [(entry, entry.get("model")) for entry in own(entries)]
    users = [entry for entry, its in shown if isinstance(its, dict) and _is(its, model)]
    return ", ".join(f"{entry.get('name')} ({entry.get('id')})" for entry in users)


def named(client: Client, ids: Any) -> str:
    """The deployments of these IDs, by name and ID; by ID alone if the names cannot be read.

    :param ids: as the API lists them; the text is empty if it lists none.
    """
    listed = [each.get("id") if isinstance(each, dict) else each for each in ids] if isinstance(ids, list) else []
    wanted = [str(each) for each in listed if is_text(each)]
    if not wanted:
        return ""
    try:
        entries = list_entries(client, retries=0)
    except ExoscaleError:
        entries = []
    names = {str(entry.get("id")).lower(): entry.get("name") for entry in entries}
    told = [f"{names[each.lower()]} ({each})" if names.get(each.lower()) else each for each in wanted]
    return "the deployments " + ", ".join(told)


def _is(shown: dict[str, Any], model: dict[str, Any]) -> bool:
    if isinstance(shown.get("id"), str):
        return bool(shown["id"].lower() == model["id"])
    return bool(shown.get("name") == model["name"])
