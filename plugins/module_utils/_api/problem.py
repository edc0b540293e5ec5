# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the bodies of error answers, whatever wrote them."""

from __future__ import annotations

import json
import re
from typing import Any, Callable, Mapping, NamedTuple

_EXCERPT_LENGTH = 200
#: Texts are cut to this before they are searched, so that no body can make the search long.
_SEARCHED_LENGTH = 4000
_LARGEST_DOCUMENT = 1_000_000
_MOST_ERRORS = 50
_DEEPEST = 20
#: Below so many levels only a few items are read.
_MANY_LEVELS = 2
_FEW = 4
_HTML_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_HTML_INVISIBLE = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.IGNORECASE | re.DOTALL)


class Problem(NamedTuple):
    """What an error answer says; every part may be missing. ``document`` is the whole of it, if it is JSON."""

    title: str | None = None
    detail: str | None = None
    errors: tuple[dict[str, Any], ...] = ()
    document: Mapping[str, Any] = {}

    def __str__(self) -> str:
        sentences = [": ".join(part for part in (self.title, self.detail) if part)]
        sentences += [_describe(error) for error in self.errors]
        return "; ".join(sentence.rstrip(".") for sentence in sentences if sentence)


def read_problem(text: str, redact: Callable[[Any], Any] = lambda value: value) -> Problem:
    """Understand the body of an error answer.

    Knows RFC 9457 problem documents with and without ``errors``, ``{"code": …, "error": …}`` of a
    403, ``message`` in place of ``detail``, ``{"deployments": […]}`` of a 412, ``{"error":
    {"message": …}}`` of an inference engine, HTML, plain text, JSON that breaks off, and nothing at all.

    :param redact: takes the secrets out of a text or a JSON value, before parts of it are cut off.
    """
    stripped = text.strip()
    if not stripped:
        return Problem(detail="the body of the answer is empty")
    if stripped.startswith("<"):
        return Problem(detail=_read_html(redact(cut(stripped))))
    try:
        document = json.loads(stripped[:_LARGEST_DOCUMENT])
    except (ValueError, RecursionError):
        kind = "JSON that breaks off or is malformed" if stripped[0] in "{[" else "plain text"
        return Problem(detail=f"the body of the answer is {kind}: {excerpt(redact(cut(stripped)))}")
    if not isinstance(document, dict):
        return Problem(detail=excerpt(redact(cut(stripped))))
    return _read_document(redact(_pruned(document)), excerpt(redact(cut(stripped))))


def _pruned(value: Any, depth: int = 0) -> Any:
    """The same JSON value without what is nested deeper, or longer, than anybody reads."""
    if isinstance(value, str):
        return _marked(value)
    if not isinstance(value, (dict, list)):
        return value
    if depth >= _DEEPEST:
        return "…"
    most = _MOST_ERRORS if depth < _MANY_LEVELS else _FEW
    if isinstance(value, dict):
        return {_marked(key): _pruned(each, depth + 1) for key, each in list(value.items())[:most]}
    return [_pruned(each, depth + 1) for each in value[:most]]


def _marked(text: str) -> str:
    """As much as is looked at, with a mark that tells that it may end in the middle of a secret."""
    return text if len(text) <= _SEARCHED_LENGTH else cut(text) + "…"


def cut(text: str) -> str:
    """As much of a text as is looked at."""
    return text if len(text) <= _SEARCHED_LENGTH else text[:_SEARCHED_LENGTH]


def excerpt(text: str) -> str:
    """The beginning of ``text``, which holds no secrets any more, on one line."""
    line = " ".join(text[:_SEARCHED_LENGTH].split())
    return line if len(line) <= _EXCERPT_LENGTH else line[:_EXCERPT_LENGTH] + "…"


def _read_document(document: dict[str, Any], text: str) -> Problem:
    title = _first_text(document, "title", "code")
    detail = _first_text(document, "detail", "error", "message")
    # As the engine and its like say it.
    if detail is None and isinstance(document.get("error"), dict):
        detail = _first_text(document["error"], "message")
    errors = _read_errors(document.get("errors"))
    deployments = document.get("deployments")
    if detail is None and isinstance(deployments, list) and deployments:
        users = (user.get("id") or user.get("name") if isinstance(user, dict) else user for user in deployments)
        detail = "in use by the deployments {}".format(", ".join(str(user) for user in users))
    if title is None and detail is None and not errors:
        detail = text
    return Problem(title, detail, errors, document)


def _first_text(document: dict[str, Any], *keys: str) -> str | None:
    for key in keys:
        value = document.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return None


def _read_errors(entries: Any) -> tuple[dict[str, Any], ...]:
    if not isinstance(entries, list):
        return ()
    errors: list[dict[str, Any]] = []
    for entry in entries[:_MOST_ERRORS]:
        if isinstance(entry, dict):
            errors.append(entry)
        elif entry is not None:
            errors.append({"detail": str(entry)})
    return tuple(errors)


def _describe(error: dict[str, Any]) -> str:
    place = _first_text(error, "pointer", "path", "location")
    detail = _first_text(error, "detail", "message") or ("" if place else json.dumps(error))
    return ": ".join(part for part in (place, detail) if part)


def _read_html(page: str) -> str:
    title = _HTML_TITLE.search(page)
    text = title.group(1) if title and title.group(1).strip() else _HTML_INVISIBLE.sub(" ", page)
    return f"the answer is an HTML page, so probably not from the API but from a proxy: {excerpt(text)}"
