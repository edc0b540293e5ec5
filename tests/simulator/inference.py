# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The OpenAI-compatible endpoint of each deployment, with a key of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, jsonify, request

from .account import Account
from .problems import Problem

PREFIX = "/inference"


def make_inference(account: Callable[[], Account]) -> Blueprint:
    """
    :param account: gives the account as it is now.
    """
    inference = Blueprint("inference", __name__, url_prefix=PREFIX + "/<uuid:resource_id>/v1")

    def refusal(resource_id: str) -> Any:
        try:
            expected = account().reveal_api_key(resource_id)["api-key"]
        except Problem:
            return _error(404, "There is no such endpoint")
        if request.headers.get("Authorization") != f"Bearer {expected}":
            return _error(401, "The key is wrong")
        if not account().serves(resource_id):
            return _error(503, "The engine does not serve")
        return None

    @inference.get("/models")
    def list_models(resource_id: Any) -> Any:
        return refusal(str(resource_id)) or jsonify(
            object="list", data=[{"id": name, "object": "model"} for name in account().served_names(str(resource_id))]
        )

    def answer_to(kind: str, needed: str, answer: dict[str, Any]) -> Callable[..., Any]:
        def view(resource_id: Any) -> Any:
            refused = refusal(str(resource_id))
            if refused is not None:
                return refused
            body = request.get_json(silent=True)
            if not isinstance(body, dict) or not body.get(needed):
                return _error(400, f"{needed} is missing")
            if body.get("model") not in account().served_names(str(resource_id)):
                return _error(404, "The model {!r} does not exist".format(body.get("model")))
            return jsonify(object=kind, model=body["model"], **answer)

        return view

    choice = {"index": 0, "finish_reason": "length"}
    for path, kind, needed, answer in (
        ("/chat/completions", "chat.completion", "messages", {"choices": [{**choice, "message": {"content": "p"}}]}),
        ("/completions", "text_completion", "prompt", {"choices": [{**choice, "text": "p"}]}),
        ("/embeddings", "list", "input", {"data": [{"index": 0, "embedding": [0.0]}]}),
    ):
        inference.add_url_rule(path, path, answer_to(kind, needed, answer), methods=["POST"])
    return inference


def _error(status: int, message: str) -> tuple[Any, int]:
    return jsonify(error={"message": message, "type": "Error", "code": status}), status
