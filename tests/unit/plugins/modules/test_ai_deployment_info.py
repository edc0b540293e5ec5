# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking up: which deployments are found, with how many requests."""

from __future__ import annotations

import pytest

from ansible_collections.exoscale.cloud.plugins.modules import ai_deployment_info


@pytest.fixture
def look_up(module_process):
    return lambda **options: module_process(main=ai_deployment_info.main, **options)


@pytest.fixture
def deployments(simulator):
    """Name → ID."""
    return {
        name: simulator.add_deployment(name=name, **fields)
        for name, fields in {
            "talk": {"gpu_type": "gpu3080ti", "inference_engine_parameters": ["--a"]},
            "chat": {"inference_engine_version": "0.18.0"},
            "broken": {"state": "error"},
            "shared": {"visibility": "public", "model": {"name": "mistral/small"}},
        }.items()
    }


def names(result):
    return [deployment["name"] for deployment in result["deployments"]]


def test_all_are_found_sorted_by_name(look_up, deployments):
    assert names(look_up()) == ["broken", "chat", "shared", "talk"]


def test_equal_names_are_sorted_by_id(simulator, look_up):
    ids = [simulator.add_deployment(name="chat") for _number in range(5)]

    assert [found["id"] for found in look_up(name="chat")["deployments"]] == sorted(ids)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"name": "chat"}, ["chat"]),
        ({"state": "error"}, ["broken"]),
        ({"gpu_type": "gpu3080ti"}, ["talk"]),
        ({"model": "mistral/small"}, ["shared"]),
        ({"visibility": "public"}, ["shared"]),
        ({"visibility": "private", "state": "ready"}, ["chat", "talk"]),
        ({"name": "nobody"}, []),
        ({"name": "chat", "state": "error"}, []),
    ],
)
@pytest.mark.parametrize("details", [True, False])
def test_all_filters_have_to_match(look_up, deployments, options, expected, details):
    result = look_up(details=details, **options)

    assert names(result) == expected
    assert not result["changed"]


def test_a_model_is_found_by_its_id(simulator, look_up, deployments):
    model = simulator.deployment(deployments["shared"])["model"]["id"]

    assert names(look_up(model=model)) == names(look_up(model=model.upper())) == ["shared"]


@pytest.mark.parametrize(
    "options", [{"name": "chat"}, {"gpu_type": "gpua5000", "state": "ready"}, {"model": "openai/gpt-oss-120b"}]
)
def test_what_the_list_does_not_show_is_read_singly_before_it_is_left_out(simulator, look_up, deployments, options):
    entry = {"id": deployments["chat"], "visibility": "private", "model": {"id": ""}}
    listed = [entry, {**entry, "id": deployments["talk"]}, {**entry, "id": deployments["broken"]}]
    simulator.misbehave("GET", "/ai/deployment", times=2, status=200, json={"deployments": listed})

    found = look_up(**options)
    without_details = look_up(details=False, **options)

    assert "chat" in names(found)
    assert without_details["deployments"] == []


def test_details_are_one_list_and_one_get_for_each_match(simulator, look_up, deployments):
    result = look_up(visibility="private", state="ready")

    assert simulator.calls()[0] == "GET /ai/deployment"
    assert sorted(simulator.calls()[1:]) == sorted(
        "GET /ai/deployment/" + deployments[name] for name in ("chat", "talk")
    )
    assert result["deployments"][0]["inference_engine_version"] == "0.18.0"
    assert result["deployments"][0]["inference_engine_parameters"] == []
    assert result["deployments"][1]["inference_engine_parameters"] == ["--a"]


def test_without_details_there_is_one_request_and_the_same_keys(simulator, look_up, deployments):
    without = look_up(details=False)
    calls = simulator.calls()
    with_details = look_up()

    assert calls == ["GET /ai/deployment"]
    assert [set(each) for each in without["deployments"]] == [set(each) for each in with_details["deployments"]]
    assert without["deployments"][0]["inference_engine_version"] is None


def test_by_id_there_is_one_request(simulator, look_up, deployments):
    result = look_up(id=deployments["chat"].upper())

    assert names(result) == ["chat"]
    assert simulator.calls() == ["GET /ai/deployment/" + deployments["chat"]]


def test_an_id_that_does_not_exist_is_an_empty_list(look_up):
    assert look_up(id="00000000-0000-4000-8000-000000000000")["deployments"] == []


def test_an_id_that_is_no_uuid_is_an_error(simulator, look_up):
    result = look_up(id="chat")

    assert result["failed"]
    assert "id is 'chat', which is not a UUID" in result["msg"]
    assert simulator.calls() == []


def test_one_that_vanishes_after_the_list_is_left_out(simulator, look_up, deployments):
    simulator.misbehave("GET", "/ai/deployment/" + deployments["chat"], status=404)

    assert names(look_up(visibility="private")) == ["broken", "talk"]


def test_check_mode_finds_the_same(look_up, deployments):
    assert look_up(check_mode=True) == look_up()


def test_the_shape_is_that_of_ai_deployment(module_process, look_up, deployments):
    (found,) = look_up(name="chat")["deployments"]

    assert found == module_process(name="chat")["deployment"]


def test_secrets_among_the_parameters_do_not_show(simulator, look_up, module_process):
    simulator.add_deployment(name="chat", inference_engine_parameters=["--api-key=sentinel-of-the-engine"])

    look_up()

    assert "sentinel" not in module_process.output


def test_a_failing_read_fails_the_task_with_the_words_of_the_api(simulator, look_up, deployments):
    simulator.misbehave("GET", "/ai/deployment/.*", status=403, json={"code": "forbidden_operation", "error": "no"})

    result = look_up()

    assert result["failed"]
    assert "forbidden_operation: no" in result["msg"]


def test_an_api_that_goes_on_to_want_no_requests_is_not_asked_for_longer_than_minutes(
    simulator, look_up, deployments, clock
):
    simulator.misbehave("GET", "/ai/deployment/.*", times=10**6, status=429, headers={"Retry-After": "60"})

    result = look_up()

    assert result["failed"]
    assert result["status"] == 429
    # Several threads sleep by this clock, one after the other.
    assert 240 <= clock.monotonic() <= 1000
