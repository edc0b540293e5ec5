# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An error status is told with what to do next, which depends on who has answered."""

from __future__ import annotations

import pytest

from ansible_collections.exoscale.cloud.plugins.module_utils._api.client import Client
from ansible_collections.exoscale.cloud.plugins.module_utils._api.errors import ApiError
from ansible_collections.exoscale.cloud.plugins.module_utils._api.signature import Exo2Auth

PROBLEM = '{"title": "Bad Request", "detail": "no such version"}'
PAGE = "<html><title>Squid</title></html>"
CHANGE = "Change what it names, then run the task again"
CHECK_THE_KEY = "Check api_key and api_secret"
CHECK_THE_WAY = "Check api_endpoint, and proxies on the way"
WAIT = "The API or a proxy on the way has a problem; try again later"


@pytest.mark.parametrize(
    ("status", "body", "advice"),
    [
        (400, PROBLEM, [CHANGE]),
        (400, "", [CHECK_THE_WAY]),
        (401, PROBLEM, [CHECK_THE_KEY]),
        (403, '{"message": "Forbidden by role policy"}', [CHECK_THE_KEY]),
        (403, PAGE, [CHECK_THE_KEY, CHECK_THE_WAY]),
        (404, PROBLEM, []),
        (404, PAGE, [CHECK_THE_WAY]),
        (408, "", [WAIT]),
        (409, PROBLEM, []),
        (418, PROBLEM, [CHANGE]),
        (500, PROBLEM, [WAIT]),
        (503, PAGE, [WAIT]),
    ],
)
def test_an_error_status_is_told_with_what_to_do_next(simulator, clock, status, body, advice):
    client = Client(simulator.url, Exo2Auth(simulator.api_key, simulator.api_secret, clock.time), clock=clock)
    simulator.misbehave("PATCH", status=status, body=body)

    with pytest.raises(ApiError) as failure:
        client.write("PATCH", "/ai/deployment/0", {})

    told = [each for each in (CHANGE, CHECK_THE_KEY, CHECK_THE_WAY, WAIT) if each in str(failure.value)]
    assert told == advice
