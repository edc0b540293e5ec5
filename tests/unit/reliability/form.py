# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether tests try a little, as ``make test`` wants it, or all, as ``make soak`` does."""

from __future__ import annotations

import os


def is_long() -> bool:
    """Whether ``EXOSCALE_TEST_FORM`` is ``long``."""
    return os.environ.get("EXOSCALE_TEST_FORM") == "long"
