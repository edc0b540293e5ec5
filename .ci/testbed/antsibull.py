# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What antsibull-nox leaves open in the sessions that antsibull-nox.toml asks for."""

from __future__ import annotations

import os
from collections.abc import Callable

import nox

from .pins import pinned, refuse_what_is_not_pinned
from .places import HOME

# No collection that the user has installed comes in.
os.environ["ANTSIBULL_NOX_IGNORE_INSTALLED_COLLECTIONS"] = "true"


def adopt(name: str, python: str | None = None) -> None:
    """Keep the user's settings and what is not pinned out of a session, and run it on this Python if one is given."""
    session = nox.registry.get()[name]
    session.func = guarded(session.func)
    if python:
        session.python = python


def guarded(run: Callable[[nox.Session], None]) -> Callable[[nox.Session], None]:
    def session_function(session: nox.Session) -> None:
        settings = HOME / "ansible.cfg"
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.touch()
        session.env.update(
            ANSIBLE_CONFIG=str(settings), ANSIBLE_HOME=str(HOME / ".ansible"), ANSIBLE_NOCOLOR="1", NO_COLOR="1"
        )
        run(session)
        refuse_what_is_not_pinned(session, pinned())

    return session_function
