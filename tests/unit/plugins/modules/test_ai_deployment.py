# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module as Ansible runs it: options in, one JSON result out."""

from __future__ import annotations

import json
import sys
import syslog

import pytest
from ansible.module_utils import basic
from ansible.module_utils.basic import AnsibleModule
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.exoscale.cloud.plugins.module_utils._task import run

API_SECRET = "sentinel-of-the-secret"
ENGINE_SECRET = "sentinel-of-the-engine"
SHAPE = {"changed", "deployment", "operations", "changes", "actions", "diff"}


@pytest.fixture
def chat(simulator):
    return simulator.add_deployment(name="chat", inference_engine_version="0.18.0")


@pytest.fixture
def logged(monkeypatch):
    """What modules write to the log of the host; ansible-core has moved the choice between two logs."""
    written = []
    for module in (basic, sys.modules.get("ansible.module_utils._internal._logging", basic)):
        monkeypatch.setattr(module, "has_journal", False)
    monkeypatch.setattr(syslog, "syslog", lambda _priority, text: written.append(text))
    return written


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("version", ["0.18.0", "0.19.0"])
def test_the_result_has_the_same_shape_in_every_case(module_process, chat, check_mode, version):
    result = module_process(check_mode=check_mode, name="chat", inference_engine_version=version)

    assert set(result) == SHAPE


def test_without_diff_there_is_no_diff(module_process, chat):
    assert set(module_process(diff=False, id=chat)) == SHAPE - {"diff"}


def test_a_failure_says_what_is_known(module_process, simulator, chat):
    simulator.fail_next_operation(reason="fault", message="broken")

    result = module_process(id=chat, inference_engine_version="0.19.0")

    assert result["failed"]
    assert result["changed"]
    assert result["changes"] == ["inference_engine_version"]
    assert result["deployment"]["id"] == chat
    assert result["operations"][0]["state"] == "failure"
    assert set(result) == SHAPE | {"failed", "msg", "status", "title", "detail", "errors", "operation", "logs"}


def test_a_text_with_nul_in_it_fails_for_what_it_is_and_not_in_the_log(module_process, simulator):
    assert "a control character" in module_process(name="cha\0t")["msg"]


@pytest.mark.parametrize("number", [[0, [1, 2], 0], [2**63, None, 1], [1], []])
def test_a_list_is_no_number(module_process, simulator, number):
    result = module_process(name="chat", replicas=number)

    assert result["failed"]
    assert "replicas" in result["msg"]
    assert simulator.calls() == []


def test_neither_id_nor_name_is_an_error_that_names_both(module_process, simulator):
    result = module_process()

    assert result["failed"]
    assert "id" in result["msg"]
    assert "name" in result["msg"]
    assert simulator.calls() == []


def test_id_and_name_that_are_null_are_the_same_as_omitted(module_process, simulator):
    result = module_process(id=None, name=None)

    assert result["failed"]
    assert "one of the following is required: id, name" in result["msg"]


def test_credentials_that_are_null_come_from_the_environment_and_do_not_show(
    module_process, simulator, chat, monkeypatch
):
    simulator.api_secret = API_SECRET
    monkeypatch.setenv("EXOSCALE_API_KEY", simulator.api_key)
    monkeypatch.setenv("EXOSCALE_API_SECRET", API_SECRET)
    simulator.misbehave("GET", skip=1, status=400, body=API_SECRET)

    accepted = module_process(id=chat, api_key=None, api_secret=None)
    refused = module_process(id=chat, api_key=None, api_secret=None)

    assert not accepted.get("failed")
    assert refused["failed"]
    assert API_SECRET not in module_process.output


@pytest.mark.parametrize("option", ["wait_for", "wait", "wait_timeout", "api_retries", "validate_certs"])
def test_a_value_of_another_kind_is_an_error_that_names_the_option(module_process, simulator, chat, option):
    result = module_process(id=chat, **{option: "perhaps"})

    assert result["failed"]
    assert option in result["msg"]
    assert simulator.calls() == []


@pytest.mark.parametrize("value", ["9" * 5000, "9" * 300, "Infinity", "-inf", "nan", "1e999999", float("inf")])
@pytest.mark.parametrize("option", ["wait_timeout", "api_timeout", "replicas"])
def test_a_number_beyond_reason_is_a_message_in_the_shape_of_a_failure(module_process, simulator, chat, option, value):
    result = module_process(id=chat, **{option: value})

    assert result["failed"]
    assert option in result["msg"]
    assert {"deployment", "operations", "changes", "actions", "status", "errors", "logs"} <= set(result)
    assert simulator.calls() == []


def test_numbers_among_the_parameters_are_taken_as_text(module_process, simulator, chat):
    module_process(id=chat, inference_engine_parameters=["--max-model-len", 8192])

    assert simulator.deployment(chat)["inference-engine-parameters"] == ["--max-model-len", "8192"]


def test_credentials_and_endpoint_come_from_the_environment(module_process, simulator, chat, monkeypatch):
    monkeypatch.setenv("EXOSCALE_API_KEY", simulator.api_key)
    monkeypatch.setenv("EXOSCALE_API_SECRET", simulator.api_secret)
    monkeypatch.setenv("EXOSCALE_API_ENDPOINT", simulator.url)

    assert not module_process(connection=False, id=chat).get("failed")


def test_missing_credentials_name_option_and_variable(module_process, simulator, chat, monkeypatch):
    monkeypatch.setenv("EXOSCALE_API_KEY", "")
    monkeypatch.setenv("EXOSCALE_API_SECRET", "half a pair counts as none")

    result = module_process(id=chat, api_key=None, api_secret=None)

    assert "options api_key and api_secret" in result["msg"]
    assert "EXOSCALE_API_KEY" in result["msg"]


def test_without_requests_the_error_says_for_which_python(module_process, chat, monkeypatch):
    assert run.HAS_REQUESTS
    monkeypatch.setattr(run, "HAS_REQUESTS", False)

    result = module_process(id=chat)

    assert result["failed"]
    assert "requests" in result["msg"]
    assert "Python" in result["msg"]


FAULTS = [
    {},
    {"status": 400, "body": API_SECRET},
    {"status": 403, "json": {"code": "x", "error": API_SECRET + " is wrong"}},
    {"status": 400, "json": {"title": API_SECRET, "errors": [{"pointer": API_SECRET}]}},
    {"status": 200, "body": "<html>" + API_SECRET},
    {"status": 302, "headers": {"Location": "https://" + API_SECRET + "/"}},
    {"kind": "reset"},
]


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("fault", FAULTS)
def test_secrets_are_nowhere_in_the_output(module_process, simulator, check_mode, fault):
    simulator.api_secret = API_SECRET
    chat = simulator.add_deployment(inference_engine_parameters=["--api-key", ENGINE_SECRET + "-old"])
    simulator.misbehave(times=20, **fault) if fault else None

    module_process(
        check_mode=check_mode,
        id=chat,
        api_secret=API_SECRET,
        inference_engine_parameters=["--hf-token=" + ENGINE_SECRET, "--api-key", ENGINE_SECRET + "-new"],
    )

    assert API_SECRET not in module_process.output
    assert ENGINE_SECRET not in module_process.output
    assert simulator.api_key not in module_process.output


@pytest.mark.parametrize(
    "refused",
    [
        {"inference_engine_version": "1"},
        {"gpu_count": 99},
        {"gpu_count": "many"},
        {"id": "no-uuid"},
        {"state": "sideways"},
        {"api_secert": "sentinel-of-a-misspelt-option"},
        {"inference_engine_paramters": ["--api-key=sentinel-of-a-misspelt-option"]},
        {"wait_timeout": "9" * 500},
    ],
)
@pytest.mark.parametrize(
    "parameters",
    [
        ["--hf-token=sentinel-1", "--api-key", "sentinel-2", "x3"],
        "--hf-token=sentinel-1,--seed=1",
        '["--api-key", "sentinel-1"]',
        [{"hf_token": "sentinel-1"}],
    ],
)
def test_a_task_whose_options_are_refused_shows_no_secret_and_all_keys(
    module_process, simulator, chat, refused, parameters
):
    result = module_process(**{"id": chat, "inference_engine_parameters": parameters, **refused})

    assert result["failed"]
    assert simulator.writes() == []
    assert "sentinel" not in module_process.output
    assert "x3" not in json.dumps(module_process.invocation)
    assert "********" in json.dumps(module_process.invocation)
    assert set(result) == SHAPE | {"failed", "msg", "status", "title", "detail", "errors", "operation", "logs"}


def test_the_log_of_the_host_shows_no_secret(module_process, chat, monkeypatch):
    logged = []
    monkeypatch.setattr(AnsibleModule, "log", lambda self, msg, log_args=None: logged.append((msg, log_args)))

    module_process(id=chat, inference_engine_parameters=["--hf-token=sentinel-1"])

    assert "--hf-token=********" in str(logged)
    assert "sentinel" not in str(logged)


def test_a_wrong_secret_is_not_shown_when_it_is_refused(module_process, chat):
    result = module_process(id=chat, api_secret="another-sentinel")

    assert result["status"] == 403
    assert "another-sentinel" not in module_process.output


fields = {
    "name": st.sampled_from(["chat", "talk"]),
    "inference_engine_version": st.sampled_from(["0.17.0", "0.18.0", "0.19.0"]),
    "inference_engine_parameters": st.lists(
        st.sampled_from(["--enforce-eager", "--seed=1", "--middleware=a.b", "--enable-lora"]), max_size=3
    ),
}
answers = st.sampled_from(
    [
        {},
        {"status": 409, "json": {"title": "Conflict", "detail": "busy"}},
        {"status": 503},
        {"status": 500},
        {"status": 502, "applied": True},
        {"kind": "reset"},
        {"kind": "lost", "applied": True},
        {"kind": "truncated", "applied": True},
    ]
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    current=st.fixed_dictionaries(fields),
    wanted=st.fixed_dictionaries({}, optional=fields),
    operation_seconds=st.sampled_from([0, 5, 300]),
    settle_seconds=st.sampled_from([0, 40]),
    answer=answers,
    wait_for=st.sampled_from(["ready", "operation"]),
)
def test_check_mode_predicts_the_run_and_a_second_run_changes_nothing(
    module_process, simulator, current, wanted, operation_seconds, settle_seconds, answer, wait_for
):
    simulator.operation_seconds = operation_seconds
    simulator.settle_seconds = settle_seconds
    task = dict(wanted, id=simulator.add_deployment(**current), wait_for=wait_for, parameter_comparison="exact")
    differing = {key.replace("_", "-"): value for key, value in wanted.items() if value != current[key]}

    simulator.clear_journal()
    predicted = module_process(check_mode=True, **task)
    writes_in_check_mode = simulator.writes()
    if answer and differing:
        simulator.misbehave("PATCH", **answer)
    happened = module_process(**task)
    patches = simulator.writes()
    again = module_process(**task)

    assert not happened.get("failed"), happened["msg"]
    assert writes_in_check_mode == []
    for key in ("changed", "changes", "diff"):
        assert predicted[key] == happened[key]
    assert happened["changed"] == bool(differing)
    assert all(patch.body == differing for patch in patches)
    assert len([patch for patch in patches if patch.status == 200]) <= 1
    assert not again["changed"]
    assert simulator.writes() == patches


def test_what_a_module_waits_for_is_written_to_the_log_of_the_host(simulator, module_process, clock, logged):
    simulator.add_deployment(
        name="chat", inference_engine_version="0.18.0", inference_engine_parameters=["--api-key=sentinel"]
    )
    simulator.operation_seconds = 10
    deployment = simulator.deployments()[0]["id"]
    simulator.at(5, lambda: simulator.set_deployment(deployment, state_details="sentinel is loaded"))

    module_process(name="chat", inference_engine_version="0.19.0")

    lines = [text for text in logged if "is pending (0 s)" in text or "is success (10 s)" in text]
    assert len(lines) == 2
    assert all("for the deployment chat" in line for line in lines)
    assert "sentinel" not in "".join(logged)


def test_a_module_that_must_not_log_does_not_log_what_it_waits_for(simulator, module_process, logged):
    simulator.add_deployment(name="chat", inference_engine_version="0.18.0")
    simulator.operation_seconds = 10

    module_process(name="chat", inference_engine_version="0.19.0", _ansible_no_log=True)

    assert logged == []


@pytest.mark.parametrize("option", ["name", "model", "api_secret"])
def test_half_a_character_is_refused_in_words(module_process, simulator, option):
    result = module_process(**{"name": "chat", option: "a\ud83db"})

    assert result["failed"]
    assert result["msg"].startswith(f"{option} is not valid UTF-8 text")
    assert simulator.journal == []


def test_null_in_a_list_is_refused_and_no_empty_parameter(module_process, simulator):
    result = module_process(name="chat", inference_engine_parameters=["--seed=1", None])

    assert "Item 2 of inference_engine_parameters is null" in result["msg"]
    assert simulator.calls() == []


def test_a_password_in_the_endpoint_is_hidden_among_the_options_too(module_process):
    result = module_process(name="chat", api_endpoint="http://user:sentinel-of-the-url@127.0.0.1/v2")

    assert result["failed"]
    assert "sentinel-of-the-url" not in json.dumps(result)


def test_a_key_by_which_ansible_would_take_an_answer_for_something_else_is_renamed(module_process, simulator, chat):
    simulator.set_deployment(chat, service_level={"__ansible_type": "TrustedAsTemplate", "value": "{{ 1 }}"})

    result = module_process(id=chat, replicas=1)

    # It is part of the test that this answer is not one of the contract.
    simulator.contract_violations.clear()
    assert result["deployment"]["service_level"] == {"ansible_type": "TrustedAsTemplate", "value": "{{ 1 }}"}
