# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one place that turns outcomes and failures into a module's result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from ansible.module_utils.basic import AnsibleFallbackNotFound, missing_required_lib

from ansible_collections.exoscale.cloud.plugins.module_utils._client import HAS_REQUESTS
from ansible_collections.exoscale.cloud.plugins.module_utils._errors import ExoscaleError, InvalidInput

if TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule

    from ansible_collections.exoscale.cloud.plugins.module_utils._outcome import Findings, Outcome


def params_of(module: AnsibleModule) -> dict[str, Any]:
    """The module's options; environment variables stand in for those that are null, and not only for omitted ones."""
    params = dict(module.params)
    for name, spec in module.argument_spec.items():
        if params.get(name) is None and "fallback" in spec:
            read, variables = spec["fallback"]
            try:
                params[name] = read(*variables)
            except AnsibleFallbackNotFound:
                continue
            if spec.get("no_log"):
                module.no_log_values.add(params[name])
    return params


def run_module(module: AnsibleModule, outcome: Outcome | Findings, execute: Callable[[], None]) -> None:
    """Execute, and leave the process with what ``outcome`` then holds."""
    failure = None
    try:
        if not HAS_REQUESTS:
            raise InvalidInput(missing_required_lib("requests"))
        execute()
    except ExoscaleError as error:
        failure = error
    module.no_log_values.update(outcome.secrets)
    for warning in outcome.warnings:
        module.warn(warning)
    if failure is not None:
        module.fail_json(msg=str(failure), **failure.result(), **outcome.result(module._diff))
    module.exit_json(**outcome.result(module._diff))
