# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a task as a module and in Ansible's own process, both within the process of the test."""

from __future__ import annotations

import importlib
import json
import os

import pytest
from ansible.module_utils.common.parameters import PASS_VARS

from ansible_collections.exoscale.cloud.tests.unit.plugins.modules.module_process import module_args

COLLECTION = "ansible_collections.exoscale.cloud.plugins"
#: What each way tells on its own, and what ansible-core tells of the way.
_OWN_KEYS = ("invocation", "exception", "ansible_parsed", "_ansible_new_secrets")


def both_ways(name, options, capsys):
    """The two results, each with all that it has told as a text.

    :param name: of the module.
    """
    as_module = _as_module(name, options, capsys)
    return as_module, _in_process(name, options)


def without_own(result):
    """What must be the same in both ways."""
    return {key: value for key, value in result.items() if key not in _OWN_KEYS}


def _as_module(name, options, capsys):
    main = importlib.import_module(f"{COLLECTION}.modules.{name}").main
    of_core = {
        "_ansible_check_mode": False,
        "_ansible_diff": True,
        "_ansible_module_name": f"exoscale.cloud.{name}",
        **({"_ansible_inject_invocation": True} if "inject_invocation" in PASS_VARS else {}),
    }
    with module_args({**options, **of_core}), pytest.raises(SystemExit):
        main()
    return json.loads(capsys.readouterr().out)


def _in_process(name, options):
    # Imported only now: where the controller's part of ansible-core is loaded, modules in the same process read no text
    # that is no Unicode any more, and other tests let them.
    from ansible.parsing.dataloader import DataLoader
    from ansible.playbook.play_context import PlayContext
    from ansible.playbook.task import Task
    from ansible.plugins import loader as plugin_loader
    from ansible.template import Templar

    task = Task()
    task.action = f"exoscale.cloud.{name}"
    task.args = options
    task.diff = True
    context, loader = PlayContext(), DataLoader()
    action_class = importlib.import_module(f"{COLLECTION}.action.{name}").ActionModule
    action = action_class(
        task=task,
        connection=plugin_loader.connection_loader.get("local", context, os.devnull),
        play_context=context,
        loader=loader,
        templar=Templar(loader=loader, variables={}),
        shared_loader_obj=plugin_loader,
    )
    # As it comes back from a worker of Ansible.
    return json.loads(json.dumps(action.run(task_vars={})))
