# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parser of a real engine, rebuilt from its flags, and command lines for it."""

from __future__ import annotations

import argparse
import json
import re
from dataclasses import dataclass
from functools import lru_cache

from ansible_collections.exoscale.cloud.tests.engine_tables import flags, help_entry
from ansible_collections.exoscale.cloud.tests.unit.plugins.module_utils._engine.engine_model import (
    MIDDLE,
    NEW,
    Engine,
    human_readable,
)


def size_or_auto(text):
    return -1 if text.strip() == "-1" or text.strip().lower() == "auto" else human_readable(text)


def word(text):
    return text.lower().replace("-", "_")


def json_object(text):
    """What stands for the engine's own objects: JSON in which numbers may have a suffix."""
    parts = re.split(r'("(?:[^"\\]|\\.)*")', text)
    parts[::2] = [
        re.sub(r"\b\d+(?:\.\d+)?[kKmM]\b", lambda found: str(human_readable(found.group())), part)
        for part in parts[::2]
    ]
    value = json.loads("".join(parts))
    if not isinstance(value, dict):
        raise ValueError(text)
    return value


def object_or_text(text):
    if not re.match(r"(?s)^\s*{.*}\s*$", text):
        return text
    return json.loads(text)


def optional(read):
    return lambda text: None if text in ("", "None") else read(text)


READS = {
    "int": int,
    "float": float,
    "text": str,
    "word": word,
    "size": human_readable,
    "size or auto": size_or_auto,
    "json": json.loads,
    "object": json_object,
    "object or text": object_or_text,
}


@dataclass(frozen=True)
class RealFlag:
    entry: dict

    @property
    def reads(self):
        return self.entry["reads"]

    @property
    def takes_several(self):
        return self.entry.get("values") == "several"

    def spellings(self):
        return self.entry["flags"]

    def help_entry(self):
        return help_entry(self.entry)

    def add_to(self, parser):
        given = [spelling for spelling in self.spellings() if not spelling.startswith("--no-")]
        if self.reads == "switch":
            parser.add_argument(*given, action="store_true")
            return
        if self.reads == "toggle":
            parser.add_argument(*given, action=argparse.BooleanOptionalAction)
            return
        read = READS[self.reads]
        if self.entry.get("default") == "None":
            read = optional(read)
        more = {"type": read}
        if "choices" in self.entry:
            more["choices"] = [read(choice) for choice in self.entry["choices"]]
        how = {
            "several": {"nargs": "+"},
            "optional": {"nargs": "?", "const": True},
            "appended": {"action": "append"},
        }
        more.update(how.get(self.entry.get("values"), {}))
        parser.add_argument(*given, **more)


#: Flags with rules of their own.
_SPECIAL = ("--config", "--model", "--help")


@lru_cache
def real_engine(version):
    """The engine of a version, with all its flags."""
    table = [RealFlag(entry) for entry in flags(version) if entry["flags"][0] not in _SPECIAL]
    return Engine(table, MIDDLE if version == "0.12.0" else NEW)
