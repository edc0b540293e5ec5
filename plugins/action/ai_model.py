# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.exoscale.cloud.plugins.module_utils._task import model as task
from ansible_collections.exoscale.cloud.plugins.plugin_utils._in_process import InProcess


class ActionModule(InProcess):
    """Runs the module of the same name in Ansible's own process, where that is the same."""

    declaration = task.declaration()
    work = staticmethod(task.manage)
