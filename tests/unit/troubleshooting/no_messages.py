# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts of the code that are no messages, and why."""

from __future__ import annotations

#: Lines that ``-vvv`` or the progress of a task prints.
PRINTED = (
    "its connection is <…>",
    "it has become",
    "it is asynchronous",
    "it has an environment",
    "its interpreter is <…>, and Ansible's own is <…>",
    "<…> cannot import requests",
    "<…> or <…> says so",
    "it has options that only a module's process can read",
    ", and the last attempt to look failed: <…>",
    "whether <…> was carried out for <…>",
    "<…>, but does not serve yet: <…>",
    "being looked at",
    "nothing to change",
)
#: Words that are no sentences; the last ones stand where the name of a signal does.
OTHERS = (
    "as it is",
    "AnsibleModule does not return",
    "the end of the process that waits for it",
)
#: What would be told if a task came to it, but none is known that does.
NEVER_SEEN = (
    "The deployment <…> is not there, and a deployment is created by name and not by id",
    "The <…> <…> is not there, and one is created by name and not by id",
    "The API created <…>, though the name <…> was asked for. A task that names <…> does not find it",
    "a field that is fixed is another one now",
)
NO_MESSAGES = (*PRINTED, *OTHERS, *NEVER_SEEN)
