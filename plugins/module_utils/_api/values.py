# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Small facts about values that more than one room needs."""

from __future__ import annotations

import ipaddress
import json
import re
from typing import Any, Mapping

from .errors import InvalidInput

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)

_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+", re.ASCII)
#: Levels of JSON that an answer may have.
DEEPEST = 50
_LARGEST_NUMBER = 1_000_000_000


def is_uuid(value: Any) -> bool:
    """Whether ``value`` is the text of a UUID, and so safe as a segment of a path."""
    return isinstance(value, str) and _UUID.fullmatch(value) is not None


def is_text(value: Any) -> bool:
    """Whether ``value`` is a text that says something."""
    return isinstance(value, str) and bool(value.strip())


def sentence(text: object) -> str:
    """A text as the beginning of a sentence."""
    words = str(text)
    return words[:1].upper() + words[1:]


def leaves(value: Any) -> list[str]:
    """The texts and numbers of which a JSON value is made, as texts, without what is empty."""
    waiting, found = [value], []
    while waiting:
        each = waiting.pop()
        if isinstance(each, (dict, list)):
            waiting += reversed(list(each.values()) if isinstance(each, dict) else each)
        elif each not in (None, "") and not isinstance(each, bool):
            found.append(str(each))
    return found


def is_number(value: Any) -> bool:
    """Whether ``value`` counts something: from 0 to a number beyond which it is nonsense."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST_NUMBER


def is_of(entry: Mapping[str, Any], wanted_id: str | None) -> bool:
    """Whether what the API shows has that ID.

    :param wanted_id: in lower case.
    """
    return is_uuid(entry.get("id")) and bool(entry["id"].lower() == wanted_id)


def uuid_of(option: str, value: str | None) -> str | None:
    """A UUID that a user has given, in lower case.

    :param option: its name.
    :raises InvalidInput: it is none.
    """
    if value is not None and not is_uuid(value):
        advice = ". If it is a name, give it as name" if option == "id" else ""
        raise InvalidInput(f"{option} is {value!r}, which is not a UUID{advice}")
    return None if value is None else value.lower()


def is_version(value: Any) -> bool:
    """Whether ``value`` has the shape of an engine version; which ones exist is for the API to say."""
    return isinstance(value, str) and _VERSION.fullmatch(value) is not None


def is_loopback(host: str | None) -> bool:
    """Whether ``host`` can only be this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def is_too_deep(value: Any) -> bool:
    """Whether a JSON value is nested deeper than any answer of the API."""
    level = [value]
    for _depth in range(DEEPEST + 1):
        objects = [
            each.values() if isinstance(each, dict) else each for each in level if isinstance(each, (dict, list))
        ]
        level = [inner for each in objects for inner in each]
        if not level:
            return False
    return True


def snake_case(value: Any) -> Any:
    """The same JSON value with ``-`` in the keys of its objects replaced by ``_``."""
    if isinstance(value, dict):
        return {str(key).replace("-", "_"): snake_case(item) for key, item in value.items()}
    if isinstance(value, list):
        return [snake_case(item) for item in value]
    return value


def decode(body: bytes) -> str:
    """The text of a body, whatever charset it claims: UTF-8, UTF-16 or UTF-32, or else Latin-1."""
    for encoding in ("utf-8", json.detect_encoding(body)):
        try:
            text = body.decode(encoding)
        except ValueError:
            continue
        if "\0" not in text[:4]:
            return text[1:] if text.startswith("\ufeff") else text
    return body.decode("latin-1").replace("\0", "")
