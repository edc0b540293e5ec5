# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task that has failed says of a replacement that it has begun."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._reconcile.failing import unfinished_replacement
from .._reconcile.plan import CREATE

if TYPE_CHECKING:
    from .._api.errors import ExoscaleError
    from .._reconcile.kind import Kind
    from .._reconcile.ledger import Ledger


def tell_of_unfinished_replacement(
    error: ExoscaleError, kind: Kind[Any, Any], ledgers: list[Ledger[Any]]
) -> dict[str, Any]:
    """Say that the old resource is gone, and what is needed to have it again; the latter for the result too."""
    deletion = unfinished_replacement(ledgers)
    if deletion is None:
        return {}
    wanted = kind.declaration(deletion.step.then)
    operation = deletion.operation
    if ledgers[-1].attempts[-1].step.action == CREATE or (ledgers[-1].seen is None and deletion.holds):
        fate = "is gone, it was deleted"
    elif not deletion.holds:
        fate = "may have been deleted, or may yet be,"
    elif operation is not None and not operation.pending and not operation.succeeded:
        fate = "may be gone, or not, after the end of its deletion"
    else:
        fate = "is being deleted"
    error.add(
        f"The old {kind.noun} {fate} for this replacement ({deletion.step}). To have it again, declare what is "
        f"in 'declaration' of this result: {kind.tell(wanted)}. A secret is shown there as a placeholder"
    )
    return {"declaration": wanted}
