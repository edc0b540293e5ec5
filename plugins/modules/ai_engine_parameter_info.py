#!/usr/bin/python

# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ai_engine_parameter_info
short_description: Look up which parameters an inference engine accepts
version_added: 1.0.0
author:
  - exoscale.cloud contributors (@exoscale-cloud)
description:
  - Returns the command-line parameters that the inference engine (vLLM) of Exoscale Dedicated Inference accepts, as the
    API describes them, in the order of the API.
extends_documentation_fragment:
  - exoscale.cloud.api
  - exoscale.cloud.attributes
  - exoscale.cloud.attributes.actiongroup_ai
  - exoscale.cloud.attributes.info_module
options:
  version:
    description:
      - The version of the engine, three numbers such as V(0.19.0).
      - If omitted, the API chooses the version.
    type: str
  name:
    description:
      - Return only the parameter of this name, or with this flag. C(max_model_len), C(--max-model-len) and C(-tp) are
        all possible.
    type: str
  section:
    description:
      - Return only the parameters of this section.
    type: str
seealso:
  - module: exoscale.cloud.ai_deployment
"""

EXAMPLES = r"""
# Credentials and zone come from EXOSCALE_API_KEY, EXOSCALE_API_SECRET and EXOSCALE_ZONE.
- name: Look up what a version of the engine accepts
  exoscale.cloud.ai_engine_parameter_info:
    version: 0.19.0
  register: engine

- name: Show all flags
  ansible.builtin.debug:
    msg: "{{ engine.parameters | map(attribute='flags') | flatten }}"

- name: Look up one parameter
  exoscale.cloud.ai_engine_parameter_info:
    version: 0.19.0
    name: --kv-cache-dtype
  register: kv_cache_dtype

- name: Show its allowed values
  ansible.builtin.debug:
    var: kv_cache_dtype.parameters[0].allowed_values
"""

RETURN = r"""
parameters:
  description:
    - The matching parameters, with C(_) for C(-) in the keys. A key is missing where the API leaves it out.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The name of the parameter.
      type: str
      sample: kv-cache-dtype
    flags:
      description: All spellings of the flag.
      type: list
      elements: str
      sample:
        - --kv-cache-dtype
    type:
      description: The type of its value.
      type: str
      sample: enum
    default:
      description: The value that the engine uses if the parameter is not given.
      type: str
      sample: auto
    section:
      description: The section of the engine's own documentation.
      type: str
      sample: CacheConfig
    description:
      description: The purpose of the parameter.
      type: str
      sample: Data type for the key and value cache
    allowed_values:
      description: The values that it may have.
      type: list
      elements: str
      sample:
        - auto
        - fp8
"""

from ansible_collections.exoscale.cloud.plugins.module_utils._task.start import quick_start

with quick_start():
    from ansible_collections.exoscale.cloud.plugins.module_utils._task.engine_parameter_info import main

if __name__ == "__main__":
    main()
