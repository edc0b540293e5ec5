# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds secrets that the engine's command line may hold, so that they are kept out of every output.

It finds rather too much than too little: what is hidden without need costs nothing but a look at the source.
"""

from __future__ import annotations

import re
from typing import Iterator, Sequence

from .command_line import OPTION, STRAY, split
from .secret_names import DASHES, PLACEHOLDER, is_secret_name

_NAME_AND_VALUE = re.compile(r"-{0,2}([A-Za-z][\w.-]*)\s*[=:]\s*(.+)", re.DOTALL)
_USER_IN_URL = re.compile(r"://(?:[^/\s:@]*:(.+)|([^/\s:@]{8,}))@", re.DOTALL)
#: An item, or a text of JSON, that is nothing but the value of such a header.
_SCHEME_AND_VALUE = re.compile(
    r"""(?:^|[=:"'])\s*(?i:bearer|basic|token|apikey|api-key|digest|negotiate)\s+([^\s"',]{6,})\s*(?:$|["',])"""
)
_LOOKS_RANDOM = re.compile(r"(?=.*[A-Za-z])(?:.*[0-9]|.+[A-Z])")
#: The shortest beginning of --api-key that no other name has to be; the engine takes it where no other flag begins so.
_SHORTEST_FLAG = "--api"
#: Other short flags than those of the engine, such as -sk123, may be a value that begins with a dash.
_PLAUSIBLE_FLAG = re.compile(r"--(?![^=.]*[0-9]{4})[a-z][a-z0-9_-]*(?:[=.].*)?|-[a-z]{1,4}(?:=.*)?|-O.*", re.DOTALL)


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
    tokens = [re.sub(DASHES, _plain_dashes, token) for token in tokens]
    found: list[set[str]] = [set() for _token in tokens]
    follows_secret_flag = False
    for group in split(tokens, None):
        items = range(group.position, group.position + group.length)
        if group.form == STRAY:
            if follows_secret_flag:
                found[group.position].add(tokens[group.position])
        elif group.form == OPTION and follows_secret_flag and not _PLAUSIBLE_FLAG.fullmatch(tokens[group.position]):
            found[group.position].add(tokens[group.position])
        else:
            secret = group.flag == _SHORTEST_FLAG or is_secret_name(group.flag)
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
    yield from filter(_LOOKS_RANDOM.match, _SCHEME_AND_VALUE.findall(token))
    for credentials in _USER_IN_URL.findall(token[: token.rfind("@") + 1]):
        yield from credentials
    if "{" in value or "[" in value:
        # Imported where there is JSON: a module compiles whatever it imports, each time it starts.
        from .secrets_in_json import secrets_in_json

        yield from secrets_in_json(value)
    if not nested and len(token.split()) > 1:
        for secrets in _secrets_by_item(token.split(), nested=True):
            yield from secrets
