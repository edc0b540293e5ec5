# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever the API calls things, inventory and lookup show it as data, and each deployment as one host."""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
import trustme
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.exoscale.cloud.tests.simulator import Proxy, Simulator
from ansible_collections.exoscale.cloud.tests.unit.plugins.action.playbook import Playbook
from ansible_collections.exoscale.cloud.tests.unit.random_cases import in_number

ZONES = ("ch-gva-2", "at-vie-2")
ENGINE_SECRET = "swordfish-of-the-engine"
#: What nobody can have written but who evaluates the template.
TEMPLATE, EVALUATED = "{{ 71917 * 7191 }}", "517155147"
MARK = "evaluated"
PIPE = "{{ lookup('pipe', 'touch %s') }}" % MARK  # noqa: UP031
HOSTILE = (
    *(
        TEMPLATE,
        PIPE,
        "{% raw %}",
        "{{",
        "}}",
        "{%",
        "{# x",
        "{{ exoscale_id }}",
        "{{ omit }}",
        "${x}",
        "%s",
        "\\{{ 1 }}",
    ),
    *(
        "a\0b",
        "\x1b[31mred\x1b[0m",
        "line\nbreak",
        "\rback",
        "\ttab",
        "\x7f",
        "next\x85",
        "next\u2028",
        "\u202eesrever",
        "\u200b",
    ),
    *("\ufeffbom", "e\u0301", "é", "𝔘𝔫𝔦", "\ud800", "half \udfff", "x" * 10_000, "💥" * 300),
    *("all", "ungrouped", "localhost", "exoscale_ai", "_meta", "127.0.0.1", "hostvars", "__ansible_unsafe", "omit"),
    *(
        "-",
        "--list",
        "-i",
        "..",
        "../../etc/passwd",
        "/etc/passwd",
        "a/b",
        "~",
        "~x",
        "*",
        "!all",
        "&all",
        "all:!x",
        "a,b",
    ),
    *(
        "host[1:3]",
        "host:22",
        "[::1]",
        "a b",
        " lead",
        "trail ",
        "a=b",
        "name=x",
        "'",
        '"',
        "a'b\"c",
        "`id`",
        "$(id)",
        ";",
    ),
    *("- x", "a: b", "!unsafe x", "!!python/none", "# x", "|", ">", "&a", "*a", "? x", '{"a": 1}', "[1]", "[]", "{}"),
    *("null", "None", "true", "5", "1e3", "0x1f", "2026-01-01", "NaN", "<!vault>", "$ANSIBLE_VAULT;1.1;AES256"),
)
words = st.sampled_from(HOSTILE) | st.text(st.characters(codec=None), min_size=1, max_size=6).filter(str.strip)
fields = st.fixed_dictionaries(
    {"name": words},
    optional={
        "state": words,
        "state_details": words,
        "gpu_type": words,
        "service_level": words,
        "deployment_url": words,
        "inference_engine_version": words,
        "model": st.fixed_dictionaries({"name": words}),
        "inference_engine_parameters": st.lists(words | st.just(f"--api-key={ENGINE_SECRET}"), max_size=3),
        "created_at": words,
    },
)
options = st.fixed_dictionaries(
    {},
    optional={
        "details": st.booleans(),
        "strict": st.booleans(),
        "filters": st.sampled_from([{}, {"state": TEMPLATE}, {"visibility": "private"}]),
        "hostname": st.sampled_from(
            [
                "exoscale_name",
                "exoscale_state",
                "exoscale_name ~ '-' ~ exoscale_gpu_type",
                "exoscale_state_details",
                "''",
            ]
        ),
        "compose": st.just({"nick": "exoscale_name ~ '!'", "what": "exoscale_state", "ansible_user": "exoscale_name"}),
        "groups": st.just({"long": "exoscale_name | length > 3", "odd": "'{' in exoscale_name"}),
        "keyed_groups": st.sampled_from(
            [
                [{"key": "exoscale_name", "prefix": "n"}],
                [{"key": "exoscale_state", "prefix": "", "separator": ""}],
                [{"key": "exoscale_gpu_type"}, {"key": "exoscale_model", "prefix": "m"}],
            ]
        ),
    },
)


class Run:
    """Runs commands of Ansible in a folder of their own.

    :param environment: besides that of :class:`Playbook`.
    """

    def __init__(self, simulator, folder, environment):
        self.simulator = simulator
        self.folder = folder
        self.environment = Playbook(simulator, folder).environment(**environment)

    def __call__(self, command, *arguments, play=None, **inventory):
        (self.folder / "a.exoscale_ai.yml").write_text(
            yaml.safe_dump({"plugin": "exoscale.cloud.ai_deployments", **inventory})
        )
        if play is not None:
            (self.folder / "play.yml").write_text(json.dumps([play]))
            arguments = (*arguments, "play.yml")
        return subprocess.run(
            [sys.executable, "-m", f"ansible.cli.{command}", "--inventory", "a.exoscale_ai.yml", *arguments],
            env=self.environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="surrogateescape",
            check=False,
            timeout=120,
        )


@pytest.fixture
def one_place(tmp_path):
    """One API, at an endpoint of its own."""
    with Simulator() as simulator:
        yield [simulator], Run(simulator, tmp_path, {})


@pytest.fixture
def zones(tmp_path):
    """Two zones behind TLS, to which a proxy leads."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    hosts = [f"api-{zone}.exoscale.com" for zone in ZONES]
    authority.issue_cert(*hosts).configure_cert(context)
    with Simulator(tls=context) as first, Simulator(tls=context) as second, Proxy() as proxy:
        for host, simulator in zip(hosts, (first, second), strict=True):
            proxy.destinations[host] = ("127.0.0.1", urlsplit(simulator.url).port)
        environment = {"HTTPS_PROXY": proxy.url, "REQUESTS_CA_BUNDLE": str(tmp_path / "ca.pem"), "NO_PROXY": ""}
        yield [first, second], Run(first, tmp_path, {**environment, "EXOSCALE_API_ENDPOINT": ""})


def test_each_deployment_is_one_host_whatever_it_is_called(one_place, cases, watched):
    simulators, run = one_place

    @in_number(3)
    @given(st.lists(fields, min_size=12, max_size=25), options)
    def holds(deployments, inventory):
        watched()
        with there(simulators, deployments, cases) as ids:
            expect_each_to_be_a_host(run, ids, inventory)

    holds()


def test_so_it_is_in_each_zone(zones, cases, watched):
    simulators, run = zones

    @in_number(1)
    @given(st.lists(fields, min_size=12, max_size=25), options)
    def holds(deployments, inventory):
        watched()
        with there(simulators, deployments, cases) as ids:
            expect_each_to_be_a_host(run, ids, {**inventory, "zones": list(ZONES)})

    holds()


def test_a_play_shows_it_as_it_is(one_place, cases, watched):
    simulators, run = one_place
    shown = "{{ [inventory_hostname, exoscale_name, exoscale_state, exoscale_state_details | default('')] }}"
    tasks = [{"ansible.builtin.debug": {"msg": shown}}, {"ansible.builtin.set_fact": {"copied": shown}}]

    @in_number(1)
    @given(st.lists(fields, min_size=8, max_size=12))
    def holds(deployments):
        watched()
        with there(simulators, deployments, cases):
            played = run("playbook", play={"hosts": "exoscale_ai", "gather_facts": False, "tasks": tasks})

        expect_data_only(run, played)
        assert played.returncode == 0, played.stdout + played.stderr

    holds()


def test_a_key_is_found_by_any_name_and_is_data_itself(one_place, cases, watched):
    simulators, run = one_place
    found = "{{ query('exoscale.cloud.ai_deployment_api_key', item.name) }}"
    look_up = {
        "ansible.builtin.set_fact": {"found": "{{ (found | default([])) + " + found.strip("{} ") + " }}"},
        "loop": "{{ lookup('ansible.builtin.file', 'names.json') | from_json }}",
        "no_log": True,
    }
    keep = {"ansible.builtin.copy": {"content": "{{ found | to_json }}", "dest": "{{ playbook_dir }}/found.json"}}
    play = {"hosts": "localhost", "gather_facts": False, "connection": "local", "tasks": [look_up, keep]}
    named = st.sampled_from([word for word in HOSTILE if word.isprintable() or "\n" in word])

    @in_number(1)
    @given(st.lists(named, min_size=5, max_size=10, unique=True), st.sampled_from([TEMPLATE, PIPE, "{{", "key"]))
    def holds(names, key):
        watched()
        (run.folder / "names.json").write_text(json.dumps([{"name": name} for name in names]))
        with there(simulators, [{"name": name} for name in names], cases):
            answer = {"times": 1000, "status": 200, "json": {"api-key": key}}
            simulators[0].misbehave("GET", "/ai/deployment/.+/api-key", **answer)
            played = run("playbook", play=play)

        assert played.returncode == 0, played.stdout + played.stderr
        expect_data_only(run, played)
        assert json.loads((run.folder / "found.json").read_text()) == [key] * len(names)

    holds()


@contextmanager
def there(simulators, deployments, cases):
    """These deployments, in turn in each zone, and the answers about them; yields their IDs."""
    ids = []
    for simulator in simulators:
        simulator.reset()
    for number, deployment in enumerate(deployments):
        cases.one_more()
        ids.append(simulators[number % len(simulators)].add_deployment(**deployment))
    yield ids


def expect_each_to_be_a_host(run, ids, inventory):
    listing = run("inventory", "--list", **inventory)

    expect_data_only(run, listing)
    if listing.returncode != 0 or inventory.get("strict"):
        assert listing.returncode == 0 or "ERROR" in listing.stderr
        return
    listed = json.loads(listing.stdout)
    variables = [plain(each) for each in listed["_meta"]["hostvars"].values()]
    shown = [each["exoscale_id"] for each in variables]
    assert sorted(shown) == sorted(ids if not inventory.get("filters", {}).get("state") else shown)
    assert len(set(shown)) == len(shown)
    assert {each["ansible_connection"] for each in variables} <= {"local"}


def plain(variables):
    """Since ansible-core 2.19, what may not be a template is marked so in the list."""
    return {
        key: value["__ansible_unsafe"] if isinstance(value, dict) and set(value) == {"__ansible_unsafe"} else value
        for key, value in variables.items()
    }


def expect_data_only(run, finished):
    """No template was evaluated, no traceback and no secret shown."""
    said = finished.stdout + finished.stderr
    assert EVALUATED not in said
    assert not (run.folder / MARK).exists()
    assert "Traceback" not in said, said[-3000:]
    assert "unexpected exception" not in said.lower(), said[-3000:]
    for secret in (ENGINE_SECRET, "key-of-", run.simulator.api_secret):
        assert secret not in said
