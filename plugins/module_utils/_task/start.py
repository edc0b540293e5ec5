# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The process of a module, which imports much and soon ends."""

from __future__ import annotations

import gc
import signal
import sys
import threading
from contextlib import contextmanager
from importlib.util import spec_from_file_location
from pkgutil import get_importer
from typing import TYPE_CHECKING, Iterator, Sequence
from zipimport import zipimporter

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec


class _CompileOnce:
    """Finds modules in the zip file in which Ansible ships them.

    Python's own finder compiles each of them to learn the name of its file, and once more to run it.
    """

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None, _target: object = None) -> ModuleSpec | None:
        """What Python's finder would find too; ``None`` leaves it to that one."""
        for entry in path or ():
            loader = get_importer(entry)
            if not isinstance(loader, zipimporter) or not hasattr(loader, "exec_module"):
                return None
            base = f"{entry}/{name.rpartition('.')[2]}"
            try:
                is_package = loader.is_package(name)
            except ImportError:
                continue
            if is_package:
                location, inside = f"{base}/__init__.py", [base]
            else:
                location, inside = f"{base}.py", None
            return spec_from_file_location(name, location, loader=loader, submodule_search_locations=inside)
        return None


@contextmanager
def quick_start() -> Iterator[None]:
    """Import without compiling twice, and without looking for garbage: what is imported stays, until Python ends."""
    finder = _CompileOnce()
    sys.meta_path.insert(0, finder)
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
        sys.meta_path.remove(finder)


@contextmanager
def quiet_end() -> Iterator[None]:
    """Let SIGINT end the process as SIGTERM does, at once and without Python's traceback."""
    is_main = threading.current_thread() is threading.main_thread()
    is_ours = is_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_ours:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        if is_ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)
