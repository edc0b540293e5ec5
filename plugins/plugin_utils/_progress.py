# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lines that a waiting task prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Mapping

from ansible import constants
from ansible.utils.display import Display

from ansible_collections.exoscale.cloud.plugins.module_utils._api.sight import Tell, tell_nobody

from ._conditions import is_switched_off

if TYPE_CHECKING:
    from ansible.plugins.action import ActionBase

PROGRESS_VARIABLE = "exoscale_progress"
PROGRESS_ENVIRONMENT = "EXOSCALE_PROGRESS"


def progress_of(action: ActionBase, variables: Mapping[str, Any]) -> Tell:
    """Prints the lines of this task, unless nobody may or wants to see them.

    :param variables: those of the task.
    """
    if action._task.no_log or is_switched_off(action, variables, PROGRESS_VARIABLE, PROGRESS_ENVIRONMENT):
        return tell_nobody
    display = Display()
    host = variables.get("inventory_hostname", "localhost")
    delegate = action._task.delegate_to
    where = f"{host} -> {delegate}" if delegate else host

    def tell(line: str) -> None:
        display.display(f"waiting: [{where}] => {line}", stderr=_stdout_is_for_programs())

    return tell


def _stdout_is_for_programs() -> bool:
    callback: str = constants.DEFAULT_STDOUT_CALLBACK
    return callback.endswith(("json", "jsonl"))
