# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Attributes of the modules of this collection."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  action:
    description:
      - Indicates that an action plugin of the same name runs the task in Ansible's own process where the outcome is the
        same.
    support: full
    details:
      - This is the case for a local connection without C(become), C(async), C(environment) or another Python
        interpreter. The variable C(exoscale_in_process) set to V(false) switches it off.
  check_mode:
    description: Can run in C(check_mode) and return the predicted change without making it.
  diff_mode:
    description: Returns in diff mode what has changed, or in C(check_mode) what would change.
  idempotent:
    description:
      - When run twice in a row outside check mode, with the same arguments, the second run indicates no change.
      - This assumes that nobody else has changed the resource in between.
"""

    ACTIONGROUP_AI = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/exoscale.cloud.ai) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - exoscale.cloud.ai
"""

    WRITING_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - In check mode only C(GET) requests can be sent, and the task does not wait.
  diff_mode:
    support: full
  idempotent:
    support: full
"""

    INFO_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - This module does not change anything.
  diff_mode:
    support: N/A
    details:
      - This module does not change anything.
  idempotent:
    support: full
    details:
      - This module does not change anything.
"""
