# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the messages of the guide are played, each in a world of its own."""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import trustme

from ansible_collections.exoscale.cloud.plugins.module_utils._api.client import Client
from ansible_collections.exoscale.cloud.plugins.module_utils._api.signature import Exo2Auth
from ansible_collections.exoscale.cloud.plugins.module_utils._task import deployment as of_deployment
from ansible_collections.exoscale.cloud.tests.simulator import FakeClock, Simulator
from ansible_collections.exoscale.cloud.tests.unit.plugins.module_utils._task.play import Player

OLD, NEW = "0.18.0", "0.19.0"
NOBODY = "00000000-0000-4000-8000-000000000000"
#: What a new deployment needs.
WHOLE = {"model": "openai/gpt-oss-120b", "gpu_type": "gpua5000", "gpu_count": 1, "replicas": 1}
_OF_THE_NETWORK = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
WARNING = "[WARNING]: "


class Stage:
    """
    :param patch: changes the environment for the time of the play.
    :param cleanup: ends what was begun for the play.
    """

    def __init__(self, simulator: Simulator, clock: FakeClock, folder: Path, patch: Any, cleanup: ExitStack) -> None:
        self.simulator = simulator
        self.clock = clock
        self.folder = folder
        self.patch = patch
        self.cleanup = cleanup

    def play(self, task: Any = of_deployment, **options: Any) -> dict[str, Any]:
        """The result of a task."""
        return Player(self.simulator, self.clock, task)(**options)

    def deployment(self, **fields: Any) -> str:
        """Put a deployment there that is named chat; its ID."""
        return self.simulator.add_deployment(**{"name": "chat", "inference_engine_version": OLD, **fields})

    def update(self, deployment_id: str | None = None, **options: Any) -> dict[str, Any]:
        """The result of a task that wants another version of the engine."""
        wanted = {"id": deployment_id or self.deployment(), "inference_engine_version": NEW}
        return self.play(**{**wanted, **options})

    def client(self, **options: Any) -> Client:
        """What sends requests to the simulator."""
        auth = Exo2Auth(self.simulator.api_key, self.simulator.api_secret, self.clock.time)
        return Client(self.simulator.url, auth, clock=self.clock, **options)

    def with_tls(self) -> Simulator:
        """Another simulator, behind a certificate of an authority that nobody knows."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
        return self.cleanup.enter_context(Simulator(self.clock, tls=context))

    def write(self, text: str | bytes, name: str = "exoscale.toml") -> str:
        """Write a file; its path."""
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return str(path)


SCENARIOS: dict[str, Callable[[Stage], Any]] = {}


def plays(*words: str) -> Callable[[Callable[[Stage], Any]], Callable[[Stage], Any]]:
    """The function makes the collection say the messages of the guide that have these words, and no others.

    It returns the result of a task, or the text of an error, or several of them.
    """

    def keep(scenario: Callable[[Stage], Any]) -> Callable[[Stage], Any]:
        for each in words:
            assert each not in SCENARIOS, each
            SCENARIOS[each] = scenario
        return scenario

    return keep


@cache
def lines_of(scenario: Callable[[Stage], Any]) -> tuple[str, ...]:
    """What a user sees in the end: the failure, and the warnings."""
    with _stage() as stage:
        return tuple(_lines(scenario(stage)))


@contextmanager
def _stage() -> Iterator[Stage]:
    clock = FakeClock()
    with ExitStack() as cleanup:
        patch = cleanup.enter_context(pytest.MonkeyPatch.context())
        folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory()))
        for name in os.environ:
            if name.upper() in _OF_THE_NETWORK or name.startswith("EXOSCALE_"):
                patch.delenv(name)
        patch.delenv("XDG_CONFIG_HOME", raising=False)
        patch.setenv("HOME", str(folder))
        simulator = cleanup.enter_context(Simulator(clock))
        yield Stage(simulator, clock, folder, patch, cleanup)


def _lines(outcome: Any) -> Iterator[str]:
    if isinstance(outcome, list):
        for each in outcome:
            yield from _lines(each)
        return
    if not isinstance(outcome, dict):
        yield str(outcome)
        return
    yield from [str(outcome["msg"])] if "msg" in outcome else []
    yield from [WARNING + each for each in outcome.get("warnings", [])]
    for each in (*outcome.get("results", []), *outcome.get("purged", [])):
        yield from _lines(each)
