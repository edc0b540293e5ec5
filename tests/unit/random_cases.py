# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many random cases a test tries.

``EXOSCALE_TEST_SEQUENCES`` sets how many sequences of tasks are played; all other numbers follow in proportion.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

_USUAL_SEQUENCES = 40


def number_of(usual):
    """So many cases, unless the environment says otherwise."""
    wanted = int(os.environ.get("EXOSCALE_TEST_SEQUENCES", str(_USUAL_SEQUENCES)))
    return max(1, usual * wanted // _USUAL_SEQUENCES)


def in_number(usual):
    """The settings of a test that tries so many random cases, unless the environment says otherwise."""
    return settings(
        max_examples=number_of(usual),
        stateful_step_count=12,
        deadline=None,
        # Every step is played over real HTTP, so that shrinking a failure would take many minutes.
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


class Cases:
    """Counts what a test has tried."""

    def __init__(self):
        self.number = 0

    def one_more(self):
        self.number += 1
