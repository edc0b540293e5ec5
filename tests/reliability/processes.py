# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module processes that can be killed, and that run at the same time; their clock is fast."""

from __future__ import annotations

import contextlib
import faulthandler
import json
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from ansible_collections.exoscale.cloud.tests.simulator import FakeClock

_COLLECTION = "ansible_collections.exoscale.cloud"
#: So many seconds of the fast clock pass in one.
SPEED = 20
_LONGEST_SECONDS = 60.0
_LONG_ENOUGH_TO_NOTE = 0.5
#: A process of one thread, from which others are forked that need not import anything.
_CONTEXT = multiprocessing.get_context("forkserver")
_PRELOADED = (
    "tests.reliability.processes",
    "tests.unit.plugins.modules.module_process",
    *(f"plugins.modules.{name}" for name in ("ai_api_key", "ai_deployment", "ai_deployments", "ai_model")),
)
_CONTEXT.set_forkserver_preload([f"{_COLLECTION}.{name}" for name in _PRELOADED])


class FastClock(FakeClock):
    """The same time in all processes of a machine, in which much passes."""

    def monotonic(self) -> float:
        return time.monotonic() * SPEED

    def time(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds / SPEED)

    def advance(self, seconds: float) -> None:
        self.sleep(seconds)


class ModuleProcess:
    """One run of a module.

    :param name: of the module.
    :param arguments: as Ansible hands them over.
    :param output: where its result goes; what it says of its own end, such as a traceback, goes into a file beside it.
    """

    def __init__(self, name: str, arguments: dict[str, Any], output: Path) -> None:
        self._output = output
        self._process = _CONTEXT.Process(target=_run, args=(name, arguments, str(output)), daemon=True)
        self._process.start()

    @property
    def pid(self) -> int:
        return int(self._process.pid or 0)

    def kill(self, number: int) -> None:
        """Send a signal, and return when the process has got it."""
        os.kill(self.pid, number)
        # One that ends in good order only notes the signal, in its main thread, whose turn must come for that.
        self._process.join(_LONG_ENOUGH_TO_NOTE)

    def wait(self) -> int:
        """Its exit status; negative if a signal has ended it.

        :raises TimeoutError: it does not end.
        """
        self._process.join(_LONGEST_SECONDS)
        if self._process.exitcode is None:
            # It tells where it is.
            os.kill(self.pid, signal.SIGABRT)
            self._process.join()
            raise TimeoutError(f"the module did not end within {_LONGEST_SECONDS:g} seconds: {self.last_words()}")
        return int(self._process.exitcode)

    def result(self) -> dict[str, Any]:
        """What it has printed; empty if it was ended before."""
        self.wait()
        text = self._output.read_text(encoding="utf-8")
        found: dict[str, Any] = json.loads(text) if text.strip() else {}
        return found

    def last_words(self) -> str:
        """What has come to its standard error."""
        return _last_words(self._output).read_text(encoding="utf-8")


def _last_words(output: Path) -> Path:
    return output.with_suffix(".stderr")


def _run(name: str, arguments: dict[str, Any], output: str) -> None:
    # Whoever is started in the background ignores it, and so do its children.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    main = import_module(f"{_COLLECTION}.plugins.modules.{name}").main
    with open(output, "w", encoding="utf-8") as file, open(_last_words(Path(output)), "w", encoding="utf-8") as errors:
        os.dup2(file.fileno(), sys.stdout.fileno())
        os.dup2(errors.fileno(), sys.stderr.fileno())
        faulthandler.enable(errors)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8")
        with _arguments({**arguments, "_ansible_diff": True}):
            main(FastClock())


@contextlib.contextmanager
def _arguments(arguments: dict[str, Any]) -> Iterator[None]:
    from ansible_collections.exoscale.cloud.tests.unit.plugins.modules.module_process import module_args

    with module_args(arguments):
        try:
            yield
        finally:
            sys.stdout.flush()
