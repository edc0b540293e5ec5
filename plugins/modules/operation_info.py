#!/usr/bin/python

# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: operation_info
short_description: Look up Exoscale operations, or wait for them
version_added: 1.0.0
author:
  - exoscale.cloud contributors (@exoscale-cloud)
description:
  - Returns the operations of the given IDs, in the order given.
  - With O(wait=true) it waits for all of them at once, for example for those that tasks without waiting have started.
  - An operation that failed does not fail the task, see RV(all_succeeded). An ID that the API does not know does.
extends_documentation_fragment:
  - exoscale.cloud.api
  - exoscale.cloud.attributes
  - exoscale.cloud.attributes.actiongroup_ai
  - exoscale.cloud.attributes.info_module
options:
  ids:
    description:
      - The UUIDs of the operations.
    type: list
    elements: str
    required: true
  wait:
    description:
      - Whether to wait until none of the operations is pending.
    type: bool
    default: false
  wait_timeout:
    description:
      - Seconds to wait at most, at most one year. After that the task fails, and returns the operations as they were
        seen last.
      - The time between two looks is a tenth of the time waited so far, but at least half a second and at most 30
        seconds.
    type: int
    default: 1800
seealso:
  - module: exoscale.cloud.ai_deployment
"""

EXAMPLES = r"""
# Credentials and zone come from EXOSCALE_API_KEY, EXOSCALE_API_SECRET and EXOSCALE_ZONE.
- name: Begin a change of two deployments
  exoscale.cloud.ai_deployment:
    name: "{{ item }}"
    inference_engine_version: 0.20.2
    wait: false
  loop: [chat, embed]
  register: begun

- name: Wait for both
  exoscale.cloud.operation_info:
    ids: "{{ begun.results | map(attribute='operations') | flatten | map(attribute='id') }}"
    wait: true
  register: ended
  failed_when: not ended.all_succeeded
"""

RETURN = r"""
operations:
  description:
    - The operations, in the order of O(ids).
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: The UUID.
      type: str
    state:
      description: V(pending), V(success), V(failure) or V(timeout).
      type: str
    reason:
      description: Why it failed, as one word.
      type: str
    message:
      description: Why it failed.
      type: str
    reference:
      description: What it is an operation of, with C(id), C(link) and C(command).
      type: dict
  sample:
    - id: 5e0c0f3c-0d3e-4c43-9b5f-5f8a8f0e2f11
      state: success
      reason: null
      message: null
      reference:
        id: 3f1b0c5e-6f4e-4b8e-9a52-0d6d6f3c7f10
        link: /v2/ai/deployment/3f1b0c5e-6f4e-4b8e-9a52-0d6d6f3c7f10
        command: update-deployment
all_succeeded:
  description:
    - Whether each of the operations has ended well.
  returned: always
  type: bool
  sample: true
"""

from ansible_collections.exoscale.cloud.plugins.module_utils._task.start import quick_start

with quick_start():
    from ansible_collections.exoscale.cloud.plugins.module_utils._task.operation_info import main

if __name__ == "__main__":
    main()
