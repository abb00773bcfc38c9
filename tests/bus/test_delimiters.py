"""What frames a request may have, and the heartbeats of both sockets: promises of docs/reference/contract.md."""

from __future__ import annotations

import pytest
import zmq

from bridge.bus.sockets import Bus
from tests.bus.test_sockets import connect, received


@pytest.fixture
def context():
    context = zmq.Context()
    yield context
    context.destroy(linger=0)


@pytest.fixture
def bus(context):
    bus = Bus(context, "tcp://127.0.0.1:*", "tcp://127.0.0.1:*", queue=1000)
    yield bus
    bus.close()


@pytest.mark.parametrize("before", [[], [b""], [b"mine", b""]])
def test_what_stands_before_the_body_comes_back_before_the_reply(bus, context, before):
    dealer = connect(context, zmq.DEALER, bus.requests_endpoint)
    dealer.send_multipart([*before, b"body"])
    incoming = received(bus)
    assert incoming.body == b"body"
    bus.reply(incoming.route, b"reply")
    assert dealer.recv_multipart() == [*before, b"reply"]


def test_both_sockets_have_heartbeats(bus):
    for socket in (bus._events, bus._requests):
        assert socket.getsockopt(zmq.HEARTBEAT_IVL) == 5_000
        assert socket.getsockopt(zmq.HEARTBEAT_TIMEOUT) == 15_000
