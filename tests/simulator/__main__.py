# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for the AI part of the Exoscale API, as a process of its own.

It tells in one line of JSON where it listens, and whom it knows. Four lines to start it, and to have a deployment:

  python3 -m pip install --requirement tests/simulator/requirements.txt
  python3 -m tests.simulator --port 8080 --operation-seconds 5 --settle-seconds 5 &
  export EXOSCALE_API_ENDPOINT=http://127.0.0.1:8080/v2 EXOSCALE_API_KEY={api_key} EXOSCALE_API_SECRET={api_secret}
  curl --json '{{"name": "chat"}}' http://127.0.0.1:8080/_simulator/deployments
"""

from __future__ import annotations

import argparse
import json
import signal
import threading
from dataclasses import fields
from typing import Any

from .credentials import API_KEY, API_SECRET
from .settings import MEANINGS, Settings


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python3 -m tests.simulator",
        description=(__doc__ or "").format(api_key=API_KEY, api_secret=API_SECRET),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        # A misspelt option would else be taken for another one.
        allow_abbrev=False,
    )
    parser.add_argument("--port", type=int, default=0, help="0, unless given, takes a free one")
    for setting in fields(Settings):
        parser.add_argument(
            "--" + setting.name.replace("_", "-"),
            help=f"{MEANINGS[setting.name]}; {setting.default!r} unless given",
            default=setting.default,
            **_how_to_read(setting.default),
        )
    options = vars(parser.parse_args())
    port = options.pop("port")
    # Imported here, so that --help needs no library.
    try:
        from .server import Simulator
    except ModuleNotFoundError as error:
        parser.exit(1, f"{error}: python3 -m pip install --requirement tests/simulator/requirements.txt\n")

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    settings = Settings()
    for name, value in options.items():
        settings.change(name, value)
    simulator = Simulator(port=port, settings=settings)
    try:
        simulator.start()
    except OSError as error:
        parser.exit(1, f"cannot listen on port {port}: {error.strerror}\n")
    listening = {
        "url": simulator.url,
        "api_key": simulator.api_key,
        "api_secret": simulator.api_secret,
        "control_url": simulator.control_url,
    }
    print(json.dumps(listening), flush=True)
    stop.wait()
    simulator.stop()


def _how_to_read(default: Any) -> dict[str, Any]:
    if isinstance(default, bool):
        return {"action": argparse.BooleanOptionalAction}
    if isinstance(default, tuple):
        return {"nargs": "*"}
    return {"type": int if default is None else type(default)}


if __name__ == "__main__":
    main()
