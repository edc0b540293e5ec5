# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking engine parameters up."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ansible_collections.exoscale.cloud.plugins.module_utils._arguments import build_client
from ansible_collections.exoscale.cloud.plugins.module_utils._engine_parameters_api import HELP, read_entries
from ansible_collections.exoscale.cloud.plugins.module_utils._engine_parameters_help import normalise
from ansible_collections.exoscale.cloud.plugins.module_utils._errors import InvalidAnswer, InvalidInput
from ansible_collections.exoscale.cloud.plugins.module_utils._values import is_version, snake_case

if TYPE_CHECKING:
    from ansible_collections.exoscale.cloud.plugins.module_utils._clock import Clock
    from ansible_collections.exoscale.cloud.plugins.module_utils._outcome import Findings


def run(params: dict[str, Any], findings: Findings, clock: Clock = time) -> None:
    """Find the parameters that ``params``, the module's options, describe.

    :raises ExoscaleError: anything that a user, a network or a server can cause.
    """
    version, name, section = params["version"], params["name"], params["section"]
    if version is not None and not is_version(version):
        raise InvalidInput(f"version is {version!r}, but must be three numbers such as '0.19.0'")
    entries = read_entries(build_client(params, read_only=True, clock=clock), version)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise InvalidAnswer(f"GET {HELP}: the answer holds no list of parameters")
    findings.resources = [
        snake_case(entry)
        for entry in entries
        if (name is None or _has_name(entry, name)) and (section is None or entry.get("section") == section)
    ]


def _has_name(entry: dict[str, Any], name: str) -> bool:
    flags = entry.get("flags")
    spellings = [entry.get("name"), *(flags if isinstance(flags, list) else [])]
    return any(each in spellings for each in (name, normalise(name), name.replace("_", "-")))
