# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random fleets with random faults keep the promises that each single deployment makes, and those of the fleet."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule

from ansible_collections.exoscale.cloud.plugins.module_utils._task import deployments
from ansible_collections.exoscale.cloud.tests.unit.random_cases import in_number

from .sequences import Machine, faults, read_faults

NAMES = ("a", "b", "c", "d")
STRAYS = ("x", "y")
CREATION = {"model": "openai/gpt-oss-120b", "gpu_type": "gpua5000", "gpu_count": 1, "replicas": 1}

entries = st.fixed_dictionaries(
    {"name": st.sampled_from(NAMES)},
    optional={
        "state": st.sampled_from(["present", "present", "absent"]),
        "inference_engine_version": st.sampled_from(["0.17.0", "0.18.0", "0.19.0"]),
        "replicas": st.integers(1, 3),
        "on_failure": st.sampled_from(["keep", "rollback"]),
    },
)
fleets = st.lists(entries, min_size=1, max_size=len(NAMES), unique_by=lambda entry: entry["name"])


def secret_of(name):
    return f"sentinel-of-{name}-in-the-engine"


class Fleets(Machine):
    task = deployments
    #: Their operations take 200 seconds at most, and may come one after the other.
    wait_timeout = 2400

    def __init__(self):
        super().__init__()
        self.simulator.add_deployment(name="shared", visibility="public", model={"name": CREATION["model"]})

    def present(self):
        return [entry for entry in self.simulator.deployments() if entry["visibility"] == "private"]

    def names(self):
        return sorted(entry["name"] for entry in self.present())

    def whole(self, declared):
        """What also creates the deployments, each with a secret of its own."""
        return [
            {
                **CREATION,
                "inference_engine_parameters": ["--seed=1", "--api-key", secret_of(entry["name"])],
                **entry,
            }
            for entry in declared
        ]

    def expect_only_what_was_asked_for(self, options):
        """Nothing was sent that no entry and no purge asked for, and no limit was passed."""
        wanted = {entry["name"]: entry for entry in options["deployments"]}
        created = [write.body["name"] for write in self.simulator.writes() if write.path == "/ai/deployment"]
        assert all(wanted[name].get("state") != "absent" for name in created)
        deleted = {write.path.split("/")[3] for write in self.simulator.writes() if write.method == "DELETE"}
        of_strays = deleted & {self.known[name] for name in self.known if name not in wanted}
        assert len(of_strays) <= options["purge_limit"]
        assert options["purge"] or not of_strays
        for write in self.simulator.writes():
            if write.method == "DELETE":
                continue
            told = self.known_by_id.get(write.path.split("/")[3]) if write.path != "/ai/deployment" else None
            assert told is None or told in wanted

    @rule(
        fleet=fleets,
        concurrency=st.integers(1, 4),
        purge=st.booleans(),
        limit=st.integers(0, 3),
        strays=st.sets(st.sampled_from(STRAYS)),
        fault=faults,
        read_fault=read_faults,
    )
    def it_is_declared(self, fleet, concurrency, purge, limit, strays, fault, read_fault):
        self.clock.advance(3600)
        for name in strays - set(self.names()):
            self.simulator.add_deployment(name=name, model={"name": CREATION["model"]})
        before = self.present()
        self.known = {entry["name"]: entry["id"] for entry in before}
        self.known_by_id = {entry["id"]: entry["name"] for entry in before}
        options = {
            "deployments": self.whole(fleet),
            "concurrency": concurrency,
            "purge": purge,
            "purge_limit": limit,
        }
        declared = {entry["name"] for entry in fleet}
        to_purge = set(self.known) - declared if purge else set()
        too_many = len(to_purge) > limit

        predicted = self.play(check_mode=True, **options)
        assert predicted["failed"] == too_many, predicted
        for method in ("POST", "PATCH", "DELETE") if fault else ():
            self.simulator.misbehave(method, **fault)
        if read_fault:
            self.simulator.misbehave("GET", skip=2, **read_fault)
        happened = self.play(**options)
        self.simulator.forget_faults()
        self.expect_only_what_was_asked_for(options)
        self.expect_results_in_order(happened, fleet)
        if happened["failed"]:
            # What was lost may still come.
            self.clock.advance(3600)
            happened = self.play(**options)
            assert happened["failed"] == too_many, happened["msg"]
        else:
            assert {key: predicted[key] for key in ("changed", "diff")} == {
                key: happened[key] for key in ("changed", "diff")
            }
        kept = {entry["name"] for entry in fleet if entry.get("state") != "absent"}
        left = set() if purge and not too_many else set(self.known) - declared
        # None was lost, and none made twice.
        assert self.names() == sorted(kept | left)
        again = self.play(**options)
        assert again["failed"] == too_many
        assert not again["changed"]
        assert self.simulator.writes() == []

    def expect_results_in_order(self, happened, fleet):
        """Each result is of its own entry, and holds nothing of another's."""
        if not happened["results"]:
            # The list could not be read.
            assert happened["failed"]
            assert self.simulator.writes() == []
            return
        assert len(happened["results"]) == len(fleet)
        for entry, result in zip(fleet, happened["results"], strict=True):
            if result["deployment"] is not None:
                assert result["deployment"]["name"] == entry["name"]
            others = {self.known[name] for name in self.known if name != entry["name"]}
            assert not any(each in str(result) for each in others)


TestFleets = Fleets.TestCase
TestFleets.settings = in_number(20)
