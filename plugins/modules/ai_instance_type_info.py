#!/usr/bin/python

# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ai_instance_type_info
short_description: Look up the GPU types for Exoscale Dedicated Inference
version_added: 1.0.0
author:
  - exoscale.cloud contributors (@exoscale-cloud)
description:
  - Returns the GPU types that the zone offers, sorted by family, and whether the organization may use them.
extends_documentation_fragment:
  - exoscale.cloud.api
  - exoscale.cloud.attributes
  - exoscale.cloud.attributes.actiongroup_ai
  - exoscale.cloud.attributes.info_module
seealso:
  - module: exoscale.cloud.ai_quota_info
  - module: exoscale.cloud.ai_deployment
"""

EXAMPLES = r"""
# Credentials and zone come from EXOSCALE_API_KEY, EXOSCALE_API_SECRET and EXOSCALE_ZONE.
- name: Look up the GPU types of the zone
  exoscale.cloud.ai_instance_type_info:
  register: offered

- name: Show those that can be used
  ansible.builtin.debug:
    msg: "{{ offered.instance_types | selectattr('authorized') | map(attribute='family') }}"
"""

RETURN = r"""
instance_types:
  description:
    - The GPU types, with the fields of the API.
  returned: success
  type: list
  elements: dict
  contains:
    family:
      description: The GPU family, as O(exoscale.cloud.ai_deployment#module:gpu_type) takes it.
      type: str
    authorized:
      description: Whether the organization may use it.
      type: bool
  sample:
    - family: gpua5000
      authorized: true
"""

from ansible_collections.exoscale.cloud.plugins.module_utils._task.start import quick_start

with quick_start():
    from ansible_collections.exoscale.cloud.plugins.module_utils._task.instance_type_info import main

if __name__ == "__main__":
    main()
