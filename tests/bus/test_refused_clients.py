"""What a client that the bridge turns away can see of that: with a socket monitor only, and not by an error."""

from __future__ import annotations

import subprocess
import sys

import pytest
import zmq

from bridge import keys
from bridge.bus.sockets import Bus
from bridge.bus.zap import AccessList, ZapAuthenticator

OWN, ALICE, STRANGER = (keys.fresh(name) for name in ("bridge", "alice", "stranger"))

#: Connects, and prints the names of the monitor's events for a second and a half. A process of its own, for libzmq may
#: never end a context that was refused.
PROGRAM = """
import os, sys, time, zmq
from zmq.utils.monitor import parse_monitor_message
endpoint, *keys = sys.argv[1:]
socket = zmq.Context().socket(zmq.DEALER)
if keys:
    socket.curve_publickey, socket.curve_secretkey, socket.curve_serverkey = (key.encode() for key in keys)
monitor = socket.get_monitor_socket()
socket.connect(endpoint)
socket.send(b"x")
end = time.monotonic() + 1.5
while time.monotonic() < end:
    if monitor.poll(50):
        print(parse_monitor_message(monitor.recv_multipart())["event"].name)
sys.stdout.flush()
os._exit(0)
"""


@pytest.fixture
def endpoint():
    context = zmq.Context()
    access = AccessList(OWN, {ALICE.public: "alice"}, lambda _name: ("",))
    zap = ZapAuthenticator(context, access)
    zap.start()
    bus = Bus(context, "tcp://127.0.0.1:*", "tcp://127.0.0.1:*", queue=10, access=access)
    yield bus.requests_endpoint
    bus.close()
    zap.stop()
    context.destroy(linger=0)


def seen(endpoint, *given):
    """The events that the client's monitor tells, in order."""
    words = [sys.executable, "-c", PROGRAM, endpoint, *given]
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=30).stdout.split()


def test_one_who_belongs_sees_a_handshake(endpoint):
    assert "HANDSHAKE_SUCCEEDED" in seen(endpoint, ALICE.public, ALICE.secret, OWN.public)


def test_where_nothing_listens_no_connection_is_made():
    told = seen("tcp://127.0.0.1:1", ALICE.public, ALICE.secret, OWN.public)
    assert "CONNECT_RETRIED" in told
    assert "CONNECTED" not in told


@pytest.mark.parametrize(
    "given",
    [(), (ALICE.public, ALICE.secret, STRANGER.public), (STRANGER.public, STRANGER.secret, OWN.public)],
    ids=["no key", "another bridge's key", "unknown key"],
)
def test_with_a_wrong_key_a_connection_is_made_and_the_handshake_fails(endpoint, given):
    told = seen(endpoint, *given)
    assert "CONNECTED" in told
    assert any(event.startswith("HANDSHAKE_FAILED") for event in told)
    assert "HANDSHAKE_SUCCEEDED" not in told


def test_one_with_an_unknown_key_does_not_try_again(endpoint):
    told = seen(endpoint, STRANGER.public, STRANGER.secret, OWN.public)
    assert told.count("CONNECTED") == 1
    assert "HANDSHAKE_FAILED_AUTH" in told
    assert "CONNECT_RETRIED" not in told
