# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credentials and zone from options, environment and the file of the vendor's client, in this order."""

from __future__ import annotations

import os
import sys
import time

import pytest

from ansible_collections.exoscale.cloud.plugins.module_utils._api.errors import InvalidInput
from ansible_collections.exoscale.cloud.plugins.module_utils._task import (
    deployment_info,
    deployment_log_info,
    engine_parameter_info,
    model_info,
    operation_info,
)
from ansible_collections.exoscale.cloud.plugins.module_utils._task.connection import Connection
from ansible_collections.exoscale.cloud.plugins.module_utils._task.redaction import Redactor
from ansible_collections.exoscale.cloud.plugins.module_utils._task.run import run_task

PAIR = {"EXOSCALE_API_KEY": "EXOenv", "EXOSCALE_API_SECRET": "secret-of-env"}
TWO_ACCOUNTS = """
defaultaccount = "prod"

[[accounts]]
name = "prod"
key = "EXOprod"
secret = "secret-of-prod"
defaultZone = "ch-gva-2"

[[accounts]]
name = "test"
key = "EXOtest"
secret = "secret-of-test"
defaultZone = "at-vie-2"
endpoint = "https://api.test.example/v2"
"""


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


@pytest.fixture
def write(home):
    """Writes a file where the vendor's client looks for it first: write(text, path) → the path."""

    def write(text, path=".config/exoscale/exoscale.toml"):
        file = home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(file)

    return write


@pytest.fixture
def redactor():
    return Redactor()


@pytest.fixture
def connect(home, redactor):
    """What becomes of options and environment: connect(environment, option=…) → key, secret, base URL, where from."""

    def connect(environment=(), **options):
        params = {
            **dict.fromkeys(["api_key", "api_secret", "account", "config_file", "zone", "api_endpoint"]),
            **{"validate_certs": True, "api_timeout": 30, "api_retries": 5},
            **options,
        }
        found = Connection.from_params(params, redactor, {"HOME": str(home), **dict(environment)})
        return found.api_key, found.api_secret, found.base_url, found.where_from

    return connect


def credentials_of(connect, environment=(), **options):
    return connect(environment, **options)[:2]


class TestOrder:
    def test_the_default_account_gives_credentials_and_zone(self, write, connect):
        path = write(TWO_ACCOUNTS)

        key, secret, base_url, where_from = connect()

        assert (key, secret, base_url) == ("EXOprod", "secret-of-prod", "https://api-ch-gva-2.exoscale.com/v2")
        assert where_from == f"defaultZone of the account prod in {path}"

    def test_options_win_over_account_and_environment(self, write, connect):
        write(TWO_ACCOUNTS)

        found = credentials_of(connect, PAIR, api_key="EXOoption", api_secret="secret-of-option", account="test")

        assert found == ("EXOoption", "secret-of-option")

    def test_an_account_in_the_options_wins_over_the_environment(self, write, connect):
        write(TWO_ACCOUNTS)

        assert credentials_of(connect, PAIR, account="test") == ("EXOtest", "secret-of-test")

    def test_the_environment_wins_over_the_file(self, write, connect):
        write(TWO_ACCOUNTS)

        assert credentials_of(connect, {**PAIR, "EXOSCALE_ACCOUNT": "test"}) == ("EXOenv", "secret-of-env")

    def test_half_a_pair_in_the_environment_counts_as_none(self, write, connect):
        write(TWO_ACCOUNTS)

        assert credentials_of(connect, {"EXOSCALE_API_KEY": "EXOenv"}) == ("EXOprod", "secret-of-prod")

    def test_half_a_pair_in_the_options_is_an_error_in_spite_of_an_account(self, write, connect):
        write(TWO_ACCOUNTS)

        with pytest.raises(InvalidInput, match="The option api_key is given without api_secret"):
            connect(api_key="EXOoption", account="test")

    def test_the_environment_names_the_account(self, write, connect):
        write(TWO_ACCOUNTS)

        assert credentials_of(connect, {"EXOSCALE_ACCOUNT": "test"}) == ("EXOtest", "secret-of-test")

    def test_the_option_names_another_account_than_the_environment(self, write, connect):
        write(TWO_ACCOUNTS)

        assert credentials_of(connect, {"EXOSCALE_ACCOUNT": "test"}, account="prod")[0] == "EXOprod"

    @pytest.mark.parametrize(
        ("environment", "options", "base_url"),
        [
            ({}, {"account": "test"}, "https://api.test.example/v2"),
            ({}, {"account": "test", "zone": "de-fra-1"}, "https://api-de-fra-1.exoscale.com/v2"),
            ({"EXOSCALE_ZONE": "de-fra-1"}, {"account": "test"}, "https://api-de-fra-1.exoscale.com/v2"),
            ({"EXOSCALE_API_ENDPOINT": "https://e.example/v2"}, {"account": "test"}, "https://e.example/v2"),
            ({}, {"account": "test", "api_endpoint": "https://o.example/v2"}, "https://o.example/v2"),
            (PAIR, {}, "https://api-ch-gva-2.exoscale.com/v2"),
            ({}, {"api_key": "EXOo", "api_secret": "s"}, "https://api-ch-gva-2.exoscale.com/v2"),
        ],
    )
    def test_endpoint_then_zone_then_those_of_the_account(self, write, connect, environment, options, base_url):
        write(TWO_ACCOUNTS)

        assert connect(environment, **options)[2] == base_url

    def test_the_file_is_not_read_if_it_is_not_needed(self, write, connect):
        write("this is no TOML")

        assert connect(PAIR, zone="ch-gva-2")[0] == "EXOenv"


class TestFile:
    def test_places_are_those_of_the_vendors_client(self, write, connect, home):
        write('[[accounts]]\nname="old"\nkey="EXOold"\nsecret="s"\ndefaultZone="ch-gva-2"', ".exoscale/exoscale.toml")
        assert credentials_of(connect)[0] == "EXOold"

        write('[[accounts]]\nname="new"\nkey="EXOnew"\nsecret="s"\ndefaultZone="ch-gva-2"')
        assert credentials_of(connect)[0] == "EXOnew"

        write('[[accounts]]\nname="xdg"\nkey="EXOxdg"\nsecret="s"\ndefaultZone="ch-gva-2"', "x/exoscale/exoscale.toml")
        assert credentials_of(connect, {"XDG_CONFIG_HOME": str(home / "x")})[0] == "EXOxdg"

    def test_an_option_or_a_variable_names_the_file(self, write, connect):
        write(TWO_ACCOUNTS)
        one = write(TWO_ACCOUNTS.replace("EXOprod", "EXOone"), "one.toml")
        two = write(TWO_ACCOUNTS.replace("EXOprod", "EXOtwo"), "two.toml")

        assert credentials_of(connect, {"EXOSCALE_CONFIG": one})[0] == "EXOone"
        assert credentials_of(connect, {"EXOSCALE_CONFIG": one}, config_file=two)[0] == "EXOtwo"

    def test_keys_are_read_in_any_case(self, write, connect):
        write(TWO_ACCOUNTS.replace("defaultZone", "defaultzone").replace("defaultaccount", "DefaultAccount"))

        assert connect()[2] == "https://api-ch-gva-2.exoscale.com/v2"

    def test_the_only_account_needs_no_name(self, write, connect):
        write('[[accounts]]\nname = "a"\nkey = "EXOa"\nsecret = "secret"\ndefaultZone = "ch-gva-2"')

        assert credentials_of(connect) == ("EXOa", "secret")

    def test_nothing_at_all_names_every_way(self, connect, home):
        with pytest.raises(InvalidInput, match="Credentials are missing") as caught:
            connect()

        for way in ("api_key", "EXOSCALE_API_SECRET", str(home / ".config/exoscale/exoscale.toml")):
            assert way in str(caught.value)

    def test_a_missing_zone_names_every_way(self, write, connect):
        path = write('[[accounts]]\nname = "a"\nkey = "EXOa"\nsecret = "secret"')

        with pytest.raises(InvalidInput, match="The zone is missing") as caught:
            connect()

        for way in ("EXOSCALE_ZONE", "api_endpoint", "defaultZone", f"the account a in {path} has none"):
            assert way in str(caught.value)

    @pytest.mark.parametrize(
        ("text", "options", "message"),
        [
            ("accounts = 1", {}, "accounts in .* is not a list of tables"),
            ("", {}, "There is no account in"),
            (TWO_ACCOUNTS, {"account": "prd"}, "There is no account prd in .*: prod, test"),
            (TWO_ACCOUNTS.replace("default", "no"), {}, "no defaultaccount, and several accounts: prod, test"),
            (TWO_ACCOUNTS + TWO_ACCOUNTS.partition("\n\n")[2], {}, "2 accounts in .* are named prod"),
            ('[[accounts]]\nname = "a"', {}, "The account a in .* has no key"),
            ('[[accounts]]\nname = "a"\nkey = "EXOa"', {}, "The account a in .* has neither secret nor secretCommand"),
            ('[[accounts]]\nname = "a"\nkey = 5', {}, "key in .*, account a is not a text"),
            ('[[accounts]]\nname = "a"\nsecretCommand = "pass x"', {}, "secretCommand in .* is not a list of texts"),
            (TWO_ACCOUNTS.replace("ch-gva-2", "geneva"), {}, "defaultZone of the account prod in .* is 'geneva'"),
            (
                TWO_ACCOUNTS.replace("https://api.test.example", "http://api.test.example"),
                {"account": "test"},
                "endpoint of the account test in .* would send everything in clear text",
            ),
            ('[[accounts]]\nname = "a\nkey="', {}, r"is not valid TOML, at line 2, column \d+"),
            (b"\xff\xfe", {}, "is not valid TOML"),
            ("#" * 1_100_000, {}, "is too large"),
        ],
    )
    def test_what_is_wrong_with_a_file_is_told_in_words(self, write, connect, text, options, message):
        write(text)

        with pytest.raises(InvalidInput, match=message):
            connect(**options)

    def test_a_named_file_or_account_that_is_not_there_is_an_error(self, connect, home):
        with pytest.raises(InvalidInput, match="There is no file /nowhere/exoscale"):
            connect(config_file="/nowhere/exoscale.toml")
        with pytest.raises(InvalidInput, match="The account prod is wanted, but there is no file"):
            connect(account="prod")

    def test_a_directory_is_no_file(self, connect, home):
        home.mkdir()

        with pytest.raises(InvalidInput, match="is a directory"):
            connect(config_file=str(home))

    def test_a_file_that_cannot_be_read_is_told_in_words(self, connect):
        # Its first bytes belong to no page.
        with pytest.raises(InvalidInput, match="/proc/self/mem cannot be read: Input/output error"):
            connect(config_file="/proc/self/mem")

    def test_without_a_library_for_toml_the_error_names_it_and_the_python(self, write, connect, monkeypatch):
        write(TWO_ACCOUNTS)
        for library in ("tomllib", "tomli"):
            monkeypatch.setitem(sys.modules, library, None)

        with pytest.raises(InvalidInput) as caught:
            connect()

        assert "tomli" in str(caught.value)
        assert sys.executable in str(caught.value)

    def test_tomli_reads_the_file_where_python_cannot(self, write, connect, monkeypatch):
        tomllib = pytest.importorskip("tomllib")
        write(TWO_ACCOUNTS)
        monkeypatch.setitem(sys.modules, "tomllib", None)
        monkeypatch.setitem(sys.modules, "tomli", tomllib)

        assert credentials_of(connect) == ("EXOprod", "secret-of-prod")

    def test_secrets_of_all_accounts_are_learnt_before_anything_can_fail(self, write, connect, redactor):
        write(TWO_ACCOUNTS + '\n[[accounts]]\nname = 5\nkey = "EXOlast"\nsecret = "secret-of-last"')

        with pytest.raises(InvalidInput):
            connect()

        assert redactor.text("secret-of-prod EXOtest secret-of-last") == "******** ******** ********"


class TestSecretCommand:
    @pytest.fixture
    def account(self, write):
        """account(program, argument, …) writes a file whose account has this secretCommand."""

        def account(*command, **more):
            lines = [f'{key} = "{value}"' for key, value in more.items()]
            quoted = ", ".join("'''" + part + "'''" for part in command)
            write(
                '[[accounts]]\nname = "a"\nkey = "EXOa"\ndefaultZone = "ch-gva-2"\n'
                + "\n".join([*lines, f"secretCommand = [{quoted}]"])
            )

        return account

    def test_its_output_is_the_secret(self, account, connect):
        account(sys.executable, "-c", "print('  s3cret-from-vault  ')")

        assert credentials_of(connect) == ("EXOa", "s3cret-from-vault")

    def test_it_wins_over_a_secret(self, account, connect):
        account("echo", "s3cret-from-vault", secret="secret-of-file")

        assert credentials_of(connect)[1] == "s3cret-from-vault"

    def test_no_shell_takes_part(self, account, connect):
        account("echo", "$HOME; echo `id` > x | cat")

        assert credentials_of(connect)[1] == "$HOME; echo `id` > x | cat"

    def test_it_is_not_run_if_the_credentials_come_from_elsewhere(self, account, connect, home):
        account("touch", str(home / "was-run"))

        connect(PAIR)

        assert not (home / "was-run").exists()

    @pytest.mark.parametrize(
        "options", [{"zone": "geneva"}, {"api_endpoint": "http://10.0.0.1/v2"}, {"api_retries": -1}], ids=str
    )
    def test_it_is_not_run_for_a_task_that_is_refused(self, account, connect, home, options):
        account("touch", str(home / "was-run"))

        with pytest.raises(InvalidInput):
            connect(**options)

        assert not (home / "was-run").exists()

    @pytest.mark.parametrize(
        ("task", "options"),
        [
            (deployment_info, {"id": "x"}),
            (model_info, {"id": "x"}),
            (deployment_log_info, {"id": "x"}),
            (operation_info, {"ids": ["x"]}),
            (engine_parameter_info, {"version": "x"}),
        ],
    )
    def test_it_is_not_run_for_options_that_are_refused(self, account, home, task, options):
        account("touch", str(home / "was-run"))
        declared = task.declaration()
        params = {name: option.get("default") for name, option in declared.options.items()}
        params.update(options, account="a", config_file=str(home / ".config/exoscale/exoscale.toml"))

        ending = run_task(declared, task.look_up, params, check_mode=False, diff_mode=False, redactor=Redactor())

        assert "'x'" in ending.failure
        assert not (home / "was-run").exists()

    def test_it_is_not_run_for_a_key_or_a_proxy_that_cannot_be_right(self, account, write, connect, home, monkeypatch):
        account("touch", str(home / "was-run"))
        file = home / ".config/exoscale/exoscale.toml"
        whole = file.read_text()
        write(whole.replace("EXOa", "EXO a"))
        with pytest.raises(InvalidInput, match=r"The key of the account a in .* holds a space"):
            connect()
        write(whole)
        monkeypatch.setenv("HTTPS_PROXY", "http://[::1")
        with pytest.raises(InvalidInput, match="The proxy for https:// in the environment"):
            connect()

        assert not (home / "was-run").exists()

    @pytest.mark.parametrize(
        ("command", "message"),
        [
            (("/nowhere/pass",), "cannot be run: No such file or directory"),
            (("false",), "failed with the exit status 1"),
            (("true",), "wrote nothing"),
            (("printf", r"\377"), "not valid UTF-8"),
            (("yes",), "wrote more than any secret is long"),
            (("echo", "two words"), None),
        ],
    )
    def test_what_goes_wrong_is_told_in_words(self, account, connect, command, message):
        account(*command)

        if message is None:
            assert credentials_of(connect)[1] == "two words"
            return
        with pytest.raises(InvalidInput, match=message) as caught:
            connect()
        assert "secretCommand of the account a in" in str(caught.value)

    def test_neither_its_arguments_nor_its_output_are_shown(self, account, connect, redactor):
        account("sh", "-c", "echo s3cret-from-vault; echo s3cret-argument >&2; exit 3")

        with pytest.raises(InvalidInput) as caught:
            connect()

        assert "s3cret" not in str(caught.value)
        assert redactor.text("s3cret-from-vault") == "********"

    def test_what_is_longer_than_any_secret_is_not_looked_for_in_each_text(self, account, connect, redactor):
        account("yes")

        with pytest.raises(InvalidInput, match="more than any secret is long"):
            connect()

        assert redactor.secrets == []

    def test_it_ends_with_api_timeout_and_all_that_it_has_started(self, account, connect, home):
        account("sh", "-c", f"echo $$ > {home}/pid; sleep 600 & sleep 600")

        with pytest.raises(InvalidInput, match=r"did not end within 1 seconds \(api_timeout\)"):
            connect(api_timeout=1)

        group = int((home / "pid").read_text())
        for _attempt in range(100):
            try:
                os.killpg(group, 0)
            except ProcessLookupError:
                return
            time.sleep(0.05)
        pytest.fail("something of it is left")

    def test_what_it_leaves_running_does_not_hold_the_task_up(self, account, connect):
        account("sh", "-c", "sleep 20 & echo s3cret-from-vault")

        assert credentials_of(connect)[1] == "s3cret-from-vault"


def test_the_path_of_a_file_may_begin_at_home(write, connect, home, monkeypatch):
    write(TWO_ACCOUNTS, "mine.toml")
    monkeypatch.setenv("HOME", str(home))

    assert credentials_of(connect, {"EXOSCALE_CONFIG": "~/mine.toml"})[0] == "EXOprod"
