# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.exoscale.cloud.tests.unit.plugins.module_utils._task.play import Player


@pytest.fixture
def play(simulator, clock):
    """Plays one task: play(id=…, inference_engine_version=…) → its result."""
    return Player(simulator, clock)
