# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Takes the engine's command line apart into flags and their values, the one way for comparison, check and secrets.

It divides as a reader would who wants to know what was meant; whoever needs certainty looks at what was divided.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, Sequence

if TYPE_CHECKING:
    from .flags import EngineHelp

OPTION = "option"
#: An item that holds a flag and something behind a space. It reaches the engine as one word.
SPACE = "space"
#: An item that belongs to no flag.
STRAY = "stray"

_NUMBER = re.compile(r"-\.?[0-9]", re.ASCII)
_FLAG_AND_SPACE = re.compile(r"(--?[A-Za-z][^\s=]*)\s+")
_NAMED = re.compile(r"--?[A-Za-z]")


class Group(NamedTuple):
    """A flag with its values, or an item that belongs to none.

    ``flag`` is as it is written, without a value, and empty for a stray item; ``joined`` tells whether the value is
    in the same item behind ``=``; ``position`` and ``length`` count items.
    """

    position: int
    length: int
    form: str
    flag: str = ""
    joined: bool = False
    values: tuple[str, ...] = ()


def split(tokens: Sequence[str], known: EngineHelp | None) -> list[Group]:
    """
    :param known: the flags of the engine version, ``None`` if they do not matter.
    """
    groups = []
    position = 0
    while position < len(tokens):
        group = _group(tokens, position, known)
        groups.append(group)
        position += group.length
    return groups


def begins_as_flag(token: str) -> bool:
    """Whether the engine's parser looks for a flag in ``token``."""
    if not token.startswith("-") or token in ("-", "--") or _NUMBER.match(token):
        return False
    # The engine takes what holds a space and is no known flag for a value.
    return " " not in token or _NAMED.match(token) is not None


def _group(tokens: Sequence[str], position: int, known: EngineHelp | None) -> Group:
    token = tokens[position]
    spaced = _FLAG_AND_SPACE.match(token)
    if spaced:
        start = end = position + 1
        while end < len(tokens) and not begins_as_flag(tokens[end]):
            end += 1
        _flag, value = _FLAG_AND_SPACE.split(token, maxsplit=1)[1:]
        values = (value, *tokens[start:end])
        return Group(position, end - position, SPACE, spaced.group(1), values=values)
    if not begins_as_flag(token):
        return Group(position, 1, STRAY, values=(token,))
    flag, has_value, value = token.partition("=")
    if has_value:
        return Group(position, 1, OPTION, flag, joined=True, values=(value,))
    values = _following(tokens, position + 1, flag, known)
    return Group(position, 1 + len(values), OPTION, flag, values=values)


def _following(tokens: Sequence[str], start: int, flag: str, known: EngineHelp | None) -> tuple[str, ...]:
    if "." in flag:
        # The engine takes whatever follows for the value; a known flag there was hardly meant so.
        following = tuple(tokens[start:][:1])
        meant_as_flag = any(begins_as_flag(each) and _entry_of(each, known) for each in following)
        return () if meant_as_flag else following
    end = start
    while end < len(tokens):
        spaced = _FLAG_AND_SPACE.match(tokens[end])
        if spaced:
            if end > start or not known or not _takes_text(flag, known) or _entry_of(spaced.group(1), known):
                break
        elif begins_as_flag(tokens[end]):
            break
        end += 1
    return tuple(tokens[start:end])


def _takes_text(flag: str, known: EngineHelp) -> bool:
    entry = known.resolve(flag).entry
    return entry is not None and entry.takes_text


def _entry_of(token: str, known: EngineHelp | None) -> object:
    return known and known.resolve(token.partition("=")[0]).entry
