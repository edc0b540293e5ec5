# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Completes what ansible-test measures; it is imported at the start of each process of the session's Python.

ansible-test measures the unit tests, but not the processes that they start. And in a checkout that lies where Ansible
expects a collection, it takes the virtual environment for a part of the collection.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

FOREIGN = "    */site-packages/*\n"


def leave_out_foreign_code(config: Path) -> None:
    text = config.read_text()
    # The list of what to leave out ends the file.
    if "\nomit =\n" in text and FOREIGN not in text:
        config.write_text(text.rstrip("\n") + "\n" + FOREIGN)


def measure_this_process(config: str) -> None:
    import coverage

    # Ansible ends the worker of a play's last task as soon as it has its result, and coverage is written after that.
    os.environ["ANSIBLE_WORKER_SHUTDOWN_POLL_COUNT"] = "100"
    os.environ["COVERAGE_PROCESS_START"] = config
    coverage.process_startup()


def main(environment: os._Environ[str]) -> None:
    config = environment.get("COVERAGE_CONF")
    if not config:
        return
    leave_out_foreign_code(Path(config))
    modules = environment.get("_ANSIBLE_ANSIBALLZ_COVERAGE_CONFIG")
    if modules:
        leave_out_foreign_code(Path(json.loads(modules)["config"]))
    elif "coverage.__main__" not in sys.orig_argv:
        measure_this_process(config)


main(os.environ)
