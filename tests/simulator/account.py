# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One organisation's deployments, models and operations in one zone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from .engine_help import default_help
from .problems import Problem
from .settings import Settings
from .timeline import Timeline

Fields = dict[str, Any]

TRANSITIONS = ("creating", "deploying", "preparing", "scaling", "updating")
_HIDDEN_IN_LISTS = ("inference-engine-version", "inference-engine-parameters", "state-details")
_DEFAULT_MODEL = "openai/gpt-oss-120b"
_ORGANIZATION = "22222222-2222-4222-8222-222222222222"
_GPU_TYPES = ("gpua5000", "gpu3080ti", "gpurtx6000pro")


@dataclass(frozen=True)
class Outcome:
    """How an operation is to end."""

    state: str = "success"
    reason: str | None = None
    message: str | None = None
    settles_in: str = "error"


class Account:
    """
    :param endpoints: gives the URL below which the endpoints of deployments are.
    """

    def __init__(
        self,
        timeline: Timeline,
        wall_clock: Callable[[], float],
        newest_version: str,
        endpoints: Callable[[], str],
    ) -> None:
        self._endpoints = endpoints
        #: From when on the endpoints of deployments serve, where that is not long ago.
        self._serve_from: dict[str, float] = {}
        self.settings = Settings()
        self._timeline = timeline
        self._wall_clock = wall_clock
        self._newest_version = newest_version
        self._deployments: dict[str, Fields] = {}
        self._operations: dict[str, Fields] = {}
        self._models: dict[str, Fields] = {}
        self._api_keys: dict[str, Fields] = {}
        self._logs: dict[str, list[Fields]] = {}
        self._ignored_fields: list[str] = []
        self._under_way: set[str] = set()
        self._next_outcomes: list[Outcome] = []
        self._help: dict[str, list[Fields]] = {}
        self._instance_types = [{"family": family, "authorized": True} for family in _GPU_TYPES]
        self._quotas: list[Fields] = [{"resource": "instance", "usage": 3, "limit": 20}]
        #: What a read that lags shows instead, and until when.
        self._past: dict[str, tuple[float, Fields | None]] = {}
        #: Counts the changes that a request has made, or has begun.
        self.changes = 0

    def add_deployment(self, fields: Fields) -> str:
        """Put a deployment there, as if it had been created long ago."""
        new_id = str(uuid4())
        model = fields.get("model") or {"name": _DEFAULT_MODEL}
        if not isinstance(model, dict):
            raise ValueError(f"a model is an object with id or name, and not {model!r}")
        self._deployments[new_id] = {
            "id": new_id,
            "name": f"deployment-{new_id[:8]}",
            "state": "ready",
            "visibility": "private",
            "deployment-url": f"{self._endpoints()}/{new_id}/v1",
            "service-level": "pro",
            "gpu-type": _GPU_TYPES[0],
            "gpu-count": 1,
            "replicas": 1,
            "inference-engine-version": self._newest_version,
            "created-at": self._date(),
            "updated-at": self._date(),
            **fields,
            "model": self._model_reference(model, must_exist=False),
        }
        return new_id

    def change_deployment(self, deployment_id: str, fields: Fields) -> None:
        self._deployments[deployment_id].update(fields)

    def remove_deployment(self, deployment_id: str) -> None:
        self._deployments.pop(deployment_id, None)

    def find_deployment(self, deployment_id: str) -> Fields | None:
        found = self._deployments.get(deployment_id)
        return None if found is None else self._whole(found)

    def all_deployments(self) -> list[Fields]:
        return [self._whole(deployment) for deployment in self._deployments.values()]

    def add_model(self, name: str, state: str = "ready") -> str:
        model_id = self._add_model(name)
        self._models[model_id]["state"] = state
        return model_id

    def change_model(self, model_id: str, fields: Fields) -> None:
        self._models[model_id].update(fields)

    def forget_model(self, model_id: str) -> None:
        self._models.pop(model_id, None)

    def set_instance_types(self, types: list[Fields]) -> None:
        self._instance_types = types

    def set_quotas(self, quotas: list[Fields]) -> None:
        self._quotas = quotas

    def quotas(self) -> Fields:
        return {"quotas": self._quotas}

    def consumption_quota(self) -> Fields:
        return {"quota-uom-per-minute": self.settings.uom_per_minute}

    def add_api_key(self, name: str, scope: str = "public") -> str:
        return str(self._new_api_key(name, scope)["id"])

    def list_api_keys(self) -> Fields:
        return {"ai-api-keys": list(self._api_keys.values())}

    def get_api_key(self, key_id: str) -> Fields:
        if key_id not in self._api_keys:
            raise Problem(404, f"API key {key_id} does not exist")
        return self._api_keys[key_id]

    def create_api_key(self, body: Fields) -> Fields:
        if body["scope"] != "public" and body["scope"] not in self._deployments:
            raise Problem(404, "The scope {} is no deployment".format(body["scope"]))
        self.changes += 1
        key = self._new_api_key(body["name"], body["scope"])
        return {**key, "value": f"value-of-{key['id']}"}

    def delete_api_key(self, key_id: str) -> Fields:
        self.get_api_key(key_id)
        self.changes += 1
        return self._operate(
            key_id,
            "api-key",
            "delete-ai-api-key",
            self._take_outcome(),
            lambda succeeded: self._api_keys.pop(key_id, None) if succeeded else None,
        )

    def _new_api_key(self, name: str, scope: str) -> Fields:
        key_id = str(uuid4())
        dates = {"created-at": self._date(), "updated-at": self._date()}
        self._api_keys[key_id] = {"id": key_id, "org-uuid": _ORGANIZATION, "name": name, "scope": scope, **dates}
        return self._api_keys[key_id]

    def ignore_field(self, name: str) -> None:
        self._ignored_fields.append(name)

    def fail_next_operation(self, outcome: Outcome) -> None:
        self._next_outcomes.append(outcome)

    def forget_outcomes(self) -> None:
        self._next_outcomes.clear()

    def set_help(self, version: str, entries: list[Fields]) -> None:
        self._help[version] = entries

    def write_log(self, deployment_id: str, messages: list[str]) -> None:
        entries = self._logs.setdefault(deployment_id, [])
        entries += [{"time": self._date(), "node": "node-1", "message": message} for message in messages]

    def list_deployments(self) -> Fields:
        known = {key: self._as_read(key) for key in dict.fromkeys([*self._deployments, *self._past])}
        entries = [self._shown(deployment) for deployment in known.values() if deployment is not None]
        for entry in entries:
            hides_id = entry.get("visibility") == "public" and not self.settings.ids_of_public
            for key in (*_HIDDEN_IN_LISTS, *(["id"] if hides_id else [])):
                entry.pop(key, None)
        return {"deployments": entries}

    def get_deployment(self, deployment_id: str) -> Fields:
        found = self._as_read(deployment_id)
        if found is None:
            raise Problem(404, f"Deployment {deployment_id} does not exist")
        return self._shown(found)

    def create_deployment(self, body: Fields) -> Fields:
        self._take_gpus(body["gpu-count"] * body["replicas"])
        model = self._model_reference(body["model"], must_exist=True)
        new_id = self.add_deployment(dict(body, model=model, state="creating"))
        self._let_reads_lag(new_id, None)
        self.write_log(new_id, ["engine starts"])
        return self._start(new_id, "create-deployment", "creating", "deploying")

    def update_deployment(self, deployment_id: str, body: Fields) -> Fields:
        deployment = self._idle_deployment(deployment_id)
        accepted = {key: value for key, value in body.items() if key not in self._ignored_fields}

        def apply() -> None:
            deployment.update(accepted, **{"updated-at": self._date()})

        return self._start(deployment_id, "update-deployment", "updating", "deploying", apply)

    def scale_deployment(self, deployment_id: str, body: Fields) -> Fields:
        deployment = self._idle_deployment(deployment_id)
        self._take_gpus(deployment["gpu-count"] * (body["replicas"] - deployment["replicas"]))
        return self._start(
            deployment_id,
            "scale-deployment",
            "scaling",
            "scaling",
            lambda: deployment.update(replicas=body["replicas"]),
        )

    def delete_deployment(self, deployment_id: str) -> Fields:
        deployment = self._idle_deployment(deployment_id)

        def remove() -> None:
            self._take_gpus(-deployment["gpu-count"] * deployment["replicas"])
            self.remove_deployment(deployment_id)

        return self._start(deployment_id, "delete-deployment", deployment["state"], deployment["state"], at_end=remove)

    def get_operation(self, operation_id: str) -> Fields:
        if operation_id not in self._operations:
            raise Problem(404, f"Operation {operation_id} does not exist")
        return dict(self._operations[operation_id])

    def logs(self, deployment_id: str, tail: int | None) -> Fields:
        self._deployment(deployment_id)
        entries = self._logs.get(deployment_id, [])
        return {"logs": entries if tail is None else entries[len(entries) - min(tail, len(entries)) :]}

    def reveal_api_key(self, deployment_id: str) -> Fields:
        self._deployment(deployment_id)
        return {"api-key": f"key-of-{deployment_id}"}

    def serves(self, deployment_id: str) -> bool:
        """Whether the endpoint of a deployment answers."""
        deployment = self._deployments[deployment_id]
        is_up = deployment["state"] == "ready" and deployment["replicas"] > 0
        is_broken = deployment.get("inference-engine-version") in self.settings.versions_that_do_not_serve
        return is_up and not is_broken and self._timeline.now() >= self._serve_from.get(deployment_id, 0)

    def served_names(self, deployment_id: str) -> list[str]:
        """How the endpoint of a deployment calls its model."""
        deployment = self._deployments[deployment_id]
        parameters = deployment.get("inference-engine-parameters") or []
        flag = "--served-model-name="
        given = [each[len(flag) :] for each in parameters if each.startswith(flag)]
        return given[-1:] or [deployment["model"]["name"]]

    def engine_help(self, version: str | None) -> Fields:
        wanted = version or self._newest_version
        return {"parameters": self._help.get(wanted, default_help(wanted))}

    def instance_types(self) -> Fields:
        return {"instance-types": self._instance_types}

    def list_models(self) -> Fields:
        return {"models": list(self._models.values())}

    def get_model(self, model_id: str) -> Fields:
        if model_id not in self._models:
            raise Problem(404, f"Model {model_id} does not exist")
        return self._models[model_id]

    def create_model(self, body: Fields) -> Fields:
        self.changes += 1
        model_id = self.add_model(body["name"], "creating")
        model = self._models[model_id]
        outcome = self._take_outcome()

        def end(succeeded: bool) -> None:
            model["state"] = "downloading" if succeeded else outcome.settles_in
            if succeeded:
                self._timeline.after(self.settings.settle_seconds, lambda: model.update(state="ready"))

        return self._operate(model_id, "model", "create-model", outcome, end)

    def delete_model(self, model_id: str) -> Fields:
        self.get_model(model_id)
        users = [key for key, deployment in self._deployments.items() if deployment["model"]["id"] == model_id]
        if users:
            raise Problem(412, "The model is in use", deployments=users)
        self.changes += 1
        return self._operate(
            model_id,
            "model",
            "delete-model",
            self._take_outcome(),
            lambda succeeded: self._models.pop(model_id, None) if succeeded else None,
        )

    def _start(
        self,
        deployment_id: str,
        command: str,
        meanwhile: str,
        settling: str,
        apply: Callable[[], None] = lambda: None,
        at_end: Callable[[], None] = lambda: None,
    ) -> Fields:
        deployment = self._deployments[deployment_id]
        self.changes += 1
        if command != "create-deployment":
            self._let_reads_lag(deployment_id, dict(deployment))
        outcome = self._take_outcome()
        deployment["state"] = meanwhile
        self._under_way.add(deployment_id)
        deployment.pop("state-details", None)
        if self.settings.visible == "at once":
            apply()

        def end(succeeded: bool) -> None:
            if not succeeded:
                self._under_way.discard(deployment_id)
                deployment["state"] = outcome.settles_in
                self.write_log(deployment_id, [f"engine failed: {outcome.message or outcome.state}"])
                return
            if self.settings.visible != "at once":
                apply()
            deployment["state"] = settling if settling in TRANSITIONS else meanwhile
            at_end()
            self._timeline.after(self.settings.settle_seconds, settle)

        def settle() -> None:
            self._under_way.discard(deployment_id)
            if deployment["state"] in TRANSITIONS:
                zero = deployment["replicas"] == 0
                deployment["state"] = self.settings.state_at_zero_replicas if zero else "ready"
                self._serve_from[deployment_id] = self._timeline.now() + self.settings.serving_seconds

        return self._operate(deployment_id, "deployment", command, outcome, end)

    def _take_outcome(self) -> Outcome:
        return self._next_outcomes.pop(0) if self._next_outcomes else Outcome()

    def _operate(
        self, reference_id: str, kind: str, command: str, outcome: Outcome, end: Callable[[bool], Any]
    ) -> Fields:
        operation: Fields = {"id": str(uuid4()), "state": "pending"}
        if self.settings.reference_in_operations:
            operation["reference"] = {
                "id": reference_id,
                "link": f"/v2/ai/{kind}/{reference_id}",
                "command": command,
            }
        self._operations[operation["id"]] = operation

        def finish() -> None:
            operation["state"] = outcome.state
            operation.update({key: getattr(outcome, key) for key in ("reason", "message") if getattr(outcome, key)})
            end(outcome.state == "success")

        self._timeline.after(self.settings.operation_seconds, finish)
        return dict(operation)

    def _deployment(self, deployment_id: str) -> Fields:
        found = self._deployments.get(deployment_id)
        if found is None:
            raise Problem(404, f"Deployment {deployment_id} does not exist")
        return found

    def _idle_deployment(self, deployment_id: str) -> Fields:
        deployment = self._deployment(deployment_id)
        if deployment["visibility"] == "public":
            raise Problem(403, f"Deployment {deployment_id} belongs to somebody else")
        # A deployment without replicas may rest in a state that looks like a transition.
        resting = deployment["replicas"] == 0 and deployment_id not in self._under_way
        if deployment["state"] in TRANSITIONS and not resting and self.settings.busy_answers_409:
            raise Problem(409, "Deployment {} is busy: {}".format(deployment_id, deployment["state"]))
        return deployment

    def _let_reads_lag(self, deployment_id: str, before: Fields | None) -> None:
        if self.settings.lag_seconds > 0:
            self._past[deployment_id] = (self._timeline.now() + self.settings.lag_seconds, before)

    def _as_read(self, deployment_id: str) -> Fields | None:
        until, before = self._past.get(deployment_id, (0.0, None))
        return before if self._timeline.now() < until else self._deployments.get(deployment_id)

    def _shown(self, deployment: Fields) -> Fields:
        shown = self._whole(deployment)
        if self.settings.respell_parameters:
            parameters = shown.get("inference-engine-parameters", [])
            shown["inference-engine-parameters"] = [part for item in parameters for part in item.split("=", 1)]
        return {key: value for key, value in shown.items() if key not in self.settings.hidden_fields}

    def _whole(self, deployment: Fields) -> Fields:
        shown = dict(deployment, model=dict(deployment["model"]))
        if not shown.get("inference-engine-parameters"):
            shown.pop("inference-engine-parameters", None)
        return shown

    def _take_gpus(self, wanted: int) -> None:
        if wanted > self.settings.gpus_free:
            raise Problem(412, f"Not enough GPUs: {wanted} wanted, {self.settings.gpus_free} free")
        self.settings.gpus_free -= wanted

    def _model_reference(self, reference: Fields, *, must_exist: bool) -> Fields:
        for model in self._models.values():
            if reference.get("id") == model["id"] or reference.get("name") == model["name"]:
                return {"id": model["id"], "name": model["name"]}
        if must_exist:
            raise Problem(404, "Model {} does not exist".format(reference.get("name") or reference.get("id")))
        model_id = self._add_model(reference.get("name", _DEFAULT_MODEL), reference.get("id"))
        return {"id": model_id, "name": self._models[model_id]["name"]}

    def _add_model(self, name: str, model_id: str | None = None) -> str:
        new_id = model_id or str(uuid4())
        self._models[new_id] = {
            "id": new_id,
            "name": name,
            "state": "ready",
            "model-size": 65_000_000_000,
            "created-at": self._date(),
            "updated-at": self._date(),
        }
        return new_id

    def _date(self) -> str:
        return datetime.fromtimestamp(self._wall_clock(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
