# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from jinja2 import Undefined

from ansible_collections.exoscale.cloud.plugins.module_utils._engine_parameters_tokens import to_tokens


def engine_parameters(parameters: Any) -> list[str]:
    """
    :raises AnsibleFilterError: what is given is no mapping, or a key or value cannot stand on a command line.
    """
    if isinstance(parameters, Undefined):
        # Jinja's own error says which variable is missing.
        str(parameters)
    try:
        return to_tokens(parameters)
    except ValueError as error:
        raise AnsibleFilterError(f"exoscale.cloud.engine_parameters: {error}") from error


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"engine_parameters": engine_parameters}
