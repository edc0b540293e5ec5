# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking up what belongs to deployments: models, keys, GPU types, quotas, logs and operations."""

from __future__ import annotations

import importlib

import pytest

NOBODY = "00000000-0000-4000-8000-000000000000"
MODULES = [
    "ai_api_key_info",
    "ai_deployment_info",
    "ai_deployment_log_info",
    "ai_engine_parameter_info",
    "ai_instance_type_info",
    "ai_model_info",
    "ai_quota_info",
    "operation_info",
]
#: What a module cannot do without.
NEEDED = {"ai_deployment_log_info": {"name": "chat"}, "operation_info": {"ids": [NOBODY]}}


@pytest.fixture
def run(module_process):
    """Runs a module: run("ai_model_info", name=…) → its result."""

    def run(name, /, **options):
        module = importlib.import_module(f"ansible_collections.exoscale.cloud.plugins.modules.{name}")
        return module_process(main=module.main, **options)

    return run


class TestAll:
    @pytest.mark.parametrize("name", MODULES)
    def test_a_failing_read_is_told_with_the_words_of_the_api(self, simulator, run, name):
        simulator.misbehave("GET", times=100, status=403, json={"code": "forbidden_operation", "error": "no right"})

        result = run(name, **NEEDED.get(name, {}))

        assert result["failed"]
        assert not result["changed"]
        assert "forbidden_operation: no right" in result["msg"]
        assert {"status", "title", "detail", "errors"} < set(result)
        assert not {"operation", "diff"} & set(result)

    @pytest.mark.parametrize("name", MODULES)
    def test_an_answer_of_another_shape_is_no_success(self, simulator, run, name):
        simulator.misbehave("GET", times=100, status=200, json={"unheard-of": 1, "quota-uom-per-minute": "many"})

        result = run(name, api_retries=1, **NEEDED.get(name, {}))

        assert result["failed"]
        assert "GET /" in result["msg"]

    @pytest.mark.parametrize("name", [name for name in MODULES if name not in NEEDED])
    def test_check_mode_finds_the_same(self, run, name):
        assert run(name, check_mode=True) == run(name)

    @pytest.mark.parametrize("name", ["ai_api_key_info", "ai_deployment_log_info", "ai_model_info"])
    def test_an_id_that_is_no_uuid_is_refused_before_any_request(self, simulator, run, name):
        assert "id is '../x', which is not a UUID" in run(name, id="../x")["msg"]
        assert simulator.calls() == []


class TestModels:
    @pytest.fixture(autouse=True)
    def models(self, simulator):
        return {name: simulator.add_model(name, state) for name, state in (("b/b", "ready"), ("a/a", "error"))}

    def test_all_are_found_sorted_by_name_with_one_request(self, simulator, run, models):
        result = run("ai_model_info")

        assert [model["name"] for model in result["models"]] == ["a/a", "b/b"]
        assert result["models"][0]["model_size"] == 65_000_000_000
        assert simulator.calls() == ["GET /ai/model"]

    @pytest.mark.parametrize(
        ("options", "found"),
        [
            ({"name": "b/b"}, ["b/b"]),
            ({"state": "error"}, ["a/a"]),
            ({"name": "b/b", "state": "error"}, []),
            ({"name": "nobody"}, []),
        ],
    )
    def test_all_filters_have_to_match(self, run, options, found):
        assert [model["name"] for model in run("ai_model_info", **options)["models"]] == found

    def test_by_id_that_one_is_read_alone(self, simulator, run, models):
        result = run("ai_model_info", id=models["a/a"].upper())

        assert [model["id"] for model in result["models"]] == [models["a/a"]]
        assert simulator.calls() == ["GET /ai/model/" + models["a/a"]]

    def test_by_id_filters_count_too_and_nothing_is_an_empty_list(self, run, models):
        assert run("ai_model_info", id=models["a/a"], state="ready")["models"] == []
        assert run("ai_model_info", id=NOBODY)["models"] == []


class TestApiKeys:
    def test_they_are_found_without_their_values(self, simulator, run):
        simulator.add_api_key("b")
        first = simulator.add_api_key("a")
        shown = {"id": first, "name": "a", "scope": "public", "value": "swordfish-of-the-key"}
        simulator.misbehave("GET", "/ai/api-key/.+", status=200, json=shown)

        assert [key["name"] for key in run("ai_api_key_info")["ai_api_keys"]] == ["a", "b"]
        assert [key["name"] for key in run("ai_api_key_info", name="b")["ai_api_keys"]] == ["b"]
        assert run("ai_api_key_info", id=first)["ai_api_keys"] == [{"id": first, "name": "a", "scope": "public"}]


def test_gpu_types_are_sorted_by_family(simulator, run):
    simulator.set_instance_types([{"family": "b", "authorized": False}, {"family": "a", "authorized": True}])

    assert run("ai_instance_type_info")["instance_types"] == [
        {"family": "a", "authorized": True},
        {"family": "b", "authorized": False},
    ]
    assert simulator.calls() == ["GET /ai/instance-type"]


class TestQuota:
    @pytest.mark.parametrize("per_minute", [None, 0, 5000])
    def test_it_is_what_may_be_consumed_and_the_quotas_that_name_a_gpu_family(self, simulator, run, per_minute):
        simulator.uom_per_minute = per_minute
        gpus = [{"resource": "gpu-a5000", "usage": 1, "limit": 8}, {"resource": "gpu3080ti", "usage": 0, "limit": -1}]
        simulator.set_quotas([{"resource": "instance", "usage": 3, "limit": 20}, *gpus])

        assert run("ai_quota_info")["quota"] == {"uom_per_minute": per_minute, "gpus": gpus}
        assert simulator.calls() == ["GET /ai/quota", "GET /ai/instance-type", "GET /quota"]

    def test_a_consumption_that_is_not_shown_is_not_unlimited(self, simulator, run):
        simulator.misbehave("GET", "/ai/quota", times=100, status=200, json={})

        assert "does not show quota-uom-per-minute" in run("ai_quota_info")["msg"]


class TestLog:
    @pytest.fixture(autouse=True)
    def chat(self, simulator):
        chat = simulator.add_deployment(name="chat", inference_engine_parameters=["--api-key=swordfish-7"])
        simulator.write_log(chat, ["first", "listening with swordfish-7", "last"])
        return chat

    def test_by_name_it_is_list_get_and_log(self, simulator, run, chat):
        result = run("ai_deployment_log_info", name="chat", tail=2)

        assert [entry["message"] for entry in result["logs"]] == ["listening with ********", "last"]
        path = f"GET /ai/deployment/{chat}"
        assert simulator.calls() == ["GET /ai/deployment", path, path + "/logs"]
        assert simulator.journal[-1].query == {"tail": "2"}

    def test_by_id_it_is_get_and_log(self, simulator, run, chat):
        result = run("ai_deployment_log_info", id=chat.upper())

        assert len(result["logs"]) == 3
        assert simulator.calls() == [f"GET /ai/deployment/{chat}", f"GET /ai/deployment/{chat}/logs"]

    def test_no_secret_shows(self, run, module_process):
        run("ai_deployment_log_info", name="chat")

        assert "swordfish" not in module_process.output

    def test_one_that_does_not_exist_is_an_error(self, run):
        assert "No private deployment in http" in run("ai_deployment_log_info", name="talk")["msg"]
        assert "Check the ID and the zone" in run("ai_deployment_log_info", id=NOBODY)["msg"]

    @pytest.mark.parametrize("options", [{}, {"id": NOBODY, "name": "chat"}, {"name": "chat", "tail": 0}])
    def test_one_of_id_and_name_and_a_number_are_needed(self, simulator, run, options):
        assert run("ai_deployment_log_info", **options)["failed"]
        assert simulator.calls() == []


class TestOperations:
    @pytest.fixture
    def start(self, simulator, module_process):
        """Start an operation that ends after so many seconds; its ID."""

        def start(name, seconds):
            simulator.operation_seconds = seconds
            deployment = simulator.add_deployment(name=name, inference_engine_version="0.18.0")
            result = module_process(id=deployment, inference_engine_version="0.19.0", wait=False)
            simulator.clear_journal()
            return result["operations"][0]["id"]

        return start

    def test_they_are_read_once_in_the_order_given(self, simulator, run, start):
        ids = [start("a", 60), start("b", 0)]

        result = run("operation_info", ids=[ids[1], ids[0].upper(), ids[1]])

        assert [each["id"] for each in result["operations"]] == [ids[1], ids[0], ids[1]]
        assert [each["state"] for each in result["operations"]] == ["success", "pending", "success"]
        assert not result["all_succeeded"]
        assert sorted(simulator.calls()) == sorted(f"GET /operation/{each}" for each in ids)

    def test_they_are_awaited_all_at_once(self, simulator, run, start, clock):
        ids = [start("a", 60), start("b", 61), start("c", 5)]

        result = run("operation_info", ids=ids, wait=True)

        assert result["all_succeeded"]
        assert [each["state"] for each in result["operations"]] == ["success"] * 3
        assert sum(clock.sleeps) < 70
        # The one that has ended is not asked for any more.
        assert simulator.calls().count(f"GET /operation/{ids[2]}") < simulator.calls().count(f"GET /operation/{ids[1]}")

    def test_one_that_failed_is_told_and_does_not_fail_the_task(self, simulator, run, start):
        simulator.fail_next_operation(message="boom")
        failing = start("a", 10)

        result = run("operation_info", ids=[failing], wait=True)

        assert not result.get("failed")
        assert not result["all_succeeded"]
        assert result["operations"][0]["message"] == "boom"

    def test_one_that_does_not_exist_fails_the_task(self, run, start):
        known = start("a", 0)

        result = run("operation_info", ids=[known, NOBODY])

        assert result["failed"]
        assert result["status"] == 404
        assert f"GET /operation/{NOBODY}" in result["msg"]
        assert "Check the ID and the zone" in result["msg"]

    def test_the_end_of_the_time_is_a_failure_that_tells_what_was_seen(self, run, start, clock):
        ids = [start("a", 1000), start("b", 3)]

        result = run("operation_info", ids=ids, wait=True, wait_timeout=30)

        assert result["failed"]
        assert "wait_timeout" in result["msg"]
        assert "the number of pending operations is still 1 of 2" in result["msg"]
        assert [each["state"] for each in result["operations"]] == ["pending", "success"]
        assert sum(clock.sleeps) == pytest.approx(30)

    def test_a_look_that_fails_for_a_moment_is_repeated(self, simulator, run, start):
        known = start("a", 10)
        simulator.misbehave("GET", "/operation/.+", skip=1, times=2, status=503)

        assert run("operation_info", ids=[known], wait=True)["all_succeeded"]

    def test_one_that_cannot_be_read_does_not_hide_the_others(self, simulator, run, start, clock):
        ids = [start("a", 5), start("b", 5), start("c", 5)]
        simulator.misbehave("GET", f"/operation/{ids[0]}", skip=1, times=999, status=503)

        result = run("operation_info", ids=ids, wait=True, wait_timeout=30)

        assert result["failed"]
        assert "1 of 3" in result["msg"]
        assert [each["state"] for each in result["operations"]] == ["pending", "success", "success"]
        assert sum(clock.sleeps) == pytest.approx(30)

    def test_one_that_has_vanished_for_good_is_told_when_the_others_were_looked_at(self, simulator, run, start):
        ids = [start("a", 5), start("b", 0.1)]
        simulator.misbehave("GET", f"/operation/{ids[0]}", skip=1, times=999, status=404)

        result = run("operation_info", ids=ids, wait=True)

        assert result["status"] == 404
        assert result["operations"][1]["state"] == "success"

    def test_a_server_that_asks_for_patience_does_not_get_more_than_wait_timeout(self, simulator, run, start, clock):
        ids = [start("a", 5)]
        simulator.misbehave("GET", "/operation/.+", times=999, status=503, headers={"Retry-After": "60"})

        result = run("operation_info", ids=ids, wait=True, wait_timeout=5)

        assert result["failed"]
        assert sum(clock.sleeps) <= 5

    def test_what_is_no_uuid_is_refused(self, simulator, run):
        assert "each of ids is 'x', which is not a UUID" in run("operation_info", ids=["x"])["msg"]
        assert simulator.calls() == []
