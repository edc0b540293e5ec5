# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A table of the inference engine's flags, in the form of the help endpoint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..engine_tables import VERSIONS, help_table


def default_help(version: str) -> list[dict[str, Any]]:
    """The flags of an engine version: those of the real engine, or else a few, some of which differ by version."""
    if version in VERSIONS:
        return help_table(version)
    newer = tuple(int(part) for part in version.split(".")) >= (0, 17, 0)
    entries = [
        _entry("max-model-len", "integer", "Model", "Longest context, in tokens"),
        _entry(
            "dtype", "enum", "Model", "Data type", "auto", allowed=("auto", "half", "float16", "bfloat16", "float32")
        ),
        _entry("quantization", "string", "Model", "Method of quantization", aliases=("-q",)),
        _entry("trust-remote-code", "boolean", "Model", "Run code of the model", "False"),
        _entry("served-model-name", "list", "Model", "Names in the API"),
        _entry("hf-token", "string", "Model", "Token for Hugging Face"),
        _entry("hf-overrides", "json", "Model", "Overrides of the model's configuration", "{}"),
        _entry("tensor-parallel-size", "integer", "Parallel", "GPUs for one layer", "1", aliases=("-tp",)),
        _entry("pipeline-parallel-size", "integer", "Parallel", "GPUs for the pipeline", "1", aliases=("-pp",)),
        _entry("data-parallel-size", "integer", "Parallel", "Copies of the model", "1", aliases=("-dp",)),
        _entry("enable-expert-parallel", "boolean", "Parallel", "Spread the experts", "False"),
        _entry("gpu-memory-utilization", "float", "Cache", "Share of GPU memory", "0.9"),
        _entry("swap-space", "float", "Cache", "GiB of main memory for each GPU", "4"),
        _entry(
            "kv-cache-dtype", "enum", "Cache", "Data type of the cache", "auto", allowed=("auto", "fp8", "fp8_e5m2")
        ),
        _entry("enable-prefix-caching", "boolean", "Cache", "Reuse common beginnings", "None"),
        _entry("block-size", "enum", "Cache", "Tokens in a block", allowed=("8", "16", "32", "64", "128")),
        _entry("max-num-seqs", "integer", "Scheduler", "Sequences in one step"),
        _entry("max-num-batched-tokens", "integer", "Scheduler", "Tokens in one step"),
        _entry("enable-chunked-prefill", "boolean", "Scheduler", "Cut long prompts", "None"),
        _entry("scheduling-policy", "enum", "Scheduler", "Order of requests", "fcfs", allowed=("fcfs", "priority")),
        _entry("enable-lora", "boolean", "LoRA", "Serve adapters", "False"),
        _entry("lora-modules", "list", "LoRA", "Adapters"),
        _entry("max-loras", "integer", "LoRA", "Adapters in one batch", "1"),
        _entry("compilation-config", "json", "Compilation", "How to compile", aliases=("-cc", "-O")),
        _entry("speculative-config", "json", "Speculation", "How to speculate"),
        _entry("enforce-eager", "boolean", "Compilation", "Never compile", "False"),
        _entry("api-key", "list", "Frontend", "Keys that clients must show"),
        _entry("chat-template", "string", "Frontend", "Template for chats"),
        _entry("enable-auto-tool-choice", "boolean", "Frontend", "Let the model call tools", "False"),
        _entry("tool-call-parser", "string", "Frontend", "How tool calls are read"),
        _entry("middleware", "list", "Frontend", "ASGI middleware; may be repeated", "[]"),
        _entry("allowed-origins", "json", "Frontend", "Origins", '["*"]'),
        _entry("uvicorn-log-level", "enum", "Frontend", "Log level", "info", allowed=("debug", "info", "warning")),
        _entry("seed", "integer", "Model", "Seed", "0" if newer else "None"),
        _entry("load-format", "string", "Load", "Format of the weights", "auto"),
        _entry("limit-mm-per-prompt", "json", "Multimodal", "Items of each kind in a prompt", "{}"),
    ]
    if newer:
        entries.append(_entry("async-scheduling", "boolean", "Scheduler", "Schedule ahead", "False"))
    else:
        entries.append(_entry("num-lookahead-slots", "integer", "Scheduler", "Slots for speculation", "0"))
        entries.append(_entry("disable-log-requests", "boolean", "Frontend", "Log no requests", "False"))
    return entries


def _entry(
    name: str,
    kind: str,
    section: str,
    description: str,
    default: str | None = None,
    *,
    allowed: Sequence[str] = (),
    aliases: Sequence[str] = (),
) -> dict[str, Any]:
    flags = ["--" + name] + (["--no-" + name] if kind == "boolean" else []) + list(aliases)
    entry: dict[str, Any] = {
        "name": name,
        "flags": flags,
        "type": kind,
        "section": section,
        "description": description,
    }
    if default is not None:
        entry["default"] = default
    if allowed:
        entry["allowed-values"] = list(allowed)
    return entry
