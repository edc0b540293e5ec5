# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options for waiting."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  wait:
    description:
      - Whether to wait until the change has ended.
      - With V(false) the task ends as soon as the API has accepted the first change. It does not notice a change that
        fails later. If a second change is needed after the first one, the task does not send it and warns. If the
        resource is busy with another change, the task fails.
    type: bool
    default: true
  wait_for:
    description:
      - The end of a change.
      - V(ready) means that the operation has succeeded and the resource has settled in the state V(ready) after it.
        A task that has nothing to change waits for that too if the resource is still in transition, and fails if the
        resource is in the state V(error), in check mode as well. With O(wait=false) that state is a warning.
      - V(operation) means that the operation has succeeded, whatever state the resource is in.
    type: str
    choices: [ready, operation]
    default: ready
  wait_timeout:
    description:
      - Seconds for all waiting of the task together, pauses between attempts included. At most one year.
      - The time between two looks is a tenth of the time of this wait so far, but at least half a second and at most 30
        seconds.
      - When the time is over, the task fails. The change itself goes on, and running the task again waits for it.
    type: int
    default: 1800
"""
