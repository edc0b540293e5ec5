# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deployments as hosts, as ansible-inventory and ansible-playbook see them."""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
import trustme
import yaml

from ansible_collections.exoscale.cloud.tests.simulator import Proxy, Simulator
from ansible_collections.exoscale.cloud.tests.unit.plugins.action.playbook import Playbook

ZONES = ("ch-gva-2", "at-vie-2")
TEMPLATE = "{{ 7*7 }}"


@pytest.fixture
def server():
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def run(server, tmp_path):
    """Runs a command of Ansible with this inventory: run("inventory", "--list", filters=…) → the process."""
    playbook = Playbook(server, tmp_path)

    def run(command, *arguments, variables=(), file="prod.exoscale_ai.yml", play=None, **options):
        inventory = tmp_path / file
        inventory.write_text(yaml.safe_dump({"plugin": "exoscale.cloud.ai_deployments", **options}))
        if play is not None:
            (tmp_path / "play.yml").write_text(json.dumps([play]))
            arguments = (*arguments, str(tmp_path / "play.yml"))
        return subprocess.run(
            [sys.executable, "-m", f"ansible.cli.{command}", "--inventory", str(inventory), *arguments],
            env=playbook.environment(**dict(variables)),
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run


@pytest.fixture
def listed(run):
    """The inventory as ansible-inventory lists it."""

    def listed(**options):
        finished = run("inventory", "--list", **options)
        assert finished.returncode == 0, finished.stderr
        return json.loads(finished.stdout, object_hook=_plain)

    return listed


def _plain(value):
    """Since ansible-core 2.19, what may not be a template is marked so in the list."""
    return value["__ansible_unsafe"] if set(value) == {"__ansible_unsafe"} else value


def hosts(inventory):
    return sorted(inventory["exoscale_ai"].get("hosts", []))


def test_each_private_deployment_is_a_host_with_its_fields(server, listed):
    chat = server.add_deployment(name="chat", inference_engine_version="0.18.0")
    server.add_deployment(name="shared", visibility="public")

    inventory = listed()
    variables = inventory["_meta"]["hostvars"]["chat"]

    assert hosts(inventory) == ["chat"]
    assert variables["ansible_connection"] == "local"
    assert variables["exoscale_id"] == chat
    assert variables["exoscale_inference_engine_version"] == "0.18.0"
    assert variables["exoscale_zone"] is None
    assert server.calls() == ["GET /ai/deployment", f"GET /ai/deployment/{chat}"]


def test_hosts_are_listed_as_texts(server, run):
    server.add_deployment(name="chat")

    listed = json.loads(run("inventory", "--list").stdout)

    assert listed["exoscale_ai"]["hosts"] == ["chat"]


def test_without_details_there_is_one_request(server, listed):
    server.add_deployment(name="chat")

    assert hosts(listed(details=False)) == ["chat"]
    assert server.calls() == ["GET /ai/deployment"]


def test_filters_are_those_of_the_info_module(server, listed, run):
    server.add_deployment(name="chat")
    server.add_deployment(name="broken", state="error")
    server.add_deployment(name="shared", visibility="public")

    assert hosts(listed(filters={"state": "error"})) == ["broken"]
    assert hosts(listed(filters={"visibility": "public"})) == ["shared"]
    assert "filters has no colour" in run("inventory", "--list", filters={"colour": "red"}).stderr


def test_namesakes_are_named_by_their_ids(server, listed):
    ids = sorted(server.add_deployment(name="chat") for _number in range(2))

    assert hosts(listed()) == ids


def test_namesakes_whose_ids_are_not_shown_are_numbered(server, listed):
    server.ids_of_public = False
    for _number in range(2):
        server.add_deployment(name="shared", visibility="public")

    assert hosts(listed(filters={"visibility": "public"})) == ["shared", "shared-2"]


def test_an_expression_that_fails_for_one_hides_no_other(server, run):
    server.add_deployment(name="chat", state_details="one")
    server.add_deployment(name="talk")

    lenient = run("inventory", "--list", hostname="exoscale_state_details")
    strict = run("inventory", "--list", hostname="exoscale_state_details", strict=True)

    assert hosts(json.loads(lenient.stdout, object_hook=_plain)) == ["one", "talk"]
    for finished in (lenient, strict):
        said = " ".join(finished.stderr.split())
        assert "hostname fails (" in said
        assert "for the deployment talk" in said


@pytest.mark.parametrize("name", ["all", "ungrouped", "exoscale_ai", "localhost"])
def test_a_name_that_means_something_else_to_ansible_hides_no_host(server, listed, run, name):
    ids = [server.add_deployment(name=each) for each in (name, "chat")]
    task = {"ansible.builtin.debug": {"msg": "it is {{ exoscale_name }}"}}

    played = run("playbook", play={"hosts": "exoscale_ai", "gather_facts": False, "tasks": [task]})

    assert hosts(listed()) == sorted([ids[0], "chat"])
    assert [f"it is {each}" in played.stdout for each in (name, "chat")] == [True, True]
    assert "same name" not in played.stderr


def test_nor_does_an_expression_that_gives_such_a_name(server, listed, run):
    server.add_deployment(name="chat", state_details="all")

    assert hosts(listed(hostname="exoscale_state_details")) == ["chat"]
    assert "gives all, which Ansible has for another" in run(
        "inventory", "--list", hostname="exoscale_state_details", strict=True
    ).stderr.replace("\n", " ")


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"visibility": "privat"}, "visibility in filters is 'privat', but must be private or public"),
        ({"state": ["ready", "error"]}, "state in filters is ['ready', 'error'], but must be a text"),
        ({"name": True}, "name in filters is True, but must be a text"),
    ],
)
def test_a_filter_that_cannot_be_right_is_refused(server, run, filters, message):
    shown = run("inventory", "--list", filters=filters)

    assert message in " ".join(shown.stderr.split())
    assert server.calls() == []


def test_a_filter_that_is_a_number_is_a_text(server, listed):
    server.add_deployment(name="2024")

    assert hosts(listed(filters={"name": 2024})) == ["2024"]


@pytest.mark.parametrize(
    ("hostname", "why"), [("exoscale_gpu_type", "names a second host gpua5000"), ("exoscale_state_details", "no name")]
)
def test_a_name_that_does_not_tell_hosts_apart_is_not_taken(server, listed, run, hostname, why):
    for name in ("chat", "talk"):
        server.add_deployment(name=name, state_details="")

    strict = run("inventory", "--list", hostname=hostname, strict=True)
    lenient = run("inventory", "--list", hostname=hostname)

    names = hosts(json.loads(lenient.stdout, object_hook=_plain))
    assert len(names) == 2
    assert "talk" in names
    assert why in " ".join(lenient.stderr.split())
    assert why in " ".join(strict.stderr.split())


def test_fields_that_are_no_variables_and_texts_that_are_no_characters_do_no_harm(server, listed, tmp_path):
    chat = server.add_deployment(name="chat")
    whole = server.deployment(chat)
    odd = {"__ansible_type": "foo", "a b": "{{ 7*7 }}", "half": "\ud800", "deep": {"__ansible_type": "foo"}}
    server.misbehave("GET", f"/ai/deployment/{chat}", times=9, status=200, json={**whole, **odd})
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(tmp_path / "cache")}

    first = listed(**cache)
    second = listed(**cache)

    assert hosts(first) == hosts(second) == ["chat"]
    assert first == second
    assert first["_meta"]["hostvars"]["chat"]["exoscale_a_b"] == "{{ 7*7 }}"


def test_the_name_of_a_host_and_its_groups_are_expressions(server, listed):
    server.add_deployment(name="chat", gpu_type="gpu3080ti")

    inventory = listed(
        hostname="exoscale_name ~ '-' ~ exoscale_gpu_type",
        compose={"twice": "exoscale_gpu_count * 2"},
        keyed_groups=[{"key": "exoscale_gpu_type", "prefix": "gpu"}],
        groups={"small": "exoscale_replicas == 1"},
    )

    assert hosts(inventory) == ["chat-gpu3080ti"]
    assert inventory["_meta"]["hostvars"]["chat-gpu3080ti"]["twice"] in (2, "2")
    assert inventory["gpu_gpu3080ti"]["hosts"] == inventory["small"]["hosts"] == ["chat-gpu3080ti"]


def test_what_the_api_says_is_no_template(server, listed, run):
    server.add_deployment(name=TEMPLATE, state_details=TEMPLATE)
    show = {
        "ansible.builtin.debug": {"msg": "{{ inventory_hostname }}|{{ exoscale_name }}|{{ exoscale_state_details }}"}
    }

    played = run("playbook", play={"hosts": "all", "gather_facts": False, "tasks": [show]})

    assert hosts(listed()) == [TEMPLATE]
    assert f"{TEMPLATE}|{TEMPLATE}|{TEMPLATE}" in played.stdout
    assert "49" not in played.stdout.replace(server.url, "")


def test_secrets_among_the_parameters_do_not_show_and_are_not_kept(server, listed, run, tmp_path):
    server.add_deployment(name="chat", inference_engine_parameters=["--api-key=swordfish-of-the-engine", "--seed=1"])
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(tmp_path / "cache")}

    finished = run("inventory", "--list", "-vvvv", **cache)

    assert "swordfish" not in finished.stdout + finished.stderr
    kept = [file.read_text() for file in (tmp_path / "cache").iterdir()]
    assert kept
    assert "swordfish" not in "".join(kept)
    assert server.api_secret not in "".join(kept)


def test_what_is_kept_is_not_asked_for_again(server, listed, tmp_path):
    server.add_deployment(name="chat")
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(tmp_path / "cache")}

    first = listed(**cache)
    server.clear_journal()
    second = listed(**cache)

    assert first == second
    assert server.calls() == []


def test_a_play_goes_through_the_deployments_in_batches(server, run):
    for name in ("one", "two", "three"):
        server.add_deployment(name=name, inference_engine_version="0.18.0")
    task = {"exoscale.cloud.ai_deployment": {"id": "{{ exoscale_id }}", "inference_engine_version": "0.19.0"}}

    played = run("playbook", play={"hosts": "exoscale_ai", "gather_facts": False, "serial": 1, "tasks": [task]})

    assert played.returncode == 0, played.stdout
    assert played.stdout.count("PLAY [exoscale_ai]") == 3
    assert {each["inference-engine-version"] for each in server.deployments()} == {"0.19.0"}


def test_it_is_shown_as_a_graph(server, run):
    server.add_deployment(name="chat")

    assert "@exoscale_ai:\n  |  |--chat" in run("inventory", "--graph").stdout


@pytest.mark.parametrize("file", ["exoscale.yml", "exoscale_ai.txt"])
def test_a_file_of_another_name_is_left_to_others(server, run, file):
    run("inventory", "--list", file=file)

    assert server.calls() == []


def test_an_error_is_told_in_words_and_without_secrets(server, run):
    server.misbehave("GET", times=9, status=403, json={"code": "forbidden_operation", "error": "no right"})

    finished = run("inventory", "--list", "-vvvv", variables={"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"})

    assert finished.returncode != 0
    assert "forbidden_operation: no right" in finished.stderr
    assert server.api_secret not in finished.stdout + finished.stderr


def test_zones_and_an_endpoint_exclude_each_other(server, run):
    given = run(
        "inventory", "--list", zones=list(ZONES), api_endpoint=server.url, variables={"EXOSCALE_API_ENDPOINT": ""}
    )
    of_the_environment = run("inventory", "--list", zones=list(ZONES))

    for finished in (given, of_the_environment):
        assert "zones and api_endpoint (or EXOSCALE_API_ENDPOINT) exclude each other" in finished.stderr
    assert server.calls() == []


class TestZones:
    """Two zones behind TLS, to which a proxy leads."""

    @pytest.fixture
    def zones(self, tmp_path):
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        names = [f"api-{zone}.exoscale.com" for zone in ZONES]
        authority.issue_cert(*names).configure_cert(context)
        with Simulator(tls=context) as first, Simulator(tls=context) as second, Proxy() as proxy:
            for name, simulator in zip(names, (first, second), strict=True):
                proxy.destinations[name] = ("127.0.0.1", urlsplit(simulator.url).port)
            environment = {
                "HTTPS_PROXY": proxy.url,
                "REQUESTS_CA_BUNDLE": str(tmp_path / "ca.pem"),
                "EXOSCALE_API_ENDPOINT": "",
                "NO_PROXY": "",
            }
            yield first, second, environment

    def test_hosts_are_named_with_their_zones(self, zones, listed):
        first, second, environment = zones
        for simulator in (first, second):
            simulator.add_deployment(name="chat")

        inventory = listed(zones=list(ZONES), variables=environment)

        assert hosts(inventory) == ["chat.at-vie-2", "chat.ch-gva-2"]
        assert inventory["_meta"]["hostvars"]["chat.ch-gva-2"]["exoscale_zone"] == "ch-gva-2"

    def test_one_zone_needs_no_name(self, zones, listed):
        first, _second, environment = zones
        first.add_deployment(name="chat")

        assert hosts(listed(zones=[ZONES[0]], variables=environment)) == ["chat"]
        assert hosts(listed(variables={**environment, "EXOSCALE_ZONE": ZONES[0]})) == ["chat"]

    def test_an_account_is_asked_once_for_all_zones(self, zones, listed, tmp_path):
        first, second, environment = zones
        for simulator in (first, second):
            simulator.add_deployment(name="chat")
        command = f"echo asked >> {tmp_path}/asked; echo {first.api_secret}"
        (tmp_path / "exoscale.toml").write_text(
            f'[[accounts]]\nname = "team"\nkey = "{first.api_key}"\nsecretCommand = ["sh", "-c", "{command}"]\n'
        )

        inventory = listed(
            zones=list(ZONES), account="team", config_file=str(tmp_path / "exoscale.toml"), variables=environment
        )

        assert hosts(inventory) == ["chat.at-vie-2", "chat.ch-gva-2"]
        assert (tmp_path / "asked").read_text() == "asked\n"

    def test_one_that_fails_is_a_warning_or_with_strict_an_error(self, zones, run):
        first, second, environment = zones
        first.add_deployment(name="chat")
        second.misbehave("GET", times=99, status=403)
        environment["ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED"] = "true"

        lenient = run("inventory", "--list", zones=list(ZONES), variables=environment)
        strict = run("inventory", "--list", zones=list(ZONES), strict=True, variables=environment)

        assert hosts(json.loads(lenient.stdout, object_hook=_plain)) == ["chat.ch-gva-2"]
        assert "No deployments of the zone at-vie-2: GET /ai/deployment was answered with 403" in " ".join(
            lenient.stderr.split()
        )
        assert strict.returncode != 0

    def test_an_answer_that_lacks_a_zone_is_not_kept(self, zones, listed, tmp_path):
        first, second, environment = zones
        for simulator in (first, second):
            simulator.add_deployment(name="chat")
        second.misbehave("GET", "/ai/deployment", status=403)
        cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(tmp_path / "cache")}

        lacking = listed(zones=list(ZONES), variables=environment, **cache)
        whole = listed(zones=list(ZONES), variables=environment, **cache)

        assert hosts(lacking) == ["chat.ch-gva-2"]
        assert hosts(whole) == ["chat.at-vie-2", "chat.ch-gva-2"]
