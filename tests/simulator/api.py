# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The routes of the API below ``/v2``: requests are checked against the contract, and so are the answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from .account import Account
from .contract import Contract
from .problems import Problem

_ID = "<uuid:resource_id>"


def make_api(
    account: Callable[[], Account],
    contract: Contract,
    refusal: Callable[[], Any],
    violations: list[str],
) -> Blueprint:
    """
    :param account: gives the account as it is now.
    :param refusal: tells why the current request is not accepted, or None.
    :param violations: collects answers that break the contract.
    """
    api = Blueprint("api", __name__, url_prefix="/v2")

    def route(method: str, path: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        template = path.replace(_ID, "{id}")

        def decorate(handle: Callable[..., Any]) -> Callable[..., Any]:
            def view(**segments: Any) -> Response:
                try:
                    why = refusal()
                    if why:
                        raise Problem(403, why)
                    body = _read_body()
                    errors = contract.request_errors(method, template, body)
                    errors += contract.query_errors(method, template, request.args.to_dict(flat=False))
                    if errors:
                        raise Problem(400, "The request is not valid", errors)
                    arguments: dict[str, Any] = {key: str(value) for key, value in segments.items()}
                    if body is not None:
                        arguments["body"] = body
                    status, document = 200, handle(**arguments)
                except Problem as problem:
                    status, document = problem.status, problem.document
                for place, sentence in contract.response_errors(method, template, status, document):
                    violations.append(f"{method} {template} {status}: {place} {sentence}")
                return Response(json.dumps(document), status, content_type="application/json")

            api.add_url_rule(path, endpoint=f"{method} {template}", view_func=view, methods=[method])
            return handle

        return decorate

    _add_deployments(route, account)
    _add_models(route, account)
    _add_api_keys(route, account)

    @route("GET", "/operation/" + _ID)
    def get_operation(resource_id: str) -> Any:
        return account().get_operation(resource_id)

    @route("GET", "/quota")
    def list_quotas() -> Any:
        return account().quotas()

    @route("GET", "/ai/quota")
    def get_consumption_quota() -> Any:
        return account().consumption_quota()

    @route("GET", "/ai/instance-type")
    def list_instance_types() -> Any:
        return account().instance_types()

    @route("GET", "/ai/help/inference-engine-parameters")
    def get_help() -> Any:
        version = request.args.get("version")
        if version is not None and version not in contract.schema("inference-engine-version")["enum"]:
            raise Problem(400, f"There is no version {version}")
        return account().engine_help(version)

    return api


def _add_deployments(route: Callable[..., Any], account: Callable[[], Account]) -> None:
    @route("GET", "/ai/deployment")
    def list_deployments() -> Any:
        return account().list_deployments()

    @route("POST", "/ai/deployment")
    def create_deployment(body: Any) -> Any:
        if body["gpu-count"] > 8:
            raise Problem(400, "The request is not valid", [("/gpu-count", "is more than 8")])
        return account().create_deployment(body)

    @route("GET", "/ai/deployment/" + _ID)
    def get_deployment(resource_id: str) -> Any:
        return account().get_deployment(resource_id)

    @route("PATCH", "/ai/deployment/" + _ID)
    def update_deployment(resource_id: str, body: Any) -> Any:
        return account().update_deployment(resource_id, body)

    @route("DELETE", "/ai/deployment/" + _ID)
    def delete_deployment(resource_id: str) -> Any:
        return account().delete_deployment(resource_id)

    @route("POST", "/ai/deployment/" + _ID + "/scale")
    def scale_deployment(resource_id: str, body: Any) -> Any:
        return account().scale_deployment(resource_id, body)

    @route("GET", "/ai/deployment/" + _ID + "/logs")
    def get_logs(resource_id: str) -> Any:
        return account().logs(resource_id, request.args.get("tail", type=int))

    @route("GET", "/ai/deployment/" + _ID + "/api-key")
    def reveal_api_key(resource_id: str) -> Any:
        return account().reveal_api_key(resource_id)


def _add_models(route: Callable[..., Any], account: Callable[[], Account]) -> None:
    @route("GET", "/ai/model")
    def list_models() -> Any:
        return account().list_models()

    @route("POST", "/ai/model")
    def create_model(body: Any) -> Any:
        return account().create_model(body)

    @route("GET", "/ai/model/" + _ID)
    def get_model(resource_id: str) -> Any:
        return account().get_model(resource_id)

    @route("DELETE", "/ai/model/" + _ID)
    def delete_model(resource_id: str) -> Any:
        return account().delete_model(resource_id)


def _add_api_keys(route: Callable[..., Any], account: Callable[[], Account]) -> None:
    @route("GET", "/ai/api-key")
    def list_api_keys() -> Any:
        return account().list_api_keys()

    @route("POST", "/ai/api-key")
    def create_api_key(body: Any) -> Any:
        return account().create_api_key(body)

    @route("GET", "/ai/api-key/" + _ID)
    def get_api_key(resource_id: str) -> Any:
        return account().get_api_key(resource_id)

    @route("DELETE", "/ai/api-key/" + _ID)
    def delete_api_key(resource_id: str) -> Any:
        return account().delete_api_key(resource_id)


def _read_body() -> Any:
    data = request.get_data()
    if not data:
        return None
    if request.mimetype != "application/json":
        raise Problem(400, "The content type is not application/json")
    try:
        return json.loads(data)
    except ValueError as error:
        raise Problem(400, f"The body is not JSON: {error}") from error
