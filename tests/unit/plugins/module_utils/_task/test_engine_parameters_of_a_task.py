# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task does with the meaning of engine parameters: no needless redeploy, no doomed one."""

from __future__ import annotations

import pytest

HELP = "GET /ai/help/inference-engine-parameters"
BOTH_WAYS = (["--max-model-len", "8192", "--enforce-eager"], ["--enforce-eager", "--max_model_len=8192"])


@pytest.fixture
def chat(simulator):
    return simulator.add_deployment(
        name="chat", inference_engine_version="0.18.0", inference_engine_parameters=BOTH_WAYS[0]
    )


def helps(simulator):
    return [call.query for call in simulator.journal if call.path.startswith("/ai/help/")]


class TestComparison:
    def test_lists_that_are_equal_as_text_need_no_help(self, simulator, play, chat):
        result = play(id=chat, inference_engine_parameters=BOTH_WAYS[0])

        assert not result["changed"]
        assert len(simulator.calls()) == 1

    @pytest.mark.parametrize("check_mode", [True, False])
    def test_lists_of_equal_meaning_need_one_look_at_the_help_and_no_write(self, simulator, play, chat, check_mode):
        result = play(check_mode=check_mode, id=chat, inference_engine_parameters=BOTH_WAYS[1])

        assert not result["changed"]
        assert result["changes"] == []
        assert result["diff"]["before"] == result["diff"]["after"]
        assert simulator.calls() == ["GET /ai/deployment/" + chat, HELP]
        assert helps(simulator) == [{"version": "0.18.0"}]

    def test_the_deployment_shows_the_tokens_as_the_api_has_them(self, play, chat):
        result = play(id=chat, inference_engine_parameters=BOTH_WAYS[1])

        assert result["deployment"]["inference_engine_parameters"] == BOTH_WAYS[0]

    def test_what_is_sent_is_what_the_user_wrote(self, simulator, play, chat):
        wanted = ["--enforce-eager", "--max_model_len=4096"]

        play(id=chat, inference_engine_parameters=wanted)

        assert simulator.writes()[0].body == {"inference-engine-parameters": wanted}

    def test_lists_of_another_meaning_are_sent_after_one_look_at_the_help(self, simulator, play, chat):
        play(id=chat, inference_engine_parameters=["--max-model-len=4096"])

        get, patch = "GET /ai/deployment/" + chat, "PATCH /ai/deployment/" + chat
        assert simulator.calls() == [get, HELP, patch, get]

    def test_with_another_field_to_change_equal_parameters_are_not_sent(self, simulator, play, chat):
        result = play(id=chat, name="talk", inference_engine_parameters=BOTH_WAYS[1])

        assert not result["failed"]
        assert [write.body for write in simulator.writes()] == [{"name": "talk"}]

    def test_with_another_version_the_text_counts(self, simulator, play, chat):
        play(id=chat, inference_engine_version="0.19.0", inference_engine_parameters=BOTH_WAYS[1])

        assert set(simulator.writes()[0].body) == {"inference-engine-version", "inference-engine-parameters"}
        assert helps(simulator) == [{"version": "0.19.0"}]

    def test_exact_comparison_sends_what_differs_as_text(self, simulator, play, chat):
        play(id=chat, inference_engine_parameters=BOTH_WAYS[1], parameter_comparison="exact")

        assert len(simulator.writes()) == 1

    def test_a_help_that_fails_for_a_moment_is_asked_again(self, simulator, play, chat):
        simulator.misbehave("GET", "/ai/help/.*", status=503)
        simulator.misbehave("GET", "/ai/help/.*", kind="reset")

        result = play(id=chat, inference_engine_parameters=BOTH_WAYS[1])

        assert not result["changed"]
        assert simulator.writes() == []

    def test_what_the_api_shows_in_another_spelling_after_a_change_is_the_same(self, simulator, play, chat):
        simulator.respell_parameters = True

        result = play(id=chat, inference_engine_parameters=["--max-model-len=4096"])

        assert not result["failed"]
        assert result["deployment"]["inference_engine_parameters"] == ["--max-model-len", "4096"]
        assert len(simulator.writes()) == 1

    def test_without_the_help_only_what_is_safe_for_every_flag_is_the_same(self, simulator, play, chat):
        simulator.misbehave("GET", "/ai/help/.*", times=100, status=500)

        result = play(id=chat, inference_engine_parameters=["--max_model_len", "8192", "--enforce_eager"])
        other = play(check_mode=True, id=chat, inference_engine_parameters=BOTH_WAYS[1])

        assert not result["changed"]
        assert result["warnings"] == []
        assert other["changed"]
        assert "whether they mean the same cannot be told" in other["warnings"][0]


class TestValidation:
    @pytest.mark.parametrize("check_mode", [True, False])
    def test_a_mistyped_flag_fails_before_any_write_unless_told_otherwise(self, simulator, play, chat, check_mode):
        result = play(check_mode=check_mode, id=chat, inference_engine_parameters=["--max-model-length=4096"])

        assert result["failed"]
        assert not result["changed"]
        assert "the nearest that it has: --max-model-len" in result["msg"]
        assert "parameter_validation=warn" in result["msg"]
        assert result["errors"][0]["pointer"] == "--max-model-length"
        assert simulator.writes() == []

    @pytest.mark.parametrize("check_mode", [True, False])
    def test_a_flag_that_the_new_version_has_dropped_is_told_as_such(self, simulator, play, check_mode):
        old = simulator.add_deployment(
            name="old", inference_engine_version="0.16.0", inference_engine_parameters=["--num-lookahead-slots=1"]
        )

        result = play(check_mode=check_mode, id=old, inference_engine_version="0.19.0")

        assert result["failed"]
        assert "0.19.0 has no flag --num-lookahead-slots any more, which 0.16.0 has" in result["msg"]
        assert helps(simulator) == [{"version": "0.19.0"}, {"version": "0.16.0"}]
        assert simulator.writes() == []

    def test_an_upgrade_of_a_real_engine_names_what_it_has_dropped_and_what_is_nearest(self, simulator, play):
        old = simulator.add_deployment(
            name="old",
            inference_engine_version="0.12.0",
            inference_engine_parameters=["-tp", "2", "--cuda-graph-sizes", "1", "2", "--enable-prefix-caching"],
        )

        result = play(id=old, inference_engine_version="0.28.0")

        assert [error["pointer"] for error in result["errors"]] == ["--cuda-graph-sizes"]
        assert "no flag --cuda-graph-sizes any more" in result["msg"]
        assert "the nearest that it has: --cudagraph-capture-sizes" in result["msg"]

    def test_real_parameters_in_other_words_are_not_sent(self, simulator, play):
        shown = ["-tp", "2", "--served-model-name", "chat", "--gpu-memory-utilization=0.90", '--hf-overrides={"a":1}']
        declared = ["--hf_overrides.a=1", "--gpu-memory-utilization", "0.9", "--served-model-name=chat"]
        real = simulator.add_deployment(
            name="real", inference_engine_version="0.28.0", inference_engine_parameters=shown
        )

        result = play(id=real, inference_engine_parameters=[*declared, "--tensor-parallel-size=2"])

        assert not result["changed"]
        assert helps(simulator) == [{"version": "0.28.0"}]
        assert simulator.writes() == []

    def test_a_new_version_that_has_all_flags_needs_no_look_at_the_old_one(self, simulator, play, chat):
        result = play(id=chat, inference_engine_version="0.19.0")

        assert result["changed"]
        assert helps(simulator) == [{"version": "0.19.0"}]

    def test_a_short_flag_that_a_table_of_long_ones_lacks_is_a_warning(self, simulator, play, chat):
        simulator.set_help("0.18.0", [{"name": "seed", "flags": ["--seed"], "type": "integer"}])

        result = play(id=chat, inference_engine_parameters=["-xyz", "2"])

        assert result["changed"]
        assert ["no flag -xyz" in warning for warning in result["warnings"]] == [True]

    def test_a_mistyped_flag_is_a_warning_with_the_nearest_known_one(self, simulator, play, chat):
        result = play(id=chat, inference_engine_parameters=["--max-model-length=4096"], parameter_validation="warn")

        assert result["changed"]
        (warning,) = result["warnings"]
        assert "--max-model-length" in warning
        assert "--max-model-len" in warning

    @pytest.mark.parametrize("check_mode", [True, False])
    def test_strict_fails_before_any_write_with_all_findings(self, simulator, play, chat, check_mode):
        result = play(
            check_mode=check_mode,
            id=chat,
            inference_engine_parameters=["--max-model-length=1", "--dtype=float63", "--max-num-seqs", "--seed 3"],
            parameter_validation="strict",
        )

        assert result["failed"]
        assert not result["changed"]
        for flag in ("--max-model-length", "--dtype", "--max-num-seqs", "--seed"):
            assert flag in result["msg"]
        assert len(result["errors"]) == 4
        assert simulator.writes() == []

    def test_a_new_version_is_checked_under_the_parameters_that_are_there(self, simulator, play):
        old = simulator.add_deployment(
            inference_engine_version="0.16.0", inference_engine_parameters=["--disable-log-requests"]
        )

        result = play(id=old, inference_engine_version="0.19.0", parameter_validation="strict")

        assert result["failed"]
        assert "--disable-log-requests" in result["msg"]
        assert "0.19.0" in result["msg"]
        assert helps(simulator) == [{"version": "0.19.0"}, {"version": "0.16.0"}]
        assert simulator.writes() == []

    def test_a_new_version_without_parameters_is_looked_up(self, simulator, play):
        bare = simulator.add_deployment(inference_engine_version="0.16.0")

        play(id=bare, inference_engine_version="0.19.0")

        assert helps(simulator) == [{"version": "0.19.0"}]

    @pytest.mark.parametrize("check_mode", [True, False])
    @pytest.mark.parametrize(
        "options", [{}, {"inference_engine_parameters": ["--seed=1"]}, {"parameter_validation": "warn"}]
    )
    def test_a_version_that_does_not_exist_fails_before_any_write(self, simulator, play, chat, options, check_mode):
        result = play(check_mode=check_mode, id=chat, inference_engine_version="0.18.9", **options)

        assert result["failed"]
        assert result["status"] == 400
        assert "inference_engine_version 0.18.9 seems not to exist" in result["msg"]
        assert simulator.writes() == []

    def test_a_rename_is_not_checked(self, simulator, play, chat):
        play(id=chat, name="talk")

        assert helps(simulator) == []

    def test_none_does_not_check(self, simulator, play, chat):
        result = play(
            id=chat,
            inference_engine_parameters=["--nonsense"],
            parameter_validation="none",
            inference_engine_version="0.19.0",
            parameter_comparison="exact",
        )

        assert result["warnings"] == []
        assert helps(simulator) == []

    @pytest.mark.parametrize(
        "fault",
        [
            {"status": 500},
            {"status": 404},
            {"kind": "reset"},
            {"status": 200, "body": "<html>"},
            {"status": 200, "json": {}},
        ],
    )
    def test_a_help_that_does_not_answer_blocks_nothing_and_is_told(self, simulator, play, chat, clock, fault):
        simulator.misbehave("GET", "/ai/help/.*", times=100, **fault)

        result = play(id=chat, inference_engine_parameters=["--max-model-len=4096"])

        assert not result["failed"]
        assert result["changed"]
        assert "were not checked" in result["warnings"][-1]
        assert len(helps(simulator)) <= 6

    def test_a_help_that_does_not_answer_fails_a_strict_task(self, simulator, play, chat):
        simulator.misbehave("GET", "/ai/help/.*", times=100, status=500)

        result = play(id=chat, inference_engine_parameters=["--max-model-len=4096"], parameter_validation="strict")

        assert result["failed"]
        assert "were not checked" in result["msg"]
        assert simulator.writes() == []

    def test_a_creation_is_checked_too(self, simulator, play, chat):
        result = play(
            name="new",
            model="openai/gpt-oss-120b",
            gpu_type="gpua5000",
            gpu_count=1,
            replicas=1,
            inference_engine_parameters=["--nonsense"],
            parameter_validation="strict",
        )

        assert "--nonsense" in result["msg"]
        assert helps(simulator) == [{}]
        assert simulator.writes() == []

    def test_the_value_of_a_secret_flag_is_in_no_finding(self, play, chat):
        result = play(id=chat, inference_engine_parameters=["--api-keys=sentinel-value", "--hf-token sentinel-value"])

        assert len(result["errors"]) == 2
        assert "sentinel" not in str(result)
