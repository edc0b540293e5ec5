# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with the engine's command line, one mistake at a time."""

from __future__ import annotations

import re
from typing import NamedTuple

from .secret_names import is_secret_name
from .secrets import conceal

WRONG_TYPE = "wrong_type"
NOT_ALLOWED = "not_allowed"
MISSING_VALUE = "missing_value"
SPACE_INSIDE = "space"
STRAY = "stray"
ONE_DASH = "one_dash"
ODD_DASH = "odd_dash"

ERROR = "error"
WARNING = "warning"

_BEFORE_A_FLAG = re.compile(r"\s+(?=--?[A-Za-z])")
_FLAG_AND_REST = re.compile(r"(--?[A-Za-z][^\s=]*)\s*=?(.*)", re.DOTALL)
#: Another one may be a value that begins with a dash.
_PLAUSIBLE_FLAG = re.compile(r"--[a-z][a-z_-]*(?:\.[a-z_.-]*)?|-[a-z]{1,4}")
_LONGEST_SHOWN = 60
_LONGEST_ADVICE = 300


class Finding(NamedTuple):
    """What is wrong with one flag.

    ``flag`` is as the user wrote it, without a value, and empty for an item that belongs to none; ``kind`` is one of
    this file's words; ``message`` is a sentence; ``severity`` is ``warning`` where the engine may well take it.
    """

    flag: str
    kind: str
    message: str
    severity: str = ERROR


def shown(flag: str) -> str:
    """The flag as it may be shown: what a user takes for one may hold a secret, as in ``--api-key:abc``."""
    (text,) = conceal([flag])
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"


def corrected(*items: str, may_be_secret: bool = False) -> str:
    """The items as they should be written, in full, unless there may be a secret in them.

    :param may_be_secret: a value is one, perhaps.
    """
    if may_be_secret or conceal(items) != list(items):
        items = tuple(_without_value(item) for item in items)
    text = " and ".join(items)
    return text if len(text) <= _LONGEST_ADVICE else text[:_LONGEST_ADVICE] + "…"


def segments(text: str) -> list[tuple[str, str]]:
    """The flags in a text of several items, each with all that stands behind it; what stands before has no flag."""
    found = []
    for segment in _BEFORE_A_FLAG.split(text.strip()):
        flag = _FLAG_AND_REST.fullmatch(segment)
        found.append((flag.group(1), _without_quotes(flag.group(2).strip())) if flag else ("", segment.strip()))
    return found


def _without_quotes(text: str) -> str:
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if is_quoted and text[0] not in text[1:-1] else text


def _without_value(item: str) -> str:
    flag, equals, _value = item.partition("=")
    if not _PLAUSIBLE_FLAG.fullmatch(flag):
        return "…"
    return shown(flag) + ("=…" if equals else "")


def is_secret_flag(*spellings: str) -> bool:
    """Whether one of the spellings is the name of a secret."""
    return any(is_secret_name(spelling) for spelling in spellings)
