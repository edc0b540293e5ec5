# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carries a plan for an AI deployment out: find, wait, write, wait, read again, verify."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ansible_collections.exoscale.cloud.plugins.module_utils._ai_deployment import (
    ERROR,
    READY,
    Deployment,
    Desired,
    Plan,
    Step,
    deployment_path,
    make_plan,
    moved_fields,
    private_ids_by_name,
)
from ansible_collections.exoscale.cloud.plugins.module_utils._arguments import build_client, build_waiter
from ansible_collections.exoscale.cloud.plugins.module_utils._engine_secrets import secret_values
from ansible_collections.exoscale.cloud.plugins.module_utils._errors import (
    AmbiguousName,
    DeadlineExceeded,
    ExoscaleError,
    NotApplied,
    NotFound,
    NotReady,
    OperationFailed,
    OperationTimedOut,
    RequestFailed,
)
from ansible_collections.exoscale.cloud.plugins.module_utils._operation import Operation

if TYPE_CHECKING:
    from ansible_collections.exoscale.cloud.plugins.module_utils._client import Client
    from ansible_collections.exoscale.cloud.plugins.module_utils._clock import Clock
    from ansible_collections.exoscale.cloud.plugins.module_utils._outcome import Outcome
    from ansible_collections.exoscale.cloud.plugins.module_utils._waiter import Waiter

_CONFLICT = 409
_MOST_NAMES_LISTED = 10


def run(params: dict[str, Any], check_mode: bool, outcome: Outcome, clock: Clock = time) -> None:
    """Bring a deployment to what ``params``, the module's options, declare.

    :param outcome: is filled as far as the task gets, also when it fails.
    :raises ExoscaleError: anything that a user, a network or a server can cause.
    """
    desired = Desired.from_params(params)
    outcome.secrets |= secret_values(desired.managed.get("inference_engine_parameters", []))
    waiter = build_waiter(params, clock)
    client = build_client(params, read_only=check_mode, clock=clock)
    task = DeploymentTask(client, waiter, desired, outcome, wait=params["wait"], wait_for=params["wait_for"])
    if check_mode:
        task.predict()
    else:
        task.apply()


class DeploymentTask:
    """One task of a playbook, for one deployment."""

    def __init__(
        self,
        client: Client,
        waiter: Waiter,
        desired: Desired,
        outcome: Outcome,
        *,
        wait: bool,
        wait_for: str,
    ) -> None:
        self._client = client
        self._waiter = waiter
        self._desired = desired
        self._outcome = outcome
        self._wait = wait
        self._wait_for_ready = wait_for == "ready"

    def predict(self) -> None:
        """What :meth:`apply` would do, from the same plan and without a write."""
        current = self._find()
        plan = self._plan(current)
        if not plan.changed:
            self._accept_unchanged(current)
            return
        self._outcome.changed = True
        self._outcome.resource = dict(current.fields, **plan.after)

    def apply(self) -> None:
        current = self._find()
        repeats = 0
        while True:
            plan = self._plan(current)
            if self._wait and current.in_transition and (plan.changed or self._wait_for_ready):
                current = self._wait_for_rest(current)
                continue
            if not plan.changed:
                self._accept_unchanged(current)
                return
            (step,) = plan.steps
            try:
                operation = Operation.from_api(self._client.write(step.method, step.path, step.body))
            except RequestFailed as error:
                if error.status == _CONFLICT:
                    current = self._after_conflict(current, error)
                    continue
                if not error.may_have_arrived:
                    raise
                found = self._after_lost_answer(current, error, repeats)
                if not make_plan(found, self._desired).changed:
                    self._conclude_without_operation(current, found, plan, step)
                    return
                current = found
                repeats += 1
                continue
            self._outcome.changed = True
            self._outcome.track(operation.result())
            self._conclude(current, operation, plan, step)
            return

    def _find(self) -> Deployment:
        if self._desired.id is not None:
            return self._read(self._desired.id)
        name = self._desired.lookup_name
        ids_by_name = private_ids_by_name(self._client.get("/ai/deployment"))
        ids = ids_by_name.get(str(name), [])
        where = f"in {self._client.base_url}"
        if len(ids) > 1:
            raise AmbiguousName(
                "{} private deployments {} are named {!r}: {}. Give the id of the one that is meant".format(
                    len(ids), where, name, ", ".join(sorted(ids))
                )
            )
        if not ids:
            raise NotFound(
                f"No private deployment {where} is named {name!r}. {_list_names(sorted(ids_by_name))}. "
                "Check the name and the zone"
            )
        found = self._read(ids[0])
        if found.name != name:
            raise NotFound(
                f"The deployment {found.id} was named {name!r} a moment ago and is named {found.name!r} now; "
                "somebody else changes it. Nothing was changed by this task"
            )
        return found

    def _read(self, deployment_id: str, retries: int | None = None) -> Deployment:
        payload = self._client.get(deployment_path(deployment_id), retries=retries)
        deployment = Deployment.from_api(payload, deployment_id)
        self._outcome.resource = deployment.fields
        self._outcome.secrets |= secret_values(deployment.fields["inference_engine_parameters"])
        return deployment

    def _plan(self, current: Deployment) -> Plan:
        plan = make_plan(current, self._desired)
        self._outcome.changes = plan.changes
        self._outcome.before = plan.before
        self._outcome.after = plan.after
        self._outcome.label = f"AI deployment {current.name} ({current.id})"
        return plan

    def _accept_unchanged(self, current: Deployment) -> None:
        if not self._wait_for_ready:
            return
        if current.state == ERROR:
            raise NotReady(
                f"{_sentence(current)} is in the state {current.describe_state()}, and nothing that this task declares "
                "differs from what is there, so there is nothing that this task could do about it. "
                "Change its version or parameters, or use wait_for=operation to accept the state",
                detail=current.fields.get("state_details"),
            )
        if current.state != READY and not current.in_transition:
            self._outcome.warnings.append(
                f"{_sentence(current)} is in the state {current.describe_state()}, "
                "which this version of the collection does not know"
            )

    def _wait_for_rest(self, current: Deployment) -> Deployment:
        return self._waiter.until(
            lambda: self._read(current.id, retries=0),
            lambda seen: not seen.in_transition,
            lambda seen: f"{current} is still in the state {(seen or current).describe_state()}",
            current,
        )

    def _after_conflict(self, current: Deployment, conflict: RequestFailed) -> Deployment:
        if self._wait:
            if not self._waiter.pause():
                raise DeadlineExceeded(
                    f"Gave up after trying for {self._waiter.timeout:g} seconds (wait_timeout): {conflict}",
                    **conflict.result(),
                )
            return self._read(current.id)
        found = self._read(current.id)
        if make_plan(found, self._desired).changed:
            conflict.add("With wait=true the task waits until the deployment is free")
            raise conflict
        return found

    def _after_lost_answer(self, current: Deployment, lost: RequestFailed, repeats: int) -> Deployment:
        """Look whether the write took effect, and raise ``lost`` if that cannot be told, or not be tried again."""
        self._outcome.changed = True
        lost.add("It may have been carried out all the same")
        self._waiter.restart_schedule()
        self._client.backoff(repeats, lost)
        try:
            found = self._read(current.id)
        except ExoscaleError as error:
            lost.add(f"What is there now cannot be read: {error}")
            raise lost from error
        if not make_plan(found, self._desired).changed:
            return found
        if found.in_transition and self._wait:
            found = self._wait_for_rest(found)
            if not make_plan(found, self._desired).changed:
                return found
        if found.in_transition:
            raise lost
        self._outcome.changed = False
        if repeats >= self._client.retries:
            lost.add(f"What can be read shows no effect of it, after {repeats + 1} attempts")
            raise lost
        return found

    def _conclude(self, before: Deployment, operation: Operation, plan: Plan, step: Step) -> None:
        try:
            if self._wait:
                self._waiter.restart_schedule()
                operation = self._waiter.until_finished(
                    self._client, operation, str(step), lambda seen: self._outcome.track(seen.result())
                )
            operation.raise_for_state(str(step))
        except (OperationFailed, OperationTimedOut, DeadlineExceeded) as error:
            self._add_what_is_there(before, error)
            raise
        after = self._settle(before) if self._wait and self._wait_for_ready else self._read(before.id)
        self._warn_of_moved_fields(before, after, plan)
        if operation.succeeded:
            self._verify(after, plan)

    def _conclude_without_operation(self, before: Deployment, found: Deployment, plan: Plan, step: Step) -> None:
        """The write took effect, but its operation is not known, as its answer was lost."""
        self._outcome.warnings.append(
            f"The answer to {step} was lost, but the change is there; its operation is not known"
        )
        if self._wait and self._wait_for_ready and found.state != READY:
            found = self._settle(found)
        elif self._wait:
            found = self._wait_for_rest(found)
        if self._wait and found.state == ERROR:
            raise self._settled_in_error(found)
        self._warn_of_moved_fields(before, found, plan)
        if not found.in_transition:
            self._verify(found, plan)

    def _settle(self, before: Deployment) -> Deployment:
        settled = self._waiter.until(
            lambda: self._read(before.id, retries=0),
            lambda seen: seen.state in (READY, ERROR),
            lambda seen: "{} is still in the state {}".format(
                before, seen.describe_state() if seen else "that it had before the change"
            ),
        )
        if settled.state == ERROR:
            raise self._settled_in_error(settled)
        return settled

    def _settled_in_error(self, deployment: Deployment) -> NotReady:
        return NotReady(
            "{} was changed ({}), but settled in the state {}. The engine's log says why "
            "(exo dedicated-inference deployment logs {}); correct what the task declares and run it again".format(
                _sentence(deployment), ", ".join(self._outcome.changes), deployment.describe_state(), deployment.id
            ),
            detail=deployment.fields.get("state_details"),
        )

    def _verify(self, after: Deployment, plan: Plan) -> None:
        lines = [
            f"{key}: wanted {wanted!r}, found {after.fields.get(key)!r}"
            for key, wanted in plan.after.items()
            if after.fields.get(key) != wanted
        ]
        if lines:
            raise NotApplied(
                "The API accepted the change of {}, but does not show it: {}. Somebody else may have changed it "
                "meanwhile".format(after, "; ".join(lines))
            )

    def _warn_of_moved_fields(self, before: Deployment, after: Deployment, plan: Plan) -> None:
        for key in moved_fields(before, after, plan.after):
            self._outcome.warnings.append(
                f"{after}: {key} moved from {before.fields[key]!r} to {after.fields.get(key)!r}, "
                "though this task does not manage it"
            )

    def _add_what_is_there(self, before: Deployment, error: ExoscaleError) -> None:
        try:
            found = self._read(before.id, retries=0)
        except ExoscaleError:
            # What ended the task is worth more than why the look at the ruins failed.
            return
        error.add(f"{_sentence(found)} is now in the state {found.describe_state()}")


def _sentence(deployment: Deployment) -> str:
    text = str(deployment)
    return text[0].upper() + text[1:]


def _list_names(names: list[str]) -> str:
    if not names:
        return "There is none at all"
    more = ", …" if len(names) > _MOST_NAMES_LISTED else ""
    return "There are: {}{}".format(", ".join(names[:_MOST_NAMES_LISTED]), more)
