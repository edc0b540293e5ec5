# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A program that tells a secret, run without a shell and bounded in time and size."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from typing import TYPE_CHECKING

from .errors import InvalidInput

if TYPE_CHECKING:
    from typing import Callable

_LARGEST_OUTPUT = 4 * 1024
_CHUNK = 4096
#: Seconds in which the rest of the output arrives once the program has ended.
_LAST_OUTPUT = 1.0


def output_of(command: list[str], what: str, seconds: float, learn: Callable[[str], None]) -> str:
    """What the program writes to its standard output, without white space around it.

    :param command: the program and its arguments.
    :param what: names it inside a sentence; the arguments are never shown, as they may hold a secret.
    :param learn: is given the output before anything can fail because of it.
    :raises InvalidInput: it cannot be run, fails, takes too long, or says nothing, too much or no text.
    """
    try:
        # A session of its own, so that all that it starts can be ended with it.
        # The user's own program. What ansible-core offers instead is for modules only, and knows no sessions.
        process = subprocess.Popen(  # noqa: S603  # pylint: disable=ansible-bad-function
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it cannot be the name of a program with arguments"
        raise InvalidInput(f"The program of {what} cannot be run: {why}") from None
    output = bytearray()
    reader = threading.Thread(target=_read, args=(process, output), daemon=True)
    reader.start()
    try:
        status: int | None = process.wait(seconds)
        # Something that it has left running may still hold its output open.
        reader.join(_LAST_OUTPUT)
    except subprocess.TimeoutExpired:
        status = None
    finally:
        _end(process)
    if len(output) > _LARGEST_OUTPUT:
        # To look for it wherever something is shown would take minutes, and nothing shows it.
        raise InvalidInput(f"{what} wrote more than any secret is long")
    learn(bytes(output).decode("utf-8", "replace").strip())
    if status is None:
        raise InvalidInput(f"{what} did not end within {seconds:g} seconds (api_timeout)")
    if status != 0:
        raise InvalidInput(f"{what} failed with the exit status {status}. Run the command by hand to see why")
    try:
        text = bytes(output).decode("utf-8").strip()
    except UnicodeDecodeError:
        raise InvalidInput(f"{what} wrote something that is not valid UTF-8 text") from None
    if not text:
        raise InvalidInput(f"{what} wrote nothing to its standard output")
    return text


def _read(process: subprocess.Popen[bytes], output: bytearray) -> None:
    with contextlib.suppress(OSError, ValueError):
        while process.stdout is not None:
            chunk = os.read(process.stdout.fileno(), _CHUNK)
            if not chunk:
                return
            output += chunk
            if len(output) > _LARGEST_OUTPUT:
                _kill(process)
                return


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        _kill(process)
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
