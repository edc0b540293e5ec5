#!/usr/bin/python

# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ai_deployments
short_description: Manage many Exoscale Dedicated Inference deployments at once
version_added: 1.0.0
author:
  - exoscale.cloud contributors (@exoscale-cloud)
description:
  - Does for many deployments of one zone what M(exoscale.cloud.ai_deployment) does for one, side by side. The task
    takes as long as its slowest deployments, and not as long as all of them together.
  - The task lists the deployments of the zone once and reads each of them singly. It writes only what differs.
  - One that fails does not stop the others, unless O(fail_fast=true). The task fails at the end and tells each failure.
  - If the API answers C(429), no request is sent for as long as it wants, at most a minute, and the reads after that
    follow one another more slowly.
  - In Ansible's own process, the task prints a line as a deployment ends that it has changed or waited for, or that has
    failed, and about every thirty seconds how many are where. The deployments that are under way are named there.
  - A task that is interrupted, with Ctrl-C or C(SIGTERM), sends no further change. What was begun goes on at Exoscale,
    and running the task again waits for it. It is not rolled back any more, whatever C(on_failure) says.
  - The guide R(Many deployments and zones,ansible_collections.exoscale.cloud.docsite.guide_many_deployments) tells when
    to use it, and when plays with hosts or job slices.
extends_documentation_fragment:
  - exoscale.cloud.api
  - exoscale.cloud.attributes
  - exoscale.cloud.attributes.actiongroup_ai
  - exoscale.cloud.attributes.writing_module
options:
  deployments:
    description:
      - The deployments. Each entry holds options of M(exoscale.cloud.ai_deployment), all but those for the connection,
        C(wait) and C(wait_timeout), which belong to the task.
      - An entry needs C(name) or C(id). With C(state=absent), the deployment is deleted.
      - The names and forms of the options in all entries are checked before any request. If the options of one are
        refused, the task fails and names it. What the API has to say, of an engine version for example, comes when it
        is the turn of the entry.
      - Two entries that mean the same deployment are refused, before any request if they show it themselves, and
        before any change if the list of deployments shows it.
      - The deployments begin in the order of the entries.
    type: list
    elements: dict
    required: true
  defaults:
    description:
      - Options for all entries. An entry that has the same option wins, as a whole, and is not merged with it.
      - V(null) in an entry undoes a default, so that the option is not managed.
    type: dict
    default: {}
  concurrency:
    description:
      - How many deployments are worked on at a time, from 1 to 100.
      - With V(1), each is ready before the next one begins.
    type: int
    default: 8
  fail_fast:
    description:
      - Whether a failure keeps those deployments from beginning that have not begun. Those that have begun go on to
        their end.
    type: bool
    default: false
  purge:
    description:
      - Whether to delete the private deployments of the zone that no entry means.
      - This comes last, and only if all entries have succeeded. Only deployments that were there when the task began
        are deleted, and only if the API shows that they are private, their ID and their name.
      - With O(wait=false), it comes only if there was nothing to change, as it is not known else whether the entries
        succeed.
      - Run it with C(--check --diff) first. RV(purged) tells what would be deleted.
    type: bool
    default: false
  purge_limit:
    description:
      - How many deployments O(purge=true) may delete. With V(0) it deletes none.
      - If there are more to delete, none is deleted, and the task fails and names them, in check mode as well. What the
        entries declare is done all the same.
    type: int
    default: 0
  max_gpus:
    description:
      - How many GPUs the declared deployments may use together. If they need more, the task fails before it changes
        anything, in check mode as well.
      - Each needs C(gpu_count) times C(replicas). What is there counts where an entry leaves one of them out.
        Deployments that no entry means do not count.
    type: int
  wait:
    description:
      - Whether to wait until the changes have ended, as in M(exoscale.cloud.ai_deployment).
    type: bool
    default: true
  wait_timeout:
    description:
      - Seconds for all waiting of the task together. At most one year.
      - When the time is over, what still waits fails, and what was begun goes on. A deployment whose turn comes only
        then fails if it would have to be changed, and is not changed.
      - A rollback has O(wait_timeout) once again.
    type: int
    default: 1800
seealso:
  - module: exoscale.cloud.ai_deployment
  - module: exoscale.cloud.ai_deployment_info
  - plugin: exoscale.cloud.ai_deployments
    plugin_type: inventory
"""

EXAMPLES = r"""
# Credentials and zone can be given as options, or through
# EXOSCALE_API_KEY, EXOSCALE_API_SECRET and EXOSCALE_ZONE.
- name: Run three deployments with the same engine
  exoscale.cloud.ai_deployments:
    defaults:
      inference_engine_version: 0.19.0
      on_failure: rollback
    deployments:
      - name: chat
        inference_engine_parameters:
          - --max-model-len=16384
      - name: embeddings
      - name: batch
        inference_engine_version: null  # left alone
        replicas: 0
  register: fleet

- name: Upgrade a canary first, and the others only if it serves
  exoscale.cloud.ai_deployments:
    concurrency: 1
    fail_fast: true
    defaults:
      inference_engine_version: 0.20.2
      wait_for: serving
      on_failure: rollback
    deployments:
      - name: canary
      - name: chat
      - name: embeddings

- name: Declare the whole zone, with a bound for the GPUs
  exoscale.cloud.ai_deployments:
    deployments: "{{ declared_deployments }}"
    max_gpus: 16
    purge: true
    purge_limit: 2

- name: See what the zone would lose
  exoscale.cloud.ai_deployments:
    deployments: "{{ declared_deployments }}"
    purge: true
    purge_limit: 10000
  check_mode: true
  diff: true
  register: forecast

- name: Tell it
  ansible.builtin.debug:
    msg: "{{ forecast.purged | map(attribute='name') }}"
"""

RETURN = r"""
results:
  description:
    - For each entry, in the order given, what M(exoscale.cloud.ai_deployment) returns. With it stand C(name), C(id) and
      C(failed), C(msg) if it failed or was not started, and C(warnings) if there are any.
    - Empty if the task failed before it began with the first of them.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: The name of the deployment, or V(null) if the entry has none and it was not seen.
      type: str
      sample: chat
    id:
      description: The ID of the deployment, or V(null) if it is not known.
      type: str
      sample: 3f1b0c5e-6f4e-4b8e-9a52-0d6d6f3c7f10
    changed:
      description: Whether this deployment was changed, or in check mode would be.
      type: bool
      sample: true
    failed:
      description: Whether this deployment failed. One that was not started has not, see RV(counts).
      type: bool
      sample: false
    msg:
      description: Why it failed, or why it was not started.
      type: str
      sample: Not started, because another deployment failed before (fail_fast)
    warnings:
      description: The warnings about this deployment.
      type: list
      elements: str
    deployment:
      description: The deployment as it is at the end, or V(null).
      type: dict
      sample:
        id: 3f1b0c5e-6f4e-4b8e-9a52-0d6d6f3c7f10
        name: chat
        state: ready
    operations:
      description: The operations that were started for it.
      type: list
      elements: dict
    changes:
      description: The names of the fields that were changed.
      type: list
      elements: str
      sample:
        - inference_engine_version
    actions:
      description: The changes that were made.
      type: list
      elements: str
      sample:
        - update
purged:
  description:
    - What became of each deployment that O(purge=true) was to delete, or in check mode would delete, in the shape of
      RV(results). C(name) and C(id) tell which one it is.
  returned: always
  type: list
  elements: dict
  sample: []
counts:
  description: How many of the entries ended how.
  returned: always
  type: dict
  contains:
    changed:
      description: How many were changed, or in check mode would be.
      type: int
      sample: 2
    unchanged:
      description: How many were as declared.
      type: int
      sample: 18
    failed:
      description: How many failed.
      type: int
      sample: 0
    not_started:
      description: How many were not started, because of O(fail_fast=true) or an interruption.
      type: int
      sample: 0
    purged:
      description: How many deployments O(purge=true) has deleted, or in check mode would delete.
      type: int
      sample: 0
diff:
  description: One diff for each deployment that was changed, or in check mode would be, with its name and ID above it.
  returned: in diff mode
  type: list
  elements: dict
  sample:
    - before:
        inference_engine_version: 0.18.1
      after:
        inference_engine_version: 0.19.0
      before_header: AI deployment chat (3f1b0c5e-6f4e-4b8e-9a52-0d6d6f3c7f10)
      after_header: AI deployment chat (3f1b0c5e-6f4e-4b8e-9a52-0d6d6f3c7f10)
status:
  description: The HTTP status of the answer that ended the first failure, or V(null) if it was not ended by one.
  returned: failure
  type: int
  sample: 400
title:
  description: The API's short name for the problem of the first failure, or V(null).
  returned: failure
  type: str
  sample: Bad Request
detail:
  description: The explanation of the problem of the first failure, or V(null).
  returned: failure
  type: str
  sample: Invalid request body
errors:
  description: The single findings of the first failure.
  returned: failure
  type: list
  elements: dict
  sample:
    - pointer: /inference-engine-version
      detail: value is not in the enumeration
operation:
  description: The operation of the first failure, if it failed or was not waited for to its end, or V(null).
  returned: failure
  type: dict
  sample: null
logs:
  description: The end of the engine's log of the first failure, as in M(exoscale.cloud.ai_deployment).
  returned: failure
  type: list
  elements: dict
"""

from ansible_collections.exoscale.cloud.plugins.module_utils._task.start import quick_start

with quick_start():
    from ansible_collections.exoscale.cloud.plugins.module_utils._task.deployments import main

if __name__ == "__main__":
    main()
