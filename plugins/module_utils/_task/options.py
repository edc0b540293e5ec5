# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that modules share, declared once."""

from __future__ import annotations

from typing import Any

_LONGEST_API_TIMEOUT = 3600
_MOST_RETRIES = 100
_LONGEST_WAIT = 365 * 24 * 3600
#: From which to which number an option goes.
RANGES = {
    "api_timeout": (1, _LONGEST_API_TIMEOUT),
    "api_retries": (0, _MOST_RETRIES),
    "wait_timeout": (0, _LONGEST_WAIT),
    "failure_log_lines": (0, 10_000),
    "tail": (1, 10_000),
    "concurrency": (1, 100),
    "purge_limit": (0, 10_000),
    "max_gpus": (0, 1_000_000),
}
_MOST_DIGITS = 100
#: Stands for what could not be read as a character.
BROKEN = "\ufffd"
#: Stands for ``null`` in a list of texts, of which some releases of ansible-core make an empty text.
NULL_ITEM = BROKEN + "null"
#: The diff of a task that does nothing.
NO_DIFF = {"before": {}, "after": {}, "before_header": "", "after_header": ""}


class Declaration:
    """What a module takes and what it returns.

    :param options: its argument specification.
    :param required_one_of: groups of options of which one is needed.
    :param mutually_exclusive: groups of options of which only one may be given.
    :param nothing: what it returns if it did nothing and found nothing.
    :param failure: what it returns besides on failure, where nothing is known of it.
    :param inner: by the names of options that hold options themselves, one set or a list of them: what those are.
    :param no_diff: the diff that it returns where it did nothing and Ansible asks for one; ``None`` if it has none.
    """

    def __init__(
        self,
        options: dict[str, dict[str, Any]],
        nothing: dict[str, Any],
        failure: dict[str, Any],
        required_one_of: tuple[tuple[str, ...], ...] = (),
        mutually_exclusive: tuple[tuple[str, ...], ...] = (),
        no_diff: Any = None,
        inner: dict[str, dict[str, dict[str, Any]]] | None = None,
    ) -> None:
        self.options = options
        self.nothing = nothing
        self.failure = failure
        self.required_one_of = required_one_of
        self.mutually_exclusive = mutually_exclusive
        self.no_diff = no_diff
        self.inner = inner or {}

    def shape(self, result: dict[str, Any], *, failed: bool, diff_mode: bool) -> dict[str, Any]:
        """``result`` with each key that it has to have."""
        diff = {"diff": self.no_diff} if self.no_diff is not None and diff_mode else {}
        return {**self.nothing, **(self.failure if failed else {}), **diff, **result}


def api_options() -> dict[str, dict[str, Any]]:
    """Credentials, and where and how to reach the API."""
    return {
        "api_key": {"type": "str", "no_log": True},
        "api_secret": {"type": "str", "no_log": True},
        "account": {"type": "str"},
        "config_file": {"type": "path"},
        "zone": {"type": "str"},
        "api_endpoint": {"type": "str"},
        "validate_certs": {"type": "bool", "default": True},
        "api_timeout": {"type": "int", "default": 30},
        "api_retries": {"type": "int", "default": 5},
    }


def wait_options(timeout: int = 1800, more_ends: tuple[str, ...] = ()) -> dict[str, dict[str, Any]]:
    """Whether and how long to wait.

    :param timeout: seconds, unless the user says otherwise.
    :param more_ends: what can be waited for besides.
    """
    return {
        "wait": {"type": "bool", "default": True},
        "wait_for": {"type": "str", "choices": ["ready", "operation", *more_ends], "default": "ready"},
        "wait_timeout": {"type": "int", "default": timeout},
    }


def failure_of_reading() -> dict[str, Any]:
    """What a module that only reads returns on failure."""
    return {"status": None, "title": None, "detail": None, "errors": []}


def failure_of_writing() -> dict[str, Any]:
    """What a module that writes returns on failure."""
    return {**failure_of_reading(), "operation": None, "logs": []}


def received(params: dict[str, Any], options: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What a user has given, before ansible-core validates it."""
    whole: dict[str, Any] = _whole_text(params)
    return _mark_null_items(_tame_numbers(_without_nulls(whole, options), options), options)


def _whole_text(value: Any) -> Any:
    """The same value with :data:`BROKEN` for each half of a character, which ansible-core cannot always encode."""
    if isinstance(value, str) and not value.isascii():
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_whole_text(key): _whole_text(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_whole_text(each) for each in value]
    return value


def _tame_numbers(params: dict[str, Any], options: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Numbers that ansible-core cannot convert without an exception are left for it, or for us, to refuse."""
    tamed = dict(params)
    for name, option in options.items():
        value = params.get(name)
        if option.get("type") != "int" or not isinstance(value, (str, float, list)):
            continue
        if isinstance(value, list):
            # The parts of a number, to some releases of ansible-core.
            tamed[name] = f"{str(value)[:_MOST_DIGITS]} (a list)"
            continue
        text = str(value).strip().lstrip("+-").lower()
        if text.startswith(("inf", "nan", "snan")):
            tamed[name] = f"{value} (no number)"
        elif len(text) > _MOST_DIGITS or "e" in text:
            tamed[name] = text[:_MOST_DIGITS] if text.isdigit() else f"{str(value)[:_MOST_DIGITS]} (no number)"
    return tamed


def _mark_null_items(params: dict[str, Any], options: dict[str, dict[str, Any]]) -> dict[str, Any]:
    marked = dict(params)
    for name, option in options.items():
        if option.get("elements") == "str" and isinstance(params.get(name), list):
            marked[name] = [NULL_ITEM if item is None else item for item in params[name]]
    return marked


def _without_nulls(params: dict[str, Any], options: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """``null`` is the same as omitted, also for an option that has a default."""
    return {name: value for name, value in params.items() if value is not None or name not in options}
