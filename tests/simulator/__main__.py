# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator as a process of its own; tells where it listens in one line of JSON."""

from __future__ import annotations

import argparse
import json
import signal
import threading

from .server import Simulator


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--operation-seconds", type=float, default=0, help="how long an operation is pending")
    parser.add_argument("--settle-seconds", type=float, default=0, help="how long it takes to be ready after that")
    options = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with Simulator(port=options.port) as simulator:
        simulator.operation_seconds = options.operation_seconds
        simulator.settle_seconds = options.settle_seconds
        listening = {
            "url": simulator.url,
            "api_key": simulator.api_key,
            "api_secret": simulator.api_secret,
            "control_url": simulator.control_url,
        }
        print(json.dumps(listening), flush=True)
        stop.wait()


if __name__ == "__main__":
    main()
