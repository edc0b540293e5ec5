# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sentences of the code that a user may see, as far as it composes them itself."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[3]
PLUGINS = ROOT / "plugins"
#: What stands for a value that is known when the message is made.
HOLE = "\0"
#: A text of fewer words is no sentence.
_FEWEST_WORDS = 3
_WORD = re.compile(r"[A-Za-z]{2,}")
_FIELD_OF_FORMAT = re.compile(r"\{[^{}]*\}")
#: Folders whose texts are documentation.
_DOCUMENTATION = ("modules", "doc_fragments")
_OF_DOCUMENTATION = ("DOCUMENTATION", "EXAMPLES", "RETURN")
#: What these are given is no message.
_NO_MESSAGES = ("compile", "findall", "search", "vvv", "tell")


class CodeText(NamedTuple):
    """
    :param place: file and line.
    :param parts: what stands between the values.
    """

    place: str
    parts: tuple[str, ...]

    def is_in(self, message: str) -> bool:
        """Whether a message holds it."""
        place = 0
        for part in HOLE.join(self.parts).strip(" .").split(HOLE):
            place = message.find(part, place)
            if place < 0:
                return False
            place += len(part)
        return True

    @property
    def written(self) -> str:
        """The text for a reader."""
        return "<…>".join(self.parts).strip()

    def __str__(self) -> str:
        return f"{self.place}: {self.written}"


class _Collector(ast.NodeVisitor):
    def __init__(self, file: str) -> None:
        self._file = file
        self.found: list[CodeText] = []

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self._add(node, _FIELD_OF_FORMAT.sub(HOLE, node.value))

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self._add(node, "".join(str(each.value) if isinstance(each, ast.Constant) else HOLE for each in node.values))
        for each in node.values:
            if isinstance(each, ast.FormattedValue):
                self.visit(each.value)

    def visit_Call(self, node: ast.Call) -> None:
        if getattr(node.func, "attr", None) not in _NO_MESSAGES:
            self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        if getattr(node.targets[0], "id", None) not in _OF_DOCUMENTATION:
            self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        # A constant that nobody uses is a docstring.
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_arguments(self, node: ast.arguments) -> None:
        """No default value is a message, and annotations are none."""

    def _add(self, node: ast.AST, text: str) -> None:
        parts = tuple(" ".join(part.split("\n")) for part in text.split(HOLE))
        if len([word for part in parts for word in part.split() if _WORD.search(word)]) >= _FEWEST_WORDS:
            self.found.append(CodeText(f"{self._file}:{node.lineno}", parts))


def texts_of_code() -> list[CodeText]:
    """All of them, but for documentation and docstrings."""
    found = []
    for file in sorted(PLUGINS.rglob("*.py")):
        where = file.relative_to(PLUGINS)
        if where.parts[0] not in _DOCUMENTATION:
            collector = _Collector(where.as_posix())
            collector.visit(ast.parse(file.read_text(encoding="utf-8")))
            found += collector.found
    return found
