# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that cannot be right."""

from __future__ import annotations

from ansible_collections.exoscale.cloud.plugins.module_utils._task import (
    api_key,
    engine_parameter_info,
    model,
)

from .stage import plays

PARAMETERS = "inference_engine_parameters"
OPTIONS = {
    "Which deployment is meant? Set id or name": {},
    "<option> is <number>, but must be from <number> to <number>": {"name": "chat", "wait_timeout": -1},
    "is a number of many digits": {"name": "chat", "wait_timeout": 10**400},
    "gpu_count is <number>": {"name": "chat", "gpu_count": 9},
    "replicas is <number>": {"name": "chat", "replicas": -1},
    "<option> is <value>, but must be a number": {"name": "chat", "replicas": True},
    "is null, but must be a text": {"name": "chat", PARAMETERS: ["--seed", "\ufffdnull"]},
    "it holds U+FFFD": {"name": "chat\ufffd"},
    "model is a mapping without id and name": {"name": "chat", "model": {"x": 1}},
    "model must be a name, a UUID, or a mapping": {"name": "chat", "model": ["a"]},
    "name is empty": {"name": ""},
    "name is <name>, which begins or ends with white space": {"name": " chat"},
    "which holds a control character": {"name": "chat\u200b"},
    "<option> is <value>, which begins or ends with white space": {"name": "chat", "gpu_type": "gpua5000 "},
    "<option> is empty": {"name": "chat", "model": ""},
    "in Python's notation and not JSON": {"name": "chat", PARAMETERS: ["--hf-overrides={'a': 1}"]},
    "holds a placeholder that stands for a secret": {"name": "chat", "model": "********"},
}
OF_OTHERS = {
    "name is <name>, which is empty or begins": (model, {"name": " a/b"}),
    "name is <name>, but must have 1 to": (api_key, {"name": "ci!", "scope": "public"}),
    "scope is <scope>, which is empty or begins": (api_key, {"name": "ci", "scope": " public"}),
}


def of_options(options):
    return lambda stage: stage.play(**options)


def of_other(task, options):
    return lambda stage: stage.play(task, **options)


for words, given in OPTIONS.items():
    plays(words)(of_options(given))
for words, told in OF_OTHERS.items():
    plays(words)(of_other(*told))


@plays("but must be three numbers such as")
def a_version_without_three_numbers(stage):
    return [
        stage.play(name="chat", inference_engine_version="0.19"),
        stage.play(engine_parameter_info, version="newest"),
    ]
