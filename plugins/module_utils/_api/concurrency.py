# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several things at once."""

from __future__ import annotations

import threading
from importlib import import_module
from pkgutil import walk_packages
from typing import TYPE_CHECKING, Callable, Iterator, Sequence, TypeVar
from zipimport import zipimporter

if TYPE_CHECKING:
    from .client import Client

_AT_A_TIME = 4
#: Seconds between two looks at what a signal may have changed.
_WATCH_EVERY = 0.2

Item = TypeVar("Item")
Found = TypeVar("Found")


def all_at_once(
    client: Client, read: Callable[[Item], Found], items: Sequence[Item], at_a_time: int = _AT_A_TIME
) -> list[Found]:
    """What ``read`` finds for each item, in the same order, by a few threads that share the client.

    The first one that raises ends the reads of all.
    """
    found: dict[int, Found] = {}
    failures: list[BaseException] = []

    def read_one(number: int) -> None:
        try:
            found[number] = read(items[number])
        except BaseException as error:
            failures.append(error)
            raise

    try:
        side_by_side(read_one, range(len(items)), min(at_a_time, _AT_A_TIME), lambda: not failures)
        if failures:
            raise failures[0]
    except BaseException:
        # A task that fails, or that Ansible ends, does not wait for what is still being read.
        client.abort()
        raise
    return [found[number] for number in range(len(items))]


def side_by_side(work: Callable[[Item], None], items: Sequence[Item], threads: int, watch: Callable[[], bool]) -> None:
    """Do ``work`` for each item, in so many threads at most; the items begin in their order.

    An item that raises keeps the ones after it from beginning, and what it raised is raised at the end. A process that
    is ended does not wait for these threads, as it would for those of an executor.

    :param watch: is called now and then while the threads are at work, by the thread of the caller; whether to go on
        waiting for them.
    """
    _import_all()
    waiting = iter(items)
    lock = threading.Lock()
    raised: list[BaseException] = []

    def turns() -> Iterator[Item]:
        while True:
            with lock:
                if raised:
                    return
                try:
                    item = next(waiting)
                except StopIteration:
                    return
            yield item

    def run() -> None:
        try:
            for item in turns():
                work(item)
        except BaseException as error:  # noqa: BLE001  # the thread of the caller raises it
            raised.append(error)

    crew = [threading.Thread(target=run, daemon=True) for _each in range(min(threads, len(items)))]
    for thread in crew:
        thread.start()
    for thread in crew:
        while thread.is_alive():
            thread.join(_WATCH_EVERY)
            if not watch():
                return
    if raised:
        raise raised[0]


def _import_all() -> None:
    """Import what is else imported where it is needed, if threads cannot do that.

    Before Python 3.10, a module that one thread imports from the zip file in which Ansible ships it is seen by others
    before it is whole.
    """
    if hasattr(zipimporter, "exec_module"):
        return
    package = import_module(__name__.rpartition(".")[0].rpartition(".")[0])
    for module in walk_packages(package.__path__, f"{package.__name__}."):
        import_module(module.name)
