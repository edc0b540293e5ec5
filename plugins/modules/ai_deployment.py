#!/usr/bin/python

# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ai_deployment
short_description: Manage an Exoscale Dedicated Inference deployment
version_added: 1.0.0
author:
  - exoscale.cloud contributors (@exoscale-cloud)
description:
  - Creates, updates, scales, replaces and deletes deployments.
  - The module reads the deployment first. If something differs, it sends one request with the differing fields only,
    waits for the change to end, reads the deployment again and compares.
  - It scales down before an update and scales up after it, so that no roll-out waits for GPUs that the same task is
    about to free.
  - Omitted or V(null) options are neither compared nor sent. Given options are exact.
  - A field that the API does not show is neither compared nor changed. The task warns about it.
  - Before a write, and in check mode as well, the module looks up whether the API would refuse it. It checks the
    engine version and the engine parameters against the API's help, and before a creation the model, the GPU type and
    the GPU quota. A lookup that fails, for example because the role lacks the right, is a warning.
  - Plan as if every change restarted the engine. Exoscale does not document whether it does.
extends_documentation_fragment:
  - exoscale.cloud.api
  - exoscale.cloud.wait
  - exoscale.cloud.attributes
  - exoscale.cloud.attributes.actiongroup_ai
  - exoscale.cloud.attributes.writing_module
options:
  state:
    description:
      - V(present) creates the deployment if no private one has that O(name), or changes it to match the options.
      - V(absent) deletes it. The module then ignores all options that describe the deployment. It is no error if the
        deployment does not exist.
    type: str
    choices: [present, absent]
    default: present
  id:
    description:
      - The UUID of the deployment. The module never creates a deployment by O(id).
      - At least one of O(id) and O(name) is required.
    type: str
  name:
    description:
      - Without O(id), the name of the deployment to manage. It must be unique among the organization's private
        deployments in the zone, or the task fails and lists the IDs.
      - With O(id), the name that the deployment shall have. The module renames a deployment of another name.
        It writes the name as it is, and neither it nor Exoscale refuses one that another deployment has. The next task
        that looks for O(name) alone then fails.
      - White space at either end, control characters and characters without width are refused.
    type: str
  model:
    description:
      - The model, by its name such as V(openai/gpt-oss-120b) or by its UUID. The zone must hold it already.
      - A mapping with C(id) or C(name), as M(exoscale.cloud.ai_deployment_info) returns it, is accepted as well.
      - Required to create a deployment. Fixed afterwards, see O(recreate).
    type: raw
  gpu_type:
    description:
      - The family of GPUs, for example V(gpua5000).
      - Required to create a deployment. Fixed afterwards, see O(recreate).
    type: str
  gpu_count:
    description:
      - The number of GPUs for each replica, from 1 to 8.
      - Required to create a deployment. Fixed afterwards, see O(recreate).
    type: int
  replicas:
    description:
      - The number of replicas. The deployment uses O(gpu_count) GPUs for each of them.
      - Required to create a deployment, and then at least V(1). Later, V(0) is possible as well. At most 10000.
      - If omitted, the module never touches the number.
    type: int
  recreate:
    description:
      - Whether to replace the deployment if O(model), O(gpu_type) or O(gpu_count) certainly differs.
      - With V(false), the task fails before it writes anything.
      - With V(true), the module deletes the deployment, waits until it is gone, and creates another one.
        B(It does not serve in the meantime), and it gets another ID and another URL. The new deployment takes over
        all values that the task does not manage. Declare O(replicas) if there may be none, as a creation takes at least
        one.
      - If the creation fails after the deletion, the error says so, and RV(declaration) holds all options that are
        needed to create the deployment again.
      - Select the deployment by O(name), as its ID changes. The task waits for the deletion even with O(wait=false).
    type: bool
    default: false
  wait_for:
    description:
      - The end of a change.
      - V(ready) means that the operation has succeeded and the deployment has settled in the state V(ready) after it.
        A task that has nothing to change waits for that too if the deployment is still in transition, and fails if the
        deployment is in the state V(error), in check mode as well. With O(wait=false) that state is a warning.
      - V(serving) means that the endpoint itself answers after that, as O(serving_probe) says. C(ready) does not mean
        that it does. A task that has nothing to change asks the endpoint too. With O(wait=false), in check mode and
        without replicas it is not asked.
      - V(operation) means that the operation has succeeded, whatever state the deployment is in.
    type: str
    choices: [ready, operation, serving]
    default: ready
  serving_probe:
    description:
      - What the endpoint is asked with O(wait_for=serving). The task sends C(GET) to C(/models) below the
        C(deployment_url) of RV(deployment), with the endpoint's own key, which it reads for that, and wants the answer
        200 and a JSON object.
      - With V(chat), V(completions) or V(embeddings) it then sends the smallest request of that kind too, for the first
        model in that answer, and wants the same. A request that the engine keeps refusing ends the task early.
      - The key is sent to no other URL, and only if that one begins with C(https://) or is a loopback address.
        Certificates are verified as O(validate_certs) says.
      - Each request takes O(api_timeout) seconds at most for each part of the answer. The role of the O(api_key) must
        allow to reveal the endpoint's key.
      - Where the reason may lie in between, so that it cannot be told whether the endpoint serves, the task fails, but
        O(on_failure=rollback) does nothing. So it is if the host of the URL is not known here, if its certificate
        cannot be verified, if the proxy refuses, and if the key cannot be read.
    type: str
    choices: [models, chat, completions, embeddings]
    default: models
  on_failure:
    description:
      - How to react to an update that fails. It fails if its operation does, or if the deployment is in the state
        V(error) afterwards, or with O(wait_for=serving) if the endpoint does not answer within O(wait_timeout).
      - V(keep) leaves it as it is, for inspection.
      - V(rollback) changes name, version and parameters back to the values from before, and waits for that. The task
        fails all the same, and tells how the rollback ended. Replicas are not rolled back.
      - A rollback has O(wait_timeout) once again. It never rolls back in turn.
      - Giving up after O(wait_timeout) while the update is still under way is not a failure of it, and is not rolled
        back.
    type: str
    choices: [keep, rollback]
    default: keep
  failure_log_lines:
    description:
      - How many lines of the engine's log to fetch if an operation fails or if the deployment settles in the state
        V(error), at most 10000. RV(logs) holds them, and RV(ignore:msg) the last ones. V(0) fetches none.
    type: int
    default: 20
  inference_engine_version:
    description:
      - The version of the inference engine, three numbers such as V(0.19.0).
      - The API decides which versions exist. New ones appear every few weeks.
    type: str
  inference_engine_parameters:
    description:
      - Additional command-line parameters of the inference engine, one command-line token for each item.
      - The list replaces the whole list of the deployment, see O(parameter_comparison).
      - An empty list V([]) removes all parameters.
      - A flag and its value are two items, or one item with C(=). One item with a space between them would reach the
        engine as one token.
      - Quote items that YAML would not read as text, for example V("true") or V("8192").
      - Values of flags such as C(--api-key) or C(--hf-token), and of keys with such names in JSON values, do not
        appear in any output. C(********) stands for them there, and is refused as an input.
    type: list
    elements: str
  parameter_comparison:
    description:
      - When two lists of O(inference_engine_parameters) are the same.
      - V(exact) compares them as text, item by item.
      - V(semantic) does so too. If they differ as text, and the version stays the same, the module reads which
        parameters this version of the engine knows, and compares the meaning of the lists. It writes nothing if
        they certainly mean the same. In doubt they are different.
      - The same are, for example, C(--max-model-len 8192) as two items and C(--max-model-len=8192) as one, flags in
        another order, C(--max_model_len) and C(--max-model-len), and the aliases of a flag. See the guide
        R(Engine parameters,ansible_collections.exoscale.cloud.docsite.guide_engine_parameters) for all rules.
    type: str
    choices: [semantic, exact]
    default: semantic
  parameter_validation:
    description:
      - How to treat parameters that the engine would refuse. The module checks them, in check mode as well, before
        a write that sends parameters or a version, against the API's help for the version that will run. It finds
        unknown flags, and those that a new version has dropped, values of another type, values that are not allowed,
        missing values and second ones, wrong dashes, and items that hold more than one item. It shows the corrected
        form, unless there may be a secret in it. See the guide
        R(Engine parameters,ansible_collections.exoscale.cloud.docsite.guide_engine_parameters).
      - V(error) fails before anything is written if a mistake is certain, and warns of all others. If the help cannot
        be read, it warns.
      - V(strict) is like V(error), and fails if the parameters cannot be checked.
      - V(warn) only warns of mistakes.
      - With each of these, a version that does not exist fails before anything is written.
      - V(none) does not check, and does not read the help.
    type: str
    choices: [none, warn, error, strict]
    default: error
seealso:
  - module: exoscale.cloud.ai_engine_parameter_info
  - plugin: exoscale.cloud.engine_parameters
    plugin_type: filter
  - name: Exoscale Dedicated Inference deployments
    description: The vendor's reference of the requests that this module sends.
    link: https://community.exoscale.com/reference/api/ai/dedicated-inference/deployment
  - name: vLLM engine arguments
    description: The command line of the inference engine.
    link: https://docs.vllm.ai/en/stable/cli/serve/
"""

EXAMPLES = r"""
# Credentials and zone can be given once for all modules of the collection,
# or through EXOSCALE_API_KEY, EXOSCALE_API_SECRET and EXOSCALE_ZONE.
# Each task stands for itself.
- name: Manage an inference deployment
  hosts: localhost
  gather_facts: false
  module_defaults:
    group/exoscale.cloud.ai:
      api_key: "{{ vault_exoscale_api_key }}"
      api_secret: "{{ vault_exoscale_api_secret }}"
      zone: ch-gva-2
  tasks:
    - name: Serve a model
      exoscale.cloud.ai_deployment:
        name: chat
        model: openai/gpt-oss-120b
        gpu_type: gpurtx6000pro
        gpu_count: 1
        replicas: 2

    - name: Give the GPUs back overnight
      exoscale.cloud.ai_deployment:
        name: chat
        replicas: 0

    - name: Run a certain version of the engine
      exoscale.cloud.ai_deployment:
        name: chat
        inference_engine_version: 0.19.0

    - name: Run a newer version, and go back to this one if it does not come up
      exoscale.cloud.ai_deployment:
        name: chat
        inference_engine_version: 0.20.2
        on_failure: rollback

    - name: Update the engine, and take it back too if the endpoint does not answer a chat
      exoscale.cloud.ai_deployment:
        name: chat
        inference_engine_version: 0.20.2
        wait_for: serving
        serving_probe: chat
        on_failure: rollback

    - name: Run the engine with certain parameters, and no others
      exoscale.cloud.ai_deployment:
        name: chat
        inference_engine_parameters:
          - --max-model-len=8192
          - --gpu-memory-utilization=0.9
          - --enable-prefix-caching

    - name: Write the parameters as a mapping, and fail if they cannot be checked
      exoscale.cloud.ai_deployment:
        name: chat
        inference_engine_parameters: "{{ engine | exoscale.cloud.engine_parameters }}"
        parameter_validation: strict
      vars:
        engine:
          max_model_len: 8192
          enable_prefix_caching: true
          limit_mm_per_prompt:
            image: 4

    - name: Remove all parameters
      exoscale.cloud.ai_deployment:
        name: chat
        inference_engine_parameters: []

    - name: Rename a deployment
      exoscale.cloud.ai_deployment:
        id: 3f1b0c5e-6f4e-4b8e-9a52-0d6d6f3c7f10
        name: chat-production

    - name: Move to other GPUs, with a time without service
      exoscale.cloud.ai_deployment:
        name: chat
        gpu_type: gpua5000
        gpu_count: 2
        recreate: true

    - name: Delete a deployment
      exoscale.cloud.ai_deployment:
        name: chat
        state: absent

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
    - V(null) if the deployment was deleted, or is absent already.
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
    - Empty if nothing was written. An operation is missing if the answer that names it was lost.
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
      description: The API's words about the operation, or V(null).
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
  description:
    - The names of the fields that the task changed, or in check mode would change.
    - Empty after a rollback, as the values are the same as before.
  returned: always
  type: list
  elements: str
  sample:
    - inference_engine_version
actions:
  description:
    - The changes that the task made, or in check mode would make, in that order. Each is one request.
    - V(create), V(update), V(scale), V(delete). A rollback is another V(update).
    - A change whose answer was lost is listed unless a later look shows that it had no effect.
  returned: always
  type: list
  elements: str
  sample:
    - update
    - scale
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
  description: The explanation of the problem by the API, the deployment or the connection, or V(null).
  returned: failure
  type: str
  sample: Invalid request body
errors:
  description:
    - The API's single findings, each with what the API says, such as C(detail), C(pointer) or C(path).
    - Or mistakes among O(inference_engine_parameters) that the module has found. Then C(pointer) is the flag.
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
declaration:
  description:
    - The options that create the deployment again, after a replacement has deleted it and failed.
    - A secret is shown as C(********).
  returned: if O(recreate=true) has deleted the deployment and the task failed afterwards
  type: dict
  sample:
    name: chat
    model: openai/gpt-oss-120b
    gpu_type: gpua5000
    gpu_count: 2
    replicas: 1
    inference_engine_version: 0.19.0
    inference_engine_parameters:
      - --max-model-len=8192
logs:
  description: The end of the engine's log, if an operation failed or the deployment is in the state V(error).
  returned: failure
  type: list
  elements: dict
  contains:
    time:
      description: When it was logged.
      type: str
      sample: "2026-09-02T09:29:58Z"
    node:
      description: The node that logged it.
      type: str
      sample: node-1
    message:
      description: What was logged.
      type: str
      sample: "torch.OutOfMemoryError: CUDA out of memory"
"""

from ansible_collections.exoscale.cloud.plugins.module_utils._task.start import quick_start

with quick_start():
    from ansible_collections.exoscale.cloud.plugins.module_utils._task.deployment import main

if __name__ == "__main__":
    main()
