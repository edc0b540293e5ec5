# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: stopwatch
type: aggregate
short_description: Tells how long each play has lasted
description: Tells how long each play has lasted, from the start of its first task.
"""


class CallbackModule(CallbackBase):  # type: ignore[misc]
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "stopwatch"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._seconds: dict[str, float] = {}
        self._play = ""
        self._started: float | None = None

    def v2_playbook_on_play_start(self, play: Any) -> None:
        self._end()
        self._play = play.get_name()

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        if self._started is None:
            self._started = time.perf_counter()

    def v2_playbook_on_stats(self, stats: Any) -> None:
        self._end()
        Path(os.environ["STOPWATCH"]).write_text(json.dumps(self._seconds))

    def _end(self) -> None:
        if self._started is not None:
            self._seconds[self._play] = time.perf_counter() - self._started
        self._started = None
