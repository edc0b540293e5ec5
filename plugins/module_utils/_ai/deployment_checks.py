# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looks up, before a write, what would make the API refuse it or the engine fail: the dry run tells the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from .._api.errors import ExoscaleError, InvalidAnswer, Refused
from .._api.values import is_number, is_text, is_uuid
from .._engine.check import Predecessor, check
from .._engine.finding import ERROR
from .._engine.flags import UNKNOWN_FLAG
from .._reconcile.plan import CREATE, DELETE, SCALE, UPDATE
from .deployment import PARAMETERS, READY, VERSION
from .quotas import names_gpu
from .reading import INSTANCE_TYPES, MODELS, QUOTAS

if TYPE_CHECKING:
    from .._api.client import Client
    from .._api.deadline import Deadline
    from .._engine.finding import Finding
    from .._engine.flags import EngineHelp
    from .._reconcile.plan import Plan, Step
    from .deployment import Deployment
    from .engine_help import EngineHelps
    from .shared import Shared

Warn = Callable[[str], None]

#: How the help endpoint may say that there is no such version.
_NO_SUCH_VERSION = (400, 404, 422)
_MOST_NAMED = 10
_PARTS = ("status", "title", "detail", "errors")


class Checks:
    """What one task looks up; the same step is checked once.

    :param validation: ``none``, ``warn``, ``error`` or ``strict``, as the option ``parameter_validation``.
    """

    def __init__(
        self, client: Client, helps: EngineHelps, validation: str, warn: Warn, shared: Shared | None = None
    ) -> None:
        self._client = client
        self._helps = helps
        self._validation = validation
        self._warn = warn
        self._shared = shared
        self._checked: list[object] = []

    def run(self, plan: Plan, current: Deployment | None, deadline: Deadline) -> None:
        """
        :raises Refused: the API would refuse a step, or the engine its parameters.
        """
        if self._shared is not None and current is not None:
            self._count_gpus(self._shared, plan, current)
        steps = [step for step in plan.steps if step.action in (CREATE, UPDATE) and step.request not in self._checked]
        for step in steps:
            self._checked.append(step.request)
            if self._validation != "none" and {PARAMETERS, VERSION} & set(step.result):
                # A new deployment has nothing to fall back on, not even if it replaces another one.
                self._check_engine(step, current if step.action == UPDATE else None, deadline)
            if step.action == CREATE:
                is_replacement = any(each.action == DELETE for each in plan.steps)
                self._check_creation(step.result, current if is_replacement else None, deadline)

    @staticmethod
    def _count_gpus(shared: Shared, plan: Plan, current: Deployment) -> None:
        """What others may use once the plan was carried out, or may not use any more; a creation counts for itself."""
        shown = current.fields
        actions = [step.action for step in plan.steps]
        if CREATE in actions or any(shown.get(key) is None for key in ("gpu_type", "gpu_count", "replicas")):
            return
        scaled = [step.result["replicas"] for step in plan.steps if step.action == SCALE]
        left = 0 if DELETE in actions else next(iter(scaled), shown["replicas"])
        shared.count(shown["gpu_type"], shown["gpu_count"] * (left - shown["replicas"]))

    def _check_engine(self, step: Step, running: Deployment | None, deadline: Deadline) -> None:
        tokens = step.result.get(PARAMETERS, running.fields[PARAMETERS] if running else None)
        runs = running.engine_version if running else None
        version = step.result.get(VERSION, runs)
        if version is None and running:
            self._tell_unchecked(f"{PARAMETERS} were not checked, because the API does not show the engine's version")
            return
        known = self._helps.of(version, deadline)
        if isinstance(known, ExoscaleError):
            if VERSION in step.result and known.status in _NO_SUCH_VERSION:
                parts = {key: value for key, value in known.result().items() if key in _PARTS}
                raise Refused(
                    f"Nothing was changed: {VERSION} {version} seems not to exist. {known}. Declare a version that "
                    "does, or set parameter_validation=none to leave the decision to the API",
                    **parts,
                )
            self._tell_unchecked(
                f"{VERSION} and {PARAMETERS} were not checked, because the help cannot be read: {known}"
            )
        elif tokens and not known:
            self._tell_unchecked(f"{PARAMETERS} were not checked, because the help lists no parameters")
        elif tokens:
            findings = self._findings(tokens, known, version or "that the API chooses", runs, deadline)
            errors = [finding for finding in findings if finding.severity == ERROR]
            if errors and self._validation in ("error", "strict"):
                raise Refused(
                    "Nothing was changed: the engine would refuse its parameters. {} With parameter_validation=warn "
                    "the change goes ahead".format(" ".join(finding.message for finding in errors)),
                    errors=[{"pointer": finding.flag, "detail": finding.message} for finding in errors],
                )
            for finding in findings:
                self._warn(f"{PARAMETERS}: {finding.message}")

    def _findings(
        self, tokens: list[str], known: EngineHelp, version: str, running: str | None, deadline: Deadline
    ) -> list[Finding]:
        findings = check(tokens, known, version)
        if running in (None, version) or not any(finding.kind == UNKNOWN_FLAG for finding in findings):
            return findings
        before = self._helps.of(running, deadline)
        if isinstance(before, ExoscaleError):
            return findings
        return check(tokens, known, version, Predecessor(str(running), before))

    def _tell_unchecked(self, why: str) -> None:
        if self._validation == "strict":
            raise Refused(f"Nothing was changed: {why}. With parameter_validation=error the change goes ahead")
        self._warn(why)

    def _check_creation(self, wanted: dict[str, Any], replaced: Deployment | None, deadline: Deadline) -> None:
        refusals: list[str] = []
        for what, path, key, find in (
            ("model", MODELS, "models", _refused_model),
            ("gpu_type", INSTANCE_TYPES, "instance-types", _refused_gpu_type),
            # One that is refused anyway promises no GPUs.
            ("GPU quota", QUOTAS, "quotas", lambda *told: self._refused_by_quota(*told, promises=not refusals)),
        ):
            try:
                entries = self._client.get_list(path, key, deadline=deadline)
                refusal = find([entry if isinstance(entry, dict) else {} for entry in entries], wanted, replaced)
            except ExoscaleError as error:
                self._warn(f"The {what} was not checked before the creation: {error}")
                continue
            if refusal:
                refusals.append(refusal)
        if refusals:
            raise Refused(
                "Nothing was changed, because the deployment {!r} cannot be created: {}".format(
                    wanted["name"], "; ".join(refusals)
                )
            )

    def _refused_by_quota(
        self, entries: list[dict[str, Any]], wanted: dict[str, Any], replaced: Deployment | None, *, promises: bool
    ) -> str | None:
        if self._shared is None or not promises:
            return _refused_by_quota(entries, wanted, replaced, 0)
        more = wanted["gpu_count"] * wanted["replicas"] - _freed(wanted, replaced)
        return self._shared.promise(
            wanted["gpu_type"], more, lambda promised: _refused_by_quota(entries, wanted, replaced, promised)
        )


def _refused_model(entries: list[dict[str, Any]], wanted: dict[str, Any], _replaced: Deployment | None) -> str | None:
    model = wanted["model"]
    key = "id" if is_uuid(model) else "name"
    found = [entry for entry in entries if _folded(entry.get(key), key) == model]
    if not found:
        names = _shown(entries, key, MODELS)
        there = "there are: " + _some(_shown(entries, "name", MODELS)) if names else "there is no model at all"
        return f"the model {model} is not in this zone ({there}). Bring it into the zone first"
    states = [entry.get("state") for entry in found]
    # Names are not promised to be unique.
    if any(state == READY or not is_text(state) for state in states):
        return None
    return f"the model {model} is in the state {states[0]} and not ready"


def _refused_gpu_type(
    entries: list[dict[str, Any]], wanted: dict[str, Any], _replaced: Deployment | None
) -> str | None:
    gpu_type = wanted["gpu_type"]
    found = [entry for entry in entries if entry.get("family") == gpu_type]
    if not found:
        families = _shown(entries, "family", INSTANCE_TYPES)
        offered = "there are: " + _some(families) if families else "there is none at all"
        return f"the gpu_type {gpu_type} is not offered in this zone ({offered})"
    if all(entry.get("authorized") is False for entry in found):
        return (
            f"the gpu_type {gpu_type} is not authorized for this organization, which is for Exoscale to change: ask "
            "its support"
        )
    return None


def _refused_by_quota(
    entries: list[dict[str, Any]], wanted: dict[str, Any], replaced: Deployment | None, promised: int
) -> str | None:
    """The names of GPU quotas are not documented; those that hold the name of the GPU family are taken for one.

    :param promised: how many GPUs other deployments would use that are not there yet.
    """
    needed = wanted["gpu_count"] * wanted["replicas"]
    freed = _freed(wanted, replaced)
    for entry in entries:
        usage, limit = entry.get("usage"), entry.get("limit")
        is_known = is_number(usage) and is_number(limit) and names_gpu(entry.get("resource"), wanted["gpu_type"])
        if is_known and usage is not None and limit is not None and usage - freed + promised + needed > limit:
            return (
                f"the quota {entry['resource']} allows {limit} GPUs, of which {usage} are in use"
                f"{f' and {promised} would be used by others of this task' if promised > 0 else ''}, and {needed} are "
                f"needed (gpu_count times replicas){f', while {freed} become free' if freed else ''}"
            )
    return None


def _freed(wanted: dict[str, Any], replaced: Deployment | None) -> int:
    """How many GPUs of the wanted type a deployment that is replaced gives back."""
    if replaced is None or replaced.fields.get("gpu_type") != wanted["gpu_type"]:
        return 0
    return (replaced.fields.get("gpu_count") or 0) * (replaced.fields.get("replicas") or 0)


def _shown(entries: list[dict[str, Any]], key: str, path: str) -> list[str]:
    """The values of a field, sorted.

    :raises InvalidAnswer: an entry does not show it, and so may be the one that is looked for.
    """
    values = [entry.get(key) for entry in entries]
    if not all(is_text(value) for value in values):
        raise InvalidAnswer(f"GET {path}: the answer lists something without its {key}")
    return sorted(map(str, values))


def _folded(value: Any, key: str) -> Any:
    return value.lower() if key == "id" and isinstance(value, str) else value


def _some(names: list[str]) -> str:
    return ", ".join(names[:_MOST_NAMED]) + (", …" if len(names) > _MOST_NAMED else "")
