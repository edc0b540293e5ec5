# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The least that a module on the vendor's Python SDK has to do to read a deployment."""

from __future__ import annotations

import os

from ansible.module_utils.basic import AnsibleModule
from exoscale.api.v2 import Client


def main() -> None:
    module = AnsibleModule({"url": {"type": "str"}, "id": {"type": "str"}})
    client = Client(os.environ["EXOSCALE_API_KEY"], os.environ["EXOSCALE_API_SECRET"], url=module.params["url"])
    deployment = client.get_deployment(id=module.params["id"])
    module.exit_json(changed=False, deployment=deployment)


if __name__ == "__main__":
    main()
