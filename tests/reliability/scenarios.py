# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks that together send every kind of request, and what each of them is to lead to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.exoscale.cloud.plugins.module_utils._task import (
    api_key,
    api_key_info,
    deployment,
    deployment_info,
    deployment_log_info,
    deployments,
    engine_parameter_info,
    instance_type_info,
    model,
    model_info,
    operation_info,
    quota_info,
)
from ansible_collections.exoscale.cloud.tests.simulator import Simulator

MODEL = "openai/gpt-oss-120b"
NEW, OLD = "0.19.0", "0.18.0"
#: None of these may be shown.
SECRETS = ("sentinel-of-the-engine", "sentinel-of-the-token", "key-of-")
PARAMETERS = ["--seed=1", "--hf-token=sentinel-of-the-engine"]
CREATION = {"model": MODEL, "gpu_type": "gpua5000", "gpu_count": 1, "replicas": 1}

Options = dict[str, Any]


@dataclass(frozen=True)
class Scenario:
    """
    :ivar task: the file of :mod:`_task` whose module is played.
    :ivar prepare: sets the scene, and gives the options.
    :ivar is_reached: whether the scene is as it was declared.
    :ivar fails_with: what the message says if the task is to fail whatever happens.
    :ivar correction: what is declared instead after it has failed.
    :ivar is_special: it does things of its own with requests that others send too.
    """

    name: str
    task: Any
    prepare: Callable[[Simulator], Options]
    is_reached: Callable[[Simulator], bool] = lambda _simulator: True
    fails_with: str | None = None
    correction: Options = field(default_factory=dict)
    is_special: bool = False


def named(simulator: Simulator, name: str) -> list[dict[str, Any]]:
    return [each for each in simulator.deployments() if each["name"] == name]


def _has(**fields: Any) -> Callable[[Simulator], bool]:
    def check(simulator: Simulator) -> bool:
        found = named(simulator, "chat")
        return len(found) == 1 and all(found[0].get(key.replace("_", "-")) == value for key, value in fields.items())

    return check


def _chat(simulator: Simulator, **fields: Any) -> str:
    return simulator.add_deployment(
        name="chat",
        model={"name": MODEL},
        inference_engine_version=OLD,
        inference_engine_parameters=PARAMETERS,
        **fields,
    )


def _update(simulator: Simulator) -> Options:
    _chat(simulator)
    return {
        "name": "chat",
        "inference_engine_version": NEW,
        "inference_engine_parameters": ["--seed", "1", "--enforce-eager"],
    }


def _scale(simulator: Simulator) -> Options:
    return {"id": _chat(simulator), "replicas": 3}


def _create(simulator: Simulator) -> Options:
    simulator.add_model(MODEL)
    return {"name": "chat", **CREATION, "inference_engine_parameters": PARAMETERS}


def _delete(simulator: Simulator) -> Options:
    _chat(simulator)
    return {"name": "chat", "state": "absent"}


def _recreate(simulator: Simulator) -> Options:
    _chat(simulator)
    return {"name": "chat", **CREATION, "gpu_type": "gpu3080ti", "recreate": True}


def _roll_back(simulator: Simulator) -> Options:
    simulator.fail_next_operation()
    return {"id": _chat(simulator), "inference_engine_version": NEW, "on_failure": "rollback"}


def _serve(probe: str) -> Callable[[Simulator], Options]:
    def prepare(simulator: Simulator) -> Options:
        return {"id": _chat(simulator), "wait_for": "serving", "serving_probe": probe}

    return prepare


def _serve_after_update(simulator: Simulator) -> Options:
    simulator.serving_seconds = 5
    return {"id": _chat(simulator), "inference_engine_version": NEW, "wait_for": "serving"}


def _create_model(_simulator: Simulator) -> Options:
    return {"name": MODEL, "huggingface_token": "sentinel-of-the-token"}


def _delete_model(simulator: Simulator) -> Options:
    return {"id": simulator.add_model(MODEL), "state": "absent"}


def _create_key(simulator: Simulator) -> Options:
    _chat(simulator)
    return {"name": "team", "scope": "chat"}


def _delete_key(simulator: Simulator) -> Options:
    return {"id": simulator.add_api_key("team"), "state": "absent"}


def _manage_fleet(simulator: Simulator) -> Options:
    _chat(simulator)
    simulator.add_deployment(name="embed", model={"name": MODEL}, inference_engine_version=OLD)
    entries = [{"name": name, "inference_engine_version": NEW} for name in ("chat", "embed")]
    return {"deployments": entries, "concurrency": 1}


def _await_operation(simulator: Simulator) -> Options:
    return {"ids": [simulator.begin_scaling(_chat(simulator), 2)], "wait": True}


SCENARIOS: tuple[Scenario, ...] = (
    Scenario("update", deployment, _update, _has(inference_engine_version=NEW)),
    Scenario("scale", deployment, _scale, _has(replicas=3)),
    Scenario("create", deployment, _create, _has(inference_engine_parameters=PARAMETERS)),
    Scenario("delete", deployment, _delete, lambda simulator: named(simulator, "chat") == []),
    Scenario("recreate", deployment, _recreate, _has(gpu_type="gpu3080ti"), is_special=True),
    Scenario(
        "roll back",
        deployment,
        _roll_back,
        _has(inference_engine_version=OLD),
        fails_with="rolled back",
        correction={"inference_engine_version": OLD},
        is_special=True,
    ),
    Scenario("serve: chat", deployment, _serve("chat")),
    Scenario("serve: completions", deployment, _serve("completions")),
    Scenario("serve: embeddings", deployment, _serve("embeddings")),
    Scenario("serve after update", deployment, _serve_after_update, _has(inference_engine_version=NEW)),
    Scenario("create model", model, _create_model, lambda simulator: len(simulator.models()) == 1),
    Scenario("delete model", model, _delete_model, lambda simulator: simulator.models() == []),
    Scenario("create key", api_key, _create_key, lambda simulator: len(simulator.api_keys()) == 1),
    Scenario("delete key", api_key, _delete_key, lambda simulator: simulator.api_keys() == []),
    Scenario(
        "fleet",
        deployments,
        _manage_fleet,
        lambda simulator: {each["inference-engine-version"] for each in simulator.deployments()} == {NEW},
        is_special=True,
    ),
    Scenario("look at deployments", deployment_info, lambda simulator: _chat(simulator) and {}, is_special=True),
    Scenario("look at a model", model_info, lambda simulator: {"id": simulator.add_model(MODEL)}),
    Scenario("look at a key", api_key_info, lambda simulator: {"id": simulator.add_api_key("team")}),
    Scenario("look at instance types", instance_type_info, lambda _simulator: {}),
    Scenario("look at quotas", quota_info, lambda _simulator: {}),
    Scenario("look at logs", deployment_log_info, lambda simulator: {"id": _chat(simulator)}),
    Scenario("look at engine parameters", engine_parameter_info, lambda _simulator: {"version": NEW}),
    Scenario("wait for operations", operation_info, _await_operation, is_special=True),
)
