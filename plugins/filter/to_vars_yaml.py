# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: to_vars_yaml
short_description: Write data as YAML in which no text is a template
version_added: 1.0.0
author:
  - exoscale.cloud contributors (@exoscale-cloud)
description:
  - Writes data as the YAML of a file of variables, for example the
    RV(exoscale.cloud.ai_deployment_info#module:declarations) of a zone.
  - A text that Ansible would take for a template, such as a chat template among the parameters of an engine, gets the
    tag C(!unsafe), so that it is still the same when the file is read.
positional: _input
options:
  _input:
    description:
      - The data, made of mappings, lists, texts, numbers, V(true), V(false) and V(null).
    type: raw
    required: true
seealso:
  - plugin: ansible.builtin.to_nice_yaml
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Look up what is there
  exoscale.cloud.ai_deployment_info:
  register: found

- name: Keep it as variables
  ansible.builtin.copy:
    content: "{{ {'exoscale_ai_deployments': found.declarations} | exoscale.cloud.to_vars_yaml }}"
    # A relative path is beside the playbook.
    dest: deployments.yml
    mode: "0600"
"""

RETURN = r"""
_value:
  description: The YAML.
  type: str
  sample: |
    exoscale_ai_deployments:
      - name: chat
        inference_engine_parameters:
          - !unsafe "--chat-template={{ messages }}"
"""

import json
from typing import Any, Callable

import yaml
from ansible.errors import AnsibleFilterError
from jinja2 import Undefined

from ansible_collections.exoscale.cloud.plugins.plugin_utils._arguments import plain_options

_MARKS_OF_TEMPLATES = ("{{", "{%", "{#")


class _Dumper(yaml.SafeDumper):
    """Indents lists below their key, and writes each value out."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002  # as it is called
        super().increase_indent(flow, False)

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    if any(mark in text for mark in _MARKS_OF_TEMPLATES):
        return dumper.represent_scalar("!unsafe", text, style='"')
    # Quoted otherwise, some of what is no printable character would not be read as the same.
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if text.isprintable() else '"')


_Dumper.add_representer(str, _represent_text)


def _is_whole(data: Any) -> bool:
    """Whether no text of it has half a character, which no YAML can hold."""
    try:
        json.dumps(data, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def to_vars_yaml(data: Any) -> str:
    """
    :raises AnsibleFilterError: the data cannot be written.
    """
    if isinstance(data, Undefined):
        # Jinja's own error says which variable is missing.
        str(data)
    plain = plain_options({"data": data})
    if plain is None or not _is_whole(plain["data"]):
        raise AnsibleFilterError("exoscale.cloud.to_vars_yaml: the data holds something that has no form in YAML")
    text: str = yaml.dump(
        plain["data"], Dumper=_Dumper, allow_unicode=True, default_flow_style=False, sort_keys=False, width=10_000
    )
    return text


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"to_vars_yaml": to_vars_yaml}
