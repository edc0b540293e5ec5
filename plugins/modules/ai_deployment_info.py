#!/usr/bin/python

# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ai_deployment_info
short_description: Look up Exoscale Dedicated Inference deployments
version_added: 1.0.0
author:
  - exoscale.cloud contributors (@exoscale-cloud)
description:
  - Returns the deployments of one zone that match all given options, sorted by name and then by ID.
  - The list is empty if none matches.
extends_documentation_fragment:
  - exoscale.cloud.api
  - exoscale.cloud.attributes
  - exoscale.cloud.attributes.actiongroup_ai
  - exoscale.cloud.attributes.info_module
options:
  id:
    description:
      - The UUID of the deployment.
    type: str
  name:
    description:
      - The exact name of the deployments. Names need not be unique.
    type: str
  state:
    description:
      - The state of the deployments, for example V(ready) or V(error).
    type: str
  model:
    description:
      - The name or the UUID of the model that the deployments serve.
      - Compared with what the API shows of the model.
    type: str
  gpu_type:
    description:
      - The family of the GPUs that the deployments run on.
    type: str
  visibility:
    description:
      - V(private) for the organization's own deployments, V(public) for those that Exoscale offers to everybody.
    type: str
    choices: [private, public]
  details:
    description:
      - Whether to read each match on its own, a few at a time, for the version and the parameters of its engine, which
        the list of the API lacks.
      - With V(false) and without O(id) there is one request in all, and both are V(null).
    type: bool
    default: true
seealso:
  - module: exoscale.cloud.ai_deployment
"""

EXAMPLES = r"""
# Credentials and zone come from EXOSCALE_API_KEY, EXOSCALE_API_SECRET and EXOSCALE_ZONE.
- name: Look up all deployments of the organization
  exoscale.cloud.ai_deployment_info:
    visibility: private
  register: own

- name: Show which version each of them runs
  ansible.builtin.debug:
    msg: "{{ own.deployments | items2dict(key_name='name', value_name='inference_engine_version') }}"

- name: Look for deployments that are broken, with one request
  exoscale.cloud.ai_deployment_info:
    state: error
    details: false
  register: broken

# The playbooks exoscale.cloud.adopt and exoscale.cloud.apply_declarations keep them in a file, and apply that.
- name: Declare one of them as it is, which changes nothing
  exoscale.cloud.ai_deployment:
    name: "{{ chat.name }}"
    replicas: "{{ chat.replicas }}"
    inference_engine_version: "{{ chat.inference_engine_version }}"
  vars:
    chat: "{{ own.declarations | selectattr('name', 'defined') | selectattr('name', 'equalto', 'chat') | first }}"

- name: Fail if any is broken
  ansible.builtin.assert:
    that: broken.deployments | length == 0
"""

RETURN = r"""
deployments:
  description:
    - The matching deployments, each with the keys of RV(exoscale.cloud.ai_deployment#module:deployment).
  returned: success
  type: list
  elements: dict
  sample:
    - id: 3f1b0c5e-6f4e-4b8e-9a52-0d6d6f3c7f10
      name: chat
      state: ready
      visibility: private
      model:
        id: 8c9a3f60-0a6a-4a0c-9d2b-5d0e2c7a1b11
        name: openai/gpt-oss-120b
      gpu_type: gpua5000
      gpu_count: 2
      replicas: 1
      inference_engine_version: 0.19.0
      inference_engine_parameters:
        - --max-model-len=8192
      deployment_url: https://chat.inference.example.com/v1
      created_at: "2026-09-01T08:00:00Z"
      updated_at: "2026-09-02T09:30:00Z"
declarations:
  description:
    - Each of RV(deployments) that is private, as the options of M(exoscale.cloud.ai_deployment) that declare it.
      Declared so, it is not changed.
    - It has C(name), unless the name is none that M(exoscale.cloud.ai_deployment) takes. It has C(id) where the name
      does not tell which one is meant, because another one has the same name or there is none, and if O(id) was given.
    - In place of a secret among the parameters there is a placeholder, and a warning names the deployment and the flag.
      M(exoscale.cloud.ai_deployment) refuses the placeholder, so that it never replaces the secret.
    - A field is left out, with a warning, if the API does not show it, or shows what M(exoscale.cloud.ai_deployment)
      does not take.
    - Empty with O(details=false), as version and parameters are not known then.
  returned: success
  type: list
  elements: dict
  sample:
    - name: chat
      inference_engine_version: 0.19.0
      inference_engine_parameters:
        - --max-model-len=8192
      model: openai/gpt-oss-120b
      gpu_type: gpua5000
      gpu_count: 2
      replicas: 1
"""

from ansible_collections.exoscale.cloud.plugins.module_utils._task.start import quick_start

with quick_start():
    from ansible_collections.exoscale.cloud.plugins.module_utils._task.deployment_info import main

if __name__ == "__main__":
    main()
