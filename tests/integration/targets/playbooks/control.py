# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Drives the simulator: ``control.py METHOD PATH [JSON]`` shows the answer, ``control.py writes`` what was written."""

from __future__ import annotations

import json
import os
import sys
from urllib.request import Request, urlopen


def ask(method, path, body=None):
    data = None if body is None else body.encode()
    request = Request(os.environ["SIMULATOR_URL"] + path, data, {"Content-Type": "application/json"}, method=method)
    with urlopen(request, timeout=30) as answer:
        text = answer.read().decode()
    return json.loads(text) if text.strip() else None


if sys.argv[1] == "writes":
    written = [entry for entry in ask("GET", "/journal") if entry["method"] != "GET"]
    ask("DELETE", "/journal")
    for entry in written:
        if not entry["path"].startswith("/inference/"):
            print(entry["method"], "/".join(entry["path"].split("/")[:3]), json.dumps(entry["body"], sort_keys=True))
else:
    print(json.dumps(ask(*sys.argv[1:])))
