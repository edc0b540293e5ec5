# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is to be done: steps of one request each. Pure: no HTTP, no clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from .._api.errors import ExoscaleError

CREATE, UPDATE, SCALE, DELETE = "create", "update", "scale", "delete"


class Step(NamedTuple):
    """One request that changes something.

    :param action: ``create``, ``update``, ``scale`` or ``delete``.
    :param path: below the base URL, without ``/v2``.
    :param body: as it is sent.
    :param result: the fields, in snake_case, that the resource then has.
    :param then: what is wanted once this step was carried out; ``None``: the same as before.
    :param undo: what is wanted if this step is to be taken back; ``None``: it cannot be.
    :param must_end: the next step makes no sense before this one has ended, so that it is waited for in any case.
    """

    action: str
    method: str
    path: str
    body: dict[str, Any] | None
    result: dict[str, Any]
    then: Any = None
    undo: Any = None
    must_end: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def request(self) -> tuple[str, str, dict[str, Any] | None]:
        """What is sent; two steps that send the same are the same to the API."""
        return self.method, self.path, self.body

    @property
    def needs_rest(self) -> bool:
        """Whether a resource in transition is waited for first."""
        return self.action in (UPDATE, SCALE) or self.must_end

    @property
    def is_repeatable(self) -> bool:
        """Whether sending it twice leads to the same as sending it once."""
        return self.action != CREATE


class Plan(NamedTuple):
    """The ordered steps that are left.

    :param before: what the task manages, as it is now; ``{}`` if there is nothing.
    :param label: names the resource, for the headers of a diff.
    :param refusal: why what is wanted cannot be had; then there are no steps.
    """

    steps: tuple[Step, ...]
    before: dict[str, Any]
    label: str = ""
    refusal: ExoscaleError | None = None

    @property
    def first(self) -> Step | None:
        return self.steps[0] if self.steps else None

    @property
    def at_once(self) -> tuple[Step, ...]:
        """The steps that can be sent without waiting for the end of a change."""
        for number, step in enumerate(self.steps, start=1):
            if not step.must_end:
                return self.steps[:number]
        return self.steps
