# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Takes out of a text what looks like a secret that nobody has learnt, since it stands behind the name of one."""

from __future__ import annotations

import re
from typing import NamedTuple

from .._engine.secret_names import PLACEHOLDER, is_secret_name

_NAME = re.compile(r"(?:(?<=\\)u00[0-9a-f]{2})?(?P<name>-{0,2}[A-Za-z_][\w.-]{0,100})")
_TWO_WORDS = re.compile(r"(?P<name>api key)", re.IGNORECASE)
_QUOTE = r"""(?:\\*["'`]|&(?:amp;)*(?:quot|apos|\#39|\#x27);|\\+u002[27]|%2[27])"""
#: What stands between a name and its value: a sign, tags, or the key of the other half of a pair.
_SIGN = (
    rf"(?:{_QUOTE}?\s*,\s*{_QUOTE}value{_QUOTE}\s*[:=]|=>|->|:=|:\s*[|>][-+]?|[=:,]|%3[AD]|(?:</?\w[^<>]{{0,60}}>\s*)+)"
)
_SCHEME = r"(?:(?i:bearer|basic|token|apikey|api-key|digest|negotiate)\s+)?"
_QUOTED = rf"{_QUOTE}(?:(?!{_QUOTE}).){{0,1000}}"
_VALUE = rf"(?:\[[^\]]{{0,1000}}|{_QUOTED}|[^\s,;'\"\])}}<>][^\s;'\"\])}}<>]{{0,500}})"
_FURTHER_ITEMS = rf"(?:{_QUOTE}\s*,\s*{_QUOTE}(?!-)(?:(?!{_QUOTE}).){{1,1000}})*"
_BEHIND = re.compile(
    rf"(?:\s(?P<verb>provided|is|was)\b)?(?P<quote>{_QUOTE})?\s*(?P<sign>{_SIGN})?\s*{_SCHEME}(?P<value>{_VALUE}{_FURTHER_ITEMS})",
    re.DOTALL,
)
#: A further word behind a flag that may take several.
_FURTHER_WORD = re.compile(r"\s+(?=\S*[0-9])(?=\S*[A-Za-z])[^\s'\",;-][^\s'\",;]{5,500}")
_STARTS_QUOTED = re.compile(rf"\[?\s*{_QUOTE}")
_EDGES = re.compile(rf"^(?:\[|\s|{_QUOTE})+|(?:\s|{_QUOTE})+$")
_FLAG = re.compile(r"--[a-z][a-z_-]*")
_MAY_BE_SECRET = re.compile(r"[A-Z0-9]|[^A-Za-z\s]{2}")
_RANDOM = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])\S{6,}")
#: A measurement, as in 'time to first token: 0.35 s'.
_NUMBER = re.compile(r"[0-9]{1,6}(?:\.[0-9]+)?[a-z%]{0,2}")
_LONG_WORD = 8
#: What stands behind the name of a secret in sentences.
_WORDS_OF_SENTENCES = re.compile(
    "authentication|authorization|available|credentials|deprecated|expired|forbidden|incorrect|invalid|missing|optional|"
    "provided|realm|rejected|required|requires|specified|supported|tokens?|unauthorized|undefined"
)
_NO_VALUES = ("", PLACEHOLDER, "None", "null", "true", "false")
_SIGNATURE = re.compile(r"(?<=signature=)[A-Za-z0-9+/=]{20,}")
_USER_IN_URL = re.compile(r"(?<=://)[^\s/@]{1,300}(?=@)")
#: Tokens that tell of themselves what they are.
_TOKEN = re.compile(r"\b(?:hf_[A-Za-z0-9]{20,}|sk-[A-Za-z0-9_-]{20,})")
_PRIVATE_KEY = re.compile(r"-----BEGIN [^-]{0,40}-----.{0,20000}?(?:-----END [^-]{0,40}-----|$)", re.DOTALL)


class _Found(NamedTuple):
    """A name and what stands behind it."""

    name: str
    sign: str
    value: str
    is_quoted: bool
    value_is_quoted: bool
    has_verb: bool


def without_named_values(text: str) -> str:
    """The text with a placeholder for what stands behind each name of a secret, whatever stands before the name."""
    for pattern in (_PRIVATE_KEY, _USER_IN_URL, _SIGNATURE, _TOKEN):
        text = pattern.sub(PLACEHOLDER, text)
    parts = []
    position = 0
    names = sorted((*_NAME.finditer(text), *_TWO_WORDS.finditer(text)), key=lambda found: found.start())
    for name in names:
        span = _secret_behind(text, name) if name.start() >= position else None
        if span is not None:
            begin, end = span
            parts += [text[position:begin], PLACEHOLDER]
            position = end
    return "".join([*parts, text[position:]])


def _secret_behind(text: str, name: re.Match[str]) -> tuple[int, int] | None:
    """Where the secret begins and ends that stands behind a name; ``None`` if there is none."""
    if not is_secret_name(name.group("name").replace(" ", "-")):
        return None
    behind = _BEHIND.match(text, name.end())
    if behind is None:
        return None
    value = behind.group("value")
    edge = _EDGES.match(value)
    start = behind.start("value") + (edge.end() if edge else 0)
    bare = _EDGES.sub("", value)
    value_is_quoted = _STARTS_QUOTED.match(value) is not None
    is_quoted = value_is_quoted and behind.group("quote") is not None
    sign, has_verb = (behind.group("sign") or "").strip(), behind.group("verb") is not None
    found = _Found(name.group("name"), sign, bare, is_quoted, value_is_quoted, has_verb)
    if not _is_secret(found):
        return None
    end = behind.end("value")
    further = None
    if found.name.startswith("-") and not found.sign:
        # A flag such as --api-key takes several values.
        while more := _FURTHER_WORD.match(text, end):
            further = end = more.end()
    return start, further if further is not None else start + len(bare)


def _is_secret(found: _Found) -> bool:
    value, sign = found.value, found.sign
    is_flag = found.name.startswith("-")
    if value in _NO_VALUES or value.lstrip("-").startswith("…"):
        return False
    if is_flag and sign in ("", ",") and _FLAG.fullmatch(value):
        return False
    is_assigned = sign not in ("", ",", ":")
    if is_assigned or (found.is_quoted and (sign == ":" or is_flag)):
        return True
    # A word may be just the next word of a sentence.
    if found.has_verb or (not is_flag and found.value_is_quoted):
        return _RANDOM.fullmatch(value.rstrip(".")) is not None
    if not is_flag and not found.value_is_quoted and _NUMBER.fullmatch(value):
        return False
    is_named = is_flag or sign == ":" or found.name.lower() == "bearer"
    looks_so = _MAY_BE_SECRET.search(value) or len(value) >= _LONG_WORD
    return bool(is_named and looks_so and not _WORDS_OF_SENTENCES.fullmatch(value.lower().rstrip(".,")))
