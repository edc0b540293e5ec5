# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an organization may use."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .._api.errors import InvalidAnswer
from .._api.values import snake_case
from .reading import INSTANCE_TYPES, QUOTAS, read_list

if TYPE_CHECKING:
    from .._api.client import Client

_CONSUMPTION = "/ai/quota"
_PER_MINUTE = "quota-uom-per-minute"


def read_quota(client: Client) -> dict[str, Any]:
    """``uom_per_minute`` of ``GET /ai/quota``, and ``gpus``, the entries of ``GET /quota`` that name a GPU family.

    :raises InvalidAnswer: one of the answers has not the documented form.
    """
    per_minute = client.read(_CONSUMPTION, _per_minute)
    families = [entry.get("family") for entry in read_list(client, INSTANCE_TYPES, "instance-types")]
    quotas = read_list(client, QUOTAS, "quotas")
    gpus = [quota for quota in quotas if any(names_gpu(quota.get("resource"), family) for family in families)]
    return {"uom_per_minute": per_minute, "gpus": snake_case(gpus)}


def _per_minute(consumption: dict[str, Any]) -> int | None:
    if _PER_MINUTE not in consumption:
        # Null means that there is no limit.
        raise InvalidAnswer(f"GET {_CONSUMPTION}: the answer does not show {_PER_MINUTE}")
    per_minute = consumption[_PER_MINUTE]
    if per_minute is None or (isinstance(per_minute, int) and not isinstance(per_minute, bool)):
        return per_minute
    raise InvalidAnswer(f"GET {_CONSUMPTION}: {_PER_MINUTE} in the answer is no number")


def names_gpu(resource: Any, family: Any) -> bool:
    """Whether neighbouring words of the name of a quota are that of a GPU family, as in ``ai-gpu-a5000``.

    How the quotas of GPUs are named is not documented.
    """
    words, name = _words(resource), "".join(_words(family))
    return bool(name) and any(
        "".join(words[start:end]) == name for start in range(len(words)) for end in range(start + 1, len(words) + 1)
    )


def _words(value: Any) -> list[str]:
    return re.findall(r"[a-z0-9]+", value.lower()) if isinstance(value, str) else []
