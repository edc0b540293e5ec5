# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The redactor: every spelling of a secret goes, and nothing else."""

from __future__ import annotations

import datetime
import html
import json
import re
import threading
import time
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ansible_collections.exoscale.cloud.plugins.module_utils._api.errors import InvalidInput
from ansible_collections.exoscale.cloud.plugins.module_utils._api.problem import read_problem
from ansible_collections.exoscale.cloud.plugins.module_utils._engine.secret_names import is_secret_name
from ansible_collections.exoscale.cloud.plugins.module_utils._task import redaction
from ansible_collections.exoscale.cloud.plugins.module_utils._task.options import Declaration
from ansible_collections.exoscale.cloud.plugins.module_utils._task.redaction import Redactor
from ansible_collections.exoscale.cloud.plugins.module_utils._task.run import paragraph, presentable, run_task

AWKWARD = [
    "plain-sentinel",
    'quo"te-sentinel',
    "apos'trophe-sentinel",
    "both\"and'-sentinel",
    "back\\slash-sentinel",
    "tab\tbed-sentinel",
    "two  spaces-sentinel",
    "line\nbreak-sentinel",
    "ümlaut-sentinel",
    "per%cent-sentinel",
    "{brace}-sentinel",
    " blank-sentinel ",
    "slash/sentinel",
    "plus+sentinel",
    "base64/of+a/sentinel",
    "am&per<sand>-sentinel",
    "🔑key-sentinel",
]
SPELLINGS = {
    "as it is": str,
    "repr": repr,
    "ascii": ascii,
    "list": lambda secret: repr(["a", secret]),
    "json": json.dumps,
    "json in unicode": lambda secret: json.dumps(secret, ensure_ascii=False),
    "json in json": lambda secret: json.dumps(json.dumps(secret)),
    "json in repr": lambda secret: repr(json.dumps(secret)),
    "folded": paragraph,
    "folded repr": lambda secret: repr(paragraph(secret)),
    "url": lambda secret: quote(secret, safe=""),
    "url in lower case": lambda secret: re.sub("%..", lambda code: code.group().lower(), quote(secret, safe="")),
    "url twice": lambda secret: quote(quote(secret, safe=""), safe=""),
    "json three times": lambda secret: json.dumps(json.dumps(json.dumps(secret))),
    "json with escaped slashes": lambda secret: json.dumps(secret).replace("/", "\\/"),
    "json as Go writes it": lambda secret: json.dumps(secret).replace("&", "\\u0026").replace("<", "\\u003c"),
    "html": html.escape,
    "html entities": lambda secret: "".join(f"&#{ord(c)};" if not c.isalnum() else c for c in secret),
    "line ends of Windows": lambda secret: secret.replace("\n", "\r\n"),
    "UTF-8 read as Latin-1": lambda secret: secret.encode().decode("latin-1"),
    "bytes": lambda secret: repr(secret.encode()),
    "upper case": str.upper,
    "a form, decoded": lambda secret: secret.replace("+", " "),
    "base64 for URLs": lambda secret: secret.replace("+", "-").replace("/", "_"),
}


@pytest.mark.parametrize("secret", AWKWARD)
@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
def test_a_secret_goes_in_every_spelling(secret, spell):
    redactor = Redactor()
    redactor.add(secret)

    shown = paragraph(redactor.text(f"before {spell(secret)} after"))

    assert "sentinel" not in shown.lower()
    assert shown.startswith("before")
    assert shown.endswith("after")


@pytest.mark.parametrize("text", ["{" + "a1" * 25_000, "{" + "a" * 50_000, "{a" + " " * 50_000])
def test_a_long_text_that_is_not_quite_json_costs_little_time(text):
    started = time.process_time()

    Redactor().learn({"inference-engine-parameters": ["--chat-template", text]})

    assert time.process_time() - started < 5


def test_a_secret_that_begins_with_another_one_goes_whole():
    redactor = Redactor()
    redactor.add("sentinel", "sentinel-and-more")

    assert redactor.text("x sentinel-and-more y") == "x ******** y"


def test_a_short_one_goes_only_where_it_is_a_word():
    redactor = Redactor()
    redactor.add("abcd", "xy")

    assert redactor.text("abcd abcde xabcd xy --x=abcd") == "******** abcde xabcd xy --x=********"
    assert redactor.text("--x%3Dabcd \\nabcd") == "--x%3D******** \\n********"


def test_how_long_a_secret_is_decides_where_it_goes():
    redactor = Redactor()
    redactor.add("abcdef", "ghijk", "lmn", "op")

    assert redactor.text("abcdef xabcdefx") == "******** x********x"
    assert redactor.text("ghijk xghijkx") == "******** xghijkx"
    assert redactor.text("lmn xlmnx") == "******** xlmnx"
    assert redactor.text("op xopx") == "op xopx"
    assert redactor.secrets == ["abcdef"]


def test_how_long_a_number_is_decides_whether_it_goes():
    redactor = Redactor()
    redactor.add("735", "42")

    assert redactor.redact([735, 42, 7350]) == ["********", 42, 7350]


def test_what_is_registered_with_ansible_is_long_enough_not_to_blot_out_everything():
    redactor = Redactor()
    redactor.add("1", "{", "abc", "sentinel-1")

    assert redactor.secrets == ["sentinel-1"]


def test_the_words_of_results_are_never_secrets():
    redactor = Redactor()
    redactor.add("deployment", "operation")
    redactor.learn({"errors": [{"token": "deployment"}]})

    document = {"deployment": {"state": "ready"}, "msg": "PATCH /ai/deployment/3f was answered"}
    assert redactor.redact(document) == document


@pytest.mark.parametrize("text", ["the value sentin", 'the value "sentin"', "the value sentin…"])
def test_a_part_of_a_secret_at_the_end_of_an_answer_that_was_cut_goes(text):
    redactor = Redactor()
    redactor.add("sentinel-value")

    assert redactor.answer(text).startswith("the value")
    assert "sentin" not in redactor.answer(text)


@pytest.mark.parametrize("position", range(3980, 4001))
@pytest.mark.parametrize("place", ["detail", "errors", "message of the engine"])
def test_a_secret_across_the_place_where_a_text_is_cut_goes_whole(position, place):
    redactor = Redactor()
    redactor.add("sentinel-value-of-a-key")
    text = "x" * position + " sentinel-value-of-a-key is wrong"
    document = {
        "detail": {"title": "a", "detail": text},
        "errors": {"title": "a", "errors": [{"detail": text}]},
        "message of the engine": {"error": {"message": text}},
    }[place]

    assert "sentin" not in str(read_problem(json.dumps(document), redactor.answer)._asdict())


SPELLINGS = {
    "raw": lambda text: text,
    "percent": lambda text: quote(text, safe=""),
    "html": lambda text: html.escape(text).replace("'", "&#39;"),
    "json": lambda text: json.dumps(text)[1:-1],
    "json twice": lambda text: json.dumps(json.dumps(text)[1:-1])[1:-1],
    "slashes": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "upper": str.upper,
}


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
def test_a_part_of_a_secret_in_any_spelling_goes(spell):
    secret = 'Zx9/Qw8+"Er7&Ty6=Ui-ü'
    redactor = Redactor()
    redactor.add(secret)
    spelt = spell(secret)

    for length in range(len(spell(secret[:4])), len(spelt)):
        shown = redactor.answer("before " + spelt[:length])
        assert shown == "before ********", shown


def test_a_part_of_a_secret_in_a_key_that_was_cut_goes():
    redactor = Redactor()
    redactor.add("sentinel-value-of-a-key")
    document = {"errors": [{" " * 3990 + "sentinel-value-of-a-key": "x"}]}

    assert "sentin" not in str(read_problem(json.dumps(document), redactor.answer)._asdict())


def test_a_secret_across_the_end_of_a_result_goes_whole():
    redactor = Redactor()
    redactor.add("sentinel-value-of-a-key")

    shown = redactor.redact(presentable({"state_details": "x" * 99_990 + " sentinel-value-of-a-key"}))

    assert "sentin" not in shown["state_details"]


@pytest.mark.parametrize(
    "text",
    [
        "started with --hf-tok Zq13abcd",
        "started with --api-key=Zq13,Zq14 now",
        "HF_TOKEN=Zq13abcd",
        "--api-key:Zq13abcd",
        '{"apiKey": "Zq13abcd"}',
        '{\\"apiKey\\": \\"Zq13abcd\\"}',
        "OOM api_key=Zq13abcd",
        "export HF_TOKEN=Zq13abcd",
        "args: {'model': 'x', 'api_key': ['Zq13abcd', 'Zq14abcd'], 'y': 1}",
        "model --api-key Zq13abcd",
        '["--api-key","Zq13abcd"]',
        "['--hf-token', 'Zq1']",
        '["--api-key", "Zq1',
        "[--api-key, Zq13abcd]",
        'b"["--api-key", "Zq1"]"',
        '{"api-key": "Zq1',
        "Authorization: Bearer Zq13abcd",
        '{"Authorization": "Bearer Zq13abcd"}',
        "Authorization:Basic Zq13abcd==",
        "with the bearer Zq13abcd",
        "--api-key Ab1firstone Zq13abcd --port 1",
        '["--api-key", "Ab1firstone", "Zq13abcd"]',
        "Authorization: Token Zq13abcd",
        "Authorization: ApiKey Zq13abcd",
        "Incorrect API key provided: Zq13abcd.",
        "the api key 'Zq13abcd' is wrong",
        "token is Zq13abcd",
        "https://user:Zq13abcd@hf.co/x",
        "https://Zq13abcd@hf.co/x",
        "https://hf.co/x?token=Zq13abcd&y=1",
        "&quot;api_key&quot;: &quot;Zq13abcd&quot;",
        "api_key%3DZq13abcd",
        "%22api-key%22%3A%22Zq13abcd%22",
        "\\u0022api-key\\u0022: \\u0022Zq13abcd\\u0022",
        "<b>api-key</b><i>Zq13abcd</i>",
        '{"name":"HF_TOKEN","value":"Zq13abcd"}',
        "HF_TOKEN => Zq13abcd",
        "secret: |\n  Zq13abcd",
        "wrote hf_Zq13abcdZq13abcdZq13abcd somewhere",
        "-----BEGIN PRIVATE KEY-----\nZq13abcd\n-----END PRIVATE KEY-----",
        "credential=EXO,expires=1,signature=Zq13abcdZq13abcdZq13abcd==",
    ],
)
def test_what_looks_like_a_secret_goes_though_nobody_has_seen_it_before(text):
    assert "Zq1" not in Redactor().text(text)


@pytest.mark.parametrize(
    "text",
    [
        "--api-key needs a value; a value that begins with a dash has to be joined: --api-key=-…",
        "write --api-key=… as one item",
        "The option api_key is given without api_secret",
        "Set api_key and api_secret. Token: invalid",
        "max_num_batched_tokens: 8192",
        "--api-key, --hf-token and --seed",
        "Bearer Token required",
        "--hf-token requires a value",
        "password: required",
        "Time to first token: 0.35 s",
        "The option huggingface_token is missing",
    ],
)
def test_our_own_sentences_stay(text):
    assert Redactor().text(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "--api-key hiddensecret",
        "--api-key 'hiddensecret'",
        "api_key=hiddensecret",
        "'api_key': ['hiddensecret']",
        "Namespace(api_key=['hiddensecret'], x=1)",
        "HF_TOKEN=hiddensecret",
        "password=hidden",
        "Bearer hiddensecret",
        "Authorization: Bearer hiddensecret",
        "api_key: hiddensecret",
    ],
)
def test_one_of_small_letters_alone_goes_too(text):
    assert "hidden" not in Redactor().text(text)


def test_an_answer_that_is_nothing_but_a_part_of_a_secret_goes():
    redactor = Redactor()
    redactor.add("sentinel-value")

    assert redactor.answer("sentin") == "********"


def test_what_nobody_has_cut_holds_no_part_of_a_secret():
    redactor = Redactor()
    redactor.add("sentinel-value")

    assert redactor.redact(["it said sentin"]) == ["it said sentin"]


def test_a_value_with_a_name_that_is_no_secret_stays():
    document = {"env": [{"name": "REGION", "value": "Zq13abcd"}, {"key": "ZONE", "value": "Zq13abcd"}, {"value": "Zq"}]}

    assert Redactor().redact(document) == document


@pytest.mark.parametrize(
    "document",
    [
        {"env": [{"key": "HF_TOKEN", "value": "Zq13abcd"}]},
        {"api-keys": ["Zq13abcd"]},
        {"token": {"value": "Zq13abcd"}},
        {"credentials": {"pass": "Zq13abcd"}},
        {"env": [{"name": "HF_TOKEN", "value": "Zq13abcd"}]},
        {"api-key": "Zq1"},
        {"args": ["--api-key", "Zq13abcd", 5]},
        {"args": [None, "--api-key", "Zq13abcd"]},
        {"headers": [["Authorization", "Bearer Zq13abcd"]]},
        {"scope": "public", "value": "Zq13abcd"},
    ],
)
def test_what_stands_below_the_name_of_a_secret_goes_whatever_its_form(document):
    assert "Zq1" not in str(Redactor().redact(document))


@pytest.mark.parametrize("value", [None, "", [], {}, 0, 1234, -123, 0.25, True])
def test_what_is_too_little_for_a_secret_is_shown_below_the_name_of_one(value):
    assert Redactor().redact({"api-key": value}) == {"api-key": value}


@pytest.mark.parametrize("value", [12345, 0.125, "1", " ", ["x"], {"x": 1}])
def test_what_may_be_a_secret_is_not_shown_below_the_name_of_one(value):
    assert Redactor().redact({"api-key": value}) == {"api-key": "********"}


def test_what_stands_behind_the_name_of_a_secret_in_a_pair_goes_unless_it_is_too_little():
    pairs = [["token", "Zq13abcd"], ["token", 12345], ["token", 12], ["seed", 12345], ["token", 12345, 12345]]

    assert Redactor().redact(pairs) == [
        ["token", "********"],
        ["token", "********"],
        ["token", 12],
        ["seed", 12345],
        ["token", 12345, 12345],
    ]


def test_the_resources_that_are_keys_are_no_secrets():
    document = {"ai_api_keys": [{"id": "1", "name": "team", "scope": "public"}], "ai_api_key": {"name": "team"}}
    redactor = Redactor()
    redactor.learn(document)

    assert redactor.redact(document) == document


def test_a_text_that_was_to_be_json_tells_its_secrets():
    redactor = Redactor()
    redactor.learn('{"a": 1, "parameters": ["--api-key", "one \\" two", "three", "--seed=1", "--hf-token=Zq13abcd')

    assert redactor.secrets == ["Zq13abcd", 'one " two']


def test_a_number_that_is_a_secret_goes():
    redactor = Redactor()
    redactor.learn({"inference_engine_parameters": ["--api-key", "7351928462"]})

    assert redactor.redact({"code": 7351928462, "gpu_count": 1}) == {"code": "********", "gpu_count": 1}


def test_engine_parameters_hide_their_secrets_however_short():
    redactor = Redactor()
    document = {"inference_engine_parameters": ["--api-key", "x", "--seed", "1"], "seed": "1"}
    redactor.learn(document)

    assert redactor.redact(document) == {
        "inference_engine_parameters": ["--api-key", "********", "--seed", "1"],
        "seed": "1",
    }


@pytest.mark.parametrize(
    "document",
    [
        {"inference-engine-parameters": ["--hf-token=sentinel-1"]},
        {"deployments": [{"inference-engine-parameters": ["--x", '{"token": "sentinel-1"}']}]},
        {"api-key": "sentinel-1"},
        {"a": {"huggingface-token": "sentinel-1"}},
        {"inference_engine_parameters": "--hf-token=sentinel-1,--seed=1"},
        {"inference_engine_parameters": {"hf_token": "sentinel-1"}},
        {"inference_engine_parameters": {"hf_token": "sentinel-1", "since": datetime.date(2026, 1, 31)}},
        {"inference_engine_parameters": [{"hf_token": "sentinel-1"}, 5, None]},
        {"inference_engine_parameters": '["--api-key", "sentinel-1"]'},
        {"inference_engine_parameters": "['--api-key', 'sentinel-1']"},
        {"inference_engine_parameters": [["--api-key", "sentinel-1"]]},
        {"inference_engine_parameters": [{"name": "--api-key", "value": "sentinel-1"}]},
    ],
)
def test_secrets_are_learnt_from_whatever_holds_them(document):
    redactor = Redactor()
    redactor.learn(document)

    assert "sentinel-1" not in redactor.text("what came was sentinel-1")


def test_keys_are_redacted_too():
    redactor = Redactor()
    redactor.add("sentinel-1")

    assert redactor.redact({"sentinel-1": [{"x": ("sentinel-1", 5, None, True)}]}) == {
        "********": [{"x": ["********", 5, None, True]}]
    }


def test_a_part_of_a_secret_at_the_end_of_a_key_that_was_cut_goes():
    redactor = Redactor()
    redactor.add("sentinel-value")

    assert redactor.redact({"it said sentin…": 1}) == {"it said ********": 1}


def test_the_keys_of_results_and_answers_stay_whatever_is_a_secret():
    redactor = Redactor()
    redactor.add("gpu-count", "gpu_count", "another-key")

    assert redactor.redact({"gpu-count": 1, "gpu_count": 2, "another-key": 3, 4: 5}) == {
        "gpu-count": 1,
        "gpu_count": 2,
        "********": 3,
        4: 5,
    }


def texts_in(document):
    if isinstance(document, str):
        yield document
    elif isinstance(document, (list, dict)):
        for each in document.values() if isinstance(document, dict) else document:
            yield from texts_in(each)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda c: st.lists(c) | st.dictionaries(st.text().filter(lambda key: not is_secret_name(key)), c),
    )
)
def test_without_secrets_nothing_changes(document):
    assume(not any(map(is_secret_name, texts_in(document))))
    # What stands before the @ of a URL may be a password.
    assume(not re.search(r"://.*@", json.dumps(document)))

    assert Redactor().redact(document) == json.loads(json.dumps(document))


#: So many that they are not looked for one by one any more.
CROWD = [f"filler-{number:03}-of-the-crowd" for number in range(60)]


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.parametrize("secret", AWKWARD, ids=ascii)
def test_one_of_many_secrets_goes_in_every_spelling(secret, spell):
    redactor = Redactor()
    redactor.add(*CROWD)
    redactor.text("so many are indexed")
    redactor.add(secret)

    shown = redactor.text(f"see {spell(secret)} there")

    assert "sentinel" not in shown.lower()
    assert shown.startswith("see ")
    assert shown.endswith(" there")


secrets = st.text(st.sampled_from("abAB09-_.é ß%"), min_size=3, max_size=12)


@given(
    st.lists(secrets, min_size=1, max_size=8),
    st.lists(st.one_of(secrets, st.text(max_size=5)), max_size=4),
    st.lists(st.integers(0, 7), max_size=4),
)
def test_many_secrets_go_as_few_do(learnt, around, places):
    """Those that are many are found by pieces of them, those that are few are looked for one by one."""
    few, many = Redactor(), Redactor()
    few.add(*learnt)
    many.add(*learnt, *CROWD)
    text = "|".join([*around, *(learnt[place % len(learnt)] for place in places), *(around[:1])])

    for written in (text, text.upper(), quote(text), json.dumps(text), html.escape(text)):
        assert many.known(written) == few.known(written)


def test_of_many_secrets_the_one_at_the_end_of_what_was_cut_goes():
    redactor = Redactor()
    redactor.add(*CROWD, "sentinel-of-an-answer")

    assert redactor.answer("it said sentinel-of") == "it said ********"
    assert redactor.answer("it said SENT") == "it said ********"


def test_ansible_core_is_told_what_it_is_to_mask_where_it_offers_that(monkeypatch):
    told = []
    monkeypatch.setattr(redaction, "register_secrets", told.append)
    redactor = Redactor()
    redactor.add("sentinel-1", "sentinel-2", "sentinel-3", "abc")
    redactor.let_out("sentinel-2")

    redactor.register()

    assert told == [["sentinel-1", "sentinel-3"]]


def test_ansible_core_is_told_nothing_where_it_does_not_ask(monkeypatch):
    monkeypatch.setattr(redaction, "register_secrets", None)
    redactor = Redactor()
    redactor.add("sentinel-1")

    redactor.register()

    assert redactor.secrets == ["sentinel-1"]


HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
OPTIONS = {"name": {"type": "str"}, "api_secret": {"no_log": True}, "deployments": {"type": "list"}}
OPTIONS_OF_ONE = {"name": {"type": "str"}, "pin": {"no_log": True}, "size": {"type": "int"}}


@pytest.mark.parametrize(
    ("params", "shown"),
    [
        ({"name": "chat"}, {"name": "chat"}),
        ({"name": "sentinel-1"}, {"name": "********"}),
        ({"api_secret": "x"}, {"api_secret": HIDDEN}),
        ({"api_secret": None}, {"api_secret": None}),
        ({"api_secert": "x"}, {"api_secert": HIDDEN}),
        ({"api_secert": None}, {"api_secert": None}),
    ],
    ids=str,
)
def test_an_option_is_shown_unless_it_is_a_secret_or_none_of_the_task(params, shown):
    redactor = Redactor()
    redactor.add("sentinel-1")

    assert redactor.options(params, OPTIONS) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ([{"name": "a", "pin": "x", "size": 2}], [{"name": "a", "pin": HIDDEN, "size": 2}]),
        ([{"name": "a"}, {"nmae": "x"}], [{"name": "a"}, {"nmae": HIDDEN}]),
        ({"pin": "x"}, {"pin": HIDDEN}),
        ("sentinel-1", "********"),
        (["sentinel-1", "a"], ["********", "a"]),
        (None, None),
    ],
    ids=str,
)
def test_what_an_option_holds_is_shown_by_the_same_rules(value, shown):
    redactor = Redactor()
    redactor.add("sentinel-1")

    options = redactor.options({"name": "x", "deployments": value}, OPTIONS, {"deployments": OPTIONS_OF_ONE})

    assert options == {"name": "x", "deployments": shown}


def test_an_option_that_would_hold_others_need_not_be_given():
    assert Redactor().options({"name": "x"}, OPTIONS, {"deployments": OPTIONS_OF_ONE}) == {"name": "x"}


def test_a_long_part_of_a_long_secret_goes_from_the_end_of_what_was_cut():
    redactor = Redactor()
    redactor.add("sentinel" + "x" * 400, "zzzzzz")

    assert redactor.answer("it said sentinel" + "x" * 350) == "it said ********"


def test_threads_may_learn_and_look_at_the_same_time():
    redactor = Redactor()
    ready = threading.Barrier(4, timeout=10)
    missed = []

    def learn_and_look(thread):
        ready.wait()
        for number in range(100):
            secret = f"sentinel-{thread}-{number}"
            redactor.add(secret)
            missed.extend([secret] if secret in redactor.text(f"see {secret} there") else [])

    threads = [threading.Thread(target=learn_and_look, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert missed == []
    assert len(redactor.secrets) == 400


@pytest.mark.parametrize("before", range(100_000 - 25, 100_000 + 5, 3))
def test_a_secret_across_the_end_of_a_long_message_goes_whole(before):
    declaration = Declaration({}, {}, {})
    redactor = Redactor()
    redactor.add("sentinel-of-a-message")

    def work(_task, _findings):
        raise InvalidInput("x" * before + "sentinel-of-a-message" + "x" * 50)

    ending = run_task(declaration, work, {}, check_mode=False, diff_mode=False, redactor=redactor)

    assert "sent" not in ending.failure


@pytest.mark.parametrize(
    "given",
    [
        "--api-key=of-the-engine",
        "--seed=1,--api-key=of-the-engine,--dtype=half",
        "--seed=1, --api-key=of-the-engine",
        "['--seed=1', '--api-key=of-the-engine']",
        '["--seed=1", "--api-key", "of-the-engine"]',
        '["--seed=1", ["--api-key", "of-the-engine"]]',
        '{"--api-key": "of-the-engine"}',
        [["--api-key", "of-the-engine"]],
        {"--api-key": "of-the-engine"},
        ["--seed=1", {"--api-key": "of-the-engine"}],
    ],
    ids=str,
)
def test_a_secret_is_learnt_in_whatever_form_parameters_are_given(given):
    redactor = Redactor()
    redactor.learn({"inference_engine_parameters": given})

    assert redactor.text("it was of-the-engine, then") == "it was ********, then"
