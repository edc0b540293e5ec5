# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tell how much of what is shipped the tests run, file by file, and whether that is enough."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

LEAST_PERCENT = 95


def percent(covered: int, total: int) -> float:
    return 100 * covered / total if total else 100.0


def row(name: str, counts: dict[str, Any]) -> str:
    lines, branches = (
        (counts["covered_lines"], counts["num_statements"]),
        (
            counts["covered_branches"],
            counts["num_branches"],
        ),
    )
    together = (lines[0] + branches[0], lines[1] + branches[1])
    return "{:<66}{:>8.1f}{:>8.1f}{:>10.1f}".format(name, *(percent(*pair) for pair in (together, lines, branches)))


def main(report: Path) -> int:
    told = json.loads(report.read_text())
    files = {name: file["summary"] for name, file in told["files"].items() if file["summary"]["num_statements"]}
    print(f"{'Percent covered of':<66}{'both':>8}{'lines':>8}{'branches':>10}")
    for name, counts in sorted(files.items(), key=lambda each: (each[1]["percent_covered"], each[0])):
        print(row(name, counts))
    total = told["totals"]
    print(row("Total", total))
    if total["percent_covered"] < LEAST_PERCENT:
        print(f"\n{LEAST_PERCENT} % of lines and branches together are wanted")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
