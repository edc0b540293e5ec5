# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What many deployments cost in one task, beside other ways to play them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.simulator import Simulator

from .measurement import Measurement, milliseconds
from .playing import played, run

UNCHANGED = 50
ROLL_OUTS = 20
ROLL_OUT_SECONDS = 5.0
SIZES = (1, 10, 100, 1000)
VERSIONS = ("0.18.0", "0.19.0")
URI, LOOP, FLEET = "a loop of ansible.builtin.uri, one GET each", "a loop of ai_deployment", "ai_deployments"


def measure(simulator: Simulator, collections: str, folder: Path, runs: int) -> Iterator[Measurement]:
    yield from measure_unchanged(simulator, collections, folder, runs)
    yield from measure_roll_outs(simulator, collections, folder)
    yield from measure_sizes(simulator, collections, folder)


def measure_unchanged(simulator: Simulator, collections: str, folder: Path, runs: int) -> Iterator[Measurement]:
    ids = fill(simulator, UNCHANGED)
    wanted = {"inference_engine_version": VERSIONS[0], "replicas": 1}
    url = f"{simulator.control_url}/deployments/{{{{ item }}}}"
    book = write(
        folder,
        play(URI, {"ansible.builtin.uri": {"url": url}, **looped(ids)}),
        play(LOOP, {"exoscale.cloud.ai_deployment": {"name": "{{ item }}", **wanted}, **looped(names(UNCHANGED))}),
        play(FLEET, fleet(UNCHANGED, wanted)),
    )
    times: dict[str, list[float]] = {}
    for _run in range(runs):
        for name, seconds in played(simulator, collections, folder, book).items():
            times.setdefault(name, []).append(seconds)
    for way in (URI, LOOP, FLEET):
        compared = (times[URI], "uri") if way != URI else (None, "")
        yield milliseconds(f"{UNCHANGED} unchanged: {way}", times[way], *compared)
    simulator.clear_journal()
    played(simulator, collections, folder, write(folder, play(FLEET, fleet(UNCHANGED, wanted))))
    yield Measurement(f"{UNCHANGED} unchanged: {FLEET}", len(simulator.journal), "requests")


def measure_roll_outs(simulator: Simulator, collections: str, folder: Path) -> Iterator[Measurement]:
    fill(simulator, ROLL_OUTS)
    simulator.operation_seconds = ROLL_OUT_SECONDS
    inventory = folder / "deployments.ini"
    inventory.write_text("[fleet]\n" + "\n".join(f"{name} ansible_connection=local" for name in names(ROLL_OUTS)))
    version = {"inference_engine_version": "{{ version }}"}
    single = "exoscale.cloud.ai_deployment"
    started = {single: {"name": "{{ item }}", **version}, **looped(names(ROLL_OUTS)), "async": 600, "poll": 0}
    finished = {
        "ansible.builtin.async_status": {"jid": "{{ item }}"},
        "loop": "{{ jobs.results | map(attribute='ansible_job_id') }}",
        "register": "job",
        "until": "job.finished",
        "retries": 600,
        "delay": 1,
    }
    ways = {
        LOOP: [play(LOOP, {single: {"name": "{{ item }}", **version}, **looped(names(ROLL_OUTS))})],
        "async, and async_status": [play("async", {**started, "register": "jobs"}, finished)],
        "an inventory, 20 forks": [
            {**play("hosts", {single: {"name": "{{ inventory_hostname }}", **version}}), "hosts": "fleet"}
        ],
        f"{FLEET}, concurrency 20": [play("20", fleet(ROLL_OUTS, version, concurrency=20))],
        f"{FLEET}, concurrency 5": [play("5", fleet(ROLL_OUTS, version, concurrency=5))],
    }
    for number, (way, plays) in enumerate(ways.items()):
        for each in plays:
            each["vars"] = {"version": VERSIONS[(number + 1) % 2]}
        seconds = played(simulator, collections, folder, write(folder, *plays), changes=True, inventory=f"{inventory}")
        what = f"{ROLL_OUTS} roll-outs of {ROLL_OUT_SECONDS:g} s: {way}"
        yield Measurement(what, sum(seconds.values()), "s")
    simulator.operation_seconds = 0.0


def measure_sizes(simulator: Simulator, collections: str, folder: Path) -> Iterator[Measurement]:
    fill(simulator, max(SIZES))
    wanted = {"inference_engine_version": VERSIONS[0], "replicas": 1}
    for size in SIZES:
        book = write(folder, play(FLEET, fleet(size, wanted)))
        seconds, megabytes = run(simulator, collections, folder, book)
        yield Measurement(f"{size} unchanged: {FLEET}, for each", seconds[FLEET] / size * 1000, "ms")
        yield Measurement(f"{size} unchanged: {FLEET}, memory of the largest process", megabytes, "MB")


def fill(simulator: Simulator, number: int) -> list[str]:
    """The IDs of so many deployments, and no others."""
    simulator.reset()
    return [simulator.add_deployment(name=name, inference_engine_version=VERSIONS[0]) for name in names(number)]


def names(number: int) -> list[str]:
    return [f"bench-{each}" for each in range(number)]


def looped(items: list[str]) -> dict[str, Any]:
    return {"loop": items, "loop_control": {"label": ""}}


def fleet(number: int, wanted: dict[str, Any], **options: Any) -> dict[str, Any]:
    entries = [{"name": name} for name in names(number)]
    return {"exoscale.cloud.ai_deployments": {"deployments": entries, "defaults": wanted, **options}}


def play(name: str, *tasks: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "hosts": "localhost", "gather_facts": False, "tasks": list(tasks)}


def write(folder: Path, *plays: dict[str, Any]) -> Path:
    book = folder / "fleets.yml"
    book.write_text(json.dumps(plays))
    return book
