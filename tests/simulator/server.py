# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator as a server in a thread of its own."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs

from flask import Flask, request
from werkzeug.exceptions import HTTPException
from werkzeug.http import http_date
from werkzeug.wrappers import Request, Response

from .account import Account, Outcome
from .api import make_api
from .clock import FakeClock
from .contract import vendor_contract
from .control import make_control
from .credentials import API_KEY, API_SECRET
from .faults import Fault, Faults
from .inference import PREFIX, make_inference
from .journal import JournalEntry
from .problems import Problem
from .serving import Exchange, HttpServer
from .settings import NAMES, Settings
from .signature import refusal
from .spoiling import spoil
from .timeline import Timeline

#: What can be set on the simulator besides its settings.
_OWN = ("api_key", "api_secret", "contract_violations", "on_answer", "on_arrival")


def _do_nothing(*_: Any) -> None:
    pass


class Simulator:
    """
    :param clock: the module :mod:`time`, or a :class:`FakeClock` that the code under test sleeps by as well.
    :param host: a name of this machine, by which it calls itself.
    :param connections: one of :data:`~.serving.CONNECTIONS`.
    :param settings: how it behaves from the start, and after each reset.
    :ivar on_arrival: is given each request before anything is done with it.
    :ivar on_answer: is given each request, and its entry in the journal, before it is answered.

    The attributes of :class:`~.settings.Settings` can be read and set on the simulator itself.
    """

    def __init__(
        self,
        clock: FakeClock | None = None,
        *,
        api_key: str = API_KEY,
        api_secret: str = API_SECRET,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
        connections: str = "one each",
        settings: Settings | None = None,
    ) -> None:
        self._tls = tls
        self._host = host
        self.api_key = api_key
        self.api_secret = api_secret
        self.contract_violations: list[str] = []
        self.on_arrival: Callable[[Exchange], Any] = _do_nothing
        self.on_answer: Callable[[Exchange, JournalEntry], Any] = _do_nothing
        self._clock: Any = clock or time
        self._port = port
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._server: HttpServer | None = None
        self._connections = connections
        self._settings_at_first = settings or Settings()
        self._contract = vendor_contract()
        self.reset()
        self._app = Flask(__name__)
        self._app.register_blueprint(
            make_api(lambda: self._account, self._contract, self._refusal, self.contract_violations)
        )
        self._app.register_error_handler(HTTPException, _as_problem)
        self._app.register_blueprint(make_inference(lambda: self._account))
        self._app.register_blueprint(make_control(self))

    def __getattr__(self, name: str) -> Any:
        if name in NAMES:
            return getattr(self._account.settings, name)
        raise AttributeError(name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_") or name in _OWN:
            super().__setattr__(name, value)
        else:
            # A misspelt setting would make a test pass that should not.
            self._account.settings.change(name, value)

    def __enter__(self) -> Simulator:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        self._server = HttpServer(self._port, self._serve, self._connections, self._tls)
        self._port = self._server.port

    def stop(self) -> None:
        self._stopping.set()
        if self._server is not None:
            self._server.close()
            self._server = None

    def reset(self) -> None:
        """Forget deployments, operations, faults, journal, and settings other than those from the start."""
        with self._lock:
            newest = self._contract.schema("inference-engine-version")["default"]
            self._timeline = Timeline(self._clock.monotonic)
            self._account = Account(self._timeline, self._clock.time, newest, lambda: self._base_url + PREFIX)
            # A copy, since the account counts the free GPUs there.
            self._account.settings = replace(self._settings_at_first)
            self._faults = Faults()
            self._journal: list[JournalEntry] = []

    @property
    def url(self) -> str:
        return self._base_url + "/v2"

    @property
    def _base_url(self) -> str:
        return "{}://{}:{}".format("https" if self._tls else "http", self._host, self._port)

    @property
    def control_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/_simulator"

    @property
    def journal(self) -> list[JournalEntry]:
        with self._lock:
            return list(self._journal)

    def calls(self) -> list[str]:
        return [f"{entry.method} {entry.path}" for entry in self.journal]

    def writes(self) -> list[JournalEntry]:
        """What was sent to change something: no look, and nothing that an endpoint was asked."""
        return [entry for entry in self.journal if entry.method != "GET" and not entry.path.startswith("/inference/")]

    def clear_journal(self) -> None:
        with self._lock:
            self._journal.clear()

    def add_deployment(self, **fields: Any) -> str:
        """Put a deployment there; the fields that are not given have sensible values.

        :raises ValueError: deployments have no such field.
        """
        with self._lock:
            return self._account.add_deployment(self._known(fields))

    def deployment(self, deployment_id: str) -> dict[str, Any] | None:
        """As the API shows it, or None."""
        with self._lock:
            self._timeline.catch_up()
            return self._account.find_deployment(deployment_id)

    def deployments(self) -> list[dict[str, Any]]:
        """All of them as they are, whatever reads show at the moment."""
        with self._lock:
            self._timeline.catch_up()
            return self._account.all_deployments()

    def set_deployment(self, deployment_id: str, **fields: Any) -> None:
        """A change that somebody else makes."""
        with self._lock:
            self._account.change_deployment(deployment_id, self._known(fields))

    def begin_scaling(self, deployment_id: str, replicas: int) -> str:
        """A change that somebody else has begun; the ID of its operation."""
        with self._lock:
            return str(self._account.scale_deployment(deployment_id, {"replicas": replicas})["id"])

    def remove_deployment(self, deployment_id: str) -> None:
        with self._lock:
            self._account.remove_deployment(deployment_id)

    def add_model(self, name: str, state: str = "ready") -> str:
        """Put a model into the zone."""
        with self._lock:
            return self._account.add_model(name, state)

    def set_model(self, model_id: str, **fields: Any) -> None:
        """A change of a model that nobody asked for."""
        with self._lock:
            self._account.change_model(model_id, _kebab(fields))

    def forget_model(self, model_id: str) -> None:
        """Let a model vanish."""
        with self._lock:
            self._account.forget_model(model_id)

    def models(self) -> list[dict[str, Any]]:
        """All models of the zone, as they are."""
        with self._lock:
            self._timeline.catch_up()
            return list(self._account.list_models()["models"])

    def api_keys(self) -> list[dict[str, Any]]:
        """All AI API keys, as they are."""
        with self._lock:
            self._timeline.catch_up()
            return list(self._account.list_api_keys()["ai-api-keys"])

    def add_api_key(self, name: str, scope: str = "public") -> str:
        """Put an AI API key there, whose value nobody sees any more."""
        with self._lock:
            return self._account.add_api_key(name, scope)

    def set_instance_types(self, types: list[dict[str, Any]]) -> None:
        with self._lock:
            self._account.set_instance_types(types)

    def set_quotas(self, quotas: list[dict[str, Any]]) -> None:
        with self._lock:
            self._account.set_quotas(quotas)

    @property
    def changes(self) -> int:
        """How many changes requests have begun, whatever they were answered with."""
        return self._account.changes

    def at(self, seconds_from_now: float, action: Callable[[], Any]) -> None:
        """Do it when the clock has passed that point, before the first request after it."""
        with self._lock:
            self._timeline.after(seconds_from_now, action)

    def fail_next_operation(
        self,
        state: str = "failure",
        reason: str | None = "fault",
        message: str | None = "the engine did not start",
        settles_in: str = "error",
    ) -> None:
        with self._lock:
            self._account.fail_next_operation(Outcome(state, reason, message, settles_in))

    def misbehave(self, method: str | None = None, path: str | None = None, **options: Any) -> None:
        """Let requests that match meet a :class:`~.faults.Fault`; ``path`` is a regular expression."""
        with self._lock:
            self._faults.add(Fault(method, path, **options))

    def forget_faults(self) -> None:
        """Behave from now on."""
        with self._lock:
            self._faults = Faults()

    def forget_outcomes(self) -> None:
        """Let all operations succeed that have not begun."""
        with self._lock:
            self._account.forget_outcomes()

    def ignore_field(self, name: str) -> None:
        """Accept this field in updates, and never apply it."""
        with self._lock:
            self._account.ignore_field(name)

    def set_help(self, version: str, entries: list[dict[str, Any]]) -> None:
        with self._lock:
            self._account.set_help(version, entries)

    def write_log(self, deployment_id: str, messages: list[str]) -> None:
        """Let the deployment's engine log these messages."""
        with self._lock:
            self._account.write_log(deployment_id, messages)

    def _known(self, fields: dict[str, Any]) -> dict[str, Any]:
        known = self._contract.schema("get-deployment-response")["properties"]
        unknown = [key for key in _kebab(fields) if key not in known]
        if unknown:
            raise ValueError(f"deployments have no {', '.join(unknown)}; they have: {', '.join(known)}")
        return _kebab(fields)

    def _refusal(self) -> str | None:
        return refusal(
            authorization=request.headers.get("Authorization", ""),
            method=request.method,
            path=request.path,
            query=parse_qs(request.query_string.decode("ascii")),
            body=request.get_data(),
            api_key=self.api_key,
            api_secret=self.api_secret,
            now=self._clock.time(),
        )

    def _serve(self, exchange: Exchange) -> Response:
        environ = exchange.environ
        path = environ["PATH_INFO"]
        if not path.startswith(("/v2/", PREFIX)):
            return Response.from_app(self._app, environ, buffered=True)
        self.on_arrival(exchange)
        incoming = Request(environ)
        data = incoming.get_data(cache=True)
        environ["wsgi.input"] = BytesIO(data)
        with self._lock:
            self._timeline.catch_up()
            shown_path = path.removeprefix("/v2")
            fault = self._faults.take(incoming.method, shown_path)
            answer = self._answer(environ, fault)
            if fault and fault.applied_after is not None:
                later = dict(environ)
                self._timeline.after(fault.applied_after, lambda: Response.from_app(self._app, later, buffered=True))
            entry = JournalEntry(
                method=incoming.method,
                path=shown_path,
                query=incoming.args.to_dict(),
                body=_decoded(data),
                status=answer.status_code if fault is None or fault.is_answered else None,
                fault=fault.name if fault else None,
                headers=dict(incoming.headers),
            )
            self._journal.append(entry)
        self.on_answer(exchange, entry)
        answer.headers.setdefault("Date", http_date(self._clock.time()))
        if fault is not None:
            spoil(fault, answer, exchange.connection, self._stopping)
        return answer

    def _answer(self, environ: dict[str, Any], fault: Fault | None) -> Response:
        if fault is None or fault.applied or fault.is_real:
            real = Response.from_app(self._app, environ, buffered=True)
            if fault is not None and fault.alter is not None:
                real.set_data(fault.alter(real.get_data()))
                real.status_code = fault.status or real.status_code
            if fault is None or fault.status is None or fault.is_real:
                return real
        return fault.answer()


def _as_problem(error: HTTPException) -> Response:
    """What there is no route for is refused in the API's own form."""
    problem = Problem(error.code or 500, error.description or "")
    return Response(json.dumps(problem.document), problem.status, content_type="application/json")


def _kebab(fields: dict[str, Any]) -> dict[str, Any]:
    return {key.replace("_", "-"): value for key, value in fields.items()}


def _decoded(data: bytes) -> Any:
    if not data:
        return None
    try:
        return json.loads(data)
    except ValueError:
        return data.decode("utf-8", "replace")
