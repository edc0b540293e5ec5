# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is hidden among engine parameters is learnt too, so that no text of a server shows it alone."""

from __future__ import annotations

import base64
import json

import pytest

from ansible_collections.exoscale.cloud.plugins.module_utils._task.redaction import Redactor

SECRET = "Zq9xSENTINELpLw3"
PEM_LINE = base64.b64encode(bytes(range(48))).decode()

WITH_ONE = [
    # A value behind its name in a URL.
    [f"--otlp-traces-endpoint=https://h/x?api_key={SECRET}"],
    ["--otlp-traces-endpoint", f"https://h/x?token={SECRET}"],
    [f"--x=https://h/x#access_token={SECRET}"],
    [f"--x=https://h/x?a=b&token={SECRET}&c=d"],
    [f"--x=https://h/x?token={SECRET}#top"],
    [f"--x=s3://h/x?aws_secret_access_key={SECRET}"],
    ["--x", f'{{"url":"https://h/x?token={SECRET}"}}'],
    ["--x", f'{{"deep":{{"urls":["https:\\/\\/h\\/x?a=b&token={SECRET}&c=d"]}}}}'],
    [f"--x=https://h/x?sv=2024-11-04&sig={SECRET}"],
    [f"--x=https://h/x?X-Goog-Signature={SECRET}"],
    # A scheme before it.
    ["--x", f"Authorization: Bearer {SECRET}"],
    [f"--x=Authorization: Basic {SECRET}"],
    [f"--x=Authorization: Token {SECRET}"],
    ["--x", f"Bearer {SECRET}"],
    ["--x", f"Basic {SECRET}"],
    ["--x", f"token {SECRET}"],
    [f"--x=Token {SECRET}"],
    ["--api-key", f"Bearer {SECRET}"],
    ["--x", f'{{"Authorization":"Token {SECRET}"}}'],
    ["--x", f'{{"headers":{{"authorization":"Bearer {SECRET}"}}}}'],
    ["--x", f'{{"headers":["Authorization: Bearer {SECRET}"]}}'],
    ["--x", f'["Authorization: Bearer {SECRET}"]'],
    ["--x", f'{{"auth":"Bearer {SECRET}"}}'],
    [f"OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer {SECRET}"],
    [f"OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20{SECRET}"],
    # One of several pairs.
    [f"OTEL_EXPORTER_OTLP_HEADERS=api-key={SECRET},x=y"],
    ["--x", f"a=1,token={SECRET}"],
    ["--x", f"a=1,token={SECRET},b=2"],
    [f"token={SECRET},b=2"],
    ["--x", f"token=Qz74xxxx,api-key={SECRET},b=2"],
    [f"--x=https://h/x?token=Qz74xxxx&api_key={SECRET}"],
    ["--x", f"Server=h;Password={SECRET};Db=1"],
    ["--x", f"{{token: {SECRET}}}"],
    # Quotes around it.
    [f'--api-key="{SECRET}"'],
    ["--api-key", f"'{SECRET}'"],
    [f"HF_TOKEN='{SECRET}'"],
    ["--api-key", f" {SECRET} "],
    # One of several values.
    ["--api-key", f"aaaaaa11,{SECRET}"],
    ["--api-key", f"{SECRET};aaaaaa11"],
    [f"--api-key=aaaaaa11, {SECRET}"],
    ["--api-key", f"aaaaaa11 {SECRET}"],
    ["--api-key", f'["{SECRET}","b1b1b1b1"]'],
    [f'--api-key=["b1b1b1b1","{SECRET}"]'],
    [f"--api-key=[b1b1b1b1,{SECRET}]"],
    ["--api-key", f'["b1b1b1b1","{SECRET}'],
    # The other half of a pair.
    ["--x", f'["token","{SECRET}"]'],
    ["--x", f'[["token","{SECRET}"]]'],
    [["token", SECRET]],
    ["token", SECRET],
    # Who or what stands before an @.
    [f"--x=https://{SECRET}:x-oauth-basic@host/a"],
    [f"--x=https://{SECRET}:@host/a"],
    [f"--x=https://{SECRET}:irrelevant@host/a"],
    [f"--x=https://{SECRET}@host/a"],
    ["--x", f"git+https://oauth2:{SECRET}@host/a"],
    [f"--credentials=admin:{SECRET}"],
    # What tells of itself what it is.
    ["--x", f"<password>{SECRET}</password>"],
    ["--x", f'{{"xml":"<a:password kind=\\"text\\"> {SECRET}<\\/a:password>"}}'],
    ["--x", f"Cookie: session={SECRET}"],
    ["--x", f'{{"Cookie":"theme=dark; session={SECRET}"}}'],
    ["--x", f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n{PEM_LINE}\n-----END PRIVATE KEY-----"],
    # A flag as short as the engine may accept it.
    [f"--api={SECRET}"],
    ["--api", SECRET],
]


@pytest.mark.parametrize("parameters", WITH_ONE, ids=str)
def test_a_secret_among_parameters_is_hidden_where_a_server_names_it_alone(parameters):
    redactor = Redactor()
    redactor.learn({"inference-engine-parameters": parameters})

    shown = redactor.redact({"detail": f"the value {SECRET} is not accepted", "got": json.dumps([SECRET, 1])})

    assert shown["detail"] == "the value ******** is not accepted"
    assert SECRET not in shown["got"]


@pytest.mark.parametrize("parameters", WITH_ONE, ids=str)
def test_a_secret_among_parameters_is_hidden_where_it_stands(parameters):
    redactor = Redactor()
    redactor.learn({"inference-engine-parameters": parameters})

    assert SECRET not in str(redactor.redact({"inference_engine_parameters": parameters}))


@pytest.mark.parametrize(
    "parameters",
    [
        ["--x=https://h?token=Zq%2F9%3Dx"],
        ["--x", '{"url":"https://h?token=Zq\\u002f9=x"}'],
        ["--api-key", '["b1b1b1b1","Zq\\u002f9=x"]'],
        ["--x=Authorization: Bearer Zq/9=x"],
    ],
)
def test_a_secret_is_learnt_as_it_is_without_escapes(parameters):
    redactor = Redactor()
    redactor.learn({"inference-engine-parameters": parameters})

    assert redactor.text("it was Zq/9=x, then") == "it was ********, then"


@pytest.mark.parametrize(
    "text",
    [f"--url https://h/x?sig={SECRET}", f"got <password>{SECRET}</password>", f"Set-Cookie: id={SECRET}; Path=/"],
)
def test_what_tells_of_itself_that_it_is_a_secret_is_hidden_though_nobody_has_seen_it_before(text):
    assert SECRET not in Redactor().text(text)


@pytest.mark.parametrize(
    "document",
    [
        {"authorization": f"Bearer {SECRET}"},
        {"headers": [["Authorization", f"Bearer {SECRET}"]]},
        {"api-key": f'"{SECRET}"'},
        {"credentials": {"keys": f"aaaaaa11,{SECRET}"}},
        '{"inference-engine-parameters": ["--x", "Authorization: Bearer ' + SECRET,
    ],
    ids=str,
)
def test_a_secret_in_an_answer_is_hidden_where_a_server_names_it_alone(document):
    redactor = Redactor()
    redactor.learn(document)

    assert SECRET not in redactor.text(f"the value {SECRET} is not accepted")


def test_a_short_user_is_learnt_if_the_password_is_none():
    redactor = Redactor()
    redactor.learn({"inference-engine-parameters": ["--x=https://Zq9xAB12:x-oauth-basic@h"]})

    assert redactor.text("it was Zq9xAB12, then") == "it was ********, then"


ORDINARY = [
    "--model=meta-llama/Llama-3.1-8B-Instruct",
    "--tokenizer=mistralai/Mistral-7B",
    "--tokenizer-mode",
    "auto",
    "--dtype=bfloat16",
    "--max-num-batched-tokens=1048576",
    "--api-server-count=4",
    "--kv-transfer-config",
    '{"kv_connector":"NixlConnector","kv_role":"kv_both","url":"https://kv.example/path?zone=ch-gva-2&mode=default"}',
    "--override-generation-config={'stop_token': 'disabled', 'eos_token_id': 151645}",
    "--otlp-traces-endpoint=https://otel.example:4317/v1/traces#section-2",
    "--x=token=auto,password=default,api_key=1048576",
    "--x",
    '["token","auto"]',
    "--x=Basic authentication",
    "--x=token usage",
    "--allowed-origins",
    '["https://a.example","http://localhost:8080"]',
    "ssh://ubuntu@build.example/a",
    "https://robot1:Qz71xxxx@build.example/a",
    "Cookie: theme=default; domain=build.example",
    "--x=api_key=Qz72xxxx,x-tenant=acme-corp,region=eu-west-1",
    "--x=https://h.example/x?token=Qz73xxxx&deployment_name=llama-8b-chat",
    "--api-key",
    "correct horse, battery staple",
]
SENTENCES = [
    "the tokenizer mode auto was chosen; the default is disabled or true, and null means none",
    "loading meta-llama/Llama-3.1-8B-Instruct with mistralai/Mistral-7B in bfloat16",
    "a batch of 1048576 and 4 servers at https://otel.example:4317/v1/traces#section-2",
    "NixlConnector kv_both uses https://kv.example/path?zone=ch-gva-2&mode=default",
    "ubuntu and robot1 of build.example came from http://localhost:8080",
    "Basic authentication, token usage, eos 151645",
    "tenant acme-corp in region=eu-west-1 calls llama-8b-chat",
    "this is correct: a horse is no battery",
]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_ordinary_values_of_parameters_stay_readable_in_what_a_server_says(sentence):
    redactor = Redactor()
    redactor.learn({"inference-engine-parameters": ORDINARY})

    assert redactor.text(sentence) == sentence


@pytest.mark.parametrize(
    "parameter",
    [
        "--x=" + "token=a1b2c3d4," * 7000,
        "--x=" + "https://a:b" * 9000,
        "--x=" + "Cookie: a=b;" * 8000,
        "--x=" + "cookie " * 14000,
        "--x=Cookie: " + "a.-=" * 25000,
        "--x=" + "<token a" * 12000,
        "--x=" + "<token>" + "a" * 100_000,
        "--api-key=" + "a1b2c3," * 14000,
        "--api-key=" + "a,a=" * 25000,
        "--api-key=" + "[" * 100_000,
        "--api-key=" + "'" * 100_000,
        "--api-key=" + "%25" * 30_000,
        "--api-key=" + "Bearer " * 14000,
    ],
    ids=lambda parameter: parameter[:30],
)
def test_of_a_very_long_parameter_few_secrets_are_learnt(parameter):
    redactor = Redactor()
    redactor.learn({"inference-engine-parameters": [parameter]})

    assert len(redactor.secrets) < 500
