# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.exoscale.cloud.tests.unit.plugins.modules.module_process import ModuleProcess


@pytest.fixture
def module_process(simulator, clock, capsys):
    return ModuleProcess(simulator, clock, capsys)
