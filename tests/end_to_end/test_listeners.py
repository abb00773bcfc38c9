"""A client that only listens keeps its streams, where keys say whose a connection is."""

from __future__ import annotations

import time

import pytest
import zmq

from bridge import keys
from bridge.simulator import simulator_process
from tests.end_to_end import processes
from tests.end_to_end.test_identity import AAPL, curve
from tws_bridge_client import BridgeClient

LEASE = 1.5


@pytest.fixture
def hasty(folder, tmp_path):
    """A bridge with keys and a short lease."""
    config = tmp_path / "bridge.toml"
    config.write_text(f"lease = {LEASE}\n{(folder / 'bridge.toml').read_text()}")
    with (
        simulator_process(ticks_per_second=50) as simulator,
        processes.bridge(simulator.address, tmp_path, "--config", str(config)) as running,
    ):
        yield running


def listener(context, bridge, folder):
    """A SUB socket of eve's for all that is told of market data."""
    socket = context.socket(zmq.SUB)
    pair = keys.load(folder / "eve.secret")
    socket.curve_secretkey, socket.curve_publickey = pair.secret.encode(), pair.public.encode()
    socket.curve_serverkey = keys.load(folder / "bridge.secret").public.encode()
    socket.subscribe(b"market.")
    socket.connect(bridge.events)
    return socket


def held(boss):
    return {stream["stream"]: stream["holders"] for stream in boss.request("status")["streams"]}


def until(boss, wanted, seconds):
    end = time.monotonic() + seconds
    while (found := held(boss)) != wanted:
        assert time.monotonic() < end, found
        time.sleep(0.05)


def test_who_listens_keeps_its_streams_and_who_stops_loses_them(hasty, folder):
    def client(name):
        return BridgeClient(name, hasty.requests, hasty.events, curve=curve(folder, name))

    with zmq.Context() as context, client("boss") as boss, boss.subscribe("system.client") as told:
        while not told.is_live:
            told.poll(0.05)
        with listener(context, hasty, folder) as socket:
            with client("eve") as eve:
                eve.request("reqMktData", {"contract": AAPL}, timeout=15)
            assert socket.poll(5000)
            end = time.monotonic() + 3 * LEASE
            while time.monotonic() < end:
                assert held(boss) == {"265598": ["eve"]}
                time.sleep(0.1)
        until(boss, {}, 2 * LEASE + 3)
        heard = []
        while not heard or heard[-1][0] != "clientLost":
            event = told.poll(5)
            heard.append((event.envelope["event"], event.data["client"]))
    assert [name for name, client in heard if client == "eve"] == ["clientJoined", "clientSilent", "clientLost"]
