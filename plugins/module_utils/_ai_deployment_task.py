# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carries a plan for an AI deployment out: find, wait, write, wait, read again, verify."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ansible_collections.exoscale.cloud.plugins.module_utils._ai_deployment import (
    ERROR,
    PARAMETERS,
    UPDATABLE,
    Deployment,
    Desired,
    moved_fields,
)
from ansible_collections.exoscale.cloud.plugins.module_utils._ai_deployment_api import (
    only_id,
    private_ids_by_name,
    read_deployment,
    read_deployment_if_any,
    read_logs,
    with_model_as_given,
)
from ansible_collections.exoscale.cloud.plugins.module_utils._ai_deployment_plan import (
    CREATE,
    DELETE,
    SCALE,
    UPDATE,
    Plan,
    Step,
    describe_difference,
    differing,
    make_plan,
    update_step,
)
from ansible_collections.exoscale.cloud.plugins.module_utils._arguments import build_client, build_waiter
from ansible_collections.exoscale.cloud.plugins.module_utils._engine_parameters_api import EngineParameters
from ansible_collections.exoscale.cloud.plugins.module_utils._engine_secrets import secret_values
from ansible_collections.exoscale.cloud.plugins.module_utils._errors import (
    ApiError,
    DeadlineExceeded,
    ExoscaleError,
    InvalidInput,
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
    from ansible_collections.exoscale.cloud.plugins.module_utils._client import Client
    from ansible_collections.exoscale.cloud.plugins.module_utils._clock import Clock
    from ansible_collections.exoscale.cloud.plugins.module_utils._outcome import Outcome
    from ansible_collections.exoscale.cloud.plugins.module_utils._waiter import Waiter

_NOT_FOUND = 404
_CONFLICT = 409
_PRECONDITION_FAILED = 412
_MOST_NAMES_LISTED = 10
_LOOKS_FOR_CREATED = 3
_LOG_LINES_IN_MESSAGE = 3


def run(params: dict[str, Any], check_mode: bool, outcome: Outcome, clock: Clock = time) -> None:
    """Bring a deployment to what ``params``, the module's options, declare.

    :param outcome: is filled as far as the task gets, also when it fails.
    :raises ExoscaleError: anything that a user, a network or a server can cause.
    """
    desired = Desired.from_params(params)
    if params["failure_log_lines"] < 0:
        raise InvalidInput(f"failure_log_lines is {params['failure_log_lines']}, but must be 0 or more")
    outcome.secrets |= secret_values(desired.managed.get(PARAMETERS, []))
    waiter = build_waiter(params, clock)
    client = build_client(params, read_only=check_mode, clock=clock)
    task = DeploymentTask(client, waiter, desired, outcome, params)
    if check_mode:
        task.predict()
    else:
        task.apply()


class DeploymentTask:
    """One task of a playbook, for one deployment.

    :param params: the module's options.
    """

    def __init__(
        self, client: Client, waiter: Waiter, desired: Desired, outcome: Outcome, params: dict[str, Any]
    ) -> None:
        self._client = client
        self._waiter = waiter
        self._desired = desired
        self._outcome = outcome
        self._wait = bool(params["wait"])
        self._wait_for_ready = params["wait_for"] == "ready"
        self._log_lines = int(params["failure_log_lines"])
        self._roll_back = params["on_failure"] == "rollback"
        self._engine_parameters = EngineParameters(
            client, params["parameter_comparison"], params["parameter_validation"]
        )
        self._known_names: list[str] = []
        self._current: Deployment | None = None
        self._completed_model: tuple[Any, Any] = (None, None)

    def predict(self) -> None:
        """What :meth:`apply` would do, from the same plan and without a write."""
        current = self._find()
        plan = self._plan(current)
        if not plan.changed:
            self._accept_unchanged(current)
            return
        self._outcome.warnings += self._engine_parameters.judge(plan, current)
        self._outcome.changed = True
        known = current.fields if current and DELETE not in plan.actions else {}
        self._outcome.resource = None if self._desired.absent else {**known, **_as_shown(plan.after, known)}

    def apply(self) -> None:
        current = self._find()
        plan = self._plan(current)
        while not self._carry_out(plan, current):
            current = self._current
            plan = self._plan(current)

    def _carry_out(self, plan: Plan, current: Deployment | None) -> bool:
        """False if the plan has to be made anew, from what is there now, before anything was written."""
        self._current = current
        if current and self._must_rest_first(current, plan):
            self._current = self._wait_for_rest(current)
            return False
        if not plan.changed:
            self._accept_unchanged(current)
            return True
        warnings = self._engine_parameters.judge(plan, current)
        self._outcome.warnings += [warning for warning in warnings if warning not in self._outcome.warnings]
        steps = list(plan.steps)
        while steps:
            happened, self._current = self._perform(steps[0], self._current, last=len(steps) == 1)
            if happened:
                steps.pop(0)
            elif not self._outcome.changed:
                return False
            else:
                steps = self._plan_again(steps, self._current)
        self._warn_of_moved_fields(plan, current, self._current)
        return True

    def _find(self) -> Deployment | None:
        if self._desired.id is not None:
            return self._look_or_read(self._desired.id)
        name = str(self._desired.lookup_name)
        ids_by_name = private_ids_by_name(self._client)
        deployment_id = only_id(ids_by_name.get(name, []), name, self._client)
        if deployment_id is None:
            self._known_names = sorted(ids_by_name)
            return None
        found = self._look_or_read(deployment_id)
        if found is not None and found.name != name:
            raise NotFound(
                f"The deployment {found.id} was named {name!r} a moment ago and is named {found.name!r} now; "
                "somebody else changes it. Nothing was changed by this task"
            )
        return found

    def _look_or_read(self, deployment_id: str) -> Deployment | None:
        # Only what is to be absent may be missing.
        return self._look(deployment_id) if self._desired.absent else self._read(deployment_id)

    def _read(self, deployment_id: str, retries: int | None = None) -> Deployment:
        return self._remember(read_deployment(self._client, deployment_id, retries))

    def _look(self, deployment_id: str, retries: int | None = None) -> Deployment | None:
        """The same, and None if it is gone."""
        found = read_deployment_if_any(self._client, deployment_id, retries)
        if found is not None:
            return self._remember(found)
        self._outcome.resource = None
        return None

    def _remember(self, deployment: Deployment) -> Deployment:
        shown, completed = self._completed_model
        if shown is not None and deployment.fields.get("model") == shown:
            deployment = Deployment(deployment.id, {**deployment.fields, "model": completed})
        else:
            shown = deployment.fields.get("model")
            deployment = with_model_as_given(self._client, deployment, self._desired.managed.get("model"))
            self._completed_model = (shown, deployment.fields.get("model"))
        self._outcome.resource = deployment.fields
        self._outcome.secrets |= secret_values(deployment.fields[PARAMETERS])
        return deployment

    def _plan(self, current: Deployment | None) -> Plan:
        try:
            plan = self._make_plan(current)
        except InvalidInput as error:
            if current is None:
                error.add(f"In {self._client.base_url} {_list_names(self._known_names)}")
            raise
        self._outcome.changes = plan.changes
        self._outcome.actions = plan.actions
        self._outcome.before = plan.before
        self._outcome.after = plan.after
        name = current.name if current else self._desired.lookup_name
        self._outcome.label = f"AI deployment {name} ({current.id if current else 'not there'})"
        self._outcome.after_label = self._outcome.label
        if DELETE in plan.actions:
            self._outcome.after_label += ", deleted and created anew" if CREATE in plan.actions else ", deleted"
        return plan

    def _make_plan(self, current: Deployment | None) -> Plan:
        return make_plan(current, self._engine_parameters.in_shown_spelling(self._desired, current))

    def _must_rest_first(self, current: Deployment, plan: Plan) -> bool:
        # What is to be deleted need not get ready before.
        wanted = plan.actions[0] != DELETE if plan.changed else self._wait_for_ready and not self._desired.absent
        return self._wait and current.in_transition and wanted

    def _plan_again(self, steps: list[Step], current: Deployment | None) -> list[Step]:
        """The steps that are left, from what is there now."""
        if steps[0].action in (CREATE, DELETE) or current is None:
            return steps[1:] if steps[0].has_happened(current) else steps
        return list(self._make_plan(current).steps)

    def _accept_unchanged(self, current: Deployment | None) -> None:
        if current is None or not self._wait_for_ready or self._desired.absent:
            return
        if current.state == ERROR:
            error = NotReady(
                f"{_sentence(current)} is in the state {current.describe_state()}, and nothing that this task declares "
                "differs from what is there, so there is nothing that this task could do about it. "
                "Change its version or parameters, or use wait_for=operation to accept the state",
                detail=current.fields.get("state_details"),
            )
            self._add_logs(current.id, error)
            raise error
        if not current.settled and not current.in_transition:
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

    def _perform(self, step: Step, current: Deployment | None, last: bool) -> tuple[bool, Deployment | None]:
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
            return self._look(current.id) if step.action == DELETE else self._read(current.id)
        name = str(step.result["name"])
        deployment_id = only_id(private_ids_by_name(self._client).get(name, []), name, self._client)
        return None if deployment_id is None else self._look(deployment_id)

    def _after_lost_answer(
        self, step: Step, current: Deployment | None, lost: RequestFailed, repeats: int
    ) -> Deployment | None:
        """Look whether the write took effect, and raise ``lost`` if that cannot be told, or not be tried again."""
        changed_before = self._outcome.changed
        self._outcome.changed = True
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
            found = self._wait_for_rest(found)
            if step.has_happened(found):
                return found
        self._outcome.changed = changed_before
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
                return self._look(current.id)
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
                else self._wait_for_rest(found)
            )
        if found.state == ERROR:
            self._fail_in_error(step, current, found)
        self._verify(step, found)
        return found

    def _see_it_settle(
        self, step: Step, current: Deployment | None, deployment_id: str, wait: bool, last: bool
    ) -> Deployment:
        if not wait or (last and not self._wait_for_ready):
            return self._read(deployment_id)
        settled = self._waiter.until(
            lambda: self._read(deployment_id, retries=0),
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
            lambda: [self._look(current.id, retries=0)],
            lambda seen: seen[0] is None,
            lambda _seen: f"{current} is still there after {step}",
        )

    def _fail_in_error(self, step: Step, current: Deployment | None, deployment: Deployment) -> None:
        error = NotReady(
            "{} settled in the state {} after {} ({}). Correct what the task declares and run it again; "
            "'exo dedicated-inference deployment logs {}' shows all of the engine's log".format(
                _sentence(deployment),
                deployment.describe_state(),
                step,
                ", ".join(step.result),
                deployment.id,
            ),
            detail=deployment.fields.get("state_details"),
        )
        self._add_logs(deployment.id, error)
        self._roll_back_if_wanted(step, current, error)
        raise error

    def _after_failure(
        self, step: Step, current: Deployment | None, deployment_id: str | None, error: ExoscaleError
    ) -> None:
        self._add_what_is_there(deployment_id, error)
        if deployment_id is not None:
            self._add_logs(deployment_id, error)
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
        current: Deployment | None = self._wait_for_rest(self._read(before.id))
        happened = current is not None and back.has_happened(current) and current.state != ERROR
        while not happened:
            happened, current = self._perform(back, current, last=False)

    def _warn_of_moved_fields(self, plan: Plan, before: Deployment | None, after: Deployment | None) -> None:
        if before is None or after is None or before.id != after.id:
            return
        for key in moved_fields(before, after, plan.after):
            self._outcome.warnings.append(
                f"{after}: {key} moved from {before.fields[key]!r} to {after.fields.get(key)!r}, "
                "though this task does not manage it"
            )

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
        deployment_id = only_id(private_ids_by_name(self._client).get(name, []), name, self._client)
        if deployment_id is None:
            raise NotFound(f"{step} was accepted, but no deployment is named {name!r}")
        return deployment_id

    def _add_what_is_there(self, deployment_id: str | None, error: ExoscaleError) -> None:
        if deployment_id is None:
            return
        try:
            found = self._read(deployment_id, retries=0)
        except ExoscaleError:
            # What ended the task is worth more than why the look at the ruins failed.
            return
        error.add(f"{_sentence(found)} is now in the state {found.describe_state()}")

    def _add_logs(self, deployment_id: str, error: ExoscaleError) -> None:
        if self._log_lines == 0:
            return
        try:
            error.logs = read_logs(self._client, deployment_id, self._log_lines)
        except ExoscaleError:
            return
        messages = [str(entry.get("message")) for entry in error.logs[-_LOG_LINES_IN_MESSAGE:]]
        if messages:
            error.add("The end of the engine's log: {}".format(" | ".join(messages)))

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


def _as_shown(values: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """The wanted values in the form in which the API would show them."""
    shown = dict(values)
    if "model" in shown:
        shown["model"] = known.get("model") or {"id" if is_uuid(shown["model"]) else "name": shown["model"]}
    return shown


def _sentence(deployment: Deployment) -> str:
    text = str(deployment)
    return text[0].upper() + text[1:]


def _list_names(names: list[str]) -> str:
    if not names:
        return "there is no deployment at all"
    more = ", …" if len(names) > _MOST_NAMES_LISTED else ""
    return "there are: {}{}".format(", ".join(names[:_MOST_NAMES_LISTED]), more)
