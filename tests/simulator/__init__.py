# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stateful stand-in for the AI part of the Exoscale API, over real HTTP."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .clock import FakeClock
    from .journal import JournalEntry
    from .proxy import Proxy
    from .server import Simulator

__all__ = ["FakeClock", "JournalEntry", "Proxy", "Simulator"]

_HOMES = {"FakeClock": "clock", "JournalEntry": "journal", "Proxy": "proxy", "Simulator": "server"}


def __getattr__(name: str) -> Any:
    # Imported when asked for, so that --help needs no library.
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
