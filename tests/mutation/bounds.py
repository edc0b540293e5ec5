# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For pytest, while mutants are tested: a test that hangs is ended, and one with random examples is repeatable."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import Phase, settings

#: What mutmut calls a timeout.
_TIMEOUT = 36
#: The seconds that one test may take: of computing, whatever else the machine does, and of all.
_BOUNDS = [(signal.ITIMER_PROF, signal.SIGPROF, 15), (signal.ITIMER_REAL, signal.SIGALRM, 90)]

# A smaller example explains a failure, but nobody reads it here.
settings.register_profile(
    "mutation", derandomize=True, deadline=None, database=None, phases=[Phase.explicit, Phase.generate]
)
settings.load_profile("mutation")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol():
    if "__mutmut_" in os.environ.get("MUTANT_UNDER_TEST", ""):
        for timer, end, seconds in _BOUNDS:
            signal.signal(end, lambda *_: os._exit(_TIMEOUT))
            signal.setitimer(timer, seconds)
    return (yield)
