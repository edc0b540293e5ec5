# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sum up what ran: the cases in the JUnit files, and each session of nox that is not such a set of cases."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree


def outcome(case: ElementTree.Element) -> str:
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    return "skipped" if case.find("skipped") is not None else "passed"


def cases(folder: Path) -> Counter[str]:
    files = map(ElementTree.parse, folder.glob("**/*.xml"))
    return Counter(outcome(case) for file in files for case in file.iter("testcase"))


def tried(folder: Path) -> Counter[str]:
    """What the tests have counted for themselves, such as random cases."""
    found: Counter[str] = Counter()
    for file in map(ElementTree.parse, folder.glob("**/*.xml")):
        for said in file.iter("property"):
            if said.get("value", "").isdigit():
                found[said.get("name", "")] += int(said.get("value", ""))
    return found


def tell_tried(folder: Path) -> None:
    counted = tried(folder)
    if counted:
        print("Tried: " + ", ".join(f"{number:,} {name}" for name, number in sorted(counted.items())))


def session_totals(name: str, session: dict[str, Any], junit: Path) -> Counter[str]:
    totals = cases(junit / re.sub(r"\W+", "-", name))
    result = {"success": "passed", "skipped": "skipped"}.get(session["result"].lower(), "failed")
    # In a session that succeeded, a failure was meant: playbooks provoke errors in order to read them.
    if result == "passed":
        totals["passed"] += totals.pop("failed", 0)
    # A session may break without any of its cases failing, and that must not pass for a success.
    if not totals.total() or (result == "failed" and not totals["failed"]):
        totals[result] += 1
    return totals


def main(report: Path, parts: list[str]) -> int:
    """
    :param parts: the names of the files in which nox tells how its sessions ended.
    """
    totals: Counter[str] = Counter()
    for part in parts:
        file = report / f"{part}.json"
        if not file.exists():
            print(f"{part}: it broke off, so that nothing tells how its sessions ended")
            totals["failed"] += 1
            continue
        for session in json.loads(file.read_text())["sessions"]:
            name = (session["signatures"] or [session["name"]])[0]
            found = session_totals(name, session, report / "junit")
            print(f"{name}: {found['passed']} passed, {found['failed']} failed, {found['skipped']} skipped")
            totals += found
    tell_tried(report / "junit")
    line = f"{totals['passed']} passed, {totals['failed']} failed"
    line += f", {totals['skipped']} skipped" if totals["skipped"] else ""
    (report / "totals.txt").write_text(f"{line}\n")
    print(f"\n{line}")
    return 1 if totals["failed"] or not totals["passed"] else 0


if __name__ == "__main__":
    if sys.argv[1] == "--tried":
        tell_tried(Path(sys.argv[2]))
    else:
        sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
