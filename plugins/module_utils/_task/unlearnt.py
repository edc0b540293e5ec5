# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Takes out of a text what looks like a secret that nobody has learnt, since it stands behind the name of one.

What it takes out of parameters is learnt, and with each secret what a server may name of it alone.
"""

from __future__ import annotations

import re
from typing import Iterable, Iterator, NamedTuple
from urllib.parse import unquote

from .._api.values import leaves
from .._engine.secret_names import PLACEHOLDER, is_secret_name

_NAME = re.compile(r"(?:(?<=\\)u00[0-9a-f]{2})?(?P<name>-{0,2}[A-Za-z_][\w.-]{0,100})")
_TWO_WORDS = re.compile(r"(?P<name>api key)", re.IGNORECASE)
_QUOTE = r"""(?:\\*["'`]|&(?:amp;)*(?:quot|apos|\#39|\#x27);|\\+u002[27]|%2[27])"""
#: What stands between a name and its value: a sign, tags, or the key of the other half of a pair.
_SIGN = (
    rf"(?:{_QUOTE}?\s*,\s*{_QUOTE}value{_QUOTE}\s*[:=]|=>|->|:=|:\s*[|>][-+]?|[=:,]|%3[AD]|(?:</?\w[^<>]{{0,60}}>\s*)+)"
)
_SCHEMES = "bearer|basic|token|apikey|api-key|digest|negotiate"
_SCHEME = rf"(?:(?i:{_SCHEMES})\s+)?"
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
    "authentication|authorization|available|credentials|default|deprecated|disabled|enabled|"
    "expired|forbidden|incorrect|invalid|missing|optional|"
    "provided|realm|rejected|required|requires|specified|supported|tokens?|unauthorized|undefined"
)
_NO_VALUES = ("", PLACEHOLDER, "None", "null", "true", "false")
_SIGNATURE = re.compile(r"(?:(?<![a-z])sig|signature)=(?P<secret>[\w%+/=-]{16,1000})", re.IGNORECASE)
_USER_IN_URL = re.compile(r"://(?P<secret>[^\s/@]{1,300})@")
#: Tokens that tell of themselves what they are.
_TOKEN = re.compile(r"\b(?P<secret>hf_[A-Za-z0-9]{20,}|sk-[A-Za-z0-9_-]{20,})")
_PRIVATE_KEY = re.compile(r"(?P<secret>-----BEGIN [^-]{0,40}-----.{0,20000}?(?:-----END [^-]{0,40}-----|$))", re.DOTALL)
_COOKIE_PAIR = r"[\w.-]{1,100}=[^\s;,\"'\\<>]{4,2000}"
_COOKIE = re.compile(rf"cookie\W{{1,9}}(?P<secret>{_COOKIE_PAIR}(?:;\s?{_COOKIE_PAIR}){{0,50}})", re.IGNORECASE)
_ELEMENT = re.compile(
    r"<(?P<name>[A-Za-z_][\w.:-]{0,100})(?:\s[^<>]{0,100})?>\s{0,9}(?P<secret>[^\s<>][^<>]{0,1000})<\\*/"
)
_PATTERNS = (_PRIVATE_KEY, _USER_IN_URL, _SIGNATURE, _TOKEN, _COOKIE, _ELEMENT)
_SCHEME_BEFORE = re.compile(rf"(?i:{_SCHEMES})(?:\s|%20)+")
#: Where a further name with its value begins.
_FURTHER_PAIR = re.compile(r"[&;,]\s*(?=[A-Za-z_][\w.-]{0,100}=)")
_NAMED = re.compile(r"\s*[\w.-]{1,100}=[^=]")
_AROUND = "\"'`\\[]{} \t\r\n"
#: What stands for a password where the user is the secret.
_NO_PASSWORDS = ("", "x-oauth-basic", "x", "X", "api_token")
#: A user as long as this is one that nobody has to type.
_LEAST_OF_USER = 16
#: A part of a secret that is shorter is a part of something else too often.
_LEAST = 6
_MOST_PARTS = 100
_LONGEST = 100_000


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
    return _taken_out(text)[0]


def learnable(secrets: Iterable[str], texts: Iterable[str] = ()) -> set[str]:
    """The secrets, those that would be taken out of the texts, and what a server may name alone of each.

    :param texts: parameters. There, other than in a sentence, a name stands for what it says.
    """
    found = set(secrets)
    for text in texts:
        for each in (text, *_texts_in_json(text)):
            found.update(filter(_is_uncommon, _taken_out(each[:_LONGEST])[1]))
    return {*found, *(part for secret in found for part in _alone(secret[:_LONGEST]))}


def _taken_out(text: str) -> tuple[str, list[str]]:
    """The text without its secrets, and these."""
    taken: list[str] = []

    def hide(found: re.Match[str]) -> str:
        if not is_secret_name(found.groupdict().get("name", "token")):
            return found.group()
        secret = found.group("secret")
        if found.re is _COOKIE:
            taken.extend(value for value in re.findall(r"=([^\s;]+)", secret) if _RANDOM.fullmatch(value))
        # A user alone may be an ordinary word.
        elif found.re is not _USER_IN_URL or ":" in secret:
            taken.append(secret)
        start, end = (place - found.start() for place in found.span("secret"))
        return found.group()[:start] + PLACEHOLDER + found.group()[end:]

    for pattern in _PATTERNS:
        text = pattern.sub(hide, text)
    parts = []
    position = 0
    names = sorted((*_NAME.finditer(text), *_TWO_WORDS.finditer(text)), key=lambda found: found.start())
    for name in names:
        span = _secret_behind(text, name) if name.start() >= position else None
        if span is not None:
            begin, end = span
            parts += [text[position:begin], PLACEHOLDER]
            taken.append(text[begin:end])
            position = end
    return "".join([*parts, text[position:]]), taken


def _is_uncommon(value: str) -> bool:
    """Whether a value is long enough, and neither a number nor a word of sentences: these stay readable."""
    is_common = re.fullmatch("[0-9.]{0,9}", value) or _WORDS_OF_SENTENCES.fullmatch(value.lower())
    return len(value) >= _LEAST and PLACEHOLDER not in value and not is_common


def _texts_in_json(text: str) -> list[str]:
    value = text.partition("=")[2] if text.startswith("-") and "=" in text else text
    if not value.lstrip().startswith(("[", "{")):
        return []
    # Imported where there is JSON: a module compiles whatever it imports, each time it starts.
    from .._engine.secrets_in_json import read_value

    return leaves(read_value(value))


def _alone(secret: str) -> Iterator[str]:
    """What a server may name alone of a secret: without quotes and scheme, without escapes, and each one of several."""
    for text in (secret, *filter(_is_uncommon, _texts_in_json(secret))):
        bare = _SCHEME_BEFORE.sub("", text.strip(_AROUND), count=1).strip(_AROUND)
        for value in (bare, unquote(bare)):
            yield value
            yield from filter(_is_uncommon, (part.strip(_AROUND) for part in _parts(value)))


def _parts(value: str) -> Iterator[str]:
    first, *further = _FURTHER_PAIR.split(value, maxsplit=1)
    if further:
        yield first
    user, colon, password = first.partition(":")
    if colon and not password.startswith("//"):
        yield password
        if password in _NO_PASSWORDS or len(user) >= _LEAST_OF_USER:
            yield user
    items = re.split("[,;&]", value, maxsplit=_MOST_PARTS)
    for item in items if len(items) > 1 else ():
        if not _NAMED.match(item):
            yield from (item,) if " " not in item.strip() else ()
        elif is_secret_name(item.partition("=")[0].strip()):
            yield item.partition("=")[2]
    words = re.split(r"[\s&#|,;]+", value, maxsplit=_MOST_PARTS)
    yield from (word for word in words if _RANDOM.fullmatch(word) and not _NAMED.match(word))


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
