# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Those parts of :mod:`requests`, and of what it is built on, that this collection uses, if they are there."""

from __future__ import annotations

import warnings

try:
    with warnings.catch_warnings():
        # A library that finds another one too new or too old says so on stderr, where nobody can do anything about it.
        warnings.simplefilter("ignore")
        import requests
    from requests.adapters import HTTPAdapter
    from requests.auth import AuthBase
    from urllib3 import HTTPConnectionPool, HTTPSConnectionPool

    HAS_REQUESTS = True
except Exception:  # noqa: BLE001  # libraries that do not fit together fail in any way
    requests = None  # type: ignore[assignment]
    AuthBase = HTTPAdapter = HTTPConnectionPool = HTTPSConnectionPool = object  # type: ignore[assignment,misc]
    HAS_REQUESTS = False

__all__ = ["HAS_REQUESTS", "AuthBase", "HTTPAdapter", "HTTPConnectionPool", "HTTPSConnectionPool", "requests"]
