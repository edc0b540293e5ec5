# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For pytest, while mutants are tested: what hangs is ended, random examples stay the same, and each test is found."""

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


def pytest_configure(config):
    """Call a test with a backslash in its ID by the name that all of them have in common.

    In a process that has run it before, pytest escapes it once more and does not find it again; and a mutant whose
    tests are not found is taken for a killed one.
    """
    config.args[:] = [arg.partition("[")[0] if "\\" in arg else arg for arg in config.args]
