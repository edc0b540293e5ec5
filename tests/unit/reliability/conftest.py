# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import faulthandler
import os

import pytest

#: Seconds after which a case that is still running hangs.
_LONGEST_CASE = 60


@pytest.fixture
def watched(capsys):
    """Call it before each case: if that hangs, Python prints where, and ends."""
    with capsys.disabled():
        terminal = os.dup(2)
    try:
        yield lambda: faulthandler.dump_traceback_later(_LONGEST_CASE, exit=True, file=terminal)
    finally:
        faulthandler.cancel_dump_traceback_later()
        os.close(terminal)
