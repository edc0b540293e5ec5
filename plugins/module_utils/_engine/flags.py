# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the API's help endpoint knows about the flags of an inference engine version."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import Any, Iterable, NamedTuple

BOOLEAN = "boolean"
INTEGER = "integer"
FLOAT = "float"
ENUM = "enum"
STRING = "string"
JSON = "json"
LIST = "list"
UNKNOWN = "unknown"

#: Why a flag is not certainly one of the table.
UNKNOWN_FLAG = "unknown_flag"
AMBIGUOUS_FLAG = "ambiguous_flag"
ABBREVIATION = "abbreviation"
UNLISTED_NEGATION = "unlisted_negation"

#: The API does not say which types there are, so the usual other words for the same are understood, too.
_KINDS = {
    "boolean": BOOLEAN,
    "bool": BOOLEAN,
    "integer": INTEGER,
    "int": INTEGER,
    "float": FLOAT,
    "number": FLOAT,
    "double": FLOAT,
    "enum": ENUM,
    "choice": ENUM,
    "string": STRING,
    "str": STRING,
    "json": JSON,
    "object": JSON,
    "dict": JSON,
    "list": LIST,
    "array": LIST,
}
_FLAG = re.compile(r"--?[A-Za-z][A-Za-z0-9_-]*|-[0-9]", re.ASCII)
_BARE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*", re.ASCII)
#: As in list:string or list[int].
_LIST_OF = re.compile(r"(?:list|array)[:\[<(]\s*(\w+).*")
_SIZES_DESCRIBED = re.compile(r"\b1k\b|human-readable", re.IGNORECASE)
_SWITCH_WORDS = re.compile(r"--(?:(?:no|enable|disable)-)*")
_NO = "--no-"
#: The engine looks for these before it parses its command line, by rules of their own.
SPECIAL = ("--config", "--model", "--help", "-h")
#: What a short form such as -O2 sets, by the names that engines have given it.
_OPTIMIZATION = ("-O", "--optimization-level", "--compilation-config")


class HelpEntry(NamedTuple):
    """One parameter of the engine.

    ``flags`` are all its spellings, long ones with dashes; ``kind`` is ``type`` in the words of this collection,
    ``unknown`` if there is none for it; ``items`` is the kind of the items of a list.
    """

    name: str
    flags: tuple[str, ...]
    kind: str = UNKNOWN
    type: str = ""
    default: str | None = None
    allowed_values: tuple[str, ...] = ()
    section: str = ""
    description: str = ""
    items: str = UNKNOWN

    @property
    def has_several_stems(self) -> bool:
        """Whether it has long spellings of which one may mean the opposite of another, as ``--disable-x`` does."""
        long = [flag for flag in self.flags if flag.startswith("--")]
        return len({flag.replace(_NO, "--", 1) if flag.startswith(_NO) else flag for flag in long}) > 1

    @property
    def takes_sizes(self) -> bool:
        """Whether its description says that it takes integers such as ``8k`` and ``8K``."""
        return _SIZES_DESCRIBED.search(self.description) is not None

    def reads_as_json(self, value: str) -> bool:
        """Whether the engine certainly reads ``value`` as JSON; some flags of this type take plain text as well."""
        if self.kind != JSON:
            return False
        text = value.lstrip()
        return text.startswith("{") or (text.startswith("[") and self.is_list_by_default)

    @property
    def is_list_by_default(self) -> bool:
        """Whether a flag of JSON type takes a list, and not an object."""
        return (self.default or "").startswith("[")

    @property
    def kind_of_value(self) -> str:
        """The kind of one value, also of one of several."""
        return self.items if self.kind == LIST else self.kind

    @property
    def takes_text(self) -> bool:
        """Whether any word may be its value."""
        return self.kind in (STRING, LIST, UNKNOWN)


class Match(NamedTuple):
    """What a flag can be.

    ``entry`` is ``None`` if it is nothing, or several, or one with rules of its own; ``doubt`` says why it is not
    certainly that entry, in one of this file's words, or nothing.
    """

    entry: HelpEntry | None
    doubt: str = ""
    candidates: tuple[str, ...] = ()


class EngineHelp:
    """The flags of one engine version.

    ``complete`` is false if something in the API's answer was not understood: a flag may exist that is not here.
    """

    def __init__(self, entries: Iterable[HelpEntry] = (), complete: bool = True) -> None:
        self.entries: tuple[HelpEntry, ...] = tuple(entries)
        self.complete = complete
        self._numbers: dict[str, int] = {}
        disputed = set()
        for number, entry in enumerate(self.entries):
            for flag in entry.flags:
                if self._numbers.setdefault(flag, number) != number:
                    disputed |= {number, self._numbers[flag]}
        self._disputed: frozenset[int] = frozenset(disputed)
        self._matches: dict[str, Match] = {}
        #: ``--no-x`` of a switch ``--x``, where the help does not list it: it need not exist, but mostly does.
        self.implied_negations: dict[str, HelpEntry] = {
            _NO + flag[2:]: entry
            for entry in self.entries
            if entry.kind == BOOLEAN
            for flag in entry.flags
            if flag.startswith("--") and not flag.startswith(_NO) and _NO + flag[2:] not in self._numbers
        }
        #: The entries one of which a short form such as -O2 sets.
        self.optimizations = [self._numbers[flag] for flag in _OPTIMIZATION if flag in self._numbers]
        self._spellings = sorted([*self._numbers, *self.implied_negations])
        self._negation_numbers = self._number_negations()
        self._slots = self._make_slots()
        #: Whether short flags are listed at all; if not, there may be some that are not here.
        self.lists_short_flags = any(not flag.startswith("--") for flag in self._numbers)
        #: A parser with a flag such as ``-1`` takes no negative number for a value.
        self.has_numeric_flags = any(flag[1].isdigit() for flag in self._numbers)
        #: Whether the table tells which flags take several values; if not, any may.
        self.tells_lists = any(_type_of(entry.type)[0] == LIST for entry in self.entries)
        #: Whether the table tells which switches have an opposite; if not, any may.
        self.tells_negations = any(flag.startswith(_NO) for flag in self._numbers)

    def __bool__(self) -> bool:
        return bool(self.entries)

    @property
    def flags(self) -> Iterable[str]:
        """All listed spellings."""
        return self._numbers.keys()

    def entry(self, flag: str) -> HelpEntry | None:
        """
        :param flag: as :func:`normalise` returns it, without a dotted key.
        """
        number = self._numbers.get(flag)
        return None if number is None else self.entries[number]

    def number(self, flag: str) -> int | None:
        """The number of the entry that the flag certainly belongs to."""
        number = self._numbers.get(flag)
        if number is None:
            number = self._negation_numbers.get(flag)
        return None if number in self._disputed else number

    def resolve(self, flag: str) -> Match:
        """
        :param flag: as it is written, perhaps with a dotted key.
        """
        match = self._matches.get(flag)
        if match is None:
            match = self._matches[flag] = self._resolve(normalise(flag).partition(".")[0])
        return match

    def _resolve(self, base: str) -> Match:
        if base.startswith("-O"):
            # The engine rewrites it, in every version in another way.
            return Match(None)
        entry = self.entry(base)
        if entry:
            return Match(entry)
        entry = self.implied_negations.get(base)
        if entry is None and base.startswith(_NO):
            positive = self.entry(base.replace(_NO, "--", 1))
            # What is no switch by its type may still be one that was described badly, but a short form is likelier.
            is_described_badly = positive is not None and positive.kind in (STRING, UNKNOWN)
            entry = positive if is_described_badly and not self._beginning_with(base) else None
        if entry:
            return Match(entry, UNLISTED_NEGATION if self.tells_negations else "")
        if not base.startswith("--") and self.entry(base[:2]):
            # The value is attached, as in -qawq.
            return Match(None)
        candidates = self._beginning_with(base)
        if not candidates or base == "--":
            return Match(None, UNKNOWN_FLAG)
        entries = [self.entry(candidate) or self.implied_negations[candidate] for candidate in candidates]
        if any(each != entries[0] for each in entries):
            return Match(None, AMBIGUOUS_FLAG, candidates)
        return Match(entries[0], ABBREVIATION, candidates)

    def _beginning_with(self, text: str) -> tuple[str, ...]:
        start = bisect_left(self._spellings, text)
        end = start
        while end < len(self._spellings) and self._spellings[end].startswith(text):
            end += 1
        return tuple(self._spellings[start:end])

    def slot(self, number: int) -> int:
        """Entries that might set the same value of the engine share a slot: their order counts."""
        return self._slots[number]

    def _number_negations(self) -> dict[str, int]:
        # If the engine knows no such negation, the flag might be an abbreviation of another one.
        return {
            flag: self._numbers[flag.replace(_NO, "--", 1)]
            for flag, following in zip(self._spellings, [*self._spellings[1:], ""])
            if flag in self.implied_negations and not following.startswith(flag)
        }

    def _make_slots(self) -> list[int]:
        slots = list(range(len(self.entries)))
        first_with: dict[str, int] = {}

        def root(number: int) -> int:
            while slots[number] != number:
                number = slots[number]
            return number

        for number, entry in enumerate(self.entries):
            traits = {_SWITCH_WORDS.sub("--", flag) for flag in entry.flags}
            if entry.name:
                traits.add(_SWITCH_WORDS.sub("--", "--" + entry.name.lstrip("-").replace("_", "-")))
            for trait in traits:
                slots[root(number)] = root(first_with.setdefault(trait, number))
        return [root(number) for number in range(len(slots))]


def normalise(flag: str) -> str:
    """``--a_b`` → ``--a-b``, as the engine does it: long flags only, and up to the first dot."""
    if not flag.startswith("--") or "_" not in flag:
        return flag
    head, dot, keys = flag.partition(".")
    return head.replace("_", "-") + dot + keys


def parse_help(payload: Any) -> EngineHelp:
    """
    :param payload: the list ``parameters`` of the help endpoint's answer; whatever in it has not the documented form is
        left out, so that less is known.
    """
    if not isinstance(payload, list):
        return EngineHelp(complete=False)
    entries = [entry for entry in map(_parse_entry, payload) if entry]
    return EngineHelp(entries, complete=all(map(_has_clear_flags, payload)))


def _parse_entry(raw: Any) -> HelpEntry | None:
    if not isinstance(raw, dict):
        return None
    name = _text(raw.get("name")).strip()
    flags = _parse_flags(raw.get("flags")) or _parse_flags([name])
    if not flags:
        return None
    kind_text = _text(raw.get("type")).strip().lower()
    kind, items = _type_of(kind_text)
    default = raw.get("default")
    if isinstance(default, str) and default.startswith("[") and kind in (INTEGER, FLOAT, ENUM, STRING):
        # The type of its items was given as the type of the list.
        kind = LIST
    return HelpEntry(
        name=name,
        flags=flags,
        kind=kind,
        type=kind_text,
        default=default if isinstance(default, str) else None,
        allowed_values=_parse_allowed(raw.get("allowed-values")),
        section=_text(raw.get("section")),
        description=_text(raw.get("description")),
        items=items,
    )


def _type_of(text: str) -> tuple[str, str]:
    """The kind that a type names, and that of its items."""
    list_of = _LIST_OF.fullmatch(text)
    return (LIST, _KINDS.get(list_of.group(1), UNKNOWN)) if list_of else (_KINDS.get(text, UNKNOWN), UNKNOWN)


def _has_clear_flags(raw: Any) -> bool:
    flags = raw.get("flags") if isinstance(raw, dict) else None
    return isinstance(flags, list) and bool(flags) and all(_parse_flags([flag]) for flag in flags)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _parse_flags(raw: Any) -> tuple[str, ...]:
    flags = []
    for item in raw if isinstance(raw, list) else []:
        text = _text(item).strip()
        if _BARE_NAME.fullmatch(text):
            text = "--" + text
        if _FLAG.fullmatch(text):
            flags.append(normalise(text))
    return tuple(dict.fromkeys(flags))


def _parse_allowed(raw: Any) -> tuple[str, ...]:
    if not isinstance(raw, list) or not all(isinstance(item, (str, int)) for item in raw):
        return ()
    return tuple(str(item) for item in raw)
