# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whom the task talks to: certificates, proxies and credentials from elsewhere."""

from __future__ import annotations

import ssl

import pytest
import trustme

from ansible_collections.exoscale.cloud.tests.simulator import Proxy, Simulator
from ansible_collections.exoscale.cloud.tests.unit.plugins.module_utils._task.play import Player

PROXY_VARIABLES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"]


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)


@pytest.fixture
def authority():
    return trustme.CA()


@pytest.fixture
def secure(authority, clock):
    """The simulator behind TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with Simulator(clock, tls=context) as server:
        yield server


@pytest.fixture
def trusted(authority, monkeypatch, tmp_path):
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))


@pytest.fixture
def proxy():
    with Proxy() as server:
        yield server


class TestTls:
    @pytest.fixture
    def play(self, secure, clock):
        secure.add_deployment(name="chat")
        return Player(secure, clock)

    def test_a_certificate_of_an_unknown_authority_is_refused_at_once_and_the_way_out_is_named(self, play, clock):
        result = play(name="chat")

        assert result["failed"]
        assert "the TLS certificate cannot be verified" in result["msg"]
        assert "REQUESTS_CA_BUNDLE" in result["msg"]
        assert clock.sleeps == []
        assert play.simulator.calls() == []

    def test_an_endpoint_that_speaks_no_tls_fails_in_words(self, simulator, clock):
        play = Player(simulator, clock)

        result = play(name="chat", api_endpoint=simulator.url.replace("http:", "https:"), api_retries=0)

        assert "the TLS connection failed" in result["msg"]
        assert simulator.calls() == []

    @pytest.mark.usefixtures("trusted")
    def test_a_private_authority_can_be_trusted(self, play):
        assert not play(name="chat")["failed"]

    def test_a_bundle_that_does_not_exist_is_no_crash(self, play, monkeypatch):
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")

        assert "/nowhere.pem" in play(name="chat")["msg"]

    @pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
    @pytest.mark.parametrize("bundle", [None, "/nowhere.pem"])
    def test_verification_can_be_switched_off_whatever_the_environment_says(self, play, monkeypatch, bundle):
        if bundle:
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", bundle)

        assert not play(name="chat", validate_certs=False)["failed"]


class TestProxies:
    def test_a_proxy_of_the_environment_is_used(self, simulator, play, monkeypatch):
        simulator.add_deployment(name="chat")
        monkeypatch.setenv("HTTP_PROXY", simulator.url)

        # Nobody listens at port 9: only by way of the proxy, which is the simulator itself, is there an answer.
        result = play(name="chat", api_endpoint="http://127.0.0.1:9/v2")

        assert not result["failed"]

    def test_clear_text_for_this_machine_is_not_sent_to_a_proxy_elsewhere(self, simulator, play, monkeypatch):
        simulator.add_deployment(name="chat")
        monkeypatch.setenv("HTTP_PROXY", "http://user:password@proxy.invalid:3128")

        assert not play(name="chat")["failed"]

    def test_a_proxy_that_cannot_be_reached_is_named_as_the_culprit_without_its_password(self, play, monkeypatch):
        monkeypatch.setenv("HTTPS_PROXY", "http://user:password@127.0.0.1:9")

        result = play(name="chat", api_endpoint="https://api.invalid/v2", api_retries=0)

        assert "the proxy could not be used" in result["msg"]
        assert "HTTPS_PROXY" in result["msg"]
        assert "password" not in str(result)


CREATION = {"name": "new", "model": "a/b", "gpu_type": "gpua5000", "gpu_count": 1, "replicas": 1}
LOST = [
    {"kind": "lost"},
    {"kind": "reset"},
    {"kind": "truncated"},
    {"kind": "verbatim", "status": 200, "headers": {"Content-Length": "1, 2"}},
]


class TestAnswersThatAreLostBehindAProxy:
    """The proxy has the request, so that it may have been carried out, whatever ends the connection to the proxy."""

    @pytest.fixture(params=["forward", "tunnel"])
    def behind(self, request, clock, proxy, monkeypatch):
        if request.param == "tunnel":
            request.getfixturevalue("trusted")
        server = request.getfixturevalue("secure" if request.param == "tunnel" else "simulator")
        monkeypatch.setenv("HTTPS_PROXY" if request.param == "tunnel" else "HTTP_PROXY", proxy.url)
        server.add_model("a/b")
        return Player(server, clock)

    @pytest.mark.parametrize("fault", LOST)
    def test_a_creation_is_not_sent_again(self, behind, proxy, fault):
        behind.simulator.misbehave("POST", applied=True, **fault)

        result = behind(**CREATION)

        assert not result["failed"], result["msg"]
        assert result["changed"]
        assert len([each for each in behind.simulator.deployments() if each["name"] == "new"]) == 1
        assert len(behind.simulator.writes()) == 1
        assert proxy.requests

    @pytest.mark.parametrize("fault", LOST)
    def test_an_update_is_not_sent_again(self, behind, fault):
        chat = behind.simulator.add_deployment(name="chat", inference_engine_version="0.18.0")
        behind.simulator.misbehave("PATCH", applied=True, **fault)

        result = behind(id=chat, inference_engine_version="0.19.0")

        assert not result["failed"], result["msg"]
        assert result["changed"]
        assert len(behind.simulator.writes()) == 1


@pytest.mark.usefixtures("trusted")
class TestTunnels:
    @pytest.mark.parametrize("refusal", [502, 503, 0])
    def test_a_creation_whose_tunnel_is_not_opened_was_not_sent(self, secure, clock, proxy, monkeypatch, refusal):
        secure.add_model("a/b")
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        play = Player(secure, clock)
        real_sleep = clock.sleep

        def let_the_proxy_recover(seconds):
            proxy.refusal = None
            real_sleep(seconds)

        monkeypatch.setattr(clock, "sleep", let_the_proxy_recover)
        proxy.refusal = refusal

        result = play(**CREATION)

        assert not result["failed"], result["msg"]
        assert len(secure.writes()) == 1

    def test_a_tunnel_that_ends_before_it_is_open_names_the_proxy(self, secure, clock, proxy, monkeypatch):
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        proxy.refusal = 0

        result = Player(secure, clock)(name="chat")

        assert "the proxy could not be used" in result["msg"]
        assert "HTTPS_PROXY" in result["msg"]

    def test_an_answer_that_is_lost_behind_an_open_tunnel_is_not_blamed_on_the_proxy(
        self, secure, clock, proxy, monkeypatch
    ):
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        secure.misbehave("GET", kind="lost", times=100)

        result = Player(secure, clock)(name="chat")

        assert "the connection broke off before the answer was complete" in result["msg"]
        assert "proxy" not in result["msg"]

    @pytest.mark.parametrize("refusal", [403, 407])
    def test_a_tunnel_that_is_refused_for_good_names_the_proxy_at_once(
        self, secure, clock, proxy, monkeypatch, refusal
    ):
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        proxy.refusal = refusal

        result = Player(secure, clock)(name="chat")

        assert "the proxy could not be used" in result["msg"]
        assert str(refusal) in result["msg"]
        assert clock.sleeps == []


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
@pytest.mark.parametrize(
    "password", ["zq17#inel", "zq17/inel", "zq17?inel", "zq17@inel", "zq17%23inel", "zq17:inel", "zq17#inel:9"]
)
def test_the_password_of_a_proxy_is_never_shown(play, monkeypatch, variable, password):
    monkeypatch.setenv(variable, f"http://user:{password}@127.0.0.1:9")

    result = play(name="chat", api_endpoint="https://api.invalid/v2", api_retries=0)

    assert "prox" in result["msg"]
    assert "inel" not in str(result)
    assert "zq17" not in str(result)
    assert password not in str(result)


@pytest.mark.parametrize(
    "proxy_url", ["http://", "http://:3128", "//", "http://user:pw@", "http://proxy:99999", "http://["]
)
def test_a_proxy_that_is_no_url_is_an_error_that_names_the_variable(play, monkeypatch, proxy_url):
    monkeypatch.setenv("HTTPS_PROXY", proxy_url)

    result = play(name="chat", api_endpoint="https://api.invalid/v2")

    assert "HTTPS_PROXY" in result["msg"]
    assert "is not a URL such as http://proxy.example.com:3128. Name and password" in result["msg"]


def test_a_zone_that_does_not_exist_is_named_without_retries(play, clock):
    result = play(name="chat", zone="xx-none-99", api_endpoint=None)

    assert "cannot be resolved" in result["msg"]
    assert "Check zone" in result["msg"]
    assert "api-xx-none-99.exoscale.com" in result["msg"]
    assert clock.sleeps == []


def test_credentials_in_netrc_are_not_used(simulator, play, monkeypatch, tmp_path):
    simulator.add_deployment(name="chat")
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password something\n")
    monkeypatch.setenv("NETRC", str(netrc))

    result = play(name="chat")

    assert not result["failed"]
    assert all(entry.headers["Authorization"].startswith("EXO2-HMAC-SHA256 ") for entry in simulator.journal)
