# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A help answer with one flag of every sort, for tests."""

from __future__ import annotations


def entry(name, kind, *aliases, **more):
    flags = ["--" + name, *(["--no-" + name] if kind == "boolean" else []), *aliases]
    return {"name": name, "flags": flags, "type": kind, "section": "Model", "description": "", **more}


TABLE = [
    entry("max-model-len", "integer", description="Longest context, such as 1k; 'auto' fits it to the memory"),
    entry("max-num-seqs", "integer"),
    entry("tensor-parallel-size", "integer", "-tp"),
    entry("block-size", "integer", **{"allowed-values": ["8", "16"]}),
    entry("gpu-memory-utilization", "float", default="0.9"),
    entry("dtype", "enum", **{"allowed-values": ["auto", "half", "bfloat16"]}),
    entry("quantization", "string", "-q"),
    entry("chat-template", "string"),
    entry("hf-token", "string"),
    entry("api-key", "list"),
    entry("enforce-eager", "boolean"),
    entry("enable-lora", "boolean"),
    entry("served-model-name", "list"),
    entry("middleware", "list", default="[]"),
    entry("compilation-config", "json", "-cc", "-O"),
    entry("hf-overrides", "json"),
    entry("allowed-origins", "json", default="['*']"),
    entry("collect-detailed-traces", "list:string", **{"allowed-values": ["all", "None"]}),
    {"name": "log", "flags": ["--enable-log", "--disable-log", "--no-enable-log"], "type": "boolean"},
    entry("task", "enum", **{"allowed-values": ["auto", "generate", "None"]}),
    entry("mystery", "tensor"),
]
