"""A client that subscribes, unsubscribes and asks without end harms nobody: others are answered meanwhile."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time

import msgpack
import pytest
import zmq

from bridge import keys
from tests.end_to_end import processes
from tws_bridge_client import BridgeClient, Curve

AAPL = {"conId": 265598, "exchange": "SMART"}
ORDER = {"action": "BUY", "orderType": "LMT", "totalQuantity": 1, "lmtPrice": 1.0}
#: Seconds in which others are answered at the latest; on a machine that does much else, too.
SOON = 0.8

FLOOD = """
import sys, time, zmq
endpoint, *words = sys.argv[1:]
socket = zmq.Context().socket(zmq.XSUB)
socket.curve_publickey, socket.curve_secretkey, socket.curve_serverkey = (word.encode() for word in words)
socket.setsockopt(zmq.LINGER, 0)
socket.connect(endpoint)
print("up", flush=True)
end = time.monotonic() + 4
while time.monotonic() < end:
    socket.send(b"\\x01market.")
"""


@pytest.fixture(scope="module")
def guarded(simulator, tmp_path_factory):
    folder = tmp_path_factory.mktemp("floods")
    keys.write_new(folder, "bridge")
    lines = [f'key = "{folder}/bridge.secret"', "messages_per_second = 0"]  # alice asks as fast as she can
    for name, role in (("alice", "trade"), ("eve", "observe")):
        pair, _, _ = keys.write_new(folder, name)
        lines.append(f'[clients.{name}]\npublic_key = "{pair.public}"\nroles = ["{role}"]')
    (folder / "bridge.toml").write_text("\n".join(lines))
    with processes.bridge(simulator.address, folder, "--config", str(folder / "bridge.toml")) as running:
        running.folder = folder
        yield running


def curve(guarded, name):
    return Curve.load(guarded.folder / f"{name}.secret", str(guarded.folder / "bridge.public"))


@pytest.fixture
def alice(guarded):
    with BridgeClient("alice", guarded.requests, guarded.events, curve=curve(guarded, "alice")) as alice:
        alice.request("reqCurrentTime", timeout=15)
        yield alice


@pytest.fixture
def eve(guarded):
    """Makes sockets of eve's."""
    with zmq.Context() as context, contextlib.ExitStack() as stack:

        def make(kind, endpoint):
            socket = stack.enter_context(context.socket(kind))
            curve(guarded, "eve").apply(socket)
            socket.setsockopt(zmq.SNDHWM, 0)
            socket.setsockopt(zmq.LINGER, 0)
            socket.connect(endpoint)
            return socket

        yield make


def serves(alice, while_):
    """Ping, place, cancel and join as long as `while_` says; the longest that any of it took."""
    longest, number = 0.0, 0
    while while_() or not number:
        number += 1
        key = f"f{time.monotonic_ns()}"
        alice.request("placeOrder", {"contract": AAPL, "order": ORDER, "orderKey": key}, timeout=20)
        for method, params in (("ping", {}), ("cancelOrder", {"orderKey": key})):
            began = time.monotonic()
            alice.request(method, params, timeout=20)
            longest = max(longest, time.monotonic() - began)
    return longest


def some_time(seconds):
    end = time.monotonic() + seconds
    return lambda: time.monotonic() < end


def test_topics_by_the_thousand_given_up_by_a_plain_sub(guarded, alice, eve):
    sub = eve(zmq.SUB, guarded.events)
    topics = [f"market.{number}.".encode() for number in range(4000)]
    for topic in topics:
        sub.setsockopt(zmq.SUBSCRIBE, topic)
    assert serves(alice, some_time(1)) < SOON
    for topic in topics:
        sub.setsockopt(zmq.UNSUBSCRIBE, topic)
    assert serves(alice, some_time(2)) < SOON


def test_twenty_thousand_subscriptions_of_an_xsub(guarded, alice, eve):
    flood = eve(zmq.XSUB, guarded.events)
    for change in (b"\1", b"\0"):
        for number in range(20_000):
            flood.send(change + b"market.%d." % number)
        assert serves(alice, some_time(2)) < SOON
    assert guarded.logs("eve subscribes to more than 10000 prefixes")


def test_one_subscription_again_and_again(guarded, alice):
    pair, server = curve(guarded, "eve").pair, curve(guarded, "eve").server_key
    words = [sys.executable, "-c", FLOOD, guarded.events, pair.public, pair.secret, server]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as flood:
        assert flood.stdout.readline() == "up\n"
        assert serves(alice, lambda: flood.poll() is None) < SOON
    with alice.subscribe("system.heartbeat") as beats:
        began = time.monotonic()
        assert beats.poll(10)
        assert time.monotonic() - began < 3
    assert guarded.logs("eve subscribes too much, or subscribes and unsubscribes too often")


def test_answers_that_nobody_reads(guarded, alice, eve):
    """One connection, which leaves its answers unread: the bridge keeps some of them, not all."""

    def resident():
        with open(f"/proc/{guarded.process.pid}/statm") as file:
            return int(file.read().split()[1]) * 4096

    before = resident()
    dealer = eve(zmq.DEALER, guarded.requests)
    dealer.setsockopt(zmq.RCVHWM, 1)
    for number in range(900):
        dealer.send(msgpack.packb({"v": 1, "id": f"m{number}", "client": "eve", "method": "methods"}))
    assert serves(alice, some_time(6)) < SOON
    assert resident() - before < 60 << 20
