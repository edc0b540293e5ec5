# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Models and AI API keys."""

from __future__ import annotations

import json

from ansible_collections.exoscale.cloud.plugins.module_utils._task import api_key, model

from .stage import NOBODY, plays

KEY = {"name": "ci", "scope": "public"}


def without(field):
    def alter(body):
        document = json.loads(body)
        for each in document.get("ai-api-keys", [document]):
            each.pop(field, None)
        return json.dumps(document).encode()

    return alter


@plays("The API would refuse to delete <model>: it is in use by")
def a_model_in_use_in_check_mode(stage):
    used = stage.simulator.add_model("a/b")
    stage.deployment(model={"id": used, "name": "a/b"})
    return stage.play(model, check_mode=True, name="a/b", state="absent")


@plays("It is in use by the deployments")
def a_model_in_use(stage):
    used = stage.simulator.add_model("a/b")
    stage.deployment(model={"id": used, "name": "a/b"})
    return stage.play(model, name="a/b", state="absent")


@plays("Whether deployments use the model")
def a_model_whose_users_cannot_be_read(stage):
    stage.simulator.add_model("a/b")
    stage.simulator.misbehave("GET", "/ai/deployment", times=100, status=403)
    return stage.play(model, check_mode=True, name="a/b", state="absent")


@plays("<model> is in the state <state>, which this version of the collection does not know")
def a_model_in_a_new_state(stage):
    stage.simulator.add_model("a/b", "enchanted")
    return stage.play(model, name="a/b")


@plays("and a name cannot be changed")
def a_model_of_another_name(stage):
    return stage.play(model, id=stage.simulator.add_model("a/b"), name="a/c")


@plays("does not show it: name: wanted <name>, found <name>")
def a_model_that_is_created_under_another_name(stage):
    stage.simulator.misbehave(
        "GET", "/ai/model.*", skip=1, times=1000, kind="altered", alter=lambda body: body.replace(b"a/b", b"a/c")
    )
    return stage.play(model, name="a/b")


@plays("and to create it scope is missing")
def a_key_without_scope(stage):
    return stage.play(api_key, name="ci")


@plays("the scope <scope> is no deployment in this zone")
def a_key_for_nothing(stage):
    return stage.play(api_key, name="ci", scope=NOBODY)


@plays("Whether the scope <scope> is a deployment was not checked")
def a_key_for_something_that_cannot_be_read(stage):
    stage.simulator.misbehave("GET", "/ai/deployment/.+", times=100, status=403)
    return stage.play(api_key, name="ci", scope=stage.deployment())


@plays("and cannot become <scope>. With recreate=true the task would delete the key")
def a_key_with_another_scope(stage):
    stage.simulator.add_api_key("ci")
    return stage.play(api_key, name="ci", scope=stage.deployment())


@plays("with something that is no key with an ID and a value")
def a_key_without_a_value(stage):
    stage.simulator.misbehave("POST", times=100, status=200, json={"name": "ci"})
    return stage.play(api_key, **KEY)


@plays("was created, but cannot be read")
def a_new_key_that_cannot_be_read(stage):
    stage.simulator.misbehave("GET", "/ai/api-key.*", skip=1, times=1000, status=403)
    return stage.play(api_key, **KEY)


@plays("was created, but does not show yet")
def a_new_key_that_does_not_show(stage):
    stage.simulator.misbehave("GET", "/ai/api-key", skip=1, times=1000, status=200, json={"ai-api-keys": []})
    stage.simulator.misbehave("GET", "/ai/api-key/.+", times=1000, status=404)
    return stage.play(api_key, **KEY)


@plays("<key>: the API does not show <field>, so that what is declared was not compared")
def a_key_whose_scope_is_not_shown(stage):
    stage.simulator.add_api_key("ci")
    stage.simulator.misbehave("GET", "/ai/api-key.*", times=1000, kind="altered", alter=without("scope"))
    return stage.play(api_key, **KEY)
