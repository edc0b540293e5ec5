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

    @pytest.mark.parametrize("shown", [{"gpu_type": 5}, {"gpu_count": "2"}, {"gpu_count": False}, {"replicas": []}])
    def test_one_of_another_type_is_no_deployment(self, simulator, play, chat, show, shown):
        show(chat, **shown)

        result = play(id=chat, gpu_count=2)

        assert f"GET /ai/deployment/{chat} was answered with something that is not a deployment" in result["msg"]
        assert next(iter(shown)) in result["msg"]
        assert simulator.writes() == []


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

    @pytest.mark.parametrize("answer", [{}, {"parameters": None}, {"parameters": "none"}])
    def test_an_answer_without_a_list_is_tried_again_like_any_read_that_failed(self, simulator, play, chat, answer):
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
    @pytest.mark.parametrize("entry", [{}, {"id": None, "name": None}, {"name": "", "state": "ready"}, {"id": "x"}])
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

    def test_one_without_a_name_is_read_once(self, simulator, play, listed, chat):
        listed.append({"id": chat.upper()})

        result = play(name="chat", gpu_count=2)

        assert not result["failed"]
        assert simulator.calls() == [LIST, f"GET /ai/deployment/{chat}"]


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

    def test_without_wait_it_is_told(self, simulator, play):
        result = play(**CREATION, wait=False)

        assert result["changed"]
        assert any("A task that names 'chat' does not find it" in warning for warning in result["warnings"])


def test_a_deployment_that_vanishes_after_it_was_listed_is_not_blamed_on_the_id(simulator, play, chat):
    simulator.misbehave("GET", "/ai/deployment/.+", status=404)

    result = play(name="chat", gpu_count=2)

    assert result["status"] == 404
    assert "was there a moment ago" in result["msg"]
    assert "Check the ID" not in result["msg"]
