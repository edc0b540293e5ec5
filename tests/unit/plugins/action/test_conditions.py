# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The conditions under which a task runs in Ansible's own process, and what it prints while it waits."""

from __future__ import annotations

import json
import os
import re
import socketserver
import subprocess
import sys
import threading

import pytest

RUNS_IN_PROCESS = "runs in Ansible's own process"
RUNS_AS_MODULE = "runs as a module: "


def look_up(**keywords):
    return {"name": "look up", "exoscale.cloud.ai_deployment_info": {}, **keywords}


IN_PROCESS = [
    {},
    {"become": False},
    {"environment": [{}]},
    {"delegate_to": "localhost"},
    {"vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}},
    {"vars": {"ansible_python_interpreter": "auto_silent"}},
    {"vars": {"exoscale_in_process": True}},
    {"vars": {"exoscale_in_process": "yes"}},
    {"check_mode": True},
    {"no_log": True},
    {"async": 0},
]
AS_MODULE = [
    ({"become": True, "vars": {"ansible_become_exe": "/bin/false"}}, "it has become"),
    ({"vars": {"ansible_become": True, "ansible_become_exe": "/bin/false"}}, "it has become"),
    ({"async": 30, "poll": 1}, "it is asynchronous"),
    ({"environment": {"EXOSCALE_ZONE": "ch-gva-2"}}, "it has an environment"),
    ({"vars": {"ansible_python_interpreter": "/usr/bin/env python3"}}, "its interpreter is /usr/bin/env python3"),
    ({"vars": {"exoscale_in_process": False}}, "exoscale_in_process"),
    ({"vars": {"exoscale_in_process": "{{ 1 == 2 }}"}}, "exoscale_in_process"),
    ({"vars": {"exoscale_in_process": "no"}}, "exoscale_in_process"),
    ({"vars": {"exoscale_in_process": [1]}}, "exoscale_in_process"),
    ({"vars": {"exoscale_in_process": "{{ nothing }}"}}, "exoscale_in_process"),
    ({"vars": {"ansible_python_interpreter": "autobahn"}}, "its interpreter is autobahn"),
]


def said_of_each_task(output):
    """What was printed for each task, without the last one, which keeps the results."""
    return output.split("TASK [")[1:-1]


def test_a_task_on_the_controller_runs_in_process(playbook):
    tasks = [look_up(name=f"look up {number}", **keywords) for number, keywords in enumerate(IN_PROCESS)]

    played = playbook(tasks, "-vvv")

    said = said_of_each_task(played.output)
    assert len(said) == len(IN_PROCESS)
    for keywords, words, result in zip(IN_PROCESS, said, played.results.values(), strict=True):
        assert RUNS_IN_PROCESS in words, keywords
        assert "Using module file" not in words, keywords
        assert result["deployments"] == [], keywords


def test_a_task_of_which_it_is_not_certain_runs_as_a_module(playbook):
    tasks = [
        look_up(name=f"look up {number}", ignore_errors=True, **keywords)
        for number, (keywords, _reason) in enumerate(AS_MODULE)
    ]

    played = playbook(tasks, "-vvv")

    said = said_of_each_task(played.output)
    assert len(said) == len(AS_MODULE)
    for (keywords, reason), words in zip(AS_MODULE, said, strict=True):
        assert RUNS_AS_MODULE + reason in words, keywords
        assert RUNS_IN_PROCESS not in words, keywords


def test_the_environment_of_ansible_switches_it_off(playbook):
    played = playbook([look_up()], "-vvv", variables={"EXOSCALE_IN_PROCESS": "0"})

    assert RUNS_AS_MODULE + "exoscale_in_process or EXOSCALE_IN_PROCESS" in played.output
    assert "Using module file" in played.output.split("TASK [Keep")[0]


def test_a_configured_interpreter_counts_like_that_of_a_variable(playbook):
    inventory = playbook.folder / "hosts"
    inventory.write_text("localhost ansible_connection=local\n")

    played = playbook(
        [look_up(ignore_errors=True)],
        "-vvv",
        variables={"ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/env python3"},
        inventory=str(inventory),
    )

    assert RUNS_AS_MODULE + "its interpreter is" in played.output


def test_the_interpreter_of_the_host_that_is_delegated_to_counts(playbook):
    inventory = playbook.folder / "hosts"
    inventory.write_text("here ansible_connection=local ansible_python_interpreter=/nonexistent/python\nlocalhost\n")

    played = playbook([look_up(delegate_to="here", ignore_errors=True)], "-vvv", inventory=str(inventory))

    assert RUNS_AS_MODULE + "its interpreter is /nonexistent/python" in played.output


def test_another_connection_than_local_is_the_business_of_a_module(playbook):
    task = look_up(ignore_unreachable=True, vars={"ansible_connection": "ssh", "ansible_host": "127.0.0.1"})

    played = playbook([task], "-vvv", variables={"ANSIBLE_SSH_EXECUTABLE": "/bin/false"})

    assert RUNS_AS_MODULE + "its connection is ssh" in played.output


@pytest.mark.parametrize("trouble", ["ImportError('no requests')", "AttributeError('does not fit')"])
def test_a_controller_without_requests_leaves_it_to_the_module(playbook, trouble):
    # A package that cannot be imported stands for one that is not there.
    (playbook.folder / "requests.py").write_text(f"raise {trouble}\n")

    played = playbook([look_up(ignore_errors=True)], "-vvv", variables={"PYTHONPATH": path_with(playbook.folder)})

    assert f"{RUNS_AS_MODULE}{sys.executable} cannot import requests" in played.output
    assert "Failed to import the required Python library (requests)" in played.results["look up"]["msg"]


def test_what_libraries_log_does_not_reach_the_log_file_of_ansible(playbook):
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nno colon and swordfish-of-the-api\r\n\r\n{}"

    class Malformed(socketserver.BaseRequestHandler):
        def handle(self):
            self.request.recv(10_000)
            self.request.sendall(answer)

    log = playbook.folder / "ansible.log"
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Malformed) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        options = {
            "api_endpoint": f"http://127.0.0.1:{server.server_address[1]}/v2",
            "api_key": "EXOkey",
            "api_secret": "swordfish-of-the-api",
        }
        task = {"name": "look up", "exoscale.cloud.ai_deployment_info": options, "ignore_errors": True}

        played = playbook([task], "-vvv", variables={"ANSIBLE_LOG_PATH": str(log)})
        server.shutdown()

    assert played.results["look up"]["failed"] is True
    assert RUNS_IN_PROCESS in log.read_text()
    assert "swordfish" not in log.read_text()
    assert "Traceback" not in log.read_text()


def path_with(folder):
    return os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])


def update(**keywords):
    options = {"name": "chat", "inference_engine_version": "0.19.0"}
    return {"name": "update", "exoscale.cloud.ai_deployment": options, **keywords}


def running(playbook, tasks):
    """The playbook while it runs, with its output in a pipe."""
    return subprocess.Popen(
        playbook.command(tasks),
        env=playbook.environment(),
        cwd=playbook.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_the_first_line_of_progress_arrives_while_the_task_runs(playbook, server):
    server.add_deployment(name="chat", inference_engine_version="0.18.0")
    server.operation_seconds = 8

    with running(playbook, [update()]) as process:
        line = next(line for line in process.stdout if line.startswith("waiting: "))
        is_running = process.poll() is None
        rest = process.stdout.read()

    assert line.startswith("waiting: [localhost] => the operation ")
    assert "for the deployment chat (" in line
    assert line.endswith("is pending (0 s)\n")
    assert is_running
    told = [line for line in rest.splitlines() if line.startswith("waiting: ")]
    assert re.search(r"is success \(\d+ s\)$", told[-1])
    assert "changed: [localhost]" in rest


QUIET = [{"no_log": True}, {"vars": {"exoscale_progress": False}}, {"vars": {"exoscale_progress": "{{ nothing }}"}}]


def test_nothing_is_printed_for_a_task_that_must_be_quiet(playbook, server):
    tasks = []
    for number, keywords in enumerate(QUIET):
        server.add_deployment(name=f"chat {number}", inference_engine_version="0.18.0")
        options = {"name": f"chat {number}", "inference_engine_version": "0.19.0"}
        tasks.append({"name": f"update {number}", "exoscale.cloud.ai_deployment": options, **keywords})
    server.operation_seconds = 1

    played = playbook(tasks)

    assert [result["changed"] for result in played.results.values()] == [True for _task in tasks]
    assert "waiting:" not in played.output


@pytest.mark.parametrize(
    ("arguments", "variables"),
    [((), {"EXOSCALE_PROGRESS": "0"}), (("--check",), {}), ((), {"EXOSCALE_IN_PROCESS": "0"})],
    ids=str,
)
def test_nothing_is_printed_for_a_run_that_shall_be_quiet(playbook, server, arguments, variables):
    server.add_deployment(name="chat", inference_engine_version="0.18.0")
    server.operation_seconds = 1

    played = playbook([update()], *arguments, variables=variables)

    assert played.results["update"]["changed"] is True
    assert "waiting:" not in played.output


def test_progress_leaves_a_stdout_for_programs_alone(playbook, server):
    server.add_deployment(name="chat", inference_engine_version="0.18.0")
    server.operation_seconds = 1
    plugins = playbook.folder / "callback_plugins"
    plugins.mkdir()
    (plugins / "one_json.py").write_text(_JSON_CALLBACK)

    finished = subprocess.run(
        playbook.command([update()]),
        env=playbook.environment(ANSIBLE_STDOUT_CALLBACK="one_json", ANSIBLE_CALLBACK_PLUGINS=str(plugins)),
        cwd=playbook.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(finished.stdout)["ok"] == 2
    assert "waiting: [localhost] => " in finished.stderr


_JSON_CALLBACK = '''
DOCUMENTATION = """
name: one_json
type: stdout
short_description: One JSON document
description: One JSON document.
"""
import json
from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "one_json"

    def v2_playbook_on_stats(self, stats):
        self._display.display(json.dumps(stats.summarize("localhost")))
'''


def test_a_secret_in_a_line_of_progress_is_hidden_and_what_a_terminal_would_obey_is_spelt_out(playbook, server):
    deployment = server.add_deployment(
        name="chat", inference_engine_version="0.19.0", inference_engine_parameters=["--api-key=swordfish"]
    )
    deploying = {**server.deployment(deployment), "state": "deploying", "state-details": "swordfish is \x1b[31mloaded"}
    server.misbehave("GET", f"/ai/deployment/{deployment}$", times=2, status=200, json=deploying)

    played = playbook([update()])

    assert r"is in the state deploying (******** is \x1b[31mloaded) (" in played.output
    assert "is in the state ready" in played.output
    assert "swordfish" not in played.output
    assert "\x1b" not in played.output
