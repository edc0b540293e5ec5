# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.exoscale.cloud.plugins.module_utils._engine.check import Predecessor, check
from ansible_collections.exoscale.cloud.plugins.module_utils._engine.flags import EngineHelp, parse_help
from ansible_collections.exoscale.cloud.tests.unit.plugins.module_utils._engine.engine_help_table import TABLE, entry

HELP = parse_help(TABLE)


def kinds(tokens, help_=HELP, **more):
    return [finding.kind for finding in check(tokens, help_, "0.19.0", **more)]


@pytest.mark.parametrize(
    "tokens",
    [
        [],
        ["--max-model-len", "8192", "-tp=2", "--enforce-eager"],
        ["--max_model_len=8k"],
        ["--max-model-len=1.5k"],
        ["--max-model-len=auto"],
        ["--max-model-len", "-1"],
        ["--no-enforce-eager"],
        ["--no_enforce_eager"],
        ["--block-size=16"],
        ["--gpu-memory-utilization", ".5"],
        ["--chat-template", "- {{ text }}"],
        ["--chat-template", "--- {{ text }}"],
        ["--chat-template", "--what follows"],
        ["--chat-template=--what"],
        ["--served-model-name", "a", "b", "-1"],
        ["--served-model-name=a", "--middleware", "a", "--middleware", "b"],
        ['--hf-overrides={"a": 1}'],
        ["--hf-overrides", "{}"],
        ["--hf_overrides.a_b.c", "x"],
        ["--hf-overrides.a", "-x"],
        ["--hf-overrides.a+=x"],
        ["-cc.mode=3"],
        ["-O3"],
        ["-O", "3"],
        ["-O.mode=3"],
        ["-O=3"],
        ["-O=decode"],
        ["-qawq"],
        ["--mystery"],
        ["--mystery", "x", "y"],
        ["--hf-overrides.a", "-0.5"],
        ["--gpu-memory-utilization=-0.5"],
        ["--max-model-len=AUTO"],
        ["--block-size=08"],
        ["--quantization=None"],
        ["--chat-template={% if --x %}"],
        ['--hf-overrides={"a": "--seed --dtype"}'],
    ],
    ids=str,
)
def test_nothing_is_found_in_what_is_right(tokens):
    assert check(tokens, HELP, "0.19.0") == []


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        (
            ["--max-modle-len=8192"],
            "Engine version 0.19.0 has no flag --max-modle-len; the nearest that it has: --max-model-len",
        ),
        (["--ghost"], "Engine version 0.19.0 has no flag --ghost"),
        (["--gosht.a=1"], "Engine version 0.19.0 has no flag --gosht.a"),
        (["-tp2"], "Engine version 0.19.0 has no flag -tp2"),
        (
            ["--no-max-num-seqs"],
            "Engine version 0.19.0 has no flag --no-max-num-seqs; the nearest that it has: --max-num",
        ),
        (["--max"], "--max can be any of --max-model-len, --max-num-seqs."),
        (["--max-model-len=many"], "The value 'many' of --max-model-len is not an integer."),
        (["--max-model-len", "1.5K"], "The value '1.5K' of --max-model-len is not an integer."),
        (["--max-num-seqs=auto"], "The value 'auto' of --max-num-seqs is not an integer."),
        (["--gpu-memory-utilization=90%"], "The value '90%' of --gpu-memory-utilization is not a number."),
        (["--hf-overrides={a: 1}"], "The value of --hf-overrides is not valid JSON."),
        (["--enforce-eager=true"], "--enforce-eager is a switch and takes no value."),
        (["--enforce-eager", "true"], "--enforce-eager is a switch and takes no value."),
        (["--max-num-seqs.a=1"], "--max-num-seqs.a sets a key of a JSON object, but --max-num-seqs takes an integer."),
        (["--dtype=fp16"], "The value 'fp16' of --dtype is none of auto, half, bfloat16."),
        (["--block-size", "8.0"], "The value '8.0' of --block-size is none of 8, 16."),
        (["--block-size", "9"], "The value '9' of --block-size is none of 8, 16."),
        (["--quantization"], "--quantization needs a value; a value that begins with a dash has to be joined: "),
        (["--quantization", "--enforce-eager"], "--quantization needs a value"),
        (["--hf-overrides.a"], "--hf-overrides.a needs a value."),
        (["--hf-overrides.a", "--enforce-eager"], "--hf-overrides.a needs a value."),
        (
            ["--max-model-len 8192"],
            "Item 1 holds --max-model-len and something behind a space, and reaches the engine as one word; "
            "write --max-model-len=8192.",
        ),
        (
            ["--max-model-len 8192 --enforce-eager --quantization=awq"],
            "Item 1 holds --max-model-len and something behind a space, and reaches the engine as one word; "
            "write --max-model-len=8192 and --enforce-eager and --quantization=awq, each as an item of its own.",
        ),
        (
            ["--hf-overrides '{\"a\": 1}' --enforce-eager"],
            "Item 1 holds --hf-overrides and something behind a space, and reaches the engine as one word; "
            'write --hf-overrides={"a": 1} and --enforce-eager, each as an item of its own.',
        ),
        (
            ["--served-model-name=a --enforce-eager"],
            "Item 1 holds several items; write --served-model-name=a and --enforce-eager, each as an item of its own.",
        ),
        (
            ["--served-model-name", "a --enforce-eager -tp 2"],
            "Item 2 holds several items; write a and --enforce-eager and -tp=2, each as an item of its own.",
        ),
        (
            ["serve chat --enforce-eager"],
            "Item 1 holds several items; write serve and chat and --enforce-eager, each as an item of its own.",
        ),
        *(
            (
                [text],
                f"Item 1 holds {text.split()[0]} and something behind a space, and reaches the engine as one word; "
                + advice,
            )
            for text, advice in (
                ('--hf-overrides {"a": "b c"}', 'write --hf-overrides={"a": "b c"}.'),
                (
                    '--hf-overrides = {"a":1} -tp 2',
                    'write --hf-overrides={"a":1} and -tp=2, each as an item of its own.',
                ),
                ("--gpu-memory-utilization -0.5", "write --gpu-memory-utilization=-0.5."),
                ("--max-model-len = 8192", "write --max-model-len=8192."),
                ("--enforce-eager true", "write --enforce-eager."),
                ("--chat-template C:\\dir\\x", "write --chat-template=C:\\dir\\x."),
                (
                    "--served-model-name a b -q awq",
                    "write --served-model-name and a and b and -q=awq, each as an item of its own.",
                ),
            )
        ),
        (["--enforce-eager", "--ghost x", "y"], "Item 2 holds --ghost and something behind a space"),
        (["-tp 2"], "Item 1 holds -tp and something behind a space, and reaches the engine as one word; write -tp=2."),
        (["max-model-len=8192"], "Item 1 lacks its dashes: the flag is --max-model-len=8192."),
        (["max_model_len=8192"], "Item 1 lacks its dashes: the flag is --max-model-len=8192."),
        (["max-model-len", "8192"], "Item 1 lacks its dashes: the flag is --max-model-len=8192."),
        (["served-model-name", "a", "b"], "Item 1 lacks its dashes: the flag is --served-model-name and a and b."),
        (["enforce-eager"], "Item 1 lacks its dashes: the flag is --enforce-eager."),
        (
            ['--hf-overrides={"a": 1} --max-num-seqs=4'],
            'Item 1 holds several items; write --hf-overrides={"a": 1} and --max-num-seqs=4, each as an item of its '
            "own.",
        ),
        (
            ["--max-num-seqs=4 --enforce-eager"],
            "Item 1 holds several items; write --max-num-seqs=4 and --enforce-eager, each as an item of its own.",
        ),
        (["-quantization", "awq"], "-quantization lacks a dash: write --quantization=awq."),
        (["-enforce_eager"], "-enforce_eager lacks a dash: write --enforce_eager."),
        (["-no-enforce-eager"], "-no-enforce-eager lacks a dash: write --no-enforce-eager."),
        (["-hf-overrides.a=1"], "-hf-overrides.a lacks a dash: write --hf-overrides.a=1."),
        (
            ["\u2014max-model-len=8192"],
            "Item 1 has a dash that is no hyphen, which word processors make: write --max-model-len=8192.",
        ),
        (
            ["\u2013max-model-len", "8192"],
            "Item 1 has a dash that is no hyphen, which word processors make: write --max-model-len=8192.",
        ),
        (
            ["\u2013\u2013enforce-eager"],
            "Item 1 has a dash that is no hyphen, which word processors make: write --enforce-eager.",
        ),
        (
            ["--served-model-name", "a", "\u2013tp"],
            "Item 3 has a dash that is no hyphen, which word processors make: write -tp.",
        ),
        (
            ["--max\u2011model\u2011len=8192"],
            "Item 1 has a dash that is no hyphen, which word processors make: write --max-model-len=8192.",
        ),
        (
            ["--gpu-memory-utilization", "-0.5"],
            "--gpu-memory-utilization needs its value in the same item, since it begins with a dash: "
            "write --gpu-memory-utilization=-0.5.",
        ),
        (
            ["--chat-template", "a", "b"],
            "--chat-template takes one value, so that item 3, behind it, belongs to no flag.",
        ),
        (["--dtype", "half", "half"], "--dtype takes one value, so that item 3, behind it, belongs to no flag."),
        (["--gpu-memory-utilization=None"], "The value 'None' of --gpu-memory-utilization is not a number."),
        (["--dtype=None"], "The value 'None' of --dtype is none of auto, half, bfloat16."),
        (["--max-num-seqs=4K"], "The value '4K' of --max-num-seqs is not an integer."),
        (["--dtype=half", "x"], "Item 2 belongs to no flag."),
    ],
    ids=str,
)
def test_an_error_is_found_and_said(tokens, message):
    (finding,) = check(tokens, HELP, "0.19.0")

    assert finding.message.startswith(message)
    assert finding.message.endswith(".")
    assert finding.severity == "error"


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        (["--max-model=8192"], "--max-model is short for --max-model-len; write that"),
        (["--max_model", "8192"], "--max_model is short for --max-model-len; write that"),
        (["--no-enf"], "--no-enf is short for --no-enforce-eager; write that"),
        (["--hf-o.a=1"], "--hf-o.a is short for --hf-overrides; write that"),
        (["--max-model-len="], "The value '' of --max-model-len is not an integer."),
        (["--max-model-len=None"], "The value 'None' of --max-model-len is not an integer."),
        (["--dtype=BFloat16"], "The value 'BFloat16' of --dtype is none of auto, half, bfloat16."),
        (["--hf-overrides=cuda"], "The value 'cuda' of --hf-overrides is not valid JSON."),
        (['--hf-overrides={"a": 8k}'], "The value of --hf-overrides is not valid JSON."),
        (["--hf-token"], "--hf-token needs a value"),
        (["--"], "Item 1 is --"),
        (
            ["--no-mystery"],
            "--no-mystery may not exist: the table lists the flag without --no-, and no opposite of it.",
        ),
        (["--max-num-seqs=None"], "The value 'None' of --max-num-seqs is not an integer."),
        (["--hf-overrides=4"], "The value '4' of --hf-overrides is not a JSON object."),
        (["--hf-overrides=[1]"], "The value of --hf-overrides is not a JSON object."),
        (["--model=x"], "Engine version 0.19.0 has no flag --model"),
        (["--task=None"], "--task has None in its table, but the engine refuses that word: leave the flag out."),
        (["--allowed-origins=['*']"], "The value of --allowed-origins is not valid JSON."),
    ],
    ids=str,
)
def test_what_the_engine_may_take_is_a_warning(tokens, message):
    (finding,) = check(tokens, HELP, "0.19.0")

    assert finding.message.startswith(message)
    assert finding.severity == "warning"


@pytest.mark.parametrize(
    ("tokens", "flag", "kind"),
    [
        (["--max_model_len=x"], "--max_model_len", "wrong_type"),
        (["--dtype=x"], "--dtype", "not_allowed"),
        (["--task=None"], "--task", "not_allowed"),
        (["--enforce_eager=1"], "--enforce_eager", "wrong_type"),
        (["--max-num-seqs"], "--max-num-seqs", "missing_value"),
        (["--max-num-seqs.a=1"], "--max-num-seqs.a", "wrong_type"),
        (["--hf-overrides.a"], "--hf-overrides.a", "missing_value"),
        (["--gpu-memory-utilization", "-0.5"], "--gpu-memory-utilization", "missing_value"),
        (["--chat-template", "a", "b"], "--chat-template", "stray"),
        (["--ghost=1"], "--ghost", "unknown_flag"),
        (["--max"], "--max", "ambiguous_flag"),
        (["--max-model=1"], "--max-model", "abbreviation"),
        (["--no-mystery"], "--no-mystery", "unknown_flag"),
        (["-quantization", "awq"], "-quantization", "one_dash"),
        (["\u2014max-model-len=8192"], "--max-model-len", "odd_dash"),
        (["--max-model-len 8"], "--max-model-len", "space"),
        (["--served-model-name", "a --enforce-eager"], "--served-model-name", "space"),
        (["x"], "", "stray"),
        (["max-num-seqs=1"], "", "stray"),
        (["--"], "", "stray"),
        (["serve x --enforce-eager"], "", "space"),
    ],
    ids=str,
)
def test_a_finding_tells_its_flag_as_it_was_written_and_its_kind(tokens, flag, kind):
    (finding,) = check(tokens, HELP, "0.19.0")

    assert (finding.flag, finding.kind) == (flag, kind)


def test_everything_is_found_at_once_in_order_and_only_once():
    tokens = ["--ghost", "--dtype=x", "--dtype=x", "--enforce-eager=1", "--max-num-seqs"]

    findings = check(tokens, HELP, "0.19.0")

    assert [(finding.flag, finding.kind) for finding in findings] == [
        ("--ghost", "unknown_flag"),
        ("--dtype", "not_allowed"),
        ("--enforce-eager", "wrong_type"),
        ("--max-num-seqs", "missing_value"),
    ]


def test_a_value_behind_an_abbreviation_is_checked_too():
    assert kinds(["--max-model=x"]) == ["abbreviation", "wrong_type"]


def test_a_flag_that_the_version_before_has_is_told_as_dropped():
    before = Predecessor("0.18.0", parse_help([*TABLE, entry("max-sequences", "integer"), entry("ghost", "string")]))

    findings = check(["--max-sequences=8", "--ghots=1", "--gho=1"], HELP, "0.19.0", before)

    assert findings[0].message == (
        "Engine version 0.19.0 has no flag --max-sequences any more, which 0.18.0 has and the new version has dropped; "
        "the nearest that it has: --max-num-seqs or --max-model-len."
    )
    assert [finding.message for finding in findings[1:]] == [
        "Engine version 0.19.0 has no flag --ghots; the nearest that it has: --task.",
        "Engine version 0.19.0 has no flag --gho; the module ai_engine_parameter_info lists its flags.",
    ]


@pytest.mark.parametrize(
    ("token", "nearest"),
    [("-acs=1", "-asc"), ("--api-sever-count.a.very.long.path.of.many.keys=1", "--api-server-count")],
)
def test_the_nearest_flag_has_as_many_dashes_and_no_keys(token, nearest):
    (finding,) = check([token], parse_help([entry("api-server-count", "json", "-asc")]), "0.19.0")

    assert finding.message.endswith(f"; the nearest that it has: {nearest}.")


def test_the_nearest_flags_are_looked_for_twenty_times():
    findings = check([f"--max-modle-len-{number}=1" for number in range(22)], HELP, "0.19.0")

    assert ["nearest" in finding.message for finding in findings] == [True] * 20 + [False] * 2


def test_of_many_flags_that_it_may_be_short_for_twelve_are_told():
    help_ = parse_help([entry(f"flag-{letter}", "integer") for letter in "abcdefghijklm"])

    (finding,) = check(["--flag=1"], help_, "0.19.0")

    assert finding.message == "--flag can be any of {}.".format(
        ", ".join(f"--flag-{letter}" for letter in "abcdefghijkl")
    )


@pytest.mark.parametrize(("words", "end"), [("abcdefghijkl", "k, l."), ("abcdefghijklm", "k, l, ….")])
def test_of_many_words_that_a_flag_takes_twelve_are_told(words, end):
    (finding,) = check(["--x=z"], parse_help([entry("x", "enum", **{"allowed-values": list(words)})]), "0.19.0")

    assert finding.message == f"The value 'z' of --x is none of a, b, c, d, e, f, g, h, i, j, {end}"


@pytest.mark.parametrize("kind", ["integer", "float", "json"])
def test_the_default_of_the_table_is_right_whatever_it_is(kind):
    help_ = parse_help([entry("x", kind, default="auto")])

    assert kinds(["--x=auto"], help_) == []
    assert kinds(["--x=other"], help_) == ["wrong_type"]


def test_a_default_that_is_how_python_shows_it_is_no_value():
    (finding,) = check(["--x=(1, 2)"], parse_help([entry("x", "integer", default="(1, 2)")]), "0.19.0")

    assert (finding.kind, finding.severity) == ("wrong_type", "warning")


def test_a_default_of_none_among_words_is_told():
    help_ = parse_help([entry("x", "enum", default="None", **{"allowed-values": ["a", "b"]})])

    (finding,) = check(["--x=None"], help_, "0.19.0")

    assert finding.message == "--x has None in its table, but the engine refuses that word: leave the flag out."


@pytest.mark.parametrize(
    ("value", "severity"), [("a-B", "warning"), ("A_B", "warning"), ("ab", "error"), ("axb", "error")]
)
def test_a_word_that_differs_by_case_or_dashes_is_a_warning(value, severity):
    help_ = parse_help([entry("x", "enum", **{"allowed-values": ["a_b", "c"]})])

    (finding,) = check([f"--x={value}"], help_, "0.19.0")

    assert finding.severity == severity


@pytest.mark.parametrize(
    ("token", "wanted"),
    [
        ("--max-num-seqs.a=1", "an integer"),
        ("--gpu-memory-utilization.a=1", "a number"),
        ("--dtype.a=1", "one of a few words"),
        ("--enforce-eager.a=1", "no value"),
    ],
)
def test_what_has_no_keys_is_told_with_what_it_takes_instead(token, wanted):
    (finding,) = check([token], HELP, "0.19.0")

    flag, _dot, _rest = token.partition(".")
    assert finding.message == f"{flag}.a sets a key of a JSON object, but {flag} takes {wanted}."


@pytest.mark.parametrize(("length", "severity"), [(4000, "warning"), (4001, "error")])
def test_sizes_inside_json_are_looked_for_up_to_a_length(length, severity):
    value = '{"a": 8k' + " " * (length - len('{"a": 8k}')) + "}"

    (finding,) = check(["--hf-overrides=" + value], HELP, "0.19.0")

    assert finding.severity == severity


@pytest.mark.parametrize("value", ["many", "4K", "1.5"])
def test_the_items_of_a_list_are_checked_where_the_table_tells_their_type(value):
    (finding,) = check(["--sizes", "1", value], parse_help([*TABLE, entry("sizes", "list:integer")]), "0.19.0")

    assert finding.message == f"The value '{value}' of --sizes is not an integer."


def test_a_size_is_a_warning_where_no_description_tells_which_flags_take_one():
    (finding,) = check(["--x=4K"], parse_help([entry("x", "integer")]), "0.19.0")

    assert (finding.kind, finding.severity) == ("wrong_type", "warning")


@pytest.mark.parametrize("kind", ["string", "integer"])
def test_a_second_value_is_a_warning_where_the_table_does_not_tell_which_flags_take_several(kind):
    (finding,) = check(["--x", "1", "2"], parse_help([entry("x", kind)]), "0.19.0")

    assert (finding.kind, finding.severity) == ("stray", "warning")


def test_several_flags_that_it_may_be_short_for_are_a_warning_where_the_table_may_lack_itself():
    (finding,) = check(["--max"], parse_help([*TABLE, {}]), "0.19.0")

    assert (finding.kind, finding.severity) == ("ambiguous_flag", "warning")


def test_a_stray_item_behind_the_value_of_a_flag_without_dashes_is_told():
    (lacks, stray) = check(["max-num-seqs", "8", "x"], HELP, "0.19.0")

    assert lacks.message == "Item 1 lacks its dashes: the flag is --max-num-seqs=8."
    assert stray.message == "Item 3 belongs to no flag."


def test_a_switch_without_dashes_takes_no_value():
    (lacks, stray) = check(["enforce-eager", "x"], HELP, "0.19.0")

    assert lacks.message == "Item 1 lacks its dashes: the flag is --enforce-eager."
    assert stray.message == "Item 2 belongs to no flag."


@pytest.mark.parametrize("tokens", [["\u2014pin={}"], ["\u2014pin", "{}"], ["pin={}"], ["pin", "{}"]], ids=str)
def test_a_corrected_form_of_a_flag_that_has_a_secret_name_beside_this_one_holds_no_secret(tokens):
    help_ = parse_help([entry("hf-token", "string", "--pin")])

    (finding,) = check([token.format(SECRET) for token in tokens], help_, "0.19.0")

    assert "--pin=…" in finding.message
    assert SECRET not in finding.message


def test_items_that_have_to_be_split_are_told_without_a_secret_whatever_the_name_of_its_flag():
    help_ = parse_help([entry("hf-token", "string", "--pin"), entry("enforce-eager", "boolean")])

    (finding,) = check([f"--pin {SECRET} --enforce-eager"], help_, "0.19.0")

    assert finding.message.endswith("write --pin=… and --enforce-eager, each as an item of its own.")


def test_what_is_near_a_long_flag_is_a_long_flag():
    (finding,) = check(["--asc=1"], parse_help([entry("api-server-count", "integer", "-asc")]), "0.19.0")

    assert "nearest" not in finding.message


def test_several_opposites_that_it_may_be_short_for_are_a_warning_where_the_table_lists_none_of_them():
    help_ = parse_help([{"flags": [flag], "type": "boolean"} for flag in ("--fast-a", "--fast-b")])

    (finding,) = check(["--no-fast"], help_, "0.19.0")

    assert (finding.kind, finding.severity) == ("ambiguous_flag", "warning")


def test_a_flag_of_one_letter_does_not_lack_a_dash():
    assert kinds(["-x=4"], parse_help([entry("x", "integer")])) == ["unknown_flag"]


def test_a_short_flag_is_a_warning_where_the_table_lists_none():
    (finding,) = check(["-xy=4"], parse_help([entry("x", "integer")]), "0.19.0")

    assert (finding.kind, finding.severity) == ("unknown_flag", "warning")


@pytest.mark.parametrize(
    "tokens",
    [
        ["--hf-token {} --enforce-eager"],
        ["--served-model-name=a --api-key {}"],
        ["--served-model-name=a --hf_tok={} --enforce-eager"],
        ["-hf-token={}"],
        ["-api-key", "{}"],
        ["\u2014hf-token={}"],
        ["hf-token={}"],
        ["--hf-token\t-{}"],
        ["-hf-token: -{}"],
        ['--hf-overrides \'{{"token": "{}"}}\' --enforce-eager'],
    ],
    ids=str,
)
def test_a_corrected_form_holds_no_secret(tokens):
    findings = check([token.format(SECRET) for token in tokens], HELP, "0.19.0")

    assert findings
    assert SECRET not in repr(findings)


def test_a_negation_that_the_help_does_not_list_is_known():
    help_ = parse_help([{"flags": ["--fast"], "type": "boolean"}])

    assert kinds(["--no-fast"], help_) == []
    assert kinds(["--no-fa"], help_) == ["abbreviation"]


def test_several_spellings_of_one_flag_are_not_ambiguous():
    assert kinds(["--ab=1"], parse_help([entry("abc", "integer", "--abd")])) == ["abbreviation"]


@pytest.mark.parametrize("help_", [None, EngineHelp(), parse_help([])], ids=["none", "empty", "parsed empty"])
def test_without_help_only_the_form_is_checked(help_):
    assert kinds(["--ghost", "x", "--max-model-len 8192", "--y=1", "z"], help_) == ["space", "stray"]


def test_a_help_that_was_not_understood_as_a_whole_makes_unknown_flags_a_warning():
    (finding,) = check(["--ghost"], parse_help([*TABLE, {}]), "0.19.0")

    assert (finding.kind, finding.severity) == ("unknown_flag", "warning")


@pytest.mark.parametrize("value", ["x" * 1000, "a b", "api-key=hidden", "--api-key hidden", "{}", "", "ü"])
def test_only_a_value_that_is_a_plain_word_is_shown(value):
    (finding,) = check(["--dtype=" + value], HELP, "0.19.0")

    assert finding.kind == "not_allowed"
    assert not value or value not in finding.message


def test_a_long_flag_is_cut():
    (finding,) = check(["--" + "x" * 1000], HELP, "0.19.0")

    assert len(finding.message) < 200


SECRET = "hidden-0123456789"
SECRET_FLAGS = ("--api-key", "--api_key", "--api-ke", "--apikey", "--hf-token", "--hf_tok", "--hf-tokn", "--hf-token.a")
OTHER_SECRET_FLAGS = (
    "--ssl-password",
    "--ghost-secret",
    "--x_token",
    "--password",
    "--Some-Token",
    "--pin-token",
    "-token",
)
STRICT = parse_help([*TABLE, entry("pin-token", "integer"), entry("x-token", "enum", **{"allowed-values": ["y"]})])
forms = st.sampled_from(
    [
        lambda flag, value: [f"{flag}={value}"],
        lambda flag, value: [flag, value],
        lambda flag, value: [f"{flag} {value}"],
        lambda flag, value: [flag, "known", value],
        lambda flag, value: [f"{flag}=x", value],
        lambda flag, value: [flag, "-" + value],
        lambda flag, value: [flag, "--" + value],
        lambda flag, value: [flag, "known", "-" + value],
        lambda flag, value: [flag, f"-{value} x"],
        lambda flag, value: [flag, f"-{value}=x"],
        lambda flag, value: [flag, "--dtype=x", value],
    ]
)
fillers = st.lists(
    st.sampled_from(["--ghost", "--dtype=x", "--enforce-eager", "--max-num-seqs", "z", "--dtype x"]), max_size=2
)


@settings(max_examples=400)
@given(fillers, st.sampled_from(SECRET_FLAGS + OTHER_SECRET_FLAGS), forms, fillers, st.sampled_from([HELP, STRICT]))
def test_no_finding_holds_a_secret(before, flag, form, after, help_):
    findings = check([*before, *form(flag, SECRET), *after], help_, "0.19.0")

    assert SECRET not in repr(findings)


def test_a_secret_that_begins_with_a_dash_is_explained():
    (missing, dash) = check(["--hf-token", "-" + SECRET], HELP, "0.19.0")

    assert missing.message.startswith("--hf-token needs a value")
    assert dash.message.startswith("The item after --hf-token begins with a dash")


def test_a_flag_after_a_secret_is_still_checked():
    assert kinds(["--hf-token", "abc", "--ghost"]) == ["unknown_flag"]


def test_a_flag_with_a_value_after_a_secret_is_still_checked():
    assert kinds(["--hf-token", "--dtype=half"]) == ["missing_value"]
    assert kinds(["--hf-token", "--dtype=fp16"]) == ["missing_value", "not_allowed"]


def test_a_misspelt_secret_flag_is_told_without_its_value():
    (finding,) = check([f"--hf-tkn {SECRET}"], HELP, "0.19.0")

    assert finding.message == (
        "Item 1 holds --hf-tkn and something behind a space, and reaches the engine as one word; write --hf-tkn=…."
    )


def test_what_stands_behind_a_joined_secret_is_no_part_of_it():
    assert kinds(["--hf-token=abc", "-ghost"]) == ["unknown_flag"]


@pytest.mark.parametrize(
    ("token", "write"),
    [
        ("--dtype half --served-model-name a b", "--dtype=half and --served-model-name and a and b, each as an item"),
        ("--dtype half --max-num-seqs", "--dtype=half and --max-num-seqs, each as an item"),
    ],
)
def test_an_item_that_holds_several_is_taken_apart(token, write):
    (finding,) = check([token], HELP, "0.19.0")

    assert f"write {write}" in finding.message


def test_what_follows_a_flag_without_dashes_that_has_its_value_is_told_too():
    assert kinds(["max-num-seqs=8", "x"]) == ["stray", "stray"]


def test_a_short_form_is_told_with_the_whole_flag():
    (finding,) = check(["--max-num-se=8"], HELP, "0.19.0")

    assert finding.message == (
        "--max-num-se is short for --max-num-seqs; write that, since the short form fails as soon as a second flag "
        "begins with it."
    )


@pytest.mark.parametrize(("flag", "severity"), [("--ghost", "error"), ("-g", "warning")])
def test_a_table_of_long_flags_may_lack_short_ones_only(flag, severity):
    (finding,) = check([flag], parse_help([entry("seed", "integer")]), "0.19.0")

    assert (finding.kind, finding.severity) == ("unknown_flag", severity)


@pytest.mark.parametrize("value", [' {"a": }', '{"a": 8k', '{"a": 8k, "b": }'])
def test_an_object_that_is_broken_is_an_error_whatever_else_is_odd_about_it(value):
    (finding,) = check(["--hf-overrides=" + value], HELP, "0.19.0")

    assert (finding.kind, finding.severity) == ("wrong_type", "error")


def test_json_that_is_too_deep_to_be_read_is_left_to_the_engine():
    assert kinds(["--hf-overrides=" + '{"a":' * 100_000 + "1" + "}" * 100_000]) == []


def test_a_secret_that_begins_like_a_negative_number_is_not_shown():
    (joined,) = check(["--hf-token", "-1" + SECRET], HELP, "0.19.0")

    assert joined.message == (
        "--hf-token needs its value in the same item, since it begins with a dash: write --hf-token=…."
    )
