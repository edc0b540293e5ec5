# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps of a task that manages many deployments, and what its result tells of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Callable, Sequence, TypeVar

from .._ai.deployment import Desired
from .._ai.deployment_reading import Listed, list_now, read_deployment
from .._ai.fleet import gpus_of, is_doubtful, listed_twice, strays
from .._ai.shared import Shared
from .._ai.stray_kind import StrayKind
from .._api.concurrency import all_at_once
from .._api.errors import ApiError, ExoscaleError, Refused, SomeFailed
from .._api.values import is_text, is_uuid
from .deployment import RETURNED, kind_of
from .entries import twins
from .member import CHANGED, FAILED, NOT_STARTED, UNCHANGED, Member

if TYPE_CHECKING:
    from .._ai.fleet import Stray
    from .._api.client import Client
    from .._api.deadline import Deadline
    from .entries import Entry
    from .fleet import Fleet
    from .interruption import Interruption
    from .run import Task

Item = TypeVar("Item")
Found = TypeVar("Found")

PURGED = "purged"
#: All failures together, in characters; the results have each of them whole.
_LONGEST_MESSAGE = 80_000
#: How an entry may end.
COUNTS = (CHANGED, UNCHANGED, FAILED, NOT_STARTED)


class Management:
    """The steps of one task, and what its result tells of them."""

    def __init__(
        self, task: Task, client: Client, deadline: Deadline, entries: list[Entry], interruption: Interruption
    ) -> None:
        self._task = task
        self._client = client
        self._deadline = deadline
        self._entries = entries
        self._desired = [entry.desired for entry in entries]
        self._interruption = interruption
        self._members: list[Member] = []
        self._purged: list[Member] = []

    def run(self, fleet: Fleet) -> None:
        """
        :raises ExoscaleError: it was refused, or something failed.
        """
        shown = self._list()
        listed = shown or Listed([], self._client.clock.monotonic())
        if is_doubtful(self._desired, listed):
            listed = shown = self._with_names(listed)
        self._refuse_listed_twice(listed)
        self._refuse_too_many_gpus(listed)
        in_turn = self._task.params["concurrency"] == 1
        shared = Shared(self._client, shown, is_forecast=self._task.check_mode, in_turn=in_turn)
        self._members = [self._member(entry, shared) for entry in self._entries]
        self._foretell_purge(listed)
        fleet.run(self._members)
        if self._task.params["purge"] and not self._has_failed() and self._may_purge():
            self._purge(fleet, listed)
        if self._has_failed():
            raise self._failure()

    def result(self) -> dict[str, Any]:
        """What has become of all."""
        why = "another deployment failed before (fail_fast)"
        if self._interruption.reason is not None:
            why = "the task was interrupted"
        told = [
            [member.result(self._task.show_text, f"Not started, because {why}") for member in members]
            for members in (self._members, self._purged)
        ]
        counts = Counter(member.count for member in self._members)
        purged = sum(member.count == CHANGED for member in self._purged)
        return {
            "changed": any(each["changed"] for results in told for each in results),
            "results": told[0],
            "purged": told[1],
            "counts": {**{name: counts[name] for name in COUNTS}, PURGED: purged},
        }

    def diff(self) -> list[dict[str, Any]]:
        """One for each deployment that was or would be changed."""
        return [member.managed.diff() for member in (*self._members, *self._purged) if member.managed.report.changed]

    def warn(self) -> None:
        """Give the warnings of all to the task."""
        for member in (*self._members, *self._purged):
            for warning in member.warnings:
                self._task.warn(f"{member.label}: {warning}")

    def _list(self) -> Listed | None:
        """What is there, if it is needed."""
        if self._task.params["purge"] or any(each.id is None for each in self._desired):
            return list_now(self._client, self._deadline)
        return None

    def _with_names(self, listed: Listed) -> Listed:
        """The same with what reading them singly shows of those whose names are not listed, as far as they can be read.

        What is still open then, the looks at the single deployments find out, or fail.
        """

        def read(entry: dict[str, Any]) -> dict[str, Any]:
            if not is_uuid(entry.get("id")) or is_text(entry.get("name")):
                return entry
            try:
                return {**entry, **(self._read(entry["id"].lower()) or {})}
            except ExoscaleError:
                return entry

        return Listed(self._all_at_once(read, listed.entries), listed.at)

    def _refuse_listed_twice(self, listed: Listed) -> None:
        found = listed_twice(self._desired, listed)
        if found is not None:
            one, other, deployment_id = found
            raise twins(self._entries[one], self._entries[other], f"both are listed with the ID {deployment_id}")

    def _refuse_too_many_gpus(self, listed: Listed) -> None:
        most = self._task.params["max_gpus"]
        if most is None:
            return
        counted = self._all_at_once(lambda each: gpus_of(each, listed, self._read), self._desired)
        total = 0
        for entry, (gpus, how) in zip(self._entries, counted):
            if gpus is None:
                raise Refused(
                    f"Nothing was changed: whether max_gpus is kept cannot be told, because the API does not show "
                    f"{how} of {entry.label}. Declare that in {entry.place}"
                )
            total += gpus
        if total > most:
            needed = [f"{entry.label} {gpus} ({how})" for entry, (gpus, how) in zip(self._entries, counted) if gpus]
            raise Refused(
                f"Nothing was changed: what is declared needs {total} GPUs, and max_gpus is {most}: {', '.join(needed)}"
            )

    def _all_at_once(self, read: Callable[[Item], Found], items: Sequence[Item]) -> list[Found]:
        return all_at_once(self._client, read, items, self._task.params["concurrency"])

    def _read(self, deployment_id: str) -> dict[str, Any] | None:
        try:
            return read_deployment(self._client, deployment_id, self._deadline).fields
        except ApiError as error:
            if error.is_absence:
                return None
            raise

    def _member(self, entry: Entry, shared: Shared) -> Member:
        return Member(
            entry.label,
            {"name": entry.params["name"], "id": entry.desired.id},
            entry.params,
            entry.desired,
            lambda warn: kind_of(entry.params, self._client, warn, shared),
            RETURNED,
            check_mode=self._task.check_mode,
        )

    def _purge(self, fleet: Fleet, listed: Listed) -> None:
        """
        :raises Refused: there are more to purge than may be.
        """
        limit = self._task.params["purge_limit"]
        found, unclear = strays(self._desired, listed)
        touched = {tried.before.id for member in self._members for tried in member.managed.attempts if tried.before}
        touched |= {member.managed.seen.id for member in self._members if member.managed.seen is not None}
        left = [stray for stray in found if stray.id not in touched]
        if unclear:
            self._task.warn(
                f"{unclear} deployments are left alone by purge, as the API does not show their ID, name or visibility"
            )
        if len(left) > limit:
            raise Refused(
                f"No entry declares {', '.join(map(str, left))}. To purge {'them' if left[1:] else 'it'} is more than "
                f"purge_limit allows, which is {limit}, so that nothing was purged. Declare what shall stay, and set "
                f"purge_limit to {len(left)} if all of them shall go. The entries: {self._counted() or 'none'}"
            )
        self._purged = [self._stray(stray) for stray in left]
        fleet.run(self._purged, "gone")

    def _may_purge(self) -> bool:
        """Whether the entries have succeeded, and have not only begun to."""
        changed = [member.label for member in self._members if member.managed.report.changed]
        if self._task.params["wait"] or not changed:
            return True
        self._task.warn(
            f"Nothing was purged: with wait=false it is not known whether the changes of {', '.join(changed)} succeed. "
            "Run the task again, or with wait=true"
        )
        return False

    def _stray(self, stray: Stray) -> Member:
        params = {name: self._task.params[name] for name in ("wait", "wait_timeout")}
        return Member(
            str(stray),
            {"name": stray.name, "id": stray.id},
            {**params, "on_failure": "keep"},
            Desired(stray.id, None, {}, absent=True),
            lambda warn: StrayKind(self._client, stray, warn),
            RETURNED,
            check_mode=self._task.check_mode,
        )

    def _foretell_purge(self, listed: Listed) -> None:
        """Say at the beginning what the task will fail of at the end."""
        limit = self._task.params["purge_limit"]
        number = len(strays(self._desired, listed)[0]) if self._task.params["purge"] else 0
        if number > limit:
            self._task.tell(
                f"no entry declares {number} deployments, and purge_limit is {limit}: this will fail at the end"
            )

    def _words_of(self, error: ExoscaleError, number: int) -> str:
        """The words of one of several failures; of very many, each is cut, so that none is left out."""
        text = str(error).rstrip(". ")
        longest = _LONGEST_MESSAGE // number
        if len(text) <= longest:
            return text
        return self._task.show_text(text)[:longest] + "…"

    def _counted(self) -> str:
        """How it is with the entries that have not failed."""
        counts = Counter(member.count for member in self._members)
        told = [f"{counts[name]} {name.replace('_', ' ')}" for name in COUNTS if name != FAILED and counts[name]]
        return ", ".join(told)

    def _has_failed(self) -> bool:
        everybody = (*self._members, *self._purged)
        if self._task.check_mode and self._interruption.reason is not None:
            # What could not be looked up any more is no forecast.
            return True
        return any(member.error is not None or not member.has_begun for member in everybody)

    def _failure(self) -> ExoscaleError:
        """What has failed, one by one, and then how it is with the others."""
        said = []
        if self._interruption.reason is not None:
            said.append(f"The task was interrupted by {self._interruption.reason}, and nothing more was written")
        first: dict[str, Any] = {}
        for members, failed_at in ((self._members, "failed"), (self._purged, "to be purged failed")):
            failed = [(member.label, member.error) for member in members if member.error is not None]
            if failed:
                first = first or failed[0][1].result()
                labels: dict[str, list[str]] = {}
                for label, error in failed:
                    labels.setdefault(self._words_of(error, len(failed)), []).append(label)
                words = [f"{', '.join(same)}: {text}" for text, same in labels.items()]
                if len(words) > 1:
                    words = [f"({number}) {each}" for number, each in enumerate(words, start=1)]
                said.append(f"{len(failed)} of {len(members)} deployments {failed_at}: {'. '.join(words)}")
        others = self._counted()
        if others:
            said.append(f"The others: {others}")
        if self._task.params["purge"] and not self._purged:
            said.append("Nothing was purged")
        return SomeFailed(". ".join(said), **first)
