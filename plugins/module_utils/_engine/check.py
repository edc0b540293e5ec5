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
from typing import Callable, Iterator, NamedTuple, Sequence

from .command_line import OPTION, SPACE, Group, begins_as_flag, split
from .finding import (
    ERROR,
    MISSING_VALUE,
    ODD_DASH,
    ONE_DASH,
    SPACE_INSIDE,
    STRAY,
    WARNING,
    WRONG_TYPE,
    Finding,
    corrected,
    is_secret_flag,
    segments,
    shown,
)
from .flags import (
    ABBREVIATION,
    AMBIGUOUS_FLAG,
    BOOLEAN,
    ENUM,
    FLOAT,
    INTEGER,
    JSON,
    LIST,
    SPECIAL,
    STRING,
    UNKNOWN,
    UNKNOWN_FLAG,
    UNLISTED_NEGATION,
    EngineHelp,
    HelpEntry,
    Match,
    normalise,
)
from .secret_names import DASHES, ODD_DASHES
from .value_check import check_value, kind_in_words

_LONG_FLAG = re.compile(r"--[A-Za-z]")
_ANY_DASH = re.compile(f"[{ODD_DASHES}]")
#: Of negative numbers, the engine's parser takes only integers for a value if they stand alone.
_NEGATIVE_INTEGER = re.compile(r"-[0-9]+", re.ASCII)
_NEGATIVE_NUMBER = re.compile(r"-\.?[0-9]\S*", re.ASCII)
_FLAG_INSIDE = re.compile(r"\s(--?[A-Za-z][\w.-]*)")
_OF_ONE_VALUE = (INTEGER, FLOAT, ENUM, STRING, JSON)
_MOST_SHOWN = 12
_MOST_NEAREST = 3
#: Who has more unknown flags than these has not misspelt them, and to look for the nearest takes time.
_MOST_HINTS = 20


class Predecessor(NamedTuple):
    """The engine version that runs before a change, and its flags."""

    version: str
    known: EngineHelp


def check(
    tokens: Sequence[str],
    help: EngineHelp | None,  # noqa: A002
    version: str,
    predecessor: Predecessor | None = None,
) -> list[Finding]:
    """
    :param help: the flags of ``version``, the engine version that will run; without it only the form is checked.
    :param predecessor: the version before, if it is another one, so that a flag that was dropped is told as such.
    :returns: in the order of the tokens, each once.
    """
    known = help if help is not None else EngineHelp()
    return list(dict.fromkeys(_Check(tokens, known, version, predecessor).run()))


class _Check:
    def __init__(self, tokens: Sequence[str], known: EngineHelp, version: str, predecessor: Predecessor | None) -> None:
        self.tokens = tokens
        self.known = known
        self.version = version
        self.predecessor = predecessor
        self._hints_left = _MOST_HINTS
        self._secrecy: dict[str, bool] = {}
        self._explained: set[int] = set()

    @cached_property
    def _secret_flags(self) -> list[str]:
        return [flag for flag in _flags_of(self.known) if is_secret_flag(flag)]

    @cached_property
    def _sizes_are_told(self) -> bool:
        return any(entry.takes_sizes for entry in self.known.entries)

    def run(self) -> Iterator[Finding]:
        groups = split(self.tokens, self.known)
        for number, group in enumerate(groups):
            if group.position in self._explained or (number and self._is_hidden_value(groups[number - 1], group)):
                continue
            if group.form == SPACE:
                yield self._space(group)
            elif group.form == OPTION:
                yield from self._option(group)
                following = groups[number + 1] if number + 1 < len(groups) else None
                if following and self._is_hidden_value(group, following):
                    yield Finding(
                        group.flag,
                        MISSING_VALUE,
                        f"The item after {shown(group.flag)} begins with a dash, so that the engine takes it for a "
                        f"flag; if it is a value, write {shown(group.flag)}=… as one item.",
                    )
            else:
                yield self._stray(groups, number)

    def _is_hidden_value(self, group: Group, following: Group) -> bool:
        """Whether ``following`` may be the secret value of the flag of ``group``, which begins with a dash."""
        if group.form != OPTION or group.joined:
            return False
        token = self.tokens[following.position]
        if not begins_as_flag(token) or (group.values and _LONG_FLAG.match(token)) or token.startswith("-O"):
            return False
        match = self.known.resolve(following.flag or token)
        if match.entry is not None or not match.doubt:
            return False
        return self._may_be_secret(group.flag, self.known.resolve(group.flag))

    def _space(self, group: Group) -> Finding:
        token = self.tokens[group.position]
        return Finding(
            group.flag,
            SPACE_INSIDE,
            f"Item {group.position + 1} holds {shown(group.flag)} and something behind a space, and reaches the "
            f"engine as one word; {self._how_to_split(token)}.",
        )

    def _how_to_split(self, token: str) -> str:
        items: list[str] = []
        secret = False
        for flag, rest in segments(token):
            match = self.known.resolve(flag)
            secret = secret or bool(flag and self._may_be_secret(flag, match))
            if not flag or (match.entry is not None and match.entry.kind == LIST and len(rest.split()) > 1):
                items += [flag, *rest.split()] if flag else rest.split()
            elif match.entry is not None and match.entry.kind == BOOLEAN:
                items.append(flag)
            else:
                items.append(f"{flag}={rest}" if rest else flag)
        write = corrected(*items, may_be_secret=secret)
        return f"write {write}, each as an item of its own" if len(items) > 1 else f"write {write}"

    def _stray(self, groups: Sequence[Group], number: int) -> Finding:
        position = groups[number].position
        token = self.tokens[position]
        name, equals, value = token.partition("=")
        flag = normalise("--" + name)

        def behind(meant: str) -> list[str]:
            return self._values_behind(meant, groups, number)

        if self.known.entry(flag):
            write = self._as_meant(flag, [value] if equals else behind(flag))
            return Finding("", STRAY, f"Item {position + 1} lacks its dashes: the flag is {write}.")
        odd = self._odd_dashes(token, position, behind)
        if odd:
            return odd
        if token.startswith("--"):
            message = f"Item {position + 1} is --, behind which the engine looks for no flags."
            return Finding("", STRAY, message, WARNING)
        if self._flags_inside(token):
            message = f"Item {position + 1} holds several items; {self._how_to_split(token)}."
            return Finding("", SPACE_INSIDE, message)
        return Finding("", STRAY, f"Item {position + 1} belongs to no flag.")

    def _values_behind(self, flag: str, groups: Sequence[Group], number: int) -> list[str]:
        """The values of a flag that the engine does not take for one; nothing more is said of them."""
        entry = self.known.resolve(flag).entry
        if entry is None or entry.kind == BOOLEAN:
            return []
        start = end = number + 1
        while end < len(groups) and groups[end].form == STRAY and (end == start or entry.kind == LIST):
            end += 1
        positions = [group.position for group in groups[start:end]]
        self._explained.update(positions)
        return [self.tokens[position] for position in positions]

    def _as_meant(self, flag: str, values: Sequence[str]) -> str:
        """A flag of the table with its values, as it should be written."""
        items = (f"{flag}={values[0]}",) if len(values) == 1 else (flag, *values)
        return corrected(*items, may_be_secret=bool(values) and self._may_be_secret(flag, self.known.resolve(flag)))

    def _odd_dashes(
        self, token: str, position: int, behind: Callable[[str], list[str]] = lambda _flag: []
    ) -> Finding | None:
        """The finding for a flag of the table that is written with dashes of a word processor.

        :param behind: the values of that flag in further items.
        """
        flag, equals, value = token.partition("=")
        if not _ANY_DASH.search(flag):
            return None
        for plain in (_ANY_DASH.sub("-", flag), "--" + _ANY_DASH.sub("-", re.sub(DASHES, "", flag))):
            match = self.known.resolve(plain)
            if plain.startswith("-") and match.entry is not None and not match.doubt:
                write = self._as_meant(plain, [value] if equals else behind(plain))
                message = (
                    f"Item {position + 1} has a dash that is no hyphen, which word processors make: write {write}."
                )
                return Finding(plain, ODD_DASH, message)
        return None

    def _option(self, group: Group) -> Iterator[Finding]:
        flag, values = group.flag, group.values
        match = self.known.resolve(flag)
        dashes = self._one_dash(group, match) or self._odd_dashes(self.tokens[group.position], group.position)
        if dashes:
            yield dashes
            return
        if match.entry is None or match.doubt:
            finding = self._check_flag(flag, match)
            if finding:
                yield finding
        several = False
        for place, value in enumerate(values, start=group.position + (0 if group.joined else 1)):
            if "." in flag:
                continue
            odd = None if group.joined else self._odd_dashes(value, place)
            if odd:
                yield odd
            elif self._flags_inside(_behind_json(value)):
                several = True
                token = self.tokens[place]
                message = f"Item {place + 1} holds several items; {self._how_to_split(token)}."
                yield Finding(flag, SPACE_INSIDE, message)
        if match.entry is not None and not several:
            yield from self._check_values(group, match, match.entry)

    def _one_dash(self, group: Group, match: Match) -> Finding | None:
        """The finding for a long flag of the table with one dash."""
        flag = group.flag
        if flag.startswith("--") or len(flag) <= 2 or (match.entry is not None and not match.doubt):
            return None
        long = "-" + flag
        entry = self.known.resolve(long).entry
        if entry is None or normalise(long).partition(".")[0] not in (*entry.flags, *self.known.implied_negations):
            return None
        return Finding(flag, ONE_DASH, f"{shown(flag)} lacks a dash: write {self._as_meant(long, group.values)}.")

    def _flags_inside(self, text: str) -> bool:
        """Whether flags of the table stand behind spaces in a text, which is then more than one item."""
        return any(
            self.known.entry(normalise(flag).partition(".")[0]) is not None for flag in _FLAG_INSIDE.findall(text)
        )

    def _check_values(self, group: Group, match: Match, entry: HelpEntry) -> Iterator[Finding]:
        flag, values = group.flag, group.values
        if "." in flag:
            yield from self._check_dotted(flag, entry, values)
        elif entry.kind == BOOLEAN:
            if values:
                yield Finding(flag, WRONG_TYPE, f"{shown(flag)} is a switch and takes no value.")
        elif not values:
            if entry.kind != UNKNOWN:
                hint = f"; a value that begins with a dash has to be joined: {shown(flag)}=-…"
                # Some lists may be empty, and a token may come from elsewhere.
                optional = entry.kind == LIST or self._may_be_secret(flag, match)
                severity = WARNING if optional else ERROR
                yield Finding(flag, MISSING_VALUE, f"{shown(flag)} needs a value{hint}.", severity)
        else:

            def is_secret() -> bool:
                return self._may_be_secret(flag, match)

            checked = values[:1] if entry.kind in _OF_ONE_VALUE else values
            for value in checked:
                finding = check_value(flag, entry, value, is_secret, sizes_are_told=self._sizes_are_told)
                if finding:
                    yield finding
                elif not group.joined and _must_be_joined(value):
                    write = corrected(f"{flag}={value}", may_be_secret=is_secret())
                    yield Finding(
                        flag,
                        MISSING_VALUE,
                        f"{shown(flag)} needs its value in the same item, since it begins with a dash: write {write}.",
                    )
            if len(checked) < len(values):
                place = group.position + 2 + len(checked)
                message = f"{shown(flag)} takes one value, so that item {place}, behind it, belongs to no flag."
                severity = ERROR if self.known.tells_lists else WARNING
                yield Finding(flag, STRAY, message, severity)

    def _check_dotted(self, flag: str, entry: HelpEntry, values: Sequence[str]) -> Iterator[Finding]:
        if entry.kind in (INTEGER, FLOAT, ENUM, BOOLEAN):
            message = f"{shown(flag)} sets a key of a JSON object, but {entry.flags[0]} takes {kind_in_words(entry)}."
            yield Finding(flag, WRONG_TYPE, message)
        elif not values:
            yield Finding(flag, MISSING_VALUE, f"{shown(flag)} needs a value.")

    def _check_flag(self, flag: str, match: Match) -> Finding | None:
        if match.doubt == ABBREVIATION:
            return Finding(
                flag,
                ABBREVIATION,
                f"{shown(flag)} is short for {match.candidates[0]}; write that, since the short form fails as soon as"
                " a second flag begins with it.",
                WARNING,
            )
        if not match.doubt or not self.known:
            return None
        if match.doubt == UNLISTED_NEGATION:
            message = f"{shown(flag)} may not exist: the table lists the flag without --no-, and no opposite of it."
            return Finding(flag, UNKNOWN_FLAG, message, WARNING)
        # A table that lists long flags only may lack short ones, and need not list what the engine looks for before.
        may_lack_it = not self.known.complete or (not flag.startswith("--") and not self.known.lists_short_flags)
        may_lack_it = may_lack_it or normalise(flag) in SPECIAL
        severity = WARNING if may_lack_it else ERROR
        if match.doubt == AMBIGUOUS_FLAG:
            # An opposite that is not listed may not exist, so that one is left.
            if any(candidate in self.known.implied_negations for candidate in match.candidates):
                severity = WARNING
            several = ", ".join(match.candidates[:_MOST_SHOWN])
            return Finding(flag, AMBIGUOUS_FLAG, f"{shown(flag)} can be any of {several}.", severity)
        hints = ""
        if self._hints_left:
            self._hints_left -= 1
            hints = " or ".join(_nearest(flag, _flags_of(self.known)))
        hint = f"the nearest that it has: {hints}" if hints else "the module ai_engine_parameter_info lists its flags"
        any_more = self._was_there_before(flag)
        message = f"Engine version {self.version} has no flag {shown(flag)}{any_more}; {hint}."
        return Finding(flag, UNKNOWN_FLAG, message, severity)

    def _was_there_before(self, flag: str) -> str:
        if self.predecessor is None:
            return ""
        before = self.predecessor.known.resolve(flag)
        if before.entry is None or before.doubt:
            return ""
        return f" any more, which {self.predecessor.version} has and the new version has dropped"

    def _may_be_secret(self, flag: str, match: Match) -> bool:
        if flag not in self._secrecy:
            self._secrecy[flag] = self._looks_secret(flag, match)
        return self._secrecy[flag]

    def _looks_secret(self, flag: str, match: Match) -> bool:
        spellings = [flag, *match.candidates]
        if match.entry:
            spellings += match.entry.flags
        if is_secret_flag(*spellings):
            return True
        return match.doubt == UNKNOWN_FLAG and bool(_nearest(flag, self._secret_flags))


def _behind_json(text: str) -> str:
    """What follows JSON in a text; all of a text that begins with no bracket, and nothing of broken JSON."""
    if not text.startswith(("{", "[")):
        return text
    try:
        _value, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return ""
    return text[end:]


def _must_be_joined(value: str) -> bool:
    return _NEGATIVE_NUMBER.fullmatch(value) is not None and not _NEGATIVE_INTEGER.fullmatch(value)


def _flags_of(known: EngineHelp) -> list[str]:
    return [*known.flags, *known.implied_negations]


def _nearest(flag: str, flags: Sequence[str]) -> list[str]:
    dashes = "--" if flag.startswith("--") else "-"
    alike = [each for each in flags if each.startswith(dashes)]
    return difflib.get_close_matches(normalise(flag).partition(".")[0], alike, n=_MOST_NEAREST)
