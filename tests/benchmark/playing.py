# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plays a playbook, and tells how long each play took and how much memory all of it needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.simulator import Simulator

HERE = Path(__file__).resolve().parent


def played(
    simulator: Simulator, collections: str, folder: Path, book: Path, *, changes: bool = False, inventory: str = ""
) -> dict[str, float]:
    """Seconds for each play.

    :param changes: whether something has to change; if not, nothing may.
    """
    return run(simulator, collections, folder, book, changes=changes, inventory=inventory)[0]


def run(
    simulator: Simulator, collections: str, folder: Path, book: Path, *, changes: bool = False, inventory: str = ""
) -> tuple[dict[str, float], float]:
    """Seconds for each play, and the megabytes that the largest of its processes has used."""
    told, output = folder / "stopwatch.json", folder / "output"
    environment = dict(
        os.environ,
        ANSIBLE_COLLECTIONS_PATH=collections,
        ANSIBLE_LIBRARY=str(HERE / "library"),
        ANSIBLE_CALLBACK_PLUGINS=str(HERE / "callback_plugins"),
        ANSIBLE_CALLBACKS_ENABLED="stopwatch",
        ANSIBLE_FORKS="20",
        ANSIBLE_ASYNC_DIR=str(folder / "async"),
        ANSIBLE_LOCALHOST_WARNING="false",
        ANSIBLE_INVENTORY_UNPARSED_WARNING="false",
        STOPWATCH=str(told),
        EXOSCALE_API_KEY=simulator.api_key,
        EXOSCALE_API_SECRET=simulator.api_secret,
        EXOSCALE_API_ENDPOINT=simulator.url,
    )
    command = [
        sys.executable,
        "-m",
        "ansible",
        "playbook",
        *(("--inventory", inventory) if inventory else ()),
        str(book),
    ]
    with output.open("w") as target:
        process = subprocess.Popen(command, env=environment, stdout=target, stderr=subprocess.STDOUT)
        _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    printed = output.read_text()
    is_as_it_should_be = ("changed=0" in printed) != changes
    if process.returncode or not is_as_it_should_be:
        raise SystemExit(printed[-4000:])
    seconds: dict[str, float] = json.loads(told.read_text())
    return seconds, usage.ru_maxrss / 1024
