# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests with random cases, however many there are, tell what went wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.exoscale.cloud.tests.unit.random_cases import in_number, number_of


def test_a_failure_tells_the_case():
    @in_number(1)
    @given(st.just("the odd one"))
    def fails(value):
        assert value == "another one"

    with pytest.raises(AssertionError) as caught:
        fails()

    assert "value='the odd one'" in "".join(caught.value.__notes__)


@pytest.mark.parametrize(("environment", "number"), [({}, 20), ({"EXOSCALE_TEST_SEQUENCES": "2000"}, 1000)])
def test_the_environment_multiplies_them(monkeypatch, environment, number):
    monkeypatch.delenv("EXOSCALE_TEST_SEQUENCES", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert number_of(20) == number
