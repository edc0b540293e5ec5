#!/usr/bin/python

# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ai_api_key_info
short_description: Look up API keys for Exoscale AI endpoints
version_added: 1.0.0
author:
  - exoscale.cloud contributors (@exoscale-cloud)
description:
  - Returns the AI API keys of the organization that match all given options, sorted by name and then by ID.
  - The API shows the value of a key only when the key is created, so this module never returns it.
  - The list is empty if none matches.
extends_documentation_fragment:
  - exoscale.cloud.api
  - exoscale.cloud.attributes
  - exoscale.cloud.attributes.actiongroup_ai
  - exoscale.cloud.attributes.info_module
options:
  id:
    description:
      - The UUID of the key. That one is read alone.
    type: str
  name:
    description:
      - The exact name of the keys.
    type: str
seealso:
  - module: exoscale.cloud.ai_deployment_info
"""

EXAMPLES = r"""
# Credentials and zone come from EXOSCALE_API_KEY, EXOSCALE_API_SECRET and EXOSCALE_ZONE.
- name: Look up all keys
  exoscale.cloud.ai_api_key_info:
  register: all

- name: Show which keys open every deployment
  ansible.builtin.debug:
    msg: "{{ all.ai_api_keys | selectattr('scope', 'eq', 'public') | map(attribute='name') }}"
"""

RETURN = r"""
ai_api_keys:
  description:
    - The matching keys, with the fields of the API, and without their values.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The UUID.
      type: str
    name:
      description: The name.
      type: str
    scope:
      description: V(public) for all deployments, or the UUID of one.
      type: str
    org_uuid:
      description: The UUID of the organization that owns the key.
      type: str
    created_at:
      description: When it was created.
      type: str
    updated_at:
      description: When it was changed last.
      type: str
  sample:
    - id: 11111111-1111-4111-8111-111111111111
      name: team-a
      scope: public
      org_uuid: 22222222-2222-4222-8222-222222222222
      created_at: "2026-09-01T08:00:00Z"
      updated_at: "2026-09-01T08:00:00Z"
"""

from ansible_collections.exoscale.cloud.plugins.module_utils._task.start import quick_start

with quick_start():
    from ansible_collections.exoscale.cloud.plugins.module_utils._task.api_key_info import main

if __name__ == "__main__":
    main()
