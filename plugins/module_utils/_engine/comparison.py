# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inference engine's command line: whether two lists of tokens configure the same.

A false 'the same' leaves a wrong configuration in place, a false 'different' costs one needless redeploy. So whatever
is not certain is left as it is: flags that are not known stay at their place and as they are spelt, and nothing is
moved across them, as they might be another spelling of what is moved.
"""

from __future__ import annotations

import json
import re
from typing import Any, Dict, List, NamedTuple, Sequence, Tuple, Union

from .command_line import OPTION, Group, split
from .flags import (
    BOOLEAN,
    ENUM,
    FLOAT,
    INTEGER,
    JSON,
    LIST,
    SPECIAL,
    STRING,
    EngineHelp,
    HelpEntry,
    normalise,
)

_SCALARS = (INTEGER, FLOAT, ENUM, STRING)
_NEGATIVE_INTEGER = re.compile(r"-[0-9]+", re.ASCII)
_NEGATIVE_NUMBER = re.compile(r"-[0-9]+(?:\.[0-9]+)?", re.ASCII)
_PLAIN_FLOAT = re.compile(r"-?(?:[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})(?:[eE][+-]?[0-9]{1,2})?", re.ASCII)
#: The engine takes these for no value, where a value may be left out.
_NO_VALUE = ("", "None")
#: Such as -O2 and -O=2, of which each version makes something else, at this place or at the end.
_SHORT_OPTIMIZATION = re.compile(r"-O(?:=[^.]+|[^.=]+)", re.DOTALL)
_WITH_SUFFIX = re.compile(r"\s*[0-9.]+[kKmMgGtT]\s*")


_AS_IT_IS = "as it is"


class _Unclear(Exception):
    """The command line cannot be taken apart with certainty."""


class _Option(NamedTuple):
    """A flag with its values.

    ``valid``: the engine certainly accepts the value, so that a later one can supersede it. ``keys``: the dotted path.
    """

    number: int
    meaning: tuple[str, ...]
    valid: bool = False
    keys: tuple[str, ...] = ()


_Slots = Dict[int, List[_Option]]
_Meaning = Union[Tuple[str, ...], Dict[int, Tuple[Tuple[int, Tuple[str, ...]], ...]]]


def same_meaning(current: Sequence[str], desired: Sequence[str], help: EngineHelp | None) -> bool:  # noqa: A002
    """Whether the engine is certainly configured the same by both lists.

    :param help: the flags of the engine version that both lists are for; ``None`` if they are not known.
    """
    if list(current) == list(desired):
        return True
    known = help if help is not None else EngineHelp()
    try:
        return _read(current, known) == _read(desired, known)
    except _Unclear:
        return False


def _read(tokens: Sequence[str], known: EngineHelp) -> list[_Meaning]:
    """
    :raises _Unclear: the tokens cannot be taken apart with certainty.
    """
    # The order of all that may set the same counts.
    optimizations = known.optimizations if any(token.startswith("-O") for token in tokens) else []
    together = {known.slot(number) for number in optimizations}
    slots: _Slots = {}
    stretches: list[_Slots | tuple[str, ...]] = [slots]
    for group in split(tokens, known):
        items = _certain_items(group, known)
        option = _understand(items, known)
        if option is None:
            slots = {}
            stretches += [tuple(items), slots]
        else:
            slot = known.slot(option.number)
            slots.setdefault(min(together) if slot in together else slot, []).append(option)
    certain = len(stretches) == 1
    return [
        stretch
        if isinstance(stretch, tuple)
        else {slot: _settle(options, known, certain) for slot, options in stretch.items()}
        for stretch in stretches
    ]


def _certain_items(group: Group, known: EngineHelp) -> list[str]:
    """The flag, normalised, perhaps with its value, and the items that the engine's parser takes for its values.

    :raises _Unclear: the engine's parser might take them otherwise.
    """
    flag, values = normalise(group.flag), group.values
    dotted = "." in flag
    if group.form != OPTION:
        raise _Unclear
    if group.joined:
        if " " in flag + values[0] and known.entry(normalise(flag.partition(".")[0])) is None:
            # The parser takes it for a value, perhaps for one of the flag before.
            raise _Unclear
        return [f"{flag}={values[0]}"]
    if " " in flag or (dotted and not values):
        raise _Unclear
    number = _NEGATIVE_NUMBER if dotted else _NEGATIVE_INTEGER
    may_be_negative = dotted or not known.has_numeric_flags
    if any(value.startswith("-") and not (may_be_negative and number.fullmatch(value)) for value in values):
        raise _Unclear
    if flag.startswith("-O") and len(values) > (1 if len(flag) == 2 else 0):
        # Some versions move what they make of -O to the end, so that a value behind it falls to the flag before.
        raise _Unclear
    return [flag, *values]


def _understand(items: list[str], known: EngineHelp) -> _Option | None:
    flag, has_value, value = items[0].partition("=")
    base, dot, path = flag.partition(".")
    if base.startswith("-O"):
        is_short = len(items) == 1 and _SHORT_OPTIMIZATION.fullmatch(items[0]) is not None
        return _Option(known.optimizations[0], (_AS_IT_IS, items[0])) if is_short and known.optimizations else None
    number = known.number(base)
    if number is None or base in SPECIAL:
        return None
    entry = known.entries[number]
    values = [value] if has_value else items[1:]
    if dot:
        if entry.kind != JSON:
            return _Option(number, ("dotted", base, path, values[0]), keys=tuple(path.split(".")))
        # A key that ends in + is given a list of texts.
        is_list = path.endswith("+")
        path = path[:-1] if is_list else path
        meaning = "j" + _CANONICAL.encode(values[0].split(",")) if is_list else _read_dotted(values[0])
        return _Option(number, ("dotted", base, path, meaning), keys=tuple(path.split(".")))
    if entry.kind == BOOLEAN and not has_value and not values:
        meaning = flag if entry.has_several_stems else "off" if flag.startswith("--no-") else "on"
        return _Option(number, (meaning,), valid=flag in entry.flags)
    if entry.kind == LIST and values:
        return _Option(number, ("items", *values))
    if entry.kind == JSON and len(values) == 1:
        canonical = _canonical_json(values[0]) if entry.reads_as_json(values[0]) else None
        return _Option(number, ("text", values[0]) if canonical is None else ("json", canonical))
    if entry.kind in _SCALARS and len(values) == 1:
        is_number = entry.kind == FLOAT and _PLAIN_FLOAT.fullmatch(values[0])
        meaning = repr(float(values[0])) if is_number else values[0]
        return _Option(number, ("value", meaning), valid=_is_valid(values[0], entry))
    return None


def _is_valid(value: str, entry: HelpEntry) -> bool:
    if value in _NO_VALUE:
        return False
    if entry.allowed_values:
        return value in entry.allowed_values and entry.kind != STRING
    # An integer may have to be one of a few, which the table need not say.
    return entry.kind == FLOAT and _PLAIN_FLOAT.fullmatch(value) is not None


def _settle(options: list[_Option], known: EngineHelp, certain: bool) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """What of the options of one slot counts, in the order in which it counts.

    :param certain: every flag of the whole command line is known.
    """
    last = options[-1]
    if (len(options) == 1 and not last.keys) or any(option.meaning[0] == _AS_IT_IS for option in options):
        return tuple((option.number, option.meaning) for option in options)
    of_one_entry = all(option.number == last.number for option in options)
    kind = known.entries[last.number].kind
    joined = _with_lists_joined(options) if of_one_entry and kind == JSON else options
    if of_one_entry and kind == JSON and _are_independent(joined):
        merged = _merge(joined) if certain else None
        if merged is not None:
            return ((last.number, ("json", merged)),)
        options = sorted(joined)
    elif of_one_entry and not last.keys and (kind in _SCALARS or kind == BOOLEAN):
        options = [option for option in options[:-1] if option.keys or not _is_superseded(option, last, kind)] + [last]
    elif of_one_entry and kind == JSON and not any(option.keys for option in options):
        options = [option for option in options[:-1] if option.meaning != last.meaning] + [last]
    return tuple((option.number, option.meaning) for option in options)


def _is_superseded(option: _Option, last: _Option, kind: str) -> bool:
    """Whether the engine comes to the same without ``option``: the last one wins, or both are refused.

    A flag that takes text may collect what it is given.
    """
    return option.valid or (kind != STRING and option.meaning == last.meaning)


def _with_lists_joined(options: list[_Option]) -> list[_Option]:
    """The same dotted keys; where several give a list to one path, the engine appends one to the other."""
    joined: list[_Option] = []
    lists: dict[tuple[str, ...], tuple[int, list[Any]]] = {}
    for option in options:
        if not option.keys or not option.meaning[3].startswith("j["):
            joined.append(option)
            continue
        path = (option.meaning[1], *option.keys)
        if path not in lists:
            lists[path] = (len(joined), [])
            joined.append(option)
        lists[path][1].extend(json.loads(option.meaning[3][1:]))
    for place, items in lists.values():
        joined[place] = joined[place]._replace(meaning=(*joined[place].meaning[:3], "j" + _CANONICAL.encode(items)))
    return joined


def _are_independent(options: list[_Option]) -> bool:
    """Whether all are dotted keys of one spelling, none of which touches what another one sets."""
    if not all(option.keys for option in options) or len({option.meaning[1] for option in options}) > 1:
        return False
    paths = {option.keys for option in options}
    inner = {path[:length] for path in paths for length in range(1, len(path))}
    return len(paths) == len(options) and not paths & inner


def _merge(options: list[_Option]) -> str | None:
    """The JSON that the engine makes of dotted keys; ``None`` if that depends on its version."""
    merged: dict[str, Any] = {}
    for option in options:
        form, text = option.meaning[3][0], option.meaning[3][1:]
        if form == "?":
            return None
        place = merged
        for key in option.keys[:-1]:
            place = place.setdefault(key, {})
        place[option.keys[-1]] = json.loads(text) if form == "j" else text
    try:
        return _CANONICAL.encode(merged)
    except RecursionError:
        return None


def _read_dotted(value: str) -> str:
    """``j`` and canonical JSON, ``s`` and a string, or ``?`` and what engine versions understand differently."""
    canonical = _canonical_json(value)
    if canonical is not None:
        return "j" + canonical
    try:
        json.loads(value)
    except RecursionError:
        return "?" + value
    except ValueError:
        pass
    else:
        return "?" + value
    try:
        int(value)
    except ValueError:
        return ("?" if _WITH_SUFFIX.fullmatch(value) else "s") + value
    return "?" + value


def _canonical_json(text: str) -> str | None:
    """The same text for the same value; ``1``, ``1.0`` and ``true`` stay apart. ``None`` if it is no strict JSON."""
    try:
        return _CANONICAL.encode(_STRICT.decode(text))
    except (ValueError, RecursionError):
        return None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    unique = dict(pairs)
    if len(unique) != len(pairs):
        raise ValueError
    return unique


def _refuse(constant: str) -> None:
    raise ValueError(constant)


_STRICT = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse)
_CANONICAL = json.JSONEncoder(sort_keys=True)
