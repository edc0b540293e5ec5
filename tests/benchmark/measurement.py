# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One number of the report."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Measurement:
    """
    :param ratio: the median of the ratios to what it is compared with, pair by pair.
    :param beside: what it is compared with.
    """

    what: str
    value: float
    unit: str
    ratio: float | None = None
    beside: str = ""

    def __str__(self) -> str:
        compared = "" if self.ratio is None else f"   {self.ratio:.3f} of {self.beside}"
        return f"{self.what:<66} {self.value:>10,.1f} {self.unit:<9}{compared}"


def milliseconds(what: str, seconds: list[float], than: list[float] | None = None, beside: str = "") -> Measurement:
    """The median of several times, and of their ratios to ``than``."""
    ratio = median(own / other for own, other in zip(seconds, than, strict=True)) if than else None
    return Measurement(what, median(seconds) * 1000, "ms", ratio, beside)
