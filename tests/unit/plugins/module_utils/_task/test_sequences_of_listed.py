# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random sequences of tasks of ai_model and ai_api_key, with faults, keep the promises of each single task."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from ansible_collections.exoscale.cloud.plugins.module_utils._task import api_key, model

from .sequences import Machine, faults, in_number, read_faults

MODEL = "openai/gpt-oss-20b"
KEY = "team (a) 1"


class Models(Machine):
    task = model

    def __init__(self):
        super().__init__()
        self.simulator.add_model("other/model")

    def present(self):
        return self.simulator.models()

    def listed(self):
        return [entry for entry in self.present() if entry["name"] == MODEL]

    def expect_writes_of(self, actions, options, known):
        for write in self.simulator.writes():
            if write.method == "POST":
                assert "create" in actions
                assert write.body["name"] == MODEL
                assert set(write.body) <= {"name", "huggingface-token"}
            else:
                assert "delete" in actions
                assert write.path.removeprefix("/ai/model/") in known

    @rule(token=st.sampled_from([None, "sentinel-of-the-hub"]), fault=faults, read_fault=read_faults)
    def it_is_declared(self, token, fault, read_fault):
        self.check_and_run(fault, read_fault, name=MODEL, huggingface_token=token, recreate=True)

    @precondition(lambda self: self.listed())
    @rule(fault=faults, read_fault=read_faults)
    def it_is_brought_again_after_an_error(self, fault, read_fault):
        self.simulator.set_model(self.listed()[0]["id"], state="error")
        self.check_and_run(fault, read_fault, name=MODEL, recreate=True)

    @rule(fault=faults, read_fault=read_faults)
    def it_is_removed(self, fault, read_fault):
        self.check_and_run(fault, read_fault, name=MODEL, state="absent")
        assert self.listed() == []

    @rule()
    def a_creation_fails(self):
        self.clock.advance(3600)
        if not self.listed():
            self.simulator.fail_next_operation("failure", "forbidden", "the token is wrong")
            assert self.play(name=MODEL, huggingface_token="sentinel-of-the-hub")["failed"]

    @invariant()
    def there_is_at_most_one_of_the_name(self):
        assert len(self.listed()) <= 1

    @invariant()
    def nothing_else_is_touched(self):
        assert [entry["name"] for entry in self.present() if entry["name"] != MODEL] == ["other/model"]


class Keys(Machine):
    task = api_key

    def __init__(self):
        super().__init__()
        self.simulator.add_api_key("other")
        self.simulator.add_deployment(name="chat")

    def present(self):
        return self.simulator.api_keys()

    def listed(self):
        return [entry for entry in self.present() if entry["name"] == KEY]

    def expect_writes_of(self, actions, options, known):
        for write in self.simulator.writes():
            if write.method == "POST":
                assert "create" in actions
                assert write.body["name"] == KEY
            else:
                assert "delete" in actions
                assert write.path.removeprefix("/ai/api-key/") in known

    @rule(scope=st.sampled_from(["public", "chat"]), fault=faults, read_fault=read_faults)
    def it_is_declared(self, scope, fault, read_fault):
        self.check_and_run(fault, read_fault, name=KEY, scope=scope, recreate=True)

    @precondition(lambda self: self.listed())
    @rule(fault=faults, read_fault=read_faults)
    def it_is_there_with_whatever_scope(self, fault, read_fault):
        self.check_and_run(fault, read_fault, name=KEY)
        assert self.simulator.writes() == []

    @rule(fault=faults, read_fault=read_faults)
    def it_is_removed(self, fault, read_fault):
        self.check_and_run(fault, read_fault, name=KEY, state="absent")
        assert self.listed() == []

    @invariant()
    def there_is_at_most_one_of_the_name(self):
        assert len(self.listed()) <= 1

    @invariant()
    def nothing_else_is_touched(self):
        assert [entry["name"] for entry in self.present() if entry["name"] != KEY] == ["other"]


TestModels = Models.TestCase
TestModels.settings = in_number(15)
TestKeys = Keys.TestCase
TestKeys.settings = in_number(15)
