# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks of each module that meet each kind of request, and what has to be there before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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
from ansible_collections.exoscale.cloud.tests.unit.plugins.module_utils._task.play import Player

ENGINE_SECRET = "sentinel-of-the-engine"
TOKEN = "hf_sentinelOfTheModelHub"
OLD, NEW = "0.18.0", "0.19.0"
MODEL, OTHER_MODEL = "openai/gpt-oss-120b", "openai/gpt-oss-20b"
WHOLE = {"model": MODEL, "gpu_type": "gpua5000", "gpu_count": 1, "replicas": 1}
PARAMETERS = ["--max-num-seqs=4", f"--api-key={ENGINE_SECRET}"]
RESPELT = ["--api-key", ENGINE_SECRET, "--max-num-seqs", "4"]
SERVING = {"wait_for": "serving"}


@dataclass(frozen=True)
class Life:
    """
    :param task: the file of :mod:`_task` whose module is played.
    :param options: of the task; with a function, it is given what is there, by name.
    :param prepare: changes what is there before the task.
    :param otherwise: what is written where the flags of the engine are not certainly known.
    """

    task: Any
    options: dict[str, Any] | Callable[[dict[str, str]], dict[str, Any]]
    prepare: Callable[[Any, dict[str, str], Any], Any] = lambda simulator, there, clock: None
    otherwise: tuple[list[Any], ...] = ()

    def begin(self, simulator: Any, clock: Any) -> tuple[dict[str, Any], dict[str, str]]:
        """The options of the task, and the names of what is there, by ID."""
        simulator.operation_seconds = 5
        simulator.settle_seconds = 5
        there = {
            "chat": simulator.add_deployment(
                name="chat",
                inference_engine_version=OLD,
                inference_engine_parameters=list(PARAMETERS),
                model={"name": MODEL},
            ),
            "other": simulator.add_deployment(name="other", model={"name": OTHER_MODEL}),
            "team": simulator.add_api_key("team"),
            "unused": simulator.add_model("acme/unused"),
        }
        simulator.write_log(there["chat"], ["one", f"hf-token={TOKEN}", "three"])
        there[MODEL] = simulator.deployment(there["chat"])["model"]["id"]
        self.prepare(simulator, there, clock)
        options = self.options(there) if callable(self.options) else self.options
        return options, {value: key for key, value in there.items()}


def _breaks(simulator: Any, there: dict[str, str], clock: Any) -> None:
    simulator.fail_next_operation()


def _starts_an_operation(simulator: Any, there: dict[str, str], clock: Any) -> None:
    begun = Player(simulator, clock)(id=there["chat"], replicas=2, wait=False)
    there["operation"] = begun["operations"][0]["id"]
    simulator.clear_journal()


DEPLOYMENTS = {
    "unchanged": Life(deployment, {"name": "chat", **WHOLE, "inference_engine_parameters": PARAMETERS}),
    "unchanged in other words": Life(
        deployment,
        {"name": "chat", "inference_engine_parameters": RESPELT},
        otherwise=(["PATCH", "/ai/deployment/chat", {"inference-engine-parameters": RESPELT}],),
    ),
    "created": Life(deployment, {"name": "new", **WHOLE, "inference_engine_parameters": PARAMETERS}),
    "created and serving": Life(deployment, {"name": "new", **WHOLE, **SERVING, "serving_probe": "chat"}),
    "updated": Life(deployment, lambda there: {"id": there["chat"], "name": "talk", "inference_engine_version": NEW}),
    "parameters updated": Life(
        deployment,
        {"name": "chat", "inference_engine_parameters": ["--seed=1", f"--api-key=new-{ENGINE_SECRET}"], **SERVING},
    ),
    "updated and scaled": Life(
        deployment,
        {"name": "chat", "inference_engine_version": NEW, "replicas": 2, **SERVING, "serving_probe": "completions"},
    ),
    "serving already": Life(deployment, {"name": "chat", **SERVING, "serving_probe": "embeddings"}),
    "scaled to nothing": Life(deployment, {"name": "chat", "replicas": 0}),
    "deleted": Life(deployment, {"name": "chat", "state": "absent"}),
    "replaced": Life(deployment, {"name": "chat", "gpu_type": "gpu3080ti", "recreate": True}),
    "rolled back": Life(
        deployment, {"name": "chat", "inference_engine_version": NEW, "on_failure": "rollback"}, _breaks
    ),
    "broken": Life(deployment, {"name": "chat", "inference_engine_version": NEW}, _breaks),
    "many": Life(
        deployments,
        {
            "deployments": [
                {"name": "chat", "inference_engine_version": NEW},
                {"name": "other", "replicas": 1},
                {"name": "new", **WHOLE},
            ],
            "purge": True,
            "purge_limit": 5,
            "max_gpus": 20,
        },
        lambda simulator, there, clock: there.update(stray=simulator.add_deployment(name="stray")),
    ),
}
LISTED = {
    "model created": Life(model, {"name": "acme/new", "huggingface_token": TOKEN}),
    "model made again": Life(
        model,
        {"name": "acme/unused", "recreate": True},
        lambda simulator, there, clock: simulator.set_model(there["unused"], state="error"),
    ),
    "model in use": Life(model, {"name": MODEL, "state": "absent"}),
    "model deleted": Life(model, lambda there: {"id": there["unused"], "state": "absent"}),
    "key created": Life(api_key, {"name": "new", "scope": "chat"}),
    "key replaced": Life(api_key, {"name": "team", "scope": "chat", "recreate": True}),
    "key deleted": Life(api_key, {"name": "team", "state": "absent"}),
}
LOOKS = {
    "deployments": Life(deployment_info, {}),
    "one deployment": Life(deployment_info, {"name": "chat", "model": MODEL}),
    "logs": Life(deployment_log_info, {"name": "chat", "tail": 5}),
    "engine parameters": Life(engine_parameter_info, {"version": NEW}),
    "instance types": Life(instance_type_info, {}),
    "models": Life(model_info, {}),
    "one model": Life(model_info, lambda there: {"id": there["unused"]}),
    "keys": Life(api_key_info, {}),
    "quota": Life(quota_info, {}),
    "operations": Life(operation_info, lambda there: {"ids": [there["operation"]], "wait": True}, _starts_an_operation),
}
LIVES = {**DEPLOYMENTS, **LISTED, **LOOKS}
