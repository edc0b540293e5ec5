# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An AI deployment as a kind of resource for the loop."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Callable

from .._api.errors import ApiError, ExoscaleError, InvalidAnswer, InvalidInput, NotFound
from .._api.values import is_uuid
from .._reconcile.kind import Kind
from .._reconcile.plan import CREATE, DELETE, SCALE
from .deployment import (
    CONFIGURATION,
    ERROR,
    PARAMETERS,
    PUBLIC,
    READY,
    VERSION,
    Deployment,
    Desired,
    model_reference,
    moved_fields,
    shown_safely,
    tell,
)
from .deployment_plan import deployment_path, describe_difference, differing, make_plan
from .deployment_reading import (
    MODELS,
    NOT_FOUND,
    id_of_name,
    list_entries,
    list_models,
    read_deployment,
    read_logs,
)

if TYPE_CHECKING:
    from .._api.client import Client
    from .._api.deadline import Deadline
    from .._api.operation import Operation
    from .._reconcile.plan import Plan, Step
    from .deployment_checks import Checks
    from .engine_help import EngineHelps

_PRECONDITION_FAILED = 412
_LOG_LINES_IN_MESSAGE = 3
_MOST_NAMES_LISTED = 10


@dataclass(frozen=True)
class EngineConduct:
    """How engine parameters are compared and checked, as the options of those names."""

    comparison: str = "semantic"
    validation: str = "error"


class DeploymentKind(Kind[Deployment, Desired]):
    """One AI deployment.

    :param log_lines: how many lines of the engine's log a failure shows.
    :param warn: takes sentences for the user.
    """

    fields = CONFIGURATION

    def __init__(self, client: Client, engine: EngineConduct, log_lines: int, warn: Callable[[str], None]) -> None:
        super().__init__(client)
        self._validation = engine.validation
        self._is_semantic = engine.comparison == "semantic"
        self._log_lines = log_lines
        self._warn = warn
        self._id: str | None = None
        self._wanted_name: str | None = None
        self._names: list[str] = []
        self._models: dict[tuple[str, str], str | None] = {}

    def look(
        self,
        wanted: Desired,
        deadline: Deadline,
        *,
        retries: int | None = None,
        may_be_missing: bool = False,
    ) -> Deployment | None:
        known_id = self._id or wanted.id
        self._wanted_name = wanted.lookup_name
        by_name = known_id is None
        if known_id is None:
            known_id = self._find(str(wanted.lookup_name), deadline, retries)
            if known_id is None:
                return None
        try:
            found = read_deployment(self.client, known_id, deadline, retries)
        except ApiError as error:
            if error.status == NOT_FOUND and (wanted.absent or may_be_missing):
                return None
            raise
        if by_name and found.name != wanted.lookup_name:
            raise NotFound(
                f"The deployment {found.id} was named {wanted.lookup_name!r} a moment ago and is named {found.name!r} "
                "now; somebody else changes it"
            )
        self._id = known_id
        return self._understand(found, wanted, deadline)

    def plan(self, seen: Deployment | None, wanted: Desired) -> Plan:
        try:
            return make_plan(seen, wanted)
        except InvalidInput as error:
            if seen is None:
                error.add(self._describe_others())
            raise

    def name(self, seen: Deployment | None) -> str:
        if seen is not None:
            return str(seen)
        return f"the deployment {self._wanted_name}" if self._wanted_name else "the deployment"

    def state(self, seen: Deployment) -> str:
        return seen.describe_state()

    def tell(self, values: dict[str, Any]) -> str:
        return tell(values)

    def managed(self, wanted: Desired) -> dict[str, Any]:
        return wanted.managed

    def check(self, plan: Plan, seen: Deployment | None, deadline: Deadline) -> None:
        self._checks.run(plan, seen, deadline)

    # What only a change or another spelling needs is imported then: a module compiles whatever it imports, each time
    # it starts.
    @cached_property
    def _checks(self) -> Checks:
        from .deployment_checks import Checks

        return Checks(self.client, self._helps, self._validation, self._warn)

    @cached_property
    def _helps(self) -> EngineHelps:
        from .engine_help import EngineHelps

        return EngineHelps(self.client)

    def adopt(self, operation: Operation | None) -> None:
        reference = (operation.reference or {}).get("id") if operation else None
        self._id = reference.lower() if isinstance(reference, str) and is_uuid(reference) else None

    def in_transition(self, seen: Deployment) -> bool:
        return seen.in_transition

    def may_rest_in_transition(self, seen: Deployment, last: Step | None) -> bool:
        # Which state the API shows without replicas is not documented; there is nothing then that could get ready.
        asked_for = last.result.get("replicas", 0) if last is not None else 0
        return seen.fields.get("replicas") == 0 == asked_for

    def in_error(self, seen: Deployment) -> bool:
        return seen.state == ERROR

    def leaves_trace(self, step: Step, before: Deployment | None, seen: Deployment | None) -> bool:
        if before is None:
            return seen is not None
        if seen is None:
            return step.action == DELETE
        if step.result and differing(before, step.result) and seen.shows(step.result):
            return True
        has_begun = seen.in_transition and not before.in_transition
        has_recovered = before.state == ERROR != seen.state
        dates = [each.fields.get("updated_at") for each in (before, seen)]
        # The end of somebody else's change moves the date as well.
        has_moved = None not in dates and dates[0] != dates[1] and not before.in_transition
        return has_begun or has_recovered or has_moved

    def effect(self, step: Step, seen: Deployment | None) -> dict[str, Any]:
        if seen is None:
            return {}
        if step.action == DELETE:
            return seen.configuration()
        return {key: value if seen.view(key) is None else seen.view(key, value) for key, value in step.result.items()}

    def unverified(self, seen: Deployment | None, wanted: Desired) -> list[str]:
        return [] if seen is None else list(seen.unknown)

    def explain_refusal(self, step: Step, seen: Deployment | None, error: ExoscaleError) -> None:
        if error.status == NOT_FOUND and step.action == CREATE:
            error.add(f"Check that the model {step.result['model']} is in this zone: a model exists in one zone only")
        elif error.status == NOT_FOUND:
            error.add("Check the ID and the zone: a deployment exists in one zone only")
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
        name = str(seen).replace("the ", "The ", 1)
        if error.operation is not None:
            was = "was in the state" if is_past else "is now in the state"
            error.add(f"{name} {was} {seen.describe_state()}{' then' if is_past else ''}")
        error.detail = error.detail or seen.fields.get("state_details")
        self._add_logs(seen, error)
        if not is_past:
            error.add(f"'exo dedicated-inference deployment logs {seen.id}' shows all of the engine's log")

    def differences(self, seen: Deployment, step: Step) -> str:
        return "; ".join(
            describe_difference(seen, key, value) for key, value in step.result.items() if seen.differs(key, value)
        )

    def warnings(self, before: Deployment | None, seen: Deployment, managed: set[str]) -> list[str]:
        name = str(seen).replace("the ", "The ", 1)
        told = []
        if not seen.in_transition and seen.state not in (READY, ERROR):
            told.append(
                f"{name} is in the state {seen.describe_state()}, which this version of the collection does not know; "
                "it is taken for one of rest"
            )
        if seen.unknown:
            told.append(
                f"{name}: the API does not show {', '.join(seen.unknown)}, so that what is declared was not compared"
            )
        if before is not None and before.id == seen.id:
            for key in moved_fields(before, seen, managed):
                old, new = (shown_safely(key, each.fields[key]) for each in (before, seen))
                told.append(f"{name}: {key} moved from {old!r} to {new!r}, though this task does not manage it")
        return told

    def _find(self, name: str, deadline: Deadline, retries: int | None) -> str | None:
        entries = list_entries(self.client, deadline, retries)
        private = [entry for entry in entries if entry.get("visibility") != PUBLIC]
        self._names = sorted(entry["name"] for entry in private if isinstance(entry.get("name"), str))
        found = id_of_name(private, name, self.client.base_url)
        if found is not None:
            return found
        # An entry without a name may be the one that is meant.
        nameless = [str(entry["id"]) for entry in private if not entry.get("name") and is_uuid(entry.get("id"))]
        named = [self._read_nameless(each, deadline, retries) for each in nameless]
        return id_of_name([fields for fields in named if fields], name, self.client.base_url)

    def _read_nameless(self, deployment_id: str, deadline: Deadline, retries: int | None) -> dict[str, Any] | None:
        try:
            return read_deployment(self.client, deployment_id, deadline, retries).fields
        except ApiError as error:
            if error.status == NOT_FOUND:
                return None
            raise
        except InvalidAnswer as error:
            raise InvalidAnswer(
                f"GET {deployment_path(deployment_id)}: it cannot be told whether this is the one that is meant, "
                f"since its name is not shown. Give the id of the one that is meant. {error}"
            ) from error

    def _describe_others(self) -> str:
        """Which deployments there are, after none was found."""
        if not self._names:
            return f"In {self.client.base_url} there is no deployment at all"
        more = ", …" if len(self._names) > _MOST_NAMES_LISTED else ""
        return "In {} there are: {}{}".format(self.client.base_url, ", ".join(self._names[:_MOST_NAMES_LISTED]), more)

    def _understand(self, seen: Deployment, wanted: Desired, deadline: Deadline) -> Deployment:
        """Find out what of the wanted values means the same as what is shown, and what cannot be compared."""
        if wanted.absent:
            return seen
        seen = self._with_model_as_given(seen, wanted.managed.get("model"), deadline)
        tokens = wanted.managed.get(PARAMETERS)
        alike = {}
        if tokens is not None and self._is_semantic and self._mean_the_same(seen, wanted, tokens, deadline):
            alike[PARAMETERS] = tokens
        unknown = tuple(key for key, value in wanted.managed.items() if seen.comparable(key, value) is None)
        return replace(seen, alike=alike, unknown=unknown)

    def _mean_the_same(self, seen: Deployment, wanted: Desired, tokens: list[str], deadline: Deadline) -> bool:
        shown, version = seen.fields[PARAMETERS], seen.fields.get(VERSION)
        if not shown or not tokens or shown == tokens or wanted.managed.get(VERSION, version) != version:
            return False
        from .._engine.comparison import same_meaning

        if not version:
            return same_meaning(shown, tokens, None)
        known = self._helps.of(version, deadline)
        if not isinstance(known, ExoscaleError):
            return same_meaning(shown, tokens, known)
        if same_meaning(shown, tokens, None):
            return True
        self._warn(
            f"{PARAMETERS} differ as text, and whether they mean the same cannot be told, because the help of the "
            f"engine cannot be read: {known}"
        )
        return False

    def _with_model_as_given(self, seen: Deployment, model: str | None, deadline: Deadline) -> Deployment:
        """The deployment with that part of its model filled in, ID or name, by which the user names the model.

        The API promises one of them only; nothing is requested if the wanted one is there.
        """
        shown = seen.fields.get("model")
        wanted, other = ("id", "name") if is_uuid(model) else ("name", "id")
        if model is None or not isinstance(shown, dict) or shown.get(wanted) or not isinstance(shown.get(other), str):
            return seen
        key = (wanted, shown[other])
        if key not in self._models:
            try:
                self._models[key] = self._other_name_of_model(wanted, shown[other], deadline)
            except ExoscaleError as error:
                self._models[key] = None
                self._warn(f"Whether the model of {seen} is {model} cannot be told: {error}")
        found = self._models[key]
        return seen if found is None else replace(seen, fields={**seen.fields, "model": {**shown, wanted: found}})

    def _other_name_of_model(self, wanted: str, shown: str, deadline: Deadline) -> str | None:
        if wanted == "name":
            found = self.client.get(f"{MODELS}/{shown}", deadline=deadline).get("name") if is_uuid(shown) else None
        else:
            ids = {entry.get("id") for entry in list_models(self.client, deadline) if entry.get("name") == shown}
            # Names are not promised to be unique.
            found = ids.pop() if len(ids) == 1 else None
        return found if isinstance(found, str) else None

    def _add_logs(self, seen: Deployment, error: ExoscaleError) -> None:
        """Let an error show the end of the engine's log; not being able to fetch it never hides the error itself."""
        if self._log_lines == 0:
            return
        try:
            error.logs = read_logs(self.client, seen.id, self._log_lines)
        except ExoscaleError:
            return
        lines = [
            " ".join(str(entry[key]) for key in ("time", "message") if entry.get(key))
            for entry in error.logs[-_LOG_LINES_IN_MESSAGE:]
        ]
        if lines:
            error.add("The end of the engine's log: {}".format(" | ".join(lines)))


def predicted(seen: Deployment | None, plan_steps: list[Step]) -> dict[str, Any] | None:
    """A deployment as the API would show it after ``plan_steps``, as far as that can be known."""
    fields = None if seen is None else dict(seen.fields)
    for step in plan_steps:
        if step.action == DELETE:
            fields = None
            continue
        values = dict(step.result)
        if step.action == CREATE:
            fields = {}
            values["model"] = model_reference(values["model"])
        fields = {**(fields or {}), **values}
    return fields
