# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells which of many secrets a text may hold, without looking for each of them."""

from __future__ import annotations

import re

from .._engine.spellings import folded

#: What of a secret stands as it is, and together, in each of its spellings.
_TOGETHER = re.compile(r"[0-9A-Za-z]+")
_LONGEST_PIECE = 4


class SecretIndex:
    """Finds a secret by a piece of it that few others have, and then by all that stands together in it."""

    def __init__(self) -> None:
        self._by_piece: dict[int, dict[str, list[str]]] = {}
        self._runs: dict[str, list[str]] = {}
        #: Those without such a piece, which any text may hold.
        self._everywhere: list[str] = []

    def add(self, secret: str) -> None:
        """Learn one."""
        runs = self._runs[secret] = [folded(run) for run in _TOGETHER.findall(secret)]
        if not runs:
            self._everywhere.append(secret)
            return
        length = min(_LONGEST_PIECE, max(map(len, runs)))
        known = self._by_piece.setdefault(length, {})
        pieces = set().union(*(_pieces(run, length) for run in runs))
        rarest = min(pieces, key=lambda piece: len(known.get(piece, ())))
        known.setdefault(rarest, []).append(secret)

    def candidates(self, text: str) -> set[str]:
        """Those that may stand in a text, in whatever spelling; all others certainly do not."""
        whole = folded(text)
        found = set(self._everywhere)
        for length, known in self._by_piece.items():
            for piece in known.keys() & _pieces(whole, length):
                found.update(secret for secret in known[piece] if all(run in whole for run in self._runs[secret]))
        return found


def _pieces(text: str, length: int) -> set[str]:
    return {text[slice(place, place + length)] for place in range(len(text) - length + 1)}
