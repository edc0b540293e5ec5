# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the process of our module costs, beside that of a bare AnsibleModule that sends one GET with requests.

Ansible itself packs both; the packed files are then run as processes, in turn.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.simulator import Simulator

from .measurement import Measurement, milliseconds

HERE = Path(__file__).resolve().parent
#: One process is over soon, and varies.
MORE_RUNS = 5


def measure(simulator: Simulator, collections: str, folder: Path, runs: int) -> Iterator[Measurement]:
    deployment = simulator.add_deployment(name="bench", inference_engine_version="0.18.0")
    environment = dict(
        os.environ,
        ANSIBLE_COLLECTIONS_PATH=collections,
        ANSIBLE_LIBRARY=str(HERE / "library"),
        ANSIBLE_KEEP_REMOTE_FILES="1",
        ANSIBLE_LOCALHOST_WARNING="false",
        ANSIBLE_INVENTORY_UNPARSED_WARNING="false",
        EXOSCALE_IN_PROCESS="0",
        EXOSCALE_API_KEY=simulator.api_key,
        EXOSCALE_API_SECRET=simulator.api_secret,
        EXOSCALE_API_ENDPOINT=simulator.url,
    )
    wanted = {"id": deployment, "inference_engine_version": "0.18.0"}
    address = {"url": f"{simulator.control_url}/deployments/{deployment}"}
    bare = packed("bare_get", address, folder / "bare", environment)
    ours = packed("exoscale.cloud.ai_deployment", wanted, folder / "ours", environment)
    bare_times, our_times = [], []
    for _run in range(runs * MORE_RUNS):
        bare_times.append(seconds(bare, environment))
        our_times.append(seconds(ours, environment))
    yield milliseconds("process of a bare module, one GET with requests", bare_times)
    yield milliseconds("process of ai_deployment, nothing to change", our_times, bare_times, "the bare module")
    yield Measurement("shipped for the bare module", bare.stat().st_size / 1000, "kB")
    yield Measurement("shipped for ai_deployment", ours.stat().st_size / 1000, "kB")


def packed(module: str, arguments: dict[str, Any], folder: Path, environment: dict[str, str]) -> Path:
    """The file that Ansible sends to a host for this task."""
    subprocess.run(
        [sys.executable, "-m", "ansible", "adhoc", "localhost", "-m", module, "-a", json.dumps(arguments)],
        env=dict(environment, ANSIBLE_REMOTE_TMP=str(folder)),
        stdout=subprocess.DEVNULL,
        check=True,
    )
    (path,) = folder.glob("*/AnsiballZ_*.py")
    return path


def seconds(module: Path, environment: dict[str, str]) -> float:
    start = time.perf_counter()
    finished = subprocess.run([sys.executable, str(module)], env=environment, stdout=subprocess.PIPE, check=True)
    taken = time.perf_counter() - start
    if json.loads(finished.stdout)["changed"]:
        raise SystemExit("The task had something to change")
    return taken
