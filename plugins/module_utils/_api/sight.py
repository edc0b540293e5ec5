# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a wait sees, and whom it tells."""

from __future__ import annotations

from typing import Callable, NamedTuple

#: Is given each line.
Tell = Callable[[str], None]


def tell_nobody(_line: str) -> None:
    """For a wait that nobody watches."""


class Sight(NamedTuple):
    """What is waited for, and how it is now; together they are a sentence with 'is' between them."""

    subject: str
    state: str

    def __str__(self) -> str:
        return f"{self.subject} is {self.state}"

    def still(self) -> str:
        """The sentence, for a wait that has taken long."""
        return f"{self.subject} is still {self.state}"
