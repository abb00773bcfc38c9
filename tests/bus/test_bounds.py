"""What the sockets bound: connections, what arrives on them, values of a request, prefixes, unread replies."""

from __future__ import annotations

import time

import msgpack
import pytest
import zmq

from bridge.bus import byte_guard, frames, handshake_monitor
from bridge.bus.byte_guard import ByteGuard
from bridge.bus.frames import MOST_ROUTE_BYTES, MOST_VALUES, BadBody, unpack
from bridge.bus.local_connections import LocalConnections
from bridge.bus.reply_backlog import SMALL as UNREAD
from bridge.bus.reply_backlog import ReplyBacklog
from bridge.bus.sockets import Bus
from bridge.bus.subscription_filter import MOST_BYTES_OF_ALL, MOST_PREFIX_BYTES, SMALL, SubscriptionFilter
from tests.bus.test_curve import monitor_of
from tests.bus.test_sockets import connect, received
from tests.hostile.raw import GREETING, READY

SOON = 10.0


@pytest.fixture
def context():
    context = zmq.Context()
    yield context
    context.destroy(linger=0)


@pytest.fixture
def make_bus(context):
    made = []

    def make(**more):
        bus = Bus(context, "tcp://127.0.0.1:*", "tcp://127.0.0.1:*", queue=1000, **more)
        bus.watch()
        made.append(bus)
        return bus

    yield make
    for bus in made:
        bus.close()


def tcp(endpoint):
    import socket

    host, _, port = endpoint.removeprefix("tcp://").rpartition(":")
    return socket.create_connection((host, int(port)), timeout=SOON)


def until(is_so):
    end = time.monotonic() + SOON
    while not is_so() and time.monotonic() < end:
        time.sleep(0.01)
    assert is_so()


# Requests


@pytest.mark.parametrize("count", [MOST_VALUES + 1, 1_000_000])
@pytest.mark.parametrize("one", [b"\x80", b"\x90", b"\xc0"])
def test_a_request_has_so_many_values_at_most(one, count):
    parts = count // 1000 + 1
    body = b"\xdd" + parts.to_bytes(4, "big") + (b"\xdc\x03\xe8" + one * 1000) * parts
    began = time.process_time()
    with pytest.raises(BadBody):
        unpack(body)
    assert time.process_time() - began < 1.0
    assert unpack(msgpack.packb([{"a": [1, 2]}] * 1000)) == [{"a": [1, 2]}] * 1000


@pytest.mark.parametrize("head", [b"\xdd\x00\x00\x27\x11", b"\xdf\x00\x00\x27\x11"])
def test_one_list_or_map_has_so_many_values_at_most(head):
    with pytest.raises(BadBody, match="exceeds"):
        unpack(head + b"\x01" * 20_002)


def test_long_frames_before_the_body_are_dropped(make_bus, context):
    bus = make_bus()
    dealer = connect(context, zmq.DEALER, bus.requests_endpoint)
    dealer.send_multipart([b"x" * (MOST_ROUTE_BYTES + 1), b"dropped"])
    dealer.send_multipart([b"x" * MOST_ROUTE_BYTES, b"taken"])
    assert received(bus).body == b"taken"
    assert bus.figures()["requestFrames"] == (None, frames.MOST_FRAMES, 1)


def test_a_message_without_an_end_costs_its_sender_the_connection(make_bus, context):
    """libzmq keeps all frames of a message until the last one has come."""
    bus = make_bus()
    with tcp(bus.requests_endpoint) as endless:
        endless.sendall(GREETING + READY)
        frame = b"\x03" + (1 << 20).to_bytes(8, "big") + b"x" * (1 << 20)
        with pytest.raises(OSError):
            for _ in range(500):
                endless.sendall(frame)
    dealer = connect(context, zmq.DEALER, bus.requests_endpoint)
    dealer.send(b"others")
    assert received(bus, SOON).body == b"others"
    assert bus.figures()["requestConnections"][2] == 1


def test_a_client_that_sends_much_and_is_read_stays(make_bus, context):
    bus = make_bus()
    dealer = connect(context, zmq.DEALER, bus.requests_endpoint)
    for number in range(100):
        dealer.send(b"%d" % number + b"x" * 1_000_000)
        assert received(bus, SOON) is not None
    assert bus.figures()["requestConnections"][2] == 0


def test_the_guard_lets_out_what_was_read_and_a_little_each_second():
    guard = ByteGuard(1000, 10)
    guard.open(7, read=500, clock=0.0)
    assert not guard.is_over(7, arrived=1000, read=500, clock=0.0)
    assert not guard.is_over(7, arrived=2000, read=1500, clock=0.0)
    assert not guard.is_over(7, arrived=2010, read=1500, clock=1.0)
    assert guard.is_over(7, arrived=2030, read=1500, clock=2.0)
    guard.open(7, read=1500, clock=3.0)
    assert not guard.is_over(7, arrived=900, read=1500, clock=3.0)
    guard.close(7)
    assert not guard.is_over(7, arrived=10**9, read=0, clock=4.0)
    assert not byte_guard.ByteGuard(1, 1).is_over(9, 10**9, 0, 0.0)


# Connections


def test_a_connection_too_many_is_ended_and_gets_in_when_there_is_room(make_bus, context):
    bus = make_bus(connections=3)
    held = [tcp(bus.requests_endpoint) for _ in range(3)]
    until(lambda: bus.figures()["requestConnections"][0] == 3)
    late = connect(context, zmq.DEALER, bus.requests_endpoint)
    until(lambda: bus.figures()["requestConnections"][2] >= 1)
    assert bus.figures()["requestConnections"][1] == 3
    for one in held:
        one.close()
    late.send(b"late")
    assert received(bus, SOON).body == b"late"


def test_connections_that_come_too_fast_are_ended(context, monkeypatch):
    ended = []
    monkeypatch.setattr(handshake_monitor, "disconnect", lambda descriptor, _endpoint: ended.append(descriptor))
    monitor = monitor_of(context, logs_failures=False)
    lines = [monitor.line_for(zmq.EVENT_ACCEPTED, number, 100.0) for number in range(300)]
    assert ended == list(range(200, 300))
    assert {line.event for line in lines if line} == {"peersLimited"}
    assert [str(line) for line in lines if line] == [
        "tcp://127.0.0.1:1: too many connections, or too many new ones in a short time; the bridge ends some"
    ]
    for number in range(300, 340):
        monitor.line_for(zmq.EVENT_ACCEPTED, number, 101.0)
    assert len(ended) == 120


def test_a_pause_grows_while_the_flood_goes_on_and_ends_one_by_one(context, monkeypatch):
    ended = []
    monkeypatch.setattr(handshake_monitor, "disconnect", lambda descriptor, _endpoint: ended.append(descriptor))
    monitor = monitor_of(context, logs_failures=False)

    def comes(clock):
        before = len(ended)
        monitor.line_for(zmq.EVENT_ACCEPTED, int(clock * 100), clock)
        return len(ended) == before

    monitor.put_off(100.0)
    assert [comes(clock) for clock in (101.0, 104.9, 105.1, 105.2, 106.3)] == [False, False, True, False, True]
    monitor.put_off(107.0)
    assert [comes(clock) for clock in (112.5, 116.9, 117.1)] == [False, False, True]
    monitor.put_off(300.0)
    assert [comes(clock) for clock in (304.9, 305.1)] == [False, True]


# Prefixes


def test_without_keys_a_flood_of_prefixes_ends_its_connection_and_nobody_new_gets_in_for_a_while(make_bus, context):
    bus = make_bus()
    good = connect(context, zmq.SUB, bus.events_endpoint, b"market.")
    until(lambda: (bus.grant_subscriptions(), bus.figures()["subscribedPrefixes"][0])[1] == 1)
    flood = context.socket(zmq.XSUB)
    flood.setsockopt(zmq.SNDHWM, 0)
    flood.connect(bus.events_endpoint)
    for number in range(20_000):
        flood.send(b"\1" + b"%06d" % number + b"x" * 200)
    until(lambda: (bus.grant_subscriptions(), bus.figures()["eventConnections"][2])[1] >= 1)
    until(lambda: not bus.grant_subscriptions(1000))
    late = connect(context, zmq.SUB, bus.events_endpoint, b"market.")
    end = time.monotonic() + 1.0
    while time.monotonic() < end:
        bus.grant_subscriptions(1000)
        bus.publish(b"market.1.tickPrice", b"1")
        time.sleep(0.01)
    assert good.poll(1000)
    assert not late.poll(0)


def test_prefixes_of_one_connection_have_so_many_bytes_in_all():
    known = SubscriptionFilter(lambda _name: ("",))
    granted = [known.subscribe("a/1", 7, b"%05d" % number + b"x" * 195) for number in range(2000)]
    assert sum(map(bool, granted)) == MOST_PREFIX_BYTES // 200
    known.unsubscribe("a/1", 7, b"00000" + b"x" * 195)
    assert known.subscribe("a/1", 7, b"y" * 200) == [b"y" * 200]


def test_when_all_together_have_too_much_the_large_ones_are_ended():
    known = SubscriptionFilter(lambda _name: ("",), lambda descriptor: descriptor)
    for connection in range(1, 7):
        for number in range(900):
            known.subscribe(f"c{connection}/{connection}", connection, b"%05d" % number + b"x" * 195)
    known.subscribe("small/9", 9, b"market.")
    assert 6 * 900 * 200 > MOST_BYTES_OF_ALL > SMALL
    assert known.judge("small/9", 9, 0.0) == "accept"
    assert known.judge("c3/3", 3, 0.0) == "disconnect"


def test_prefixes_of_connections_that_have_ended_do_not_count():
    alive = {1: "one", 2: "two"}
    known = SubscriptionFilter(lambda _name: ("",), alive.get)
    for connection in (1, 2):
        for number in range(950):
            known.subscribe(f"c{connection}/{connection}", connection, b"%05d" % number + b"x" * 195)
    assert known.count() == 1900
    del alive[1]
    assert known.count() == 950


def test_connections_without_keys_are_told_apart():
    now = {7: "first"}
    local = LocalConnections(now.get)
    first = local.user_id(7)
    assert (first, local.user_id(7), local.user_id(8)) == ("connection-1/1", first, None)
    now[7] = "second"
    assert local.user_id(7) == "connection-2/2"


# Replies


class Tracker:
    done = False


def test_all_connections_together_leave_so_many_bytes_unread():
    backlog = ReplyBacklog(8 * UNREAD, 20 * UNREAD)
    for peer in (b"1", b"2", b"3"):
        for _ in range(7):
            assert backlog.has_room((peer,))
            backlog.add((peer,), Tracker(), UNREAD)
    assert backlog.bytes() == 21 * UNREAD
    assert not backlog.has_room((b"1",))
    for _ in range(2):
        assert backlog.has_room((b"reads",))
        backlog.add((b"reads",), Tracker(), UNREAD)
    assert not backlog.has_room((b"reads",))
