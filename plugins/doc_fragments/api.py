# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options for reaching the Exoscale API."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  api_key:
    description:
      - The key of an Exoscale IAM API key, for example C(EXO…).
      - O(api_key) and O(api_secret) belong together. Only one of the two is an error.
      - If both are omitted and O(account) too, the environment variables E(EXOSCALE_API_KEY) and
        E(EXOSCALE_API_SECRET) are used, on the host where the task runs. They count only if both are set.
      - If they are not, the file of the vendor's client is used, see O(config_file).
      - Required in one of these ways.
    type: str
  api_secret:
    description:
      - The secret of the API key.
      - See O(api_key).
    type: str
  account:
    description:
      - The name of an account in O(config_file). It wins over credentials in the environment.
      - If omitted, the environment variable E(EXOSCALE_ACCOUNT) is used, on the host where the task runs, or else the
        C(defaultaccount) of the file, or else its only account.
      - The account gives its C(key), and its C(secret) or the output of its C(secretCommand). That command runs without
        a shell, for O(api_timeout) seconds at most, and each task that needs it runs it again.
    type: str
  config_file:
    description:
      - The path of the file C(exoscale.toml) of the vendor's command-line client, on the host where the task runs.
      - If omitted, the environment variable E(EXOSCALE_CONFIG) is used, or else
        C($XDG_CONFIG_HOME/exoscale/exoscale.toml) (C(~/.config/exoscale/exoscale.toml)) or
        C(~/.exoscale/exoscale.toml), whichever is there.
      - The file is read only if options and environment leave credentials or zone open, or with O(account).
    type: path
  zone:
    description:
      - The zone that holds the resource, for example V(ch-gva-2). The task then talks to
        C(https://api-<zone>.exoscale.com/v2).
      - If there is no such host, the task fails at once.
      - If omitted, the environment variable E(EXOSCALE_ZONE) is used, on the host where the task runs. If that is not
        set, the C(endpoint) of the O(account) is used, or else its C(defaultZone).
      - Required unless one of these is known, or O(api_endpoint).
    type: str
  api_endpoint:
    description:
      - The whole base URL of the API, used instead of that of the O(zone).
      - If omitted, the environment variable E(EXOSCALE_API_ENDPOINT) is used, on the host where the task runs.
        If that is set, it wins over O(zone).
      - C(http://) is accepted only with a loopback address, because it would send everything in clear text.
    type: str
  validate_certs:
    description:
      - Whether to verify the TLS certificate of the API.
      - Set to V(false) only for a test server of your own.
      - If a private certificate authority signed the certificate, let the environment variable
        E(REQUESTS_CA_BUNDLE) name its file instead.
    type: bool
    default: true
  api_timeout:
    description:
      - Seconds to wait for a connection, and for each part of an answer, in one request. From 1 to 3600. One request
        takes at most twice as long.
      - If the answer to a change is lost, the task looks for the effect for O(api_timeout) seconds.
    type: int
    default: 30
  api_retries:
    description:
      - How many more attempts to make after a failure that is over in a moment, such as a lost connection or
        an answer V(429) or V(503). From 0 to 100. V(0) means none.
      - A change is repeated if the API certainly did not carry it out. If that is unknown, because the answer was lost
        or was a server error, the task looks for the effect first. It repeats an update, a scaling or a deletion only
        if there is no trace of it. It never repeats a creation, as that could make two.
    type: int
    default: 5
requirements:
  - requests (Python library, on the host where the task runs)
  - tomli (Python library, on the host where the task runs), only to read O(config_file) with a Python before 3.11
notes:
  - Redirects are not followed, and credentials in a C(.netrc) file are not used.
  - Proxies are taken from the environment variables E(HTTPS_PROXY), E(HTTP_PROXY) and E(NO_PROXY).
seealso:
  - name: Exoscale API reference
    description: The vendor's description of the API.
    link: https://openapi-v2.exoscale.com/
"""
