# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The vendor's OpenAPI document, as it ships inside the PyPI package exoscale."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from importlib.resources import files
from typing import Any

from jsonschema_rs import Draft202012Validator

_PROBLEM = {"$ref": "#/components/schemas/error-response"}

_LARGEST_INTEGER = 2**63


class Contract:
    def __init__(self, document: dict[str, Any]) -> None:
        self._paths = document["paths"]
        self._closed_components = {"schemas": _closed(document["components"]["schemas"])}
        self._open_components = {"schemas": document["components"]["schemas"]}
        #: To make one takes longer than to use it.
        self._validators: dict[tuple[int, int], Draft202012Validator] = {}

    def schema(self, name: str) -> dict[str, Any]:
        """The schema of that name, as published."""
        found: dict[str, Any] = self._open_components["schemas"][name]
        return found

    def operations(self, prefix: str) -> set[str]:
        """The method and the path, with ``{id}``, of each operation below ``prefix``."""
        return {
            f"{method.upper()} {path}"
            for path, described in self._paths.items()
            if path.startswith(prefix)
            for method in described
            if method in ("get", "put", "post", "patch", "delete")
        }

    def request_errors(self, method: str, template: str, body: Any) -> list[tuple[str, str]]:
        """What is wrong with the body of a request: pointers and sentences."""
        described = self._paths[template][method.lower()].get("requestBody")
        if described is None:
            return [("", "no body is expected")] if body is not None else []
        if body is None:
            return [("", "a body is required")]
        return self._errors(described["content"]["application/json"]["schema"], body, self._closed_components)

    def query_errors(self, method: str, template: str, query: dict[str, list[str]]) -> list[tuple[str, str]]:
        """What is wrong with the query parameters, each with all its values: names and sentences."""
        known = {
            parameter["name"]: parameter["schema"]
            for parameter in self._paths[template][method.lower()].get("parameters", [])
            if parameter["in"] == "query"
        }
        errors = [(name, "is not a parameter of this request") for name in query if name not in known]
        for name, values in query.items():
            kind = known.get(name, {}).get("type", "string")
            if len(values) > 1:
                errors.append((name, "is given more than once"))
            if not all(_is_of_type(kind, value) for value in values):
                errors.append((name, f"is not of the type {kind}"))
        return errors

    def response_errors(self, method: str, template: str, status: int, body: Any) -> list[tuple[str, str]]:
        """What is wrong with an answer; an error that is not documented must at least be a problem document."""
        documented = self._paths[template][method.lower()]["responses"].get(str(status))
        if documented is not None:
            schema = documented["content"]["application/json"]["schema"]
        elif status >= 400:
            schema = _PROBLEM
        else:
            return [("", f"the status {status} is not documented")]
        return self._errors(schema, body, self._closed_components if status < 400 else self._open_components)

    def _errors(self, schema: dict[str, Any], value: Any, components: dict[str, Any]) -> list[tuple[str, str]]:
        key = (id(schema), id(components))
        if key not in self._validators:
            self._validators[key] = Draft202012Validator(dict(schema, components=components), validate_formats=True)
        try:
            errors = list(self._validators[key].iter_errors(value))
        except UnicodeEncodeError:
            return [("", "a text in it is no Unicode")]
        return [("".join(f"/{part}" for part in error.instance_path), error.message) for error in errors]


@lru_cache(maxsize=1)
def vendor_contract() -> Contract:
    """The contract as published, cut down to what the simulator speaks."""
    return Contract(vendor_document())


def vendor_document() -> dict[str, Any]:
    """The document that is the contract."""
    document: dict[str, Any] = json.loads(files("exoscale").joinpath("openapi.json").read_text(encoding="utf-8"))
    document["paths"] = {
        path: description
        for path, description in document["paths"].items()
        if path.startswith(("/ai/", "/operation")) or path == "/quota"
    }
    return document


def strict_document() -> dict[str, Any]:
    """The same, by which an object has no other properties than the named ones, unless it tells of an error."""
    document = vendor_document()
    schemas = document["components"]["schemas"]
    document["components"]["schemas"] = {**_closed(schemas), "error-response": schemas["error-response"]}
    return document


def _is_of_type(kind: str, value: str) -> bool:
    """Whether a value in a query is how one of that type is written."""
    if kind == "integer":
        is_integer = re.fullmatch(r"-?[0-9]{1,19}", value)
        return is_integer is not None and -_LARGEST_INTEGER <= int(value) < _LARGEST_INTEGER
    return kind == "string" or value in ("true", "false")


def _closed(schema: Any) -> Any:
    """The same schemas, which say for every object that it has no other properties than the named ones."""
    if isinstance(schema, list):
        return [_closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict):
        closed.setdefault("additionalProperties", False)
    return closed
