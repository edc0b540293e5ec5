# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds mistakes in the inference engine's command line before the engine does.

What is said of a flag that may carry a secret, or of an item that belongs to no flag, never holds a value.
"""

from __future__ import annotations

import difflib
import json
import re
from functools import cached_property
from typing import Iterator, NamedTuple, Sequence

from .command_line import OPTION, SPACE, Group, begins_as_flag, split
from .flags import (
    ABBREVIATION,
    AMBIGUOUS_FLAG,
    BOOLEAN,
    ENUM,
    FLOAT,
    INTEGER,
    JSON,
    LIST,
    UNKNOWN,
    UNKNOWN_FLAG,
    EngineHelp,
    HelpEntry,
    Match,
    normalise,
)
from .secret_names import is_secret_name
from .secrets import conceal

WRONG_TYPE = "wrong_type"
NOT_ALLOWED = "not_allowed"
MISSING_VALUE = "missing_value"
SPACE_INSIDE = "space"
STRAY = "stray"

ERROR = "error"
WARNING = "warning"

_LONG_FLAG = re.compile(r"--[A-Za-z]")
_WITH_SUFFIX = re.compile(r"\s*(?:[0-9]+(?:\.[0-9]+)?[kmgt]|[0-9]+[KMGT])\s*", re.ASCII)
#: Anything else might be a whole option, a secret one perhaps, that was taken for a value by mistake.
_SHOWABLE = re.compile(r"(?!--?[A-Za-z])[A-Za-z0-9_.,:%/+-]{0,60}", re.ASCII)
_LONGEST_SHOWN = 60
_MOST_SHOWN = 12
_MOST_NEAREST = 3
#: Who has more unknown flags than these has not misspelt them, and to look for the nearest takes time.
_MOST_HINTS = 20


class Finding(NamedTuple):
    """What is wrong with one flag.

    ``flag`` is as the user wrote it, without a value, and empty for an item that belongs to none; ``kind`` is one of
    this file's words; ``message`` is a sentence; ``severity`` is ``warning`` where the engine may well take it.
    """

    flag: str
    kind: str
    message: str
    severity: str = ERROR


def check(tokens: Sequence[str], help: EngineHelp | None, version: str) -> list[Finding]:  # noqa: A002
    """
    :param help: the flags of ``version``, the engine version that will run; without it only the form is checked.
    :returns: in the order of the tokens, each once.
    """
    known = help if help is not None else EngineHelp(complete=False)
    return list(dict.fromkeys(_Check(tokens, known, version).run()))


class _Check:
    def __init__(self, tokens: Sequence[str], known: EngineHelp, version: str) -> None:
        self.tokens = tokens
        self.known = known
        self.version = version
        self._hints_left = _MOST_HINTS

    @cached_property
    def _secret_flags(self) -> list[str]:
        return [flag for flag in _flags_of(self.known) if is_secret_name(flag)]

    def run(self) -> Iterator[Finding]:
        groups = split(self.tokens, self.known)
        for number, group in enumerate(groups):
            if number and self._is_hidden_value(groups[number - 1], group):
                continue
            if group.form == SPACE:
                yield self._space(group)
            elif group.form == OPTION:
                match = self.known.resolve(group.flag)
                yield from self._check_option(group.flag, match, group.values, group.joined)
                following = groups[number + 1] if number + 1 < len(groups) else None
                if following and self._is_hidden_value(group, following):
                    yield Finding(
                        group.flag,
                        MISSING_VALUE,
                        f"The item after {_shown(group.flag)} begins with a dash, so that the engine takes it for a "
                        f"flag; if it is a value, write {_shown(group.flag)}=… as one item.",
                    )
            else:
                yield self._stray(group.position)

    def _is_hidden_value(self, group: Group, following: Group) -> bool:
        """Whether ``following`` may be the secret value of the flag of ``group``, which begins with a dash."""
        if group.form != OPTION or group.joined:
            return False
        token = self.tokens[following.position]
        if not begins_as_flag(token) or (group.values and _LONG_FLAG.match(token)):
            return False
        match = self.known.resolve(group.flag)
        if not self._may_be_secret(group.flag, match):
            return False
        return self.known.resolve(following.flag or token).entry is None and not token.startswith("-O")

    def _space(self, group: Group) -> Finding:
        return Finding(
            group.flag,
            SPACE_INSIDE,
            f"Item {group.position + 1} holds {_shown(group.flag)} and something behind a space, and reaches the "
            f"engine as one word; write {_shown(group.flag)}=… or make it two items.",
        )

    def _stray(self, position: int) -> Finding:
        token = self.tokens[position]
        flag = "--" + token.partition("=")[0]
        if self.known.entry(normalise(flag)):
            return Finding("", STRAY, f"Item {position + 1} lacks its dashes: the flag is {_shown(normalise(flag))}.")
        if token.startswith("--"):
            message = f"Item {position + 1} is --, behind which the engine looks for no flags."
            return Finding("", STRAY, message, WARNING)
        return Finding("", STRAY, f"Item {position + 1} belongs to no flag.")

    def _check_option(self, flag: str, match: Match, values: Sequence[str], joined: bool) -> Iterator[Finding]:
        if match.entry is None or match.doubt == ABBREVIATION:
            finding = self._check_flag(flag, match)
            if finding:
                yield finding
        entry = match.entry
        if entry is None:
            return
        if "." in flag:
            yield from self._check_dotted(flag, entry, values)
        elif entry.kind == BOOLEAN:
            if values:
                yield Finding(flag, WRONG_TYPE, f"{_shown(flag)} is a switch and takes no value.")
        elif not values:
            if entry.kind != UNKNOWN:
                hint = f"; a value that begins with a dash has to be joined: {_shown(flag)}=-…" if not joined else ""
                # Some lists may be empty, and a token may come from elsewhere.
                optional = entry.kind == LIST or self._may_be_secret(flag, match)
                severity = WARNING if optional else ERROR
                yield Finding(flag, MISSING_VALUE, f"{_shown(flag)} needs a value{hint}.", severity)
        else:
            secret = self._may_be_secret(flag, match)
            for value in values:
                finding = _check_value(flag, entry, value, secret)
                if finding:
                    yield finding

    def _check_dotted(self, flag: str, entry: HelpEntry, values: Sequence[str]) -> Iterator[Finding]:
        if entry.kind in (INTEGER, FLOAT, ENUM, BOOLEAN):
            message = f"{_shown(flag)} sets a key of a JSON object, but {entry.flags[0]} takes {_kind_in_words(entry)}."
            yield Finding(flag, WRONG_TYPE, message)
        elif not values:
            yield Finding(flag, MISSING_VALUE, f"{_shown(flag)} needs a value.")

    def _check_flag(self, flag: str, match: Match) -> Finding | None:
        shown = _shown(flag)
        if match.doubt == ABBREVIATION:
            return Finding(
                flag,
                ABBREVIATION,
                f"{shown} is short for {match.candidates[0]}; write that, since the short form fails as soon as"
                " a second flag begins with it.",
                WARNING,
            )
        if match.doubt == AMBIGUOUS_FLAG:
            several = ", ".join(match.candidates[:_MOST_SHOWN])
            return Finding(flag, AMBIGUOUS_FLAG, f"{shown} can be any of {several}.")
        if not match.doubt or not self.known:
            return None
        # A table that lists long flags only may lack short ones.
        may_lack_it = not self.known.complete or (not flag.startswith("--") and not self.known.lists_short_flags)
        severity = WARNING if may_lack_it else ERROR
        nearest = ""
        if self._hints_left:
            self._hints_left -= 1
            nearest = " or ".join(_nearest(flag, _flags_of(self.known)))
        hint = f"; the nearest that it has: {nearest}" if nearest else ""
        return Finding(flag, UNKNOWN_FLAG, f"Engine version {self.version} has no flag {shown}{hint}.", severity)

    def _may_be_secret(self, flag: str, match: Match) -> bool:
        spellings = [flag, *match.candidates]
        if match.entry:
            spellings += match.entry.flags
        if any(is_secret_name(spelling) for spelling in spellings):
            return True
        return match.doubt == UNKNOWN_FLAG and bool(_nearest(flag, self._secret_flags))


def _flags_of(known: EngineHelp) -> list[str]:
    return [*known.flags, *known.implied_negations]


def _nearest(flag: str, flags: Sequence[str]) -> list[str]:
    return difflib.get_close_matches(normalise(flag).partition(".")[0], flags, n=_MOST_NEAREST)


def _check_value(flag: str, entry: HelpEntry, value: str, secret: bool) -> Finding | None:
    # Where a value may be left out, the engine takes the word None for that.
    if value in ("None", entry.default):
        return None
    shown = _shown(flag)
    what = "The value" if secret or not _SHOWABLE.fullmatch(value) else f"The value {value!r}"
    severity = ERROR if value else WARNING
    if entry.kind != JSON and entry.allowed_values:
        if _is_allowed(value, entry):
            return None
        allowed = ", ".join(entry.allowed_values[:_MOST_SHOWN])
        more = ", …" if len(entry.allowed_values) > _MOST_SHOWN else ""
        return Finding(flag, NOT_ALLOWED, f"{what} of {shown} is none of {allowed}{more}.", severity)
    if _is_of_kind(value, entry):
        return None
    if entry.kind == JSON and not value.lstrip().startswith("{"):
        # Some flags of this type take plain text as well, and the table does not tell which.
        severity = WARNING
    return Finding(flag, WRONG_TYPE, f"{what} of {shown} is not {_kind_in_words(entry)}.", severity)


def _is_allowed(value: str, entry: HelpEntry) -> bool:
    if value in entry.allowed_values:
        return True
    try:
        return entry.kind in (INTEGER, FLOAT) and float(value) in map(float, entry.allowed_values)
    except ValueError:
        return False


def _is_of_kind(value: str, entry: HelpEntry) -> bool:
    try:
        if entry.kind == INTEGER:
            int(value)
        elif entry.kind == FLOAT:
            float(value)
        elif entry.kind == JSON:
            json.loads(value)
    except RecursionError:
        return True
    except ValueError:
        # Only some flags take 8k or a word such as auto, and only the description can tell which.
        if entry.kind != INTEGER:
            return False
        described = value.isalpha() and re.search(rf"\b{value}\b", entry.description) is not None
        return described or _WITH_SUFFIX.fullmatch(value) is not None
    return True


def _kind_in_words(entry: HelpEntry) -> str:
    return {
        INTEGER: "an integer",
        FLOAT: "a number",
        JSON: "valid JSON",
        ENUM: "one of a few words",
        BOOLEAN: "no value",
    }.get(entry.kind, "a " + entry.kind)


def _shown(flag: str) -> str:
    # What a user takes for a flag may hold a secret, as in --api-key:abc.
    (text,) = conceal([flag])
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"
