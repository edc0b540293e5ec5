#!/usr/bin/python

# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ai_model_info
short_description: Look up models for Exoscale Dedicated Inference
version_added: 1.0.0
author:
  - exoscale.cloud contributors (@exoscale-cloud)
description:
  - Returns the models of one zone that match all given options, sorted by name and then by ID.
  - The list is empty if none matches.
extends_documentation_fragment:
  - exoscale.cloud.api
  - exoscale.cloud.attributes
  - exoscale.cloud.attributes.actiongroup_ai
  - exoscale.cloud.attributes.info_module
options:
  id:
    description:
      - The UUID of the model. That one is read alone.
    type: str
  name:
    description:
      - The exact name of the models, as on Hugging Face. Names need not be unique.
    type: str
  state:
    description:
      - The state of the models, for example V(ready), V(downloading) or V(error).
    type: str
seealso:
  - module: exoscale.cloud.ai_deployment
"""

EXAMPLES = r"""
# Credentials and zone come from EXOSCALE_API_KEY, EXOSCALE_API_SECRET and EXOSCALE_ZONE.
- name: Look up all models of the zone
  exoscale.cloud.ai_model_info:
  register: all

- name: Fail unless a model is ready
  exoscale.cloud.ai_model_info:
    name: openai/gpt-oss-120b
    state: ready
  register: found
  failed_when: found.models | length == 0
"""

RETURN = r"""
models:
  description:
    - The matching models, with the fields of the API.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The UUID.
      type: str
    name:
      description: The name, as on Hugging Face.
      type: str
    state:
      description: The state, for example V(ready).
      type: str
    model_size:
      description: The size in bytes.
      type: int
    created_at:
      description: When it was created.
      type: str
    updated_at:
      description: When it was changed last.
      type: str
  sample:
    - id: 8c9a3f60-0a6a-4a0c-9d2b-5d0e2c7a1b11
      name: openai/gpt-oss-120b
      state: ready
      model_size: 130000000000
      created_at: "2026-09-01T08:00:00Z"
      updated_at: "2026-09-01T09:30:00Z"
"""

from ansible_collections.exoscale.cloud.plugins.module_utils._task.start import quick_start

with quick_start():
    from ansible_collections.exoscale.cloud.plugins.module_utils._task.model_info import main

if __name__ == "__main__":
    main()
