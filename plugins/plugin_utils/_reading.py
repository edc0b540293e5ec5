# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading from the API in a plugin of the controller that is no task: an inventory, a lookup."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import Any, Callable, Iterator, TypeVar

from ansible.errors import AnsibleError
from ansible.module_utils.basic import missing_required_lib

from ansible_collections.exoscale.cloud.plugins.module_utils._api.client import Client
from ansible_collections.exoscale.cloud.plugins.module_utils._api.errors import ExoscaleError
from ansible_collections.exoscale.cloud.plugins.module_utils._api.libraries import HAS_REQUESTS
from ansible_collections.exoscale.cloud.plugins.module_utils._task.connection import (
    AccountFile,
    Connection,
    credentials,
    learn_secrets,
)
from ansible_collections.exoscale.cloud.plugins.module_utils._task.options import Declaration, api_options
from ansible_collections.exoscale.cloud.plugins.module_utils._task.redaction import Redactor
from ansible_collections.exoscale.cloud.plugins.module_utils._task.run import paragraph, presentable

from ._quiet import libraries_quiet

#: The options that each of these plugins has.
API_OPTIONS = tuple(api_options())

Found = TypeVar("Found")


def read(params: dict[str, Any], ask: Callable[[Client], Found]) -> tuple[Found, Redactor]:
    """What ``ask`` finds, and the redactor that knows the secrets in it.

    :param params: the options named in :data:`API_OPTIONS`.
    :raises AnsibleError: anything that a user, a network or a server can cause, without secrets.
    """
    with _redacted_errors(params) as redactor:
        client = Connection.from_params(params, redactor).client(redactor, read_only=True)
        try:
            with libraries_quiet():
                return ask(client), redactor
        finally:
            client.close()


def with_credentials(params: dict[str, Any]) -> dict[str, Any]:
    """The same options with the credentials in them, so that several readings look for them once.

    :raises AnsibleError: they are missing or cannot be right.
    """
    with _redacted_errors(params) as redactor:
        key, secret = credentials(params, os.environ, AccountFile(params, os.environ, redactor))
    return {**params, "api_key": key, "api_secret": secret}


@contextmanager
def _redacted_errors(params: dict[str, Any]) -> Iterator[Redactor]:
    redactor = Redactor()
    learn_secrets(Declaration(api_options(), {}, {}), params, redactor)
    if not HAS_REQUESTS:
        raise AnsibleError(missing_required_lib("requests"))
    try:
        yield redactor
    except ExoscaleError as error:
        raise AnsibleError(paragraph(redactor.text(presentable(str(error))))) from None
