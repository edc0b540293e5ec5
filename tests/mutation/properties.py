# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
Writes each property that is to be mutated as a call, since mutmut leaves out what has a decorator::

    python -m tests.mutation.properties

changes the tree that it is called in.
"""

from __future__ import annotations

import ast
import fnmatch
import tomllib
from pathlib import Path


def main():
    root = Path(__file__).parents[2]
    config = tomllib.loads(Path(__file__).with_name("pyproject.toml").read_text())["tool"]["mutmut"]
    for file in (root / "plugins").rglob("*.py"):
        if any(fnmatch.fnmatch(str(file), pattern) for pattern in config["only_mutate"]):
            file.write_text(without_decorators(file.read_text()))


def without_decorators(source):
    """The same, with ``name = property(name)`` behind each function instead of a decorator."""
    lines = source.splitlines()
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    # From the last line to the first, so that the numbers of those that are left still fit.
    for function in sorted(functions, key=lambda node: node.lineno, reverse=True):
        decorators = [ast.unparse(decorator) for decorator in function.decorator_list]
        if decorators in (["property"], ["cached_property"]):
            call = f"{function.name} = {decorators[0]}({function.name})"
            lines.insert(function.end_lineno, " " * function.col_offset + call)
            del lines[function.decorator_list[0].lineno - 1]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
