# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plays tasks with ansible-playbook against the simulator, and tells what became of them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import ansible_collections.exoscale.cloud as collection

COLLECTIONS = Path(next(iter(collection.__path__))).parents[2]
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass
class Played:
    """
    :param lines: what was printed, without the lines about connection and module's process.
    :param results: the registered results by the name of the task.
    """

    exit_status: int
    output: str
    results: dict = field(default_factory=dict)
    journal: list = field(default_factory=list)

    @property
    def lines(self):
        return [line for line in self.output.splitlines() if not _OF_THE_WAY.match(line)]

    def comparable(self):
        """All that must be the same in both ways; IDs are told apart by the order in which they appear."""
        numbers = {}
        text = json.dumps([self.journal, self.results, self.exit_status, self.lines], indent=1, sort_keys=True)
        return _UUID.sub(lambda found: f"ID {numbers.setdefault(found.group(), len(numbers))}", text).splitlines()


#: What ansible-core says of the way in which it runs a task, and nothing of its outcome.
_OF_THE_WAY = re.compile(
    r"<\S+> |Using module file |Pipelining is enabled|redirecting \(type: |Loading collection |waiting: |Trying secret "
)


def variable(name):
    """Where the result of a task is registered."""
    return "result_of_" + name.replace(" ", "_").lower()


class Playbook:
    """
    :param folder: for the files of the play.
    """

    def __init__(self, simulator, folder):
        self.simulator = simulator
        self.folder = folder

    def environment(self, **variables):
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "EXOSCALE_"))
        }
        return {
            **inherited,
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_HOME": str(self.folder / "home"),
            "ANSIBLE_LOCAL_TEMP": str(self.folder / "home" / "tmp"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_DEPRECATION_WARNINGS": "false",
            "EXOSCALE_API_KEY": self.simulator.api_key,
            "EXOSCALE_API_SECRET": self.simulator.api_secret,
            "EXOSCALE_API_ENDPOINT": self.simulator.url,
            **variables,
        }

    def command(self, tasks, *arguments, inventory=None, hosts="localhost", play=()):
        """
        :param play: keywords of the play.
        """
        results = self.folder / "results.json"
        results.unlink(missing_ok=True)
        registered = [{**task, "register": variable(task["name"])} for task in tasks]
        told = ", ".join(f"{task['name']!r}: {variable(task['name'])} | default('not run')" for task in tasks)
        keep = {
            "name": "Keep the results",
            "ansible.builtin.copy": {"content": "{{ {" + told + "} | to_json }}", "dest": str(results)},
            "check_mode": False,
            "diff": False,
            "no_log": True,
            "vars": {"ansible_connection": "local"},
            "delegate_to": "localhost",
        }
        book = [{"hosts": hosts, "gather_facts": False, "tasks": [*registered, keep], **dict(play)}]
        # JSON is YAML, but for the tags that a test may want.
        text = re.sub(r'"<(!\w+)>(.*?)"', lambda found: f'{found[1]} "{found[2]}"', json.dumps(book, indent=1))
        (self.folder / "play.yml").write_text(text)
        places = () if inventory is None else ("--inventory", inventory)
        return [sys.executable, "-m", "ansible.cli.playbook", *places, *arguments, str(self.folder / "play.yml")]

    def __call__(self, tasks, *arguments, variables=(), **options):
        """
        :param variables: of the environment.
        """
        finished = subprocess.run(
            self.command(tasks, *arguments, **options),
            env=self.environment(**dict(variables)),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=300,
        )
        results = self.folder / "results.json"
        return Played(
            finished.returncode,
            finished.stdout,
            json.loads(results.read_text()) if results.exists() else {},
            [[entry.method, entry.path, entry.body] for entry in self.simulator.journal],
        )
