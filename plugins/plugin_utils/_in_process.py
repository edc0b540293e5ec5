# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the task of a module in Ansible's own process, where the outcome is certainly the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Mapping

from ansible import constants
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.errors import UnsupportedError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.exoscale.cloud.plugins.module_utils._api.values import leaves
from ansible_collections.exoscale.cloud.plugins.module_utils._task.connection import learn_secrets
from ansible_collections.exoscale.cloud.plugins.module_utils._task.options import received
from ansible_collections.exoscale.cloud.plugins.module_utils._task.redaction import CORE_MASKS_RESULTS, Redactor
from ansible_collections.exoscale.cloud.plugins.module_utils._task.run import refused, run_task

from ._arguments import plain_options
from ._conditions import reason_for_module
from ._progress import progress_of
from ._quiet import libraries_quiet

if TYPE_CHECKING:
    from ansible_collections.exoscale.cloud.plugins.module_utils._task.options import Declaration
    from ansible_collections.exoscale.cloud.plugins.module_utils._task.run import Work


class InProcess(ActionBase):  # type: ignore[misc]
    """The action plugin beside a module.

    A subclass for each module gives its declaration and its work.
    """

    _supports_async = True

    declaration: Declaration
    work: Work

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The result of the task."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        reason = reason_for_module(self, variables)
        options = plain_options(self._task.args)
        if reason is None and options is None:
            reason = "it has options that only a module's process can read"
        display = Display()
        where = variables.get("inventory_hostname")
        if reason is not None or options is None:
            display.vvv(f"{self._task.action} runs as a module: {reason}", host=where)
            result.update(self._as_module(task_vars))
            return result
        display.vvv(f"{self._task.action} runs in Ansible's own process", host=where)
        with libraries_quiet():
            result.update(self._in_process(options, variables))
        return result

    def _as_module(self, task_vars: dict[str, Any] | None) -> dict[str, Any]:
        normal = self._shared_loader_obj.action_loader.get(
            "ansible.legacy.normal",
            task=self._task,
            connection=self._connection,
            play_context=self._play_context,
            loader=self._loader,
            templar=self._templar,
            shared_loader_obj=self._shared_loader_obj,
        )
        outcome: dict[str, Any] = normal.run(task_vars=task_vars)
        return outcome

    def _in_process(self, options: dict[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
        declaration = self.declaration
        params = received(options, declaration.options)
        redactor = Redactor()
        learn_secrets(declaration, params, redactor)
        validation = ArgumentSpecValidator(
            declaration.options,
            required_one_of=declaration.required_one_of,
            mutually_exclusive=declaration.mutually_exclusive,
        ).validate(params)
        params.update(validation.validated_parameters)
        if validation.error_messages:
            learn_secrets(declaration, params, redactor)
            ending = refused(declaration, self._refusal(validation.errors), redactor, diff_mode=self._task.diff)
        else:
            ending = run_task(
                declaration,
                type(self).work,
                dict(params),
                check_mode=self._task.check_mode,
                diff_mode=self._task.diff,
                redactor=redactor,
                progress=progress_of(self, variables),
            )
        hidden = _hidden_by_core(options, declaration)
        redactor.register()
        result = ending.with_revealed(ending.result)
        if ending.failure is not None:
            result.update(failed=True, msg=ending.failure)
        if ending.warnings:
            result["warnings"] = list(ending.warnings)
        if getattr(constants, "INJECT_INVOCATION", True):
            result["invocation"] = {"module_args": redactor.options(params, declaration.options, declaration.inner)}
        return _as_returned(result, hidden)

    def _refusal(self, errors: Any) -> str:
        message: str = errors.msg
        if isinstance(errors[0], UnsupportedError):
            return f"Unsupported parameters for ({self._task.action}) module: {message}"
        return message


def _as_returned(result: dict[str, Any], hidden: set[str]) -> dict[str, Any]:
    """What ansible-core makes of the result of a module's process.

    :param hidden: the values of options that are secrets.
    """
    if not CORE_MASKS_RESULTS:
        # ansible-core 2.22 notes in the result of a module that it could read it.
        return {**result, "ansible_parsed": True}
    kept = {name: value for name, value in result.items() if value is None or isinstance(value, bool)}
    return {**remove_values(result, hidden), **kept}


def _hidden_by_core(options: dict[str, Any], declaration: Declaration) -> set[str]:
    secret = [name for name, option in declaration.options.items() if option.get("no_log")]
    # To ansible-core, a number that is zero is none.
    return {text for name in secret for text in leaves(options.get(name) or None)}
