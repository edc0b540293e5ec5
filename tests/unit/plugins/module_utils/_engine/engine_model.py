# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small model of the inference engine's command line: argparse, and what the engine does before it.

It is made from a table of flags, and tells what the help endpoint would say of that table.
"""

from __future__ import annotations

import argparse
import json
import re
from dataclasses import dataclass, field

ERROR = "error"
#: What the help endpoint calls each kind. A list of integers may pass for an integer, and what appends for a string.
REPORTED = {
    "switch": ("boolean",),
    "toggle": ("boolean",),
    "int": ("integer",),
    "human": ("integer",),
    "float": ("float",),
    "str": ("string",),
    "choice": ("enum",),
    "json": ("json",),
    "words": ("list", "string"),
    "ints": ("integer", "list"),
    "append": ("list", "string"),
    "optional": ("string",),
}
CHOICES = ("auto", "fp8", "half")


def human_readable(text):
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([kKmM])", text.strip())
    if not match:
        return int(text)
    number, suffix = match.groups()
    if suffix.islower():
        return int(float(number) * {"k": 10**3, "m": 10**6}[suffix])
    return int(number) * {"K": 2**10, "M": 2**20}[suffix]


@dataclass(frozen=True)
class Flag:
    name: str
    kind: str
    aliases: tuple = ()
    reported: str | None = None
    listed: tuple | None = None

    def spellings(self):
        options = ["--" + self.name, *self.aliases]
        if self.kind == "toggle":
            options += ["--no-" + option[2:] for option in options if option.startswith("--")]
        return options

    def add_to(self, parser):
        special = {
            "switch": {"action": "store_true"},
            "toggle": {"action": argparse.BooleanOptionalAction},
            "int": {"type": int},
            "human": {"type": human_readable},
            "float": {"type": float},
            "str": {"type": str},
            "choice": {"choices": CHOICES},
            "json": {"type": json.loads},
            "words": {"nargs": "+"},
            "ints": {"nargs": "+", "type": int},
            "append": {"action": "append"},
            "optional": {"nargs": "?", "const": "given"},
        }
        parser.add_argument("--" + self.name, *self.aliases, dest=self.name, **special[self.kind])

    def help_entry(self):
        entry = {"name": self.name, "flags": list(self.spellings() if self.listed is None else self.listed)}
        if self.reported is None:
            entry["type"] = REPORTED[self.kind][0]
        elif self.reported:
            entry["type"] = self.reported
        if self.kind == "choice":
            entry["allowed-values"] = list(CHOICES)
        return entry


#: Before 0.12, as in 0.12, and later.
OLD, MIDDLE, NEW = "old", "middle", "new"


@dataclass
class Engine:
    """
    :param era: the way with ``-O`` and with sizes in dotted keys, which has changed.
    """

    table: list
    era: str = NEW
    model: tuple = ("some/model",)
    parser: argparse.ArgumentParser = field(init=False)

    def __post_init__(self):
        self.parser = _Parser(prog="engine", add_help=False)
        self.parser.add_argument("model_tag", nargs="?")
        for flag in self.table:
            flag.add_to(self.parser)

    def parse(self, tokens):
        """What the engine makes of a command line, as text that tells 1, 1.0 and true apart; or ERROR."""
        try:
            namespace = self.parser.parse_args([*self.model, *self._prepare(list(tokens))])
        except (_Refused, IndexError):
            return ERROR
        return json.dumps(vars(namespace), sort_keys=True)

    def _prepare(self, tokens):
        prepared = []
        for position, token in enumerate(tokens):
            following = tokens[position + 1] if position + 1 < len(tokens) else None
            if token.startswith("--"):
                flag, equals, value = token.partition("=")
                head, dot, keys = flag.partition(".")
                prepared.append(head.replace("_", "-") + dot + keys + equals + value)
            elif token.startswith("-O.") and self.era != NEW:
                prepared.append(("-cc" if self.era == MIDDLE else "-O") + token[2:])
            elif token.startswith("-O") and token != "-O":
                level = token[3:] if token[2] == "=" else token[2:]
                prepared += [f"-O.mode={level}"] if self.era == OLD else ["--optimization-level", level]
            elif token == "-O" and following in ("0", "1", "2", "3"):
                prepared.append("-O.mode" if self.era == OLD else "--optimization-level")
            else:
                prepared.append(token)
        return self._merge_dotted(prepared)

    def _merge_dotted(self, tokens):
        rest, merged = [], {}
        remaining = iter(tokens)
        for token in remaining:
            flag, equals, value = token.partition("=")
            if not token.startswith("-") or "." not in flag:
                rest.append(token)
                continue
            if not equals:
                value = next(remaining, None)
                if value is None:
                    raise IndexError
            if flag.endswith("+"):
                flag, value = flag[:-1], json.dumps(value.split(","))
            base, *keys = flag.split(".")
            nested = self._dotted_value(value)
            for key in reversed(keys):
                nested = {key: nested}
            update(merged.setdefault(base, {}), nested)
        for base, nested in merged.items():
            rest += [base, json.dumps(nested)]
        return rest

    def _dotted_value(self, text):
        try:
            return json.loads(text)
        except ValueError:
            pass
        if self.era == NEW:
            try:
                return human_readable(text)
            except ValueError:
                pass
        return text


def update(original, changes):
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(original.get(key), dict):
            update(original[key], value)
        elif isinstance(value, list) and isinstance(original.get(key), list):
            original[key] += value
        else:
            original[key] = value


class _Refused(Exception):
    pass


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        raise _Refused(message)
