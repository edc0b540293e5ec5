# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds secrets in JSON, or in what was to be JSON, inside a text."""

from __future__ import annotations

import ast
import json
import re
from typing import Any, Iterator

from .secret_names import is_secret_name

#: Of a name that is longer, its end is found.
_IN_BROKEN_JSON = re.compile(r"""["']?([A-Za-z][\w.-]{0,99})["']?\s{0,99}[:=]\s*(.*)""", re.DOTALL)
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"?', re.DOTALL)
_LONGEST_TEXT = 100_000
#: Of what is behind the name of a secret in a text that cannot be read.
_MOST_WORDS = 100
_DEEPEST = 3
_SHORTEST_PART = 4
_LOOKS_RANDOM = re.compile(r"(?=.*[A-Za-z])(?=.*[0-9A-Z]).{6,}")


def secrets_in_json(text: str, depth: int = 0) -> Iterator[str]:
    """
    :param depth: how many texts of JSON are around this one.
    """
    document = read_value(text)
    if document is None:
        for name, rest in _IN_BROKEN_JSON.findall(text[:_LONGEST_TEXT]):
            if is_secret_name(name):
                yield from _parts(rest)
            elif depth < _DEEPEST:
                yield from secrets_in_json(rest, depth + 1)
        return
    for value in _walk(document):
        yield value
        if depth < _DEEPEST and ("{" in value or "[" in value):
            yield from secrets_in_json(value, depth + 1)
        # As it stands in the text.
        yield json.dumps(value)[1:-1]
        yield json.dumps(value, ensure_ascii=False)[1:-1]
        yield json.dumps(value)[1:-1].replace("/", "\\/")
        yield repr(value)[1:-1]
    if depth < _DEEPEST:
        for value in _texts(document):
            if "{" in value or "[" in value:
                yield from secrets_in_json(value, depth + 1)


def read_value(text: str) -> Any:
    """The value of JSON, or of Python's notation, which users take for it; ``None`` if the text is neither."""
    for read in (json.loads, ast.literal_eval):
        try:
            return read(text)
        # Also what Python can read and not make, such as a mapping with a list for a key.
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
            continue
    return None


def is_python_and_not_json(text: str) -> bool:
    """Whether a text is a value in Python's notation, and none in JSON."""
    value = read_value(text)
    if value is None:
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return True
    return False


def strings_in(text: str) -> Iterator[str]:
    """The strings of JSON that breaks off or is malformed, also the last one, which may lack its end."""
    for inside in _STRING.findall(text[:_LONGEST_TEXT]):
        value = read_value(f'"{inside}"')
        yield value if isinstance(value, str) else inside


def _parts(rest: str) -> Iterator[str]:
    """What is behind the name of a secret in a text that cannot be read: all of it, and its words."""
    whole = rest.strip("\"'{}[]: ")
    words = re.split(r"""[\s"',{}\[\]:]+""", rest, maxsplit=_MOST_WORDS)[:_MOST_WORDS]
    words = [word for word in words if len(word) >= _SHORTEST_PART]
    yield from (part for part in (whole, *words) if re.search(r"\w", part))


def _walk(document: Any) -> Iterator[str]:
    """The texts and numbers below keys whose names are those of secrets."""
    waiting = [(document, False)]
    while waiting:
        value, below_secret = waiting.pop()
        if isinstance(value, dict):
            # As in {"name": "HF_TOKEN", "value": "abc"}.
            is_pair = is_secret_name(str(value.get("name") or value.get("key") or ""))
            for key, each in value.items():
                waiting.append((each, below_secret or is_secret_name(str(key)) or (is_pair and key == "value")))
                if below_secret and _LOOKS_RANDOM.search(str(key)):
                    yield str(key)
        elif isinstance(value, (list, tuple)):
            waiting += [(each, below_secret) for each in value]
        elif below_secret and isinstance(value, str):
            yield value
        elif below_secret and isinstance(value, (int, float)) and len(str(value)) > _SHORTEST_PART:
            yield str(value)


def _texts(document: Any) -> Iterator[str]:
    waiting = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, (list, tuple)):
            waiting += value
        elif isinstance(value, str):
            yield value
