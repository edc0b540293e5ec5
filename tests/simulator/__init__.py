# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stateful stand-in for the AI part of the Exoscale API, over real HTTP."""

from __future__ import annotations

from .clock import FakeClock
from .journal import JournalEntry
from .proxy import Proxy
from .server import Simulator

__all__ = ["FakeClock", "JournalEntry", "Proxy", "Simulator"]
