# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the deployments of a zone are to those that are declared together. Pure: no HTTP, no clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, NamedTuple, Sequence

from .._api.values import is_number, is_text, is_uuid
from .deployment import PRIVATE

if TYPE_CHECKING:
    from .deployment import Desired
    from .deployment_reading import Listed

_COUNTS = ("gpu_count", "replicas")


def meant_by(desired: Desired, listed: Listed) -> list[dict[str, Any]]:
    """The entries of the list that a declaration means: one, none, or several of the same name."""
    if desired.id is None:
        return listed.named(str(desired.lookup_name))
    entry = listed.of_id(desired.id)
    return [] if entry is None else [entry]


def listed_twice(desired: Sequence[Desired], listed: Listed) -> tuple[int, int, str] | None:
    """The places of two declarations that mean the same deployment, one by its name and one by its ID, and the ID."""
    by_id: dict[str | None, int] = {each.id: place for place, each in enumerate(desired) if each.id is not None}
    for place, each in enumerate(desired):
        for entry in meant_by(each, listed):
            deployment_id = _id_of(entry)
            other = by_id.get(deployment_id, place)
            if other != place:
                return min(place, other), max(place, other), str(deployment_id)
    return None


def is_doubtful(desired: Sequence[Desired], listed: Listed) -> bool:
    """Whether an entry of the list that does not show its name may be one that is meant."""
    return bool(listed.nameless) and any(not meant_by(each, listed) for each in desired)


class Stray(NamedTuple):
    """A deployment that is there, and that nobody declares."""

    id: str
    name: str

    def __str__(self) -> str:
        return f"{self.name} ({self.id})"


def strays(desired: Sequence[Desired], listed: Listed) -> tuple[list[Stray], int]:
    """The private deployments that no declaration means, in the order of the list.

    And the number of entries that do not tell whether they are such ones, as they do not show ID, name or visibility.
    """
    meant = {id(entry) for each in desired for entry in meant_by(each, listed)}
    # What is listed twice, and once as something else, is not certainly private.
    others = {_id_of(entry) for entry in listed.entries if entry.get("visibility") != PRIVATE}
    found: dict[str, Stray] = {}
    unclear = 0
    for entry in listed.own:
        if id(entry) in meant:
            continue
        deployment_id, name = _id_of(entry), entry.get("name")
        if deployment_id is not None and is_text(name) and deployment_id not in others:
            found[deployment_id] = Stray(deployment_id, str(name))
        else:
            unclear += 1
    return list(found.values()), unclear


def gpus_of(desired: Desired, listed: Listed, read: Callable[[str], dict[str, Any] | None]) -> tuple[int | None, str]:
    """How many GPUs a deployment will use, and how that was counted.

    What is declared counts, and what is there where the declaration leaves it out.

    :param read: the deployment of an ID; ``None`` if there is none.
    :returns: ``None`` and the names of what would have to be declared, if it is not shown.
    """
    if desired.absent:
        return 0, "absent"
    shown = next(iter(meant_by(desired, listed)), None)
    counts = _counts(desired.managed, shown or {})
    deployment_id = desired.id if shown is None else _id_of(shown)
    if counts["replicas"] != 0 and None in counts.values() and deployment_id is not None:
        there = read(deployment_id)
        counts = _counts(counts, there or {})
        shown = shown if there is None else there
    replicas, each = counts["replicas"], counts["gpu_count"]
    is_there = shown is not None or (desired.id is None and bool(listed.nameless))
    if replicas == 0 or (not is_there and None in (replicas, each)):
        # What is not there, and cannot be created either, fails with words of its own.
        return 0, "none"
    if replicas is None or each is None:
        return None, " and ".join(key for key, count in counts.items() if count is None)
    return replicas * each, f"{replicas} times {each}"


def _counts(first: dict[str, Any], second: dict[str, Any]) -> dict[str, int | None]:
    counts = {}
    for key in _COUNTS:
        value = second.get(key) if first.get(key) is None else first[key]
        # The API leaves open how many GPUs there are where it shows none.
        is_shown = is_number(value) and (key, value) != ("gpu_count", 0)
        counts[key] = value if is_shown else None
    return counts


def _id_of(entry: dict[str, Any]) -> str | None:
    return entry["id"].lower() if is_uuid(entry.get("id")) else None
