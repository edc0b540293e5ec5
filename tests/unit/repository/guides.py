# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The code blocks of the guides, and the tasks in them."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).parents[3]
GUIDES = sorted((ROOT / "docs" / "docsite" / "rst").glob("*.rst"))
_BEGIN = re.compile(r"( *)\.\. code-block:: (\S+)\n\n")
_LISTS_OF_TASKS = ("pre_tasks", "tasks", "post_tasks", "handlers", "block", "rescue", "always")


class Example(NamedTuple):
    """
    :param place: the guide, and the line that its code begins at.
    """

    place: str
    language: str
    text: str


class _Loader(yaml.SafeLoader):
    """Reads the tags of Ansible too, as the text that they stand before."""


for _tag in ("!unsafe", "!vault"):
    _Loader.add_constructor(_tag, _Loader.construct_scalar)


def examples(*languages: str) -> list[Example]:
    return [each for guide in GUIDES for each in _examples_of(guide) if each.language in languages]


def _examples_of(guide: Path) -> Iterator[Example]:
    text = guide.read_text()
    for begin in _BEGIN.finditer(text):
        margin = len(begin[1])
        # A block ends where a line begins no further to the right than its own directive.
        end = re.compile(rf"^ {{0,{margin}}}\S", re.MULTILINE).search(text, begin.end())
        code = text[begin.end() : end.start() if end else None]
        line = text.count("\n", 0, begin.end()) + 1
        yield Example(f"{guide.stem}:{line}", begin[2], textwrap.dedent(code).rstrip() + "\n")


def data_of(example: Example) -> Any:
    return yaml.load(example.text, Loader=_Loader)


def plays_and_tasks(data: Any) -> Iterator[dict[str, Any]]:
    """Each play, block and task, those inside others included."""
    for item in data:
        yield item
        for name in _LISTS_OF_TASKS:
            yield from plays_and_tasks(item.get(name) or [])


def holds_tasks(item: dict[str, Any]) -> bool:
    """Whether it is a play or a block, and no task."""
    return "hosts" in item or any(name in item for name in _LISTS_OF_TASKS)


def texts(value: Any) -> Iterator[str]:
    """Each text in it, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from texts(each)
