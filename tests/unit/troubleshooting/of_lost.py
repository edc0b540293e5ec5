# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes whose outcome is not known, or that meet another change."""

from __future__ import annotations

from ansible_collections.exoscale.cloud.plugins.module_utils._api.errors import ReadOnlyClient
from ansible_collections.exoscale.cloud.plugins.module_utils._task import api_key

from .stage import WHOLE, plays

PATH = "/ai/deployment/.+"


@plays("What is seen since then shows an effect")
def a_change_that_was_carried_out(stage):
    stage.simulator.misbehave("PATCH", applied=True, kind="lost")
    return stage.update()


@plays("No trace of it was seen for", "It is safe to run the task again once the name shows")
def a_creation_without_a_trace(stage):
    stage.simulator.add_model(WHOLE["model"])
    stage.simulator.misbehave("POST", kind="lost")
    return stage.play(name="chat", **WHOLE)


@plays("since its value is lost")
def a_key_without_a_trace(stage):
    stage.simulator.misbehave("POST", kind="lost")
    return stage.play(api_key, name="ci", scope="public")


@plays("which alone shows its value, was lost")
def a_key_whose_value_is_lost(stage):
    stage.simulator.misbehave("POST", applied=True, kind="lost")
    return stage.play(api_key, name="ci", scope="public")


@plays("wait_timeout has passed before that was clear")
def a_deadline_before_it_is_clear(stage):
    stage.simulator.misbehave("PATCH", times=100, status=500)
    return stage.update(wait_timeout=10)


@plays("What can be read shows no effect of it, after")
def a_change_that_is_lost_again_and_again(stage):
    stage.simulator.misbehave("PATCH", times=100, status=502)
    return stage.update(api_retries=1)


@plays("and what is there now cannot be read")
def a_change_after_which_nothing_can_be_read(stage):
    stage.simulator.misbehave("PATCH", kind="lost")
    stage.simulator.misbehave("GET", PATH, skip=1, times=1000, status=502)
    return stage.update()


@plays("The resource is busy with another change")
def a_conflict_without_waiting(stage):
    stage.simulator.misbehave("PATCH", times=100, status=409)
    return stage.update(wait=False)


@plays("This was the answer to <number> attempts")
def a_conflict_though_nothing_is_under_way(stage):
    stage.simulator.misbehave("PATCH", times=100, status=409)
    return stage.update()


@plays("Gave up after trying for")
def a_conflict_for_longer_than_the_task_waits(stage):
    stage.simulator.misbehave("PATCH", times=100, status=409)
    return stage.update(wait_timeout=5)


@plays("attempts, the next of which would be")
def conflicts_without_end(stage):
    chat = stage.deployment(state="creating")
    stage.simulator.misbehave("DELETE", times=1000, status=409)
    return stage.play(id=chat, state="absent", wait_timeout=100_000)


@plays("was accepted, but <deployment> does not show it")
def a_field_that_is_ignored(stage):
    stage.simulator.ignore_field("inference-engine-version")
    return stage.update()


@plays("was taken for accepted, as its answer was lost")
def a_change_of_which_a_part_was_carried_out(stage):
    chat = stage.deployment()
    stage.simulator.misbehave("PATCH", kind="lost")
    stage.simulator.at(5, lambda: stage.simulator.set_deployment(chat, name="talk"))
    return stage.update(chat, name="talk")


@plays("Run the task again once it shows, or certainly does not")
def a_creation_that_does_not_show(stage):
    stage.simulator.add_model(WHOLE["model"])
    stage.simulator.misbehave("POST", status=200, json={"id": "x", "state": "success"})
    return stage.play(name="chat", **WHOLE)


@plays("check mode must not change anything")
def a_write_in_check_mode(stage):
    try:
        stage.client(read_only=True).write("DELETE", "/ai/deployment/x")
    except ReadOnlyClient as error:
        return error
