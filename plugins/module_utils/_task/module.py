# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module process around a task."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Callable, NoReturn

from ansible.module_utils.basic import AnsibleModule

from .connection import learn_secrets
from .options import received
from .redaction import Redactor
from .run import paragraph, presentable, run_task
from .start import quiet_end

if TYPE_CHECKING:
    from .._api.clock import Clock
    from .options import Declaration
    from .run import Work


class Module(AnsibleModule):  # type: ignore[misc]
    """An ``AnsibleModule`` that takes secrets out of all that it says, also while it refuses its options."""

    def __init__(self, declaration: Declaration) -> None:
        self.declaration = declaration
        self.redactor = Redactor()
        #: Puts those secrets back into a result that it must show.
        self.with_revealed: Callable[[dict[str, Any]], dict[str, Any]] = dict
        #: While ansible-core validates the options, they change.
        self._is_validated = False
        super().__init__(
            argument_spec=declaration.options,
            required_one_of=declaration.required_one_of,
            mutually_exclusive=declaration.mutually_exclusive,
            supports_check_mode=True,
        )
        learn_secrets(declaration, self.params, self.redactor)
        self._is_validated = True

    def _load_params(self) -> None:
        super()._load_params()
        self.params: dict[str, Any] = received(self.params, self.declaration.options)
        learn_secrets(self.declaration, self.params, self.redactor)

    def log(self, msg: Any, log_args: Any = None) -> None:
        """Write to the log of the host."""
        if not self._is_validated:
            learn_secrets(self.declaration, self.params, self.redactor)
        # What ansible-core says of the options, and lines of progress, from which all else was taken out.
        shown = self.redactor.known(msg) if isinstance(msg, str) else self.redactor.redact(msg)
        shown = presentable(shown)
        # A log takes no text with NUL in it, and the task would fail for that.
        line = shown.replace("\0", "\\x00") if isinstance(shown, str) else shown
        super().log(line, log_args=presentable(self.redactor.redact(log_args)))

    def fail_json(self, msg: str, **result: Any) -> NoReturn:
        """End in failure; each key of a failure is there."""
        shaped = self.declaration.shape({"changed": False, **result}, failed=True, diff_mode=self._diff)
        self._end(super().fail_json, {**shaped, "msg": paragraph(self.redactor.text(str(msg)))})

    def exit_json(self, **result: Any) -> NoReturn:
        """End well."""
        self._end(super().exit_json, result)

    def _end(self, leave: Any, result: dict[str, Any]) -> NoReturn:
        learn_secrets(self.declaration, self.params, self.redactor)
        self.redactor.register()
        exception = {"exception": result.pop("exception")} if "exception" in result else {}
        shown_options = self.redactor.options(self.params, self.declaration.options, self.declaration.inner)
        shown = self.with_revealed(self.redactor.redact(result))
        leave(**shown, **exception, invocation={"module_args": shown_options})
        raise AssertionError("AnsibleModule does not return")


@quiet_end()
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
        progress=module.log,
        clock=clock,
    )
    module.with_revealed = ending.with_revealed
    for warning in ending.warnings:
        module.warn(warning)
    if ending.failure is not None:
        module.fail_json(msg=ending.failure, **ending.result)
    module.exit_json(**ending.result)
