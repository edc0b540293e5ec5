# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The messages that the guide explains."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

GUIDE = Path(__file__).parents[3] / "docs" / "docsite" / "rst" / "guide_troubleshooting.rst"
_ENTRY = re.compile(
    r"^\.\. code-block:: text\n\n((?:    [^\n]*\n)+)\n(.*?)(?=^\.\. code-block::|^\S[^\n]*\n[-=]{4,}$|\Z)", re.M | re.S
)
#: What stands for a value, and for what is left out.
_LEFT_OPEN = re.compile(r"<[a-z][a-z ]*>|\s*…\s*")


class Message(NamedTuple):
    """One line of an entry.

    :param text: with ``<…>`` for values, and an ellipsis for what is left out.
    :param explanation: what the entry says of it.
    """

    text: str
    explanation: str

    @property
    def parts(self) -> list[str]:
        """What stands in the message as it is."""
        return [part.strip() for part in _LEFT_OPEN.split(self.text) if part.strip()]

    def is_in(self, line: str) -> bool:
        """Whether a line that was printed holds it."""
        pattern = "".join(
            (".*?" if each.strip() == "…" else ".+?") if _LEFT_OPEN.fullmatch(each) else re.escape(each)
            for each in re.split(f"({_LEFT_OPEN.pattern})", self.text)
        )
        return re.search(pattern, line) is not None


def entries() -> list[tuple[str, str]]:
    """The messages of each entry, one a line, and its explanation."""
    return _ENTRY.findall(GUIDE.read_text(encoding="utf-8"))


def messages() -> list[Message]:
    """All of them, in the order of the guide."""
    return [Message(line.strip(), explanation) for block, explanation in entries() for line in block.splitlines()]
