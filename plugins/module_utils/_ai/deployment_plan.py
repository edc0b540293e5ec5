# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan that leads from a deployment as it is to the one that is wanted. Pure: no HTTP, no clock."""

from __future__ import annotations

from typing import Any

from .._api.errors import ImmutableField, InvalidInput, NotFound
from .._reconcile.plan import CREATE, DELETE, SCALE, UPDATE, Plan, Step
from .deployment import (
    CONFIGURATION,
    ERROR,
    FIXED,
    PARAMETERS,
    UPDATABLE,
    VERSION,
    Deployment,
    Desired,
    model_reference,
    shown_safely,
)

DEPLOYMENTS = "/ai/deployment"
_NEEDED_TO_CREATE = ("model", "gpu_type", "gpu_count", "replicas")
#: What a replacement must know of the old one, or be told.
_NEEDED_TO_REPLACE = (*_NEEDED_TO_CREATE, VERSION)


def make_plan(current: Deployment | None, desired: Desired) -> Plan:
    """
    :param current: ``None`` if there is no such deployment.
    :returns: with a refusal if something differs that cannot be changed, and the deployment may not be replaced.
    :raises InvalidInput: what is needed to create or replace the deployment is missing.
    """
    label = _label(current, desired)
    if desired.absent:
        steps = () if current is None else (_delete(current),)
        return Plan(steps, {} if current is None else current.configuration(), label)
    if current is None:
        if desired.lookup_name is None:
            raise NotFound(
                f"The deployment {desired.id} is not there, and a deployment is created by name and not by id"
            )
        return Plan((_create(desired.lookup_name, desired.managed),), {}, label)
    fixed = [key for key in differing(current, desired.managed) if key in FIXED]
    if not fixed:
        return Plan(_update(current, desired), _managed_part(current, desired), label)
    if not desired.recreate:
        refusal = ImmutableField(
            "{} cannot become what is wanted, because this is fixed when a deployment is created: {}. "
            "With recreate=true the task would delete the deployment and create another one in its "
            "place".format(
                str(current).replace("the ", "The ", 1),
                "; ".join(describe_difference(current, key, desired.managed[key]) for key in fixed),
            )
        )
        return Plan((), _managed_part(current, desired), label, refusal)
    return _plan_replacement(current, desired, label)


def differing(current: Deployment, wanted: dict[str, Any]) -> list[str]:
    """The keys of ``wanted`` for which ``current`` certainly shows another value."""
    return [key for key, value in wanted.items() if current.differs(key, value)]


def describe_difference(current: Deployment, key: str, wanted: Any) -> str:
    """The field, what is wanted and what was found, without secrets."""
    found = current.view(key, wanted)
    return f"{key}: wanted {shown_safely(key, wanted)!r}, found {shown_safely(key, found)!r}"


def deployment_path(deployment_id: str) -> str:
    """Below the base URL."""
    return f"{DEPLOYMENTS}/{deployment_id}"


def _label(current: Deployment | None, desired: Desired) -> str:
    name = current.name if current else desired.lookup_name or desired.id
    return f"AI deployment {name} ({current.id if current else 'not there'})"


def _managed_part(current: Deployment, desired: Desired) -> dict[str, Any]:
    shown = {key: current.view(key, value) for key, value in desired.managed.items()}
    return {key: value for key, value in shown.items() if value is not None}


def _update(current: Deployment, desired: Desired) -> tuple[Step, ...]:
    needs_cure = desired.cures and current.state == ERROR
    different = list(desired.managed) if needs_cure else differing(current, desired.managed)
    steps = []
    values = {key: desired.managed[key] for key in UPDATABLE if key in different}
    if values:
        body = {key.replace("_", "-"): value for key, value in values.items()}
        back = {key: current.fields[key] for key in values if current.fields.get(key) is not None}
        undo = Desired(current.id, None, back, cures=True) if back else None
        steps.append(Step(UPDATE, "PATCH", deployment_path(current.id), body, values, undo=undo))
    if "replicas" in different:
        wanted = {"replicas": desired.managed["replicas"]}
        scale = Step(SCALE, "POST", deployment_path(current.id) + "/scale", wanted, wanted)
        # A roll-out needs GPUs: those that are given back come first, and more are asked for only when it is done.
        down = wanted["replicas"] < current.fields["replicas"]
        steps.insert(0 if down else len(steps), scale)
    return tuple(steps)


def _plan_replacement(current: Deployment, desired: Desired, label: str) -> Plan:
    """Delete and create; what is not managed is carried over, as the API's defaults need not be what is there."""
    before = {key: current.view(key, desired.managed.get(key)) for key in current.configuration()}
    wanted = {**before, **desired.managed}
    missing = [key for key in _NEEDED_TO_REPLACE if wanted.get(key) is None]
    if missing:
        raise InvalidInput(
            "{} cannot be replaced, because the API does not show {} of it, which the new one needs. Declare {} in the "
            "task".format(str(current).replace("the ", "The ", 1), ", ".join(missing), "them" if missing[1:] else "it")
        )
    name = wanted.pop("name")
    delete = Step(
        DELETE,
        "DELETE",
        deployment_path(current.id),
        None,
        {},
        then=desired.replacing(name, wanted),
        must_end=True,
    )
    return Plan((delete, _create(name, wanted)), before, label)


def _create(name: str, managed: dict[str, Any]) -> Step:
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
    body = {key.replace("_", "-"): value for key, value in result.items() if (key, value) != (PARAMETERS, [])}
    body["model"] = model_reference(result["model"])
    return Step(CREATE, "POST", DEPLOYMENTS, body, result)


def _delete(current: Deployment) -> Step:
    return Step(DELETE, "DELETE", deployment_path(current.id), None, {})
