# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is said of a deployment where something went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._api.errors import ExoscaleError, NotApplied
from .._api.values import sentence
from .._reconcile.plan import CREATE, SCALE
from .deployment_reading import HAS_VANISHED
from .logs import read_logs

if TYPE_CHECKING:
    from .._api.client import Client
    from .._reconcile.plan import Step
    from .deployment import Deployment

_PRECONDITION_FAILED = 412
_LOG_LINES_IN_MESSAGE = 3


class Words:
    """
    :param log_lines: how many lines of the engine's log a failure shows.
    """

    def __init__(self, client: Client, log_lines: int) -> None:
        self._client = client
        self._log_lines = log_lines

    def explain_refusal(self, step: Step, seen: Deployment | None, error: ExoscaleError) -> None:
        """Add what may be the reason for the answer to ``step``."""
        if error.is_absence and step.action == CREATE:
            error.add(f"Check that the model {step.result['model']} is in this zone: a model exists in one zone only")
        elif error.is_absence:
            error.add(HAS_VANISHED)
        if error.status != _PRECONDITION_FAILED:
            return
        if step.action == CREATE:
            gpu_type, each = step.result["gpu_type"], step.result["gpu_count"]
        elif step.action == SCALE and seen is not None:
            gpu_type, each = seen.fields.get("gpu_type"), seen.fields.get("gpu_count")
        else:
            return
        error.add(
            f"Probably not enough GPUs are free in this zone: {each} of the type {gpu_type} were asked for, "
            f"for each of {step.result['replicas']} replicas. Try fewer, another type or another zone, or look at the "
            "quota"
        )

    def explain_failure(self, seen: Deployment, error: ExoscaleError, is_past: bool) -> None:
        """Add the state of the deployment and the end of the engine's log.

        :param is_past: the state is about to be changed back.
        """
        name = sentence(seen)
        if error.operation is not None:
            was = "was in the state" if is_past else "is now in the state"
            error.add(f"{name} {was} {seen.describe_state()}{' then' if is_past else ''}")
        error.detail = error.detail or seen.fields.get("state_details")
        self._add_logs(seen, error)
        if not is_past:
            error.add(f"'exo dedicated-inference deployment logs {seen.id}' shows all of the engine's log")

    @staticmethod
    def other_name(seen: Deployment, asked_for: str) -> ExoscaleError:
        """What is wrong with a new deployment that has not the name that was asked for."""
        return NotApplied(
            f"The API created {seen}, though the name {asked_for!r} was asked for. A task that names {asked_for!r} "
            "does not find it"
        )

    def _add_logs(self, seen: Deployment, error: ExoscaleError) -> None:
        """Let an error show the end of the engine's log; not being able to fetch it never hides the error itself."""
        if self._log_lines == 0:
            return
        try:
            error.logs = read_logs(self._client, seen.id, self._log_lines, retries=0)
        except ExoscaleError:
            return
        lines = [
            " ".join(str(entry[key]) for key in ("time", "message") if entry.get(key))
            for entry in error.logs[-_LOG_LINES_IN_MESSAGE:]
        ]
        if lines:
            error.add("The end of the engine's log: {}".format(" | ".join(lines)))
