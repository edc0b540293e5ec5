# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is there, in the form in which a user declares it. Pure: no HTTP, no clock."""

from __future__ import annotations

import re
from typing import Any, Callable, Iterator, Sequence

from .._api.errors import InvalidInput
from .._api.values import is_uuid
from .._engine.command_line import split
from .._engine.secret_names import PLACEHOLDER
from .deployment import CONFIGURATION, OTHER_VERSION, PARAMETERS, VERSION, check_fields, check_name, own, usable

#: What texts of lists, mappings and the like begin with.
_LIKE_DATA = ("[", "{", "(")
#: Takes what is secret, or cannot be shown, out of a JSON value.
Show = Callable[[Any], Any]


def declarations(
    deployments: Sequence[dict[str, Any]],
    listed: Sequence[tuple[str, Any]] | None,
    show: Show,
    warn: Callable[[str], None],
) -> list[dict[str, Any]]:
    """For each private deployment the options of ``ai_deployment`` that describe it; declared, they change nothing.

    :param deployments: each read singly, with keys in snake_case.
    :param listed: the names and IDs of all private deployments, the others too; ``None`` if they are not known.
    :param warn: is told what a declaration lacks.
    """
    private = own(deployments)
    return [_declaration(fields, listed, show, warn) for fields in private]


def _declaration(
    fields: dict[str, Any], listed: Sequence[tuple[str, Any]] | None, show: Show, warn: Callable[[str], None]
) -> dict[str, Any]:
    title = f"The declaration of the deployment {fields.get('name')} ({fields.get('id')})"
    declared: dict[str, Any] = {}
    for key in CONFIGURATION:
        value = fields.get(key)
        try:
            value = _as_declared(key, value)
        except InvalidInput as error:
            warn(f"{title} leaves {key} out: {error}")
            continue
        if value is None:
            warn(f"{title} leaves {key} out, because the API does not show it")
            continue
        shown = show(value)
        if key == PARAMETERS and _differs_by_placeholders(value, shown):
            for flag in _flags_of_hidden(value, shown):
                # A flag that ends the sentence has nothing behind it that would be taken for its secret value.
                warn(
                    f"{title} shows a placeholder for a secret, which ai_deployment refuses. Put the secret itself "
                    f"there before you declare it: it is the value of {flag}"
                )
        elif shown != value:
            warn(f"{title} leaves {key} out, because it holds a secret or cannot be shown whole")
            continue
        declared[key] = shown
    own_id = str(fields.get("id")).lower()
    name = str(declared.get("name", ""))
    names = [each_name for each_name, each_id in listed or () if str(each_id).lower() == own_id]
    # A name that moves must not be changed back, and one like data is changed by some releases of ansible-core, if it
    # stands in a template.
    if (names and name not in names) or name.startswith(_LIKE_DATA):
        declared.pop("name", None)
    # The name alone may not tell which one is meant.
    ids = [str(each_id).lower() for each_name, each_id in listed or () if each_name == name]
    return declared if ids == [own_id] and "name" in declared else {"id": fields.get("id"), **declared}


def _differs_by_placeholders(tokens: list[str], shown: list[str]) -> bool:
    """Whether nothing but secrets is not shown as it is."""
    return all(PLACEHOLDER in after for before, after in zip(tokens, shown) if before != after)


def _flags_of_hidden(tokens: list[str], shown: list[str]) -> Iterator[str]:
    """The flags whose values are not shown, each once, or the number of an item that belongs to none."""
    told: list[str] = []
    flag = ""
    for group in split(tokens, None):
        place = slice(group.position, group.position + group.length)
        flag = group.flag or flag or f"item {group.position + 1}"
        if tokens[place] != shown[place] and flag not in told:
            told.append(flag)
    return iter(told)


def _as_declared(key: str, value: Any) -> Any:
    """The value of a field as a user gives it; ``None`` if it is not shown.

    :raises InvalidInput: a user cannot give it.
    """
    # One that is listed without its ID was not read singly, and may show anything.
    value = usable(key, value)
    if value is None:
        return None
    if key == "model":
        # A name says more to a reader.
        by_name, by_id = value.get("name"), value.get("id")
        value = by_id if by_name is None or (by_name != by_name.strip() and by_id) or is_uuid(by_name) else by_name
    if key == VERSION:
        value = re.sub(OTHER_VERSION, "", value)
    if key == "gpu_type":
        value = value.strip()
    if key == "name":
        check_name(value)
    else:
        check_fields({**dict.fromkeys(CONFIGURATION), key: value})
    return value
