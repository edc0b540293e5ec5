# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An AI deployment as a kind of resource for the loop."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Callable, Sequence

from .._api.errors import ApiError, InvalidInput, NotFound
from .._api.values import is_of, is_uuid, sentence
from .._reconcile.kind import Kind
from .._reconcile.plan import CREATE, DELETE
from .deployment import (
    CONFIGURATION,
    DEPLOYMENTS,
    ERROR,
    PARAMETERS,
    READY,
    VERSION,
    Deployment,
    Desired,
    model_reference,
)
from .deployment_plan import make_plan
from .deployment_reading import HAS_VANISHED, Listing, describe_names, id_of_name, read_deployment

if TYPE_CHECKING:
    from .._api.client import Client
    from .._api.deadline import Deadline
    from .._api.errors import ExoscaleError, NotServing
    from .._api.operation import Operation
    from .._reconcile.plan import Plan, Step
    from .deployment_checks import Checks
    from .deployment_doubts import Doubts
    from .deployment_words import Words
    from .engine_help import EngineHelps
    from .serving import Serving
    from .shared import Shared


class DeploymentKind(Kind[Deployment, Desired]):
    """One AI deployment.

    :param comparison: as the option ``parameter_comparison``.
    :param validation: as the option ``parameter_validation``.
    :param log_lines: how many lines of the engine's log a failure shows.
    :param probe: as the option ``serving_probe``; ``None`` if the endpoint is not to be asked.
    :param warn: takes sentences for the user.
    :param shared: what it knows together with others; ``None`` if it is alone.
    """

    fields = CONFIGURATION
    noun = "deployment"

    def __init__(
        self,
        client: Client,
        comparison: str,
        validation: str,
        log_lines: int,
        probe: str | None,
        warn: Callable[[str], None],
        shared: Shared | None = None,
    ) -> None:
        super().__init__(client)
        self._listing = Listing(client, None if shared is None else shared.listed)
        self._shared = shared
        self._validation = validation
        self._is_semantic = comparison == "semantic"
        self._log_lines = log_lines
        self._probe = probe
        self._warn = warn
        self._id: str | None = None
        self._is_created = False
        #: What was deleted for the one that was created; a list may still show it.
        self._replaced_id: str | None = None
        #: What was listed, and was not there when it was asked for.
        self._vanished_id: str | None = None
        self._wanted_name: str | None = None
        self._names: list[str] = []

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
        found: Deployment | None = None
        if known_id is not None:
            self._listing.forget()
        else:
            known_id, found = self._find(wanted, deadline, retries)
            if known_id is None:
                return None
        try:
            found = found or read_deployment(self.client, known_id, deadline, retries)
        except ApiError as error:
            if error.is_absence:
                # Perhaps it went in between; the list tells what is there by now.
                if by_name and self._vanished_id != known_id:
                    self._vanished_id = known_id
                    return self.look(wanted, deadline, retries=retries, may_be_missing=may_be_missing)
                if wanted.absent or may_be_missing:
                    return None
                was_there = by_name or self._id is not None
                error.add(
                    HAS_VANISHED if was_there else "Check the ID and the zone: a deployment exists in one zone only"
                )
            raise
        if by_name and found.is_public:
            # The list need not tell.
            return None
        if by_name and found.name != wanted.lookup_name and self._listing.is_old:
            return self.look(wanted, deadline, retries=retries, may_be_missing=may_be_missing)
        if by_name and found.name != wanted.lookup_name:
            raise NotFound(
                f"The deployment {found.id} was named {wanted.lookup_name!r} a moment ago and is named {found.name!r} "
                "now; somebody else changes it"
            )
        self._id = known_id
        return self._understand(found, wanted, deadline)

    def is_listed(self, seen: Deployment, deadline: Deadline) -> bool:
        # As above.
        from .reading import may_list

        return may_list(self.client, DEPLOYMENTS, "deployments", seen.id, seen.fields.get("name"), deadline)

    def plan(self, seen: Deployment | None, wanted: Desired) -> Plan:
        try:
            plan = make_plan(seen, wanted)
        except InvalidInput as error:
            if seen is None:
                error.add(describe_names(self._names, self.client.base_url))
            raise
        if seen is not None and self._is_created and seen.name != wanted.lookup_name and not plan.steps:
            # Under that name the next task would find nothing, and create another one.
            return plan._replace(refusal=plan.refusal or self._words.other_name(seen, str(wanted.lookup_name)))
        return plan

    def name(self, seen: Deployment | None) -> str:
        if seen is not None:
            return str(seen)
        return f"the deployment {self._wanted_name}" if self._wanted_name else "the deployment"

    def state(self, seen: Deployment) -> str:
        return seen.describe_state()

    # What only a change, a failure or another spelling needs is imported then: a module compiles whatever it imports,
    # each time it starts.
    def tell(self, values: dict[str, Any]) -> str:
        from .deployment_change import tell

        return tell(values)

    def declaration(self, wanted: Desired) -> dict[str, Any]:
        return {"name": wanted.lookup_name, **wanted.managed}

    def shown(self, seen: Deployment | None, steps: Sequence[Step]) -> dict[str, Any] | None:
        return predicted(seen, steps)

    def managed(self, wanted: Desired) -> dict[str, Any]:
        return wanted.managed

    def check(self, plan: Plan, seen: Deployment | None, deadline: Deadline) -> None:
        if self._probe is not None and seen is not None:
            self._serving.check(seen)
        self._checks.run(plan, seen, deadline)

    @cached_property
    def _checks(self) -> Checks:
        from .deployment_checks import Checks

        return Checks(self.client, self._helps, self._validation, self._warn, self._shared)

    @cached_property
    def _helps(self) -> EngineHelps:
        from .engine_help import EngineHelps

        return EngineHelps(self.client, None if self._shared is None else self._shared.read_help)

    @cached_property
    def _doubts(self) -> Doubts:
        from .deployment_doubts import Doubts

        return Doubts(self.client, self._helps, self._warn)

    @cached_property
    def _words(self) -> Words:
        from .deployment_words import Words

        return Words(self.client, self._log_lines)

    @cached_property
    def _serving(self) -> Serving:
        from .serving import Serving

        return Serving(self.client, str(self._probe))

    def adopt(self, operation: Operation | None) -> None:
        self._replaced_id = self._id
        self._id = None if operation is None else operation.reference_id
        self._is_created = True

    def in_transition(self, seen: Deployment) -> bool:
        return seen.in_transition

    def may_rest_in_transition(self, seen: Deployment, last: Step | None) -> bool:
        # Which state the API shows without replicas is not documented; there is nothing then that could get ready.
        asked_for = last.result.get("replicas", 0) if last is not None else 0
        return seen.fields.get("replicas") == 0 == asked_for

    def in_error(self, seen: Deployment) -> bool:
        return seen.state == ERROR

    def can_serve(self, seen: Deployment) -> bool:
        return seen.fields.get("replicas") != 0

    def why_not_serving(self, seen: Deployment, deadline: Deadline) -> NotServing | None:
        return self._serving.why_not(seen, deadline)

    def leaves_trace(self, step: Step, before: Deployment | None, seen: Deployment | None) -> bool:
        from .deployment_change import leaves_trace

        return leaves_trace(step, before, seen)

    def effect(self, step: Step, seen: Deployment | None) -> dict[str, Any]:
        from .deployment_change import effect

        return effect(step, seen)

    def unverified(self, seen: Deployment | None, wanted: Desired) -> list[str]:
        return [] if seen is None else list(seen.unknown)

    def explain_refusal(self, step: Step, seen: Deployment | None, error: ExoscaleError) -> None:
        self._words.explain_refusal(step, seen, error)

    def explain_failure(self, seen: Deployment, error: ExoscaleError, is_past: bool) -> None:
        self._words.explain_failure(seen, error, is_past)

    def differences(self, seen: Deployment, step: Step) -> str:
        from .deployment_change import differences

        return differences(seen, step)

    def warnings(self, before: Deployment | None, seen: Deployment, managed: set[str]) -> list[str]:
        name = sentence(seen)
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
            from .deployment_change import moves

            told += moves(before, seen, managed)
        return told

    def _find(self, wanted: Desired, deadline: Deadline, retries: int | None) -> tuple[str | None, Deployment | None]:
        """The ID of the deployment of the wanted name, and itself if it had to be read for that."""
        name = str(wanted.lookup_name)
        listed = self._listing.listed(name, deadline, retries, may_be_old=wanted.absent)
        self._names = listed.names
        named = [entry for entry in listed.named(name) if not is_of(entry, self._replaced_id)]
        found = id_of_name(named, name, self.client.base_url)
        if found is not None or not listed.nameless:
            return found, None
        return self._doubts.find_among_nameless(listed.nameless, name, deadline, retries)

    def _understand(self, seen: Deployment, wanted: Desired, deadline: Deadline) -> Deployment:
        """Find out what of the wanted values means the same as what is shown, and what cannot be compared."""
        if wanted.absent:
            return seen
        seen = self._with_model_as_given(seen, wanted.managed.get("model"), deadline)
        tokens = wanted.managed.get(PARAMETERS)
        unknown = {key: value for key, value in wanted.managed.items() if seen.comparable(key, value) is None}
        seen = seen._replace(unknown=unknown)
        if tokens is None or not self._is_semantic or not self._mean_the_same(seen, wanted, tokens, deadline):
            return seen
        return seen._replace(alike={PARAMETERS: tokens})

    def _mean_the_same(self, seen: Deployment, wanted: Desired, tokens: list[str], deadline: Deadline) -> bool:
        shown = seen.fields[PARAMETERS]
        becomes_another_version = VERSION in seen.differing(wanted.managed)
        if not shown or not tokens or shown == tokens or becomes_another_version:
            return False
        return self._doubts.mean_the_same(seen, tokens, deadline)

    def _with_model_as_given(self, seen: Deployment, model: str | None, deadline: Deadline) -> Deployment:
        """The deployment with that part of its model filled in, ID or name, by which the user names the model.

        The API promises one of them only; nothing is requested if the wanted one is there.
        """
        shown = seen.fields.get("model")
        wanted, other = ("id", "name") if is_uuid(model) else ("name", "id")
        if model is None or not isinstance(shown, dict) or shown.get(wanted) or not isinstance(shown.get(other), str):
            return seen
        return self._doubts.with_model(seen, model, wanted, deadline)


def predicted(seen: Deployment | None, plan_steps: Sequence[Step]) -> dict[str, Any] | None:
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
