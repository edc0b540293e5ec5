# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One task for an AI deployment: find it, plan, and either predict or carry the plan out."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ansible_collections.exoscale.cloud.plugins.module_utils._ai_deployment import (
    ERROR,
    PARAMETERS,
    Deployment,
    Desired,
    moved_fields,
)
from ansible_collections.exoscale.cloud.plugins.module_utils._ai_deployment_api import add_logs
from ansible_collections.exoscale.cloud.plugins.module_utils._ai_deployment_plan import (
    CREATE,
    DELETE,
    Plan,
    Step,
    make_plan,
)
from ansible_collections.exoscale.cloud.plugins.module_utils._ai_deployment_reader import Reader
from ansible_collections.exoscale.cloud.plugins.module_utils._arguments import build_client, build_waiter
from ansible_collections.exoscale.cloud.plugins.module_utils._engine_parameters_api import EngineParameters
from ansible_collections.exoscale.cloud.plugins.module_utils._engine_secrets import secret_values
from ansible_collections.exoscale.cloud.plugins.module_utils._errors import ExoscaleError, InvalidInput, NotReady
from ansible_collections.exoscale.cloud.plugins.module_utils._values import is_uuid

if TYPE_CHECKING:
    from ansible_collections.exoscale.cloud.plugins.module_utils._client import Client
    from ansible_collections.exoscale.cloud.plugins.module_utils._clock import Clock
    from ansible_collections.exoscale.cloud.plugins.module_utils._outcome import Outcome
    from ansible_collections.exoscale.cloud.plugins.module_utils._waiter import Waiter


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
        self._reader = Reader(client, waiter, desired, outcome)
        self._waiter = waiter
        self._desired = desired
        self._outcome = outcome
        self._params = params
        self._wait = bool(params["wait"])
        self._wait_for_ready = params["wait_for"] == "ready"
        self._engine_parameters = EngineParameters(
            client, params["parameter_comparison"], params["parameter_validation"]
        )
        self._current: Deployment | None = None

    def predict(self) -> None:
        """What :meth:`apply` would do, from the same plan and without a write."""
        current = self._reader.find()
        plan = self._plan(current)
        if not plan.changed:
            self._accept_unchanged(current)
            return
        self._outcome.warnings += self._engine_parameters.judge(plan, current)
        self._outcome.changed = True
        known = current.fields if current and DELETE not in plan.actions else {}
        self._outcome.resource = None if self._desired.absent else {**known, **_as_shown(plan.after, known)}

    def apply(self) -> None:
        current = self._reader.find()
        plan = self._plan(current)
        while not self._carry_out(plan, current):
            current = self._current
            plan = self._plan(current)

    def _carry_out(self, plan: Plan, current: Deployment | None) -> bool:
        """False if the plan has to be made anew, from what is there now, before anything was written."""
        self._current = current
        if current and self._must_rest_first(current, plan):
            self._current = self._reader.wait_for_rest(current)
            return False
        if not plan.changed:
            self._accept_unchanged(current)
            return True
        warnings = self._engine_parameters.judge(plan, current)
        self._outcome.warnings += [warning for warning in warnings if warning not in self._outcome.warnings]
        # Most tasks change nothing, and each compiles anew what it imports.
        from ansible_collections.exoscale.cloud.plugins.module_utils._ai_deployment_steps import StepRunner

        runner = StepRunner(self._reader, self._waiter, self._outcome, self._plan_again, self._params)
        steps = list(plan.steps)
        while steps:
            try:
                happened, self._current = runner.perform(steps[0], self._current, last=len(steps) == 1)
            except ExoscaleError:
                self._outcome.actions = [step.action for step in runner.written]
                if DELETE not in self._outcome.actions:
                    self._outcome.changes = [
                        key for key in plan.changes if any(key in s.result for s in runner.written)
                    ]
                raise
            if happened:
                steps.pop(0)
            elif not self._outcome.changed:
                return False
            else:
                steps = self._plan_again(steps, self._current)
        self._warn_of_moved_fields(plan, current, self._current)
        return True

    def _plan(self, current: Deployment | None) -> Plan:
        try:
            plan = self._make_plan(current)
        except InvalidInput as error:
            if current is None:
                error.add(self._reader.describe_others())
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
                f"{current.sentence()} is in the state {current.describe_state()}, and nothing that this task declares "
                "differs from what is there, so there is nothing that this task could do about it. "
                "Change its version or parameters, or use wait_for=operation to accept the state",
                detail=current.fields.get("state_details"),
            )
            add_logs(self._reader.client, current.id, self._params["failure_log_lines"], error)
            raise error
        if not current.settled and not current.in_transition:
            self._outcome.warnings.append(
                f"{current.sentence()} is in the state {current.describe_state()}, "
                "which this version of the collection does not know"
            )

    def _warn_of_moved_fields(self, plan: Plan, before: Deployment | None, after: Deployment | None) -> None:
        if before is None or after is None or before.id != after.id:
            return
        for key in moved_fields(before, after, plan.after):
            self._outcome.warnings.append(
                f"{after}: {key} moved from {before.fields[key]!r} to {after.fields.get(key)!r}, "
                "though this task does not manage it"
            )


def _as_shown(values: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """The wanted values in the form in which the API would show them."""
    shown = dict(values)
    if "model" in shown:
        shown["model"] = known.get("model") or {"id" if is_uuid(shown["model"]) else "name": shown["model"]}
    return shown
