# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading AI deployments and what belongs to them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from .._api.errors import AmbiguousName, InvalidAnswer, NotFound
from .._api.values import is_text, is_uuid, snake_case
from .deployment import DEPLOYMENTS, Deployment, deployment_path, own

if TYPE_CHECKING:
    from .._api.client import Client
    from .._api.deadline import Deadline

#: For so many seconds, what was not listed counts as not there; a creation must not rest on an older view.
_ABSENT_FOR = 1.0
_MOST_NAMES_LISTED = 10
HAS_VANISHED = "It was there a moment ago, so somebody may have deleted it meanwhile; run the task again"


def list_entries(client: Client, deadline: Deadline | None = None, retries: int | None = None) -> list[dict[str, Any]]:
    """The entries of ``GET /ai/deployment``, in snake_case; they lack version and parameters, and perhaps more.

    What is no object is an entry that shows nothing.

    :raises InvalidAnswer: the answer is not a list of deployments.
    """
    entries = client.get_list(DEPLOYMENTS, "deployments", deadline=deadline, retries=retries)
    return [snake_case(entry) if isinstance(entry, dict) else {} for entry in entries]


def id_of_name(entries: list[dict[str, Any]], name: str, base_url: str) -> str | None:
    """The ID of the deployment of that name; ``None`` if there is none.

    :param entries: the organization's own deployments.

    :raises AmbiguousName: several deployments have that name.
    :raises InvalidAnswer: the one that is meant is listed without its ID.
    """
    meant = [entry for entry in entries if entry.get("name") == name]
    ids = list(dict.fromkeys(entry["id"].lower() for entry in meant if is_uuid(entry.get("id"))))
    without_id = sum(not is_uuid(entry.get("id")) for entry in meant)
    if len(ids) + without_id > 1:
        raise AmbiguousName(
            "{} private deployments in {} are named {!r}: {}. Give the id of the one that is meant".format(
                len(ids) + without_id, base_url, name, ", ".join(sorted(ids)) or "their IDs are not shown"
            )
        )
    if meant and not ids:
        raise InvalidAnswer(f"GET {DEPLOYMENTS}: the answer lists the deployment {name!r} without its ID; give the id")
    return ids[0] if ids else None


def id_of_private(client: Client, name: str, deadline: Deadline | None = None, retries: int | None = None) -> str:
    """The ID of the organization's own deployment of that name.

    :raises NotFound: there is none.
    """
    listed = list_now(client, deadline, retries)
    found = id_of_name(listed.own, name, client.base_url)
    if found is None:
        others = describe_names(listed.names, client.base_url)
        if listed.nameless:
            others = f"The API does not show the names of {len(listed.nameless)} others: give the id"
        raise NotFound(f"No private deployment in {client.base_url} is named {name!r}. {others}")
    return found


def describe_names(names: list[str], base_url: str) -> str:
    """Which deployments there are, for whoever has misspelt one.

    :param names: sorted.
    """
    if not names:
        return f"In {base_url} there is no deployment at all"
    more = ", …" if len(names) > _MOST_NAMES_LISTED else ""
    return "In {} there are: {}{}".format(base_url, ", ".join(names[:_MOST_NAMES_LISTED]), more)


def read_deployment(
    client: Client, deployment_id: str, deadline: Deadline | None = None, retries: int | None = None
) -> Deployment:
    """``GET /ai/deployment/{id}``.

    :raises ApiError: there is none of that ID, for example.
    :raises InvalidAnswer: the answer is not that deployment.
    """
    return client.read(
        deployment_path(deployment_id),
        lambda answer: Deployment.from_api(answer, deployment_id),
        deadline=deadline,
        retries=retries,
    )


class Listed:
    """What ``GET /ai/deployment`` has shown at one moment.

    :param entries: as :func:`list_entries` returns them.
    :param at: the monotonic time of that moment.
    """

    def __init__(self, entries: list[dict[str, Any]], at: float) -> None:
        self.entries = entries
        self.own = own(entries)
        self.at = at

    @cached_property
    def names(self) -> list[str]:
        """Those of the organization's own ones, sorted."""
        return sorted(entry["name"] for entry in self.own if isinstance(entry.get("name"), str))

    @cached_property
    def nameless(self) -> list[dict[str, Any]]:
        """The organization's own ones whose names are not shown."""
        return [entry for entry in self.own if not is_text(entry.get("name"))]

    @cached_property
    def _by_name(self) -> dict[str, list[dict[str, Any]]]:
        by_name: dict[str, list[dict[str, Any]]] = {}
        for entry in self.own:
            by_name.setdefault(str(entry.get("name")), []).append(entry)
        return by_name

    @cached_property
    def _by_id(self) -> dict[str, dict[str, Any]]:
        return {entry["id"].lower(): entry for entry in self.entries if is_uuid(entry.get("id"))}

    def named(self, name: str) -> list[dict[str, Any]]:
        """The organization's own ones of that name."""
        return [entry for entry in self._by_name.get(name, []) if entry.get("name") == name]

    def of_id(self, deployment_id: str) -> dict[str, Any] | None:
        """The one of that ID, in lower case, whoever owns it."""
        return self._by_id.get(deployment_id)


def list_now(client: Client, deadline: Deadline | None = None, retries: int | None = None) -> Listed:
    """
    :raises InvalidAnswer: the answer is not a list of deployments.
    """
    entries = list_entries(client, deadline, retries)
    return Listed(entries, client.clock.monotonic())


class Listing:
    """The list as the looks of one resource see it: the first look uses what was listed for several at once.

    :param listed: what was listed for several; ``None`` for a list of its own.

    ``is_old`` tells whether what was asked for last was listed for several, perhaps long ago.
    """

    def __init__(self, client: Client, listed: Listed | None = None) -> None:
        self._client = client
        self._listed = listed
        self.is_old = False

    def listed(self, name: str, deadline: Deadline, retries: int | None, *, may_be_old: bool) -> Listed:
        """The list in which ``name`` is looked for.

        :param may_be_old: nothing comes of it if there is none of that name.
        """
        listed, self._listed = self._listed, None
        self.is_old = listed is not None and (may_be_old or self._may_tell(listed, name))
        return listed if listed is not None and self.is_old else list_now(self._client, deadline, retries)

    def forget(self) -> None:
        """What was listed for several is of no use any more."""
        self._listed, self.is_old = None, False

    def _may_tell(self, listed: Listed, name: str) -> bool:
        """Whether it is there, which will be seen when it is read, or was not there a moment ago."""
        return bool(listed.named(name)) or self._client.clock.monotonic() - listed.at < _ABSENT_FOR
