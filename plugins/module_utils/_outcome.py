# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task has found and done so far; the same shape whether it ends well or not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Outcome:
    """
    :param key: names the resource in the result, for example ``deployment``.
    :param secrets: values that must not appear in any output.
    """

    key: str
    changed: bool = False
    resource: dict[str, Any] | None = None
    operations: list[dict[str, Any]] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    label: str = ""
    after_label: str = ""
    warnings: list[str] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)

    def result(self, with_diff: bool) -> dict[str, Any]:
        """What the module returns; a plan that was not carried out counts for nothing in it."""
        result: dict[str, Any] = {
            "changed": self.changed,
            self.key: self.resource,
            "operations": self.operations,
            "changes": self.changes if self.changed else [],
            "actions": self.actions if self.changed else [],
        }
        if with_diff:
            result["diff"] = {
                "before": self.before,
                "after": self.after if self.changed else self.before,
                "before_header": self.label,
                "after_header": self.after_label,
            }
        return result

    def track(self, operation: dict[str, Any]) -> None:
        """Keep the latest state of each operation."""
        for index, known in enumerate(self.operations):
            if known["id"] == operation["id"]:
                self.operations[index] = operation
                return
        self.operations.append(operation)


@dataclass
class Findings:
    """What an info module has found.

    :param key: names the list in the result, for example ``deployments``.
    """

    key: str
    resources: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)

    def result(self, with_diff: bool) -> dict[str, Any]:  # noqa: ARG002
        return {"changed": False, self.key: self.resources}
