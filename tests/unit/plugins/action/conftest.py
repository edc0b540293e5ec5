# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.exoscale.cloud.tests.simulator import Simulator
from ansible_collections.exoscale.cloud.tests.unit.plugins.action.playbook import Playbook


@pytest.fixture
def server():
    """The simulator on the clock of the wall, since another process waits for it."""
    with Simulator() as simulator:
        yield simulator
    assert simulator.contract_violations == []


@pytest.fixture
def playbook(server, tmp_path):
    return Playbook(server, tmp_path)
