# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors that the API reports."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any


class Problem(Exception):
    """An RFC 9457 problem document; or, for a model in use, the list of its users."""

    def __init__(self, status: int, detail: str, errors: list[tuple[str, str]] = (), **instead: Any) -> None:  # type: ignore[assignment]
        super().__init__(detail)
        self.status = status
        self.document: dict[str, Any] = instead or {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": detail,
        }
        if errors:
            self.document["errors"] = [
                {"pointer": place, "path": place.strip("/").replace("/", "."), "detail": sentence, "location": "body"}
                for place, sentence in errors
            ]
