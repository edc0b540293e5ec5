# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells which of many secrets a text may hold, without looking for each of them."""

from __future__ import annotations

import re

#: Characters of a secret that stand together in each of its spellings, and by so many of which it is found.
_TOGETHER = re.compile(r"[0-9A-Za-z]{2,}")
_LONGEST_PIECE = 4


class SecretIndex:
    """Finds a secret by a piece of it that few others have."""

    def __init__(self) -> None:
        self._by_piece: dict[int, dict[str, list[str]]] = {}
        #: Those without such a piece, which any text may hold.
        self._everywhere: list[str] = []

    def add(self, secret: str) -> None:
        """Learn one."""
        runs = [run.casefold() for run in _TOGETHER.findall(secret)]
        if not runs:
            self._everywhere.append(secret)
            return
        length = min(_LONGEST_PIECE, max(map(len, runs)))
        known = self._by_piece.setdefault(length, {})
        rarest = min(_pieces("\0".join(runs), length), key=lambda piece: ("\0" in piece, len(known.get(piece, ()))))
        known.setdefault(rarest, []).append(secret)

    def candidates(self, text: str) -> set[str]:
        """Those that may stand in a text, in whatever spelling; all others certainly do not."""
        folded = text.casefold()
        found = set(self._everywhere)
        for length, known in self._by_piece.items():
            for piece in known.keys() & _pieces(folded, length):
                found.update(known[piece])
        return found


def _pieces(text: str, length: int) -> set[str]:
    return {text[slice(place, place + length)] for place in range(len(text) - length + 1)}
