# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task has the same outcome in Ansible's own process as in that of a module, to the letter."""

from __future__ import annotations

import re
from itertools import groupby

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

ID = "00000000-0000-4000-8000-00000000000{}"
NO_DEPLOYMENT = ID.format(0)
PROBLEM = {"type": "about:blank", "title": "Bad Request", "status": 400, "detail": "the flag --nope is unknown"}


def deployment(name, options, **keywords):
    return {"name": name, "exoscale.cloud.ai_deployment": options, "ignore_errors": True, **keywords}


NAMES = """
unchanged update check diff both scale delete recreate refused busy lost error strange secret failing late taken lagging
vaulted unsafe native forbidden html empty nolog again
"""
NAMES_OF_A_FLEET = ("fleet one", "fleet two")
PASSWORD = "open sesame"


def vaulted(text):
    """A value in a playbook that ansible-vault has encrypted."""
    vault = VaultLib([("default", VaultSecret(PASSWORD.encode()))])
    return "<!vault>" + vault.encrypt(text).decode()


def fleets(ids):
    """Options of ai_deployments, and keywords of the task."""
    version = {"inference_engine_version": "0.19.0"}
    ignored = {"ignore_errors": True}
    return [
        ({"deployments": [{"name": "unchanged"}, {"id": ids["update"], "replicas": 1}]}, {"diff": True}),
        (
            {
                "deployments": [{"name": "fleet one"}, {"name": "fleet two", "replicas": 2}, {"name": "error"}],
                "defaults": {**version, "inference_engine_parameters": ["--api-key", "swordfish-of-a-fleet"]},
            },
            {"diff": True, **ignored},
        ),
        ({"deployments": [{"name": "check"}], "defaults": version}, {"diff": True, "check_mode": True}),
        ({"deployments": [{"name": "unchanged", "gpu_count": 3}, {"name": "x"}], "fail_fast": True}, ignored),
        ({"deployments": [], "purge": True}, {"diff": True, **ignored}),
        ({"deployments": [{"name": "unchanged", "replicas": 9}], "max_gpus": 8}, ignored),
        ({"deployments": [{"name": "x", "hf_tokn": "swordfish-of-an-entry"}]}, ignored),
        ({"deployments": [{"name": "x", "replicas": "many"}], "defaults": {"recreate": None}}, ignored),
        ({"deployments": [{"name": "x"}, {"name": "x"}], "defaults": None}, ignored),
        ({"deployments": [{"name": "x", "wait": False}]}, ignored),
        ({"deployments": ["name=unchanged replicas=1"]}, {"diff": True}),
        ({"deployments": [5]}, ignored),
        ({"deployments": {"name": "unchanged"}}, ignored),
        ({"deployments": [None]}, ignored),
        ({}, ignored),
    ]


def each_kind_of_task(server):
    """Prepare the server, and tell the tasks."""
    for name in (*NAMES.split(), *NAMES_OF_A_FLEET):
        server.add_deployment(name=name, inference_engine_version="0.18.0")
    ids = {each["name"]: each["id"] for each in server.deployments()}
    parameters = ["--seed=1", "--api-key=swordfish-of-the-engine"]
    server.set_deployment(ids["secret"], inference_engine_parameters=parameters)
    server.set_deployment(ids["error"], state="error", state_details="out of memory")
    server.set_deployment(ids["strange"], state="enchanted")
    server.write_log(ids["error"], ["line one", "line two with {{ 1 + 1 }}"])
    server.set_deployment(ids["unsafe"], state_details="{{ lookup('pipe', 'echo evil') }}")
    path = "/ai/deployment/{}".format
    server.misbehave("PATCH", path(ids["refused"]), status=400, json=PROBLEM)
    server.misbehave("PATCH", path(ids["busy"]), status=409, json={**PROBLEM, "status": 409}, times=9)
    server.misbehave("PATCH", path(ids["lost"]), kind="lost", applied=True)
    server.misbehave("GET", path(ids["forbidden"]), status=403, json={"message": "role lacks the right"}, times=9)
    server.misbehave("GET", path(ids["html"]), status=502, body="<html><h1>Bad Gateway</h1></html>", times=9)
    server.misbehave("GET", path(ids["empty"]), status=200, body="", times=9)
    server.misbehave("GET", f"/inference/{ids['failing']}/v1/models", status=503, body="key-of-" + ids["failing"])
    new = "0.19.0"
    serving = {"replicas": 1, "wait_for": "serving"}
    return [
        deployment("serving", {"name": "unchanged", "serving_probe": "chat", **serving}),
        deployment("not serving", {"name": "failing", "wait_timeout": 0, **serving}),
        deployment("nothing to change", {"name": "unchanged", "inference_engine_version": "0.18.0"}),
        deployment("nothing to change by ID", {"id": ids["unchanged"], "replicas": 1}),
        deployment("update", {"name": "update", "inference_engine_version": new}),
        deployment("check", {"name": "check", "inference_engine_version": new}, check_mode=True),
        deployment("diff", {"name": "diff", "inference_engine_version": new}, diff=True),
        deployment("both", {"name": "both", "inference_engine_version": new}, check_mode=True, diff=True),
        deployment("scale", {"name": "scale", "replicas": 2}, diff=True),
        deployment("delete", {"name": "delete", "state": "absent"}, diff=True),
        deployment("delete what is not there", {"name": "nobody", "state": "absent"}, diff=True),
        deployment(
            "create",
            {"name": "new", "model": "openai/gpt-oss-120b", "gpu_type": "gpua5000", "gpu_count": 1, "replicas": 1},
            diff=True,
        ),
        deployment("create without a model", {"name": "newer", "gpu_count": 1}),
        deployment(
            "recreate",
            {"name": "recreate", "gpu_type": "gpurtx6000pro", "gpu_count": 1, "recreate": True},
            diff=True,
        ),
        deployment("not recreate", {"name": "unchanged", "gpu_count": 2}),
        deployment("a refused write", {"name": "refused", "inference_engine_version": new}),
        deployment("busy", {"name": "busy", "inference_engine_version": new, "wait": False}),
        deployment("a lost answer", {"name": "lost", "inference_engine_version": new, "api_timeout": 1}),
        deployment("in error", {"name": "error", "replicas": 1}),
        deployment("in a state that nobody knows", {"name": "strange", "replicas": 1}),
        deployment("a version that does not exist", {"name": "unchanged", "inference_engine_version": "9.9.9"}),
        deployment("a flag that does not exist", {"name": "unchanged", "inference_engine_parameters": ["--nope=1"]}),
        deployment("an ID that does not exist", {"id": NO_DEPLOYMENT, "replicas": 1}),
        deployment("no right", {"id": ids["forbidden"], "replicas": 1}),
        deployment("a page", {"id": ids["html"], "replicas": 1, "api_retries": 0}),
        deployment("an empty answer", {"id": ids["empty"], "replicas": 1, "api_retries": 0}),
        deployment("nobody listens", {"name": "x", "api_endpoint": "http://127.0.0.1:1/v2", "api_retries": 0}),
        deployment("a false secret", {"name": "x", "api_key": "EXOwrong", "api_secret": "swordfish-of-the-api"}),
        deployment("half a pair", {"name": "x", "api_key": "EXOwrong"}),
        deployment("secrets", {"name": "secret", "inference_engine_parameters": ["--seed=1"]}, diff=True),
        deployment("an unknown option", {"name": "x", "hf_token": "swordfish"}),
        deployment("an option of the wrong type", {"name": "x", "replicas": "many"}),
        deployment("a list for a number", {"name": "x", "replicas": [1]}),
        deployment("a choice that is none", {"name": "x", "state": "started"}),
        deployment("a mapping for a list", {"name": "x", "inference_engine_parameters": {"seed": 1}}),
        deployment(
            "numbers in a list", {"name": "secret", "inference_engine_parameters": ["--seed", 1]}, check_mode=True
        ),
        deployment("null in a list", {"name": "secret", "inference_engine_parameters": ["--seed=1", None]}),
        deployment("neither ID nor name", {"replicas": 1}),
        deployment("a boolean for a number", {"name": "x", "replicas": True}),
        deployment("nulls", {"name": "unchanged", "wait": None, "model": None, "state": None}),
        deployment("out of range", {"name": "x", "api_timeout": 0}),
        deployment("no UUID", {"id": "chat"}),
        deployment("a number for a name", {"name": 5, "state": "absent"}),
        deployment("a date for a name", {"name": "2026-01-02", "state": "absent"}),
        deployment("a strange name", {"name": " x", "state": "absent"}),
        deployment("text beyond ASCII", {"name": "näme ☃", "state": "absent"}),
        deployment("no log", {"name": "nolog", "inference_engine_version": new}, no_log=True, diff=True),
        deployment("no log in failure", {"id": NO_DEPLOYMENT, "replicas": 1}, no_log=True),
        deployment(
            "a loop",
            {"name": "{{ item }}", "inference_engine_version": new},
            loop=["update", "unchanged", "nobody"],
            loop_control={"label": "{{ item }}!"},
            check_mode=True,
        ),
        deployment(
            "until",
            {"name": "again", "inference_engine_version": new},
            until="not result_of_until.changed",
            retries=2,
            delay=0,
        ),
        deployment(
            "failed when", {"name": "unchanged", "replicas": 1}, failed_when="not result_of_failed_when.changed"
        ),
        deployment("changed when", {"name": "unchanged", "replicas": 1}, changed_when=True),
        deployment("delegated", {"name": "unchanged", "replicas": 1}, delegate_to="localhost"),
        deployment("skipped", {"name": "unchanged", "replicas": 1}, when="1 == 2"),
        deployment(
            "vaulted",
            {
                "name": vaulted("vaulted"),
                "inference_engine_parameters": ["--api-key", vaulted("swordfish-of-the-vault")],
            },
            check_mode=True,
            diff=True,
        ),
        deployment("unsafe", {"name": "<!unsafe>{{ unsafe }}", "state": "absent"}),
        deployment("what a server says is no template", {"name": "unsafe", "replicas": 1}),
        deployment(
            "native types",
            {
                "name": "native",
                "replicas": "{{ 1 + 1 }}",
                "inference_engine_parameters": "{{ ['--seed', 1] }}",
                "gpu_count": "{{ none }}",
                "wait": "{{ 'yes' }}",
            },
            check_mode=True,
        ),
        deployment("omitted", {"name": "unchanged", "replicas": "{{ nothing | default(omit) }}"}),
        deployment("undefined", {"name": "{{ nothing }}"}),
        {"name": "info", "exoscale.cloud.ai_deployment_info": {"name": "secret"}, "ignore_errors": True},
        *(
            {"name": name, f"exoscale.cloud.{name}": options, "ignore_errors": True}
            for name, options in (
                ("ai_model", {"name": "openai/gpt-oss-20b", "huggingface_token": "swordfish-of-the-hub"}),
                ("ai_model", {"name": "openai/gpt-oss-20b", "huggingface_token": "swordfish-of-the-hub"}),
                ("ai_model", {"name": "openai/gpt-oss-120b", "state": "absent"}),
                ("ai_api_key", {"name": "team", "scope": "update"}),
                ("ai_api_key", {"name": "team", "scope": "public"}),
                ("ai_api_key", {"name": "team", "state": "absent"}),
                ("ai_model_info", {"name": "openai/gpt-oss-120b"}),
                ("ai_api_key_info", {}),
                ("ai_instance_type_info", {}),
                ("ai_quota_info", {}),
                ("ai_deployment_log_info", {"name": "error", "tail": 1}),
                ("ai_deployment_log_info", {"name": "error", "id": NO_DEPLOYMENT}),
                ("operation_info", {"ids": [NO_DEPLOYMENT], "wait": True}),
                ("operation_info", {}),
            )
        ),
        *(
            {"name": f"fleet {number}", "exoscale.cloud.ai_deployments": {"concurrency": 1, **options}, **keywords}
            for number, (options, keywords) in enumerate(fleets(ids), start=1)
        ),
        {"name": "refused info", "exoscale.cloud.ai_deployment_info": {"id": "x"}, "ignore_errors": True},
        {"name": "help", "exoscale.cloud.ai_engine_parameter_info": {"name": "seed"}, "ignore_errors": True},
        {"name": "short form", "exoscale.cloud.ai_deployment": "name=unchanged replicas=1", "ignore_errors": True},
    ]


#: Keys and words that tell of the way: ansible-core adds them itself.
_OWN_KEYS = ("invocation", "exception", "attempts")


def play(playbook, server, tasks, *arguments, way, **options):
    server.clear_journal()
    return playbook(
        tasks, *arguments, variables={"EXOSCALE_IN_PROCESS": way, **options.pop("variables", {})}, **options
    )


def neutral(lines):
    """The same lines without what is of the way, and of the moment."""
    text = re.sub(r'\n +"exception": .*', "", "\n".join(lines))
    text = re.sub(r"(Action|Module) failed", "Task failed", text)
    text = re.sub(r"\d\d\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", "a time", text)
    return text.splitlines()


@pytest.fixture
def both(playbook, server):
    """Plays the same tasks as a module and in-process, each time against a new server."""

    def play_both(prepare, *arguments, **options):
        outcomes = []
        for way in ("0", "1"):
            server.reset()
            tasks = prepare(server)
            outcomes.append(play(playbook, server, tasks, *arguments, way=way, **dict(options)))
        return outcomes

    return play_both


def test_each_kind_of_task_ends_the_same(both, playbook, server):
    (playbook.folder / "password").write_text(PASSWORD)

    as_module, in_process = both(each_kind_of_task, "-vvvv", "--vault-password-file=password")

    # It is part of the test that a state is not one of the contract.
    server.contract_violations.clear()
    assert "runs as a module" in as_module.output
    assert "Using module file" not in in_process.output.split("TASK [Keep")[0]
    assert neutral(in_process.comparable()) == neutral(as_module.comparable())
    assert "swordfish" not in in_process.output
    assert "key-of-" not in in_process.output
    assert "evil" not in in_process.output.replace("echo evil", "")


def failures_of_operations(server):
    """Failures in which a server is told to fail the next operation, so that there is one for each play."""
    server.add_deployment(name="chat", inference_engine_version="0.18.0")
    server.fail_next_operation("failure", "incorrect", "no GPU is free")
    return [
        deployment(
            "roll back", {"name": "chat", "inference_engine_version": "0.19.0", "on_failure": "rollback"}, diff=True
        )
    ]


def a_deadline(server):
    server.add_deployment(name="chat", inference_engine_version="0.18.0")
    server.operation_seconds = 60
    return [deployment("late", {"name": "chat", "inference_engine_version": "0.19.0", "wait_timeout": 2})]


def short_secrets(_server):
    """Which ansible-core masks wherever their letters are, in all that it prints from then on."""
    return [deployment("short secrets", {"name": "x", "api_key": "e", "api_secret": "a"}, diff=True)]


@pytest.mark.parametrize("prepare", [failures_of_operations, short_secrets])
def test_what_fails_ends_the_same(both, prepare):
    as_module, in_process = both(prepare, "-vvvv")

    assert [result["failed"] for result in in_process.results.values()] == [True]
    assert neutral(in_process.comparable()) == neutral(as_module.comparable())


def test_what_waits_until_its_time_is_over_ends_the_same(both):
    outcomes = both(a_deadline, "-vvvv")

    for played in outcomes:
        # How often it can look within two seconds is of the machine.
        played.journal = [entry for entry, _looks in groupby(played.journal)]
    as_module, in_process = outcomes
    assert in_process.results["late"]["failed"]
    assert neutral(in_process.comparable()) == neutral(as_module.comparable())


@pytest.mark.parametrize(
    ("options", "arguments"),
    [
        ({"name": "chat", "replicas": 1}, ()),
        ({"name": "chat", "replicas": 2}, ("--check", "--diff")),
        ({"name": "chat", "replicas": "many"}, ("--check", "--diff")),
        ({"name": "nobody", "replicas": 2}, ()),
    ],
    ids=str,
)
def test_a_play_ends_with_the_same_status_and_words(both, options, arguments):
    def prepare(server):
        server.add_deployment(name="chat", inference_engine_version="0.18.0")
        return [{"name": "task", "exoscale.cloud.ai_deployment": options}]

    as_module, in_process = both(prepare, *arguments)

    assert neutral(in_process.comparable()) == neutral(as_module.comparable())


def test_module_defaults_and_a_task_by_its_short_name_arrive_the_same(both):
    def prepare(server):
        server.add_deployment(name="chat", inference_engine_version="0.18.0")
        return [
            {"name": "with defaults", "ai_deployment": {"replicas": 1}, "ignore_errors": True},
            {"name": "unknown", "ai_deployment": {"name": "chat", "nope": 1}, "ignore_errors": True},
            {"name": "info", "ai_deployment_info": {}, "ignore_errors": True},
        ]

    group = {"group/exoscale.cloud.ai": {"api_timeout": 20}, "exoscale.cloud.ai_deployment": {"name": "chat"}}

    as_module, in_process = both(prepare, "-vvvv", play={"collections": ["exoscale.cloud"], "module_defaults": group})

    assert in_process.results["with defaults"]["deployment"]["name"] == "chat"
    assert neutral(in_process.comparable()) == neutral(as_module.comparable())


def test_an_account_of_the_vendors_client_is_used_the_same_and_its_secrets_do_not_show(both, playbook):
    def prepare(server):
        server.add_deployment(name="chat", inference_engine_version="0.18.0")
        secret = server.api_secret
        (playbook.folder / "exoscale.toml").write_text(
            'defaultaccount = "told"\n'
            f'[[accounts]]\nname = "told"\nkey = "{server.api_key}"\nsecret = "{secret}"\nendpoint = "{server.url}"\n'
            f'[[accounts]]\nname = "asked"\nkey = "{server.api_key}"\nsecretCommand = ["echo", "{secret}"]\n'
            '[[accounts]]\nname = "wrong"\nkey = "EXOwrong"\nsecret = "swordfish-of-the-file"\n'
            '[[accounts]]\nname = "fails"\nkey = "EXOfails"\nsecretCommand = ["sh", "-c", "echo swordfish; exit 3"]\n'
        )
        (playbook.folder / "broken.toml").write_text('[[accounts]]\nsecret = "swordfish')
        return [
            deployment("default", {"name": "chat", "inference_engine_version": "0.19.0"}, diff=True),
            *(
                deployment(account, {"name": "chat", "account": account, "api_endpoint": server.url})
                for account in ("asked", "wrong", "fails", "nobody")
            ),
            deployment("broken", {"name": "chat", "config_file": str(playbook.folder / "broken.toml")}),
        ]

    environment = {
        **dict.fromkeys(["EXOSCALE_API_KEY", "EXOSCALE_API_SECRET", "EXOSCALE_API_ENDPOINT"], ""),
        "EXOSCALE_CONFIG": str(playbook.folder / "exoscale.toml"),
    }

    as_module, in_process = both(prepare, "-vvvv", variables=environment)

    failed = {name: result["failed"] for name, result in in_process.results.items()}
    assert failed == {
        "default": False,
        "asked": False,
        "wrong": True,
        "fails": True,
        "nobody": True,
        "broken": True,
    }
    assert "failed with the exit status 3" in in_process.results["fails"]["msg"]
    assert neutral(in_process.comparable()) == neutral(as_module.comparable())
    for output in (as_module.output, in_process.output):
        assert "swordfish" not in output
        assert playbook.simulator.api_secret not in output
