# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the simulator behaves. It needs no library."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any


@dataclass
class Settings:
    """How the account behaves; times are in seconds. :data:`MEANINGS` tells what each of them means."""

    operation_seconds: float = 0.0
    settle_seconds: float = 0.0
    serving_seconds: float = 0.0
    lag_seconds: float = 0.0
    visible: str = "at once"
    busy_answers_409: bool = True
    gpus_free: int = 1000
    state_at_zero_replicas: str = "ready"
    reference_in_operations: bool = True
    ids_of_public: bool = True
    hidden_fields: tuple[str, ...] = ()
    respell_parameters: bool = False
    uom_per_minute: int | None = None
    versions_that_do_not_serve: tuple[str, ...] = ()

    def change(self, name: str, value: Any) -> None:
        """
        :raises ValueError: there is no such setting, or it cannot have this value.
        """
        if name not in NAMES:
            raise ValueError(f"there is no setting {name}; there are: {', '.join(NAMES)}")
        value = tuple(value) if isinstance(value, list) else value
        known = self.__dataclass_fields__[name].default
        kinds = (int, float) if isinstance(known, float) else type(known)
        if known is None:
            kinds = (int, type(None))
        if not isinstance(value, kinds) or (isinstance(value, bool) and not isinstance(known, bool)):
            raise ValueError(f"the setting {name} cannot be {value!r}; it is {known!r} unless it is set")
        setattr(self, name, value)


MEANINGS = {
    "operation_seconds": "how long an operation is pending; 0 makes the answer to a write final",
    "settle_seconds": "how long one stays in transition after its operation has succeeded",
    "serving_seconds": "how long it takes after ready until the endpoint of a deployment serves",
    "lag_seconds": "for how long a read shows what was there before a change",
    "visible": "whether new values are shown 'at once' or 'when done'",
    "busy_answers_409": "whether a write to a deployment in transition is refused",
    "gpus_free": "how many GPUs are free",
    "state_at_zero_replicas": "the state that a deployment without replicas settles in",
    "reference_in_operations": "whether an operation tells what it is for",
    "ids_of_public": "whether the list shows the IDs of public deployments",
    "hidden_fields": "what answers about deployments leave out",
    "respell_parameters": "whether --flag=value is shown as two items",
    "uom_per_minute": "what may be consumed; nothing for no limit",
    "versions_that_do_not_serve": "engine versions that get ready, and never serve",
}
NAMES = tuple(each.name for each in fields(Settings))
