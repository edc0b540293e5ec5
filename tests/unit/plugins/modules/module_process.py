# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the whole module, AnsibleModule and all, as far as its result on standard output."""

from __future__ import annotations

import json
from contextlib import contextmanager
from unittest import mock

import pytest
from ansible.module_utils import basic
from ansible.module_utils.common.parameters import PASS_VARS

from ansible_collections.exoscale.cloud.plugins.modules.ai_deployment import main


@contextmanager
def module_args(args):
    try:
        from ansible.module_utils.testing import patch_module_args
    except ImportError:
        # ansible-core 2.18
        with mock.patch.object(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": args}).encode()):
            yield
    else:
        with patch_module_args(args):
            yield


class ModuleProcess:
    def __init__(self, simulator, clock, capsys):
        self._clock = clock
        self._capsys = capsys
        self._connection = {
            "api_key": simulator.api_key,
            "api_secret": simulator.api_secret,
            "api_endpoint": simulator.url,
        }
        self.output = ""
        self.invocation = {}

    def __call__(self, check_mode=False, diff=True, connection=True, main=main, **options):
        """The result that the module prints; what else it prints is in :attr:`output`."""
        args = dict(self._connection if connection else {}, **options)
        args.update(_ansible_check_mode=check_mode, _ansible_diff=diff, _ansible_verbosity=4)
        # Since ansible-core 2.21 a result tells its invocation only on request; older ones do not know the request.
        if "inject_invocation" in PASS_VARS:
            args.update(_ansible_inject_invocation=True)
        with module_args(args), pytest.raises(SystemExit):
            main(self._clock)
        printed = self._capsys.readouterr()
        result = json.loads(printed.out)
        # Since ansible-core 2.22 a module hands its secrets to the controller, which takes them out of the result.
        result.pop("_ansible_new_secrets", None)
        self.output = json.dumps(result, ensure_ascii=False) + printed.err
        self.invocation = result.pop("invocation")["module_args"]
        return result
