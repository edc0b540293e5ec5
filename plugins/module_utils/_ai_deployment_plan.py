# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan that leads from a deployment as it is to the one that is wanted. Pure: no HTTP, no clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ansible_collections.exoscale.cloud.plugins.module_utils._ai_deployment import (
    CONFIGURATION,
    FIXED,
    UPDATABLE,
)
from ansible_collections.exoscale.cloud.plugins.module_utils._errors import ImmutableField, InvalidInput
from ansible_collections.exoscale.cloud.plugins.module_utils._values import is_uuid

if TYPE_CHECKING:
    from ansible_collections.exoscale.cloud.plugins.module_utils._ai_deployment import Deployment, Desired

DEPLOYMENTS = "/ai/deployment"
CREATE, UPDATE, SCALE, DELETE = "create", "update", "scale", "delete"
_NEEDED_TO_CREATE = ("model", "gpu_type", "gpu_count", "replicas")


@dataclass(frozen=True)
class Step:
    """One request that changes something.

    :param action: ``create``, ``update``, ``scale`` or ``delete``.
    :param result: the fields, in snake_case, that the deployment then has.
    """

    action: str
    method: str
    path: str
    body: dict[str, Any] | None = field(hash=False)
    result: dict[str, Any] = field(hash=False)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def has_happened(self, current: Deployment | None) -> bool:
        """Whether what is there looks as this step would leave it."""
        if self.action == DELETE or current is None:
            return (self.action == DELETE) == (current is None)
        return self.action == CREATE or not differing(current, self.result)


@dataclass(frozen=True)
class Plan:
    """The ordered steps from ``before`` to ``after``, which hold the managed fields only."""

    steps: tuple[Step, ...]
    before: dict[str, Any] = field(hash=False)
    after: dict[str, Any] = field(hash=False)

    @property
    def changes(self) -> list[str]:
        """The names of the fields that differ."""
        missing = object()
        return [
            key
            for key in dict.fromkeys([*self.before, *self.after])
            if self.before.get(key, missing) != self.after.get(key, missing)
        ]

    @property
    def changed(self) -> bool:
        return bool(self.steps)

    @property
    def actions(self) -> list[str]:
        return [step.action for step in self.steps]


def make_plan(current: Deployment | None, desired: Desired) -> Plan:
    """
    :param current: None if there is no such deployment.
    :raises InvalidInput: what is needed to create the deployment is missing.
    :raises ImmutableField: something differs that cannot be changed, and the deployment may not be replaced.
    """
    if desired.absent:
        return Plan((), {}, {}) if current is None else Plan((_delete(current),), current.configuration(), {})
    if current is None:
        step = _create(desired.lookup_name, desired.managed)
        return Plan((step,), {}, step.result)
    fixed = [key for key in differing(current, desired.managed) if key in FIXED]
    if not fixed:
        return _plan_update(current, desired)
    if not desired.recreate:
        raise ImmutableField(
            "{} cannot become what is wanted, because this is decided when a deployment is created: {}. Nothing was "
            "changed. With recreate=true the task would delete the deployment and create it anew".format(
                current, "; ".join(describe_difference(current, key, desired.managed[key]) for key in fixed)
            )
        )
    return _plan_replacement(current, desired)


def differing(current: Deployment, wanted: dict[str, Any]) -> list[str]:
    """The keys of ``wanted`` for which ``current`` shows another value."""
    return [key for key, value in wanted.items() if current.shown(key, value) != value]


def describe_difference(current: Deployment, key: str, wanted: Any) -> str:
    return f"{key}: wanted {wanted!r}, found {current.shown(key, wanted)!r}"


def deployment_path(deployment_id: str) -> str:
    return f"{DEPLOYMENTS}/{deployment_id}"


def update_step(deployment_id: str, values: dict[str, Any]) -> Step:
    body = {key.replace("_", "-"): value for key, value in values.items()}
    return Step(UPDATE, "PATCH", deployment_path(deployment_id), body, values)


def _plan_update(current: Deployment, desired: Desired) -> Plan:
    before = {key: current.shown(key, value) for key, value in desired.managed.items()}
    different = differing(current, desired.managed)
    steps = []
    if any(key in UPDATABLE for key in different):
        steps.append(update_step(current.id, {key: desired.managed[key] for key in UPDATABLE if key in different}))
    if "replicas" in different:
        scale = _scale(current.id, desired.managed["replicas"])
        now = current.fields.get("replicas")
        # A roll-out needs GPUs: those that are given back come first, and more are asked for only when it is done.
        down = isinstance(now, int) and desired.managed["replicas"] < now
        steps.insert(0 if down else len(steps), scale)
    return Plan(tuple(steps), before, dict(desired.managed))


def _plan_replacement(current: Deployment, desired: Desired) -> Plan:
    """Delete and create; what is not managed is carried over, as the API's defaults need not be what is there."""
    before = {key: current.shown(key, desired.managed.get(key)) for key in current.configuration()}
    wanted = {**before, **desired.managed}
    step = _create(wanted.pop("name"), wanted)
    return Plan((_delete(current), step), before, step.result)


def _create(name: str | None, managed: dict[str, Any]) -> Step:
    if name is None:
        raise InvalidInput("A deployment is created by name and not by id")
    missing = [key for key in _NEEDED_TO_CREATE if managed.get(key) is None]
    if missing:
        raise InvalidInput(
            "The deployment {!r} does not exist, and to create it {} {} missing".format(
                name, ", ".join(missing), "is" if len(missing) == 1 else "are"
            )
        )
    if managed["replicas"] < 1:
        raise InvalidInput(
            f"The deployment {name!r} has to be created, and that takes at least 1 replica; set replicas to 1 or more, "
            "and scale it to 0 afterwards"
        )
    result = {"name": name, **{key: managed[key] for key in CONFIGURATION if key in managed}}
    body = {key.replace("_", "-"): value for key, value in result.items() if value != []}
    body["model"] = {"id" if is_uuid(result["model"]) else "name": result["model"]}
    return Step(CREATE, "POST", DEPLOYMENTS, body, result)


def _scale(deployment_id: str, replicas: int) -> Step:
    values = {"replicas": replicas}
    return Step(SCALE, "POST", deployment_path(deployment_id) + "/scale", values, values)


def _delete(current: Deployment) -> Step:
    return Step(DELETE, "DELETE", deployment_path(current.id), None, {})
