# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a flag of the engine takes a value."""

from __future__ import annotations

import json
import re
from typing import Callable

from .finding import ERROR, NOT_ALLOWED, WARNING, WRONG_TYPE, Finding, shown
from .flags import BOOLEAN, ENUM, FLOAT, INTEGER, JSON, HelpEntry

_NONE = "None"
_SIZE = re.compile(r"\s*(?:[0-9]+(?:\.[0-9]+)?[kmgt]|[0-9]+[KMGT])\s*", re.ASCII)
_SIZE_OUTSIDE_TEXT = re.compile(r'("(?:[^"\\]|\\.)*")|\b[0-9]+(?:\.[0-9]+)?[kKmMgGtT]\b', re.ASCII)
#: Anything else might be a whole option, a secret one perhaps, that was taken for a value by mistake.
_SHOWABLE = re.compile(r"(?!--?[A-Za-z])[A-Za-z0-9_.,:%/+-]{0,60}", re.ASCII)
#: How Python shows a value that no command line has in this form.
_PYTHON_SHOWN = ("[", "(", "{", "<", "'", '"')
_MOST_SHOWN = 12
_LONGEST_SEARCHED = 4000


def check_value(
    flag: str, entry: HelpEntry, value: str, is_secret: Callable[[], bool], *, sizes_are_told: bool
) -> Finding | None:
    """
    :param flag: as the user wrote it.
    :param is_secret: tells whether the value may be a secret.
    :param sizes_are_told: whether the table tells which integers may be written as 8k or 8K.
    """
    is_choice = entry.kind != JSON and bool(entry.allowed_values)
    is_default = value == entry.default
    # A default of None need not be a value that the engine takes.
    if is_default and value != _NONE and not value.startswith(_PYTHON_SHOWN):
        return None
    severity = ERROR if value and not is_default else WARNING
    if is_choice:
        if value == _NONE and (is_default or value in entry.allowed_values):
            message = f"{shown(flag)} has None in its table, but the engine refuses that word: leave the flag out."
            return Finding(flag, NOT_ALLOWED, message, WARNING)
        if _is_allowed(value, entry.allowed_values):
            return None
        if _as_word(value) in map(_as_word, entry.allowed_values):
            # Some flags take no notice of upper case and dashes, and the table does not tell which.
            severity = WARNING
        allowed = ", ".join(entry.allowed_values[:_MOST_SHOWN])
        more = ", …" if len(entry.allowed_values) > _MOST_SHOWN else ""
        what = _what(value, is_secret)
        return Finding(flag, NOT_ALLOWED, f"{what} of {shown(flag)} is none of {allowed}{more}.", severity)
    doubt = _doubt(value, entry, sizes_are_told)
    if not doubt:
        return None
    severity = WARNING if doubt != ERROR else severity
    wanted = doubt if doubt not in (ERROR, WARNING) else kind_in_words(entry)
    message = f"{_what(value, is_secret)} of {shown(flag)} is not {wanted}."
    return Finding(flag, WRONG_TYPE, message, severity)


def _what(value: str, is_secret: Callable[[], bool]) -> str:
    return "The value" if not _SHOWABLE.fullmatch(value) or is_secret() else f"The value {value!r}"


def kind_in_words(entry: HelpEntry) -> str:
    """What a flag takes of which not every value is right, inside a sentence."""
    return {
        INTEGER: "an integer",
        FLOAT: "a number",
        JSON: "valid JSON",
        ENUM: "one of a few words",
        BOOLEAN: "no value",
    }[entry.kind_of_value]


def _as_word(value: str) -> str:
    return value.lower().replace("-", "_")


def _is_allowed(value: str, allowed: tuple[str, ...]) -> bool:
    if value in allowed:
        return True
    for read in (int, float):
        if all(_converts(read, each) for each in allowed):
            return _converts(read, value) and read(value) in map(read, allowed)
    return False


def _doubt(value: str, entry: HelpEntry, sizes_are_told: bool) -> str:
    """``error`` if the value is none of the kind, ``warning`` if the engine may take it all the same, or nothing.

    Or, for a warning, what the value is not.
    """
    kind = entry.kind_of_value
    if kind == INTEGER:
        return _doubt_of_integer(value, entry, sizes_are_told)
    if kind == FLOAT:
        return "" if _converts(float, value) else ERROR
    if kind == JSON:
        return _doubt_of_json(value, entry)
    return ""


def _doubt_of_integer(value: str, entry: HelpEntry, sizes_are_told: bool) -> str:
    if _converts(int, value):
        return ""
    if value == _NONE:
        return WARNING
    if _SIZE.fullmatch(value):
        return "" if entry.takes_sizes else ERROR if sizes_are_told else WARNING
    # Only some flags take a word such as auto, and only the description can tell which.
    described = value.isalpha() and re.search(rf"\b{value}\b", entry.description, re.IGNORECASE) is not None
    return "" if described else ERROR


def _doubt_of_json(value: str, entry: HelpEntry) -> str:
    if _converts(json.loads, value):
        # Most flags of this type take nothing else, and the table does not tell which do.
        return "" if entry.kind != JSON or entry.reads_as_json(value) else "a JSON object"
    if not value.lstrip().startswith("{"):
        # Some flags of this type take plain text as well, and the table does not tell which.
        return WARNING
    if len(value) > _LONGEST_SEARCHED:
        return ERROR
    # Newer engines take numbers such as 8k inside an object.
    with_numbers = _SIZE_OUTSIDE_TEXT.sub(lambda found: found.group(1) or "1", value)
    return WARNING if with_numbers != value and _converts(json.loads, with_numbers) else ERROR


def _converts(read: type | object, value: str) -> bool:
    try:
        read(value)  # type: ignore[operator]
    except RecursionError:
        return True
    except ValueError:
        return False
    return True
