# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A second kind of resource for the loop: a key with a name, a scope and a note, without operations."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from ansible_collections.exoscale.cloud.plugins.module_utils._api.errors import ApiError, ImmutableField
from ansible_collections.exoscale.cloud.plugins.module_utils._reconcile.kind import Kind
from ansible_collections.exoscale.cloud.plugins.module_utils._reconcile.plan import CREATE, DELETE, UPDATE, Plan, Step

KEYS = "/key"


@dataclass(frozen=True)
class Key:
    id: str
    name: str
    scope: str
    note: str = ""


@dataclass(frozen=True)
class WantedKey:
    name: str
    scope: str | None = None
    absent: bool = False
    note: str | None = None


class NamedKey(Kind[Key, WantedKey]):
    fields = ("name", "scope", "note")

    def look(self, wanted, deadline, *, retries=None, may_be_missing=False):
        entries = self.client.get(KEYS, deadline=deadline, retries=retries)["keys"]
        return next((Key(**entry) for entry in entries if entry["name"] == wanted.name), None)

    def plan(self, seen, wanted):
        label = f"key {wanted.name}"
        if seen is None and not wanted.absent:
            result = {"name": wanted.name, "scope": wanted.scope}
            return Plan((Step(CREATE, "POST", KEYS, result, result),), {}, label)
        if seen is not None and wanted.absent:
            before = {"name": seen.name, "scope": seen.scope}
            return Plan((Step(DELETE, "DELETE", f"{KEYS}/{seen.id}", None, {}),), before, label)
        if seen is not None and wanted.scope not in (None, seen.scope):
            raise ImmutableField(f"The scope of the key {seen.name} cannot be changed")
        if seen is not None and wanted.note not in (None, seen.note):
            result = {"note": wanted.note}
            undo = WantedKey(seen.name, note=seen.note)
            step = Step(UPDATE, "PATCH", f"{KEYS}/{seen.id}", result, result, undo=undo)
            return Plan((step,), {"note": seen.note}, label)
        return Plan((), {} if seen is None else {"scope": seen.scope}, label)

    def check(self, plan, seen, deadline):
        self.client.checked.append((str(plan.first), seen and seen.name, deadline.remaining()))
        self.client.clock.advance(self.client.check_seconds.pop(0) if self.client.check_seconds else 0.0)

    def name(self, seen):
        return "the key" if seen is None else f"the key {seen.name}"

    def state(self, seen):
        return "broken" if self.in_error(seen) else "there"

    def managed(self, wanted):
        return {"scope": wanted.scope}

    def read_answer(self, step, answer):
        return None

    def in_transition(self, seen):
        return self.client.in_transition

    def may_rest_in_transition(self, seen, last):
        return True

    def in_error(self, seen):
        return self.client.in_error

    def warnings(self, before, seen, managed):
        return [f"{odd} {seen.name}" for odd in self.client.odd if managed]

    def explain_refusal(self, step, seen, error):
        error.add(f"{step} was meant for {self.name(seen)}")


class KeyStore:
    """What the loop needs of a client, with the keys behind it.

    :ivar outcomes: what the next writes come to: ``None``, an error that is raised instead, or one with ``applied``.
    :ivar hidden_until: the time until which no read shows any key.
    :ivar checked: the step, the name of what was seen and the seconds that were left at each check.
    :ivar check_seconds: how long the next checks take.
    :ivar quiet_seconds: how long no write is wanted.
    :ivar repeated: how often each read might be repeated if it failed; ``None``: as often as the client likes.
    :ivar reads: what the next reads show instead of all keys, or raise; ``None`` for those.
    :ivar fails_from: the time from which each read is refused.
    :ivar lag_seconds: for how long a read shows what was there before a write.
    :ivar ignores_updates: whether an update is accepted and comes to nothing.
    :ivar in_transition: whether each key is going to be in another state.
    :ivar in_error: whether each key is in a state of failure.
    :ivar updates_fail: whether a key is in such a state after an update.
    :ivar odd: what is worth telling of each key.
    """

    retries = 3

    def __init__(self, clock):
        self.clock = clock
        self.keys = {}
        self.writes = []
        self.outcomes = []
        self.hidden_until = 0.0
        self.checked = []
        self.check_seconds = []
        self.quiet_seconds = 0.0
        self.repeated = []
        self.reads = []
        self.fails_from = float("inf")
        self.lag_seconds = 0.0
        self._before_write = (0.0, [])
        self.ignores_updates = False
        self.in_transition = False
        self.in_error = False
        self.updates_fail = False
        self.odd = []

    def get(self, path, *, deadline=None, retries=None):
        self.repeated.append(retries)
        shown = self.reads.pop(0) if self.reads else None
        if self.clock.monotonic() >= self.fails_from:
            shown = failure(403)
        if isinstance(shown, Exception):
            raise shown
        lags_until, before = self._before_write
        if self.clock.monotonic() < self.hidden_until:
            shown = []
        elif self.clock.monotonic() < lags_until:
            shown = before
        return {"keys": list(self.keys.values()) if shown is None else shown}

    def write(self, method, path, body=None):
        self.writes.append(method)
        self._before_write = (self.clock.monotonic() + self.lag_seconds, list(self.keys.values()))
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if outcome is None or getattr(outcome, "applied", False):
            self._apply(method, path, body)
        if outcome is not None:
            raise outcome
        return {}

    def await_quiet(self, deadline, method, path):
        seconds, self.quiet_seconds = self.quiet_seconds, 0.0
        if seconds:
            deadline.sleep(seconds)

    def patience(self, method, error, retries, deadline):
        return retries, deadline

    def pause(self, attempt, error, deadline):
        return deadline.sleep(1 + attempt)

    def _apply(self, method, path, body):
        if method == "POST":
            key = {"id": str(uuid4()), **body}
            self.keys[key["id"]] = key
        elif method == "PATCH":
            key_id = path.rpartition("/")[2]
            self.in_error = self.updates_fail
            if not self.ignores_updates:
                self.keys[key_id] = {**self.keys[key_id], **body}
        else:
            self.keys.pop(path.rpartition("/")[2], None)


def failure(status, *, applied=False, unknown=False, retry_after=None):
    error = ApiError(
        f"answered with {status}",
        status=status,
        transient=status == 429,
        may_have_arrived=unknown,
        retry_after=retry_after,
    )
    error.applied = applied
    return error
