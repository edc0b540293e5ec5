# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Engine parameters and versions."""

from __future__ import annotations

from ansible_collections.exoscale.cloud.tests.unit.plugins.module_utils._engine.engine_help_table import TABLE, entry

from .stage import OLD, WHOLE, plays

PARAMETERS = "inference_engine_parameters"
HELP = "/ai/help/.+"
SWITCH_WITHOUT_OPPOSITE = {"flags": ["--only-on"], "type": "boolean", "name": "only-on"}
TOKENS = {
    "behind a space, and reaches the engine as one word; write <flag>": ["--hf-token x"],
    "as one word; write <items>": ["--served-model-name a b"],
    "lacks its dashes": ["enforce-eager"],
    "is --, behind which the engine looks for no flags": ["--"],
    "holds several items": ["x --enforce-eager"],
    "Item <number> belongs to no flag": ["stray"],
    "has a dash that is no hyphen": ["\u2013enforce-eager"],
    "<flag> lacks a dash": ["-enforce-eager"],
    "is a switch and takes no value": ["--enforce-eager=1"],
    "<flag> needs a value; a value that begins with a dash": ["--max-num-seqs"],
    "<flag> needs a value.": ["--compilation-config.level"],
    "needs its value in the same item": ["--gpu-memory-utilization", "-0.5"],
    "begins with a dash, so that the engine takes it for a flag": ["--api-key", "-abc"],
    "takes one value, so that item": ["--max-num-seqs", "1", "2"],
    "sets a key of a JSON object, but <flag> takes an integer": ["--max-num-seqs.a=1"],
    "takes one of a few words": ["--dtype.a=1"],
    "is short for": ["--enforce-ea"],
    "may not exist": ["--no-only-on"],
    "can be any of": ["--max"],
    "has no flag <flag>; the nearest that it has": ["--max-model-lenn=1"],
    "has None in its table": ["--task=None"],
    "is none of": ["--dtype=x"],
    "of <flag> is not an integer": ["--max-num-seqs=x"],
    "of <flag> is not a number": ["--gpu-memory-utilization=x"],
    "of <flag> is not valid JSON": ["--hf-overrides={x"],
}


def of_tokens(tokens):
    def scenario(stage):
        stage.simulator.set_help(OLD, [*TABLE, SWITCH_WITHOUT_OPPOSITE])
        return stage.play(id=stage.deployment(), **{PARAMETERS: tokens})

    return scenario


for words, given in TOKENS.items():
    plays(words)(of_tokens(given))


@plays("of <flag> is not a JSON object")
def a_text_where_the_default_is_an_object(stage):
    stage.simulator.set_help(OLD, [entry("overrides", "json", default="{}")])
    return stage.play(id=stage.deployment(), **{PARAMETERS: ["--overrides=5"]})


@plays("the engine would refuse its parameters")
def parameters_that_the_engine_would_refuse(stage):
    return stage.play(id=stage.deployment(), **{PARAMETERS: ["--nope=1"]})


@plays("lists its flags")
def a_flag_that_is_like_no_other(stage):
    return stage.play(id=stage.deployment(), **{PARAMETERS: ["--qqqqqqqqqqqqq=1"]})


@plays("any more, which <version> has and the new version has dropped")
def a_flag_that_the_new_version_has_dropped(stage):
    chat = stage.deployment(inference_engine_version="0.16.0")
    return stage.update(chat, **{PARAMETERS: ["--num-lookahead-slots=1"]})


@plays("Engine version that the API chooses has no flag")
def a_creation_without_version(stage):
    stage.simulator.add_model(WHOLE["model"])
    return stage.play(name="chat", **WHOLE, **{PARAMETERS: ["--nope=1"]})


@plays("seems not to exist")
def a_version_that_does_not_exist(stage):
    return stage.play(id=stage.deployment(), inference_engine_version="9.9.9")


@plays("were not checked, because the help cannot be read")
def a_help_that_cannot_be_read(stage):
    stage.simulator.misbehave("GET", HELP, times=100, status=503)
    return stage.update()


@plays("were not checked, because the help lists no parameters")
def a_help_without_parameters(stage):
    stage.simulator.set_help(OLD, [])
    return stage.play(id=stage.deployment(), **{PARAMETERS: ["--seed=1"]})


@plays("were not checked, because the API does not show the engine's version")
def a_version_that_is_not_shown(stage):
    stage.simulator.hidden_fields = ("inference-engine-version",)
    return stage.play(id=stage.deployment(), **{PARAMETERS: ["--seed=1"]})


@plays("With parameter_validation=error the change goes ahead")
def a_check_that_must_be_possible(stage):
    stage.simulator.misbehave("GET", HELP, times=100, status=503)
    return stage.update(parameter_validation="strict")


@plays("cannot be told, because the help of the engine cannot be read: <reason>")
def two_spellings_without_help(stage):
    stage.simulator.misbehave("GET", HELP, times=100, status=503)
    chat = stage.deployment(inference_engine_parameters=["--seed=1"])
    return stage.play(id=chat, **{PARAMETERS: ["--seed", "1"]})


@plays("wait_timeout has passed before it was certain that the engine's flags cannot be read")
def two_spellings_without_time_for_the_help(stage):
    stage.simulator.misbehave("GET", HELP, times=100, status=503)
    chat = stage.deployment(inference_engine_parameters=["--seed=1"])
    return stage.play(id=chat, **{PARAMETERS: ["--seed", "1"]}, wait_timeout=1)


@plays("the answer lists no parameters that can be understood")
def two_spellings_with_an_empty_help(stage):
    stage.simulator.set_help(OLD, [])
    chat = stage.deployment(inference_engine_parameters=["--seed=1"])
    return stage.play(id=chat, **{PARAMETERS: ["--seed", "1"]})


@plays("cannot be told, because the API does not show the engine's version")
def two_spellings_for_a_version_that_is_not_shown(stage):
    stage.simulator.hidden_fields = ("inference-engine-version",)
    chat = stage.deployment(inference_engine_parameters=["--seed=1"])
    return stage.play(id=chat, **{PARAMETERS: ["--seed", "1"]})
