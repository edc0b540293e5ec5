# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hypothesis.core
import hypothesis.vendor.pretty
import pytest
from hypothesis import HealthCheck, settings

from ansible_collections.exoscale.cloud.tests.simulator import FakeClock, Simulator
from ansible_collections.exoscale.cloud.tests.unit.random_cases import Cases

# A machine that is busy, or measures what runs, is slow, and that is no failure.
settings.register_profile("whatever the clock says", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("whatever the clock says")

# The plugin of schemathesis, which pytest loads wherever it is installed, leaves the case out of each failure.
hypothesis.core.RepresentationPrinter = hypothesis.vendor.pretty.RepresentationPrinter


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def simulator(clock):
    """The simulator, on the same clock; whatever it answered must fit the vendor's contract."""
    with Simulator(clock) as server:
        yield server
    assert server.contract_violations == []


@pytest.fixture
def cases(record_property):
    """Counts what a test tries, and tells it in the report."""
    counted = Cases()
    yield counted
    record_property("cases", counted.number)
