# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One task: towards what is wanted, and, if that fails and the user wants it so, back to what was there before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

from .._api.errors import ChangeFailed
from .ledger import Ledger
from .loop import predict, reconcile

if TYPE_CHECKING:
    from .kind import Kind, Seen, Wanted
    from .limits import Limits


def converge(
    kind: Kind[Seen, Wanted],
    wanted: Wanted,
    ledgers: list[Ledger[Seen]],
    limits: Limits,
    warn: Callable[[str], None],
    *,
    check_mode: bool = False,
    roll_back: bool = False,
) -> Seen | None:
    """Reconcile, or predict that; a change that fails is taken back with ``roll_back``, and the task still fails.

    :param ledgers: gets a ledger for each run of the loop, to be filled as far as it gets.
    :raises ExoscaleError: anything that a user, a network or a server can cause.
    """
    ledger: Ledger[Seen] = Ledger()
    ledgers.append(ledger)
    try:
        run = predict if check_mode else reconcile
        return run(kind, wanted, ledger, limits, warn)
    except ChangeFailed as failure:
        # Imported where a change has failed: a module compiles whatever it imports, each time it starts.
        from .failing import explain, go_back

        goes_back = roll_back and failure.undo is not None
        explain(kind, wanted, ledger, limits, failure, goes_back)
        if goes_back:
            go_back(kind, failure, ledgers, limits, warn)
        raise
