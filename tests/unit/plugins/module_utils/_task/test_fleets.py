# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ai_deployments does with many deployments at once."""

from __future__ import annotations

import signal
import threading

import pytest

from ansible_collections.exoscale.cloud.plugins.module_utils._task import deployments
from ansible_collections.exoscale.cloud.tests.unit.plugins.module_utils._task.play import Player

OLD, NEW = "0.18.0", "0.19.0"
CREATION = {"model": "openai/gpt-oss-120b", "gpu_type": "gpua5000", "gpu_count": 1, "replicas": 1}


@pytest.fixture
def play(simulator, clock):
    return Player(simulator, clock, deployments)


def there(simulator, *names, **fields):
    """IDs by name."""
    return {name: simulator.add_deployment(name=name, inference_engine_version=OLD, **fields) for name in names}


def writes(simulator):
    return [f"{entry.method} {entry.path}" for entry in simulator.writes()]


def test_nothing_to_change_costs_one_list_and_one_get_for_each(play, simulator):
    ids = there(simulator, "a", "b", "c")

    result = play(deployments=[{"name": name} for name in ids], defaults={"inference_engine_version": OLD})

    assert sorted(simulator.calls()) == [
        "GET /ai/deployment",
        *sorted(f"GET /ai/deployment/{each}" for each in ids.values()),
    ]
    assert not result["failed"]
    assert not result["changed"]
    assert [each["deployment"]["name"] for each in result["results"]] == ["a", "b", "c"]
    assert result["counts"] == {"changed": 0, "unchanged": 3, "failed": 0, "not_started": 0, "purged": 0}
    assert result["diff"] == []


def test_entries_by_id_need_no_list(play, simulator):
    ids = there(simulator, "a", "b")

    result = play(deployments=[{"id": each, "replicas": 1} for each in ids.values()])

    assert not result["changed"]
    assert sorted(simulator.calls()) == sorted(f"GET /ai/deployment/{each}" for each in ids.values())


def test_what_differs_is_changed_and_told_in_the_order_given(play, simulator):
    ids = there(simulator, "a", "b", "c")
    entries = [{"name": "c"}, {"name": "a", "inference_engine_version": OLD}, {"name": "b"}]

    predicted = play(check_mode=True, deployments=entries, defaults={"inference_engine_version": NEW})
    assert writes(simulator) == []
    result = play(deployments=entries, defaults={"inference_engine_version": NEW}, concurrency=1)

    assert writes(simulator) == [f"PATCH /ai/deployment/{ids['c']}", f"PATCH /ai/deployment/{ids['b']}"]
    assert [each["actions"] for each in result["results"]] == [["update"], [], ["update"]]
    assert [each["before_header"] for each in result["diff"]] == [
        f"AI deployment c ({ids['c']})",
        f"AI deployment b ({ids['b']})",
    ]
    assert "diff" not in result["results"][0]
    for key in ("changed", "diff", "counts"):
        assert predicted[key] == result[key]


def test_an_entry_wins_over_the_defaults_and_null_undoes_them(play, simulator):
    there(simulator, "a", "b", "c")
    entries = [{"name": "a"}, {"name": "b", "inference_engine_version": "0.20.0"}, {"name": "c", "replicas": None}]

    result = play(
        check_mode=True, deployments=entries, defaults={"inference_engine_version": NEW, "replicas": 3, "model": None}
    )

    assert [each["after"] for each in result["diff"]] == [
        {"inference_engine_version": NEW, "replicas": 3},
        {"inference_engine_version": "0.20.0", "replicas": 3},
        {"inference_engine_version": NEW},
    ]


def test_each_result_is_what_the_module_for_one_returns(play, simulator, clock):
    ids = there(simulator, "a", "b")
    single = Player(simulator, clock)

    result = play(deployments=[{"name": "a", "inference_engine_version": NEW}, {"name": "nobody", "replicas": 1}])
    simulator.misbehave("PATCH", times=9, status=400)
    failed = play(deployments=[{"name": "b", "inference_engine_version": NEW}])["results"][0]
    simulator.misbehave("PATCH", times=9, status=400)
    alone = single(name="b", inference_engine_version=NEW)

    of_one = single(name="b")
    assert set(result["results"][0]) == {*of_one, "failed", "name", "id"} - {"diff", "warnings"}
    assert {**alone, "name": "b", "id": ids["b"]} == {**failed, "diff": alone["diff"], "warnings": []}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"deployments": [{"name": "a"}, {"name": "b", "replica": 1}]}, "In entry 2 of deployments (b): Unsupported"),
        ({"deployments": [{"name": "a", "replicas": "many"}]}, "In entry 1 of deployments (a): "),
        ({"deployments": [{"name": "a", "replicas": True}]}, "In entry 1 of deployments (a): replicas is true"),
        ({"deployments": [{"name": "a", "replicas": -1}]}, "In entry 1 of deployments (a): replicas is -1"),
        ({"deployments": [{"name": "a", "state": "started"}]}, "In entry 1 of deployments (a): value of state"),
        ({"deployments": [{"name": "a", "failure_log_lines": -1}]}, "In entry 1 of deployments (a): failure_log_lines"),
        ({"deployments": [{"replicas": 1}]}, "In entry 1 of deployments: one of the following is required: id, name"),
        ({"deployments": [{"id": "chat"}]}, "In entry 1 of deployments (chat): id is 'chat', which is not a UUID"),
        ({"deployments": [{"name": " a"}]}, "begins or ends with white space"),
        ({"deployments": [{"name": "a", "inference_engine_parameters": ["--x", None]}]}, "Item 2 of"),
        ({"deployments": [{"name": "a\ud800"}]}, "name is not valid UTF-8 text"),
        (
            {"deployments": [{"name": "a", "zone": "ch-gva-2"}]},
            "In entry 1 of deployments (a): zone is an option of the task",
        ),
        (
            {"deployments": [{"name": "a", "wait": False, "wait_timeout": 1}]},
            "wait, wait_timeout are options of the task",
        ),
        ({"deployments": [], "defaults": {"replica": 1}}, "In defaults: Unsupported parameters: replica"),
        ({"deployments": [{"name": "a"}], "defaults": {"replicas": "many"}}, "In entry 1 of deployments (a): "),
        ({"deployments": [{"name": "a"}], "concurrency": 0}, "concurrency is 0, but must be from 1 to 100"),
        ({"deployments": [{"name": "a"}], "purge_limit": -1}, "purge_limit is -1"),
    ],
    ids=str,
)
def test_refused_options_refuse_the_task_before_any_request(play, simulator, options, message):
    result = play(**options)

    assert result["failed"]
    assert message in result["msg"]
    assert simulator.calls() == []
    assert result["results"] == []
    assert {"status", "title", "detail", "errors", "operation", "logs"} <= set(result)


ONE = "11111111-1111-4111-8111-111111111111"


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        ([{"name": "a"}, {"name": "b"}, {"name": "a"}], "both have the name 'a'"),
        ([{"id": ONE}, {"id": ONE.upper(), "name": "b"}], f"both have the id '{ONE}'"),
        ([{"id": ONE, "name": "a"}, {"name": "a"}], "the name 'a', by which entry 2 of deployments (a) means one"),
    ],
    ids=str,
)
def test_entries_that_show_that_they_mean_the_same_are_refused_before_any_request(play, simulator, entries, why):
    result = play(deployments=entries)

    assert result["failed"]
    assert "Two entries mean the same deployment" in result["msg"]
    assert why in result["msg"]
    assert simulator.calls() == []


def test_entries_of_which_only_the_list_shows_it_are_refused_before_any_write(play, simulator):
    ids = there(simulator, "a", "b")
    entries = [{"name": "b", "replicas": 2}, {"id": ids["a"], "replicas": 3}, {"name": "a", "replicas": 2}]

    result = play(deployments=entries)

    assert "entry 2 of deployments" in result["msg"]
    assert "entry 3 of deployments (a)" in result["msg"]
    assert simulator.calls() == ["GET /ai/deployment"]


def test_one_that_fails_does_not_stop_the_others_and_is_told_first(play, simulator):
    ids = there(simulator, "a", "b", "c")
    simulator.misbehave("PATCH", f"/ai/deployment/{ids['a']}", status=400)

    result = play(
        deployments=[{"name": "a"}, {"name": "b"}, {"name": "c", "gpu_count": 5}],
        defaults={"inference_engine_version": NEW},
    )

    assert result["failed"]
    assert result["changed"]
    assert result["msg"].startswith("2 of 3 deployments failed: (1) a: PATCH /ai/deployment/")
    assert "(2) c: The deployment c" in result["msg"]
    assert result["msg"].endswith("The others: 1 changed")
    assert result["status"] == 400
    assert [each["failed"] for each in result["results"]] == [True, False, True]
    assert "msg" not in result["results"][1]
    assert "gpu_count: wanted 5, found 1" in result["results"][2]["msg"]


def test_the_same_failure_of_several_is_told_once(play, simulator):
    there(simulator, "a", "b", "c")

    result = play(
        deployments=[{"name": "a"}, {"name": "b", "replicas": 1}, {"name": "c"}],
        defaults={"inference_engine_version": "9.9.9"},
    )

    assert result["msg"].count("9.9.9 seems not to exist") == 1
    assert result["msg"].startswith("3 of 3 deployments failed: a, b, c: Nothing was changed")


def test_a_list_that_cannot_be_read_fails_the_task_before_any_write(play, simulator):
    there(simulator, "a")
    simulator.misbehave("GET", "/ai/deployment", status=403, times=9)

    result = play(deployments=[{"name": "a", "replicas": 2}])

    assert result["status"] == 403
    assert simulator.writes() == []


def test_with_fail_fast_what_has_not_begun_does_not_begin(play, simulator):
    ids = there(simulator, "a", "b", "c")
    simulator.misbehave("PATCH", f"/ai/deployment/{ids['b']}", status=400)

    result = play(
        deployments=[{"name": name, "replicas": 1} for name in "abc"],
        defaults={"inference_engine_version": NEW},
        fail_fast=True,
        concurrency=1,
    )

    assert writes(simulator) == [f"PATCH /ai/deployment/{ids['a']}", f"PATCH /ai/deployment/{ids['b']}"]
    assert result["counts"] == {"changed": 1, "unchanged": 0, "failed": 1, "not_started": 1, "purged": 0}
    assert result["results"][2] == {
        "name": "c",
        "id": None,
        "changed": False,
        "failed": False,
        "deployment": None,
        "operations": [],
        "changes": [],
        "actions": [],
        "msg": "Not started, because another deployment failed before (fail_fast)",
    }


def test_the_warnings_of_each_are_told_with_its_name(play, simulator):
    ids = there(simulator, "a", "b")
    simulator.set_deployment(ids["b"], state="enchanted")

    result = play(deployments=[{"name": "a"}, {"name": "b"}])

    simulator.contract_violations.clear()
    assert len(result["warnings"]) == 1
    assert result["warnings"][0].startswith("b: The deployment b")
    assert result["results"][1]["warnings"] == [result["warnings"][0][3:]]
    assert "warnings" not in result["results"][0]


def test_a_deployment_is_created_changed_and_deleted_in_one_task(play, simulator):
    there(simulator, "old", "kept")
    entries = [{"name": "new", **CREATION}, {"name": "kept", "replicas": 2}, {"name": "old", "state": "absent"}]

    result = play(deployments=entries)
    again = play(deployments=entries)

    assert [each["actions"] for each in result["results"]] == [["create"], ["scale"], ["delete"]]
    assert sorted(each["name"] for each in simulator.deployments()) == ["kept", "new"]
    assert not again["changed"]


def test_a_help_that_cannot_be_read_is_read_in_vain_once_by_those_that_want_it_together(play, simulator):
    names = [f"d{number}" for number in range(8)]
    there(simulator, *names)
    simulator.misbehave("GET", "/ai/help/.*", status=500, times=1000)

    result = play(deployments=[{"name": name} for name in names], defaults={"inference_engine_version": NEW})

    assert result["counts"]["changed"] == 8
    assert all("help cannot be read" in each["warnings"][0] for each in result["results"])


def test_the_help_of_a_version_is_read_once_for_all(play, simulator):
    names = [f"d{number}" for number in range(5)]
    there(simulator, *names, inference_engine_parameters=["--seed=1"])

    result = play(
        deployments=[{"name": name} for name in names], defaults={"inference_engine_parameters": ["--seed", "1"]}
    )

    assert not result["changed"]
    assert simulator.calls().count("GET /ai/help/inference-engine-parameters") == 1


class TestPurge:
    def test_removes_what_no_entry_means_last_and_tells_it_in_the_shape_of_a_result(self, play, simulator):
        ids = there(simulator, "a", "b", "c")
        simulator.add_deployment(name="shared", visibility="public")
        options = {"deployments": [{"name": "b", "replicas": 2}], "purge": True, "purge_limit": 2}

        predicted = play(check_mode=True, **options)
        assert simulator.writes() == []
        result = play(**options)

        assert writes(simulator)[0] == f"POST /ai/deployment/{ids['b']}/scale"
        assert sorted(writes(simulator)[1:]) == [
            f"DELETE /ai/deployment/{ids[name]}" for name in sorted("ac", key=ids.get)
        ]
        assert [each["actions"] for each in result["purged"]] == [["delete"], ["delete"]]
        assert set(result["purged"][0]) == set(result["results"][0])
        assert [(each["name"], each["id"]) for each in result["purged"]] == [("a", ids["a"]), ("c", ids["c"])]
        assert result["counts"]["purged"] == predicted["counts"]["purged"] == 2
        assert [each["after_header"].split(" (")[0] for each in result["diff"]] == [
            "AI deployment b",
            "AI deployment a",
            "AI deployment c",
        ]
        assert result["diff"] == predicted["diff"]
        assert sorted(each["name"] for each in simulator.deployments()) == ["b", "shared"]

    @pytest.mark.parametrize("check_mode", [True, False])
    def test_of_more_than_the_limit_removes_none_and_names_them(self, play, simulator, check_mode):
        ids = there(simulator, "a", "b", "c")

        result = play(check_mode=check_mode, deployments=[{"name": "a"}], purge=True, purge_limit=1)

        assert result["failed"]
        assert f"b ({ids['b']}), c ({ids['c']})" in result["msg"]
        assert simulator.writes() == []
        assert result["purged"] == []
        assert len(result["results"]) == 1

    def test_removes_nothing_unless_a_limit_is_said(self, play, simulator):
        there(simulator, "a")

        result = play(deployments=[], purge=True)

        assert result["failed"]
        assert simulator.writes() == []

    def test_does_not_come_after_a_failure(self, play, simulator):
        there(simulator, "a", "b")

        result = play(deployments=[{"name": "a", "gpu_count": 5}], purge=True, purge_limit=5)

        assert "Nothing was purged" in result["msg"]
        assert simulator.writes() == []

    @pytest.mark.parametrize(
        "entry",
        [
            {"name": None},
            {"id": None},
            {"visibility": None},
            {"visibility": "public"},
            {"visibility": "organization"},
            {"name": " "},
            {"id": "1"},
        ],
        ids=str,
    )
    def test_leaves_alone_what_does_not_show_that_it_may_go(self, play, simulator, entry):
        whole = simulator.deployment(there(simulator, "stray")["stray"])
        listed = {key: value for key, value in {**whole, **entry}.items() if value is not None}
        simulator.misbehave("GET", "/ai/deployment", json={"deployments": [listed]}, status=200, times=2)

        result = play(deployments=[], purge=True, purge_limit=5)

        assert not result["failed"]
        assert simulator.writes() == []
        assert any("left alone by purge" in warning for warning in result["warnings"]) == (
            entry.get("visibility") != "public"
        )

    def test_leaves_alone_what_is_another_one_by_now(self, play, simulator):
        stray = there(simulator, "stray")["stray"]
        listed = {**simulator.deployment(stray), "name": "before"}
        simulator.misbehave("GET", "/ai/deployment", json={"deployments": [listed]}, status=200)

        result = play(deployments=[], purge=True, purge_limit=5)

        assert "is not any more what was listed" in result["msg"]
        assert simulator.writes() == []

    def test_keeps_what_an_entry_means_by_its_id_or_renames(self, play, simulator):
        ids = there(simulator, "a", "b")

        result = play(
            deployments=[{"id": ids["a"].upper(), "name": "c"}, {"name": "new", **CREATION}], purge=True, purge_limit=1
        )

        assert not result["failed"]
        assert [each["name"] for each in simulator.deployments()] == ["c", "new"]

    def test_does_not_come_while_it_is_open_whether_the_entries_succeed(self, play, simulator):
        there(simulator, "a", "b")
        options = {"deployments": [{"name": "a", "replicas": 2}], "purge": True, "purge_limit": 1, "wait": False}

        result = play(**options)
        again = play(**options)

        assert result["purged"] == []
        assert any("Nothing was purged: with wait=false" in warning for warning in result["warnings"])
        assert [each["name"] for each in again["purged"]] == ["b"]

    def test_that_will_fail_is_told_at_the_beginning(self, play, simulator):
        there(simulator, "a", "b")

        result = play(deployments=[{"name": "a", "replicas": 2}], purge=True)

        assert play.told[0] == "no entry declares 1 deployments, and purge_limit is 0: this will fail at the end"
        assert result["msg"].endswith("The entries: 1 changed")

    def test_leaves_alone_what_is_listed_as_something_else_too(self, play, simulator):
        stray = simulator.deployment(there(simulator, "stray")["stray"])
        listed = [stray, {**stray, "visibility": "public"}]
        simulator.misbehave("GET", "/ai/deployment", json={"deployments": listed}, status=200)

        play(deployments=[], purge=True, purge_limit=5)

        assert simulator.writes() == []


class TestListWithoutNames:
    """The list shows a deployment without its name; reading it singly shows that."""

    @pytest.fixture
    def chat(self, simulator):
        chat = there(simulator, "chat", gpu_count=2)["chat"]
        listed = {key: value for key, value in simulator.deployment(chat).items() if key not in ("name", "gpu-count")}
        simulator.misbehave("GET", "/ai/deployment", json={"deployments": [listed]}, status=200)
        return chat

    def test_two_entries_that_mean_it_are_refused(self, play, simulator, chat):
        result = play(deployments=[{"name": "chat", "replicas": 3}, {"id": chat, "replicas": 2}])

        assert "Two entries mean the same deployment" in result["msg"]
        assert simulator.writes() == []

    def test_its_gpus_count(self, play, simulator, chat):
        result = play(deployments=[{"name": "chat", "replicas": 5}], max_gpus=4)

        assert "chat 10 (5 times 2)" in result["msg"]
        assert simulator.writes() == []

    def test_it_is_found(self, play, simulator, chat):
        result = play(deployments=[{"name": "chat", "replicas": 5}])

        assert result["results"][0]["deployment"]["id"] == chat
        assert result["results"][0]["actions"] == ["scale"]


class TestMaxGpus:
    def test_a_count_of_zero_is_not_shown(self, play, simulator):
        chat = there(simulator, "chat", gpu_count=2)["chat"]
        listed = {**simulator.deployment(chat), "gpu-count": 0}
        simulator.misbehave("GET", "/ai/deployment", json={"deployments": [listed]}, status=200)

        result = play(deployments=[{"name": "chat", "replicas": 5}], max_gpus=4)

        assert "chat 10 (5 times 2)" in result["msg"]
        assert simulator.writes() == []

    @pytest.mark.parametrize("check_mode", [True, False])
    def test_fails_before_any_write_if_more_is_declared(self, play, simulator, check_mode):
        there(simulator, "a", replicas=2, gpu_count=2)
        entries = [{"name": "a"}, {"name": "new", **CREATION}, {"name": "b", "state": "absent"}]

        result = play(check_mode=check_mode, deployments=entries, max_gpus=4)

        assert "needs 5 GPUs, and max_gpus is 4: a 4 (2 times 2), new 1 (1 times 1)" in result["msg"]
        assert simulator.calls() == ["GET /ai/deployment"]

    def test_counts_what_is_declared_and_what_is_there_where_it_is_left_out(self, play, simulator):
        ids = there(simulator, "a", "b", "c", replicas=2, gpu_count=2)
        entries = [{"name": "a", "replicas": 1}, {"id": ids["b"], "replicas": 0}, {"name": "c"}]

        result = play(deployments=entries, max_gpus=6)

        assert not result["failed"]

    def test_reads_what_the_list_does_not_show(self, play, simulator):
        ids = there(simulator, "a", replicas=2, gpu_count=3)
        listed = {"id": ids["a"], "name": "a", "visibility": "private", "state": "ready"}
        simulator.misbehave("GET", "/ai/deployment", json={"deployments": [listed]}, status=200)

        result = play(deployments=[{"name": "a"}], max_gpus=5)

        assert "a 6 (2 times 3)" in result["msg"]

    def test_fails_if_what_is_needed_is_not_shown(self, play, simulator):
        there(simulator, "a")
        simulator.hidden_fields = ("gpu-count", "replicas")

        result = play(deployments=[{"name": "a", "inference_engine_version": NEW}], max_gpus=5)

        assert "the API does not show gpu_count and replicas of a" in result["msg"]
        assert simulator.writes() == []


class TestTime:
    def test_all_of_them_share_one_deadline(self, play, simulator, clock):
        there(simulator, "a", "b", "c")
        simulator.operation_seconds = 500

        result = play(
            deployments=[{"name": name} for name in "abc"],
            defaults={"inference_engine_version": NEW},
            concurrency=1,
            wait_timeout=100,
        )

        assert sum(clock.sleeps) <= 101
        assert len(writes(simulator)) == 1
        assert "b: Nothing was changed: 100 seconds (wait_timeout) had passed before the turn of" in result["msg"]
        assert result["counts"] == {"changed": 0, "unchanged": 0, "failed": 3, "not_started": 0, "purged": 0}
        assert [each["changed"] for each in result["results"]] == [True, False, False]

    def test_one_that_has_nothing_to_change_needs_no_time(self, play, simulator):
        there(simulator, "a", "b")
        simulator.operation_seconds = 500

        result = play(
            deployments=[{"name": "a", "inference_engine_version": NEW}, {"name": "b"}], concurrency=1, wait_timeout=100
        )

        assert [each["failed"] for each in result["results"]] == [True, False]

    def test_what_was_not_listed_long_ago_is_listed_again_before_it_is_created(self, play, simulator, clock):
        there(simulator, "a")
        simulator.operation_seconds = 60
        entries = [{"name": "a", "inference_engine_version": NEW}, {"name": "b", **CREATION}]
        simulator.at(30, lambda: simulator.add_deployment(name="b"))

        result = play(deployments=entries, concurrency=1)

        assert [each["actions"] for each in result["results"]] == [["update"], []]
        assert simulator.calls().count("GET /ai/deployment") == 2

    def test_what_came_a_moment_after_the_list_is_not_created_again(self, play, simulator, clock):
        there(simulator, "a")
        simulator.operation_seconds = 1.5
        entries = [{"name": "a", "replicas": 2}, {"name": "b", **CREATION}]
        simulator.at(1, lambda: simulator.add_deployment(name="b"))

        result = play(deployments=entries, concurrency=1)

        assert [each["actions"] for each in result["results"]] == [["scale"], []]

    def test_what_is_absent_anyway_is_not_listed_again(self, play, simulator):
        there(simulator, "a")
        simulator.operation_seconds = 60
        entries = [{"name": "a", "replicas": 2}, {"name": "b", "state": "absent"}, {"name": "c", "state": "absent"}]

        result = play(deployments=entries, concurrency=1)

        assert not result["failed"]
        assert simulator.calls().count("GET /ai/deployment") == 1

    def test_what_came_while_the_checks_took_long_is_not_created_again(self, play, simulator):
        simulator.add_model(CREATION["model"])
        simulator.misbehave("GET", "/quota", status=503, times=5)
        simulator.at(4, lambda: simulator.add_deployment(name="b"))

        result = play(deployments=[{"name": "b", **CREATION}])

        assert result["results"][0]["actions"] == []
        assert len(simulator.deployments()) == 1

    def test_what_was_replaced_since_it_was_listed_is_found_again(self, play, simulator):
        ids = there(simulator, "a", "b")
        simulator.operation_seconds = 60

        def replace():
            simulator.remove_deployment(ids["b"])
            simulator.add_deployment(name="b")

        simulator.at(30, replace)

        result = play(
            deployments=[{"name": "a", "inference_engine_version": NEW}, {"name": "b", "replicas": 1}], concurrency=1
        )

        assert not result["failed"]

    def test_tells_each_end_and_now_and_then_how_many_are_where(self, play, simulator):
        there(simulator, "a", "b", "c")
        simulator.operation_seconds = 100

        play(
            deployments=[{"name": "a"}, {"name": "b", "replicas": 2}, {"name": "c"}],
            defaults={"inference_engine_version": NEW},
            concurrency=1,
        )
        told = list(play.told)
        play(deployments=[{"name": name} for name in "abc"])

        assert told[0].startswith("0 of 3 ready, 1 updating, 2 waiting; under way: a (")
        assert [line.split(" (")[0] for line in told if " s); " in line] == [
            "a: update",
            "b: update, scale",
            "c: update",
        ]
        assert told[-1].endswith("; 3 of 3 ready")
        assert play.told == told


class TestSecrets:
    def test_what_may_be_a_misspelt_secret_is_shown_nowhere(self, play):
        result = play(deployments=[{"name": "a", "hftokn": "swordfish"}], defaults={"apykey": {"value": "marlin-fish"}})

        assert result["failed"]
        assert "swordfish" not in str(result)
        assert "marlin-fish" not in str(result)

    def test_those_of_all_stand_in_no_result(self, play, simulator):
        names = [f"d{number}" for number in range(60)]
        for name in names:
            simulator.add_deployment(
                name=name, inference_engine_parameters=[f"--api-key=sentinel-{name}-of-the-engine"]
            )
        simulator.misbehave(
            "GET", r"/ai/deployment/.+", status=400, body="no sentinel-d59-of-the-engine", times=3, skip=9
        )

        result = play(deployments=[{"name": name, "replicas": 1} for name in names])

        assert result["failed"]
        assert len(result["results"]) == 60
        assert "sentinel" not in str(result)


class TestInterruption:
    """A signal comes while the tasks sleep."""

    @pytest.fixture(params=[signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def number(self, request):
        """A signal that is not ignored, as it may be for what runs in the background."""
        before = signal.signal(request.param, signal.SIG_DFL)
        yield request.param
        signal.signal(request.param, before)

    def test_is_ignored_as_before_where_signals_are(self, play, simulator, number):
        there(simulator, "a")
        signal.signal(number, signal.SIG_IGN)

        play(deployments=[{"name": "a", "replicas": 2}])

        assert signal.getsignal(number) is signal.SIG_IGN

    def test_ends_it_without_another_write_and_tells_what_is_under_way(
        self, play, simulator, clock, monkeypatch, number
    ):
        ids = there(simulator, "a", "b", "c")
        # Long enough for the main thread to notice the signal in any case.
        simulator.operation_seconds = 1_000_000
        before = signal.getsignal(number)
        sleep = clock.sleep

        def sleep_and_signal(seconds):
            sleep(seconds)
            if len(clock.sleeps) == 5:
                signal.pthread_kill(threading.main_thread().ident, number)

        monkeypatch.setattr(clock, "sleep", sleep_and_signal)

        result = play(
            deployments=[{"name": name} for name in "abc"],
            defaults={"inference_engine_version": NEW},
            concurrency=1,
            wait_timeout=1_000_000,
        )

        assert writes(simulator) == [f"PATCH /ai/deployment/{ids['a']}"]
        assert signal.getsignal(number) is before
        assert result["msg"].startswith(f"The task was interrupted by {number.name}, and nothing more was written.")
        (operation,) = result["results"][0]["operations"]
        assert f"goes on: PATCH /ai/deployment/{ids['a']} (operation {operation['id']})" in result["results"][0]["msg"]
        assert result["operation"] == operation
        assert [each["msg"] for each in result["results"][1:]] == ["Not started, because the task was interrupted"] * 2
        assert result["changed"]
        assert not result["results"][1]["changed"]


class TestForecast:
    """A dry run must not approve what the run then refuses."""

    def test_counts_what_the_creations_before_would_use(self, play, simulator):
        simulator.add_model(CREATION["model"])
        simulator.set_quotas([{"resource": "gpua5000", "usage": 5, "limit": 8}])
        entries = [{"name": name, **CREATION, "replicas": 2} for name in ("a", "b")]
        more = {"name": "c", **CREATION, "gpu_type": "gpu3080ti"}

        result = play(check_mode=True, deployments=[*entries, more], concurrency=1)

        assert [each["failed"] for each in result["results"]] == [False, True, False]
        assert "of which 5 are in use and 2 would be used by others of this task, and 2 are needed" in result["msg"]

    def test_a_replacement_uses_what_it_gives_back(self, play, simulator):
        there(simulator, "a", "b", gpu_count=2, replicas=2)
        simulator.set_quotas([{"resource": "gpua5000", "usage": 8, "limit": 8}])
        entries = [{"name": name, "gpu_count": 4, "replicas": 1, "recreate": True} for name in ("a", "b")]

        result = play(check_mode=True, deployments=entries)

        assert not result["failed"], result["msg"]

    def test_counts_what_more_replicas_would_use(self, play, simulator):
        there(simulator, "a", gpu_count=2)
        simulator.set_quotas([{"resource": "gpua5000", "usage": 2, "limit": 4}])
        entries = [{"name": "a", "replicas": 2}, {"name": "b", **CREATION}]

        result = play(check_mode=True, deployments=entries, concurrency=1)

        assert [each["failed"] for each in result["results"]] == [False, True]

    def test_one_without_its_model_promises_no_gpus(self, play, simulator):
        simulator.add_model(CREATION["model"])
        simulator.set_quotas([{"resource": "gpua5000", "usage": 0, "limit": 1}])
        entries = [{"name": "a", **CREATION, "model": "nobody/has-it"}, {"name": "b", **CREATION}]

        result = play(check_mode=True, deployments=entries, concurrency=1)

        assert [each["failed"] for each in result["results"]] == [True, False]

    def test_that_is_interrupted_is_none(self, play, simulator, clock, monkeypatch):
        there(simulator, "a", "b")
        simulator.misbehave("GET", "/ai/help/.*", status=503, times=1000)
        before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
        sleep = clock.sleep

        def sleep_and_signal(seconds):
            sleep(seconds)
            signal.pthread_kill(threading.main_thread().ident, signal.SIGTERM)

        monkeypatch.setattr(clock, "sleep", sleep_and_signal)

        result = play(
            check_mode=True,
            deployments=[{"name": "a", "inference_engine_version": NEW}, {"name": "b"}],
            concurrency=1,
        )

        signal.signal(signal.SIGTERM, before)
        assert result["failed"]
        assert result["msg"].startswith("The task was interrupted by SIGTERM")

    def test_does_not_count_one_that_is_refused_itself(self, play, simulator):
        simulator.add_model(CREATION["model"])
        simulator.set_quotas([{"resource": "gpua5000", "usage": 5, "limit": 8}])
        entries = [{"name": "a", **CREATION, "replicas": 4}, {"name": "b", **CREATION, "replicas": 3}]

        result = play(check_mode=True, deployments=entries, concurrency=1)

        assert [each["failed"] for each in result["results"]] == [True, False]

    @pytest.mark.parametrize(("concurrency", "is_there"), [(1, True), (8, False)])
    def test_counts_what_is_given_back_if_each_ends_before_the_next_begins(
        self, play, simulator, concurrency, is_there
    ):
        there(simulator, "old", gpu_count=2, replicas=2)
        simulator.set_quotas([{"resource": "gpua5000", "usage": 4, "limit": 4}])
        entries = [{"name": "old", "state": "absent"}, {"name": "new", **CREATION, "replicas": 4}]

        result = play(check_mode=True, deployments=entries, concurrency=concurrency)

        assert [each["failed"] for each in result["results"]] == [False, not is_there]

    def test_a_run_leaves_the_count_to_the_quota(self, play, simulator):
        simulator.add_model(CREATION["model"])
        simulator.set_quotas([{"resource": "gpua5000", "usage": 5, "limit": 8}])
        entries = [{"name": name, **CREATION, "replicas": 2} for name in ("a", "b")]

        result = play(deployments=entries, concurrency=1)

        assert not result["failed"]


def test_what_is_replaced_by_its_id_is_not_looked_for_in_the_list_from_before(play, simulator):
    ids = there(simulator, "a", "b")
    simulator.reference_in_operations = False

    result = play(deployments=[{"id": ids["a"], "gpu_count": 2, "recreate": True}, {"name": "b"}])

    assert not result["failed"], result["msg"]
    assert result["results"][0]["actions"] == ["delete", "create"]


def test_what_has_lost_its_time_before_the_first_write_does_not_write(play, simulator):
    there(simulator, "a")
    simulator.misbehave("GET", "/ai/help/.*", status=503, times=100)

    result = play(deployments=[{"name": "a", "inference_engine_version": NEW}], wait_timeout=1)

    assert "a: Nothing was changed: 1 seconds (wait_timeout) had passed" in result["msg"]
    assert simulator.writes() == []


def test_without_any_time_the_first_ones_begin_and_are_not_waited_for(play, simulator):
    there(simulator, "a", "b", "c")
    simulator.operation_seconds = 5

    result = play(deployments=[{"name": n, "replicas": 2} for n in "abc"], wait_timeout=0, concurrency=2)

    assert len(simulator.writes()) == 2
    assert result["counts"]["failed"] == 3


def test_of_very_many_failures_each_is_told(play, simulator):
    names = [f"d{number}" for number in range(250)]
    there(simulator, *names)
    simulator.misbehave("GET", "/ai/deployment/.+", status=400, body="sentinel-of-an-engine " * 20, times=1000)
    secret = {"inference_engine_parameters": ["--api-key=sentinel-of-an-engine"]}

    result = play(deployments=[{"name": name, **secret} for name in names])

    assert all(f" {name}: GET" in result["msg"] for name in names)
    assert result["msg"].startswith("250 of 250 deployments failed")
    assert len(result["msg"]) < 100_000
    assert "sentinel" not in str(result)
