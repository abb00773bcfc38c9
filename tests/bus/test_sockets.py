"""The bus over real sockets: who hears what, and what too much does not do."""

from __future__ import annotations

import socket as sockets
import time

import pytest
import zmq

from bridge.bus.sockets import Bus


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


def connect(context, kind, endpoint, *prefixes):
    socket = context.socket(kind)
    socket.connect(endpoint)
    for prefix in prefixes:
        socket.setsockopt(zmq.SUBSCRIBE, prefix)
    return socket


def granted(bus, socket, topic=b"sync.1"):
    """Wait until the socket hears the topic."""
    socket.setsockopt(zmq.SUBSCRIBE, topic)
    for _ in range(500):
        bus.grant_subscriptions()
        bus.publish(topic, b"")
        if socket.poll(10):
            break
    while socket.poll(20):
        socket.recv_multipart()


def received(bus, patience=2.0):
    """Wait for one request."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        for incoming in bus.requests(1):
            return incoming
        time.sleep(0.005)
    return None


def test_a_subscriber_hears_its_prefixes_and_nothing_else(bus, context):
    sub = connect(context, zmq.SUB, bus.events_endpoint, b"market.1.")
    granted(bus, sub)
    bus.publish(b"market.12.tickPrice", b"no")
    bus.publish(b"market.1.tickPrice", b"yes")
    assert sub.recv_multipart() == [b"market.1.tickPrice", b"yes"]
    sub.setsockopt(zmq.UNSUBSCRIBE, b"market.1.")
    time.sleep(0.1)
    bus.grant_subscriptions()
    bus.publish(b"market.1.tickPrice", b"late")
    assert not sub.poll(100)


def test_dealer_and_req_are_answered_on_their_routes(bus, context):
    dealer, req = (connect(context, kind, bus.requests_endpoint) for kind in (zmq.DEALER, zmq.REQ))
    dealer.send(b"one")
    first = received(bus)
    req.send(b"two")
    second = received(bus)
    assert (first.body, second.body) == (b"one", b"two")
    bus.reply(second.route, b"TWO")
    bus.reply(first.route, b"ONE")
    assert dealer.recv_multipart() == [b"ONE"]
    assert req.recv() == b"TWO"


def test_a_reply_to_one_who_has_gone_is_counted_and_harmless(bus):
    bus.reply((b"nobody",), b"x")
    assert bus.undelivered == 1


def test_more_than_four_frames_are_dropped(bus, context):
    dealer = connect(context, zmq.DEALER, bus.requests_endpoint)
    dealer.send_multipart([b"x"] * 4)
    dealer.send_multipart([b"x"] * 50_000)
    dealer.send(b"after")
    assert received(bus).body == b"after"


def test_a_frame_beyond_2_mib_costs_its_sender_the_connection_and_nobody_else(bus, context):
    big, other = (connect(context, zmq.DEALER, bus.requests_endpoint) for _ in range(2))
    big.send(b"x" * 2_200_000)
    other.send(b"small")
    assert received(bus).body == b"small"
    assert received(bus, patience=0.5) is None
    big.send(b"again")
    assert received(bus).body == b"again"


def test_a_subscriber_that_does_not_read_blocks_nobody(bus, context):
    slow, good = (connect(context, zmq.SUB, bus.events_endpoint, b"") for _ in range(2))
    slow.setsockopt(zmq.RCVHWM, 10)
    for socket in (slow, good):
        granted(bus, socket)
    started, heard = time.monotonic(), 0
    for number in range(20_000):
        bus.publish(b"market.1.tickPrice", b"x" * 1000)
        if number % 100 == 0:
            while good.poll(1):
                good.recv_multipart()
                heard += 1
    assert time.monotonic() - started < 10
    assert heard > 1000


def test_a_flood_of_subscriptions_is_read_a_while_at_a_time(bus, context):
    flood = connect(context, zmq.XSUB, bus.events_endpoint)
    for number in range(1000):
        flood.send(b"\1market.%d." % number)
    time.sleep(0.5)
    assert bus.grant_subscriptions()
    bus.publish(b"market.999.tickPrice", b"early")
    while bus.grant_subscriptions():
        pass
    bus.publish(b"market.999.tickPrice", b"late")
    assert flood.recv_multipart() == [b"market.999.tickPrice", b"late"]


def test_one_who_does_not_read_leaves_so_much_with_us_and_may_ask_again(bus, context):
    slow, good = (context.socket(zmq.DEALER) for _ in range(2))
    slow.setsockopt(zmq.RCVHWM, 1)
    routes = {}
    for socket in (slow, good):
        socket.connect(bus.requests_endpoint)
        socket.send(b"x")
        routes[socket] = received(bus).route
    large = b"x" * 200_000
    for _ in range(500):
        bus.reply(routes[slow], large)
    assert 200 < bus.undelivered < 500
    told = bus.undelivered
    bus.reply(routes[good], large)
    assert good.recv() == large
    for _ in range(500 - told):
        assert slow.poll(2000)
        assert slow.recv() == large
    time.sleep(0.1)
    bus.reply(routes[slow], large)
    assert slow.recv() == large
    assert bus.undelivered == told


def has_ipv6():
    try:
        with sockets.socket(sockets.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def test_an_ipv6_address_is_bound_and_reached_or_refused_where_the_machine_has_none(context):
    if not has_ipv6():
        with pytest.raises(zmq.ZMQError):
            Bus(context, "tcp://[::1]:*", "tcp://[::1]:*", queue=1000)
        return
    bus = Bus(context, "tcp://[::1]:*", "tcp://[::1]:*", queue=1000)
    sub, dealer = context.socket(zmq.SUB), context.socket(zmq.DEALER)
    for socket, endpoint in ((sub, bus.events_endpoint), (dealer, bus.requests_endpoint)):
        assert endpoint.startswith("tcp://[::1]:")
        socket.setsockopt(zmq.IPV6, 1)
        socket.connect(endpoint)
    dealer.send(b"x")
    assert received(bus).body == b"x"
    sub.setsockopt(zmq.SUBSCRIBE, b"market.")
    granted(bus, sub)
    bus.publish(b"market.1.tickPrice", b"yes")
    assert sub.recv_multipart() == [b"market.1.tickPrice", b"yes"]
    bus.close()


def test_only_this_machine(context):
    with pytest.raises(ValueError, match="CURVE"):
        Bus(context, "tcp://0.0.0.0:*", "tcp://127.0.0.1:*", queue=1000)


def test_a_taken_address_is_an_error_that_frees_the_other(bus, context):
    with pytest.raises(zmq.ZMQError):
        Bus(context, "tcp://127.0.0.1:*", bus.requests_endpoint, queue=1000)
