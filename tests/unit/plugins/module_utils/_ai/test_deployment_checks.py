# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be looked up is looked up before anything is written, in a dry run as in a run."""

from __future__ import annotations

import pytest

from ansible_collections.exoscale.cloud.tests.unit.plugins.module_utils._task.play import Player

CREATION = {"name": "chat", "model": "a/b", "gpu_type": "gpua5000", "gpu_count": 1, "replicas": 1}


@pytest.fixture
def play(simulator, clock):
    return Player(simulator, clock)


@pytest.fixture(params=[True, False], ids=["dry run", "run"])
def refused(request, simulator, play):
    """The message of a creation that must be refused before anything is written."""

    def refused(**options):
        result = play(**{**CREATION, **options}, check_mode=request.param)
        assert result["failed"]
        assert not result["changed"]
        assert simulator.writes() == []
        return result["msg"]

    return refused


def test_a_model_that_is_not_in_the_zone_is_refused_and_those_that_are_there_are_named(simulator, refused):
    simulator.add_model("c/d")

    said = refused(model="a/b")

    assert "the model a/b is not in this zone" in said
    assert "c/d" in said


def test_a_model_that_is_not_ready_is_refused_with_its_state(simulator, refused):
    simulator.add_model("a/b", state="downloading")

    assert "the model a/b is in the state downloading and not ready" in refused()


def test_a_type_of_gpu_that_is_not_offered_is_refused_and_those_that_are_offered_are_named(simulator, refused):
    simulator.add_model("a/b")
    simulator.set_instance_types([{"family": "gpu3080ti", "authorized": True}])

    said = refused(gpu_type="gpua5000")

    assert "the gpu_type gpua5000 is not offered in this zone" in said
    assert "gpu3080ti" in said


def test_where_no_type_of_gpu_is_offered_that_is_said(simulator, refused):
    simulator.add_model("a/b")
    simulator.set_instance_types([])

    assert "there is none at all" in refused()


def test_a_type_of_gpu_that_is_not_authorized_is_refused_and_who_can_change_that_is_named(simulator, refused):
    simulator.add_model("a/b")
    simulator.set_instance_types([{"family": "gpua5000", "authorized": False}])

    said = refused()

    assert "the gpu_type gpua5000 is not authorized for this organization" in said
    assert "support" in said
