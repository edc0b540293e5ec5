# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For pytest, while mutants are tested: what hangs is ended, random examples stay the same, and each test is found."""

from __future__ import annotations

import itertools
import json
import os
import resource
import signal
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import Phase, settings

#: What mutmut calls a timeout.
_TIMEOUT = 36
#: The seconds that one test may take: of computing, and of all, which depends on what else the machine does.
_MOST_COMPUTING = 15
_LONGEST = 300

#: Where mutmut keeps how long each test takes, once it knows.
_STATISTICS = Path(__file__).parents[5] / "mutmut-stats.json"
#: So many seconds of tests are run for each mutant, and no test that takes longer than a second. A mutant that only
#: others would notice counts as not noticed.
_MOST_SECONDS = 6.0
_SLOW = 1.0

# A smaller example explains a failure, but nobody reads it here.
settings.register_profile(
    "mutation", derandomize=True, deadline=None, database=None, phases=[Phase.explicit, Phase.generate]
)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol():
    if _tests_a_mutant():
        signal.signal(signal.SIGALRM, lambda *_: os._exit(_TIMEOUT))
        signal.setitimer(signal.ITIMER_REAL, _LONGEST)
        # A handler runs in the main thread, which may wait for the one that computes without end.
        bound = int(sum(resource.getrusage(resource.RUSAGE_SELF)[:2])) + _MOST_COMPUTING
        most = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (bound if most < 0 else min(bound, most), most))
    return (yield)


def pytest_configure(config):
    # The conftest of the tests, which has come before, has loaded a profile of its own.
    settings.load_profile("mutation")
    # In a process that has run it before, pytest escapes a backslash in the ID of a test once more and does not find
    # the test; and a mutant whose tests are not found is taken for a killed one. So all of its parameters are run.
    config.args[:] = [arg.partition("[")[0] if "\\" in arg else arg for arg in config.args]


def pytest_collection_modifyitems(items):
    if not _tests_a_mutant():
        return
    seconds = json.loads(_STATISTICS.read_text())["duration_by_test"]
    room, module = os.environ["MUTANT_UNDER_TEST"].split(".")[-3:-1]
    cases = Counter()

    def distance(item):
        # Most mutants are noticed by a test of the same file, and by one that takes no time; and what one case of a
        # test does not notice, the others seldom do.
        function = item.nodeid.partition("[")[0]
        cases[function] += 1
        return (
            f"/{room}/test_{module}" not in item.nodeid,
            cases[function] > 1,
            f"/{room}/" not in item.nodeid,
            cases[function],
            seconds.get(item.nodeid, 0.0),
        )

    nearest = sorted(items, key=distance)
    quick = [item for item in nearest if seconds.get(item.nodeid, 0.0) <= _SLOW] or nearest
    sums = itertools.accumulate(seconds.get(item.nodeid, 0.0) for item in quick)
    items[:] = [item for item, sum_ in zip(quick, sums, strict=True) if sum_ <= _MOST_SECONDS] or quick[:1]


def _tests_a_mutant():
    return "__mutmut_" in os.environ.get("MUTANT_UNDER_TEST", "")
