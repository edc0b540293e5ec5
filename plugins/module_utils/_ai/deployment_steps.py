# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps that change, create, replace or delete a deployment. Pure: no HTTP, no clock."""

from __future__ import annotations

from typing import Any

from .._api.errors import ImmutableField, InvalidInput, NotFound
from .._api.values import sentence
from .._reconcile.plan import CREATE, DELETE, SCALE, UPDATE, Plan, Step
from .deployment import (
    CONFIGURATION,
    DEPLOYMENTS,
    FIXED,
    PARAMETERS,
    UPDATABLE,
    VERSION,
    Deployment,
    Desired,
    deployment_path,
    model_reference,
)
from .deployment_change import describe_difference

_NEEDED_TO_CREATE = ("model", "gpu_type", "gpu_count", "replicas")
#: What a replacement must know of the old one, or be told.
_NEEDED_TO_REPLACE = (*_NEEDED_TO_CREATE, VERSION)


def plan_change(current: Deployment | None, desired: Desired, label: str) -> Plan:
    """The plan where something is to be done, or cannot be done.

    :param current: ``None`` if there is no such deployment, but there shall be one.
    :raises InvalidInput: what is needed to create or replace the deployment is missing.
    :raises NotFound: the deployment would have to be created by its ID.
    """
    if current is None:
        if desired.lookup_name is None:
            raise NotFound(
                f"The deployment {desired.id} is not there, and a deployment is created by name and not by id"
            )
        return Plan((_create(desired.lookup_name, desired.managed),), {}, label)
    if desired.absent:
        return Plan((_delete(current),), current.configuration(), label)
    fixed = [key for key in current.differing(desired.managed) if key in FIXED]
    if not fixed:
        return Plan(_update(current, desired), current.part(desired.managed), label)
    if not desired.recreate:
        refusal = ImmutableField(
            "{} cannot become what is wanted, because this is fixed when a deployment is created: {}. "
            "With recreate=true the task would delete the deployment and create another one in its "
            "place".format(
                sentence(current),
                "; ".join(describe_difference(current, key, desired.managed[key]) for key in fixed),
            )
        )
        return Plan((), current.part(desired.managed), label, refusal)
    return _plan_replacement(current, desired, label)


def _update(current: Deployment, desired: Desired) -> tuple[Step, ...]:
    different = list(desired.managed) if desired.wants_cure_of(current) else current.differing(desired.managed)
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
            "task".format(sentence(current), ", ".join(missing), "them" if missing[1:] else "it")
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
    return Plan((delete, _create(name, wanted, replaces=True)), before, label)


def _create(name: str, managed: dict[str, Any], replaces: bool = False) -> Step:
    missing = [key for key in _NEEDED_TO_CREATE if managed.get(key) is None]
    if missing:
        raise InvalidInput(
            "The deployment {!r} does not exist, and to create it {} {} missing".format(
                name, ", ".join(missing), "is" if len(missing) == 1 else "are"
            )
        )
    if managed["replicas"] < 1:
        place = " in place of the old one" if replaces else ""
        raise InvalidInput(
            f"The deployment {name!r} has to be created{place}, and that takes "
            "at least 1 replica; set replicas to 1 or more, and scale it to 0 afterwards"
        )
    result = {"name": name, **{key: managed[key] for key in CONFIGURATION if key in managed}}
    body = {key.replace("_", "-"): value for key, value in result.items() if (key, value) != (PARAMETERS, [])}
    body["model"] = model_reference(result["model"])
    return Step(CREATE, "POST", DEPLOYMENTS, body, result)


def _delete(current: Deployment) -> Step:
    return Step(DELETE, "DELETE", deployment_path(current.id), None, {})
