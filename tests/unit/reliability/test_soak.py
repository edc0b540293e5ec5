# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random tasks of all modules with random faults, for seconds here and for minutes in ``make soak``."""

from __future__ import annotations

import os
import random

from ansible_collections.exoscale.cloud.tests.reliability.soaking import Soak

SECONDS = float(os.environ.get("EXOSCALE_TEST_SOAK_SECONDS", "10"))
SEED = int(os.environ.get("EXOSCALE_TEST_SEED", str(random.randrange(10**6))))


def test_random_tasks_with_random_faults_keep_their_promises(record_property):
    soak = Soak(SEED)

    soak.run(SECONDS)

    assert not soak.broken, "\n".join([f"EXOSCALE_TEST_SEED={SEED}", *soak.broken])
    assert soak.counts["tasks"] > 0
    record_property("random tasks", soak.counts["tasks"])
    record_property("requests of random tasks", soak.counts["requests"])
