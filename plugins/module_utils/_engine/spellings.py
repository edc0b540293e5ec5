# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The spellings that quoting, escaping, encoding and folding give a text, as one regular expression."""

from __future__ import annotations

import re

_SPACE = (
    r"(?:\s|\\+[tnrfv]|\\+x(?:0[9a-d]|20|85|a0)|\\+u(?:00(?:0[9a-d]|20|85|a0)|1680|20(?:0[0-9a]|2[89f]|5f)|3000)"
    r"|%(?:25)*(?:0[9a-d]|20|a0|85|c2|e2|e3|80|8[0-9a]|a[89f]|81|9f)|\+"
    r"|&(?:#0*(?:9|10|13|32|160)|#x0*(?:9|a|d|20|a0)|nbsp|Tab|NewLine);)"
)
#: Of a longer text, what is behind so many characters is not told apart.
_LONGEST_BEGINNING = 40
#: What a regular expression takes for an i, without regard to case.
_LIKE_I = {0x130: "i", 0x131: "i"}
#: What a form makes of it, and the alphabet of base64 for URLs.
_IN_OTHER_ALPHABETS = {"+": (r"\s", "-"), "/": ("_",)}
_ENTITIES = {'"': "quot", "&": "amp", "<": "lt", ">": "gt", "'": "apos"}


def any_spelling_of(text: str) -> str:
    """A pattern, to be used without regard to case, that matches ``text`` however it was written into another one.

    Knows the escapes of JSON, Python and URLs, several times over, HTML entities, folded white space, and UTF-8 that
    was read as Latin-1.
    """
    return "".join(
        _SPACE + "+" if part.isspace() else "".join(map(_any, part)) for part in re.split(r"(\s+)", text) if part
    )


def beginning_of(text: str, least: int) -> str:
    """A pattern, to be used without regard to case, for the end of a text that was cut in the middle of ``text``.

    :param least: how many characters of it must be there.
    """
    forms = [_SPACE if each.isspace() else _any(each) for each in text[:_LONGEST_BEGINNING]]
    pattern = r"[\s\S]*" if len(text) > _LONGEST_BEGINNING else ""
    for form in reversed(forms[least:]):
        pattern = f"(?:{form}{pattern})?"
    # The spelling of a character may be cut too.
    return "".join(forms[:least]) + pattern + r"(?:[%\\&][\w#;%\\]{0,10})?[\"'\s.…\ufffd]*\Z"


def folded(text: str) -> str:
    """The text, such that two that match without regard to case are the same."""
    return text.translate(_LIKE_I).casefold()


def literal_beginning(text: str, least: int) -> str:
    """What each text that ends in the middle of ``text`` holds for certain, case folded; perhaps nothing.

    :param least: how many characters of it must be there.
    """
    known = re.match(r"[0-9A-Za-z]*", text[:least])
    return folded(known.group()) if known else ""


def _any(character: str) -> str:
    if character.isascii() and character.isalnum():
        return character
    code = ord(character)
    forms = [
        rf"\\*{re.escape(character)}",
        _escaped_units(character),
        rf"\\+U{code:08x}",
        rf"&#0*{code};",
        rf"&#x0*{code:x};",
    ]
    if character == "\\":
        forms.insert(0, r"\\+")
    forms += _IN_OTHER_ALPHABETS.get(character, ())
    if character in _ENTITIES:
        forms.append(f"&(?:amp;)*{_ENTITIES[character]};")
    octets = character.encode("utf-8", "surrogatepass")
    forms.append("".join(rf"%(?:25)*{octet:02x}" for octet in octets))
    if code < 256:
        forms.append(rf"\\+x{code:02x}")
    if len(octets) > 1:
        forms.append("".join(rf"(?:\\+x{octet:02x}|{re.escape(chr(octet))})" for octet in octets))
        forms.append("\ufffd{1,4}")
    return f"(?:{'|'.join(forms)})"


def _escaped_units(character: str) -> str:
    """As JSON escapes it, in one or two units of UTF-16."""
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(rf"\\+u{units[place]:02x}{units[place + 1]:02x}" for place in range(0, len(units), 2))
