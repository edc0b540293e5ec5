# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module process around a task."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NoReturn

from ansible.module_utils.basic import AnsibleModule

from .connection import learn_credentials
from .options import tame_numbers, without_nulls
from .redaction import Redactor
from .run import paragraph, run_task

try:
    from ansible.module_utils.secrets import register_secrets
except ImportError:
    # ansible-core before 2.22.
    register_secrets = None

if TYPE_CHECKING:
    from .._api.clock import Clock
    from .options import Declaration
    from .run import Work

_HIDDEN_OPTION = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


class Module(AnsibleModule):  # type: ignore[misc]
    """An ``AnsibleModule`` that takes secrets out of all that it says, also while it refuses its options."""

    def __init__(self, declaration: Declaration) -> None:
        self.declaration = declaration
        self.redactor = Redactor()
        super().__init__(
            argument_spec=declaration.options,
            required_one_of=declaration.required_one_of,
            supports_check_mode=True,
        )

    def _load_params(self) -> None:
        super()._load_params()
        self.params: dict[str, Any] = tame_numbers(
            without_nulls(self.params, self.declaration.options), self.declaration.options
        )
        learn_credentials(self.params, self.redactor)

    def log(self, msg: Any, log_args: Any = None) -> None:
        """Write to the log of the host."""
        learn_credentials(self.params, self.redactor)
        super().log(self.redactor.redact(msg), log_args=self.redactor.redact(log_args))

    def fail_json(self, msg: str, **result: Any) -> NoReturn:
        """End in failure; each key of a failure is there."""
        shaped = self.declaration.shape({"changed": False, **result}, failed=True, diff_mode=self._diff)
        self._end(super().fail_json, {**shaped, "msg": paragraph(self.redactor.text(str(msg)))})

    def exit_json(self, **result: Any) -> NoReturn:
        """End well."""
        self._end(super().exit_json, result)

    def _end(self, leave: Any, result: dict[str, Any]) -> NoReturn:
        learn_credentials(self.params, self.redactor)
        if register_secrets is not None:
            register_secrets(self.redactor.secrets)
        exception = {"exception": result.pop("exception")} if "exception" in result else {}
        leave(**self.redactor.redact(result), **exception, invocation={"module_args": self._shown_options()})
        raise AssertionError("AnsibleModule does not return")

    def _shown_options(self) -> dict[str, Any]:
        """The options as a reader may see them; what is no option may be a misspelt secret."""
        options = self.declaration.options
        hidden = {name for name in self.params if name not in options or options[name].get("no_log")}
        return {
            name: _HIDDEN_OPTION if name in hidden and value is not None else self.redactor.redact(value)
            for name, value in self.params.items()
        }


def run_module(declaration: Declaration, work: Work, clock: Clock = time) -> NoReturn:
    """The ``main()`` of each module."""
    module = Module(declaration)
    ending = run_task(
        declaration,
        work,
        dict(module.params),
        check_mode=module.check_mode,
        diff_mode=module._diff,
        redactor=module.redactor,
        clock=clock,
    )
    for warning in ending.warnings:
        module.warn(warning)
    if ending.failure is not None:
        module.fail_json(msg=ending.failure, **ending.result)
    module.exit_json(**ending.result)
