#!/usr/bin/python

# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ai_model
short_description: Manage a model for Exoscale Dedicated Inference
version_added: 1.0.0
author:
  - exoscale.cloud contributors (@exoscale-cloud)
description:
  - Brings a model from Hugging Face into a zone, and deletes it from there.
  - The module reads first. If the model is in the zone already, it sends nothing.
  - Nothing about a model can be changed. One in the state V(error) can be replaced, see O(recreate).
extends_documentation_fragment:
  - exoscale.cloud.api
  - exoscale.cloud.wait
  - exoscale.cloud.attributes
  - exoscale.cloud.attributes.actiongroup_ai
  - exoscale.cloud.attributes.writing_module
options:
  state:
    description:
      - V(present) creates the model if none of that O(name) is in the zone.
      - V(absent) deletes it. It is no error if there is none. The API refuses to delete a model that deployments use,
        and the task lists them. In check mode the task looks up whether there are any.
    type: str
    choices: [present, absent]
    default: present
  id:
    description:
      - The UUID of the model. The module never creates a model by O(id).
      - At least one of O(id) and O(name) is required.
    type: str
  name:
    description:
      - The name of the model on Hugging Face, for example V(openai/gpt-oss-120b). It must be unique in the zone, or the
        task fails and lists the IDs.
      - With O(id), the name that the model must have, as it cannot be changed.
    type: str
  huggingface_token:
    description:
      - The Hugging Face token that a restricted model needs. It is sent when the model is created, and never compared.
    type: str
  recreate:
    description:
      - Whether to delete a model in the state V(error) and create it again.
    type: bool
    default: false
  wait_timeout:
    description:
      - Seconds for all waiting of the task together, pauses between attempts included. At most one year. Large models
        take long to download.
      - The time between two looks is a tenth of the time of this wait so far, but at least half a second and at most 30
        seconds.
      - When the time is over, the task fails. The change itself goes on, and running the task again waits for it.
    type: int
    default: 3600
seealso:
  - module: exoscale.cloud.ai_model_info
  - module: exoscale.cloud.ai_deployment
"""

EXAMPLES = r"""
# Credentials and zone come from EXOSCALE_API_KEY, EXOSCALE_API_SECRET and EXOSCALE_ZONE.
- name: Bring a model into the zone, and wait until it can be served
  exoscale.cloud.ai_model:
    name: openai/gpt-oss-120b

- name: Bring a restricted model into the zone, and try again if it is broken there
  exoscale.cloud.ai_model:
    name: meta-llama/Llama-3.3-70B-Instruct
    huggingface_token: "{{ huggingface_token_from_vault }}"
    recreate: true

- name: Delete a model
  exoscale.cloud.ai_model:
    name: openai/gpt-oss-120b
    state: absent
"""

RETURN = r"""
model:
  description:
    - The model as the API shows it at the end of the task, with C(_) for C(-) in the keys.
    - In check mode, a model that would be created has an RV(ignore:model.id) of V(null) and its name.
    - V(null) if it was deleted, or is absent already.
  returned: always
  type: dict
  sample:
    id: 8c9a3f60-0a6a-4a0c-9d2b-5d0e2c7a1b11
    name: openai/gpt-oss-120b
    state: ready
    model_size: 130000000000
    created_at: "2026-09-01T08:00:00Z"
    updated_at: "2026-09-01T09:30:00Z"
operations:
  description:
    - The operations that the task started, with the last state of each that was seen.
    - Empty if nothing was written. An operation is missing if the answer that names it was lost.
  returned: always
  type: list
  elements: dict
  sample: []
changes:
  description: The names of the fields that the task changed, or in check mode would change.
  returned: always
  type: list
  elements: str
  sample:
    - name
actions:
  description:
    - The changes that the task made, or in check mode would make, in that order. Each is one request.
    - V(create) and V(delete). One whose answer was lost is listed unless a later look shows that it had no effect.
  returned: always
  type: list
  elements: str
  sample:
    - create
diff:
  description: The fields that the task manages, before and after.
  returned: in diff mode
  type: dict
  sample:
    before: {}
    after:
      name: openai/gpt-oss-120b
    before_header: ""
    after_header: ""
status:
  description: The HTTP status of the answer that ended the task, or V(null) if it was not ended by one.
  returned: failure
  type: int
  sample: 403
title:
  description: The API's short name for the problem, or V(null).
  returned: failure
  type: str
  sample: Forbidden
detail:
  description: The explanation of the problem by the API or the connection, or V(null).
  returned: failure
  type: str
  sample: The role lacks the right
errors:
  description: The API's single findings, each with what the API says, such as C(detail), C(pointer) or C(path).
  returned: failure
  type: list
  elements: dict
  sample: []
operation:
  description: The operation that failed or was not waited for to its end, or V(null).
  returned: failure
  type: dict
  sample: null
declaration:
  description: The options that create it again, after a replacement has deleted it and failed.
  returned: if O(recreate=true) has deleted the old one and the task failed afterwards
  type: dict
  sample:
    name: openai/gpt-oss-120b
logs:
  description: Empty. It is there so that all modules fail with the same keys.
  returned: failure
  type: list
  elements: dict
  sample: []
"""

from ansible_collections.exoscale.cloud.plugins.module_utils._task.start import quick_start

with quick_start():
    from ansible_collections.exoscale.cloud.plugins.module_utils._task.model import main

if __name__ == "__main__":
    main()
