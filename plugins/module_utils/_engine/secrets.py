# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds secrets that the engine's command line may hold, so that they are kept out of every output.

It finds rather too much than too little: what is hidden without need costs nothing but a look at the source.
"""

from __future__ import annotations

import ast
import json
import re
from typing import Any, Iterator, Sequence

from .command_line import OPTION, STRAY, split
from .flags import EngineHelp

#: Stands for a secret in whatever is shown. A parameter that holds it is refused as input.
PLACEHOLDER = "********"

_WORDS = (
    r"api-?keys?(?:-[a-z0-9]+)?|token|pwd|(?:api|auth|access|hf|bearer)-tokens|passwords?|passwd|passphrases?|secrets?|credentials?|"
    r"authorization|bearer"
)
_KEYS = r"(?:access|private|secret|secret-access|account|client|encryption|auth)-?keys?"
_SECRET_NAME = re.compile(rf"(?:.*[-./:])?(?:{_WORDS}|{_KEYS})(?:\..*)?", re.DOTALL)
#: Names that look like one and hold numbers or words of the vocabulary.
_HARMLESS = re.compile(
    r"(?:.*[-.])?(?:num|max|min|pad|bos|eos|unk|sep|cls|mask|stop|start|end|prompt|image)(?:-[a-z]+)*-token"
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SECRET_FLAGS = ("api-key", "hf-token")
_SHORTEST_ABBREVIATION = 4

_NAME_AND_VALUE = re.compile(r"-{0,2}([A-Za-z][\w.-]*)\s*[=:]\s*(.+)", re.DOTALL)
_IN_BROKEN_JSON = re.compile(r"""["']?([A-Za-z][\w.-]*)["']?\s*[:=]\s*(.*)""", re.DOTALL)
_USER_IN_URL = re.compile(r"://(?:[^/\s:@]*:(.+)|([^/\s:@]{8,}))@", re.DOTALL)
#: Dashes that word processors make of a hyphen.
_DASHES = re.compile("^[-\u2010-\u2015\u2212\ufe58\ufe63\uff0d]+")
#: Other short flags than those of the engine, such as -sk123, may be a value that begins with a dash.
_PLAUSIBLE_FLAG = re.compile(r"--(?![^=.]*[0-9]{4})[a-z][a-z0-9_-]*(?:[=.].*)?|-[a-z]{1,4}(?:=.*)?|-O.*", re.DOTALL)
_NO_FLAGS = EngineHelp()
_DEEPEST = 3
_SHORTEST_PART = 4
_LOOKS_RANDOM = re.compile(r"(?=.*[A-Za-z])(?=.*[0-9A-Z]).{6,}")


def is_secret_name(name: str) -> bool:
    """Whether the value of a flag or key such as ``--api-key``, ``--hf_tok``, ``HF_TOKEN`` or ``apiKey`` is secret."""
    stem = _HUMP.sub("-", _DASHES.sub("", name)).replace("_", "-").lower()
    if _HARMLESS.fullmatch(stem):
        return False
    if _SECRET_NAME.fullmatch(stem):
        return True
    # The engine accepts abbreviations, and people mistype.
    if len(stem) >= _SHORTEST_ABBREVIATION and any(flag.startswith(stem) for flag in _SECRET_FLAGS):
        return True
    return any(_variants(stem) & _variants(flag) for flag in _SECRET_FLAGS if abs(len(stem) - len(flag)) <= 1)


def _variants(word: str) -> set[str]:
    """The word, and the word without any one of its letters: words one slip apart share one of them."""
    return {word, *(word[:place] + word[place:][1:] for place in range(len(word)))}


def secret_values(tokens: Sequence[str]) -> set[str]:
    """All secrets that the tokens hold."""
    return set().union(*_secrets_by_item(tokens))


def conceal(tokens: Sequence[str]) -> list[str]:
    """The same tokens with a placeholder for each secret."""
    return [_without(token, secrets) for token, secrets in zip(tokens, _secrets_by_item(tokens))]


def _without(token: str, secrets: set[str]) -> str:
    for secret in sorted(secrets, key=len, reverse=True):
        head, found, tail = token.rpartition(secret)
        token = head + PLACEHOLDER + tail if found else token
    return token


def _secrets_by_item(tokens: Sequence[str], nested: bool = False) -> list[set[str]]:
    tokens = [_DASHES.sub(_plain_dashes, token) for token in tokens]
    found: list[set[str]] = [set() for _token in tokens]
    follows_secret_flag = False
    for group in split(tokens, _NO_FLAGS):
        items = range(group.position, group.position + group.length)
        if group.form == STRAY:
            if follows_secret_flag:
                found[group.position].add(tokens[group.position])
        elif group.form == OPTION and follows_secret_flag and not _PLAUSIBLE_FLAG.fullmatch(tokens[group.position]):
            found[group.position].add(tokens[group.position])
        else:
            secret = is_secret_name(group.flag)
            if secret:
                first = items if len(group.values) == group.length else items[1:]
                for position, value in zip(first, group.values):
                    found[position].add(value)
            # A flag such as --api-key takes several values.
            follows_secret_flag = secret
    for position, token in enumerate(tokens):
        found[position].update(_secrets_in_text(token, nested))
    return [{value for value in values if value} for values in found]


def _plain_dashes(dashes: re.Match[str]) -> str:
    return dashes.group() if dashes.group().isascii() else "--"


def _secrets_in_text(token: str, nested: bool) -> Iterator[str]:
    value = token.partition("=")[2] if token.startswith("-") and "=" in token else token
    for text in (token, value):
        named = _NAME_AND_VALUE.fullmatch(text)
        if named and is_secret_name(named.group(1)):
            yield named.group(2)
    for credentials in _USER_IN_URL.findall(token):
        yield from credentials
    if "{" in value or "[" in value:
        yield from _secrets_in_json(value, depth=0)
    if not nested and len(token.split()) > 1:
        for secrets in _secrets_by_item(token.split(), nested=True):
            yield from secrets


def _secrets_in_json(text: str, depth: int) -> Iterator[str]:
    document = read_value(text)
    if document is None:
        for name, rest in _IN_BROKEN_JSON.findall(text[:100_000]):
            if is_secret_name(name):
                yield from _parts(rest)
            elif depth < _DEEPEST:
                yield from _secrets_in_json(rest, depth + 1)
        return
    for value in _walk(document):
        yield value
        if depth < _DEEPEST and ("{" in value or "[" in value):
            yield from _secrets_in_json(value, depth + 1)
        # As it stands in the text.
        yield json.dumps(value)[1:-1]
        yield json.dumps(value, ensure_ascii=False)[1:-1]
        yield json.dumps(value)[1:-1].replace("/", "\\/")
        yield repr(value)[1:-1]
    if depth < _DEEPEST:
        for value in _texts(document):
            if "{" in value or "[" in value:
                yield from _secrets_in_json(value, depth + 1)


def read_value(text: str) -> Any:
    """The value of JSON, or of Python's notation, which users take for it; ``None`` if the text is neither."""
    for read in (json.loads, ast.literal_eval):
        try:
            return read(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
    return None


def _parts(rest: str) -> Iterator[str]:
    """What is behind the name of a secret in a text that cannot be read: all of it, and its words."""
    whole = rest.strip("\"'{}[]: ")
    words = (word for word in re.split(r"""[\s"',{}\[\]:]+""", rest) if len(word) >= _SHORTEST_PART)
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
