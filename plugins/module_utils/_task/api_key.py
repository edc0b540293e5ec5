# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task of ``ai_api_key``."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NoReturn

from .._ai.api_key_kind import ApiKeyKind, WantedKey
from .managing import declaration_of_managing
from .managing import manage as manage_kind
from .module import run_module
from .options import wait_options

if TYPE_CHECKING:
    from .._api.client import Client
    from .._api.clock import Clock
    from .options import Declaration
    from .run import Findings, Task

_RETURNED = "ai_api_key"


def declaration() -> Declaration:
    """Of the module ``ai_api_key``."""
    waiting = wait_options()
    return declaration_of_managing(
        {
            "wait": waiting["wait"],
            "wait_timeout": waiting["wait_timeout"],
            "id": {"type": "str"},
            "name": {"type": "str"},
            "scope": {"type": "str"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "recreate": {"type": "bool", "default": False},
        },
        _RETURNED,
        required_one_of=(("id", "name"),),
    )


def main(clock: Clock = time) -> NoReturn:
    """The process of the module."""
    run_module(declaration(), manage, clock)


def manage(task: Task, findings: Findings) -> None:
    """Bring a key to what the options declare.

    :raises ExoscaleError: anything that a user, a network or a server can cause.
    """

    def make_kind(client: Client) -> ApiKeyKind:
        return ApiKeyKind(client, task.warn)

    manage_kind(task, findings, WantedKey.from_params(task.params), make_kind, _RETURNED)
