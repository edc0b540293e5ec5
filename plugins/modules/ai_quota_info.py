#!/usr/bin/python

# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ai_quota_info
short_description: Look up the quotas for Exoscale Dedicated Inference
version_added: 1.0.0
author:
  - exoscale.cloud contributors (@exoscale-cloud)
description:
  - Returns how much the organization may consume, and how many GPUs it may use.
  - The names of the GPU quotas are not documented. Those that hold the name of a GPU family of the zone are returned.
extends_documentation_fragment:
  - exoscale.cloud.api
  - exoscale.cloud.attributes
  - exoscale.cloud.attributes.actiongroup_ai
  - exoscale.cloud.attributes.info_module
seealso:
  - module: exoscale.cloud.ai_instance_type_info
"""

EXAMPLES = r"""
# Credentials and zone come from EXOSCALE_API_KEY, EXOSCALE_API_SECRET and EXOSCALE_ZONE.
- name: Look up the quotas
  exoscale.cloud.ai_quota_info:
  register: allowed

- name: Fail if all GPUs of one type are in use
  ansible.builtin.assert:
    that: item.limit == -1 or item.usage < item.limit
  loop: "{{ allowed.quota.gpus }}"
  loop_control:
    label: "{{ item.resource }}"
"""

RETURN = r"""
quota:
  description:
    - The quotas.
  returned: success
  type: dict
  contains:
    uom_per_minute:
      description: Units that may be consumed each minute. V(null) means no limit.
      type: int
    gpus:
      description: The quotas that name a GPU family, with the fields of the API. A limit of V(-1) means no limit.
      type: list
      elements: dict
  sample:
    uom_per_minute: 100000
    gpus:
      - resource: gpu-a5000
        usage: 2
        limit: 8
"""

from ansible_collections.exoscale.cloud.plugins.module_utils._task.start import quick_start

with quick_start():
    from ansible_collections.exoscale.cloud.plugins.module_utils._task.quota_info import main

if __name__ == "__main__":
    main()
