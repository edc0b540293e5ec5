# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""
What mutmut has found out, in a table, and each mutant that no test has noticed, in a file::

    python -m ansible_collections.exoscale.cloud.tests.mutation.report FILE

It is called where mutmut was, and fails if too few mutants were noticed.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import walk_mutatable_files

LEAST_PERCENTAGE = 90
NOTICED = ("killed", "timeout")
UNNOTICED = ("survived", "no tests", "segfault", "suspicious", "not checked")


def main(target):
    counts, missed = {}, []
    for path in sorted(walk_mutatable_files()):
        data = SourceFileMutationData(path=path)
        data.load()
        statuses = {name: status_by_exit_code[code] for name, code in data.exit_code_by_key.items()}
        counts["/".join(path.parts[-2:])] = Counter(statuses.values())
        missed += [(name, status, path) for name, status in statuses.items() if status not in NOTICED]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(
        "".join(f"{name}: {status}\n{get_diff_for_mutant(name, path=path)}\n" for name, status, path in missed)
    )

    counts["all"] = sum(counts.values(), Counter())
    shown = [*NOTICED, *(status for status in UNNOTICED if counts["all"][status] or status == "survived")]
    print(row("", "mutants", *shown, "noticed"))
    for name, of_file in counts.items():
        print(row(name, of_file.total(), *(of_file[status] for status in shown), f"{percentage(of_file):.1f} %"))
    print(f"Those that no test has noticed are in {target}")
    return percentage(counts["all"]) < LEAST_PERCENTAGE


def percentage(of_file):
    return 100 * sum(of_file[status] for status in NOTICED) / max(1, of_file.total())


def row(name, *cells):
    return f"{name:32}" + "".join(f"{cell:>12}" for cell in cells)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
