# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes the inference engine's command line from a mapping."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Mapping

from .flags import normalise
from .secrets import conceal

_KEY = re.compile(r"(-{0,2})([A-Za-z0-9][^\s=]*)")


def to_tokens(mapping: Mapping[str, Any]) -> list[str]:
    """
    :param mapping: values by flag; keys without dashes get two, keys that begin with one or two keep them.
    :raises ValueError: a key or a value that cannot stand on a command line. The text names keys, but no values.
    """
    if not isinstance(mapping, Mapping):
        raise ValueError(f"needs a mapping, but got {_type_name(mapping)}")
    tokens = []
    keys_by_flag: dict[str, str] = {}
    for key, value in mapping.items():
        flag = _flag(key)
        other = keys_by_flag.setdefault(flag, key)
        if other != key:
            raise ValueError(f"the keys {str(other)!r} and {str(key)!r} are the same flag {flag}")
        if value is not None:
            tokens.append(_token(key, flag, value))
    return tokens


def _flag(key: Any) -> str:
    if not isinstance(key, str):
        raise ValueError(f"a key has to be a string, but {key!r} is {_type_name(key)}; perhaps it needs quotes")
    parts = _KEY.fullmatch(key)
    if not parts:
        raise ValueError(f"the key {conceal([str(key)])[0]!r} is not the name of a flag")
    return normalise((parts.group(1) or "--") + parts.group(2))


def _token(key: str, flag: str, value: Any) -> str:
    if value is True:
        return flag
    if value is False:
        if not flag.startswith("--") or flag.startswith("--no-") or "." in flag:
            raise ValueError(f"the key {str(key)!r} cannot be false, as {flag} has no opposite; null leaves it out")
        return "--no-" + flag[2:]
    plain = _plain(str(key), value)
    if not isinstance(plain, str):
        plain = json.dumps(plain, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return f"{flag}={plain}"


def _plain(key: str, value: Any) -> Any:
    """The value in JSON's own types.

    :raises ValueError: there is none, or it has no JSON.
    """
    if value is None or isinstance(value, bool):
        return value
    # A string from the vault is no str in ansible-core up to 2.18.
    if isinstance(value, str) or hasattr(value, "__ENCRYPTED__"):
        return str(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"the value of {key!r} is not a finite number")
        return float(value)
    if isinstance(value, Mapping):
        return {_plain_key(key, inner): _plain(f"{key}.{inner}", value[inner]) for inner in value}
    if isinstance(value, (list, tuple)):
        return [_plain(key, item) for item in value]
    raise ValueError(f"the value of {key!r} is {_type_name(value)}, which has no form on a command line")


def _plain_key(key: str, inner: Any) -> str:
    if not isinstance(inner, str):
        raise ValueError(f"inside {key!r} a key has to be a string, but {inner!r} is {_type_name(inner)}")
    return str(inner)


def _type_name(value: Any) -> str:
    # Since ansible-core 2.19, data that carries tags is of private subclasses.
    public = [base.__name__ for base in type(value).__mro__ if base.__module__ in ("builtins", "datetime")]
    return f"of type {public[0] if public[0] != 'object' else type(value).__name__}"
