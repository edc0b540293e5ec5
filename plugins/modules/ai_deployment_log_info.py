#!/usr/bin/python

# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ai_deployment_log_info
short_description: Read the log of an Exoscale Dedicated Inference deployment
version_added: 1.0.0
author:
  - exoscale.cloud contributors (@exoscale-cloud)
description:
  - Returns the end of the engine's log of one deployment.
  - Reads the deployment itself before, so that the secrets among its engine parameters are taken out of the log.
extends_documentation_fragment:
  - exoscale.cloud.api
  - exoscale.cloud.attributes
  - exoscale.cloud.attributes.actiongroup_ai
  - exoscale.cloud.attributes.info_module
options:
  id:
    description:
      - The UUID of the deployment.
      - One of O(id) and O(name) is required.
    type: str
  name:
    description:
      - The name of the deployment, which must be unique among the organization's own ones.
    type: str
  tail:
    description:
      - How many of the last entries to return. From 1 to 10000.
    type: int
    default: 100
seealso:
  - module: exoscale.cloud.ai_deployment
"""

EXAMPLES = r"""
# Credentials and zone come from EXOSCALE_API_KEY, EXOSCALE_API_SECRET and EXOSCALE_ZONE.
- name: Read the last lines of a log
  exoscale.cloud.ai_deployment_log_info:
    name: chat
    tail: 20
  register: log

- name: Show them
  ansible.builtin.debug:
    msg: "{{ log.logs | map(attribute='message') }}"
"""

RETURN = r"""
logs:
  description:
    - The entries, the oldest first, with the fields of the API.
  returned: success
  type: list
  elements: dict
  contains:
    time:
      description: When it was written.
      type: str
    node:
      description: Where it was written.
      type: str
    message:
      description: The text. A secret is replaced by a placeholder.
      type: str
  sample:
    - time: "2026-09-02T09:30:00Z"
      node: node-1
      message: Application startup complete.
"""

from ansible_collections.exoscale.cloud.plugins.module_utils._task.start import quick_start

with quick_start():
    from ansible_collections.exoscale.cloud.plugins.module_utils._task.deployment_log_info import main

if __name__ == "__main__":
    main()
