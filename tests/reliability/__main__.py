# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Play the fault matrix, and write the page of the documentation anew.

It is written if every promise was kept, and if each request has met each fault once, three times and for ever.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter

from . import table
from .playing import play_all


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="no further cell is begun after that")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="decides the order")
    options = parser.parse_args()
    print(f"Order: --seed {options.seed}", flush=True)
    began = time.monotonic()
    outcome = play_all(options.minutes, options.seed)
    endings = Counter(each.ending for each in outcome.played)
    kept = sum(not each.broken for each in outcome.played)
    print(
        f"{len(outcome.played)} of {outcome.there_are} cells in {time.monotonic() - began:.0f} s: "
        f"{endings['converged']} converged, {endings['failed']} failed and said why; {kept} kept every promise"
    )
    if not outcome.broken and table.is_whole(table.table_of(outcome.played)):
        table.write(table.table_of(outcome.played), len(outcome.played), outcome.there_are)
    return 1 if outcome.broken else 0


if __name__ == "__main__":
    sys.exit(main())
