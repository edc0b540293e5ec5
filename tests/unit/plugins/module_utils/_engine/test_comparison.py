# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.exoscale.cloud.plugins.module_utils._engine.comparison import same_meaning
from ansible_collections.exoscale.cloud.plugins.module_utils._engine.flags import EngineHelp, parse_help
from ansible_collections.exoscale.cloud.tests.unit.plugins.module_utils._engine.engine_help_table import TABLE, entry

HELP = parse_help(TABLE)
DEEP = "[" * 100_000

SAME = {
    "equal text": (["--ghost", "-x", "--"], ["--ghost", "-x", "--"]),
    "nothing": ([], []),
    "two items and one": (["--max-model-len", "8192"], ["--max-model-len=8192"]),
    "two items and one, negative integer": (["--max-model-len", "-1"], ["--max-model-len=-1"]),
    "two items and one, value with =": (["--chat-template", "a=b"], ["--chat-template=a=b"]),
    "two items and one, blank in the value": (["--chat-template", "a b"], ["--chat-template=a b"]),
    "two items and one, empty value": (["--quantization", ""], ["--quantization="]),
    "two items and one, short flag": (["-tp", "2"], ["-tp=2"]),
    "underscores": (["--max_model_len=1"], ["--max-model-len=1"]),
    "underscores of a switch": (["--no_enforce_eager"], ["--no-enforce-eager"]),
    "underscores of a flag that is not known": (["--ghost_flag=a_b"], ["--ghost-flag=a_b"]),
    "underscores before the dot": (["--hf_overrides.a_b", "1"], ["--hf-overrides.a_b=1"]),
    "alias": (["-tp", "2"], ["--tensor-parallel-size=2"]),
    "alias of a JSON flag": (["-cc", '{"a":1}'], ['--compilation-config={"a": 1}']),
    "order": (["--dtype=half", "--enforce-eager", "-tp", "2"], ["-tp", "2", "--dtype", "half", "--enforce-eager"]),
    "order of lists": (
        ["--served-model-name", "a", "b", "--dtype=half"],
        ["--dtype=half", "--served-model-name", "a", "b"],
    ),
    "order between flags that are not known": (
        ["--ghost", "x", "--dtype=half", "-tp=2", "--gost"],
        ["--ghost", "x", "-tp=2", "--dtype=half", "--gost"],
    ),
    "an integer given twice": (["--max-num-seqs=2", "--max-num-seqs", "2"], ["--max-num-seqs=2"]),
    "a number in another form": (["--gpu-memory-utilization=0.9"], ["--gpu-memory-utilization", "0.90"]),
    "a number with an exponent": (["--gpu-memory-utilization=9e-1"], ["--gpu-memory-utilization=.9"]),
    "a list of which the type names the items": (
        ["--collect-detailed-traces", "all"],
        ["--collect_detailed_traces=all"],
    ),
    "a JSON list where the default is one": (["--allowed-origins", '["a","b"]'], ['--allowed-origins=["a", "b"]']),
    "JSON given twice": (['--hf-overrides={"a":1}', '--hf-overrides={"a": 1}'], ['--hf-overrides={"a":1}']),
    "the same spelling of a switch with opposites": (["--disable_log"], ["--disable-log"]),
    "one item of a list": (["--served-model-name", "a"], ["--served-model-name=a"]),
    "the last of a number wins": (
        ["--gpu-memory-utilization=0.8", "--gpu-memory-utilization=0.9"],
        ["--gpu-memory-utilization=0.9"],
    ),
    "the last of a choice wins": (["--dtype=auto", "--dtype=half"], ["--dtype", "half"]),
    "the last of a switch wins": (["--enforce-eager", "--no-enforce-eager"], ["--no-enforce-eager"]),
    "repeated in the same order": (["--quantization=a", "-q=b"], ["-q", "a", "--quantization", "b"]),
    "appending in the same order": (
        ["--middleware", "a", "--middleware", "b", "--dtype=half"],
        ["--dtype=half", "--middleware", "a", "--middleware", "b"],
    ),
    "JSON with blanks": (["--hf-overrides", '{ "a": [1, 2] }'], ['--hf-overrides={"a":[1,2]}']),
    "JSON with other order of keys": (['--hf-overrides={"a":1,"b":2}'], ['--hf-overrides={"b":2,"a":1}']),
    "JSON with an escape": (['--hf-overrides={"a":"\\u00e9"}'], ['--hf-overrides={"a":"é"}']),
    "dotted and JSON": (["--hf-overrides.a", "1"], ['--hf-overrides={"a":1}']),
    "dotted and JSON, text": (["--hf-overrides.a=x"], ['--hf-overrides={"a":"x"}']),
    "dotted and JSON, nested": (
        ["--hf-overrides.a.b=1", "--hf-overrides.a.c=2"],
        ['--hf-overrides={"a":{"b":1,"c":2}}'],
    ),
    "dotted in another order": (
        ["--hf-overrides.a=1", "--hf-overrides.b=2"],
        ["--hf-overrides.b=2", "--hf-overrides.a=1"],
    ),
    "dotted in another order beside what is not known": (
        ["--ghost", "--hf-overrides.a=1", "--hf-overrides.b=2"],
        ["--ghost", "--hf-overrides.b=2", "--hf-overrides.a=1"],
    ),
    "JSON behind a space": (['--hf-overrides= {"a":1}'], ['--hf-overrides= {"a": 1}']),
    "a dotted list and JSON": (["--hf-overrides.a+=x"], ['--hf-overrides={"a":["x"]}']),
    "dotted lists in another order": (
        ["--hf-overrides.a+=x,y", "--hf-overrides.b.c=1", "--hf-overrides.b.d+", "z"],
        ["--hf-overrides.b.d+=z", "--hf-overrides.a+", "x,y", "--hf-overrides.b.c", "1"],
    ),
    "a dotted list in parts": (["--hf-overrides.a+=x", "--hf-overrides.a+", "y,z"], ["--hf-overrides.a+=x,y,z"]),
    "a dotted list in parts and JSON": (
        ["--hf-overrides.a+=x", '--hf-overrides.a=["y"]', "--hf-overrides.b=1"],
        ['--hf-overrides={"b":1,"a":["x","y"]}'],
    ),
    "-O3 among others": (["-O3", "--dtype=half", "-tp=2"], ["--tensor-parallel-size", "2", "--dtype=half", "-O3"]),
    "-O=3 around a dotted key of another flag": (
        ["-O=3", "--hf-overrides.a=1", "--hf-overrides.b=2"],
        ['--hf-overrides={"b":2,"a":1}', "-O=3"],
    ),
    "dotted with an alias": (["-cc.a=1"], ["--compilation-config.a", "1"]),
    "dotted with a negative number": (["--hf-overrides.a", "-0.5"], ["--hf-overrides.a=-0.5"]),
    "negation that the help does not list": (["--fast", "--no-quick"], ["--no-quick", "--fast"]),
}

DIFFERENT = {
    "an item after a value with =": (["--dtype=half", "x"], ["--dtype=half"]),
    "something and nothing": (["--enforce-eager"], []),
    "value": (["--max-model-len=1"], ["--max-model-len=2"]),
    "flag": (["--max-model-len=1"], ["--max-num-seqs=1"]),
    "a blank inside one item": (["--max-model-len 8192"], ["--max-model-len", "8192"]),
    "a blank inside one item, underscores": (["--max_model_len 8192"], ["--max-model-len 8192"]),
    "value with a dash": (["--quantization", "-x"], ["--quantization=-x"]),
    "value like a negative fraction, which the engine takes for a dotted key": (
        ["--gpu-memory-utilization", "-0.5"],
        ["--gpu-memory-utilization=-0.5"],
    ),
    "value like a flag": (["--quantization", "--enforce-eager"], ["--quantization=--enforce-eager"]),
    "the last of an integer, which may have to be one of a few": (
        ["--max-num-seqs=1", "--max-num-seqs=2"],
        ["--max-num-seqs=2"],
    ),
    "list in one item and what follows": (["--served-model-name=a", "b"], ["--served-model-name", "a", "b"]),
    "order inside a list": (["--served-model-name", "a", "b"], ["--served-model-name", "b", "a"]),
    "underscores in a value": (["--quantization=a_b"], ["--quantization=a-b"]),
    "underscores in a dotted key": (["--hf-overrides.a_b=1"], ["--hf-overrides.a-b=1"]),
    "underscores of a short flag": (["-c_c"], ["-c-c"]),
    "alias that the help does not list": (["-pp", "2"], ["--pipeline-parallel-size=2"]),
    "alias that the help does not list, for a flag that it does": (["-mml=1"], ["--max-model-len=1"]),
    "-O is never an alias": (["-O", '{"a":1}'], ['--compilation-config={"a":1}']),
    "-O3": (["-O3"], ["--compilation-config=3"]),
    "-O3 and -O 3": (["-O3"], ["-O", "3"]),
    "-O3 around its other spelling": (["-O3", "--compilation-config=1"], ["--compilation-config=1", "-O3"]),
    "-O3 and -O2": (["-O3", "-O2"], ["-O2", "-O3"]),
    "-O3 and -O=3": (["-O3"], ["-O=3"]),
    "-O3 around the level": (["-O3", "--optimization-level=1"], ["--optimization-level=1", "-O3"]),
    "a dotted list twice": (
        ["--hf-overrides.a+=x", "--hf-overrides.a+=y"],
        ["--hf-overrides.a+=y", "--hf-overrides.a+=x"],
    ),
    "a dotted list around another value": (
        ["--hf-overrides.a+=x", "--hf-overrides.a=1", "--hf-overrides.a+=y"],
        ["--hf-overrides.a+=x,y", "--hf-overrides.a=1"],
    ),
    "a dotted list and its key": (
        ["--hf-overrides.a+=x", '--hf-overrides.a=["y"]'],
        ['--hf-overrides.a=["y"]', "--hf-overrides.a+=x"],
    ),
    "a dotted list inside another key": (
        ["--hf-overrides.a+=x", "--hf-overrides.a.b=1"],
        ["--hf-overrides.a.b=1", "--hf-overrides.a+=x"],
    ),
    "-O.mode": (["-O.mode=3"], ["--compilation-config.mode=3"]),
    "abbreviation": (["--max-model=1"], ["--max-model-len=1"]),
    "abbreviation around its flag": (["--max-model=1", "--max-model-len=2"], ["--max-model-len=2", "--max-model=1"]),
    "order around a flag that is not known": (["--ghost", "--dtype=half"], ["--dtype=half", "--ghost"]),
    "order around a flag of unknown type": (["--mystery", "x", "--dtype=half"], ["--dtype=half", "--mystery", "x"]),
    "form of a flag that is not known": (["--ghost", "x"], ["--ghost=x"]),
    "form of a flag of unknown type": (["--mystery", "x"], ["--mystery=x"]),
    "repeated scalars in another order": (["-tp=1", "-tp=2"], ["-tp=2", "-tp=1"]),
    "a repeated scalar that the engine refuses": (["-tp=x", "-tp=2"], ["-tp=2"]),
    "a repeated choice that the engine refuses": (["--dtype=x", "--dtype=half"], ["--dtype=half"]),
    "a repeated number that is not allowed": (["--block-size=9", "--block-size=8"], ["--block-size=8"]),
    "a repeated string, as it may append": (["--quantization=a", "--quantization=b"], ["--quantization=b"]),
    "appending once and twice": (["--middleware", "a", "--middleware", "b"], ["--middleware", "b"]),
    "appending in another order": (
        ["--middleware", "a", "--middleware", "b"],
        ["--middleware", "b", "--middleware", "a"],
    ),
    "a list twice and at once": (
        ["--served-model-name", "a", "--served-model-name", "b"],
        ["--served-model-name", "a", "b"],
    ),
    "sizes": (["--max-model-len=8k"], ["--max-model-len=8K"]),
    "size and number": (["--max-model-len=8k"], ["--max-model-len=8000"]),
    "no- and omitted": (["--no-enforce-eager"], []),
    "no- and plain": (["--no-enforce-eager"], ["--enforce-eager"]),
    "default and omitted": (["--gpu-memory-utilization=0.9"], []),
    "None and omitted": (["--quantization=None"], []),
    "opposites of one switch": (["--enable-log"], ["--disable-log"]),
    "what may mean the opposite of an opposite": (["--enable-log"], ["--no-disable-log"]),
    "None before another choice": (["--task=None", "--task=auto"], ["--task=auto"]),
    "nothing before another choice": (["--task=", "--task=auto"], ["--task=auto"]),
    "a JSON list where the default is none": (["--hf-overrides=[1,2]"], ["--hf-overrides=[1, 2]"]),
    "text that is JSON by chance": (["--hf-overrides=1e2"], ["--hf-overrides=100.0"]),
    "text given twice, which a flag may collect": (["-q=a", "-q=a"], ["-q=a"]),
    "a list given twice": (["--served-model-name=a", "--served-model-name=a"], ["--served-model-name=a"]),
    "an integer in another form": (["--max-num-seqs=8"], ["--max-num-seqs=08"]),
    "switch with a value": (["--enforce-eager=true"], ["--enforce-eager"]),
    "switch with a value in two items": (["--enforce-eager", "true"], ["--enforce-eager=true"]),
    "switches in another order": (["--enforce-eager", "--no-enforce-eager"], ["--no-enforce-eager", "--enforce-eager"]),
    "JSON value": (['--hf-overrides={"a":1}'], ['--hf-overrides={"a":2}']),
    "JSON array order": (['--hf-overrides={"a":[1,2]}'], ['--hf-overrides={"a":[2,1]}']),
    "JSON integer and fraction": (['--hf-overrides={"a":1}'], ['--hf-overrides={"a":1.0}']),
    "JSON integer and boolean": (['--hf-overrides={"a":1}'], ['--hf-overrides={"a":true}']),
    "JSON with a key twice": (['--hf-overrides={"a":1,"a":2}'], ['--hf-overrides={"a":2}']),
    "JSON that is none": (["--hf-overrides={a"], ["--hf-overrides={a "]),
    "JSON with NaN": (['--hf-overrides={"a":NaN}'], ['--hf-overrides={"a": NaN}']),
    "JSON beyond reason": (["--hf-overrides=" + DEEP], ["--hf-overrides=" + DEEP + " "]),
    "JSON in a string flag": (['--chat-template={"a":1}'], ['--chat-template={"a": 1}']),
    "dotted number and JSON text": (["--hf-overrides.a=1"], ['--hf-overrides={"a":"1"}']),
    "dotted size, which versions read differently": (["--hf-overrides.a=8k"], ['--hf-overrides={"a":"8k"}']),
    "dotted number, which versions read differently": (["--hf-overrides.a=007"], ['--hf-overrides={"a":"007"}']),
    "dotted NaN": (["--hf-overrides.a=NaN"], ['--hf-overrides={"a":"NaN"}']),
    "dotted beside JSON": (["--hf-overrides.a=1", '--hf-overrides={"b":1}'], ['--hf-overrides={"a":1,"b":1}']),
    "dotted of two spellings": (["-cc.a=1", "--compilation-config.b=2"], ['--compilation-config={"a":1,"b":2}']),
    "dotted of two spellings in another order": (
        ["-cc.a=1", "--compilation-config.b=2"],
        ["--compilation-config.b=2", "-cc.a=1"],
    ),
    "dotted beside a flag that is not known": (
        ["--hf-overrides.a=1", "--ghost"],
        ['--hf-overrides={"a":1}', "--ghost"],
    ),
    "dotted twice": (["--hf-overrides.a=1", "--hf-overrides.a=2"], ["--hf-overrides.a=2", "--hf-overrides.a=1"]),
    "dotted over its own branch": (
        ["--hf-overrides.a=1", "--hf-overrides.a.b=2"],
        ["--hf-overrides.a.b=2", "--hf-overrides.a=1"],
    ),
    "dotted of a string flag": (["--chat-template.a=1"], ['--chat-template={"a":1}']),
    "dotted without a value": (["--hf-overrides.a"], ["--hf-overrides.a="]),
    "value in front": (["x", "--dtype=half"], ["--dtype=half", "x"]),
    "two values of a scalar": (["--dtype", "half", "x", "-tp=2"], ["-tp=2", "--dtype", "half", "x"]),
    "behind --": (["--dtype=half", "--", "-tp=2"], ["-tp=2", "--", "--dtype=half"]),
    "an item that a list may swallow": (
        ["-tp=1", "--served-model-name", "a", "--ghost=x y"],
        ["--served-model-name", "a", "-tp=1", "--ghost=x y"],
    ),
    "the engine looks for --config by itself": (["--config", "a.yml"], ["--config=a.yml"]),
    "negation that may be an abbreviation": (["--fast", "--no-fast"], ["--no-fast"]),
}

EXTRA = parse_help(
    [
        *TABLE,
        {"name": "fast", "flags": ["--fast"], "type": "boolean"},
        {"name": "quick", "flags": ["--quick"], "type": "boolean"},
        {"name": "no-fastness", "flags": ["--no-fastness"], "type": "string"},
        entry("config", "string"),
    ]
)


@pytest.mark.parametrize(("current", "desired"), SAME.values(), ids=SAME)
def test_same(current, desired):
    assert same_meaning(current, desired, EXTRA)
    assert same_meaning(desired, current, EXTRA)


@pytest.mark.parametrize(("current", "desired"), DIFFERENT.values(), ids=DIFFERENT)
def test_different(current, desired):
    assert not same_meaning(current, desired, EXTRA)
    assert not same_meaning(desired, current, EXTRA)


@pytest.mark.parametrize("help_", [None, EngineHelp()], ids=["no help", "empty help"])
@pytest.mark.parametrize(("current", "desired"), SAME.values(), ids=SAME)
def test_without_help_only_dashes_and_underscores_are_alike(current, desired, help_):
    flags = [
        [item.partition("=")[0].partition(".")[0].replace("_", "-") for item in side] for side in (current, desired)
    ]
    alike_but_for_underscores = flags[0] == flags[1] and len(current) == len(desired)
    same_rest = [item.partition("=")[2] for item in current] == [item.partition("=")[2] for item in desired]

    assert same_meaning(current, desired, help_) == (alike_but_for_underscores and same_rest)


def test_a_flag_such_as_minus_one_makes_negative_numbers_flags():
    help_ = parse_help([*TABLE, {"name": "one", "flags": ["-1"], "type": "boolean"}])

    assert not same_meaning(["--max-model-len", "-1"], ["--max-model-len=-1"], help_)


def test_a_flag_that_two_entries_claim_is_certain_of_neither():
    help_ = parse_help([entry("a", "json", "--c"), entry("b", "integer", "--c"), entry("d", "integer")])

    for flag in ("--a", "--b", "--c"):
        assert not same_meaning([flag, "1"], [flag + "=1"], help_)
    assert same_meaning(["--d", "1"], ["--d=1"], help_)


@pytest.mark.parametrize(
    ("one", "other"),
    [("--x", "--no-x"), ("--enable-x", "--disable-x"), ("--x", "--disable-x"), ("--no-enable-x", "--enable-x")],
)
def test_entries_that_may_oppose_each_other_keep_their_order(one, other):
    help_ = parse_help([{"name": flag, "flags": [flag], "type": "boolean"} for flag in (one, other)])

    assert not same_meaning([one, other], [other, one], help_)


def test_entries_of_one_name_keep_their_order():
    help_ = parse_help([{"name": "x", "flags": [flag], "type": "integer"} for flag in ("--a", "--b")])

    assert not same_meaning(["--a=1", "--b=1"], ["--b=1", "--a=1"], help_)


def test_a_default_that_is_a_list_makes_a_list_flag():
    help_ = parse_help([entry("sizes", "integer", default="[1, 2]")])

    assert not same_meaning(["--sizes=1", "--sizes=2"], ["--sizes=2"], help_)


def test_what_may_set_the_same_as_a_short_optimization_keeps_its_place():
    help_ = parse_help(
        [entry("optimization-level", "integer"), entry("compilation-config", "json", "-cc"), entry("seed", "integer")]
    )

    for other in ("--optimization-level=1", "-cc.mode=1"):
        assert not same_meaning(["-O3", other], [other, "-O3"], help_)
    assert same_meaning(["-O3", "--seed=1"], ["--seed=1", "-O3"], help_)


@pytest.mark.parametrize("optimization", [["-O", "3", "x"], ["-O3", "x"]])
def test_a_value_behind_an_optimization_may_be_one_of_the_flag_before(optimization):
    assert not same_meaning([*optimization, "-tp", "2"], [*optimization, "-tp=2"], EXTRA)
