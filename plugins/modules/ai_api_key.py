#!/usr/bin/python

# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ai_api_key
short_description: Manage an API key for Exoscale AI endpoints
version_added: 1.0.0
author:
  - exoscale.cloud contributors (@exoscale-cloud)
description:
  - Creates and deletes the keys with which clients call the OpenAI-compatible endpoints of deployments.
  - The module reads first. If a key of that name exists, it sends nothing.
  - Neither the name nor the scope of a key can be changed. A key of another scope can be replaced, see O(recreate).
  - The API shows the value of a key only in the answer to its creation. If that answer is lost, so is the value. The
    task fails then, and says how to replace the key.
extends_documentation_fragment:
  - exoscale.cloud.api
  - exoscale.cloud.attributes
  - exoscale.cloud.attributes.actiongroup_ai
  - exoscale.cloud.attributes.writing_module
options:
  state:
    description:
      - V(present) creates the key if there is none of that O(name).
      - V(absent) deletes it. It is no error if there is none.
    type: str
    choices: [present, absent]
    default: present
  id:
    description:
      - The UUID of the key. The module never creates a key by O(id).
      - At least one of O(id) and O(name) is required.
    type: str
  name:
    description:
      - The name of the key, of 1 to 50 characters. It must be unique, or the task fails and lists the IDs.
      - With O(id), the name that the key must have, as it cannot be changed.
    type: str
  scope:
    description:
      - What the key opens. V(public) for all deployments, or one deployment by its UUID or its name.
      - Required to create a key. If omitted, the scope of an existing key is not compared.
      - Before a key is created or replaced, in check mode too, the task looks up whether the deployment is there.
    type: str
  recreate:
    description:
      - Whether to delete a key of another O(scope), and to create one in its place, which has another value.
    type: bool
    default: false
  wait:
    description:
      - Whether to wait until a deletion has ended. One that makes room for another key is waited for in any case.
    type: bool
    default: true
  wait_timeout:
    description:
      - Seconds for all waiting of the task together, pauses between attempts included. At most one year.
    type: int
    default: 1800
seealso:
  - module: exoscale.cloud.ai_api_key_info
  - module: exoscale.cloud.ai_deployment
"""

EXAMPLES = r"""
# Credentials and zone come from EXOSCALE_API_KEY, EXOSCALE_API_SECRET and EXOSCALE_ZONE.
- name: Create a key for one deployment
  exoscale.cloud.ai_api_key:
    name: team-a
    scope: chat
  register: key
  no_log: true

# If this failed, the value would be lost. The playbook exoscale.cloud.rotate_api_key deletes the key then.
- name: Keep its value, which nobody shows again
  ansible.builtin.copy:
    content: "{{ key.ai_api_key.value }}"
    # A relative path is beside the playbook.
    dest: team-a.key
    mode: "0600"
  when: key.ai_api_key.value is defined
  no_log: true

- name: Delete a key
  exoscale.cloud.ai_api_key:
    name: team-a
    state: absent
"""

RETURN = r"""
ai_api_key:
  description:
    - The key as the API shows it at the end of the task, with C(_) for C(-) in the keys.
    - The task that creates it returns its RV(ignore:ai_api_key.value) too, in clear text. Set C(no_log) on that task.
      No other task, and no check mode, returns a value.
    - V(null) if it was deleted, or is absent already.
  returned: always
  type: dict
  sample:
    id: 11111111-1111-4111-8111-111111111111
    name: team-a
    scope: 3f1b0c5e-6f4e-4b8e-9a52-0d6d6f3c7f10
    org_uuid: 22222222-2222-4222-8222-222222222222
    created_at: "2026-09-01T08:00:00Z"
    updated_at: "2026-09-01T08:00:00Z"
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
      name: team-a
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
    name: team-a
    scope: public
logs:
  description: Empty. It is there so that all modules fail with the same keys.
  returned: failure
  type: list
  elements: dict
  sample: []
"""

from ansible_collections.exoscale.cloud.plugins.module_utils._task.start import quick_start

with quick_start():
    from ansible_collections.exoscale.cloud.plugins.module_utils._task.api_key import main

if __name__ == "__main__":
    main()
