# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plays a task against the simulator, below AnsibleModule and with a clock that does not wait."""

from __future__ import annotations

from ansible_collections.exoscale.cloud.plugins.module_utils._ai_deployment_task import run
from ansible_collections.exoscale.cloud.plugins.module_utils._errors import ExoscaleError
from ansible_collections.exoscale.cloud.plugins.module_utils._outcome import Outcome

DEFAULTS = {
    "zone": None,
    "validate_certs": True,
    "api_timeout": 30,
    "api_retries": 5,
    "id": None,
    "name": None,
    "inference_engine_version": None,
    "inference_engine_parameters": None,
    "parameter_comparison": "semantic",
    "parameter_validation": "warn",
    "state": "present",
    "model": None,
    "gpu_type": None,
    "gpu_count": None,
    "replicas": None,
    "recreate": False,
    "on_failure": "keep",
    "failure_log_lines": 20,
    "wait": True,
    "wait_for": "ready",
    "wait_timeout": 1800,
}


class Player:
    def __init__(self, simulator, clock):
        self.simulator = simulator
        self.clock = clock

    def __call__(self, check_mode=False, **options):
        """The result of the task, as the module would return it in diff mode."""
        params = dict(
            DEFAULTS,
            api_key=self.simulator.api_key,
            api_secret=self.simulator.api_secret,
            api_endpoint=self.simulator.url,
        )
        params.update(options)
        outcome = Outcome("deployment")
        failure = {"failed": False}
        try:
            run(params, check_mode, outcome, self.clock)
        except ExoscaleError as error:
            failure = dict(error.result(), failed=True, msg=str(error))
        return dict(outcome.result(with_diff=True), warnings=outcome.warnings, **failure)
