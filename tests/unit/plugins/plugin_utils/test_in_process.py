# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ansible-core would take out of a result is what this way takes out."""

from __future__ import annotations

import pytest

from ansible_collections.exoscale.cloud.tests.unit.reliability.both_ways import both_ways, without_own


@pytest.mark.parametrize("key", [0, 0.0, False, 5, "0", [0], {"a": 0}])
def test_a_key_that_is_no_text_hides_the_same_in_both_ways(capsys, monkeypatch, tmp_path, key):
    monkeypatch.setenv("HOME", str(tmp_path))

    as_module, in_process = both_ways("ai_deployments", {"deployments": [], "api_key": key}, capsys)

    assert without_own(as_module) == without_own(in_process)
    assert as_module["failed"]
