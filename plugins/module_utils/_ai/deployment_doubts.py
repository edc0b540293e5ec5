# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the answer about a deployment leaves open, and further requests can settle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from .._api.errors import ApiError, ExoscaleError, InvalidAnswer
from .._api.values import is_of, is_text, is_uuid
from .._engine.comparison import same_meaning
from .._engine.flags import EngineHelp
from .deployment import DEPLOYMENTS, PARAMETERS, deployment_path
from .deployment_reading import id_of_name, read_deployment
from .reading import MODELS, list_models

if TYPE_CHECKING:
    from .._api.client import Client
    from .._api.deadline import Deadline
    from .deployment import Deployment
    from .engine_help import EngineHelps


class Doubts:
    """
    :param warn: takes sentences for the user.
    """

    def __init__(self, client: Client, helps: EngineHelps, warn: Callable[[str], None]) -> None:
        self._client = client
        self._helps = helps
        self._warn = warn
        self._models: dict[tuple[str, str], str | None] = {}

    def mean_the_same(self, seen: Deployment, tokens: list[str], deadline: Deadline) -> bool:
        """Whether ``tokens`` mean the same as what the deployment shows, to the version that it runs.

        :raises RequestFailed: the deadline has passed before it was certain that this cannot be told.
        """
        shown = seen.fields[PARAMETERS]
        # What one answer lacks, the next one may show.
        version = seen.engine_version or read_deployment(self._client, seen.id, deadline).engine_version
        known = self._helps.of_certainly(version, deadline) if version else None
        if isinstance(known, EngineHelp):
            return same_meaning(shown, tokens, known)
        if same_meaning(shown, tokens, None):
            return True
        why = "the API does not show the engine's version"
        if known is not None:
            why = f"the help of the engine cannot be read: {known}"
        self._warn(f"{PARAMETERS} differ as text, and whether they mean the same cannot be told, because {why}")
        return False

    def with_model(self, seen: Deployment, model: str, wanted: str, deadline: Deadline) -> Deployment:
        """The deployment with that part of its model filled in by which the user names the model.

        :param model: as the user names it.
        :param wanted: the part that the API does not show, ``id`` or ``name``.
        """
        shown = seen.fields["model"]
        other = "name" if wanted == "id" else "id"
        key = (wanted, shown[other])
        if key not in self._models:
            try:
                self._models[key] = self._other_name_of_model(wanted, shown[other], deadline)
            except ExoscaleError as error:
                self._models[key] = None
                self._warn(f"Whether the model of {seen} is {model} cannot be told: {error}")
        found = self._models[key]
        if found is None:
            return seen
        return seen._replace(fields={**seen.fields, "model": {**shown, wanted: found}})

    def find_among_nameless(
        self, entries: list[dict[str, Any]], name: str, deadline: Deadline, retries: int | None
    ) -> tuple[str | None, Deployment | None]:
        """Which one of the entries of the list that show no name is the one of that name; its ID, and itself.

        :raises InvalidAnswer: it cannot be told whether one of them is.
        """
        read = [self._read_nameless(entry["id"], deadline, retries) for entry in entries if is_uuid(entry.get("id"))]
        named = {each.id: each for each in read if each is not None and not each.is_public}
        found = id_of_name([each.fields for each in named.values()], name, self._client.base_url)
        if found is None and len(read) < len(entries):
            raise InvalidAnswer(
                f"GET {DEPLOYMENTS}: the answer lists a deployment without its ID and its name, which may be the one "
                "that is meant. Give the id of the one that is meant"
            )
        return found, None if found is None else named[found]

    def _read_nameless(self, deployment_id: str, deadline: Deadline, retries: int | None) -> Deployment | None:
        try:
            return read_deployment(self._client, deployment_id.lower(), deadline, retries)
        except ApiError as error:
            if error.is_absence:
                return None
            raise
        except InvalidAnswer as error:
            raise InvalidAnswer(
                f"GET {deployment_path(deployment_id)}: it cannot be told whether this is the one that is meant, "
                f"since its name is not shown. Give the id of the one that is meant. {error}"
            ) from error

    def _other_name_of_model(self, wanted: str, shown: str, deadline: Deadline) -> str | None:
        if wanted == "name":
            found = self._client.get(f"{MODELS}/{shown}", deadline=deadline) if is_uuid(shown) else {}
            return str(found["name"]) if is_of(found, shown.lower()) and is_text(found.get("name")) else None
        ids = [entry.get("id") for entry in list_models(self._client, deadline) if entry.get("name") == shown]
        # Names are not promised to be unique.
        return str(ids[0]) if len(ids) == 1 and is_uuid(ids[0]) else None
