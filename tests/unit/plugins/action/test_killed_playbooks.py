# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A playbook that is ended in the middle of a change writes nothing more, and the next one brings it to its end."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import time

import pytest

from ansible_collections.exoscale.cloud.tests.unit.reliability.form import is_long

CHANGE = {"inference_engine_version": "0.19.0", "replicas": 2}
TASKS = {
    "update": {"name": "change it", "exoscale.cloud.ai_deployment": {"name": "a", **CHANGE}},
    "fleet": {
        "name": "change all",
        "exoscale.cloud.ai_deployments": {
            "deployments": [{"name": name} for name in "abc"],
            "defaults": CHANGE,
            "concurrency": 1,
        },
    },
}


def wait_until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def heirs(mark):
    """The processes that have this in their environment."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                if mark.encode() in file.read() and int(pid) != os.getpid():
                    found.append(int(pid))
        except OSError:
            continue
    return found


ALL = list(itertools.product(TASKS, [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ["1", "0"]))
SOME = [("fleet", signal.SIGINT, "1"), ("update", signal.SIGTERM, "1"), ("fleet", signal.SIGKILL, "0")]


@pytest.fixture(autouse=True)
def _sigint_is_not_ignored():
    """Whoever is started in the background ignores it, and so do its children."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(("kind", "number", "in_process"), ALL if is_long() else SOME)
def test_nothing_is_written_after_it_and_the_next_run_converges(
    server, playbook, kind, number, in_process, record_property
):
    for name in "abc":
        server.add_deployment(name=name, inference_engine_version="0.18.0")
    server.operation_seconds = 0.5
    mark = f"test-{os.getpid()}-{kind}-{number}-{in_process}"
    killed = []

    def kill(_exchange, entry):
        if entry.method == "PATCH" and not killed:
            killed.append(len(server.journal))
            os.killpg(process.pid, number)
            # A process only notes the signal, in its main thread, whose turn must come for that.
            time.sleep(0.5)

    server.on_answer = kill
    process = subprocess.Popen(
        playbook.command([TASKS[kind]]),
        env=playbook.environment(EXOSCALE_IN_PROCESS=in_process, EXOSCALE_TEST_MARK=mark),
        cwd=playbook.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    output, _nothing = process.communicate(timeout=60)
    wait_until(lambda: not heirs(mark))

    assert killed, output
    later = [entry.operation for entry in server.journal[killed[0] :] if entry.method != "GET"]
    if number != signal.SIGKILL:
        assert later == [], output

    next_run = playbook([TASKS[kind], {**TASKS[kind], "name": "change nothing"}])
    assert next_run.exit_status == 0, next_run.output
    assert not next_run.results["change nothing"]["changed"]
    names = [each["name"] for each in server.deployments()]
    assert names == ["a", "b", "c"]
    changed = server.deployments() if kind == "fleet" else server.deployments()[:1]
    assert [(each["inference-engine-version"], each["replicas"]) for each in changed] == [("0.19.0", 2)] * len(changed)
    record_property("kills", 1)
