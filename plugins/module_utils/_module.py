# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one place that turns outcomes and failures into a module's result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

from ansible.module_utils.basic import missing_required_lib

from ansible_collections.exoscale.cloud.plugins.module_utils._client import HAS_REQUESTS
from ansible_collections.exoscale.cloud.plugins.module_utils._errors import ExoscaleError

if TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule

    from ansible_collections.exoscale.cloud.plugins.module_utils._outcome import Findings, Outcome


def run_module(module: AnsibleModule, outcome: Outcome | Findings, execute: Callable[[], None]) -> None:
    """Execute, and leave the process with what ``outcome`` then holds."""
    if not HAS_REQUESTS:
        module.fail_json(msg=missing_required_lib("requests"), **outcome.result(module._diff))
    failure = None
    try:
        execute()
    except ExoscaleError as error:
        failure = error
    module.no_log_values.update(outcome.secrets)
    for warning in outcome.warnings:
        module.warn(warning)
    if failure is not None:
        module.fail_json(msg=str(failure), **failure.result(), **outcome.result(module._diff))
    module.exit_json(**outcome.result(module._diff))
