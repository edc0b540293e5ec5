# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Routes by which another process drives the simulator; neither signed nor journalled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any

from flask import Blueprint, jsonify, request

from .faults import Fault

if TYPE_CHECKING:
    from .server import Simulator


def make_control(simulator: Simulator) -> Blueprint:
    control = Blueprint("control", __name__, url_prefix="/_simulator")

    @control.errorhandler(TypeError)
    @control.errorhandler(ValueError)
    def refuse(error: Exception) -> Any:
        return jsonify(error=str(error)), 400

    @control.get("/journal")
    def read_journal() -> Any:
        return jsonify([asdict(entry) for entry in simulator.journal])

    @control.delete("/journal")
    def clear_journal() -> Any:
        simulator.clear_journal()
        return "", 204

    @control.post("/deployments")
    def add_deployment() -> Any:
        return jsonify(id=simulator.add_deployment(**_fields())), 201

    @control.get("/deployments/<deployment_id>")
    def show_deployment(deployment_id: str) -> Any:
        return jsonify(simulator.deployment(deployment_id))

    @control.patch("/deployments/<deployment_id>")
    def set_deployment(deployment_id: str) -> Any:
        simulator.set_deployment(deployment_id, **_fields())
        return "", 204

    @control.patch("/deployments/<deployment_id>/in/<float:seconds>")
    def set_deployment_later(deployment_id: str, seconds: float) -> Any:
        fields = _fields()
        simulator.at(seconds, lambda: simulator.set_deployment(deployment_id, **fields))
        return "", 204

    @control.post("/deployments/<deployment_id>/log")
    def write_log(deployment_id: str) -> Any:
        simulator.write_log(deployment_id, request.get_json())
        return "", 204

    @control.delete("/deployments/<deployment_id>")
    def remove_deployment(deployment_id: str) -> Any:
        simulator.remove_deployment(deployment_id)
        return "", 204

    @control.post("/models")
    def add_model() -> Any:
        return jsonify(id=simulator.add_model(**_arguments("models", simulator.add_model))), 201

    @control.put("/instance-types")
    def set_instance_types() -> Any:
        simulator.set_instance_types(request.get_json())
        return "", 204

    @control.put("/quotas")
    def set_quotas() -> Any:
        simulator.set_quotas(request.get_json())
        return "", 204

    @control.post("/faults")
    def misbehave() -> Any:
        simulator.misbehave(**_arguments("faults", Fault))
        return "", 204

    @control.delete("/faults")
    def forget_faults() -> Any:
        simulator.forget_faults()
        return "", 204

    @control.post("/operations/fail-next")
    def fail_next_operation() -> Any:
        simulator.fail_next_operation(**_arguments("operations that fail", simulator.fail_next_operation))
        return "", 204

    @control.patch("/settings")
    def change_settings() -> Any:
        for name, value in _fields().items():
            setattr(simulator, name, value)
        return "", 204

    @control.post("/reset")
    def reset() -> Any:
        simulator.reset()
        return "", 204

    return control


def _fields() -> dict[str, Any]:
    """What was sent, with names as Python has them.

    :raises ValueError: it is no object.
    """
    sent = request.get_json()
    if not isinstance(sent, dict):
        raise ValueError(f"the body has to be an object, and not {sent!r}")
    return {name.replace("-", "_"): value for name, value in sent.items()}


def _arguments(things: str, taker: Callable[..., Any]) -> dict[str, Any]:
    """What was sent, if it is what somebody takes.

    :raises ValueError: there is a field that he does not take, or one is missing.
    """
    sent = _fields()
    there = signature(taker).parameters
    unknown = [name for name in sent if name not in there]
    if unknown:
        raise ValueError(f"{things} have no {', '.join(unknown)}; they have: {', '.join(there)}")
    missing = [name for name, each in there.items() if each.default is Parameter.empty and name not in sent]
    if missing:
        raise ValueError(f"{things} need {', '.join(missing)}")
    return sent
