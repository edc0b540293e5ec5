# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whom the simulator knows."""

from __future__ import annotations

API_KEY = "EXO0123456789abcdef01234567"
API_SECRET = "simulated-secret-0123456789abcdefghijklmnopq"
