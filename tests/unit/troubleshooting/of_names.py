# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which deployment, model or key is meant."""

from __future__ import annotations

import json

from ansible_collections.exoscale.cloud.plugins.module_utils._task import (
    api_key_info,
    deployment_log_info,
    model,
    operation_info,
)

from .stage import NEW, NOBODY, OLD, WHOLE, plays

OTHER_NAME = "talk"


def without(*fields):
    """Leaves fields of each entry of a list of deployments out."""

    def alter(body):
        document = json.loads(body)
        for each in document["deployments"]:
            for field in fields:
                each.pop(field)
        return json.dumps(document).encode()

    return alter


@plays("Check the ID and the zone: a deployment exists in one zone only")
def an_id_that_is_not_there(stage):
    return stage.play(id=NOBODY, inference_engine_version=NEW)


@plays("an operation exists in one zone only")
def an_operation_that_is_not_there(stage):
    return stage.play(operation_info, ids=[NOBODY])


@plays("Check the ID and the zone of the <what>")
def a_model_that_is_not_there(stage):
    return stage.play(model, id=NOBODY)


@plays("It was there a moment ago")
def one_that_vanishes(stage):
    stage.deployment()
    stage.simulator.misbehave("GET", "/ai/deployment/.+", times=99, status=404)
    return stage.play(name="chat", inference_engine_version=OLD)


@plays("is named <name> now; somebody else changes it")
def one_that_is_renamed(stage):
    chat = stage.deployment()
    shown = {"id": chat, "name": OTHER_NAME, "state": "ready"}
    stage.simulator.misbehave("GET", "/ai/deployment/.+", status=200, json=shown)
    return stage.play(name="chat", inference_engine_version=OLD)


@plays("No private deployment in <url> is named <name>. In <url>")
def a_name_that_is_not_there(stage):
    stage.deployment(name=OTHER_NAME)
    return stage.play(deployment_log_info, name="chat", tail=1)


@plays("private deployments in <url> are named")
def two_of_a_name(stage):
    stage.deployment()
    stage.deployment()
    return stage.play(name="chat")


@plays("their IDs are not shown")
def two_of_a_name_without_ids(stage):
    stage.deployment()
    stage.deployment()
    stage.simulator.misbehave("GET", times=100, kind="altered", alter=without("id"))
    return stage.play(name="chat")


@plays("the answer lists the deployment <name> without its ID")
def one_without_its_id(stage):
    stage.deployment()
    stage.simulator.misbehave("GET", times=100, kind="altered", alter=without("id"))
    return stage.play(name="chat")


@plays("the answer lists a deployment without its ID and its name")
def one_without_id_and_name(stage):
    stage.deployment()
    stage.simulator.misbehave("GET", times=100, kind="altered", alter=without("id", "name"))
    return stage.play(name="chat")


@plays("it cannot be told whether this is the one that is meant")
def one_without_a_name_that_cannot_be_read(stage):
    stage.deployment()
    stage.simulator.misbehave("GET", "/ai/deployment", times=100, kind="altered", alter=without("name"))
    stage.simulator.misbehave("GET", "/ai/deployment/.+", times=100, status=200, json={})
    return stage.play(name="chat")


@plays("<what>s in <url> are named")
def two_models_of_a_name(stage):
    stage.simulator.add_model("a/b")
    stage.simulator.add_model("a/b")
    return stage.play(model, name="a/b")


@plays("the answer lists a <what> without its name")
def a_model_without_its_name(stage):
    stage.simulator.misbehave("GET", times=100, status=200, json={"models": [{"id": NOBODY}]})
    return stage.play(model, name="a/b")


@plays("No private deployment in <url> is named <name>. The API does not show")
def a_name_that_is_not_shown(stage):
    stage.deployment()
    stage.simulator.hidden_fields = ("name",)
    return stage.play(deployment_log_info, name="chat", tail=1)


@plays("and to create it <options> are missing", "… In <url> there are: <names>")
def one_to_create_of_which_nothing_is_known(stage):
    stage.deployment(name=OTHER_NAME)
    return stage.play(name="chat", inference_engine_version=OLD)


@plays("there is no deployment at all")
def one_to_create_where_nothing_is(stage):
    return stage.play(name="chat", inference_engine_version=OLD)


@plays("has to be created, and that takes at least 1 replica")
def one_to_create_without_replicas(stage):
    return stage.play(name="chat", **{**WHOLE, "replicas": 0})


@plays("has to be created in place of the old one")
def one_to_replace_without_replicas(stage):
    stage.deployment()
    return stage.play(name="chat", **{**WHOLE, "gpu_count": 2, "replicas": 0}, recreate=True)


@plays("<option> is <value>, which is not a UUID")
def a_name_for_an_id(stage):
    return stage.play(api_key_info, id="ci")


@plays("each of ids is <value>")
def a_name_for_an_operation(stage):
    return stage.play(operation_info, ids=["chat"])
