# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Playbooks against the simulator."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import nox

from .ansible_test import ansible_test
from .places import HOME, REPORT


def play(session: nox.Session, tree: Path, *options: str, minutes: int = 15) -> None:
    provide_ssh_key()
    with simulator(session) as facts:
        # JSON is YAML, and quoting is its business.
        (tree / "tests/integration/integration_config.yml").write_text(json.dumps(facts))
        ansible_test(session, tree, "integration", "--python", str(session.python), *options, minutes=minutes)


def provide_ssh_key() -> None:
    """ansible-test insists on a key for remote hosts; there are none, so that no machine needs OpenSSH for it."""
    folder = HOME / ".ansible" / "test"
    folder.mkdir(parents=True, exist_ok=True)
    if not shutil.which("ssh-keygen"):
        for name in ("id_rsa", "id_rsa.pub"):
            (folder / name).write_text("ssh-keygen is not installed\n")


@contextlib.contextmanager
def simulator(session: nox.Session) -> Iterator[dict[str, str]]:
    """Run the simulator on a free port; yield what the playbooks need to know of it."""
    command = [Path(session.bin) / "python", "-m", "tests.simulator", "--port", "0"]
    log = REPORT / "simulator.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with (
        log.open("w") as stderr,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True) as process,
    ):
        try:
            line = process.stdout.readline()
            if not line:
                session.error(f"the simulator did not start: {log.read_text()}")
            said = json.loads(line)
            yield {
                "exoscale_api_endpoint": said["url"],
                "exoscale_api_key": said["api_key"],
                "exoscale_api_secret": said["api_secret"],
                "simulator_url": said["control_url"],
            }
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
