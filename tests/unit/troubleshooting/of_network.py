# Copyright (c) exoscale.cloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Zones and endpoints, and what lies between here and there."""

from __future__ import annotations

import socket

from ansible_collections.exoscale.cloud.tests.simulator import Proxy

from .stage import plays

OPTIONS = {
    "which does not have the shape of an Exoscale zone": {"zone": "geneva"},
    "is not a base URL such as": {"api_endpoint": "https://api.example.com/v2?x=y"},
    "which would send everything in clear text": {"api_endpoint": "http://192.0.2.1/v2"},
}
FAULTS = {
    "broke off before the answer was complete (<reason>)": {"kind": "truncated"},
    "what came is not HTTP": {"kind": "gibberish"},
    "no answer within api_timeout": {"kind": "timeout"},
    "the answer was not complete within": {"kind": "drip"},
}
ELSEWHERE = "https://api.invalid/v2"


def of_options(options):
    return lambda stage: stage.play(name="chat", **options)


def of_fault(fault):
    def scenario(stage):
        stage.simulator.misbehave("GET", **fault)
        return stage.play(name="chat", api_retries=0, api_timeout=1)

    return scenario


for words, given in OPTIONS.items():
    plays(words)(of_options(given))
for words, kind in FAULTS.items():
    plays(words)(of_fault(kind))


@plays("the name of the host cannot be resolved", "it leads to the host")
def a_host_that_does_not_exist(stage):
    return stage.play(name="chat", api_endpoint=None, zone="xx-none-1")


@plays("failed: no connection (", "which leads to that host")
def nobody_listens(stage):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return stage.play(name="chat", api_retries=0, api_endpoint=f"http://127.0.0.1:{taken.getsockname()[1]}/v2")


@plays("the answer is larger than")
def an_answer_that_unpacks_to_much(stage):
    stage.simulator.misbehave("GET", kind="gzip bomb")
    return stage.play(name="chat", api_retries=0)


@plays("no connection within api_timeout")
def a_host_that_takes_no_connection(stage):
    full = stage.cleanup.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
    stage.cleanup.enter_context(socket.create_connection(full.getsockname()))
    endpoint = f"http://127.0.0.1:{full.getsockname()[1]}/v2"
    return stage.play(name="chat", api_retries=0, api_timeout=1, api_endpoint=endpoint)


@plays("the TLS connection failed")
def an_endpoint_without_tls(stage):
    return stage.play(name="chat", api_retries=0, api_endpoint=stage.simulator.url.replace("http:", "https:"))


@plays("the TLS certificate cannot be verified")
def a_certificate_of_nobody_known(stage):
    return stage.play(name="chat", api_endpoint=stage.with_tls().url)


@plays("the request could not be sent")
def a_file_of_authorities_that_is_not_there(stage):
    stage.patch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")
    return stage.play(name="chat", api_endpoint=ELSEWHERE)


@plays("failed: the proxy could not be used (<reason>)")
def a_proxy_that_is_not_there(stage):
    stage.patch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    return stage.play(name="chat", api_retries=0, api_endpoint=ELSEWHERE)


@plays("Tunnel connection failed: 4")
def a_proxy_that_wants_a_password(stage):
    proxy = stage.cleanup.enter_context(Proxy())
    proxy.refusal = 407
    stage.patch.setenv("HTTPS_PROXY", proxy.url)
    return stage.play(name="chat", api_endpoint=ELSEWHERE)


@plays("The proxy for")
def a_proxy_that_is_no_url(stage):
    stage.patch.setenv("HTTPS_PROXY", "http://[::1")
    return stage.play(name="chat", api_endpoint=ELSEWHERE)
