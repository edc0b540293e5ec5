# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Routes by which another process drives the simulator; neither signed nor journalled."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from flask import Blueprint, jsonify, request

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
        return jsonify(id=simulator.add_deployment(**request.get_json())), 201

    @control.get("/deployments/<deployment_id>")
    def show_deployment(deployment_id: str) -> Any:
        return jsonify(simulator.deployment(deployment_id))

    @control.patch("/deployments/<deployment_id>")
    def set_deployment(deployment_id: str) -> Any:
        simulator.set_deployment(deployment_id, **request.get_json())
        return "", 204

    @control.patch("/deployments/<deployment_id>/in/<float:seconds>")
    def set_deployment_later(deployment_id: str, seconds: float) -> Any:
        fields = request.get_json()
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
        return jsonify(id=simulator.add_model(**request.get_json())), 201

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
        simulator.misbehave(**request.get_json())
        return "", 204

    @control.delete("/faults")
    def forget_faults() -> Any:
        simulator.forget_faults()
        return "", 204

    @control.post("/operations/fail-next")
    def fail_next_operation() -> Any:
        simulator.fail_next_operation(**request.get_json())
        return "", 204

    @control.patch("/settings")
    def change_settings() -> Any:
        for name, value in request.get_json().items():
            setattr(simulator, name.replace("-", "_"), value)
        return "", 204

    @control.post("/reset")
    def reset() -> Any:
        simulator.reset()
        return "", 204

    return control
