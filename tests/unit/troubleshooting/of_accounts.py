# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credentials, and the file of the vendor's client."""

from __future__ import annotations

import sys

from .stage import plays

NO_CREDENTIALS = {"api_key": None, "api_secret": None}
ACCOUNT = '[[accounts]]\nname = "prod"\nkey = "EXOprod"\nsecret = "secret-of-prod"\n'
FILES = {
    "is not valid TOML": "this is no TOML",
    "is too large for a file of accounts": "#" * 1_100_000,
    "is not a list of tables": "accounts = 1",
    "There is no account in": "",
    "has no defaultaccount, and several accounts": ACCOUNT + ACCOUNT.replace("prod", "test"),
    "accounts in <file> are named": f'defaultaccount = "prod"\n{ACCOUNT}{ACCOUNT}',
    "has no key": '[[accounts]]\nname = "prod"',
    "has neither secret nor secretCommand": '[[accounts]]\nname = "prod"\nkey = "EXOprod"',
    "<key> in <file>, account <name> is not a text": ACCOUNT.replace('"EXOprod"', "5"),
    "secretCommand in <file>": '[[accounts]]\nname = "prod"\nsecretCommand = "pass show exoscale"',
}
COMMANDS = {
    "cannot be run: it cannot be the name of a program": ["a\\u0000b"],
    "The program of secretCommand": ["/nowhere/pass"],
    "wrote more than any secret is long": ["yes"],
    "failed with the exit status": ["false"],
    "wrote something that is not valid UTF-8": ["printf", "\\\\377"],
    "wrote nothing to its standard output": ["true"],
    "did not end within": ["sleep", "60"],
}


def from_file(stage, text, **options):
    return stage.play(name="chat", **NO_CREDENTIALS, config_file=stage.write(text), **options)


def of_file(text):
    return lambda stage: from_file(stage, text)


def of_command(command):
    quoted = ", ".join(f'"{part}"' for part in command)
    text = f'[[accounts]]\nname = "prod"\nkey = "EXOprod"\nsecretCommand = [{quoted}]'
    return lambda stage: from_file(stage, text, api_timeout=1)


for words, content in FILES.items():
    plays(words)(of_file(content))
for words, command in COMMANDS.items():
    plays(words)(of_command(command))


@plays("They come from")
def a_key_from_the_environment_that_is_refused(stage):
    for name in ("KEY", "SECRET"):
        stage.patch.setenv(f"EXOSCALE_API_{name}", f"another-{name.lower()}-of-nobody")
    return stage.play(name="chat", **NO_CREDENTIALS)


@plays("Credentials are missing")
def nothing_is_set(stage):
    return stage.play(name="chat", **NO_CREDENTIALS)


@plays("(of these, ")
def half_of_the_environment(stage):
    stage.patch.setenv("EXOSCALE_API_KEY", "EXOhalf")
    return stage.play(name="chat", **NO_CREDENTIALS)


@plays("is given without")
def half_of_the_options(stage):
    return stage.play(name="chat", api_secret=None)


@plays("begins or ends with white space, perhaps from a file")
def a_secret_with_its_new_line(stage):
    return stage.play(name="chat", api_secret="0123456789abcdef\n")


@plays("The secret of the account")
def a_secret_of_an_account_with_a_blank(stage):
    return from_file(stage, ACCOUNT.replace("secret-of-prod", "secret-of-prod "))


@plays("<option> is not valid UTF-8 text…")
def a_secret_in_another_encoding(stage):
    return stage.play(name="chat", api_secret="\udcff")


@plays("holds a space or another character that no Exoscale API key has")
def a_key_with_a_blank(stage):
    return stage.play(name="chat", api_key="EXO 1")


@plays("The key of the account")
def a_key_of_an_account_with_a_blank(stage):
    return from_file(stage, ACCOUNT.replace("EXOprod", "EXO prod"))


@plays("is wanted, but there is no file")
def an_account_without_a_file(stage):
    return stage.play(name="chat", **NO_CREDENTIALS, account="prod")


@plays("There is no file <file>")
def a_file_that_is_not_there(stage):
    return stage.play(name="chat", **NO_CREDENTIALS, config_file="/nowhere/exoscale.toml")


@plays("is a directory and no file")
def a_directory(stage):
    return stage.play(name="chat", **NO_CREDENTIALS, config_file=str(stage.folder))


@plays("<file> cannot be read")
def a_file_that_cannot_be_read(stage):
    # Its first bytes belong to no page.
    return stage.play(name="chat", **NO_CREDENTIALS, config_file="/proc/self/mem")


@plays("needs the library tomli")
def a_python_without_toml(stage):
    for library in ("tomllib", "tomli"):
        stage.patch.setitem(sys.modules, library, None)
    return from_file(stage, ACCOUNT)


@plays("There is no account <name> in")
def an_account_that_is_not_in_the_file(stage):
    return from_file(stage, ACCOUNT, account="prd")


@plays("The zone is missing: set")
def no_zone(stage):
    return stage.play(name="chat", api_endpoint=None)


@plays("<account> has none")
def an_account_without_zone(stage):
    return from_file(stage, ACCOUNT, api_endpoint=None)
