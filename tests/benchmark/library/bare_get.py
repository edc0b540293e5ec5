# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The least that any module of this kind must do: start, import requests, make one GET."""

from __future__ import annotations

import requests
from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    module = AnsibleModule(argument_spec={"url": {"type": "str", "required": True}}, supports_check_mode=True)
    answer = requests.get(module.params["url"], timeout=30)
    module.exit_json(changed=False, status=answer.status_code)


if __name__ == "__main__":
    main()
