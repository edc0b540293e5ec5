# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: engine_parameters
short_description: Make an inference engine's command line from a mapping
version_added: 1.0.0
author:
  - exoscale.cloud contributors (@exoscale-cloud)
description:
  - Turns a mapping into the list of command-line tokens that
    O(exoscale.cloud.ai_deployment#module:inference_engine_parameters) takes, so that parameters can be
    written as YAML, and defaults be merged with P(ansible.builtin.combine#filter).
  - V(true) becomes C(--flag), V(false) becomes C(--no-flag), and V(null) is left out.
  - Lists and mappings become compact JSON, as in C(--flag={"a":[1,2]}).
  - Any other value becomes C(--flag=value), one token.
  - The order of the mapping is kept.
positional: _input
options:
  _input:
    description:
      - The parameters, values by the name of their flag.
      - A name gets two dashes, and its underscores become dashes. In a dotted name such as
        C(compilation_config.cudagraph_mode) that ends at the first dot, as it does in the engine.
      - A name that already begins with one or two dashes keeps them, so that short flags such as C(-tp) can be given.
      - Two names of the same flag, such as C(max_model_len) and C(max-model-len), are an error, as one would be meant
        to replace the other.
      - V(false) is an error where there is nothing to negate, that is for short flags, dotted names, and names that
        begin with C(no-).
      - Dates, binary data, and numbers that are not finite are errors. Put quotes around a value that YAML would read
        as something else than text.
    type: dict
    required: true
notes:
  - A few flags, such as C(--served-model-name), take several values as tokens of their own and no JSON.
    Append those to the list, as in the examples.
  - The result holds the values of flags such as C(--api-key) in clear text.
seealso:
  - plugin: exoscale.cloud.ai_deployment
    plugin_type: module
  - plugin: ansible.builtin.combine
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Declare an engine in YAML
  exoscale.cloud.ai_deployment:
    name: chat
    inference_engine_parameters: "{{ engine | exoscale.cloud.engine_parameters }}"
  vars:
    engine:
      max_model_len: 8192
      gpu_memory_utilization: 0.9
      enable_prefix_caching: true
      async_scheduling: false
      quantization: null
      limit_mm_per_prompt:
        image: 2
      compilation_config.cudagraph_mode: FULL
    # ["--max-model-len=8192", "--gpu-memory-utilization=0.9", "--enable-prefix-caching",
    #  "--no-async-scheduling", "--limit-mm-per-prompt={\"image\":2}",
    #  "--compilation-config.cudagraph_mode=FULL"]

- name: Merge what all engines have with what this one has
  exoscale.cloud.ai_deployment:
    name: chat
    inference_engine_parameters: >-
      {{ engine_defaults | ansible.builtin.combine(engine) | exoscale.cloud.engine_parameters }}
  vars:
    engine_defaults:
      max_model_len: 8192
      enable_prefix_caching: true
    engine:
      max_model_len: 16384
      enable_prefix_caching: null
    # ["--max-model-len=16384"]

- name: Add a flag that takes several values
  exoscale.cloud.ai_deployment:
    name: chat
    inference_engine_parameters: >-
      {{ (engine | exoscale.cloud.engine_parameters) + ['--served-model-name', 'chat', 'chat-large'] }}
  vars:
    engine:
      tensor_parallel_size: 2
"""

RETURN = r"""
_value:
  description: The command line, one token for each item.
  type: list
  elements: str
  sample:
    - --max-model-len=8192
    - --enable-prefix-caching
    - --no-async-scheduling
"""

from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from jinja2 import Undefined

from ansible_collections.exoscale.cloud.plugins.module_utils._engine.tokens import to_tokens


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
