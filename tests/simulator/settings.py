# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the simulator behaves. It needs no library."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any


def _setting(default: Any, told: str) -> Any:
    return field(default=default, metadata={"help": told})


@dataclass
class Settings:
    """How the account behaves; times are in seconds."""

    operation_seconds: float = _setting(0.0, "how long an operation is pending; 0 makes the answer to a write final")
    settle_seconds: float = _setting(0.0, "how long one stays in transition after its operation has succeeded")
    serving_seconds: float = _setting(0.0, "how long it takes after ready until the endpoint of a deployment serves")
    lag_seconds: float = _setting(0.0, "for how long a read shows what was there before a change")
    visible: str = _setting("at once", "whether new values are shown 'at once' or 'when done'")
    busy_answers_409: bool = _setting(True, "whether a write to a deployment in transition is refused")
    gpus_free: int = _setting(1000, "how many GPUs are free")
    state_at_zero_replicas: str = _setting("ready", "the state that a deployment without replicas settles in")
    reference_in_operations: bool = _setting(True, "whether an operation tells what it is for")
    ids_of_public: bool = _setting(True, "whether the list shows the IDs of public deployments")
    hidden_fields: tuple[str, ...] = _setting((), "what answers about deployments leave out")
    respell_parameters: bool = _setting(False, "whether --flag=value is shown as two items")
    uom_per_minute: int | None = _setting(None, "what may be consumed; nothing for no limit")
    versions_that_do_not_serve: tuple[str, ...] = _setting((), "engine versions that get ready, and never serve")

    def change(self, name: str, value: Any) -> None:
        """
        :raises ValueError: there is no such setting.
        """
        if name not in NAMES:
            raise ValueError(f"there is no setting {name}; there are: {', '.join(NAMES)}")
        setattr(self, name, tuple(value) if isinstance(value, list) else value)


NAMES = tuple(each.name for each in fields(Settings))
