# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random sequences of tasks of ai_model and ai_api_key, with faults, keep the promises of each single task."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from ansible_collections.exoscale.cloud.plugins.module_utils._task import api_key, model
from ansible_collections.exoscale.cloud.tests.unit.random_cases import in_number

from .sequences import Machine, faults, read_faults

MODEL = "openai/gpt-oss-20b"
KEY = "team (a) 1"


class Listed(Machine):
    """One resource of a kind that the API lists whole, beside another one that nobody may touch."""

    #: Below it each resource has its path.
    collection = ""
    name = ""
    other = ""

    def listed(self):
        return [entry for entry in self.present() if entry["name"] == self.name]

    def expect_writes_of(self, actions, options, known):
        for write in self.simulator.writes():
            if write.method == "POST":
                assert "create" in actions
                assert write.body["name"] == self.name
                self.expect_body(write.body)
            else:
                assert "delete" in actions
                assert write.path.removeprefix(self.collection) in known

    def expect_body(self, body):
        """What else a creation may say."""

    @rule(fault=faults, read_fault=read_faults)
    def it_is_removed(self, fault, read_fault):
        self.check_and_run(fault, read_fault, name=self.name, state="absent")
        assert self.listed() == []

    @invariant()
    def there_is_at_most_one_of_the_name(self):
        assert len(self.listed()) <= 1

    @invariant()
    def nothing_else_is_touched(self):
        assert [entry["name"] for entry in self.present() if entry["name"] != self.name] == [self.other]


class Models(Listed):
    task = model
    collection = "/ai/model/"
    name = MODEL
    other = "other/model"

    def __init__(self):
        super().__init__()
        self.simulator.add_model(self.other)

    def present(self):
        return self.simulator.models()

    def expect_body(self, body):
        assert set(body) <= {"name", "huggingface-token"}

    @rule(token=st.sampled_from([None, "sentinel-of-the-hub"]), fault=faults, read_fault=read_faults)
    def it_is_declared(self, token, fault, read_fault):
        self.check_and_run(fault, read_fault, name=MODEL, huggingface_token=token, recreate=True)

    @precondition(lambda self: self.listed())
    @rule(fault=faults, read_fault=read_faults)
    def it_is_brought_again_after_an_error(self, fault, read_fault):
        self.simulator.set_model(self.listed()[0]["id"], state="error")
        self.check_and_run(fault, read_fault, name=MODEL, recreate=True)

    @rule()
    def a_creation_fails(self):
        self.clock.advance(3600)
        if not self.listed():
            self.simulator.fail_next_operation("failure", "forbidden", "the token is wrong")
            assert self.play(name=MODEL, huggingface_token="sentinel-of-the-hub")["failed"]


class Keys(Listed):
    task = api_key
    collection = "/ai/api-key/"
    name = KEY
    other = "other"

    def __init__(self):
        super().__init__()
        self.simulator.add_api_key(self.other)
        self.simulator.add_deployment(name="chat")

    def present(self):
        return self.simulator.api_keys()

    @rule(scope=st.sampled_from(["public", "chat"]), fault=faults, read_fault=read_faults)
    def it_is_declared(self, scope, fault, read_fault):
        self.check_and_run(fault, read_fault, name=KEY, scope=scope, recreate=True)

    @precondition(lambda self: self.listed())
    @rule(fault=faults, read_fault=read_faults)
    def it_is_there_with_whatever_scope(self, fault, read_fault):
        self.check_and_run(fault, read_fault, name=KEY)
        assert self.simulator.writes() == []


TestModels = Models.TestCase
TestModels.settings = in_number(15)
TestKeys = Keys.TestCase
TestKeys.settings = in_number(15)
