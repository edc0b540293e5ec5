# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The vendor's own SDK finds in the simulator the API that it knows."""

from __future__ import annotations

import pytest
from exoscale.api import v2
from exoscale.api.exceptions import ExoscaleAPIClientException

from ansible_collections.exoscale.cloud.tests.simulator.contract import vendor_contract

DEPLOYMENT = {"gpu_type": "gpua5000", "gpu_count": 2, "replicas": 1}


@pytest.fixture
def sdk(simulator, clock, monkeypatch):
    monkeypatch.setattr(v2, "time", clock)
    return v2.Client(simulator.api_key, simulator.api_secret, url=simulator.url)


def test_it_lists_gets_updates_and_waits(simulator, sdk):
    chat = simulator.add_deployment(name="chat", inference_engine_version="0.18.0")
    simulator.operation_seconds = 20

    listed = sdk.list_deployments()["deployments"]
    operation = sdk.update_deployment(id=chat, inference_engine_version="0.19.0")
    finished = sdk.wait(operation["id"])
    found = sdk.get_deployment(id=chat)

    assert [entry["name"] for entry in listed] == ["chat"]
    assert "inference-engine-version" not in listed[0]
    assert operation["state"] == "pending"
    assert finished["state"] == "success"
    assert finished["reference"]["id"] == chat
    assert found["inference-engine-version"] == "0.19.0"


def test_it_creates_scales_reads_logs_and_deletes(simulator, sdk):
    model = sdk.wait(sdk.create_model(name="openai/gpt-oss-20b")["id"])["reference"]["id"]
    created = sdk.wait(
        sdk.create_deployment(
            name="chat",
            model={"name": "openai/gpt-oss-20b"},
            **{"gpu_type": "gpua5000", "gpu_count": 2, "replicas": 1},
        )["id"]
    )
    chat = created["reference"]["id"]
    sdk.wait(sdk.scale_deployment(id=chat, replicas=3)["id"])
    scaled = sdk.get_deployment(id=chat)
    logs = sdk.get_deployment_logs(id=chat, tail=1)["logs"]
    sdk.wait(sdk.delete_deployment(id=chat)["id"])

    assert scaled["model"] == {"id": model, "name": "openai/gpt-oss-20b"}
    assert scaled["replicas"] == 3
    assert [entry["message"] for entry in logs] == ["engine starts"]
    assert sdk.list_deployments() == {"deployments": []}


def test_it_reads_the_help_of_an_engine_version(sdk):
    parameters = sdk.get_inference_engine_help(version="0.19.0")["parameters"]

    assert "--max-model-len" in [flag for entry in parameters for flag in entry["flags"]]


def test_a_model_in_use_cannot_be_deleted(simulator, sdk):
    simulator.add_deployment()
    (model,) = sdk.list_models()["models"]

    with pytest.raises(ExoscaleAPIClientException):
        sdk.delete_model(id=model["id"])


def test_a_deployment_that_does_not_exist_is_refused(sdk):
    with pytest.raises(ExoscaleAPIClientException):
        sdk.get_deployment(id="00000000-0000-4000-8000-000000000000")


def test_it_reaches_each_operation_of_the_ai_part(simulator, sdk):
    def done(operation):
        return sdk.wait(operation["id"])["reference"]["id"]

    model = done(sdk.create_model(name="openai/gpt-oss-20b"))
    chat = done(sdk.create_deployment(name="chat", model={"id": model}, **DEPLOYMENT))
    key = sdk.create_ai_api_key(name="team", scope=chat)

    assert sdk.list_models()["models"] == [sdk.get_model(id=model)]
    assert sdk.list_deployments()["deployments"][0]["id"] == sdk.get_deployment(id=chat)["id"] == chat
    assert done(sdk.update_deployment(id=chat, name="talk")) == chat
    assert done(sdk.scale_deployment(id=chat, replicas=2)) == chat
    assert sdk.get_deployment_logs(id=chat)["logs"]
    assert sdk.reveal_deployment_api_key(id=chat)["api-key"]
    assert key["value"]
    assert sdk.list_ai_api_keys()["ai-api-keys"] == [sdk.get_ai_api_key(id=key["id"])]
    assert done(sdk.delete_ai_api_key(id=key["id"])) == key["id"]
    assert sdk.list_ai_instance_types()["instance-types"]
    assert "quota-uom-per-minute" in sdk.get_user_org_consumption_quota()
    assert sdk.list_quotas()["quotas"]
    assert sdk.get_inference_engine_help()["parameters"]
    assert done(sdk.delete_deployment(id=chat)) == chat
    assert done(sdk.delete_model(id=model)) == model
    reached = {entry.operation for entry in simulator.journal if entry.status == 200}
    assert vendor_contract().operations("/") - reached == set()
