# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: ai_deployment_api_key
short_description: Read the key of a deployment's endpoint
version_added: 1.0.0
author:
  - exoscale.cloud contributors (@exoscale-cloud)
description:
  - Returns the key with which clients call the OpenAI-compatible endpoint of a deployment.
  - The key is a secret. Set C(no_log) on tasks that use it.
extends_documentation_fragment:
  - exoscale.cloud.api
options:
  _terms:
    description:
      - Names or UUIDs of deployments. A name must be unique among the organization's own deployments in the zone.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
# Credentials and zone come from the environment or from exoscale.toml, unless they are given, as in the last example:
# module_defaults do not reach a lookup.
- name: Look the deployment up
  exoscale.cloud.ai_deployment_info:
    name: chat
  register: found

- name: Ask a deployment for the models that it serves
  ansible.builtin.uri:
    url: "{{ found.deployments[0].deployment_url }}/models"
    headers:
      Authorization: Bearer {{ lookup('exoscale.cloud.ai_deployment_api_key', 'chat') }}
  no_log: true

- name: Keep the key, read with credentials of a vault
  ansible.builtin.copy:
    content: "{{ lookup('exoscale.cloud.ai_deployment_api_key', 'chat', zone='ch-gva-2', api_key=vault_exoscale_api_key,
      api_secret=vault_exoscale_api_secret) }}"
    # A relative path is beside the playbook.
    dest: chat.key
    mode: "0600"
  no_log: true
"""

RETURN = r"""
_raw:
  description:
    - The key of each deployment, in the order of the terms.
  type: list
  elements: str
"""

from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase

from ansible_collections.exoscale.cloud.plugins.module_utils._ai.endpoint_key import endpoint_key
from ansible_collections.exoscale.cloud.plugins.plugin_utils._reading import API_OPTIONS, read

if TYPE_CHECKING:
    from ansible_collections.exoscale.cloud.plugins.module_utils._api.client import Client


class LookupModule(LookupBase):  # type: ignore[misc]
    """The key for each term."""

    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[str]:
        """
        :raises AnsibleError: a key cannot be read.
        """
        self.set_options(var_options=variables, direct=kwargs)
        if not all(isinstance(term, str) and term for term in terms):
            raise AnsibleError("Each term must be the name or the UUID of a deployment")
        wanted = [str(term) for term in terms]

        def ask(client: Client) -> list[str]:
            return [endpoint_key(client, each) for each in wanted]

        keys, _redactor = read({name: self.get_option(name) for name in API_OPTIONS}, ask)
        return keys
