# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers as no API should give them: any JSON at all, or the real answer with one odd thing in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

#: A secret that a server repeats where nobody expects it.
ECHOED = "sentinel-that-is-repeated"
PARAMETERS = "inference-engine-parameters"
_MARK = "here it stands"
_OTHER_ID = "99999999-8888-4777-8666-555555555555"

#: JSON texts that no field of an answer can rightly hold, whatever its type.
SENSELESS = (
    *("null", "true", "[]", "{}", '""', '" "', "-1", "0.5", "-0.0", "1e400", "NaN", "Infinity", "-Infinity"),
    *("1" + "0" * 40, "-" + "9" * 400, "[null]", "[[[]]]", '[{}, 5, "x"]', '{"a": {"b": [1, null]}}', '{"": ""}'),
    *("[" * 60 + "]" * 60, '{"a":' * 60 + "1" + "}" * 60, "[" * 20_000 + "]" * 20_000),
)
#: JSON texts that have the right type somewhere, and are odd all the same.
STRANGE = (
    *("0", "-0", "7", "1000000000", "2147483648", "1e3"),
    *(r'"\ud800"', r'"half \udfff of a character"', r'"\u0000"', r'"\u001b[31mred\u0007"', r'"\u202eesrever\u200b"'),
    *(
        '"{{ 7*7 }}"',
        '"{% raw %}"',
        """"{{ lookup('pipe', 'id') }}\"""",
        '"!unsafe x"',
        '"line\\none"',
        '"../../quota"',
    ),
    *('"11111111-2222-4333-8444-55555555555\u0665"', '"not-a-uuid"', '"%2e%2e"', '"x?y=1#z"', f'"{_OTHER_ID}"'),
    *('"enchanted"', '"READY"', '"pending"', '"success"', '"failure"', '"error"', '"public"'),
    *('"0000-00-00T00:00:00Z"', '"9999999-01-01T00:00:00Z"', '"yesterday"', '"http://127.0.0.1:9/v1"', '"9.9.9"'),
    *(json.dumps("x" * 200_000), json.dumps("é" * 3_000), f'"you have sent {ECHOED}"', '["--seed=1", "--nope"]'),
)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "name", "state", "deployments", "models", "data", "a-b"]) | st.text(max_size=5),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@dataclass(frozen=True)
class Oddity:
    """
    :param kind: ``replaced``, ``dropped``, ``twice`` or ``added`` at a place of the answer, or ``whole``.
    :param place: tells which one of the places, however many there are.
    :param text: the JSON that stands there instead.
    """

    kind: str
    place: int
    text: str

    def alter(self, body: bytes) -> bytes:
        """What stands for the body of the real answer."""
        document, parent, key = self._find(body)
        if parent is None:
            return self.text.encode("utf-8", "surrogatepass")
        if self.kind == "dropped":
            del parent[key]
            return json.dumps(document).encode()
        name, value = json.dumps(key), json.dumps(parent[key])
        if self.kind == "added" and isinstance(parent, list):
            parent.insert(key, _MARK)
        else:
            parent["added" if self.kind == "added" else key] = _MARK
        text = json.dumps(document)
        if self.kind == "twice" and isinstance(parent, dict):
            return text.replace(f'{name}: "{_MARK}"', f"{name}: {value}, {name}: {self.text}").encode()
        return text.replace(f'"{_MARK}"', self.text).encode()

    def may_be_right(self, body: bytes) -> bool:
        """Whether somebody may take what stands there for what the API wants to say."""
        _document, parent, key = self._find(body)
        if parent is None or self.text in STRANGE:
            return True
        is_none_at_all = isinstance(parent[key], list) and self.text in ("[]", "null", "")
        return (
            (is_none_at_all and key == PARAMETERS) or self.text == "[]" or (isinstance(parent, list) and not self.text)
        )

    def _find(self, body: bytes) -> tuple[Any, Any, Any]:
        """The real answer, and the container and the key of the place in it."""
        document = json.loads(body) if self.kind != "whole" else None
        places = list(_places(document))
        return (document, *(places[self.place % len(places)] if places else (None, None)))


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """The container and the key of each value that an answer holds."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield value, key
        yield from _places(inner)


oddities = st.one_of(
    st.builds(Oddity, st.just("whole"), st.just(0), anything.map(json.dumps) | st.sampled_from((*SENSELESS, *STRANGE))),
    st.builds(Oddity, st.just("dropped"), st.integers(0, 5_000), st.just("")),
    *[
        st.builds(
            Oddity,
            st.sampled_from(["replaced", "replaced", "twice", "added"]),
            st.integers(0, 5_000),
            st.sampled_from((*SENSELESS, *STRANGE)),
        )
    ]
    * 3,
)
