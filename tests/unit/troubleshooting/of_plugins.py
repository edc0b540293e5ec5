# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory, the lookup and the filters, and what Ansible itself says of a task."""

from __future__ import annotations

import json
import re
import ssl
import subprocess
import sys
from urllib.parse import urlsplit

import trustme
from ansible.errors import AnsibleFilterError

from ansible_collections.exoscale.cloud.plugins.filter import engine_parameters, to_vars_yaml
from ansible_collections.exoscale.cloud.plugins.module_utils._task import run
from ansible_collections.exoscale.cloud.tests.simulator import Proxy, Simulator
from ansible_collections.exoscale.cloud.tests.unit.plugins.action.playbook import Playbook

from .stage import plays

ZONES = ("ch-gva-2", "at-vie-2")
TAKEN = "'all'"
INVENTORIES = (
    {"zones": list(ZONES)},
    {"filters": {"colour": "red"}},
    {"filters": {"name": True}},
    {"filters": {"visibility": "secret"}},
    {"hostname": "exoscale_gpu_type", "strict": True},
    {"hostname": "exoscale_gpu_type"},
    {"hostname": TAKEN},
    {"hostname": "''"},
    {"hostname": "exoscale_nothing"},
)
MAPPINGS = {
    "needs a mapping, but got": ["--seed"],
    "are the same flag": {"max_model_len": 1, "max-model-len": 2},
    "a key has to be a string, but <key> is of type <type>; perhaps": {1: 1},
    "is not the name of a flag": {"--": 1},
    "cannot be false, as": {"-q": False},
    "is not a finite number": {"seed": float("inf")},
    "which has no form on a command line": {"seed": b"1"},
    "inside <key> a key has to be a string": {"hf_overrides": {1: 1}},
}


def of_mapping(mapping):
    def scenario(_stage):
        try:
            return engine_parameters.engine_parameters(mapping)
        except AnsibleFilterError as error:
            return error

    return scenario


for words, given in MAPPINGS.items():
    plays(words)(of_mapping(given))


@plays("the data holds something that has no form in YAML")
def data_without_yaml(_stage):
    try:
        return to_vars_yaml.to_vars_yaml({"a": b"x"})
    except AnsibleFilterError as error:
        return error


@plays("Failed to import the required Python library (requests)")
def a_python_without_requests(stage):
    stage.patch.setattr(run, "HAS_REQUESTS", False)
    return stage.play(name="chat")


def said(finished):
    """What was printed, without the ends of its lines."""
    return " ".join(re.sub(r"(?<=-)\n", "", finished).split())


def list_hosts(stage, environment, *inventories):
    """What ansible-inventory says of some files."""
    arguments = []
    for number, options in enumerate(inventories):
        content = {"plugin": "exoscale.cloud.ai_deployments", **options}
        arguments += ["--inventory", stage.write(json.dumps(content), f"{number}.exoscale_ai.yml")]
    finished = subprocess.run(
        [sys.executable, "-m", "ansible.cli.inventory", *arguments, "--list"],
        env=environment,
        cwd=stage.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return said(finished.stderr)


def simulator_of(stage, **options):
    """A simulator on the clock of the wall, since another process speaks with it."""
    return stage.cleanup.enter_context(Simulator(**options))


@plays(
    "zones and api_endpoint (or EXOSCALE_API_ENDPOINT) exclude each other",
    "filters has no <filter>; it has",
    "in filters is <value>, but must be a text",
    "visibility in filters is <value>",
    "hostname names a second host <name> for the deployment <name>",
    "which is then the name of the host",
    "which Ansible has for another",
    "hostname gives no name",
    "hostname fails (<reason>)",
)
def inventories_that_cannot_be_right(stage):
    server = simulator_of(stage)
    for name in ("chat", "talk"):
        server.add_deployment(name=name)
    return list_hosts(stage, Playbook(server, stage.folder).environment(), *INVENTORIES)


@plays("No deployments of the zone <zone>: <reason>")
def a_zone_that_does_not_answer(stage):
    authority = trustme.CA()
    proxy = stage.cleanup.enter_context(Proxy())
    for zone in ZONES:
        host = f"api-{zone}.exoscale.com"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(host).configure_cert(context)
        server = simulator_of(stage, tls=context)
        proxy.destinations[host] = ("127.0.0.1", urlsplit(server.url).port)
    server.misbehave("GET", times=99, status=403)
    bundle = stage.write(authority.cert_pem.bytes(), "ca.pem")
    environment = Playbook(server, stage.folder).environment(HTTPS_PROXY=proxy.url, REQUESTS_CA_BUNDLE=bundle)
    del environment["EXOSCALE_API_ENDPOINT"]
    return list_hosts(stage, environment, {"zones": list(ZONES)})


@plays(
    "Each term must be the name or the UUID",
    "Unsupported parameters for (<module>) module",
    "one of the following is required",
    "and we were unable to convert to",
    "must be one of: <choices>, got",
)
def tasks_that_are_given_something_else(stage):
    look_up = "{{ query('exoscale.cloud.ai_deployment_api_key', 5) }}"
    tasks = [
        {"name": "lookup", "ansible.builtin.debug": {"msg": look_up}},
        {"name": "misspelt", "exoscale.cloud.ai_deployment": {"name": "chat", "replica": 1}},
        {"name": "nothing", "exoscale.cloud.ai_deployment": {"replicas": 1}},
        {
            "name": "mapping",
            "exoscale.cloud.ai_deployment": {"name": "chat", "inference_engine_parameters": {"seed": 1}},
        },
        {"name": "no choice", "exoscale.cloud.ai_deployment": {"name": "chat", "state": "started"}},
    ]
    playbook = Playbook(simulator_of(stage), stage.folder)
    return said(playbook(tasks, play={"ignore_errors": True}).output)
