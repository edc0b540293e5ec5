# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task with nothing to change costs, beside the least that any such module must do.

Ansible itself packs both modules; the packed files are then run as processes, in turn.
Run with the Python of an environment that holds ansible-core, requests and the simulator's requirements.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.request import ProxyHandler, Request, build_opener

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MODULE_UTILS = "ansible_collections.exoscale.cloud.plugins.module_utils"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=30, help="how often each module is run")
    parser.add_argument(
        "--collections",
        default=os.environ.get("ANSIBLE_COLLECTIONS_PATH"),
        help="a folder with ansible_collections/exoscale/cloud in it (default: ANSIBLE_COLLECTIONS_PATH)",
    )
    options = parser.parse_args()
    command = [sys.executable, "-m", "tests.simulator", "--port", "0"]
    with TemporaryDirectory() as folder, subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as simulator:
        try:
            assert simulator.stdout is not None
            measure(json.loads(simulator.stdout.readline()), options.collections, Path(folder), options.runs)
            measure_comparison(options.collections, options.runs)
        finally:
            simulator.terminate()


def measure(server: dict[str, str], collections: str, folder: Path, runs: int) -> None:
    deployment = add_deployment(server["control_url"])
    environment = dict(
        os.environ,
        ANSIBLE_COLLECTIONS_PATH=collections,
        ANSIBLE_LIBRARY=str(HERE / "library"),
        ANSIBLE_KEEP_REMOTE_FILES="1",
        ANSIBLE_LOCALHOST_WARNING="false",
        ANSIBLE_INVENTORY_UNPARSED_WARNING="false",
        EXOSCALE_API_KEY=server["api_key"],
        EXOSCALE_API_SECRET=server["api_secret"],
        EXOSCALE_API_ENDPOINT=server["url"],
    )
    arguments = {"id": deployment, "inference_engine_version": "0.18.0"}
    bare = packed("bare_get", {"url": server["url"] + "/ai/deployment"}, folder / "bare", environment)
    ours = packed("exoscale.cloud.ai_deployment", arguments, folder / "ours", environment)
    bare_times, our_times = [], []
    for _run in range(runs):
        bare_times.append(seconds(bare, environment))
        our_times.append(seconds(ours, environment))
    print(f"runs of each, in turn             {runs}")
    print(f"bare module, one GET              {median(bare_times) * 1000:.0f} ms (median)")
    print(f"ai_deployment, nothing to change  {median(our_times) * 1000:.0f} ms (median)")
    print(f"ratio                             {median(our_times) / median(bare_times):.3f}")
    print(f"shipped for the bare module       {bare.stat().st_size} bytes")
    print(f"shipped for ai_deployment         {ours.stat().st_size} bytes")


def measure_comparison(collections: str, runs: int) -> None:
    """How long it takes to compare two lists of 1,000 tokens that mean the same."""
    sys.path.insert(0, collections)
    parameters = import_module(f"{MODULE_UTILS}._engine.comparison")
    help_of = import_module(f"{MODULE_UTILS}._engine.flags").parse_help
    entries = [{"name": f"flag-{n}", "flags": [f"--flag-{n}"], "type": "integer"} for n in range(500)]
    known = help_of(entries)
    current = [token for n in range(500) for token in (f"--flag-{n}", str(n))]
    desired = [token for n in reversed(range(500)) for token in (f"--flag_{n}", str(n))]
    times = []
    for _run in range(runs):
        start = time.perf_counter()
        same = parameters.same_meaning(current, desired, known)
        times.append(time.perf_counter() - start)
        if not same:
            raise SystemExit("The two lists should mean the same")
    print(f"comparing 1000 tokens with 1000   {median(times) * 1000:.1f} ms (median)")


def add_deployment(control_url: str) -> str:
    body = json.dumps({"name": "bench", "inference_engine_version": "0.18.0"}).encode()
    request = Request(control_url + "/deployments", data=body, headers={"Content-Type": "application/json"})
    with build_opener(ProxyHandler({})).open(request, timeout=10) as answer:
        return json.load(answer)["id"]


def packed(module: str, arguments: dict[str, str], folder: Path, environment: dict[str, str]) -> Path:
    """The file that Ansible sends to a host for this task."""
    subprocess.run(
        [str(Path(sys.executable).with_name("ansible")), "localhost", "-m", module, "-a", json.dumps(arguments)],
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


if __name__ == "__main__":
    main()
