# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sends one write, and says what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._api.errors import RequestFailed
from .ledger import ACCEPTED, BUSY, REFUSED, UNKNOWN, Attempt
from .plan import CREATE

if TYPE_CHECKING:
    from .kind import Kind, Seen, Wanted
    from .plan import Plan, Step

_CONFLICT = 409


def attempt(kind: Kind[Seen, Wanted], step: Step, plan: Plan, seen: Seen | None) -> Attempt[Seen]:
    """Send ``step``, once; it never plans, and never raises for what a server or a network does."""
    tried: Attempt[Seen] = Attempt(step, ACCEPTED, seen, plan, kind.client.clock.monotonic())
    tried.at_rest_before = seen is None or not kind.in_transition(seen)
    try:
        answer = kind.client.write(step.method, step.path, step.body)
        tried.operation = kind.read_answer(step, answer)
    except RequestFailed as error:
        tried.error = error
        if error.status == _CONFLICT:
            tried.outcome = BUSY
        else:
            tried.outcome = UNKNOWN if error.may_have_arrived else REFUSED
    if step.action == CREATE:
        kind.adopt(tried.operation)
    return tried
