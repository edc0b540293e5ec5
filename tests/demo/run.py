# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo: one playbook, run four times against the simulator.

Needs nothing but Python 3.11 or newer with venv, and the package index.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "demo"
TOOLS = BUILD / "venv" / "bin"
COLLECTIONS = BUILD / "collections"
PLAYBOOK = ROOT / "playbooks" / "update_deployment.yml"

RUNS = [
    ("Dry run: shows the change, writes nothing", ["--check", "--diff"], 0),
    ("Apply: one PATCH, and then waiting", ["--diff"], 0),
    ("Again: nothing differs, nothing is written", ["--diff"], 0),
    ("A mistake: an engine version that does not exist", ["--diff", "-e", "engine_version=9.9.9"], 2),
]


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    install()
    unexpected = 0
    with simulator() as server:
        call(
            server["control_url"] + "/deployments",
            {
                "name": "chat",
                "inference_engine_version": "0.18.0",
                "inference_engine_parameters": ["--max-model-len=8192"],
            },
        )
        for number, (title, options, expected) in enumerate(RUNS, start=1):
            say(f"{number}. {title}")
            call(server["control_url"] + "/journal", method="DELETE")
            unexpected += play(server, options) != expected
            print("What the API received:")
            for entry in call(server["control_url"] + "/journal"):
                print("   ", describe(entry))
            sys.stdout.flush()
    if unexpected:
        print(f"\n{unexpected} of the runs did not end as they should")
    else:
        print("\nAll runs ended as they should: the last one had to fail, before anything was written")
    return min(unexpected, 1)


def install() -> None:
    say("Installing ansible-core, requests, the simulator's framework and the built collection")
    venv.create(BUILD / "venv", with_pip=True, clear=True)
    requirements = ("ansible-core", "requests", "--requirement", str(ROOT / "tests" / "simulator" / "requirements.txt"))
    pins = ("--constraint", str(ROOT / ".ci" / "constraints.txt"))
    run(str(TOOLS / "python"), "-m", "pip", "install", "--quiet", *requirements, *pins)
    run(str(TOOLS / "ansible-galaxy"), "collection", "build", "--force", "--output-path", str(BUILD), str(ROOT))
    (archive,) = BUILD.glob("exoscale-cloud-*.tar.gz")
    run(str(TOOLS / "ansible-galaxy"), "collection", "install", "--force", "-p", str(COLLECTIONS), str(archive))
    archive.unlink()


@contextmanager
def simulator() -> Iterator[dict[str, str]]:
    command = [str(TOOLS / "python"), "-m", "tests.simulator", "--port", "0", "--operation-seconds", "2"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        first_line = process.stdout.readline()
        if not first_line:
            raise SystemExit("The simulator did not start")
        yield json.loads(first_line)
    finally:
        process.terminate()
        process.wait(timeout=10)


def play(server: dict[str, str], options: list[str]) -> int:
    command = ["ansible-playbook", str(PLAYBOOK.relative_to(ROOT)), *options]
    print("$", " ".join(command), flush=True)
    return subprocess.run(
        [str(TOOLS / command[0]), *command[1:]],
        cwd=ROOT,
        env=dict(
            quiet_environment(),
            EXOSCALE_API_KEY=server["api_key"],
            EXOSCALE_API_SECRET=server["api_secret"],
            EXOSCALE_API_ENDPOINT=server["url"],
        ),
        check=False,
    ).returncode


def run(*command: str) -> None:
    finished = subprocess.run(
        command,
        cwd=ROOT,
        env=quiet_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if finished.returncode:
        raise SystemExit("{}\n{} failed".format(finished.stdout, " ".join(command)))


def quiet_environment() -> dict[str, str]:
    return dict(
        os.environ,
        ANSIBLE_COLLECTIONS_PATH=str(COLLECTIONS),
        ANSIBLE_HOME=str(BUILD / "ansible"),
        ANSIBLE_LOCALHOST_WARNING="false",
        ANSIBLE_INVENTORY_UNPARSED_WARNING="false",
        ANSIBLE_NOCOWS="true",
    )


def call(url: str, body: dict[str, Any] | None = None, method: str | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = Request(url, data=data, method=method, headers={"Content-Type": "application/json"})
    # The simulator is on this machine, whatever proxy the environment names.
    with build_opener(ProxyHandler({})).open(request, timeout=10) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def describe(entry: dict[str, Any]) -> str:
    parts = [entry["method"], entry["path"]]
    if entry["body"] is not None:
        parts.append(json.dumps(entry["body"]))
    return "{}  → {}".format(" ".join(parts), entry["status"])


def say(text: str) -> None:
    print(f"\n=== {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
