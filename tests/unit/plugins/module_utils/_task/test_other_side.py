# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whom the task talks to: certificates, proxies and credentials from elsewhere."""

from __future__ import annotations

import ssl

import pytest
import trustme

from ansible_collections.exoscale.cloud.tests.simulator import Simulator
from ansible_collections.exoscale.cloud.tests.unit.plugins.module_utils._task.play import Player

PROXY_VARIABLES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"]


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)


class TestTls:
    @pytest.fixture
    def authority(self):
        return trustme.CA()

    @pytest.fixture
    def play(self, authority, clock):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        with Simulator(clock, tls=context) as server:
            server.add_deployment(name="chat")
            yield Player(server, clock)

    def test_a_certificate_of_an_unknown_authority_is_refused_at_once_and_the_way_out_is_named(self, play, clock):
        result = play(name="chat")

        assert result["failed"]
        assert "the TLS certificate cannot be verified" in result["msg"]
        assert "REQUESTS_CA_BUNDLE" in result["msg"]
        assert clock.sleeps == []
        assert play.simulator.calls() == []

    def test_a_private_authority_can_be_trusted(self, play, authority, monkeypatch, tmp_path):
        bundle = tmp_path / "ca.pem"
        authority.cert_pem.write_to_path(str(bundle))
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))

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


def test_credentials_in_netrc_are_not_used(simulator, play, monkeypatch, tmp_path):
    simulator.add_deployment(name="chat")
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password something\n")
    monkeypatch.setenv("NETRC", str(netrc))

    result = play(name="chat")

    assert not result["failed"]
    assert all(entry.headers["Authorization"].startswith("EXO2-HMAC-SHA256 ") for entry in simulator.journal)
