# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts in ``exoscale.toml``, the file of the vendor's command-line client."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Any, Mapping, NamedTuple

from .errors import InvalidInput
from .secret_command import output_of
from .values import sentence

if TYPE_CHECKING:
    from typing import Callable

_FILE = "exoscale.toml"
_LARGEST_FILE = 1024 * 1024
#: Of what a parser says, only the place is repeated, for the rest may quote a secret.
_PLACE = re.compile(r"at line \d+, column \d+|at end of document")
_MOST_NAMED = 10


class Account(NamedTuple):
    """One account; ``None`` is what the file does not say.

    :param path: of the file.
    :param secret_command: a program and its arguments, whose output is the secret.
    """

    path: str
    name: str
    key: str | None
    secret: str | None
    secret_command: list[str] | None
    default_zone: str | None
    endpoint: str | None

    def __str__(self) -> str:
        return f"the account {self.name} in {self.path}"

    def __repr__(self) -> str:
        return f"Account({self.name!r})"

    def check(self) -> None:
        """
        :raises InvalidInput: it has no key, or nothing that tells its secret.
        """
        if not self.key:
            raise InvalidInput(f"{sentence(self)} has no key")
        if self.secret_command is None and not self.secret:
            raise InvalidInput(f"{sentence(self)} has neither secret nor secretCommand")

    def credentials(self, seconds: float, learn: Callable[[str], None]) -> tuple[str, str]:
        """Key and secret.

        :param seconds: for which the command may run that tells the secret.
        :param learn: is given the secret before anything can fail because of it.
        :raises InvalidInput: one of them is missing, or the command does not tell it.
        """
        self.check()
        if self.secret_command is not None:
            return str(self.key), output_of(self.secret_command, f"secretCommand of {self}", seconds, learn)
        return str(self.key), str(self.secret)


def account_of(
    name: str | None,
    config_file: str | None,
    environment: Mapping[str, str],
    learn: Callable[[Any], None],
) -> Account | None:
    """The account of that name, or the default one; ``None`` if nothing names a file or account, and there is no file.

    :param config_file: the path of the file; ``None`` looks for it where the vendor's client does.
    :param learn: is given each secret of the file before anything can fail because of it.
    :raises InvalidInput: the file cannot be used, or has no such account.
    """
    name = name or environment.get("EXOSCALE_ACCOUNT") or None
    config_file = config_file or environment.get("EXOSCALE_CONFIG") or None
    candidates = [os.path.expanduser(config_file)] if config_file else places_of(environment)
    path = next((each for each in candidates if os.path.exists(each)), None)
    if path is None:
        if not config_file and not name:
            return None
        wanted = f"The account {name} is wanted, but there" if name else "There"
        raise InvalidInput(f"{wanted} is no file {' or '.join(candidates)} on the host where the task runs")
    document = _lowered(_parse(path))
    accounts = _accounts(document, path, learn)
    return _choose(accounts, name or _text(document, "defaultaccount", path), path)


def places_of(environment: Mapping[str, str]) -> list[str]:
    """Where the vendor's client keeps its file, the first one first."""
    home = environment.get("HOME") or os.path.expanduser("~")
    base = environment.get("XDG_CONFIG_HOME")
    configuration = base if base and os.path.isabs(base) else os.path.join(home, ".config")
    return [os.path.join(configuration, "exoscale", _FILE), os.path.join(home, ".exoscale", _FILE)]


def _parse(path: str) -> dict[str, Any]:
    loads = _toml_loads(path)
    try:
        if os.path.isdir(path):
            raise InvalidInput(f"{path} is a directory and no file")
        with open(path, "rb") as file:
            content = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror or type(error).__name__}") from error
    if len(content) > _LARGEST_FILE:
        raise InvalidInput(f"{path} is too large for a file of accounts")
    try:
        document: dict[str, Any] = loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        place = _PLACE.search(str(error))
        # Not chained: the parser's own words may quote a secret.
        raise InvalidInput(f"{path} is not valid TOML{f', {place.group()}' if place else ''}") from None
    return document


def _toml_loads(path: str) -> Callable[[str], dict[str, Any]]:
    try:
        from tomllib import loads
    except ImportError:
        try:
            from tomli import loads  # type: ignore[import-not-found,no-redef]
        except ImportError:
            python = ".".join(map(str, sys.version_info[:2]))
            raise InvalidInput(
                f"To read {path}, Python {python} ({sys.executable}) needs the library tomli: install it for that "
                "Python on the host where the task runs, or give the credentials and the zone in another way"
            ) from None
    return loads


def _accounts(document: dict[str, Any], path: str, learn: Callable[[Any], None]) -> list[Account]:
    entries = document.get("accounts", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise InvalidInput(f"accounts in {path} is not a list of tables: each account begins with [[accounts]]")
    for entry in entries:
        for secret in (entry.get("key"), entry.get("secret")):
            learn(secret)
    return [_account(entry, path) for entry in entries]


def _account(entry: dict[str, Any], path: str) -> Account:
    name = _text(entry, "name", path)
    place = f"{path}, account {name}"
    command = entry.get("secretcommand")
    if command in ([], ""):
        command = None
    is_command = isinstance(command, list) and all(isinstance(each, str) for each in command) and command[0]
    if command is not None and not is_command:
        raise InvalidInput(f"secretCommand in {place} is not a list of texts: a program and its arguments")
    return Account(
        path,
        name or "",
        _text(entry, "key", place),
        _text(entry, "secret", place),
        command,
        _text(entry, "defaultzone", place),
        _text(entry, "endpoint", place),
    )


def _choose(accounts: list[Account], name: str | None, path: str) -> Account:
    names = [account.name for account in accounts]
    if not names:
        raise InvalidInput(f"There is no account in {path}")
    listed = ", ".join(names[:_MOST_NAMED]) + (", …" if len(names) > _MOST_NAMED else "")
    if name is None:
        if len(accounts) > 1:
            raise InvalidInput(
                f"{path} has no defaultaccount, and several accounts: {listed}. Name one of them with the option "
                "account or the environment variable EXOSCALE_ACCOUNT"
            )
        return accounts[0]
    if name not in names:
        raise InvalidInput(f"There is no account {name} in {path}. There are: {listed}")
    if names.count(name) > 1:
        raise InvalidInput(f"{names.count(name)} accounts in {path} are named {name}")
    return accounts[names.index(name)]


def _text(table: dict[str, Any], key: str, place: str) -> str | None:
    value = table.get(key)
    if value is not None and not isinstance(value, str):
        raise InvalidInput(f"{key} in {place} is not a text")
    return value or None


def _lowered(value: Any) -> Any:
    """The same with keys in lower case: the vendor's client does not tell them apart."""
    if isinstance(value, dict):
        return {key.lower(): _lowered(each) for key, each in value.items()}
    return [_lowered(each) for each in value] if isinstance(value, list) else value
