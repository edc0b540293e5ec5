# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sends one step of a plan and sees it through: write, wait, read again, verify; and what to do if it fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from ansible_collections.exoscale.cloud.plugins.module_utils._ai_deployment import ERROR, UPDATABLE, Deployment
from ansible_collections.exoscale.cloud.plugins.module_utils._ai_deployment_api import add_logs
from ansible_collections.exoscale.cloud.plugins.module_utils._ai_deployment_plan import (
    CREATE,
    DELETE,
    SCALE,
    UPDATE,
    Step,
    describe_difference,
    differing,
    update_step,
)
from ansible_collections.exoscale.cloud.plugins.module_utils._errors import (
    ApiError,
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
from ansible_collections.exoscale.cloud.plugins.module_utils._values import is_uuid

if TYPE_CHECKING:
    from ansible_collections.exoscale.cloud.plugins.module_utils._ai_deployment_reader import Reader
    from ansible_collections.exoscale.cloud.plugins.module_utils._outcome import Outcome
    from ansible_collections.exoscale.cloud.plugins.module_utils._waiter import Waiter

_NOT_FOUND = 404
_CONFLICT = 409
_PRECONDITION_FAILED = 412
_LOOKS_FOR_CREATED = 3


class StepRunner:
    """
    :param plan_again: the steps that are left of some, from what is there now.
    :param params: the module's options.
    """

    def __init__(
        self,
        reader: Reader,
        waiter: Waiter,
        outcome: Outcome,
        plan_again: Callable[[list[Step], Deployment | None], list[Step]],
        params: dict[str, Any],
    ) -> None:
        self._client = reader.client
        self._reader = reader
        self._waiter = waiter
        self._outcome = outcome
        self._plan_again = plan_again
        self._wait = bool(params["wait"])
        self._wait_for_ready = params["wait_for"] == "ready"
        self._log_lines = int(params["failure_log_lines"])
        self._roll_back = params["on_failure"] == "rollback"
        #: The steps that were carried out, or may have been.
        self.written: list[Step] = []

    def perform(self, step: Step, current: Deployment | None, last: bool) -> tuple[bool, Deployment | None]:
        """Send one step and see it through.

        :returns: whether it has happened, and what is there now. If it has not, it must be planned again.
        """
        repeats = 0
        while True:
            try:
                operation = Operation.from_api(self._client.write(step.method, step.path, step.body))
            except RequestFailed as error:
                if error.status == _CONFLICT:
                    return False, self._after_conflict(step, current, error)
                if error.status == _NOT_FOUND and step.action == DELETE:
                    # Somebody else was faster.
                    self._outcome.resource = None
                    return True, None
                if not error.may_have_arrived:
                    self._add_hint(step, current, error)
                    raise
                found = self._after_lost_answer(step, current, error, repeats)
                if step.has_happened(found):
                    return True, self._conclude_without_operation(step, current, found)
                repeats += 1
                if step.action not in (CREATE, DELETE):
                    plan = self._plan_again([step], found)
                    if not plan or plan[0].action != step.action:
                        return False, found
                    step = plan[0]
                current = found
                continue
            self._outcome.changed = True
            self.written.append(step)
            self._outcome.track(operation.result())
            return True, self._conclude(step, current, operation, last)

    def _after_conflict(self, step: Step, current: Deployment | None, conflict: RequestFailed) -> Deployment | None:
        if self._wait:
            if not self._waiter.pause():
                raise DeadlineExceeded(
                    f"Gave up after trying for {self._waiter.timeout:g} seconds (wait_timeout): {conflict}",
                    **conflict.result(),
                )
            return self._look_for(step, current)
        found = self._look_for(step, current)
        if self._plan_again([step], found):
            conflict.add("With wait=true the task waits until the deployment is free")
            raise conflict
        return found

    def _look_for(self, step: Step, current: Deployment | None) -> Deployment | None:
        """What is there now, also if it has only just been created or deleted."""
        if current is not None and step.action != CREATE:
            return self._reader.look(current.id) if step.action == DELETE else self._reader.read(current.id)
        return self._reader.look_by_name(str(step.result["name"]))

    def _after_lost_answer(
        self, step: Step, current: Deployment | None, lost: RequestFailed, repeats: int
    ) -> Deployment | None:
        """Look whether the write took effect, and raise ``lost`` if that cannot be told, or not be tried again."""
        changed_before = self._outcome.changed
        self._outcome.changed = True
        self.written.append(step)
        lost.add("It may have been carried out all the same")
        self._waiter.restart_schedule()
        try:
            # A second deployment costs more than a few seconds.
            for look in range(_LOOKS_FOR_CREATED if step.action == CREATE else 1):
                self._client.backoff(repeats + look, lost)
                found = self._look_for(step, current)
                if step.has_happened(found):
                    return found
        except ExoscaleError as error:
            lost.add(f"What is there now cannot be read: {error}")
            raise lost from error
        if found is not None and found.in_transition:
            if not self._wait:
                raise lost
            found = self._reader.wait_for_rest(found)
            if step.has_happened(found):
                return found
        self._outcome.changed = changed_before
        self.written.pop()
        if repeats >= self._client.retries:
            lost.add(f"What can be read shows no effect of it, after {repeats + 1} attempts")
            raise lost
        return found

    def _conclude(self, step: Step, current: Deployment | None, operation: Operation, last: bool) -> Deployment | None:
        wait = self._wait or not last
        deployment_id = current.id if current and step.action != CREATE else None
        try:
            if wait:
                self._waiter.restart_schedule()
                operation = self._waiter.until_finished(
                    self._client, operation, str(step), lambda seen: self._outcome.track(seen.result())
                )
            if step.action == CREATE:
                deployment_id = _referenced_id(operation)
            operation.raise_for_state(str(step))
        except (OperationFailed, OperationTimedOut) as error:
            self._after_failure(step, current, deployment_id, error)
            raise
        except DeadlineExceeded as error:
            self._add_what_is_there(deployment_id or _referenced_id(operation), error)
            raise
        if step.action == DELETE and current is not None:
            if not wait:
                return self._reader.look(current.id)
            self._see_it_gone(step, current)
            return None
        if deployment_id is None:
            deployment_id = self._id_of_created(step)
        found = self._see_it_settle(step, current, deployment_id, wait, last)
        if operation.succeeded:
            self._verify(step, found)
        return found

    def _conclude_without_operation(
        self, step: Step, current: Deployment | None, found: Deployment | None
    ) -> Deployment | None:
        """The step took effect, but its operation is not known, as its answer was lost."""
        self._outcome.warnings.append(
            f"The answer to {step} was lost, but the change is there; its operation is not known"
        )
        if found is None or not self._wait:
            return found
        if not (found.settled if self._wait_for_ready else not found.in_transition):
            found = (
                self._see_it_settle(step, current, found.id, wait=True, last=True)
                if self._wait_for_ready
                else self._reader.wait_for_rest(found)
            )
        if found.state == ERROR:
            self._fail_in_error(step, current, found)
        self._verify(step, found)
        return found

    def _see_it_settle(
        self, step: Step, current: Deployment | None, deployment_id: str, wait: bool, last: bool
    ) -> Deployment:
        if not wait or (last and not self._wait_for_ready):
            return self._reader.read(deployment_id)
        settled = self._waiter.until(
            lambda: self._reader.read(deployment_id, retries=0),
            lambda seen: seen.settled,
            lambda seen: "the deployment {} is still in the state {}".format(
                deployment_id, seen.describe_state() if seen else "that it had before the change"
            ),
        )
        if settled.state == ERROR:
            self._fail_in_error(step, current, settled)
        return settled

    def _see_it_gone(self, step: Step, current: Deployment) -> None:
        self._waiter.until(
            # Wrapped, because None means to the waiter that nothing was seen yet.
            lambda: [self._reader.look(current.id, retries=0)],
            lambda seen: seen[0] is None,
            lambda _seen: f"{current} is still there after {step}",
        )

    def _fail_in_error(self, step: Step, current: Deployment | None, deployment: Deployment) -> None:
        error = NotReady(
            "{} settled in the state {} after {} ({}). Correct what the task declares and run it again; "
            "'exo dedicated-inference deployment logs {}' shows all of the engine's log".format(
                deployment.sentence(),
                deployment.describe_state(),
                step,
                ", ".join(step.result),
                deployment.id,
            ),
            detail=deployment.fields.get("state_details"),
        )
        add_logs(self._client, deployment.id, self._log_lines, error)
        self._roll_back_if_wanted(step, current, error)
        raise error

    def _after_failure(
        self, step: Step, current: Deployment | None, deployment_id: str | None, error: ExoscaleError
    ) -> None:
        self._add_what_is_there(deployment_id, error)
        if deployment_id is not None:
            add_logs(self._client, deployment_id, self._log_lines, error)
        self._roll_back_if_wanted(step, current, error)

    def _roll_back_if_wanted(self, step: Step, before: Deployment | None, failure: ExoscaleError) -> None:
        if not self._roll_back or step.action != UPDATE or before is None:
            return
        values = {key: before.fields[key] for key in UPDATABLE if key in step.result and key in before.fields}
        back = update_step(before.id, values)
        # A failure of the rollback must not start another one.
        self._roll_back = False
        try:
            self._roll_back_to(back, before)
        except ExoscaleError as error:
            running = self._outcome.resource or {}
            failure.add(
                "Rolling back failed too: {}. Last seen: {}".format(
                    error, "; ".join(f"{key} {running.get(key)!r}" for key in ("state", *values))
                )
            )
            return
        failure.add("It was rolled back to {}".format(", ".join(f"{key} {value!r}" for key, value in values.items())))

    def _roll_back_to(self, back: Step, before: Deployment) -> None:
        current: Deployment | None = self._reader.wait_for_rest(self._reader.read(before.id))
        happened = current is not None and back.has_happened(current) and current.state != ERROR
        while not happened:
            happened, current = self.perform(back, current, last=False)

    def _verify(self, step: Step, found: Deployment) -> None:
        lines = [describe_difference(found, key, step.result[key]) for key in differing(found, step.result)]
        if lines:
            raise NotApplied(
                "The API accepted the change of {}, but does not show it: {}. Somebody else may have changed it "
                "meanwhile".format(found, "; ".join(lines))
            )

    def _id_of_created(self, step: Step) -> str:
        """Where the operation does not name what it created."""
        name = str(step.result["name"])
        found = self._reader.look_by_name(name)
        if found is None:
            raise NotFound(f"{step} was accepted, but no deployment is named {name!r}")
        return found.id

    def _add_what_is_there(self, deployment_id: str | None, error: ExoscaleError) -> None:
        if deployment_id is None:
            return
        try:
            found = self._reader.read(deployment_id, retries=0)
        except ExoscaleError:
            # What ended the task is worth more than why the look at the ruins failed.
            return
        error.add(f"{found.sentence()} is now in the state {found.describe_state()}")

    def _add_hint(self, step: Step, current: Deployment | None, error: RequestFailed) -> None:
        if not isinstance(error, ApiError) or error.status != _PRECONDITION_FAILED:
            return
        if step.action == CREATE:
            gpu_type, each, replicas = (step.result[key] for key in ("gpu_type", "gpu_count", "replicas"))
        elif step.action == SCALE and current is not None:
            gpu_type, each = current.fields.get("gpu_type"), current.fields.get("gpu_count")
            replicas = step.result["replicas"]
        else:
            return
        error.add(
            f"Probably not enough GPUs are free in this zone: {each} of the type {gpu_type} were asked for, "
            f"for each of {replicas} replicas. Try fewer, another type or another zone, or look at the quota"
        )


def _referenced_id(operation: Operation) -> str | None:
    reference = (operation.reference or {}).get("id")
    return reference.lower() if isinstance(reference, str) and is_uuid(reference) else None
