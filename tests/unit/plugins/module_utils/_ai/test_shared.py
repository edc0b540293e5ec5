# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The help of a version is read once by those that want it together, unless one of them has to be certain."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from ansible_collections.exoscale.cloud.plugins.module_utils._ai.engine_help import HELP
from ansible_collections.exoscale.cloud.plugins.module_utils._ai.shared import Shared
from ansible_collections.exoscale.cloud.plugins.module_utils._api.client import Client
from ansible_collections.exoscale.cloud.plugins.module_utils._api.deadline import Deadline
from ansible_collections.exoscale.cloud.plugins.module_utils._api.errors import ApiError
from ansible_collections.exoscale.cloud.plugins.module_utils._api.signature import Exo2Auth
from ansible_collections.exoscale.cloud.plugins.module_utils._engine.flags import EngineHelp

VERSION = "0.18.0"


@pytest.fixture
def shared(simulator, clock):
    auth = Exo2Auth(simulator.api_key, simulator.api_secret, clock.time)
    client = Client(simulator.url, auth, clock=clock, retries=2)
    return Shared(client, None, is_forecast=False, in_turn=False)


@pytest.fixture
def read_together(simulator, shared):
    """Read the help twice, the second time while the first one is about to be refused; what both find."""

    def read_together(insist, deadline=None):
        def answer(_body):
            readings.append(pool.submit(shared.read_help, VERSION, deadline, insist))
            # Nothing tells that it waits for the first one. If it comes too late for that, the test finds less.
            time.sleep(0.1)
            return b'{"message": "no"}'

        simulator.misbehave("GET", HELP, kind="altered", status=403, alter=answer)
        readings: list[Future[EngineHelp]] = []
        with ThreadPoolExecutor(1) as pool:
            with pytest.raises(ApiError) as refused:
                shared.read_help(VERSION, None, False)
            return refused.value, readings[0].exception() or readings[0].result()

    return read_together


def test_whoever_does_not_insist_takes_the_failure_of_another_one(simulator, read_together):
    _refused, found = read_together(insist=False)

    assert isinstance(found, ApiError)
    assert len(simulator.journal) == 1


def test_whoever_insists_reads_again_what_another_one_has_not_insisted_on(simulator, read_together):
    _refused, found = read_together(insist=True)

    assert isinstance(found, EngineHelp)
    assert len(simulator.journal) == 2


def test_whoever_insists_reads_again_what_lists_nothing(simulator, shared):
    simulator.misbehave("GET", HELP, status=200, json={"parameters": []})

    found = [bool(shared.read_help(VERSION, None, insist)) for insist in (False, False, True, False)]

    assert found == [False, False, True, True]
    assert len(simulator.journal) == 2
    simulator.contract_violations.clear()


def test_whoever_takes_the_failure_of_another_one_can_say_more_of_it_alone(read_together):
    refused, found = read_together(insist=False)

    refused.add("Nothing was begun")

    assert str(refused) == f"{found}. Nothing was begun"


def test_whoever_insists_does_not_read_again_after_the_deadline(simulator, read_together, clock):
    _refused, found = read_together(insist=True, deadline=Deadline(0, clock))

    assert isinstance(found, ApiError)
    assert len(simulator.journal) == 1
