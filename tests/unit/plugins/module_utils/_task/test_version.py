# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import yaml

from ansible_collections.exoscale.cloud.plugins.module_utils._api.version import COLLECTION_VERSION

ROOT = Path(__file__).parents[5]


def test_the_version_that_requests_name_is_that_of_the_collection(simulator, play):
    play(name="chat")

    agent = simulator.journal[0].headers["User-Agent"]
    assert agent == f"ansible-collection-exoscale.cloud/{COLLECTION_VERSION}"
    assert yaml.safe_load((ROOT / "galaxy.yml").read_text())["version"] == COLLECTION_VERSION


def test_all_modules_are_in_the_action_group():
    group = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())["action_groups"]["ai"]

    assert sorted(group) == sorted(module.stem for module in (ROOT / "plugins" / "modules").glob("*.py"))
