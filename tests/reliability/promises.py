# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every task promises, whatever happens to it; each function yields what was not kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ansible_collections.exoscale.cloud.tests.simulator import Simulator
from ansible_collections.exoscale.cloud.tests.simulator.credentials import API_SECRET

from .scenarios import SECRETS

_MOST_REQUESTS = 300
#: Seconds that a task may need besides waiting: the reads before and after it pause, too.
_BESIDES = 600


def not_bounded(took: float, wait_timeout: float, simulator: Simulator) -> Iterator[str]:
    # A rollback waits anew.
    if took > 2 * wait_timeout + _BESIDES:
        yield f"it took {took:g} seconds"
    if len(simulator.journal) > _MOST_REQUESTS:
        yield f"it sent {len(simulator.journal)} requests"


def leaked(result: dict[str, Any]) -> Iterator[str]:
    text = json.dumps(result, ensure_ascii=False)
    for secret in (API_SECRET, *SECRETS):
        if secret in text:
            yield f"it shows a secret: {secret}"


def doubled(simulator: Simulator) -> Iterator[str]:
    for kind in (simulator.deployments(), simulator.models(), simulator.api_keys()):
        names = [each["name"] for each in kind]
        if len(names) != len(set(names)):
            yield f"there are two of a name: {names}"
