# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task of ``ai_deployment``: options become values, and what was done becomes a result."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Callable, NoReturn

from .._ai.deployment import Desired
from .._ai.deployment_kind import DeploymentKind
from .managing import declaration_of_managing
from .managing import manage as manage_kind
from .module import run_module
from .options import wait_options

if TYPE_CHECKING:
    from .._ai.shared import Shared
    from .._api.client import Client
    from .._api.clock import Clock
    from .options import Declaration
    from .run import Findings, Task

RETURNED = "deployment"
_PROBES = ["models", "chat", "completions", "embeddings"]
_VALIDATIONS = ["none", "warn", "error", "strict"]


def declaration() -> Declaration:
    """Of the module ``ai_deployment``."""
    return declaration_of_managing(
        {
            **wait_options(more_ends=("serving",)),
            "serving_probe": {"type": "str", "choices": _PROBES, "default": "models"},
            "id": {"type": "str"},
            "name": {"type": "str"},
            "inference_engine_version": {"type": "str"},
            "inference_engine_parameters": {"type": "list", "elements": "str"},
            "parameter_comparison": {"type": "str", "choices": ["semantic", "exact"], "default": "semantic"},
            "parameter_validation": {"type": "str", "choices": _VALIDATIONS, "default": "error"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "model": {"type": "raw"},
            "gpu_type": {"type": "str"},
            "gpu_count": {"type": "int"},
            "replicas": {"type": "int"},
            "recreate": {"type": "bool", "default": False},
            "on_failure": {"type": "str", "choices": ["keep", "rollback"], "default": "keep"},
            "failure_log_lines": {"type": "int", "default": 20},
        },
        RETURNED,
        required_one_of=(("id", "name"),),
    )


def main(clock: Clock = time) -> NoReturn:
    """The process of the module."""
    run_module(declaration(), manage, clock)


def manage(task: Task, findings: Findings) -> None:
    """Bring a deployment to what the options declare.

    :raises ExoscaleError: anything that a user, a network or a server can cause.
    """
    desired = Desired.from_params(task.params)
    manage_kind(task, findings, desired, lambda client: kind_of(task.params, client, task.warn), RETURNED)


def kind_of(
    params: dict[str, Any],
    client: Client,
    warn: Callable[[str], None],
    shared: Shared | None = None,
) -> DeploymentKind:
    """
    :param params: the options of the module, validated.
    """
    return DeploymentKind(
        client,
        params["parameter_comparison"],
        params["parameter_validation"],
        params["failure_log_lines"],
        params["serving_probe"] if params["wait"] and params["wait_for"] == "serving" else None,
        warn,
        shared,
    )
