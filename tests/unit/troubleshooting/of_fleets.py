# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many deployments in one task, and a task that is interrupted."""

from __future__ import annotations

import json
import signal
import threading

from ansible_collections.exoscale.cloud.plugins.module_utils._api.errors import ExoscaleError
from ansible_collections.exoscale.cloud.plugins.module_utils._task import deployments, interruption

from .stage import NEW, NOBODY, WHOLE, plays

PATH = "/ai/deployment/.+"
FOR_EVER = 1_000_000
VERSION = {"inference_engine_version": NEW}


def fleet(stage, *entries, **options):
    return stage.play(deployments, deployments=list(entries), **{"defaults": {}, **options})


def end_with_signal(stage):
    """Let SIGTERM do what it does to a process that begins."""
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    stage.cleanup.callback(signal.signal, signal.SIGTERM, before)


def send_signal():
    signal.pthread_kill(threading.main_thread().ident, signal.SIGTERM)


def interrupted(stage, *entries, **options):
    """What becomes of a fleet that somebody ends while it waits."""
    end_with_signal(stage)
    sleep = stage.clock.sleep

    def sleep_and_signal(seconds):
        sleep(seconds)
        if len(stage.clock.sleeps) == 5:
            send_signal()

    stage.patch.setattr(stage.clock, "sleep", sleep_and_signal)
    return fleet(stage, *entries, concurrency=1, wait_timeout=FOR_EVER, **options)


def ended(stage, method):
    """What is said of a request that is ended before it was answered."""
    client = stage.client()
    stage.simulator.misbehave(kind="timeout")
    stage.simulator.on_arrival = lambda _exchange: client.abort()
    try:
        client.write(method, "/ai/deployment/x") if method != "GET" else client.get("/ai/deployment")
    except ExoscaleError as error:
        return error


@plays("both have the <field> <value>")
def two_entries_of_a_name(stage):
    return fleet(stage, {"name": "chat"}, {"name": "chat"})


@plays("both are listed with the ID")
def two_entries_of_a_deployment(stage):
    return fleet(stage, {"name": "chat"}, {"id": stage.deployment()})


@plays("Two entries mean the same deployment in the end")
def an_entry_that_is_renamed(stage):
    return fleet(stage, {"id": NOBODY, "name": "chat"}, {"name": "chat"})


@plays("of the task, and not of a single deployment")
def an_option_of_the_task(stage):
    return fleet(stage, {"name": "chat", "wait": False})


@plays("In <entry>: Unsupported parameters")
def an_option_that_is_misspelt(stage):
    return fleet(stage, {"name": "chat", "replica": 1})


@plays("In entry <number> of deployments (<name>): <reason>")
def an_option_that_is_refused(stage):
    return fleet(stage, {"name": "chat", "replicas": "many"})


@plays("Not started, because another deployment failed before (fail_fast)", "deployments failed: <name>: <reason>")
def one_that_fails_first(stage):
    stage.deployment()
    return fleet(stage, {"name": "chat", "gpu_count": 2}, {"id": NOBODY}, concurrency=1, fail_fast=True)


@plays("whether max_gpus is kept cannot be told")
def gpus_that_are_not_shown(stage):
    stage.simulator.hidden_fields = ("gpu-count",)
    stage.deployment()
    return fleet(stage, {"name": "chat"}, max_gpus=8)


@plays("GPUs, and max_gpus is")
def too_many_gpus(stage):
    stage.deployment()
    return fleet(stage, {"name": "chat", "replicas": 9}, max_gpus=8)


@plays("and <number> would be used by others of this task")
def a_quota_for_one_of_two(stage):
    stage.simulator.add_model(WHOLE["model"])
    stage.simulator.set_quotas([{"resource": "gpua5000", "usage": 5, "limit": 8}])
    entries = [{"name": name, **WHOLE, "replicas": 2} for name in "ab"]
    return fleet(stage, *entries, check_mode=True, concurrency=1)


@plays("is more than purge_limit allows")
def too_many_to_purge(stage):
    stage.deployment()
    return fleet(stage, purge=True)


@plays("are left alone by purge")
def one_to_purge_that_is_not_clear(stage):
    def without_visibility(body):
        document = json.loads(body)
        document["deployments"][0].pop("visibility")
        return json.dumps(document).encode()

    stage.deployment()
    stage.simulator.misbehave("GET", "/ai/deployment", kind="altered", alter=without_visibility)
    return fleet(stage, purge=True, purge_limit=5)


@plays("Nothing was purged: with wait=false")
def a_purge_without_waiting(stage):
    stage.deployment(name="old")
    stage.deployment()
    return fleet(stage, {"name": "chat", "replicas": 2}, purge=True, purge_limit=5, wait=False)


@plays("is not deleted, since it is not any more what was listed", "deployments to be purged failed")
def one_to_purge_that_is_renamed(stage):
    chat = stage.deployment()
    shown = {**stage.simulator.deployment(chat), "name": "talk"}
    stage.simulator.misbehave("GET", PATH, times=100, status=200, json=shown)
    return fleet(stage, purge=True, purge_limit=5)


@plays("… Nothing was purged")
def a_purge_after_a_failure(stage):
    stage.deployment()
    return fleet(stage, {"name": "chat", "gpu_count": 2}, purge=True, purge_limit=5)


@plays(
    "The task was interrupted by",
    "was not sent, because the task was interrupted",
    "What was begun goes on",
    "Not started, because the task was interrupted",
)
def a_signal_while_an_operation_is_waited_for(stage):
    stage.simulator.operation_seconds = FOR_EVER
    return interrupted(stage, *[{"id": stage.deployment(name=name), **VERSION} for name in "ab"])


@plays("What was begun has been accepted, and perhaps goes on")
def a_signal_while_a_deployment_is_waited_for(stage):
    stage.simulator.settle_seconds = FOR_EVER
    return interrupted(stage, {"id": stage.deployment(), **VERSION})


@plays("Nothing was begun, and it is <state> by itself")
def a_signal_while_somebody_else_is_waited_for(stage):
    return interrupted(stage, {"id": stage.deployment(state="deploying"), **VERSION})


@plays("… Nothing was begun…")
def a_signal_while_the_api_does_not_answer(stage):
    stage.simulator.misbehave("GET", "/ai/help/.*", status=503, times=1000)
    return interrupted(stage, {"id": stage.deployment(), **VERSION}, api_retries=100)


@plays("What it was doing was not waited for any more")
def a_signal_while_something_hangs(stage):
    def signal_at_the_operation(exchange):
        if "/operation/" in exchange.environ["PATH_INFO"]:
            send_signal()

    end_with_signal(stage)
    stage.patch.setattr(interruption, "_LAST_GRACE", 0)
    stage.simulator.operation_seconds = FOR_EVER
    stage.simulator.on_arrival = signal_at_the_operation
    stage.simulator.misbehave("GET", "/operation/.+", kind="timeout")
    return fleet(stage, {"id": stage.deployment(), **VERSION})


@plays("was not waited for, as the task was interrupted")
def a_read_that_is_ended(stage):
    return ended(stage, "GET")


@plays("the task was interrupted before the answer was complete")
def a_write_that_is_ended(stage):
    return ended(stage, "DELETE")
