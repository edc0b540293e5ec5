# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task with nothing to change costs, for each deployment and without Ansible's own start.

One playbook plays all ways, one after the other; a callback plugin tells when each play begins and ends.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.simulator import Simulator

from .measurement import Measurement, milliseconds
from .playing import played

#: How many deployments a play of a shape reads; the loop has the length that the promise names.
DEPLOYMENTS = {"single": 10, "loop": 30}
#: The vendor's SDK takes so long that a few tell enough.
FEW = 5
URI, MODULE, IN_PROCESS, SDK = "ansible.builtin.uri, one GET", "ours, module", "ours, in-process", "the vendor's SDK"


def measure(simulator: Simulator, collections: str, folder: Path, runs: int) -> Iterator[Measurement]:
    ids = [
        simulator.add_deployment(name=f"bench-{n}", inference_engine_version="0.18.0")
        for n in range(DEPLOYMENTS["loop"])
    ]
    book = folder / "bench.yml"
    book.write_text(json.dumps([play for shape in ("single", "loop") for play in plays(simulator, shape, ids)]))
    times: dict[str, list[float]] = {}
    for _run in range(runs):
        for name, seconds in played(simulator, collections, folder, book).items():
            shape, way = name.split(": ")
            times.setdefault(name, []).append(seconds / count(shape, way))
    for shape, words in (("single", "single tasks"), ("loop", f"a loop of {DEPLOYMENTS['loop']}")):
        beside = times[f"{shape}: {URI}"]
        for way in (URI, SDK, MODULE, IN_PROCESS):
            compared = (beside, "uri") if way != URI else (None, "")
            yield milliseconds(f"{words}: {way}, for each", times[f"{shape}: {way}"], *compared)


def plays(simulator: Simulator, shape: str, ids: list[str]) -> Iterator[dict[str, Any]]:
    target = "{{ item }}" if shape == "loop" else "{id}"
    ways = {
        URI: ("ansible.builtin.uri", {"url": f"{simulator.control_url}/deployments/{target}"}, {}),
        SDK: ("vendor_sdk_get", {"url": simulator.url, "id": target}, {}),
        MODULE: ("exoscale.cloud.ai_deployment", wanted(target), {"exoscale_in_process": False}),
        IN_PROCESS: ("exoscale.cloud.ai_deployment", wanted(target), {}),
    }
    for way, (module, options, variables) in ways.items():
        some = ids[: count(shape, way)]
        if shape == "loop":
            tasks = [{module: options, "loop": some, "loop_control": {"label": ""}}]
        else:
            tasks = [{module: json.loads(json.dumps(options).replace("{id}", each))} for each in some]
        yield {
            "name": f"{shape}: {way}",
            "hosts": "localhost",
            "gather_facts": False,
            "vars": variables,
            "tasks": tasks,
        }


def count(shape: str, way: str) -> int:
    return FEW if way == SDK else DEPLOYMENTS[shape]


def wanted(target: str) -> dict[str, Any]:
    return {"id": target, "inference_engine_version": "0.18.0", "replicas": 1}
