# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading which parameters an engine version accepts, and judging a plan by it.

The grammar is imported where it is used: a task compiles anew what it imports, and most tasks change nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.exoscale.cloud.plugins.module_utils._ai_deployment import PARAMETERS, VERSION
from ansible_collections.exoscale.cloud.plugins.module_utils._ai_deployment_plan import CREATE, UPDATE
from ansible_collections.exoscale.cloud.plugins.module_utils._errors import ExoscaleError, InvalidParameters

if TYPE_CHECKING:
    from ansible_collections.exoscale.cloud.plugins.module_utils._ai_deployment import Deployment, Desired
    from ansible_collections.exoscale.cloud.plugins.module_utils._ai_deployment_plan import Plan
    from ansible_collections.exoscale.cloud.plugins.module_utils._client import Client
    from ansible_collections.exoscale.cloud.plugins.module_utils._engine_parameters_help import EngineHelp

HELP = "/ai/help/inference-engine-parameters"


def read_entries(client: Client, version: str | None, retries: int | None = None) -> Any:
    """The list ``parameters`` of the help for an engine version, as the API has it.

    :param version: None leaves the choice to the API.
    """
    return client.get(HELP, None if version is None else {"version": version}, retries).get("parameters")


class EngineParameters:
    """What one task needs to know of engine parameters; the help of a version is read at most once.

    :param comparison: ``semantic`` or ``exact``.
    :param validation: ``warn``, ``strict`` or ``none``.
    """

    def __init__(self, client: Client, comparison: str, validation: str) -> None:
        self._client = client
        self._semantic = comparison == "semantic"
        self._validation = validation
        self._helps: dict[str | None, EngineHelp | ExoscaleError] = {}

    def in_shown_spelling(self, desired: Desired, current: Deployment | None) -> Desired:
        """The same desire, which spells the parameters as ``current`` does if both mean the same."""
        wanted = desired.managed.get(PARAMETERS)
        if not self._semantic or desired.absent or current is None or not wanted:
            return desired
        shown, version = current.fields[PARAMETERS], current.fields.get(VERSION)
        if not shown or wanted == shown or desired.managed.get(VERSION, version) != version:
            return desired
        from ansible_collections.exoscale.cloud.plugins.module_utils._engine_parameters import same_meaning

        known = self._help(version) if version else None
        if not same_meaning(shown, wanted, None if isinstance(known, ExoscaleError) else known):
            return desired
        return desired.with_parameters(shown)

    def judge(self, plan: Plan, current: Deployment | None) -> list[str]:
        """Warnings about the parameters that will run after ``plan``, with the version that will run.

        :raises InvalidParameters: with strict validation, something is wrong, or nothing can be checked.
        """
        step = next((step for step in plan.steps if step.action in (CREATE, UPDATE)), None)
        if self._validation == "none" or step is None or not {PARAMETERS, VERSION} & set(step.result):
            return []
        # A new deployment has nothing to fall back on, not even if it replaces another one.
        running = current.fields if current is not None and step.action == UPDATE else {}
        tokens = step.result.get(PARAMETERS, running.get(PARAMETERS))
        version = step.result.get(VERSION, running.get(VERSION))
        if not tokens:
            return []
        known = self._help(version)
        if isinstance(known, ExoscaleError):
            return self._unchecked(f"{PARAMETERS} were not checked, because the help cannot be read: {known}")
        if not known:
            return self._unchecked(f"{PARAMETERS} were not checked, because the help lists no parameters")
        return self._report(tokens, known, version)

    def _report(self, tokens: list[str], known: EngineHelp, version: str | None) -> list[str]:
        from ansible_collections.exoscale.cloud.plugins.module_utils._engine_parameters_check import ERROR, check

        findings = check(tokens, known, version or "that the API chooses")
        errors = [finding for finding in findings if finding.severity == ERROR]
        if self._validation == "strict" and errors:
            raise InvalidParameters(
                "Nothing was changed, because {} of {} will not do: {}".format(
                    len(errors), PARAMETERS, " ".join(finding.message for finding in errors)
                ),
                errors=[{"pointer": finding.flag, "detail": finding.message} for finding in errors],
            )
        return [f"{PARAMETERS}: {finding.message}" for finding in findings]

    def _unchecked(self, why: str) -> list[str]:
        if self._validation == "strict":
            raise InvalidParameters(f"Nothing was changed: {why}. With parameter_validation=warn the change goes ahead")
        return [why]

    def _help(self, version: str | None) -> EngineHelp | ExoscaleError:
        from ansible_collections.exoscale.cloud.plugins.module_utils._engine_parameters_help import parse_help

        if version not in self._helps:
            try:
                # The help is not worth waiting for.
                self._helps[version] = parse_help(read_entries(self._client, version, retries=0))
            except ExoscaleError as error:
                self._helps[version] = error
        return self._helps[version]
