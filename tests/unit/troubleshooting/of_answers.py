# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the API or a proxy answers to a request."""

from __future__ import annotations

from email.utils import formatdate

from ansible_collections.exoscale.cloud.plugins.module_utils._task import (
    api_key_info,
    deployment_info,
    deployments,
    engine_parameter_info,
    model,
    model_info,
    operation_info,
    quota_info,
)

from .stage import NEW, NOBODY, plays

PROBLEM = {"title": "Bad Request", "status": 400, "detail": "Invalid body", "errors": [{"pointer": "/name"}]}
#: Answers to the look at a deployment.
ANSWERS = {
    "<request> was answered with <status>: <title>: <detail>": {"status": 400, "json": PROBLEM},
    "Check api_key and api_secret…": {"status": 401},
    "and that the role of this key allows the operation": {"status": 403},
    "Too many requests: run fewer tasks": {"status": 429},
    "The API or a proxy on the way has a problem": {"status": 500},
    "This came of": {"status": 500},
    "a redirect to <host>": {"status": 307, "body": "", "headers": {"Location": "https://elsewhere.example/"}},
    "a redirect to the same host": {"status": 307, "body": "", "headers": {"Location": "/elsewhere"}},
    "a redirect to an address that is malformed": {"status": 307, "body": "", "headers": {"Location": "http://[x"}},
    "the body of the answer is empty": {"status": 400, "body": ""},
    "the body of the answer is JSON that breaks off": {"status": 400, "body": '{"title": "Bad Req'},
    "the body of the answer is plain text": {"status": 400, "body": "Bad Request"},
    "the answer is an HTML page": {"status": 403, "body": "<html><title>Squid</title></html>"},
    "412…: in use by": {"status": 412, "json": {"deployments": [NOBODY]}},
    "but the body should be a JSON object and is nothing": {"status": 200, "body": ""},
    "and is <number> characters of something like it": {"status": 200, "body": '{"id": "3f'},
    "and is something else": {"status": 200, "body": "<p>hi</p>"},
    "nested more than": {"status": 200, "body": '{"name": ' + '{"a": ' * 60 + "1" + "}" * 61},
    "with something that is not a deployment": {"status": 200, "json": {"name": "chat"}},
    "The API was asked for the deployment": {"status": 200, "json": {"id": NOBODY, "name": "x", "state": "ready"}},
    "A signature is valid for minutes only": {"status": 403, "json": {"title": "The signature has expired"}},
}
#: Answers to tasks that read something else.
LISTS = {
    "the answer holds no list of": (model_info, {}, {}),
    "holds parameters that are no objects": (engine_parameter_info, {}, {"parameters": ["--seed"]}),
    "the answer does not show quota-uom-per-minute": (quota_info, {}, {}),
    "quota-uom-per-minute in the answer is no number": (quota_info, {}, {"quota-uom-per-minute": "much"}),
    "with something that has not this ID": (api_key_info, {"id": NOBODY}, {"id": NOBODY.replace("4", "5")}),
    "the answer lists something that is no deployment": (deployment_info, {}, {"deployments": [5]}),
    "with something that lacks a valid ID or a name": (model, {"name": "a/b"}, {"models": [{"name": "a/b"}]}),
    "the answer does not show the state of the model": (model, {"id": NOBODY}, {"id": NOBODY, "name": "a/b"}),
    "was answered with another operation": (
        operation_info,
        {"ids": [NOBODY]},
        {"id": NOBODY.replace("4", "5"), "state": "success"},
    ),
}


def of_answer(fault):
    def scenario(stage):
        stage.simulator.misbehave("GET", times=100, **fault)
        return stage.play(id=NOBODY.replace("4", "7"), api_retries=1)

    return scenario


def of_list(task, options, document):
    def scenario(stage):
        stage.simulator.misbehave("GET", times=100, status=200, json=document)
        return stage.play(task, **options)

    return scenario


for words, answer in ANSWERS.items():
    plays(words)(of_answer(answer))
for words, told in LISTS.items():
    plays(words)(of_list(*told))


@plays("The clock of this host is")
def a_clock_that_is_late(stage):
    date = formatdate(stage.clock.time() + 1800, usegmt=True)
    stage.simulator.misbehave("GET", status=403, headers={"Date": date})
    return stage.play(id=NOBODY)


@plays("with something that is not an operation")
def a_write_without_operation(stage):
    stage.simulator.misbehave("PATCH", times=100, status=200, json={"state": "pending"})
    return stage.update(api_retries=0)


@plays("wants no requests for longer than the task waits")
def several_requests_too_many(stage):
    entries = [{"id": stage.deployment(name=name), "inference_engine_version": NEW} for name in "abcd"]
    stage.simulator.misbehave("GET", "/ai/help/.+", times=1000, status=429, headers={"Retry-After": "60"})
    return stage.play(deployments, deployments=entries, wait_timeout=30)
