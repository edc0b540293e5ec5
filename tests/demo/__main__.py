# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The demo: a playbook, played several times against the simulator. Run it as ``make demo``.

Needs nothing but Python 3.11 or newer with venv, and the package index.
"""

from __future__ import annotations

import shlex
import signal
import sys

from .runs import DEPLOYMENT, RUNS, Run
from .stage import PLAYBOOK, ROOT, Simulator, install, simulator
from .telling import complaints, counted, in_words, received


def main() -> int:
    if sys.version_info < (3, 11):  # noqa: UP036  # whoever has an older one shall hear it from here
        raise SystemExit("The demo needs Python 3.11 or newer: make demo PYTHON=python3.11")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    title("Installing ansible-core and the collection into build/demo")
    install()
    introduce()
    ended = []
    with simulator() as server:
        deployment = server.control("POST", "/deployments", DEPLOYMENT)["id"]
        for number, run in enumerate(RUNS, start=1):
            title(f"{number}. {run.title}")
            ended.append(play(run, server, deployment))
    return conclude(ended)


def introduce() -> None:
    title("What is there, and what is declared")
    print("The simulated API has this deployment:\n")
    print(indented([f"{name}: {value}" for name, value in DEPLOYMENT.items()]))
    print(f"\n{PLAYBOOK.relative_to(ROOT)} declares another version and more parameters:\n")
    _licence, _blank, play = PLAYBOOK.read_text().partition("\n\n")
    print(indented(play.splitlines()))


def play(run: Run, server: Simulator, deployment: str) -> list[str]:
    """What did not end as it should."""
    print(run.explanation)
    if run.engine_says:
        server.control("POST", f"/deployments/{deployment}/log", run.engine_says)
        server.control("POST", "/operations/fail-next", {"message": "the engine did not start"})
    server.control("DELETE", "/journal")
    command = ["ansible-playbook", str(PLAYBOOK.relative_to(ROOT)), *run.options]
    print("\n$", shlex.join(command), flush=True)
    exit_status = server.play(command)
    journal = server.control("GET", "/journal")
    print(f"The API received {counted(journal)}:\n")
    print(indented(received(journal)), flush=True)
    return complaints(run, exit_status, journal)


def conclude(ended: list[list[str]]) -> int:
    title("How the runs ended")
    for number, (run, wrong) in enumerate(zip(RUNS, ended, strict=True), start=1):
        right = f"{'failed' if run.fails else 'succeeded':<11} {in_words(run.writes)}"
        print(f"{number}. {run.title:<44}", f"NOT AS IT SHOULD: {'; '.join(wrong)}" if wrong else right)
    if any(ended):
        return 1
    print("\nEach as it should. With the quick start in README.md you can try it yourself.")
    return 0


def indented(lines: list[str]) -> str:
    return "\n".join(f"    {line}".rstrip() for line in lines)


def title(text: str) -> None:
    marks = ("\033[1m", "\033[0m") if sys.stdout.isatty() else ("", "")
    print(f"\n{marks[0]}=== {text}{marks[1]}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
