# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The entries of a list of deployments: each has the options of the module that manages a single one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterable, Mapping, NamedTuple

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from .._ai.deployment import Desired
from .._api.errors import InvalidInput
from .connection import check_numbers, refuse_what_ansible_takes
from .deployment import declaration
from .options import api_options, received

if TYPE_CHECKING:
    from .options import Declaration

#: What belongs to the task, besides the connection.
_WAITING = ("wait", "wait_timeout")


class Entry(NamedTuple):
    """
    :param label: names the deployment in what is told to the user.
    :param params: the options of ``ai_deployment``, validated, but for those of the connection.
    """

    place: str
    label: str
    params: dict[str, Any]
    desired: Desired


def options_of_entries() -> dict[str, dict[str, Any]]:
    """What may stand in an entry, and in the defaults of all."""
    return _without_those_of_the_task(declaration())


def entries_of(params: Mapping[str, Any]) -> list[Entry]:
    """
    :param params: the options of the task.
    :raises InvalidInput: the options of an entry are refused; the message names it.
    """
    single = declaration()
    options = _without_those_of_the_task(single)
    validator = ArgumentSpecValidator(options, required_one_of=single.required_one_of)
    defaults = params["defaults"]
    _refuse_unknown("defaults", defaults, options)
    waiting = {name: params[name] for name in _WAITING}
    entries = []
    for number, given in enumerate(params["deployments"], start=1):
        merged = {**defaults, **given}
        place = f"entry {number} of deployments"
        label = _label(merged) or place
        if label != place:
            place += f" ({label})"
        _refuse_unknown(place, given, options)
        entries.append(Entry(place, label, *_checked(merged, place, options, validator, waiting)))
    return entries


def _checked(
    merged: dict[str, Any],
    place: str,
    options: dict[str, dict[str, Any]],
    validator: ArgumentSpecValidator,
    waiting: dict[str, Any],
) -> tuple[dict[str, Any], Desired]:
    validation = validator.validate(received(merged, options))
    if validation.error_messages:
        raise InvalidInput(f"In {place}: {validation.errors.msg}")
    params = {**validation.validated_parameters, **waiting}
    try:
        refuse_what_ansible_takes(params, options)
        check_numbers(params)
        return params, Desired.from_params(params)
    except InvalidInput as error:
        raise InvalidInput(f"In {place}: {error}") from None


def refuse_twins(entries: Iterable[Entry]) -> None:
    """
    :raises InvalidInput: two entries show that they mean the same deployment.
    """
    first: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        deployment_id, name = entry.desired.id, entry.desired.lookup_name
        key = ("id", deployment_id) if deployment_id is not None else ("name", str(name))
        other = first.setdefault(key, entry)
        if other is not entry:
            raise twins(other, entry, f"both have the {key[0]} {key[1]!r}")
    for entry in entries:
        # What is renamed so would be found by the other entry too.
        named = first.get(("name", entry.desired.managed.get("name", "")))
        if named is not None:
            raise InvalidInput(
                f"Two entries mean the same deployment in the end: {entry.place} gives its own the name "
                f"{entry.desired.managed['name']!r}, by which {named.place} means one. Nothing was changed. Give "
                "the id in both"
            )


def twins(one: Entry, other: Entry, why: str) -> InvalidInput:
    """The error for two entries that mean the same deployment."""
    return InvalidInput(
        f"Two entries mean the same deployment, {one.place} and {other.place}: {why}. Nothing was changed. Leave one "
        "of them out"
    )


def _without_those_of_the_task(single: Declaration) -> dict[str, dict[str, Any]]:
    of_the_task = {*api_options(), *_WAITING}
    return {name: option for name, option in single.options.items() if name not in of_the_task}


def _refuse_unknown(place: str, given: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    unknown = sorted(str(name) for name in given if name not in options)
    of_the_task = sorted({*api_options(), *_WAITING} & set(unknown))
    if of_the_task:
        are = "are options" if of_the_task[1:] else "is an option"
        raise InvalidInput(f"In {place}: {', '.join(of_the_task)} {are} of the task, and not of a single deployment")
    if unknown:
        raise InvalidInput(
            f"In {place}: Unsupported parameters: {', '.join(unknown)}. Supported parameters are: "
            f"{', '.join(sorted(options))}"
        )


def _label(merged: Mapping[str, Any]) -> str:
    """How a user calls the deployment, as far as that can be told before the options are checked."""
    for name in ("name", "id"):
        if merged.get(name) not in (None, ""):
            return str(merged[name])
    return ""
