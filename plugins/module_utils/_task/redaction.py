# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one redactor: it learns secrets as soon as they are seen, and takes them out of all that leaves a task."""

from __future__ import annotations

import json
import re
from typing import Any, Iterator
from urllib.parse import quote, quote_plus

from .._engine.secrets import PLACEHOLDER, conceal, is_secret_name, secret_values

_PARAMETERS = ("inference-engine-parameters", "inference_engine_parameters")
#: A secret of this length and more is unlikely to be part of something else.
_LONG_ENOUGH = 8
#: A shorter one is replaced only where it is a word of its own, and one shorter than this only where it is declared.
_SHORTEST_WORD = 4
_FLAG_AND_VALUE = re.compile(
    r"(--?(?:api|hf)[-_](?:key|token)=)(?!…)(?:\"[^\"]*\"|'[^']*'|[^\s,;'\"\]]+)", re.IGNORECASE
)


class Redactor:
    """Knows the secrets of one task."""

    def __init__(self) -> None:
        self.secrets: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def add(self, *secrets: Any) -> None:
        """Learn values that are secret."""
        texts = {str(secret) for secret in secrets if secret is not None}
        new = {text for text in texts if text.strip()} - self.secrets
        if new:
            self.secrets |= new
            self._pattern = None

    def learn(self, document: Any) -> None:
        """Learn the secrets in what the API or a user has given: engine parameters, and what is named like a secret."""
        waiting = [document]
        while waiting:
            value = waiting.pop()
            if isinstance(value, list):
                waiting += value
            elif isinstance(value, dict):
                for key, each in value.items():
                    if key in _PARAMETERS:
                        self.add(*secret_values(_tokens_of(each)))
                    elif isinstance(each, (dict, list)):
                        waiting.append(each)
                    elif isinstance(each, str) and is_secret_name(str(key)):
                        self.add(each)

    def text(self, text: str) -> str:
        """The same text with a placeholder for each secret, in each spelling that quoting and escaping give it."""
        if self._pattern is None:
            self._pattern = _compile(self.secrets)
        return _FLAG_AND_VALUE.sub(rf"\g<1>{PLACEHOLDER}", self._pattern.sub(PLACEHOLDER, text))

    def redact(self, value: Any) -> Any:
        """The same JSON value without secrets."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self._key(key): self.redact(each) for key, each in value.items()}
        if isinstance(value, (list, tuple)):
            items = list(value)
            if items and all(isinstance(item, str) for item in items):
                items = conceal(items)
            return [self.redact(item) for item in items]
        return value

    def _key(self, key: Any) -> Any:
        return self.text(key) if isinstance(key, str) and len(key) >= _LONG_ENOUGH else key


def _tokens_of(value: Any) -> list[str]:
    """Engine parameters as tokens, whatever a user has given for a list."""
    if isinstance(value, str):
        return [value, *value.split(",")]
    if isinstance(value, list):
        return [each if isinstance(each, str) else json.dumps(each, default=str) for each in value]
    return [] if value is None else [json.dumps(value, default=str)]


def _compile(secrets: set[str]) -> re.Pattern[str]:
    forms = {form for secret in secrets for form in _forms(secret) if len(form) >= _SHORTEST_WORD}
    # The longest first, so that a secret that begins with another one goes whole.
    patterns = [
        re.escape(form) if len(form) >= _LONG_ENOUGH else rf"(?<!\w){re.escape(form)}(?!\w)"
        for form in sorted(forms, key=len, reverse=True)
    ]
    return re.compile("|".join(patterns) if patterns else r"(?!)")


def _forms(secret: str) -> Iterator[str]:
    """A secret as it stands, and as quoting, escaping and folding may have made it."""
    for text in dict.fromkeys((secret, secret.strip(), " ".join(secret.split()))):
        yield text
        yield from _as_python(text)
        yield quote(text, safe="", errors="replace")
        yield quote_plus(text, errors="replace")
        for dump in (json.dumps(text), json.dumps(text, ensure_ascii=False)):
            yield dump[1:-1]
            yield json.dumps(dump[1:-1])[1:-1]
            yield from _as_python(dump[1:-1])
        yield json.dumps(repr(text)[1:-1])[1:-1]


def _as_python(text: str) -> Iterator[str]:
    """As Python quotes it; which of the two quotes it escapes depends on the whole text around it."""
    for quoted in (repr(text)[1:-1], ascii(text)[1:-1], repr('"' + text)[2:-1]):
        yield quoted
        yield quoted.replace("\\'", "'").replace("'", "\\'")
