#!/usr/bin/python

# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ai_deployment
short_description: Manage an Exoscale Dedicated Inference deployment
version_added: 0.1.0
author:
  - exoscale.cloud contributors (@exoscale-cloud)
description:
  - Brings the name, the version of the inference engine (vLLM) and the engine's parameters of an existing deployment
    to what the task declares.
  - The deployment is read first. Only if something differs, one request with just the differing fields changes it.
    The task then waits, reads the deployment again and compares.
  - An option that is omitted, or V(null), is not managed, neither compared nor sent. An option that is given is exact.
  - Plan as if every change restarted the engine. Whether it does is not documented by Exoscale.
extends_documentation_fragment:
  - exoscale.cloud.api
  - exoscale.cloud.wait
  - exoscale.cloud.attributes
  - exoscale.cloud.attributes.actiongroup_ai
attributes:
  check_mode:
    support: full
    details:
      - In check mode only C(GET) requests can be sent, and the task does not wait.
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  id:
    description:
      - The UUID of the deployment.
      - At least one of O(id) and O(name) is required.
    type: str
  name:
    description:
      - Without O(id), the name of the deployment to manage. It must be unique among the organization's private
        deployments in the zone, or the task fails and lists the IDs.
      - With O(id), the name that the deployment shall have. A deployment of another name is renamed.
    type: str
  inference_engine_version:
    description:
      - The version of the inference engine, three numbers such as V(0.19.0).
      - Which versions exist is for the API to say, as new ones appear every few weeks.
    type: str
  inference_engine_parameters:
    description:
      - Additional command-line parameters of the inference engine, one command-line token for each item.
      - The list is compared as it stands, including its order, and replaces the whole list that is there.
      - An empty list V([]) removes all parameters.
      - A flag and its value are two items, or one item with C(=). One item with a blank between them would reach the
        engine as one token.
      - Quote items that YAML would read as something else than text, for example V("true") or V("8192").
      - Values of flags such as C(--api-key) or C(--hf-token) are kept out of the task's result. Set C(no_log) for the
        task to keep them out of the host's system log as well.
    type: list
    elements: str
seealso:
  - name: Exoscale Dedicated Inference deployments
    description: The vendor's reference of the requests that this module sends.
    link: https://community.exoscale.com/reference/api/ai/dedicated-inference/deployment
  - name: vLLM engine arguments
    description: What the inference engine's command line accepts.
    link: https://docs.vllm.ai/en/stable/cli/serve/
"""

EXAMPLES = r"""
# Credentials and zone can be given once for all modules of the collection,
# or through EXOSCALE_API_KEY, EXOSCALE_API_SECRET and EXOSCALE_ZONE.
- name: Manage an inference deployment
  hosts: localhost
  gather_facts: false
  module_defaults:
    group/exoscale.cloud.ai:
      api_key: "{{ vault_exoscale_api_key }}"
      api_secret: "{{ vault_exoscale_api_secret }}"
      zone: ch-gva-2
  tasks:
    - name: Run a certain version of the engine
      exoscale.cloud.ai_deployment:
        name: chat
        inference_engine_version: 0.19.0

    - name: Run the engine with certain parameters, and no others
      exoscale.cloud.ai_deployment:
        name: chat
        inference_engine_parameters:
          - --max-model-len=8192
          - --gpu-memory-utilization=0.9
          - --enable-prefix-caching

    - name: Remove all parameters
      exoscale.cloud.ai_deployment:
        name: chat
        inference_engine_parameters: []

    - name: Rename a deployment
      exoscale.cloud.ai_deployment:
        id: 3f1b0c5e-6f4e-4b8e-9a52-0d6d6f3c7f10
        name: chat-production

    - name: Start a change and do not wait for it
      exoscale.cloud.ai_deployment:
        id: 3f1b0c5e-6f4e-4b8e-9a52-0d6d6f3c7f10
        inference_engine_version: 0.19.0
        wait: false
      register: change

    - name: Wait, later, until the deployment is ready
      exoscale.cloud.ai_deployment:
        id: "{{ change.deployment.id }}"
        wait_timeout: 3600
"""

RETURN = r"""
deployment:
  description:
    - The deployment as the API shows it at the end of the task, with C(_) for C(-) in the keys.
    - RV(ignore:deployment.inference_engine_parameters) is always there, and is empty if the API shows none.
    - In check mode, the managed fields have the values that they would have.
    - After a failure, the deployment as it was last seen, or V(null) if it was never seen.
  returned: always
  type: dict
  sample:
    id: 3f1b0c5e-6f4e-4b8e-9a52-0d6d6f3c7f10
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
operations:
  description:
    - The operations that the task started, with the last state of each that was seen.
    - Empty if nothing was written, and if the answer that names the operation was lost.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: The ID of the operation.
      type: str
      sample: 5d3a2c1b-7e8f-4a9b-8c0d-1e2f3a4b5c6d
    state:
      description: V(pending), V(success), V(failure) or V(timeout).
      type: str
      sample: success
    reason:
      description: Why the operation failed, or V(null).
      type: str
      sample: null
    message:
      description: What the API says about the operation, or V(null).
      type: str
      sample: null
    reference:
      description: The resource that the operation works on, or V(null).
      type: dict
      sample:
        id: 3f1b0c5e-6f4e-4b8e-9a52-0d6d6f3c7f10
        link: /v2/ai/deployment/3f1b0c5e-6f4e-4b8e-9a52-0d6d6f3c7f10
        command: get-deployment
changes:
  description: The names of the fields that the task changed, or in check mode would change.
  returned: always
  type: list
  elements: str
  sample:
    - inference_engine_version
diff:
  description: The fields that the task manages, before and after.
  returned: in diff mode
  type: dict
  sample:
    before:
      inference_engine_version: 0.18.1
    after:
      inference_engine_version: 0.19.0
    before_header: AI deployment chat (3f1b0c5e-6f4e-4b8e-9a52-0d6d6f3c7f10)
    after_header: AI deployment chat (3f1b0c5e-6f4e-4b8e-9a52-0d6d6f3c7f10)
status:
  description: The HTTP status of the answer that ended the task, or V(null) if it was not ended by one.
  returned: failure
  type: int
  sample: 400
title:
  description: The API's short name for the problem, or V(null).
  returned: failure
  type: str
  sample: Bad Request
detail:
  description: The API's explanation of the problem, or V(null).
  returned: failure
  type: str
  sample: Invalid request body
errors:
  description: The API's single findings, each with what the API says, such as C(detail), C(pointer) or C(path).
  returned: failure
  type: list
  elements: dict
  sample:
    - pointer: /inference-engine-version
      detail: value is not in the enumeration
operation:
  description: The operation that failed or was not waited for to its end, or V(null).
  returned: failure
  type: dict
  sample: null
"""

import time
from typing import TYPE_CHECKING

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.exoscale.cloud.plugins.module_utils._ai_deployment_task import run
from ansible_collections.exoscale.cloud.plugins.module_utils._arguments import api_argument_spec, wait_argument_spec
from ansible_collections.exoscale.cloud.plugins.module_utils._module import run_module
from ansible_collections.exoscale.cloud.plugins.module_utils._outcome import Outcome

if TYPE_CHECKING:
    from ansible_collections.exoscale.cloud.plugins.module_utils._clock import Clock


def main(clock: Clock = time) -> None:
    module = AnsibleModule(
        argument_spec={
            **api_argument_spec(),
            **wait_argument_spec(),
            "id": {"type": "str"},
            "name": {"type": "str"},
            "inference_engine_version": {"type": "str"},
            "inference_engine_parameters": {"type": "list", "elements": "str"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "model": {"type": "str"},
            "gpu_type": {"type": "str"},
            "gpu_count": {"type": "int"},
            "replicas": {"type": "int"},
            "recreate": {"type": "bool", "default": False},
            "on_failure": {"type": "str", "choices": ["keep", "rollback"], "default": "keep"},
            "failure_log_lines": {"type": "int", "default": 20},
        },
        required_one_of=[("id", "name")],
        supports_check_mode=True,
    )
    outcome = Outcome("deployment")
    run_module(module, outcome, lambda: run(module.params, module.check_mode, outcome, clock))


if __name__ == "__main__":
    main()
