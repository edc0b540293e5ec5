# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a task can run in Ansible's own process with certainly the same outcome as in a module's process."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Mapping

from ansible import constants
from ansible.errors import AnsibleError
from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.exoscale.cloud.plugins.module_utils._api.libraries import HAS_REQUESTS

if TYPE_CHECKING:
    from ansible.plugins.action import ActionBase

IN_PROCESS_VARIABLE = "exoscale_in_process"
IN_PROCESS_ENVIRONMENT = "EXOSCALE_IN_PROCESS"
#: Values of ``ansible_python_interpreter`` that name none, as if it were not set.
_DISCOVERY = ("auto", "auto_silent", "auto_legacy", "auto_legacy_silent")


def reason_for_module(action: ActionBase, variables: Mapping[str, Any]) -> str | None:
    """Why the task has to run as a module; ``None`` if it need not.

    :param variables: those of the task.
    """
    task = action._task
    connection = action._connection
    if connection.transport != "local":
        return f"its connection is {connection.transport}"
    if connection.become or task.become:
        return "it has become"
    if task.async_val:
        return "it is asynchronous"
    if any(task.environment or ()):
        return "it has an environment"
    interpreter = _interpreter(action, variables)
    if interpreter not in ("", *_DISCOVERY, sys.executable):
        return f"its interpreter is {interpreter}, and Ansible's own is {sys.executable}"
    if not HAS_REQUESTS:
        return f"{sys.executable} cannot import requests"
    if is_switched_off(action, variables, IN_PROCESS_VARIABLE, IN_PROCESS_ENVIRONMENT):
        return f"{IN_PROCESS_VARIABLE} or {IN_PROCESS_ENVIRONMENT} says so"
    return None


def is_switched_off(action: ActionBase, variables: Mapping[str, Any], variable: str, environment: str) -> bool:
    """Whether a variable of the task, or one of Ansible's environment, is false."""
    values = (_templated(action, variables.get(variable)), os.environ.get(environment))
    return any(value not in (None, "") and not _is_true(value) for value in values)


def _is_true(value: Any) -> bool:
    try:
        return bool(boolean(value, strict=False))
    except TypeError:
        # A list or a mapping.
        return False


def _interpreter(action: ActionBase, variables: Mapping[str, Any]) -> str:
    delegate = action._task.delegate_to
    if delegate:
        variables = variables.get("ansible_delegated_vars", {}).get(delegate, {})
    value = variables.get("ansible_python_interpreter", constants.INTERPRETER_PYTHON)
    return str(_templated(action, value) or "").strip()


def _templated(action: ActionBase, value: Any) -> Any:
    """The value; a template that fails stands for itself, which is neither true nor an interpreter."""
    try:
        return action._templar.template(value) if isinstance(value, str) else value
    except AnsibleError:
        return str(value)
