# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is looked up before a deployment is created, and what the API does not show."""

from __future__ import annotations

import json

from .stage import OLD, WHOLE, plays

QUOTA = {"resource": "gpua5000", "usage": 5, "limit": 8}


def create(stage, **options):
    return stage.play(**{"name": "chat", **WHOLE, **options})


@plays("is not in this zone (there are: <names>). Bring it into the zone first")
def another_model(stage):
    stage.simulator.add_model("a/b")
    return create(stage)


@plays("is not in this zone (there is no model at all)")
def no_model(stage):
    return create(stage)


@plays("and not ready")
def a_model_that_is_not_ready(stage):
    stage.simulator.add_model(WHOLE["model"], "downloading")
    return create(stage)


@plays("is not offered in this zone (there are: <names>)")
def another_gpu_type(stage):
    stage.simulator.add_model(WHOLE["model"])
    return create(stage, gpu_type="gpuh100")


@plays("is not offered in this zone (there is none at all)")
def no_gpu_type(stage):
    stage.simulator.add_model(WHOLE["model"])
    stage.simulator.set_instance_types([])
    return create(stage)


@plays("is not authorized for this organization")
def a_gpu_type_that_must_be_asked_for(stage):
    stage.simulator.add_model(WHOLE["model"])
    stage.simulator.set_instance_types([{"family": WHOLE["gpu_type"], "authorized": False}])
    return create(stage)


@plays("of which <number> are in use, and")
def a_quota_that_is_too_small(stage):
    stage.simulator.add_model(WHOLE["model"])
    stage.simulator.set_quotas([QUOTA])
    return create(stage, replicas=4)


@plays("while <number> become free")
def a_quota_that_is_too_small_for_a_replacement(stage):
    stage.simulator.add_model(WHOLE["model"])
    stage.simulator.set_quotas([QUOTA])
    stage.deployment()
    return create(stage, gpu_count=8, recreate=True)


@plays("was not checked before the creation: <reason>", "the answer lists something without its <field>")
def lists_that_cannot_be_used(stage):
    stage.simulator.misbehave("GET", "/ai/model", times=100, status=403)
    stage.simulator.misbehave("GET", "/ai/instance-type", times=100, status=200, json={"instance-types": [{}]})
    return create(stage)


@plays("Probably not enough GPUs are free in this zone")
def too_few_gpus(stage):
    stage.simulator.add_model(WHOLE["model"])
    stage.simulator.gpus_free = 0
    return create(stage)


@plays("Check that the model <model> is in this zone")
def a_model_that_the_api_does_not_find(stage):
    stage.simulator.misbehave("GET", "/ai/model", times=100, status=403)
    return create(stage)


@plays("Whether the model of <deployment> is")
def a_model_of_which_the_id_alone_is_shown(stage):
    stage.simulator.add_model(WHOLE["model"])
    chat = stage.deployment()

    def without_name(body):
        document = json.loads(body)
        document["model"].pop("name")
        return json.dumps(document).encode()

    stage.simulator.misbehave("GET", "/ai/deployment/.+", times=100, kind="altered", alter=without_name)
    stage.simulator.misbehave("GET", "/ai/model.*", times=100, status=403)
    return stage.play(id=chat, model=WHOLE["model"])


@plays("the API does not show <fields>, so that what is declared was not compared")
def a_field_that_is_not_shown(stage):
    stage.simulator.hidden_fields = ("gpu-type",)
    return stage.play(id=stage.deployment(), gpu_type=WHOLE["gpu_type"])


@plays("which this version of the collection does not know; it is taken for one of rest")
def a_state_that_is_new(stage):
    return stage.play(id=stage.deployment(state="enchanted"), inference_engine_version=OLD)


@plays("though this task does not manage it")
def a_field_that_moves(stage):
    chat = stage.deployment()
    stage.simulator.operation_seconds = 10
    stage.simulator.at(5, lambda: stage.simulator.set_deployment(chat, replicas=2))
    return stage.update(chat)


@plays("cannot become what is wanted, because this is fixed")
def another_number_of_gpus(stage):
    return stage.play(id=stage.deployment(), gpu_count=2)


@plays("cannot be replaced, because the API does not show")
def a_replacement_of_which_not_all_is_known(stage):
    stage.simulator.hidden_fields = ("gpu-type",)
    return stage.play(id=stage.deployment(), gpu_count=2, recreate=True)
