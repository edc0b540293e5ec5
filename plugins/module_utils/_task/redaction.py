# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one redactor: it learns secrets as soon as they are seen, and takes them out of all that leaves a task."""

from __future__ import annotations

import json
import re
import threading
from typing import TYPE_CHECKING, Any, Iterable

from .._api.values import leaves
from .._engine.secret_names import PLACEHOLDER, is_secret_name
from .._engine.spellings import any_spelling_of, beginning_of, folded, literal_beginning

if TYPE_CHECKING:
    from .secret_index import SecretIndex

try:
    from ansible.module_utils.secrets import register_secrets
except ImportError:
    # ansible-core before 2.22.
    register_secrets = None

#: Whether ansible-core takes the values of secret options out of what a module returns.
CORE_MASKS_RESULTS = register_secrets is None
#: What ansible-core shows instead of an option that is a secret.
_HIDDEN_OPTION = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
_PARAMETERS = ("inference-engine-parameters", "inference_engine_parameters")
#: A secret of this length and more is unlikely to be part of something else.
_LONG_ENOUGH = 6
#: A shorter one is replaced only where it is a word of its own, and one shorter than this only where it is declared.
_SHORTEST_WORD = 3
_LONGEST_EXCERPT = 300
#: More secrets than these are not looked for one by one.
_MANY = 40
_WORD = re.compile(r"\w{1,40}")
#: Words without which no text holds the name of a secret, or a secret that tells of itself what it is.
_HINTS = (
    "key",
    "token",
    "secret",
    "pass",
    "pwd",
    "credential",
    "bearer",
    "authoriz",
    "cookie",
    "sig=",
    "signature=",
    "hf_",
    "hf-",
    "sk-",
    "-----begin",
)
_FLAG = re.compile(r"\A--?[\w.-]+(?:=|\Z)")
#: A secret in which nothing else stands around a secret.
_BARE = re.compile(r"[\w./+=~-]*")
#: So many characters may stand for one.
_LONGEST_SPELLING = 40
#: So much of a secret at the end of a text that was cut is told from other text.
_SHORTEST_PART = 4
#: Words that results, API answers and messages are made of, and no secrets.
_VOCABULARY = frozenset(
    re.findall(
        r"\w+",
        """
        action actions after after_header alias attributes before before_header changed changes code command counts
        created created_at creating declaration delete deploying deployment deployment_url deployments detail diff
        error errors exoscale failed failure false gpu_count gpu_type id inference_engine_parameters
        inference_engine_version invocation link location logs message model model_size module_args msg name node
        not_started null operation operations parameters path pending pointer preparing private public purged quota
        ready reason recreate reference replicas results scale scaling service_level state state_details status
        success time timeout title true type unchanged update updated_at updating value visibility wait warnings zone
        """,
    )
)


class Redactor:
    """Knows the secrets of one task."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._let_out: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._index: SecretIndex | None = None
        #: Several threads may learn and look at the same time.
        self._lock = threading.RLock()

    @property
    def secrets(self) -> list[str]:
        """Those that can be looked for in any text."""
        with self._lock:
            return sorted(secret for secret in self._secrets if len(secret) >= _LONG_ENOUGH)

    def add(self, *secrets: Any) -> None:
        """Learn values that are secret."""
        texts = {str(secret) for secret in secrets if secret is not None and not isinstance(secret, bool)}
        with self._lock:
            new = {text for text in texts if text.strip() and text.lower() not in _VOCABULARY} - self._secrets
            if new:
                self._secrets |= new
                self._pattern = None
            if self._index is not None:
                for secret in new:
                    self._index.add(secret)

    def learn(self, document: Any) -> None:
        """Learn the secrets in what the API or a user has given: engine parameters, and what is named like a secret.

        :param document: a JSON value, or a text that was to be JSON.
        """
        if isinstance(document, str):
            from .._engine.secrets_in_json import strings_in

            # No more of such a text is ever shown.
            self.add(*(secret[:_LONGEST_EXCERPT] for secret in _secrets_among(list(strings_in(document)))))
        waiting = [document]
        while waiting:
            value = waiting.pop()
            if isinstance(value, list):
                waiting += value
                self.add(*_learnable(leaf for leaf in leaves(_half_of_pair(value)) if len(leaf) >= _LONG_ENOUGH))
            elif isinstance(value, dict):
                for key, each in value.items():
                    if key in _PARAMETERS:
                        self.add(*_secrets_among(_tokens_of(each)))
                    elif _is_secret_key(str(key), value):
                        self.add(*_learnable(leaf for leaf in leaves(each) if len(leaf) >= _LONG_ENOUGH))
                    elif isinstance(each, (dict, list)):
                        waiting.append(each)

    def let_out(self, *secrets: Any) -> None:
        """Let ansible-core show secrets, at the one place of a result where they have to be."""
        self._let_out.update(map(str, secrets))

    def text(self, text: str) -> str:
        """The same text with a placeholder for each secret, in each spelling that quoting and escaping give it."""
        shown = self.known(text)
        if not _may_tell_a_secret(shown):
            return shown
        # Imported where there is such a word: a module compiles whatever it imports, each time it starts.
        from .unlearnt import without_named_values

        return without_named_values(shown)

    def known(self, text: str) -> str:
        """The same text with a placeholder for each secret that was learnt, and nothing else taken out."""
        return self._pattern_for(text).sub(PLACEHOLDER, text)

    def _pattern_for(self, text: str) -> re.Pattern[str]:
        with self._lock:
            if len(self._secrets) > _MANY:
                return _compile(self._candidates(text))
            if self._pattern is None:
                self._pattern = _compile(self._secrets)
            return self._pattern

    def _candidates(self, text: str) -> set[str]:
        if self._index is None:
            # Imported where there are many: a module compiles whatever it imports, each time it starts.
            from .secret_index import SecretIndex

            self._index = SecretIndex()
            for secret in self._secrets:
                self._index.add(secret)
        return self._index.candidates(text)

    def answer(self, value: Any) -> Any:
        """The same for what a server has sent, a text that may be cut off in the middle of a secret, or JSON."""
        if not isinstance(value, str):
            return self.redact(value)
        shown = self.text(value)
        secrets = self.secrets
        end = folded(shown[slice(_tail(shown, max(secrets, key=len, default="")), None)])
        for secret in secrets:
            if literal_beginning(secret, _SHORTEST_PART) not in end:
                continue
            part = re.compile(beginning_of(secret, _SHORTEST_PART), re.IGNORECASE).search(shown, _tail(shown, secret))
            if part:
                return shown[: part.start()] + PLACEHOLDER
        return shown

    def redact(self, value: Any) -> Any:
        """The same JSON value without secrets."""
        if isinstance(value, str):
            # What was cut may end in the middle of a secret.
            return self.answer(value) if value.endswith("…") else self.text(value)
        if isinstance(value, dict):
            return {
                self._key(key): _hidden(each) if _is_secret_key(str(key), value) else self.redact(each)
                for key, each in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self.redact(item) for item in _concealed(list(value))]
        if isinstance(value, (int, float)) and not isinstance(value, bool) and str(value) in self._secrets:
            return PLACEHOLDER if len(str(value)) >= _SHORTEST_WORD else value
        return value

    def register(self) -> None:
        """Let ansible-core mask the same secrets, where it offers that."""
        if register_secrets is not None:
            register_secrets([secret for secret in self.secrets if secret not in self._let_out])

    def options(
        self,
        params: dict[str, Any],
        options: dict[str, dict[str, Any]],
        inner: dict[str, dict[str, dict[str, Any]]] | None = None,
    ) -> dict[str, Any]:
        """The options of a task as a reader may see them; what is no option may be a misspelt secret.

        :param inner: by name, what the options are that an option holds.
        """
        hidden = {name for name in params if name not in options or options[name].get("no_log")}
        shown = {
            name: self._inner_options(params[name], known) for name, known in (inner or {}).items() if name in params
        }
        for name, value in params.items():
            if name not in shown:
                shown[name] = _HIDDEN_OPTION if name in hidden and value is not None else self.redact(value)
        return shown

    def _inner_options(self, value: Any, options: dict[str, dict[str, Any]]) -> Any:
        if isinstance(value, list):
            return [self._inner_options(each, options) for each in value]
        return self.options(value, options) if isinstance(value, dict) else self.redact(value)

    def _key(self, key: Any) -> Any:
        if not isinstance(key, str) or key.replace("-", "_") in _VOCABULARY:
            return key
        if key.endswith("…"):
            return self.answer(key)
        # One word holds no name with a value.
        return self.known(key) if _WORD.fullmatch(key) else self.text(key)


def _tail(text: str, secret: str) -> int:
    """From where on a part of a secret may stand that ends with the text."""
    return max(0, len(text) - _LONGEST_SPELLING * len(secret) - _LONGEST_SPELLING)


def _may_tell_a_secret(text: str) -> bool:
    lowered = text.lower()
    return any(hint in lowered for hint in _HINTS) or ("://" in text and "@" in text)


def _is_secret_key(key: str, document: dict[str, Any]) -> bool:
    if key == "value":
        # An AI API key, whose value the API shows at its creation, or a pair such as {"name": "HF_TOKEN", "value": …}.
        name = document.get("name") or document.get("key")
        return "scope" in document or (isinstance(name, str) and is_secret_name(name))
    return is_secret_name(key)


def _hidden(value: Any) -> Any:
    """What stands below the name of a secret: a text or a number is one, and so is all that an object or list holds."""
    is_small = isinstance(value, (int, float)) and len(str(value)) < _SHORTEST_PART + 1
    return value if value in (None, "", [], {}) or is_small else PLACEHOLDER


# What takes parameters apart is imported where there are any: a module compiles whatever it imports, each time it
# starts.
def _secrets_among(tokens: list[str]) -> set[str]:
    if not tokens:
        return set()
    from .._engine.secrets import secret_values

    # The name of a flag alone, such as --max-num-batched-tokens, tells nothing.
    return _learnable(secret_values(tokens), [each for each in tokens if _may_tell_a_secret(_FLAG.sub("", each))])


def _learnable(secrets: Iterable[str], texts: Iterable[str] = ()) -> set[str]:
    """The same secrets, those that would be taken out of the texts, and what a server may name alone of each."""
    known, around = set(secrets), list(texts)
    if not around and all(map(_BARE.fullmatch, known)):
        return known
    from .unlearnt import learnable

    return learnable(known, around)


def _conceal(tokens: list[str]) -> list[str]:
    from .._engine.secrets import conceal

    return conceal(tokens)


def _concealed(items: list[Any]) -> list[Any]:
    """The same list without the secrets among its texts, also where other values stand between them."""
    texts = [item if isinstance(item, str) else "" for item in items]
    hidden = _conceal(texts) if any(texts) else texts
    if _half_of_pair(items):
        hidden[1] = _hidden(items[1])
    return [new if new != old else item for item, old, new in zip(items, texts, hidden)]


def _half_of_pair(items: list[Any]) -> list[Any]:
    """What stands behind the name of a secret in a pair."""
    return items[1:] if len(items) == 2 and isinstance(items[0], str) and is_secret_name(items[0]) else []


def _tokens_of(value: Any) -> list[str]:
    """Engine parameters as tokens, whatever a user has given for a list."""
    if isinstance(value, str):
        # Imported where an option is malformed: a module compiles whatever it imports, each time it starts.
        from .._engine.secrets_in_json import read_value

        meant = read_value(value)
        pieces = [piece.strip().strip("[]'\"") for piece in value.split(",")]
        return [value, *value.split(","), *pieces, *(_tokens_of(meant) if isinstance(meant, (dict, list)) else ())]
    if isinstance(value, dict):
        return [json.dumps(value, default=str)]
    if not isinstance(value, list):
        return []
    tokens = [f"{value[0]}={leaf}" for leaf in leaves(_half_of_pair(value))]
    for each in value:
        tokens += _tokens_of(each) if isinstance(each, (list, dict)) else [str(each)]
    return tokens


def _compile(secrets: set[str]) -> re.Pattern[str]:
    patterns = []
    # The longest first, so that a secret that begins with another one goes whole.
    for secret in sorted(secrets, key=len, reverse=True):
        pattern = any_spelling_of(secret.strip() or secret)
        if len(secret) >= _LONG_ENOUGH:
            patterns.append(pattern)
        elif len(secret) >= _SHORTEST_WORD:
            patterns.append(rf"(?:(?<!\w)|(?<=%[0-9a-f][0-9a-f])|(?<=\\[tnr])){pattern}(?!\w)")
    return re.compile("|".join(patterns) if patterns else r"(?!)", re.IGNORECASE)
