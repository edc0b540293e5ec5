# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: ai_deployments
short_description: Exoscale Dedicated Inference deployments as hosts
version_added: 1.0.0
author:
  - exoscale.cloud contributors (@exoscale-cloud)
description:
  - Makes a host of each deployment, so that plays can go through them with C(hosts) and C(serial).
  - The hosts are in the group C(exoscale_ai). Their tasks run on the controller, by C(ansible_connection=local)
    and with the Python that runs Ansible.
  - Each field of a deployment is a variable, for example C(exoscale_id), C(exoscale_state) or
    C(exoscale_inference_engine_version). C(exoscale_zone) names the zone, if it is known.
  - A secret among the engine parameters is shown as C(********). What the API says is data and never a template.
  - The credentials that stand here serve to read the inventory, on the controller. Tasks for the hosts need their own,
    from the environment for example, or by C(module_defaults).
  - The file of the inventory must end in C(exoscale_ai.yml) or C(exoscale_ai.yaml).
extends_documentation_fragment:
  - exoscale.cloud.api
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
options:
  plugin:
    description:
      - Marks the file as one for this plugin.
    type: str
    required: true
    choices: [exoscale.cloud.ai_deployments]
  zones:
    description:
      - The zones to ask, all at once. If there are several, the hosts are named C(<name>.<zone>).
      - A zone that fails is a warning if another one answers, and an error with O(strict=true).
      - If omitted, O(zone) is asked. O(zones) excludes O(api_endpoint) and E(EXOSCALE_API_ENDPOINT).
    type: list
    elements: str
  filters:
    description:
      - Which deployments to show, as in M(exoscale.cloud.ai_deployment_info), by C(name), C(state), C(model),
        C(gpu_type) and C(visibility).
      - The C(visibility) is V(private) unless given.
    type: dict
    default: {}
  details:
    description:
      - Whether to read each deployment on its own, for the version and the parameters of its engine, which the list of
        the API lacks.
    type: bool
    default: true
  hostname:
    description:
      - An expression for the name of a host, as in O(compose), for example V(exoscale_name ~ '-' ~ exoscale_gpu_type).
      - If omitted, a host is named like its deployment, or by its ID if another one in the zone has the same name, or
        if a group or the controller has it, as with C(all) or C(localhost).
      - An expression that fails, or gives no name or one that another host, a group or the controller has, is a
        warning, and the host is named as if it was omitted. With O(strict=true) it is an error.
    type: str
"""

EXAMPLES = r"""
# The file production.exoscale_ai.yml. Credentials come from EXOSCALE_API_KEY and EXOSCALE_API_SECRET.
plugin: exoscale.cloud.ai_deployments
zones: [ch-gva-2, at-vie-2]
filters:
  state: ready
keyed_groups:
  - key: exoscale_gpu_type
    prefix: gpu
"""

import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleError, AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.exoscale.cloud.plugins.module_utils._ai.deployment_info import FILTERS, find
from ansible_collections.exoscale.cloud.plugins.module_utils._task.run import presentable
from ansible_collections.exoscale.cloud.plugins.plugin_utils._reading import API_OPTIONS, read, with_credentials

if TYPE_CHECKING:
    from ansible_collections.exoscale.cloud.plugins.module_utils._api.client import Client

_GROUP = "exoscale_ai"
_PREFIX = "exoscale_"
#: Names that mean something to Ansible, whatever an inventory holds.
_OF_ANSIBLE = ("all", "ungrouped", "localhost", "127.0.0.1", "::1")
_NO_WORD = re.compile(r"\W", re.ASCII)
_ZONE_OF_URL = re.compile(r"https://api-(.+?)\.exoscale\.com/")


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):  # type: ignore[misc]
    """Each deployment as a host."""

    NAME = "exoscale.cloud.ai_deployments"

    def verify_file(self, path: str) -> bool:
        """Whether the file is one for this plugin, by its name."""
        return bool(super().verify_file(path)) and path.endswith(("exoscale_ai.yml", "exoscale_ai.yaml"))

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Fill the inventory.

        :raises AnsibleParserError: the options cannot be right, or no zone has answered.
        """
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        key = self.get_cache_key(path)
        is_cached = bool(self.get_option("cache"))
        found: list[dict[str, Any]] | None = None
        if is_cached and cache:
            try:
                found = self._cache[key]
            except KeyError:
                found = None
        if found is None:
            found, is_whole = self._ask_zones()
            if is_cached and is_whole:
                self._cache[key] = found
        self._fill(found)

    def _ask_zones(self) -> tuple[list[dict[str, Any]], bool]:
        """For each zone that has answered ``zone``, ``suffix`` and ``deployments``, without secrets.

        The other value tells whether all of them have answered.
        """
        params = {name: self._templated(self.get_option(name)) for name in API_OPTIONS}
        zones = self._templated(self.get_option("zones")) or []
        if zones and (params["api_endpoint"] or os.environ.get("EXOSCALE_API_ENDPOINT")):
            raise AnsibleParserError("zones and api_endpoint (or EXOSCALE_API_ENDPOINT) exclude each other")
        filters = self._filters()
        if zones:
            params = with_credentials(params)
        places = [{**params, "zone": str(zone)} for zone in dict.fromkeys(zones)] or [params]
        found: list[dict[str, Any]] = []
        failures: list[str] = []
        with ThreadPoolExecutor(max_workers=len(places)) as pool:
            answers = [(place, pool.submit(self._ask, place, filters)) for place in places]
        for place, answer in answers:
            try:
                zone, deployments = answer.result()
            except AnsibleError as error:
                failures.append(f"{place['zone']}: {error.message}" if zones else str(error.message))
            else:
                suffix = f".{zone}" if len(places) > 1 else ""
                found.append({"zone": zone, "suffix": suffix, "deployments": deployments})
        if failures and (not found or self.get_option("strict")):
            raise AnsibleParserError("; ".join(failures))
        for failure in failures:
            self.display.warning(f"No deployments of the zone {failure}")
        return found, not failures

    def _ask(self, params: dict[str, Any], filters: dict[str, Any]) -> tuple[str | None, list[dict[str, Any]]]:
        details = bool(self.get_option("details"))

        def ask(client: Client) -> tuple[str | None, list[dict[str, Any]]]:
            zone = _ZONE_OF_URL.match(client.base_url)
            return zone.group(1) if zone else None, find(client, None, filters, details).deployments

        (zone, deployments), redactor = read(params, ask)
        return zone, redactor.redact(presentable(deployments))

    def _filters(self) -> dict[str, Any]:
        given = self._templated(self.get_option("filters")) or {}
        unknown = sorted(set(given) - set(FILTERS))
        if unknown:
            raise AnsibleParserError(f"filters has no {', '.join(unknown)}; it has {', '.join(FILTERS)}")
        for name, value in given.items():
            if isinstance(value, (list, dict, bool)):
                raise AnsibleParserError(f"{name} in filters is {value!r}, but must be a text")
        texts = {name: None if value is None else str(value) for name, value in given.items()}
        if texts.get("visibility") not in (None, "private", "public"):
            raise AnsibleParserError(f"visibility in filters is {texts['visibility']!r}, but must be private or public")
        return {**dict.fromkeys(FILTERS), "visibility": "private", **texts}

    def _templated(self, value: Any) -> Any:
        """What a user has written into the file of the inventory, which may be a template."""
        return self.templar.template(value)

    def _fill(self, found: list[dict[str, Any]]) -> None:
        self.inventory.add_group(_GROUP)
        strict = bool(self.get_option("strict"))
        # A host of such a name would hide a group's other hosts, or be hidden by them.
        reserved = {*_OF_ANSIBLE, *map(str, self.inventory.groups)}
        names: set[str] = set()
        for answer in found:
            own_names = _own_names(answer["deployments"], answer["suffix"], reserved)
            for deployment, own in zip(answer["deployments"], own_names):
                variables = {_PREFIX + _NO_WORD.sub("_", key): value for key, value in deployment.items()}
                # What the API says must not be a template, wherever it is used.
                variables = wrap_var({**variables, _PREFIX + "zone": answer["zone"]})
                host = self._host_name(own, variables, names, reserved, strict)
                names.add(str(host))
                self.inventory.add_host(host, group=_GROUP)
                self.inventory.set_variable(host, "ansible_connection", "local")
                # As for localhost: the Python that a search would find may lack what the tasks need.
                self.inventory.set_variable(host, "ansible_python_interpreter", sys.executable)
                for key, value in variables.items():
                    self.inventory.set_variable(host, key, value)
                self._set_composite_vars(self.get_option("compose"), variables, host, strict=strict)
                self._add_host_to_composed_groups(self.get_option("groups"), variables, host, strict=strict)
                self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, host, strict=strict)

    def _host_name(self, own: str, variables: dict[str, Any], hosts: set[str], reserved: set[str], strict: bool) -> str:
        """The name that the user's expression gives, unless it gives none, or one that is taken.

        :raises AnsibleParserError: so it is, and the user wants that to be an error.
        """
        taken = hosts | reserved
        name, why = own, None
        if self.get_option("hostname"):
            name, why = self._composed_name(variables)
            if name in taken:
                why = f"names a second host {name}" if name in hosts else f"gives {name}, which Ansible has for another"
        if why is not None:
            if strict:
                raise AnsibleParserError(f"hostname {why} for the deployment {own}")
            self.display.warning(f"hostname {why} for the deployment {own}, which is then the name of the host")
            name = own
        number = 1
        while name in taken:
            number += 1
            name = f"{own}-{number}"
        # Before 2.19, ansible-inventory shows what is wrapped as an object, also where a list of texts is expected.
        safe: str = wrap_var(name) if "{" in name else name
        return safe

    def _composed_name(self, variables: dict[str, Any]) -> tuple[str, str | None]:
        """What the user's expression gives, and why that is no name, if so."""
        try:
            composed = self._compose(self.get_option("hostname"), variables)
        except AnsibleError as error:
            # Most likely, this deployment lacks a field that others have.
            return "", f"fails ({error.message})"
        name = "" if composed is None else str(composed)
        return name, None if name.strip() else "gives no name"


def _own_names(deployments: list[dict[str, Any]], suffix: str, reserved: set[str]) -> list[str]:
    """The names of deployments of one zone; where several have the same, or it is reserved, their IDs, if shown."""
    names = [f"{deployment.get('name')}{suffix}" for deployment in deployments]
    ids = [deployment.get("id") for deployment in deployments]
    return [
        f"{own_id}{suffix}" if own_id and (names.count(name) > 1 or name in reserved) else name
        for name, own_id in zip(names, ids)
    ]
