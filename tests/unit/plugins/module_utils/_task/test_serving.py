# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""wait_for: serving, after ready the endpoint itself must answer."""

from __future__ import annotations

import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
import trustme

from ansible_collections.exoscale.cloud.tests.simulator import Simulator

WHOLE = {"model": "openai/gpt-oss-120b", "gpu_type": "gpua5000", "gpu_count": 1, "replicas": 1}
SERVING = {"wait_for": "serving"}
ROLLBACK = {"on_failure": "rollback", **SERVING}
OLD, NEW = "0.18.0", "0.19.0"


@pytest.fixture
def chat(simulator):
    return simulator.add_deployment(name="chat", inference_engine_version=OLD)


def endpoint_calls(simulator):
    return [call for call in simulator.calls() if "/inference/" in call]


def key_reads(simulator):
    return [call for call in simulator.calls() if call.endswith("/api-key")]


class TestWithNothingToChange:
    def test_the_endpoint_is_asked_once_with_its_own_key(self, simulator, play, chat):
        result = play(id=chat, inference_engine_version=OLD, **SERVING)

        assert not result["changed"]
        assert not result["failed"]
        assert simulator.calls() == [
            f"GET /ai/deployment/{chat}",
            f"GET /ai/deployment/{chat}/api-key",
            f"GET /inference/{chat}/v1/models",
        ]
        assert simulator.journal[-1].headers["Authorization"] == f"Bearer key-of-{chat}"
        assert "Authorization" in simulator.journal[0].headers
        assert f"key-of-{chat}" not in str(result)

    def test_what_is_ready_and_does_not_serve_fails_after_wait_timeout(self, simulator, play, clock, chat):
        simulator.versions_that_do_not_serve = (OLD,)

        result = play(id=chat, inference_engine_version=OLD, wait_timeout=100, **SERVING)

        assert result["failed"]
        assert not result["changed"]
        assert clock.monotonic() == pytest.approx(100, abs=1)
        assert result["status"] == 503
        assert result["detail"] == "The engine does not serve"
        assert (
            f"The deployment chat ({chat}) was in the state ready, but did not serve for 100 seconds (wait_timeout): "
            f"GET {simulator.url.removesuffix('/v2')}/inference/{chat}/v1/models was answered with 503"
        ) in result["msg"]

    def test_check_mode_asks_for_nothing_more(self, simulator, play, chat):
        result = play(check_mode=True, id=chat, inference_engine_version=OLD, **SERVING)

        assert not result["failed"]
        assert simulator.calls() == [f"GET /ai/deployment/{chat}"]

    @pytest.mark.parametrize("options", [{"wait": False}, {"wait_for": "ready"}, {"wait_for": "operation"}])
    def test_without_waiting_for_it_the_key_is_not_read(self, simulator, play, chat, options):
        play(id=chat, inference_engine_version=OLD, **{**SERVING, **options})

        assert key_reads(simulator) == []

    def test_without_replicas_there_is_nothing_to_ask(self, simulator, play, chat):
        simulator.set_deployment(chat, replicas=0)

        assert not play(id=chat, inference_engine_version=OLD, **SERVING)["failed"]
        assert key_reads(simulator) == []

    def test_a_transition_is_waited_for_first(self, simulator, play, chat):
        simulator.set_deployment(chat, state="deploying")
        simulator.at(20, lambda: simulator.set_deployment(chat, state="ready"))

        result = play(id=chat, inference_engine_version=OLD, **SERVING)

        assert not result["failed"]
        assert len(endpoint_calls(simulator)) == 1

    def test_one_in_error_is_not_asked(self, simulator, play, chat):
        simulator.set_deployment(chat, state="error")

        assert play(id=chat, inference_engine_version=OLD, **SERVING)["failed"]
        assert key_reads(simulator) == []

    def test_one_that_is_to_be_absent_is_not_asked(self, simulator, play, chat):
        result = play(id=chat, state="absent", **SERVING)

        assert result["changed"]
        assert key_reads(simulator) == []


class TestChange:
    @pytest.fixture(autouse=True)
    def slow(self, simulator):
        simulator.operation_seconds = 10
        simulator.settle_seconds = 10
        simulator.serving_seconds = 30

    def test_an_update_ends_when_it_serves(self, simulator, play, clock, chat):
        result = play(id=chat, inference_engine_version=NEW, **SERVING)

        assert result["changed"]
        assert not result["failed"]
        assert 50 <= clock.monotonic() < 60
        assert len(simulator.writes()) == 1
        assert len(key_reads(simulator)) == 1
        assert simulator.journal[-1].path == f"/inference/{chat}/v1/models"

    def test_a_creation_ends_when_it_serves(self, simulator, play, clock):
        simulator.add_model(WHOLE["model"])

        result = play(name="chat", **WHOLE, **SERVING)

        assert not result["failed"]
        assert clock.monotonic() >= 50
        assert simulator.journal[-1].status == 200

    def test_a_scale_up_ends_when_it_serves(self, simulator, play, clock, chat):
        result = play(id=chat, replicas=3, **SERVING)

        assert result["actions"] == ["scale"]
        assert clock.monotonic() >= 50

    def test_a_scale_to_zero_ends_at_once(self, simulator, play, clock, chat):
        result = play(id=chat, replicas=0, **SERVING)

        assert not result["failed"]
        assert key_reads(simulator) == []

    def test_no_replicas_are_added_to_what_does_not_serve_yet(self, simulator, play, chat):
        play(id=chat, inference_engine_version=NEW, replicas=2, **SERVING)

        written = [
            entry.path for entry in simulator.journal if entry.method in ("PATCH", "POST") or entry.status == 200
        ]
        first_answer = written.index(f"/inference/{chat}/v1/models")
        assert first_answer < written.index(f"/ai/deployment/{chat}/scale")

    def test_one_that_does_not_serve_is_a_failure_of_the_update(self, simulator, play, chat):
        simulator.versions_that_do_not_serve = (NEW,)

        result = play(id=chat, inference_engine_version=NEW, wait_timeout=300, **SERVING)

        assert result["failed"]
        assert result["changed"]
        assert result["actions"] == ["update"]
        assert result["deployment"]["inference_engine_version"] == NEW
        assert "did not serve for 300 seconds (wait_timeout)" in result["msg"]
        assert len(simulator.writes()) == 1

    def test_it_is_rolled_back_and_what_was_there_must_serve_again(self, simulator, play, clock, chat):
        simulator.versions_that_do_not_serve = (NEW,)
        simulator.write_log(chat, ["no kernel image"])

        result = play(
            id=chat, inference_engine_version=NEW, replicas=2, wait_timeout=300, on_failure="rollback", **SERVING
        )

        assert result["failed"]
        assert result["actions"] == ["update", "update"]
        assert result["changes"] == []
        assert simulator.deployment(chat)["inference-engine-version"] == OLD
        assert simulator.deployment(chat)["replicas"] == 1
        assert "It was rolled back to inference_engine_version '0.18.0': now the deployment chat" in result["msg"]
        assert simulator.journal[-1].path == f"/inference/{chat}/v1/models"
        assert simulator.journal[-1].status == 200
        assert [line["message"] for line in result["logs"]] == ["no kernel image"]
        assert clock.monotonic() >= 350

    def test_a_rollback_that_does_not_serve_either_is_told(self, simulator, play, chat):
        simulator.versions_that_do_not_serve = (OLD, NEW)

        result = play(id=chat, inference_engine_version=NEW, wait_timeout=200, on_failure="rollback", **SERVING)

        assert "Rolling back to inference_engine_version '0.18.0' failed too" in result["msg"]
        assert len(simulator.writes()) == 2

    def test_one_that_falls_into_error_meanwhile_ends_the_wait(self, simulator, play, clock, chat):
        simulator.serving_seconds = 1000
        simulator.at(60, lambda: simulator.set_deployment(chat, state="error"))

        result = play(id=chat, inference_engine_version=NEW, on_failure="rollback", **SERVING, wait_timeout=1500)

        assert "settled in the state error after PATCH" in result["msg"]
        assert "It was rolled back" in result["msg"]

    def test_a_scale_up_that_does_not_serve_takes_its_update_back(self, simulator, play, chat):
        simulator.set_deployment(chat, replicas=0)
        simulator.versions_that_do_not_serve = (NEW,)

        result = play(
            id=chat, inference_engine_version=NEW, replicas=1, wait_timeout=300, on_failure="rollback", **SERVING
        )

        assert result["failed"]
        assert simulator.deployment(chat)["inference-engine-version"] == OLD


class TestProbe:
    @pytest.mark.parametrize(
        ("probe", "path", "needed"),
        [
            ("chat", "chat/completions", "messages"),
            ("completions", "completions", "prompt"),
            ("embeddings", "embeddings", "input"),
        ],
    )
    def test_a_small_request_of_that_kind_is_sent_for_the_served_model(
        self, simulator, play, chat, probe, path, needed
    ):
        simulator.set_deployment(chat, inference_engine_parameters=["--served-model-name=small"])

        result = play(id=chat, replicas=1, serving_probe=probe, **SERVING)

        assert not result["failed"]
        assert endpoint_calls(simulator) == [f"GET /inference/{chat}/v1/models", f"POST /inference/{chat}/v1/{path}"]
        body = simulator.journal[-1].body
        assert body["model"] == "small"
        assert body[needed]
        assert body.get("max_tokens", 1) == 1

    def test_without_a_list_the_model_is_named_as_it_is(self, simulator, play, chat):
        simulator.misbehave("GET", f"/inference/{chat}/v1/models", status=200, json={})

        play(id=chat, replicas=1, serving_probe="chat", **SERVING)

        assert simulator.journal[-1].body["model"] == "openai/gpt-oss-120b"

    def test_what_the_engine_keeps_refusing_ends_the_task_early(self, simulator, play, clock, chat):
        simulator.misbehave(
            "POST",
            f"/inference/{chat}/v1/embeddings",
            status=400,
            json={"error": {"message": "This model does not support embeddings", "code": 400}},
            times=99,
        )

        result = play(id=chat, replicas=1, serving_probe="embeddings", **SERVING)

        assert result["failed"]
        assert result["status"] == 400
        assert "did not serve, and waiting does not change that: POST" in result["msg"]
        assert "This model does not support embeddings" in result["msg"]
        assert 10 <= clock.monotonic() < 30

    def test_a_refusal_that_passes_is_waited_for(self, simulator, play, chat):
        simulator.misbehave("POST", f"/inference/{chat}/v1/chat/completions", status=400, times=2)

        assert not play(id=chat, replicas=1, serving_probe="chat", **SERVING)["failed"]


class TestTrouble:
    @pytest.mark.parametrize(
        "fault",
        [
            {"status": 401},
            {"status": 403},
            {"status": 404},
            {"status": 429, "headers": {"Retry-After": "9"}},
            {"status": 500},
            {"status": 502, "body": "<html><h1>Bad Gateway</h1></html>"},
            {"status": 503},
            {"status": 204, "body": ""},
            {"status": 200, "body": "<html>starting</html>"},
            {"status": 200, "json": []},
            {"status": 302, "headers": {"Location": "http://127.0.0.1:1/"}},
            {"kind": "lost"},
            {"kind": "reset"},
            {"kind": "truncated"},
        ],
        ids=str,
    )
    def test_whatever_the_endpoint_answers_instead_it_is_asked_again(self, simulator, play, chat, fault):
        simulator.misbehave("GET", f"/inference/{chat}/v1/models", times=3, **fault)

        result = play(id=chat, replicas=1, **SERVING)

        assert not result["failed"], result["msg"]
        assert len(endpoint_calls(simulator)) == 4

    @pytest.mark.parametrize(
        "url", ["https://chat.invalid/v1", "https://127.0.0.1:1/v1", "http://127.0.0.1:1/v1"], ids=str
    )
    def test_one_that_cannot_be_reached_is_asked_until_wait_timeout(self, simulator, play, clock, chat, url):
        simulator.set_deployment(chat, deployment_url=url)

        result = play(id=chat, replicas=1, wait_timeout=30, **SERVING)

        assert f"did not serve for 30 seconds (wait_timeout): GET {url}/models failed" in result["msg"]
        assert clock.monotonic() == pytest.approx(30, abs=1)

    @pytest.mark.parametrize(
        "url",
        [
            "http://chat.example.com/v1",
            "http://127.0.0.1@evil.example/v1",
            "ftp://127.0.0.1/v1",
            "https://user:pass@chat.example.com/v1",
            "https://chat.example.com/v1?x=1",
            "//127.0.0.1/v1",
        ],
    )
    def test_the_key_goes_to_no_url_that_is_not_safe(self, simulator, play, chat, url):
        simulator.set_deployment(chat, deployment_url=url)

        result = play(id=chat, replicas=1, **SERVING)

        assert result["failed"]
        assert "The key of the deployment chat" in result["msg"]
        assert "was not sent to its endpoint, because its deployment_url is " in result["msg"]
        assert key_reads(simulator) == []
        assert "pass@" not in result["msg"]

    @pytest.mark.parametrize("check_mode", [True, False])
    def test_a_url_that_is_not_safe_is_refused_before_a_change(self, simulator, play, chat, check_mode):
        simulator.set_deployment(chat, deployment_url="http://10.0.0.1/v1")

        result = play(check_mode=check_mode, id=chat, inference_engine_version=NEW, **SERVING)

        assert "Nothing was changed: whether the deployment chat" in result["msg"]
        assert "because its deployment_url is http://10.0.0.1/v1" in result["msg"]
        assert not result["changed"]
        assert simulator.writes() == []

    def test_a_url_that_does_not_show_for_a_moment_is_waited_for(self, simulator, play, chat):
        shown = simulator.deployment(chat)
        del shown["deployment-url"]
        simulator.misbehave("GET", f"/ai/deployment/{chat}", times=3, status=200, json=shown)

        assert not play(id=chat, replicas=1, **SERVING)["failed"]

    def test_a_redirect_is_not_followed(self, simulator, play, chat):
        other = simulator.add_deployment(name="other")
        simulator.misbehave(
            "GET",
            f"/inference/{chat}/v1/models",
            status=307,
            headers={"Location": f"/inference/{other}/v1/models"},
            times=999,
        )

        assert play(id=chat, replicas=1, wait_timeout=20, **SERVING)["failed"]
        assert not any(other in call for call in simulator.calls())

    def test_a_role_that_may_not_read_the_key_is_told_what_to_do(self, simulator, play, chat):
        simulator.misbehave("GET", f"/ai/deployment/{chat}/api-key", status=403, times=9)

        result = play(id=chat, inference_engine_version=NEW, on_failure="rollback", **SERVING)

        assert result["status"] == 403
        assert "reveal-deployment-api-key" in result["msg"]
        assert "wait_for=ready does without" in result["msg"]
        assert len(simulator.writes()) == 1

    def test_a_key_that_is_another_one_by_now_is_read_again(self, simulator, play, chat):
        simulator.misbehave("GET", f"/ai/deployment/{chat}/api-key", status=200, json={"api-key": "the-old-key"})

        result = play(id=chat, replicas=1, **SERVING)

        assert not result["failed"]
        assert len(key_reads(simulator)) == 2
        assert "the-old-key" not in str(result)

    @pytest.mark.parametrize("fault", [{"status": 404}, {"status": 503}, {"status": 200, "json": {}}], ids=str)
    def test_a_key_that_is_not_there_yet_is_waited_for(self, simulator, play, chat, fault):
        simulator.misbehave("GET", f"/ai/deployment/{chat}/api-key", times=3, **fault)

        assert not play(id=chat, replicas=1, **SERVING)["failed"]

    def test_the_key_does_not_show_in_what_the_endpoint_says(self, simulator, play, chat):
        simulator.misbehave("GET", f"/inference/{chat}/v1/models", status=500, body=f"who is key-of-{chat}", times=99)

        result = play(id=chat, replicas=1, wait_timeout=10, **SERVING)

        assert "who is ********" in result["msg"]
        assert f"key-of-{chat}" not in str(result)

    def test_progress_tells_why_it_still_waits(self, simulator, play, chat):
        simulator.versions_that_do_not_serve = (OLD,)

        play(id=chat, replicas=1, wait_timeout=60, **SERVING)

        assert play.told[0].startswith(
            f"the deployment chat ({chat}) is in the state ready, but does not serve yet: GET http://"
        )
        assert len(play.told) < 5


class TestNoNeedlessRollback:
    """An update is taken back only if its endpoint was asked, at rest, and did not serve when the time was over."""

    def test_one_that_is_in_transition_again_when_the_time_is_over_is_not_taken_back(self, simulator, play, chat):
        simulator.serving_seconds = 1000
        simulator.at(2, lambda: simulator.set_deployment(chat, state="updating"))

        result = play(id=chat, inference_engine_version=NEW, wait_timeout=60, **ROLLBACK)

        assert "Gave up after waiting 60 seconds" in result["msg"]
        assert len(simulator.writes()) == 1

    def test_one_that_cannot_be_read_when_the_time_is_over_is_not_taken_back(self, simulator, play, chat):
        simulator.serving_seconds = 1000
        simulator.at(2, lambda: simulator.misbehave("GET", f"/ai/deployment/{chat}", times=999, status=502))

        result = play(id=chat, inference_engine_version=NEW, wait_timeout=60, **ROLLBACK)

        assert "Gave up after waiting 60 seconds" in result["msg"]
        assert len(simulator.writes()) == 1

    def test_one_that_has_served_is_kept_if_its_scale_up_does_not(self, simulator, play, chat):
        simulator.misbehave("GET", "/inference/.+", skip=1, times=999, status=503)

        result = play(id=chat, inference_engine_version=NEW, replicas=2, wait_timeout=60, **ROLLBACK)

        assert result["failed"]
        assert result["actions"] == ["update", "scale"]
        assert simulator.deployment(chat)["inference-engine-version"] == NEW

    def test_refusals_of_before_do_not_count_once_it_has_served(self, simulator, play, clock, chat):
        path = f"/inference/{chat}/v1/chat/completions"
        simulator.misbehave("POST", path, times=2, status=404)
        simulator.at(30, lambda: simulator.misbehave("POST", path, status=404))
        simulator.operation_seconds = 20

        result = play(id=chat, inference_engine_version=NEW, replicas=2, serving_probe="chat", **ROLLBACK)

        assert not result["failed"], result["msg"]

    def test_an_update_that_may_not_have_arrived_is_sent_and_not_asked_whether_it_serves(self, simulator, play, chat):
        simulator.versions_that_do_not_serve = (OLD,)
        simulator.misbehave("PATCH", status=502)
        simulator.misbehave("PATCH", status=409)

        result = play(id=chat, inference_engine_version=NEW, api_timeout=5, **ROLLBACK)

        assert not result["failed"], result["msg"]
        assert simulator.deployment(chat)["inference-engine-version"] == NEW

    def test_one_that_somebody_scales_to_zero_is_not_asked_any_more(self, simulator, play, clock, chat):
        simulator.serving_seconds = 1000
        simulator.at(5, lambda: simulator.set_deployment(chat, replicas=0))

        result = play(id=chat, inference_engine_version=NEW, wait_timeout=600, **ROLLBACK)

        assert not result["failed"]
        assert clock.monotonic() < 60
        assert len(simulator.writes()) == 1

    @pytest.mark.parametrize(
        "fault",
        [
            {"status": 500},
            {"status": 404},
            {"status": 200, "json": {"api-key": "a\nkey"}},
            {"status": 200, "json": {"api-key": "ключ-0123"}},
        ],
        ids=str,
    )
    def test_a_key_that_cannot_be_read_or_used_is_no_failure_of_the_update(self, simulator, play, chat, fault):
        simulator.misbehave("GET", f"/ai/deployment/{chat}/api-key", times=9999, **fault)

        result = play(id=chat, inference_engine_version=NEW, wait_timeout=60, api_retries=0, **ROLLBACK)

        assert result["failed"]
        assert len(simulator.writes()) == 1
        assert endpoint_calls(simulator) == []

    @pytest.mark.parametrize("url", ["https://chat.invalid/v1", "https://{host}/v1"], ids=str)
    def test_what_may_lie_on_the_way_is_no_failure_of_the_update(self, simulator, play, chat, url):
        authority = trustme.CA()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        with Simulator(tls=context) as other:
            host = urlsplit(other.url).netloc
            simulator.set_deployment(chat, deployment_url=url.format(host=host))

            result = play(id=chat, inference_engine_version=NEW, wait_timeout=2, **ROLLBACK)

        assert "did not serve for 2 seconds (wait_timeout)" in result["msg"]
        assert len(simulator.writes()) == 1

    def test_a_proxy_that_does_not_lead_there_is_no_failure_of_the_update(self, simulator, play, chat, monkeypatch):
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
        simulator.set_deployment(chat, deployment_url="https://chat.example.com/v1")

        result = play(id=chat, inference_engine_version=NEW, wait_timeout=2, **ROLLBACK)

        assert "the proxy could not be used" in result["msg"]
        assert len(simulator.writes()) == 1

    @pytest.mark.parametrize("status", [407, 429, 511])
    def test_an_answer_that_does_not_tell_whether_it_serves_is_no_failure_of_the_update(
        self, simulator, play, chat, status
    ):
        simulator.misbehave("GET", "/inference/.+", times=999, status=status)

        assert play(id=chat, inference_engine_version=NEW, wait_timeout=20, **ROLLBACK)["status"] == status
        assert len(simulator.writes()) == 1

    def test_one_that_refuses_connections_is_taken_back(self, simulator, play, chat):
        simulator.set_deployment(chat, deployment_url="http://127.0.0.1:1/v1")

        play(id=chat, inference_engine_version=NEW, wait_timeout=20, **ROLLBACK)

        assert len(simulator.writes()) == 2

    def test_a_connection_that_the_server_has_ended_in_silence_is_not_used_again(self, simulator, play, chat):
        with OneAnswerEach() as server:
            simulator.set_deployment(chat, deployment_url=f"http://127.0.0.1:{server.server_port}/v1")

            result = play(id=chat, replicas=1, serving_probe="chat", wait_timeout=5, **SERVING)

        assert not result["failed"], result["msg"]


class OneAnswerEach(ThreadingHTTPServer):
    """Speaks HTTP/1.1, says nothing of the end of a connection, and ends it after one answer."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _OneAnswer)

    def __enter__(self):
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class _OneAnswer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")
        self.wfile.flush()
        self.close_connection = True

    do_POST = do_GET

    def log_message(self, *_):
        pass


def test_why_the_key_of_the_endpoint_cannot_be_read_is_told_at_the_end(simulator, play, chat):
    simulator.misbehave("GET", ".*/api-key", times=99, status=503, json={"title": "the key store is down"})

    result = play(id=chat, wait_timeout=5, **SERVING)

    assert result["failed"]
    assert "the key store is down" in result["msg"]
    assert result["status"] == 503
