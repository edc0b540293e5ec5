# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan that leads from a deployment as it is to the one that is wanted. Pure: no HTTP, no clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._reconcile.plan import Plan

if TYPE_CHECKING:
    from .deployment import Deployment, Desired


def make_plan(current: Deployment | None, desired: Desired) -> Plan:
    """
    :param current: ``None`` if there is no such deployment.
    :returns: with a refusal if something differs that cannot be changed, and the deployment may not be replaced.
    :raises InvalidInput: what is needed to create or replace the deployment is missing.
    :raises NotFound: the deployment would have to be created by its ID.
    """
    label = _label(current, desired)
    if current is None and desired.absent:
        return Plan((), {}, label)
    if current is not None and desired.is_met_by(current):
        return Plan((), current.part(desired.managed), label)
    # Imported where something changes: a module compiles whatever it imports, each time it starts.
    from .deployment_steps import plan_change

    return plan_change(current, desired, label)


def _label(current: Deployment | None, desired: Desired) -> str:
    name = current.name if current else desired.lookup_name or desired.id
    return f"AI deployment {name} ({current.id if current else 'not there'})"
