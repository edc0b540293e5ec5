# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plays a task against the simulator, below AnsibleModule and with a clock that does not wait."""

from __future__ import annotations

from ansible_collections.exoscale.cloud.plugins.module_utils._task import deployment
from ansible_collections.exoscale.cloud.plugins.module_utils._task.redaction import Redactor
from ansible_collections.exoscale.cloud.plugins.module_utils._task.run import run_task


class Player:
    """
    :param task: the file of :mod:`_task` whose module is played.

    ``told`` has the lines of progress.
    """

    def __init__(self, simulator, clock, task=deployment):
        self.simulator = simulator
        self.clock = clock
        self.task = task
        self.told = []

    def __call__(self, check_mode=False, **options):
        """The result of the task, as the module would return it in diff mode."""
        declared = self.task.declaration()
        work = getattr(self.task, "manage", None) or self.task.look_up
        params = {name: option.get("default") for name, option in declared.options.items()}
        params.update(
            api_key=self.simulator.api_key, api_secret=self.simulator.api_secret, api_endpoint=self.simulator.url
        )
        params.update(options)
        ending = run_task(
            declared,
            work,
            params,
            check_mode=check_mode,
            diff_mode=True,
            redactor=Redactor(),
            clock=self.clock,
            progress=self.told.append,
        )
        failed = ending.failure is not None
        failure = {"msg": ending.failure} if failed else {}
        result = ending.with_revealed(ending.result)
        return {**result, "warnings": ending.warnings, "failed": failed, **failure}
