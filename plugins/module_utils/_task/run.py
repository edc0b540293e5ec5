# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a task to its result, the same in a module and in Ansible's own process."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Callable, Mapping

from ansible.module_utils.basic import missing_required_lib

from .._api.errors import ExoscaleError, InvalidInput
from .._api.libraries import HAS_REQUESTS
from .._api.sight import Tell, tell_nobody
from .connection import learn_secrets, refuse_what_ansible_takes
from .redaction import Redactor

if TYPE_CHECKING:
    from .._api.clock import Clock
    from .options import Declaration


#: Levels of JSON that are shown.
_DEEPEST = 30
_LARGEST_NUMBER = 10**30
_LONGEST_TEXT = 100_000


class Task:
    """What a task is given, and what it says on its way.

    :param params: the module's options, validated.
    :param progress: is given a line now and then while the task waits.
    """

    def __init__(
        self,
        params: dict[str, Any],
        check_mode: bool,
        clock: Clock,
        redactor: Redactor,
        progress: Tell = tell_nobody,
    ) -> None:
        self.params = params
        self.check_mode = check_mode
        self.clock = clock
        self.redactor = redactor
        self.warnings: list[str] = []
        self._progress = progress

    def tell(self, line: str) -> None:
        """Tell that the task waits, and for what."""
        if self._progress is not tell_nobody:
            self._progress(self.show_text(line))

    def show(self, value: Any) -> Any:
        """A JSON value as the result of the task shows it."""
        return self.redactor.redact(presentable(value))

    def show_text(self, text: str) -> str:
        """A text for a person as the result of the task shows it."""
        return _shown(text, self.redactor)

    def warn(self, text: str) -> None:
        """Give each warning once."""
        if text not in self.warnings:
            self.warnings.append(text)


class Ending:
    """How a task has ended: without secrets, and as it is shown."""

    def __init__(
        self,
        result: dict[str, Any],
        warnings: list[str],
        failure: str | None = None,
        revealed: Mapping[str, dict[str, Any]] | None = None,
    ) -> None:
        self.result = result
        self.warnings = warnings
        self.failure = failure
        self.revealed = revealed or {}

    def with_revealed(self, result: dict[str, Any]) -> dict[str, Any]:
        """``result``, which is without any secret, with those that it must show."""
        shown = {key: {**result[key], **values} for key, values in self.revealed.items() if values and result.get(key)}
        return {**result, **shown}


def _nothing() -> None:
    """For a task that leaves nothing behind."""


class Findings:
    """What is known of the result so far, asked for once at the end of the task, well or not.

    :param tell: the result, without the failure.
    :param reveal: by key of the result, the secrets that it must show.
    :param diff: the diff, in the form of Ansible; ``None`` as long as there is none.
    :param finish: is called when all that was known has been asked for.
    """

    def __init__(self) -> None:
        self.tell: Callable[[], dict[str, Any]] = dict
        self.reveal: Callable[[], dict[str, dict[str, Any]]] = dict
        self.diff: Callable[[], Any] | None = None
        self.finish: Callable[[], None] = _nothing


#: Does the work of a task; what is known of the result, also after a failure, is told by the second one.
Work = Callable[[Task, Findings], None]


def run_task(
    declaration: Declaration,
    work: Work,
    params: dict[str, Any],
    *,
    check_mode: bool,
    diff_mode: bool,
    redactor: Redactor,
    progress: Tell = tell_nobody,
    clock: Clock = time,
) -> Ending:
    """
    :param params: the module's options, validated.
    :param redactor: learns the secrets of the task.
    :param progress: is given a line, without secrets, now and then while the task waits; not in check mode.
    """
    learn_secrets(declaration, params, redactor)
    task = Task(params, check_mode, clock, redactor, tell_nobody if check_mode else progress)
    findings = Findings()
    failure: ExoscaleError | None = None
    try:
        try:
            if not HAS_REQUESTS:
                raise InvalidInput(missing_required_lib("requests"))
            refuse_what_ansible_takes(params, declaration.options)
            work(task, findings)
        except ExoscaleError as error:
            failure = error
        return _ending(declaration, task, findings, failure, diff_mode)
    finally:
        findings.finish()


def _ending(
    declaration: Declaration, task: Task, findings: Findings, failure: ExoscaleError | None, diff_mode: bool
) -> Ending:
    redactor = task.redactor
    result = findings.tell()
    if failure is not None:
        result.update({key: value for key, value in failure.result().items() if key in declaration.failure})
    if diff_mode and findings.diff is not None:
        result["diff"] = findings.diff()
    shaped = declaration.shape(result, failed=failure is not None, diff_mode=diff_mode)
    revealed = findings.reveal()
    redactor.let_out(*(value for values in revealed.values() for value in values.values()))
    return Ending(
        redactor.redact(presentable(shaped)),
        [_shown(warning, redactor) for warning in task.warnings],
        None if failure is None else _shown(str(failure), redactor),
        revealed,
    )


def refused(declaration: Declaration, message: str, redactor: Redactor, *, diff_mode: bool) -> Ending:
    """How a task ends whose options are refused."""
    shaped = declaration.shape({"changed": False}, failed=True, diff_mode=diff_mode)
    return Ending(redactor.redact(shaped), [], _shown(message, redactor))


def _shown(text: str, redactor: Redactor) -> str:
    # As a value of the result: a text that is cut may end in the middle of a secret.
    return paragraph(redactor.redact(presentable(text)))


def _visible(character: str) -> str:
    """What a terminal would obey instead of showing it is spelt out."""
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")


def presentable(value: Any, depth: int = 0) -> Any:
    """The same JSON value as Ansible can show it: not too deep or too long, and without halves of characters."""
    if isinstance(value, str):
        shown = value if len(value) <= _LONGEST_TEXT else value[:_LONGEST_TEXT] + "…"
        return shown.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, (dict, list, tuple)) and depth >= _DEEPEST:
        return "…"
    # Neither is NaN, which is no JSON, between these bounds.
    if isinstance(value, (int, float)) and not -_LARGEST_NUMBER < value < _LARGEST_NUMBER:
        return "…"
    if isinstance(value, dict):
        return {_presentable_key(key): presentable(each, depth + 1) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [presentable(each, depth + 1) for each in value]
    return value


def _presentable_key(key: Any) -> str:
    # ansible-core makes something else of an object with such a key, or refuses it.
    text: str = presentable(str(key))
    return text.lstrip("_") if text.startswith("__ansible") else text


def paragraph(text: str) -> str:
    """The same text on one line, and harmless for a terminal; what servers say may hold anything."""
    return "".join(map(_visible, " ".join(text.split())))
