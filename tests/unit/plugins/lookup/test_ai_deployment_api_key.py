# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The key of an endpoint, where a play needs it."""

from __future__ import annotations

import pytest

from ansible_collections.exoscale.cloud.tests.simulator import Simulator
from ansible_collections.exoscale.cloud.tests.unit.plugins.action.playbook import Playbook

NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def server():
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def look_up(server, tmp_path):
    """Evaluates lookups, given as their arguments: look_up("'chat'") → what was played."""
    playbook = Playbook(server, tmp_path)

    def look_up(*lookups, **options):
        tasks = [
            {
                "name": f"number {number}",
                "ansible.builtin.set_fact": {
                    "found": "{{ query('exoscale.cloud.ai_deployment_api_key', " + arguments + ") }}"
                },
                "ignore_errors": True,
            }
            for number, arguments in enumerate(lookups)
        ]
        return playbook(tasks, "-vvvv", **options)

    return look_up


def found(played, number):
    return played.results[f"number {number}"]["ansible_facts"]["found"]


def test_it_is_found_by_name_and_by_id_in_the_order_of_the_terms(server, look_up):
    chat, talk = (server.add_deployment(name=name) for name in ("chat", "talk"))

    played = look_up(f"'{talk.upper()}', 'chat'")

    assert found(played, 0) == [f"key-of-{talk}", f"key-of-{chat}"]
    assert server.calls() == [
        f"GET /ai/deployment/{talk}/api-key",
        "GET /ai/deployment",
        f"GET /ai/deployment/{chat}/api-key",
    ]


def test_options_win_over_the_environment(server, look_up):
    chat = server.add_deployment(name="chat")

    played = look_up(
        f"'chat', api_endpoint='{server.url}'", variables={"EXOSCALE_API_ENDPOINT": "https://x.invalid/v2"}
    )

    assert found(played, 0) == [f"key-of-{chat}"]


def test_an_account_of_the_vendors_client_is_an_option_too(server, look_up, tmp_path):
    chat = server.add_deployment(name="chat")
    file = tmp_path / "mine.toml"
    file.write_text(
        f'[[accounts]]\nname = "team"\nkey = "{server.api_key}"\nsecret = "{server.api_secret}"\n'
        f'endpoint = "{server.url}"\n'
    )

    played = look_up(
        f"'chat', account='team', config_file='{file}'",
        variables={"EXOSCALE_API_ENDPOINT": "", "EXOSCALE_API_KEY": "EXOwrong"},
    )

    assert found(played, 0) == [f"key-of-{chat}"]


def test_errors_are_words_without_secrets(server, look_up):
    chat = server.add_deployment(name="chat")
    server.misbehave("GET", f"/ai/deployment/{chat}/api-key", status=200, json={"api-key": ""}, times=6)
    server.misbehave("GET", "/ai/deployment", skip=1, status=400, json={"detail": f"what is {server.api_secret}"})

    played = look_up("'nobody'", f"'{NOBODY}'", f"'{chat}'", "'chat'")

    messages = [played.results[f"number {number}"]["msg"] for number in range(4)]
    for message, expected in zip(
        messages,
        ("No private deployment", "Check the ID and the zone", "holds no key", "answered with 400"),
        strict=True,
    ):
        assert expected in message
    assert server.api_secret not in played.output
    assert "Traceback" not in "".join(messages)
