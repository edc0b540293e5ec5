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
from dataclasses import dataclass
from typing import Iterator, NamedTuple, Sequence

from ansible_collections.exoscale.cloud.plugins.module_utils._engine_parameters_help import (
    BOOLEAN,
    ENUM,
    FLOAT,
    INTEGER,
    JSON,
    LIST,
    STRING,
    UNKNOWN,
    EngineHelp,
    HelpEntry,
    normalise,
)
from ansible_collections.exoscale.cloud.plugins.module_utils._engine_secrets import is_secret_flag

UNKNOWN_FLAG = "unknown_flag"
AMBIGUOUS_FLAG = "ambiguous_flag"
NOT_IN_VERSION = "not_in_version"
ABBREVIATION = "abbreviation"
WRONG_TYPE = "wrong_type"
NOT_ALLOWED = "not_allowed"
MISSING_VALUE = "missing_value"
BLANK = "blank"
STRAY = "stray"

ERROR = "error"
WARNING = "warning"

_NUMBER = re.compile(r"-\.?[0-9]", re.ASCII)
_FLAG_AND_BLANK = re.compile(r"(--?[A-Za-z][^\s=]*)\s")
_NAMED = re.compile(r"--?[A-Za-z]")
_LONG_FLAG = re.compile(r"--[A-Za-z]")
_WITH_SUFFIX = re.compile(r"\s*(?:[0-9]+(?:\.[0-9]+)?[kmgt]|[0-9]+[KMGT])\s*", re.ASCII)
#: Anything else might be a whole option, a secret one perhaps, that was taken for a value by mistake.
_SHOWABLE = re.compile(r"(?!--?[A-Za-z])[A-Za-z0-9_.,:%/+-]{0,60}", re.ASCII)
_LONGEST_SHOWN = 60
_MOST_SHOWN = 12
_MOST_NEAREST = 3


@dataclass(frozen=True)
class Finding:
    """What is wrong with one flag.

    ``flag`` is as the user wrote it, without a value, and empty for an item that belongs to none; ``kind`` is one of
    this file's words; ``message`` is a sentence; ``severity`` is ``warning`` where the engine may well take it.
    """

    flag: str
    kind: str
    message: str
    severity: str = ERROR


class _Match(NamedTuple):
    """What a flag can be. ``entry`` is ``None`` if it is nothing, or several, or one with rules of its own."""

    entry: HelpEntry | None
    kind: str = ""
    candidates: tuple[str, ...] = ()


def check(
    tokens: Sequence[str],
    help: EngineHelp | None,  # noqa: A002
    version: str,
    help_other: EngineHelp | None = None,
    version_other: str = "",
) -> list[Finding]:
    """
    :param help: the flags of ``version``, the engine version that will run; without it only the form is checked.
    :param help_other: the flags of another version, mostly of the one that runs now, and ``version_other`` its name.
    :returns: in the order of the tokens, each once.
    """
    known = help if help is not None else EngineHelp(complete=False)
    findings = _Check(tokens, known, version, help_other, version_other).run()
    return list(dict.fromkeys(findings))


class _Check:
    def __init__(
        self, tokens: Sequence[str], known: EngineHelp, version: str, other: EngineHelp | None, version_other: str
    ) -> None:
        self.tokens = tokens
        self.known = known
        self.version = version
        self.other = other
        self.version_other = version_other

    def run(self) -> Iterator[Finding]:
        position = 0
        while position < len(self.tokens):
            token = self.tokens[position]
            blank = _FLAG_AND_BLANK.match(token)
            if blank:
                yield self._blank(blank.group(1), position)
                position += 1
                while position < len(self.tokens) and not _begins_as_flag(self.tokens[position]):
                    position += 1
            elif _begins_as_flag(token):
                flag, has_value, value = token.partition("=")
                match = _resolve(flag, self.known)
                values = [value] if has_value else self._following(position + 1, flag, match)
                yield from self._check_option(flag, match, values, bool(has_value))
                position += 1 if has_value else 1 + len(values)
                if not has_value and self._hides_a_secret(flag, match, values, position):
                    yield Finding(
                        flag,
                        MISSING_VALUE,
                        f"The item after {_cut(flag)} begins with a dash, so that the engine takes it for a flag; if it"
                        f" is a value, write {_cut(flag)}=… as one item.",
                    )
                    position += 1
            else:
                yield self._stray(position)
                position += 1

    def _following(self, start: int, flag: str, match: _Match) -> list[str]:
        if "." in flag:
            # The engine takes whatever follows for the value; a known flag there was hardly meant so.
            following = [self.tokens[start]] if start < len(self.tokens) else []
            meant_as_flag = any(
                _begins_as_flag(token) and _resolve(token.partition("=")[0], self.known).entry for token in following
            )
            return [] if meant_as_flag else list(following)
        values: list[str] = []
        for token in self.tokens[start:]:
            blank = _FLAG_AND_BLANK.match(token)
            if blank:
                takes_one = not values and match.entry and match.entry.kind in (STRING, LIST, UNKNOWN)
                if not self.known or not takes_one or _resolve(blank.group(1), self.known).entry:
                    break
            elif _begins_as_flag(token):
                break
            values.append(token)
        return values

    def _hides_a_secret(self, flag: str, match: _Match, values: list[str], position: int) -> bool:
        if position >= len(self.tokens) or not _may_be_secret(flag, match, self.known):
            return False
        token = self.tokens[position]
        if not _begins_as_flag(token) or (values and _LONG_FLAG.match(token)):
            return False
        blank = _FLAG_AND_BLANK.match(token)
        following = _resolve(blank.group(1) if blank else token.partition("=")[0], self.known)
        return following.entry is None and not token.startswith("-O")

    def _blank(self, flag: str, position: int) -> Finding:
        return Finding(
            flag,
            BLANK,
            f"Item {position + 1} holds {_cut(flag)} and something behind a blank, and reaches the engine as one word;"
            f" write {_cut(flag)}=… or make it two items.",
        )

    def _stray(self, position: int) -> Finding:
        token = self.tokens[position]
        flag = "--" + token.partition("=")[0]
        if self.known.entry(normalise(flag)):
            return Finding("", STRAY, f"Item {position + 1} lacks its dashes: the flag is {_cut(normalise(flag))}.")
        if token.startswith("--"):
            message = f"Item {position + 1} is --, behind which the engine looks for no flags."
            return Finding("", STRAY, message, WARNING)
        return Finding("", STRAY, f"Item {position + 1} belongs to no flag.")

    def _check_option(self, flag: str, match: _Match, values: list[str], joined: bool) -> Iterator[Finding]:
        if match.entry is None or match.kind == ABBREVIATION:
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
                yield Finding(flag, WRONG_TYPE, f"{_cut(flag)} is a switch and takes no value.")
        elif not values:
            if entry.kind != UNKNOWN:
                hint = f"; a value that begins with a dash has to be joined: {_cut(flag)}=-…" if not joined else ""
                yield Finding(flag, MISSING_VALUE, f"{_cut(flag)} needs a value{hint}.")
        else:
            secret = _may_be_secret(flag, match, self.known)
            for value in values:
                finding = _check_value(flag, entry, value, secret)
                if finding:
                    yield finding

    def _check_dotted(self, flag: str, entry: HelpEntry, values: list[str]) -> Iterator[Finding]:
        if entry.kind in (INTEGER, FLOAT, ENUM, BOOLEAN):
            message = f"{_cut(flag)} sets a key of a JSON object, but {entry.flags[0]} takes {_kind_in_words(entry)}."
            yield Finding(flag, WRONG_TYPE, message)
        elif not values:
            yield Finding(flag, MISSING_VALUE, f"{_cut(flag)} needs a value.")

    def _check_flag(self, flag: str, match: _Match) -> Finding | None:
        shown = _cut(flag)
        if match.kind == ABBREVIATION:
            return Finding(
                flag,
                ABBREVIATION,
                f"{shown} is short for {match.candidates[0]}; write that, since the short form fails as soon as"
                " a second flag begins with it.",
                WARNING,
            )
        if match.kind == AMBIGUOUS_FLAG:
            several = ", ".join(match.candidates[:_MOST_SHOWN])
            return Finding(flag, AMBIGUOUS_FLAG, f"{shown} can be any of {several}.")
        if not match.kind or not self.known:
            return None
        severity = ERROR if self.known.complete else WARNING
        if self.other is not None and _resolve(flag, self.other)[:2] not in ((None, UNKNOWN_FLAG),):
            there = f", but {self.version_other} has it" if self.version_other else ", but another version has it"
            return Finding(flag, NOT_IN_VERSION, f"Engine version {self.version} has no flag {shown}{there}.", severity)
        nearest = " or ".join(_nearest(flag, self.known))
        hint = f"; the nearest that it has: {nearest}" if nearest else ""
        return Finding(flag, UNKNOWN_FLAG, f"Engine version {self.version} has no flag {shown}{hint}.", severity)


def _begins_as_flag(token: str) -> bool:
    if not token.startswith("-") or token in ("-", "--") or _NUMBER.match(token):
        return False
    # The engine takes what holds a blank and is no known flag for a value.
    return " " not in token or _NAMED.match(token) is not None


def _resolve(flag: str, known: EngineHelp) -> _Match:
    base = normalise(flag).partition(".")[0]
    if base.startswith("-O"):
        # The engine rewrites it, in every version in another way.
        return _Match(None)
    entry = known.entry(base) or known.implied_negations.get(base)
    if entry is None and base.startswith("--no-"):
        positive = known.entry("--" + base[5:])
        # What is no switch by its type may still be one that was described badly.
        entry = positive if positive and positive.kind in (STRING, UNKNOWN) else None
    if entry:
        return _Match(entry)
    if not base.startswith("--") and known.entry(base[:2]):
        # The value is attached, as in -qawq.
        return _Match(None)
    candidates = tuple(f for f in (*known.flags, *known.implied_negations) if f.startswith(base))
    if not candidates or base == "--":
        return _Match(None, UNKNOWN_FLAG)
    entries = [known.entry(candidate) or known.implied_negations[candidate] for candidate in candidates]
    if any(entry != entries[0] for entry in entries):
        return _Match(None, AMBIGUOUS_FLAG, candidates)
    return _Match(entries[0], ABBREVIATION, candidates)


def _nearest(flag: str, known: EngineHelp) -> list[str]:
    base = normalise(flag).partition(".")[0]
    return difflib.get_close_matches(base, [*known.flags, *known.implied_negations], n=_MOST_NEAREST)


def _may_be_secret(flag: str, match: _Match, known: EngineHelp) -> bool:
    spellings = [flag.replace("_", "-"), *match.candidates]
    if match.entry:
        spellings += match.entry.flags
    elif match.kind == UNKNOWN_FLAG:
        spellings += _nearest(flag, known)
    return any(is_secret_flag(spelling) for spelling in spellings)


def _check_value(flag: str, entry: HelpEntry, value: str, secret: bool) -> Finding | None:
    # Where a value may be left out, the engine takes the word None for that.
    if value in ("None", entry.default):
        return None
    shown = _cut(flag)
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


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"
