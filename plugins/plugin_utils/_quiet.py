# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What libraries say on their own, which nobody redacts."""

from __future__ import annotations

import logging
import warnings
from contextlib import contextmanager
from typing import Iterator

_TALKATIVE = ("urllib3", "requests", "charset_normalizer", "chardet")


@contextmanager
def libraries_quiet() -> Iterator[None]:
    """As a module's process does, keep to ourselves what they warn of and log."""
    loggers = [logging.getLogger(name) for name in _TALKATIVE]
    before = [logger.propagate for logger in loggers]
    try:
        for logger in loggers:
            logger.propagate = False
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, propagate in zip(loggers, before):
            logger.propagate = propagate
