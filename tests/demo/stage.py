# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the demo plays: an installation of its own, and the simulator."""

from __future__ import annotations

import json
import os
import subprocess
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build" / "demo"
PLAYBOOK = HERE / "chat.yml"
_TOOLS = BUILD / "venv" / "bin"
#: Long enough to see that the task waits.
_BEHAVIOUR = ("--operation-seconds", "1.5", "--settle-seconds", "1.5")


def install() -> None:
    venv.create(BUILD / "venv", with_pip=True, clear=True)
    requirements = ("ansible-core", "requests", "--requirement", str(ROOT / "tests" / "simulator" / "requirements.txt"))
    pins = ("--constraint", str(ROOT / ".ci" / "constraints.txt"))
    _run("python", "-m", "pip", "install", "--quiet", *requirements, *pins)
    _run("ansible-galaxy", "collection", "install", "--force", str(ROOT))


class Simulator:
    """The simulator in a process of its own.

    :param listening: the line in which it tells where.
    """

    def __init__(self, listening: dict[str, str]) -> None:
        self._control_url = listening["control_url"]
        self._credentials = {
            "EXOSCALE_API_KEY": listening["api_key"],
            "EXOSCALE_API_SECRET": listening["api_secret"],
            "EXOSCALE_API_ENDPOINT": listening["url"],
        }

    def control(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = Request(self._control_url + path, data, {"Content-Type": "application/json"}, method=method)
        # The simulator is on this machine, whatever proxy the environment names.
        with build_opener(ProxyHandler({})).open(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def play(self, command: Sequence[str]) -> int:
        """Its exit status."""
        program = str(_TOOLS / command[0])
        environment = {**_environment(), **self._credentials}
        return subprocess.run([program, *command[1:]], cwd=ROOT, env=environment, check=False).returncode


@contextmanager
def simulator() -> Iterator[Simulator]:
    command = [str(_TOOLS / "python"), "-m", "tests.simulator", *_BEHAVIOUR]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        first_line = process.stdout.readline()
        if not first_line:
            raise SystemExit("The simulator did not start")
        yield Simulator(json.loads(first_line))
    finally:
        process.terminate()
        process.wait(timeout=10)


def _run(program: str, *arguments: str) -> None:
    finished = subprocess.run(
        [str(_TOOLS / program), *arguments],
        cwd=ROOT,
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if finished.returncode:
        raise SystemExit("{}\n{} failed".format(finished.stdout, " ".join([program, *arguments])))


def _environment() -> dict[str, str]:
    """Without what somebody has set for Ansible and for a real account."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "EXOSCALE_"))}
    return {**inherited, "ANSIBLE_CONFIG": str(HERE / "ansible.cfg")}
