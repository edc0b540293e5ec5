# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How late the end of an operation is noticed, and how many requests that took, by a simulated clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from tests.simulator import FakeClock

from .measurement import Measurement

OPERATIONS = (2, 20, 200, 2000)
_OURS = "ansible_collections.exoscale.cloud.plugins.module_utils._api."


def measure() -> Iterator[Measurement]:
    for name, wait in (("ours", our_wait), ("the vendor's SDK", vendor_wait)):
        for length in OPERATIONS:
            clock = FakeClock()
            started, requests = clock.monotonic(), 0

            def has_ended(started: float = started, clock: FakeClock = clock, length: int = length) -> bool:
                nonlocal requests
                requests += 1
                return clock.monotonic() - started >= length

            wait(clock, has_ended)
            late = clock.monotonic() - started - length
            yield Measurement(f"an operation of {length} s, {name}: noticed too late by", late, "s")
            yield Measurement(f"an operation of {length} s, {name}: took", requests, "requests")


def our_wait(clock: FakeClock, has_ended: Callable[[], bool]) -> None:
    waiting, deadline, sight = (import_module(_OURS + name) for name in ("waiting", "deadline", "sight"))
    waiting.look_until(
        has_ended,
        lambda ended: ended,
        lambda: sight.Sight("the operation", "pending"),
        deadline.Deadline(None, clock),
        sight.tell_nobody,
    )


def vendor_wait(clock: FakeClock, has_ended: Callable[[], bool]) -> None:
    sdk: Any = import_module("exoscale.api.v2")

    class Client(sdk.Client):  # type: ignore[misc]
        def get_operation(self, **_options: Any) -> dict[str, str]:
            return {"state": "success" if has_ended() else "pending"}

    real = sdk.time
    sdk.time = clock
    try:
        Client("key", "secret", url="http://127.0.0.1").wait("id")
    finally:
        sdk.time = real
