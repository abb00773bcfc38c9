"""Hostile HTTP peers: they delay neither ticks nor requests, and they do not keep Prometheus out.

Python's threads share one lock, so the answers of the HTTP thread cost the bridge's loop some time. The limits here are
generous, because others use this machine, too; without bounds in the server these tests fail by far more.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time

import pytest

from bridge.simulator import simulator_process
from tests.end_to_end.conftest import wait_until_ready
from tests.http.serving import served

AAPL = {"conId": 265598, "exchange": "SMART"}
#: Seconds that each attack lasts.
LASTS = 5.0
#: Seconds that a ping may take at most, and half of all pings.
WORST = 1.5
MEDIAN = 0.1


@pytest.fixture(scope="module")
def bridge(tmp_path_factory):
    with (
        simulator_process(ticks_per_second=400) as simulator,
        served(simulator.address, tmp_path_factory.mktemp("hostile")) as running,
    ):
        with running.bridge.client("setup") as client:
            wait_until_ready(client)
            client.request("reqMktData", {"contract": AAPL})
        yield running


class Attack:
    """A thread that attacks until the end of the `with` block. `begun` is set when it has begun."""

    def __init__(self, port, attack):
        self.port, self._attack = port, attack
        self.over = threading.Event()
        self.count = 0
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(2)]

    def _run(self):
        while not self.over.is_set():
            with contextlib.suppress(OSError):
                self._attack(self)

    def connect(self):
        self.count += 1
        return socket.create_connection(("127.0.0.1", self.port), timeout=1.0)

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self._threads:
            thread.join(timeout=30)


def slow_loris(attack):
    """Many connections that send a byte of a header now and then."""
    with contextlib.ExitStack() as stack:
        peers = [stack.enter_context(attack.connect()) for _ in range(100)]
        for peer in peers:
            with contextlib.suppress(OSError):
                peer.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-A: ")
        while not attack.over.is_set():
            for peer in peers:
                with contextlib.suppress(OSError):
                    peer.send(b"a")
            time.sleep(0.2)


def huge_headers(attack):
    """Headers without an end."""
    with attack.connect() as peer:
        peer.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n")
        while not attack.over.is_set():
            peer.sendall(b"X-Header: " + b"a" * 60_000 + b"\r\n")


def huge_body(attack):
    """A body without an end, for a server that expects none."""
    with attack.connect() as peer:
        peer.sendall(b"POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999999\r\n\r\n")
        while not attack.over.is_set():
            peer.sendall(b"a" * 60_000)


def thousand_connections(attack):
    """Connections as fast as they can be made, each with a request that is refused."""
    peers = []
    try:
        for _ in range(500):
            if attack.over.is_set():
                break
            peers.append(attack.connect())
            peers[-1].sendall(b"GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n")
    finally:
        for peer in peers:
            peer.close()


def pipelined(attack):
    """Very many requests on one connection, and no answer is read."""
    with attack.connect() as peer:
        while not attack.over.is_set():
            peer.sendall(b"GET /api/overview HTTP/1.1\r\nHost: localhost\r\n\r\n" * 500)
            attack.count += 500


def garbage(attack):
    """Bytes that are no HTTP."""
    with attack.connect() as peer:
        peer.sendall(bytes(range(256)) * 100)
        peer.recv(1000)


def unread_events(attack):
    """A stream of events that the peer does not read."""
    with attack.connect() as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        peer.sendall(b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        attack.over.wait(1.0)


ATTACKS = [slow_loris, huge_headers, huge_body, thousand_connections, pipelined, garbage, unread_events]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_an_attack_delays_neither_requests_nor_ticks_nor_prometheus(bridge, attack):
    with bridge.bridge.client("trader") as client, client.subscribe("market.") as events:
        pings, lags, scrapes = [], [], []
        client.request("reqMktData", {"contract": AAPL})
        with Attack(bridge.port, attack) as running:
            end = time.monotonic() + LASTS
            while time.monotonic() < end:
                begun = time.monotonic()
                client.request("ping")
                pings.append(time.monotonic() - begun)
                while (event := events.poll(0.001)) is not None and time.monotonic() < end:
                    if event.origin == "live":
                        lags.append(time.time() - event.envelope["ts"] / 1e9)
            begun = time.monotonic()
            assert bridge.get("/metrics", timeout=30).status == 200
            scrapes.append(time.monotonic() - begun)
        assert running.count > 0
    pings.sort()
    lags.sort()
    print(f"{attack.__name__}: {running.count} attempts, {len(pings)} pings, median {pings[len(pings) // 2] * 1e3:.1f} "
          f"ms, 99% {pings[len(pings) * 99 // 100] * 1e3:.1f} ms, worst {pings[-1] * 1e3:.1f} ms, "
          f"{len(lags)} ticks, lag median {lags[len(lags) // 2] * 1e3:.1f} ms, worst {lags[-1] * 1e3:.1f} ms, "
          f"scrape {scrapes[0]:.2f} s")  # fmt: skip
    assert len(pings) > 20
    assert pings[len(pings) // 2] < MEDIAN
    assert pings[-1] < WORST
    assert len(lags) > 20
    assert lags[len(lags) // 2] < MEDIAN
    assert lags[-1] < WORST
    assert scrapes[0] < 20


def test_afterwards_the_bridge_is_as_before(bridge):
    assert bridge.get("/livez").status == 200
    assert "Traceback" not in bridge.bridge.log.read_text()
    assert "defect" not in bridge.bridge.log.read_text()
    assert len(bridge.bridge.log.read_text().splitlines()) < 50, "no peer can fill the log"
