# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changes that take too long or fail, and what is done about that."""

from __future__ import annotations

from ansible_collections.exoscale.cloud.plugins.module_utils._task import deployments, model, operation_info

from .stage import NEW, OLD, WHOLE, plays

PATH = "/ai/deployment/.+"
ROLLBACK = {"on_failure": "rollback"}
REPLACE = {"name": "chat", "gpu_count": 4, "recreate": True}


def fail(stage, **outcome):
    """An update whose operation ends so."""
    stage.simulator.operation_seconds = 10
    stage.simulator.fail_next_operation(**outcome)
    return stage.deployment()


@plays("Gave up after waiting <number> seconds (wait_timeout): the operation", "It may still come to its end; run")
def an_operation_that_takes_long(stage):
    stage.simulator.operation_seconds = 1000
    return stage.update(wait_timeout=30)


@plays("(wait_timeout): <deployment> is still in the state")
def a_deployment_that_takes_long(stage):
    stage.simulator.settle_seconds = 1000
    return stage.update(wait_timeout=30)


@plays("was accepted, and what becomes of it is not known")
def a_change_whose_operation_is_not_there(stage):
    stage.simulator.operation_seconds = 5
    stage.simulator.misbehave("GET", "/operation/.*", times=99, status=404)
    return stage.update()


@plays("… <request> was not sent")
def a_change_that_another_one_holds_up(stage):
    return stage.update(stage.deployment(state="scaling"), wait_timeout=30)


@plays("what there is of <deployment> is still unknown")
def a_change_after_which_nobody_can_look(stage):
    stage.simulator.misbehave("GET", PATH, skip=1, times=100, status=503)
    return stage.update(wait_timeout=3, api_retries=9)


@plays("The list still shows it, so that none was created in its place")
def a_replacement_of_what_is_there_and_not(stage):
    stage.deployment(model={"name": WHOLE["model"]})
    stage.simulator.misbehave("DELETE", PATH, times=100, status=404)
    stage.simulator.misbehave("GET", PATH, skip=1, times=100, status=404)
    return stage.play(**{**WHOLE, **REPLACE})


@plays("The last attempt to look failed")
def an_api_that_vanishes_meanwhile(stage):
    stage.simulator.operation_seconds = 1000
    stage.simulator.misbehave("GET", "/operation/.+", times=1000, status=503)
    return stage.update(wait_timeout=30)


@plays("the number of pending operations is still")
def operations_that_take_long(stage):
    stage.simulator.operation_seconds = 1000
    started = stage.update(wait=False)
    return stage.play(operation_info, ids=[started["operations"][0]["id"]], wait=True, wait_timeout=30)


@plays("had passed before the turn of")
def a_fleet_that_takes_long(stage):
    stage.simulator.operation_seconds = 1000
    entries = [{"id": stage.deployment(name=name), "inference_engine_version": NEW} for name in "ab"]
    return stage.play(deployments, deployments=entries, concurrency=1, wait_timeout=30)


@plays(
    "failed (<reason>: <message>)", "is now in the state", "The end of the engine's log", "shows all of the engine's"
)
def an_operation_that_fails(stage):
    return stage.update(fail(stage))


@plays("the API gives no reason")
def an_operation_that_fails_without_a_word(stage):
    return stage.update(fail(stage, reason=None, message=None))


@plays("took longer than the API allows")
def an_operation_that_the_api_gives_up(stage):
    return stage.update(fail(stage, state="timeout"))


@plays("It may still be under way: look at the state of the resource before you run the task again")
def an_operation_in_a_new_state(stage):
    return stage.update(fail(stage, state="paused"))


@plays("settled in the state <state> after")
def a_deployment_that_ends_in_error(stage):
    chat = stage.deployment()
    stage.simulator.settle_seconds = 20
    stage.simulator.at(10, lambda: stage.simulator.set_deployment(chat, state="error"))
    return stage.update(chat)


@plays("so there is nothing to do about it. Change what is declared")
def a_deployment_in_error(stage):
    return stage.play(id=stage.deployment(state="error"), inference_engine_version=OLD)


@plays("so there is nothing to do about it. With recreate=true")
def a_model_in_error(stage):
    stage.simulator.add_model("a/b", "error")
    return stage.play(model, name="a/b")


@plays("<deployment> is in the state error…")
def a_deployment_in_error_that_is_accepted(stage):
    return stage.play(id=stage.deployment(state="error"), inference_engine_version=OLD, wait_for="operation")


@plays("There is nothing in it that could get ready")
def a_transition_without_replicas(stage):
    return stage.play(id=stage.deployment(state="scaling", replicas=0), replicas=0)


@plays("With wait=false the task does not wait for the end of the first change")
def two_changes_without_waiting(stage):
    stage.simulator.operation_seconds = 10
    return stage.update(replicas=3, wait=False)


@plays("It was rolled back to", "was in the state <state> then")
def a_rollback(stage):
    return stage.update(fail(stage), **ROLLBACK)


@plays("Rolling back to <values> failed too")
def a_rollback_that_fails(stage):
    chat = fail(stage)
    stage.simulator.fail_next_operation()
    return stage.update(chat, **ROLLBACK)


@plays("Whether it is back at")
def a_rollback_that_cannot_be_seen(stage):
    chat = fail(stage, settles_in="ready")
    stage.simulator.at(5, lambda: setattr(stage.simulator, "hidden_fields", ("inference-engine-version",)))
    return stage.update(chat, **ROLLBACK)


@plays("Nothing had to be rolled back")
def a_change_that_never_showed(stage):
    stage.simulator.visible = "when done"
    return stage.update(fail(stage, settles_in="ready"), **ROLLBACK)


@plays("A rollback to <values> was started")
def a_rollback_without_waiting(stage):
    stage.simulator.fail_next_operation()
    return stage.update(wait=False, **ROLLBACK)


@plays("<what> is gone, it was deleted for this replacement")
def a_replacement_that_cannot_be_created(stage):
    stage.deployment()
    stage.simulator.add_model(WHOLE["model"])
    stage.simulator.misbehave("POST", status=412)
    return stage.play(**REPLACE)


@plays("may have been deleted, or may yet be")
def a_deletion_whose_answer_is_lost(stage):
    stage.deployment()
    stage.simulator.misbehave("DELETE", status=503)
    return stage.play(**REPLACE, wait_timeout=3)


@plays("may be gone, or not, after the end of its deletion")
def a_deletion_that_fails(stage):
    fail(stage, settles_in="ready")
    stage.simulator.misbehave("GET", PATH, skip=1, times=1000, status=502)
    return stage.play(**REPLACE)


@plays("<what> is being deleted for this replacement")
def a_deletion_that_takes_long(stage):
    stage.deployment()
    stage.simulator.operation_seconds = 1000
    return stage.play(**REPLACE, wait_timeout=30)
