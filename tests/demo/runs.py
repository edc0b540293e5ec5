# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the demo plays, in this order, and how each run has to end."""

from __future__ import annotations

from dataclasses import dataclass

#: As it was before the playbook is played for the first time.
DEPLOYMENT = {
    "name": "chat",
    "inference_engine_version": "0.18.0",
    "inference_engine_parameters": ["--max-model-len=8192"],
}


@dataclass(frozen=True)
class Run:
    """
    :param options: of ``ansible-playbook``.
    :param engine_says: its last words in the log, before the first change of this run fails; without any, none fails.
    :param fails: whether the playbook has to fail.
    :param writes: how many requests may change something.
    """

    title: str
    explanation: str
    options: tuple[str, ...]
    engine_says: tuple[str, ...] = ()
    fails: bool = False
    writes: int = 0


RUNS = (
    Run(
        "Look first",
        "A dry run shows the change and makes none.",
        ("--check", "--diff"),
    ),
    Run(
        "A mistyped flag",
        "The dry run asks the API which flags this version has, and fails where the roll-out would.",
        ("--check", "-e", "{parameters: [--max-modle-len=16384, --enable-prefix-caching]}"),
        fails=True,
    ),
    Run(
        "Roll it out",
        "One write, then progress until the deployment is ready again.",
        ("--diff",),
        writes=1,
    ),
    Run(
        "Run it again",
        "Nothing differs, so nothing is written.",
        ("--diff",),
    ),
    Run(
        "Only written otherwise",
        "Another order, another spelling, the same meaning to the engine: no redeploy.",
        (
            "--diff",
            "-e",
            "{parameters: [--enable-prefix-caching, --gpu-memory-utilization=0.90, --max_model_len, 16384]}",
        ),
    ),
    Run(
        "A change that the engine does not survive",
        "Only the engine can tell that this is too much. The task shows its log and takes the change back.",
        ("-e", "{parameters: [--max-model-len=131072]}"),
        engine_says=(
            "Starting the engine with max_model_len=131072",
            "ValueError: 16.0 GiB of KV cache are needed for 131072 tokens, and 5.2 GiB are there",
        ),
        fails=True,
        writes=2,
    ),
    Run(
        "As if nothing had happened",
        "What ran before runs again, as declared: nothing to do.",
        ("--diff",),
    ),
)
