# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an answer leaves open is not different, is told where it matters, and never leads to a write."""

from __future__ import annotations

import pytest

UUID = "11111111-2222-4333-8444-555555555555"
LIST = "GET /ai/deployment"
HELP = "GET /ai/help/inference-engine-parameters"
CREATION = {"name": "chat", "model": "a/b", "gpu_type": "gpua5000", "gpu_count": 1, "replicas": 1}
ALIASES = [{"flags": ["--max-num-seqs"], "name": "max_num_seqs", "type": "integer"}]


@pytest.fixture
def chat(simulator):
    return simulator.add_deployment(name="chat", model={"name": "a/b"}, gpu_count=2, inference_engine_version="0.19.0")


@pytest.fixture
def show(simulator):
    """Let each answer about a deployment show these fields; the vendor's contract is not to be kept then."""

    def show(deployment, **fields):
        whole = {**simulator.deployment(deployment), **{key.replace("_", "-"): fields[key] for key in fields}}
        simulator.misbehave("GET", "/ai/deployment/.+", times=1000, status=200, json=whole)

    yield show
    simulator.contract_violations.clear()


class TestFields:
    @pytest.mark.parametrize(
        ("shown", "wanted", "open_field"),
        [
            ({"model": {"name": ""}}, {"model": "a/b"}, "model"),
            ({"model": {"name": 7}}, {"model": "a/b"}, "model"),
            ({"model": {"id": "not-a-uuid"}}, {"model": UUID}, "model"),
            ({"model": {"id": "", "name": None}}, {"model": UUID}, "model"),
            ({"model": {}}, {"model": "a/b"}, "model"),
            ({"model": None}, {"model": "a/b"}, "model"),
            ({"model": "other"}, {"model": "a/b"}, "model"),
            ({"gpu_type": ""}, {"gpu_type": "gpua5000"}, "gpu_type"),
            ({"gpu_type": " "}, {"gpu_type": "gpua5000"}, "gpu_type"),
            ({"inference_engine_version": " "}, {"inference_engine_version": "0.19.0"}, "inference_engine_version"),
            ({"gpu_count": 0}, {"gpu_count": 2}, "gpu_count"),
            ({"inference_engine_version": ""}, {"inference_engine_version": "0.19.0"}, "inference_engine_version"),
        ],
    )
    @pytest.mark.parametrize("check_mode", [True, False])
    def test_an_empty_or_malformed_one_is_not_shown(
        self, simulator, play, chat, show, shown, wanted, open_field, check_mode
    ):
        show(chat, **shown)

        result = play(id=chat, recreate=True, check_mode=check_mode, **wanted)

        assert not result["failed"], result["msg"]
        assert not result["changed"]
        assert simulator.writes() == []
        assert any(f"does not show {open_field}" in warning for warning in result["warnings"])

    @pytest.mark.parametrize(
        "shown", [{"gpu_type": 5}, {"gpu_count": "2"}, {"replicas": []}, {"name": " "}, {"state": ""}]
    )
    def test_one_of_another_type_is_no_deployment(self, simulator, play, chat, show, shown):
        show(chat, **shown)

        result = play(id=chat, gpu_count=2)

        assert f"GET /ai/deployment/{chat} was answered with something that is not a deployment" in result["msg"]
        assert next(iter(shown)) in result["msg"]
        assert simulator.writes() == []

    @pytest.mark.parametrize(
        ("shown", "wanted"),
        [
            ({"gpu_type": "GPUA5000 "}, {"gpu_type": "gpua5000"}),
            ({"inference_engine_version": "v0.19.0"}, {"inference_engine_version": "0.19.0"}),
            ({"model": {"name": "a/b "}}, {"model": "a/b"}),
            ({"model": {"id": UUID.upper()}}, {"model": UUID}),
        ],
    )
    def test_one_that_is_only_written_otherwise_is_the_same(self, simulator, play, chat, show, shown, wanted):
        show(chat, **shown)

        result = play(id=chat, recreate=True, **wanted)

        assert not result["changed"]
        assert result["warnings"] == []
        assert simulator.writes() == []

    @pytest.mark.parametrize(
        "answer",
        [
            {"name": ""},
            {"id": UUID, "name": " "},
            {"id": UUID, "name": 5},
            {"id": "22222222-2222-4333-8444-555555555555", "name": "other/model"},
        ],
    )
    def test_a_name_of_the_model_that_cannot_be_looked_up_is_not_known(self, simulator, play, chat, show, answer):
        show(chat, model={"id": UUID})
        simulator.misbehave("GET", "/ai/model/.+", times=9, status=200, json=answer)

        result = play(id=chat, model="a/b", recreate=True)

        assert not result["changed"]
        assert any("does not show model" in warning for warning in result["warnings"])

    @pytest.mark.parametrize("model_id", ["", "xyz", {"a": 1}, [1], None])
    def test_nor_is_an_id_that_is_none(self, simulator, play, chat, show, model_id):
        show(chat, model={"name": "a/b"})
        listed = {"models": [{"name": "a/b", "id": model_id}]}
        simulator.misbehave("GET", "/ai/model", times=9, status=200, json=listed)

        result = play(id=chat, model=UUID, recreate=True)

        assert not result["changed"]
        assert any("does not show model" in warning for warning in result["warnings"])

    def test_what_only_one_of_two_answers_shows_has_not_moved(self, simulator, play, chat):
        simulator.misbehave("GET", "/ai/deployment/.+", status=200, json={**simulator.deployment(chat), "model": {}})

        result = play(id=chat, inference_engine_version="0.20.2")

        simulator.contract_violations.clear()
        assert result["changed"]
        assert not any("moved" in warning for warning in result["warnings"])

    def test_one_that_lacks_just_after_it_was_sent_is_looked_for_again(self, simulator, play, chat):
        without = {key: value for key, value in simulator.deployment(chat).items() if "version" not in key}
        simulator.misbehave("GET", "/ai/deployment/.+", skip=1, times=2, status=200, json=without)

        result = play(id=chat, inference_engine_version="0.20.2")

        assert result["deployment"]["inference_engine_version"] == "0.20.2"
        assert result["warnings"] == []


class TestVersionThatIsNotShown:
    """The engine's version is declared, and the API does not show the one that runs."""

    @pytest.fixture(autouse=True)
    def spelt_otherwise(self, simulator, chat):
        simulator.set_help("0.19.0", ALIASES)
        simulator.set_deployment(chat, inference_engine_parameters=["--max-num-seqs=7", "--seed=1"])
        simulator.hidden_fields = ("inference-engine-version",)
        yield
        simulator.contract_violations.clear()

    def test_the_help_of_the_declared_one_tells_that_parameters_mean_the_same(self, simulator, play, chat):
        result = play(
            id=chat,
            inference_engine_version="0.19.0",
            inference_engine_parameters=["--max-num-seqs", "7", "--seed=1"],
        )

        assert not result["failed"]
        assert not result["changed"]
        assert simulator.calls().count(HELP) == 1
        assert simulator.journal[-1].query == {"version": "0.19.0"}

    def test_parameters_that_are_to_change_are_checked_against_the_declared_one(self, simulator, play, chat):
        result = play(id=chat, inference_engine_version="0.19.0", inference_engine_parameters=["--max-num-seqs=many"])

        assert "Nothing was changed: the engine would refuse its parameters" in result["msg"]
        assert simulator.writes() == []

    @pytest.mark.parametrize("check_mode", [True, False])
    def test_what_one_answer_lacks_is_looked_up_in_another_one(self, simulator, play, chat, check_mode):
        simulator.hidden_fields = ()
        whole = simulator.deployment(chat)
        del whole["inference-engine-version"]
        simulator.misbehave("GET", f"/ai/deployment/{chat}", status=200, json=whole)

        result = play(id=chat, inference_engine_parameters=["--max-num-seqs", "7", "--seed=1"], check_mode=check_mode)

        assert not result["changed"]
        assert simulator.calls() == [f"GET /ai/deployment/{chat}"] * 2 + [HELP]

    def test_where_no_version_is_known_it_is_told_that_the_difference_is_one_of_text(self, simulator, play, chat):
        result = play(id=chat, inference_engine_parameters=["--seed=1", "--max-num-seqs=7"], check_mode=True)

        assert result["changed"]
        assert any(
            "differ as text" in warning and "does not show the engine's version" in warning
            for warning in result["warnings"]
        )


class TestHelp:
    @pytest.fixture(autouse=True)
    def spelt_otherwise(self, simulator, chat):
        simulator.set_help("0.19.0", ALIASES)
        simulator.set_deployment(chat, inference_engine_parameters=["--max-num-seqs=7"])
        yield
        simulator.contract_violations.clear()

    @pytest.mark.parametrize(
        "answer",
        [{}, {"parameters": None}, {"parameters": "none"}, {"parameters": []}, {"parameters": [None, {"name": 5}]}],
    )
    def test_an_answer_that_lists_nothing_is_tried_again_like_any_read_that_failed(self, simulator, play, chat, answer):
        simulator.misbehave("GET", ".*/help/.*", times=3, status=200, json=answer)

        result = play(id=chat, inference_engine_parameters=["--max-num-seqs", "7"])

        assert not result["changed"]
        assert simulator.calls().count(HELP) == 4

    @pytest.mark.parametrize("answer", [{}, {"parameters": None}, {"parameters": []}])
    def test_if_it_stays_without_one_the_difference_is_said_to_be_one_of_text(self, simulator, play, chat, answer):
        simulator.misbehave("GET", ".*/help/.*", times=100, status=200, json=answer)

        result = play(id=chat, inference_engine_parameters=["--max-num-seqs", "7"])

        assert result["changed"]
        assert any("whether they mean the same cannot be told" in warning for warning in result["warnings"])


class TestList:
    @pytest.fixture(autouse=True)
    def listed(self, simulator):
        """Let the list show what a test puts into it."""
        simulator.add_model("a/b")
        entries = []
        simulator.misbehave("GET", "/ai/deployment", times=1000, status=200, json={"deployments": entries})
        yield entries
        simulator.contract_violations.clear()

    @pytest.mark.parametrize("options", [CREATION, {"name": "chat", "state": "absent"}])
    @pytest.mark.parametrize(
        "entry",
        [{}, {"id": None, "name": None}, {"name": "", "state": "ready"}, {"id": "x"}, {"name": " "}, None, "chat", []],
    )
    def test_an_entry_without_id_and_name_may_be_the_one_that_is_meant(self, simulator, play, listed, options, entry):
        listed.append(entry)

        result = play(**options)

        assert "lists a deployment without its ID and its name, which may be the one that is meant" in result["msg"]
        assert "Give the id" in result["msg"]
        assert simulator.writes() == []

    def test_it_does_not_matter_where_the_one_that_is_meant_is_listed(self, simulator, play, listed, chat):
        listed += [{}, {"id": chat, "name": "chat"}]

        assert not play(name="chat", gpu_count=2)["failed"]

    def test_nor_does_one_without_id_that_has_another_name(self, simulator, play, listed):
        listed.append({"name": "other"})

        assert not play(name="chat", state="absent")["failed"]

    @pytest.mark.parametrize("entry", [{"name": "chat"}, {"name": "chat", "visibility": ""}, {}, {"name": " "}])
    @pytest.mark.parametrize("options", [{"state": "absent"}, {"inference_engine_version": "0.20.2"}])
    def test_one_that_only_its_own_answer_shows_as_public_is_not_touched(self, simulator, play, listed, entry, options):
        public = simulator.add_deployment(name="chat", visibility="public")
        listed.append({"id": public, **entry})

        play(name="chat", **options)

        assert simulator.writes() == []

    def test_one_without_a_name_is_read_once(self, simulator, play, listed, chat):
        listed.append({"id": chat.upper()})

        result = play(name="chat", gpu_count=2)

        assert not result["failed"]
        assert simulator.calls() == [LIST, f"GET /ai/deployment/{chat}"]


class TestChecksBeforeACreation:
    @pytest.fixture(autouse=True)
    def model(self, simulator):
        yield simulator.add_model("a/b")
        simulator.contract_violations.clear()

    @pytest.mark.parametrize("check_mode", [True, False])
    @pytest.mark.parametrize(
        ("path", "answer"),
        [
            ("/ai/model", {"models": [{"id": UUID}]}),
            ("/ai/model", {"models": [{"name": "", "id": UUID}]}),
            ("/ai/model", {"models": [None]}),
            ("/ai/instance-type", {"instance-types": [{"authorized": True}]}),
            ("/ai/instance-type", {"instance-types": [None]}),
        ],
    )
    def test_a_list_that_does_not_show_what_is_compared_warns(self, simulator, play, path, answer, check_mode):
        simulator.misbehave("GET", path, times=9, status=200, json=answer)

        result = play(**CREATION, check_mode=check_mode)

        assert not result["failed"], result["msg"]
        assert result["changed"]
        assert any("was not checked before the creation" in warning for warning in result["warnings"])

    @pytest.mark.parametrize("state", ["", " ", 5, None])
    def test_a_model_whose_state_is_not_shown_may_be_ready(self, simulator, play, model, state):
        listed = {"models": [{"id": model, "name": "a/b", "state": state}]}
        simulator.misbehave("GET", "/ai/model", times=9, status=200, json=listed)

        assert not play(**CREATION)["failed"]

    @pytest.mark.parametrize("odd", [{"usage": True}, {"limit": -5}, {"limit": "1"}, {"usage": None}, {"limit": True}])
    def test_a_quota_that_makes_no_sense_is_none(self, simulator, play, odd):
        quota = {"resource": "gpu-a5000", "usage": 8, "limit": 8, **odd}
        simulator.misbehave("GET", "/quota", times=9, status=200, json={"quotas": [quota]})

        assert not play(**CREATION)["failed"]


class TestNewDeployment:
    """A creation whose name the API stores otherwise: under the declared one, the next task finds nothing."""

    @pytest.fixture(autouse=True)
    def stored_otherwise(self, simulator):
        simulator.add_model("a/b")
        shown = {**CREATION, "name": "CHAT", "state": "ready", "model": {"name": "a/b"}}
        shown = {key.replace("_", "-"): value for key, value in shown.items()}
        simulator.misbehave("GET", "/ai/deployment/.+", times=1000, status=200, json=shown)
        yield
        simulator.contract_violations.clear()

    def test_it_is_a_failure(self, simulator, play):
        result = play(**CREATION)

        assert result["failed"]
        assert result["changed"]
        assert "name: wanted 'chat', found 'CHAT'" in result["msg"]
        assert len(simulator.writes()) == 1

    def test_without_wait_as_well(self, simulator, play):
        result = play(**CREATION, wait=False)

        assert result["failed"]
        assert result["changed"]
        assert "name: wanted 'chat', found 'CHAT'" in result["msg"]


def test_a_deployment_that_vanishes_after_it_was_listed_is_looked_for_again(simulator, play, chat):
    def vanish(exchange):
        if exchange.environ["PATH_INFO"].endswith(chat):
            simulator.on_arrival = lambda _exchange: None
            simulator.remove_deployment(chat)

    simulator.on_arrival = vanish

    result = play(name="chat", gpu_count=2)

    assert "does not exist, and to create it" in result["msg"]
    assert simulator.calls() == ["GET /ai/deployment", f"GET /ai/deployment/{chat}", "GET /ai/deployment"]


def test_a_deployment_that_vanishes_after_it_was_listed_is_not_blamed_on_the_id(simulator, play, chat):
    simulator.misbehave("GET", "/ai/deployment/.+", times=99, status=404)

    result = play(name="chat", gpu_count=2)

    assert result["status"] == 404
    assert "was there a moment ago" in result["msg"]
    assert "Check the ID" not in result["msg"]
