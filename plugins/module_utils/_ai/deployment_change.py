# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a change has led to, and how its values are told. Pure: no HTTP, no clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._api.values import sentence
from .._engine.secrets import conceal
from .._reconcile.plan import DELETE
from .deployment import CONFIGURATION, ERROR, PARAMETERS

if TYPE_CHECKING:
    from .._reconcile.plan import Step
    from .deployment import Deployment


def leaves_trace(step: Step, before: Deployment | None, seen: Deployment | None) -> bool:
    """Whether ``seen`` shows that something has been done to it since ``before``."""
    if before is None:
        return seen is not None
    if seen is None:
        return step.action == DELETE
    differed = before.differing(step.result)
    # Also if only a part of it took effect.
    if any(seen.comparable(key, step.result[key]) == step.result[key] for key in differed):
        return True
    has_begun = seen.in_transition and not before.in_transition
    has_recovered = before.state == ERROR != seen.state
    dates = [each.fields.get("updated_at") for each in (before, seen)]
    # The end of somebody else's change moves the date as well.
    has_moved = None not in dates and dates[0] != dates[1] and not before.in_transition
    return has_begun or has_recovered or has_moved


def effect(step: Step, seen: Deployment | None) -> dict[str, Any]:
    """What a step whose operation failed has led to: the fields of its result as they are now."""
    if seen is None:
        return {}
    if step.action == DELETE:
        return seen.configuration()
    return {key: value if seen.view(key) is None else seen.view(key, value) for key, value in step.result.items()}


def differences(seen: Deployment, step: Step) -> str:
    """In which fields ``seen`` is not yet what ``step`` was to lead to."""
    return "; ".join(
        describe_difference(seen, key, value) for key, value in step.result.items() if seen.differs(key, value)
    )


def moves(before: Deployment, seen: Deployment, managed: set[str]) -> list[str]:
    """Warnings of fields that nobody asked to change, but that did."""
    told = []
    for key in moved_fields(before, seen, managed):
        old, new = (shown_safely(key, each.fields[key]) for each in (before, seen))
        told.append(f"{sentence(seen)}: {key} moved from {old!r} to {new!r}, though this task does not manage it")
    return told


def describe_difference(current: Deployment, key: str, wanted: Any) -> str:
    """The field, what is wanted and what was found, without secrets."""
    found = current.view(key, wanted)
    return f"{key}: wanted {shown_safely(key, wanted)!r}, found {shown_safely(key, found)!r}"


def tell(values: dict[str, Any]) -> str:
    """Values of fields, inside a sentence, without secrets."""
    return ", ".join(f"{key} {shown_safely(key, value)!r}" for key, value in values.items())


def shown_safely(key: str, value: Any) -> Any:
    """The value with a placeholder for each secret."""
    if key != PARAMETERS or not isinstance(value, list):
        return value
    return conceal(value)


def moved_fields(before: Deployment, after: Deployment, managed: set[str]) -> list[str]:
    """The names of configuration fields that nobody asked to change, but that did."""
    moved = []
    for key in CONFIGURATION:
        old, new = before.fields.get(key), after.fields.get(key)
        if key == "model" and isinstance(old, dict) and isinstance(new, dict):
            # What only one of the two shows has not moved.
            both = [part for part in ("id", "name") if part in old and part in new]
            old, new = ([model[part] for part in both] for model in (old, new))
        if key not in managed and None not in (old, new) and old != new:
            moved.append(key)
    return moved
