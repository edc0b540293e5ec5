# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measures what this collection costs, beside the least that such a task costs and beside what else there is.

Prints a table and writes the same numbers as JSON. Run it as ``make bench``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.simulator import Simulator

from . import engine, fleets, processes, tasks, waiting
from .measurement import Measurement


@dataclass(frozen=True)
class Machine:
    """What the numbers were measured on."""

    cores: int | None
    python: str
    ansible_core: str
    requests: str
    exoscale: str


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="how often each thing is measured")
    parser.add_argument("--json", type=Path, help="where to write the numbers")
    parser.add_argument(
        "--collections",
        default=os.environ.get("ANSIBLE_COLLECTIONS_PATH"),
        help="a folder with ansible_collections/exoscale/cloud in it (default: ANSIBLE_COLLECTIONS_PATH)",
    )
    options = parser.parse_args()
    sys.path.insert(0, options.collections)
    machine = Machine(
        os.cpu_count(), platform.python_version(), *map(version, ("ansible-core", "requests", "exoscale"))
    )
    print(", ".join(f"{name} {value}" for name, value in asdict(machine).items()))
    measured = []
    for measurement in measure(options.collections, options.runs):
        print(measurement, flush=True)
        measured.append(measurement)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        document = {"machine": asdict(machine), "measurements": [asdict(each) for each in measured]}
        options.json.write_text(json.dumps(document, indent=2) + "\n")


def measure(collections: str, runs: int) -> Iterator[Measurement]:
    with Simulator() as simulator, TemporaryDirectory() as folder:
        yield from tasks.measure(simulator, collections, Path(folder), runs)
        yield from processes.measure(simulator, collections, Path(folder), runs)
        yield from fleets.measure(simulator, collections, Path(folder), runs)
    yield from waiting.measure()
    yield from engine.measure(runs)


if __name__ == "__main__":
    main()
