# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Endpoints that do not serve."""

from __future__ import annotations

import json

from .stage import NEW, OLD, plays

PATH = "/ai/deployment/.+"
KEY = "/ai/deployment/.+/api-key"
MODELS = "/inference/.+/models"


def serve(stage, **options):
    """Wait for a deployment with which all else is well."""
    return stage.play(**{"name": "chat", "inference_engine_version": OLD, "wait_for": "serving", **options})


@plays("did not serve for <number> seconds (wait_timeout): <request> was answered with")
def an_engine_that_does_not_serve(stage):
    stage.deployment()
    stage.simulator.versions_that_do_not_serve = (OLD,)
    return serve(stage, wait_timeout=30)


@plays("did not serve for <number> seconds (wait_timeout): <request> failed")
def an_endpoint_that_cannot_be_reached(stage):
    stage.deployment(deployment_url="http://127.0.0.1:1/v1")
    return serve(stage, wait_timeout=30)


@plays("with 200 and no JSON object, but")
def an_endpoint_that_is_another_server(stage):
    stage.deployment()
    stage.simulator.misbehave("GET", MODELS, times=100, status=200, body="<html>starting</html>")
    return serve(stage, wait_timeout=30)


@plays("did not serve, and waiting does not change that")
def an_engine_that_knows_no_embeddings(stage):
    stage.deployment()
    stage.simulator.misbehave("POST", "/inference/.+/embeddings", times=100, status=400)
    return serve(stage, serving_probe="embeddings")


@plays("serves could not be asked afterwards")
def an_address_that_is_not_safe_before_a_change(stage):
    stage.deployment(deployment_url="http://chat.example.com/v1")
    return serve(stage, inference_engine_version=NEW)


@plays("was not sent to its endpoint")
def an_address_that_is_not_safe(stage):
    stage.deployment(deployment_url="http://chat.example.com/v1")
    return serve(stage)


@plays("The API does not show the deployment_url")
def an_address_that_is_not_shown(stage):
    def without_url(body):
        document = json.loads(body)
        document.pop("deployment-url")
        return json.dumps(document).encode()

    stage.deployment()
    stage.simulator.misbehave("GET", PATH, times=100, kind="altered", alter=without_url)
    return serve(stage, wait_timeout=30)


@plays("wait_for=serving needs the key of the endpoint")
def a_key_that_may_not_be_read(stage):
    stage.deployment()
    stage.simulator.misbehave("GET", KEY, times=100, status=403)
    return serve(stage)


@plays("holds characters that no header can hold")
def a_key_that_cannot_be_sent(stage):
    stage.deployment()
    stage.simulator.misbehave("GET", KEY, times=100, status=200, json={"api-key": "k\u00e9y"})
    return serve(stage, wait_timeout=30)


@plays("the answer holds no key")
def an_answer_without_key(stage):
    stage.deployment()
    stage.simulator.misbehave("GET", KEY, times=100, status=200, json={})
    return serve(stage, wait_timeout=30)
