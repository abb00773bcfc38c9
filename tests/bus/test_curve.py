"""Keys on real sockets: who gets in, who does not and is named in the log, and what each may hear."""

from __future__ import annotations

import logging
import subprocess
import sys
import time

import pytest
import zmq

from bridge import keys
from bridge.bus import subscription_filter
from bridge.bus.byte_guard import ByteGuard
from bridge.bus.handshake_monitor import HandshakeMonitor
from bridge.bus.selftest import EndpointsUnprotected, prove, reachable
from bridge.bus.sockets import Bus
from bridge.bus.zap import AccessList, ZapAuthenticator
from bridge.session.rights.grants import Grant
from bridge.session.rights.permissions import Permissions
from tests.bus.test_sockets import received

OWN, ALICE, EVE, STRANGER = (keys.fresh(name) for name in ("bridge", "alice", "eve", "stranger"))
PERMISSIONS = Permissions(
    {"alice": Grant(frozenset({"account", "trade"})), "eve": Grant(frozenset({"observe"}))},
)


def make_access():
    return AccessList(OWN, {ALICE.public: "alice", EVE.public: "eve"}, PERMISSIONS.hears)


@pytest.fixture
def context():
    context = zmq.Context()
    yield context
    context.destroy(linger=0)


@pytest.fixture
def access():
    return make_access()


@pytest.fixture
def bus(access):
    context = zmq.Context()
    zap = ZapAuthenticator(context, access)
    zap.start()
    bus = Bus(context, "tcp://127.0.0.1:*", "tcp://127.0.0.1:*", queue=1000, access=access)
    yield bus
    bus.close()
    zap.stop()
    context.destroy(linger=0)


def connect(context, kind, endpoint, pair):
    socket = context.socket(kind)
    socket.curve_publickey, socket.curve_secretkey = pair.public.encode(), pair.secret.encode()
    socket.curve_serverkey = OWN.public.encode()
    socket.connect(endpoint)
    return socket


def hears(bus, sub, *topics):
    """Publish on topics until what is going to come has come; the topics heard. `sync.x` shows that all is granted."""
    sub.setsockopt(zmq.SUBSCRIBE, b"sync.x")
    heard = set()
    for _ in range(300):
        bus.grant_subscriptions()
        bus.publish(b"sync.x", b"")
        if sub.poll(10):
            break
    else:
        return None
    for topic in topics:
        bus.publish(topic.encode(), b"")
    bus.publish(b"sync.x", b"last")
    while True:
        assert sub.poll(2000)
        topic, body = sub.recv_multipart()
        if body == b"last":
            return heard
        heard.add(topic.decode())
        heard.discard("sync.x")


TOPICS = ("market.1.tickPrice", "account.DU1.position", "order.alice.k.orderStatus", "order.eve.k.orderStatus",
          "order.external.9.open", "request.alice.position", "request.eve.position", "system.heartbeat")  # fmt: skip


@pytest.mark.parametrize(
    "prefix", ["", "a", "account", "account.", "account.DU1.position", "o", "order.", "order.alice.k"]
)
def test_an_observer_hears_nothing_of_accounts_and_orders_whatever_it_subscribes_to(bus, context, prefix):
    sub = connect(context, zmq.SUB, bus.events_endpoint, EVE)
    sub.setsockopt(zmq.SUBSCRIBE, prefix.encode())
    heard = hears(bus, sub, *TOPICS)
    assert heard == {topic for topic in TOPICS if topic.startswith(prefix)} & {
        "market.1.tickPrice", "order.eve.k.orderStatus", "request.eve.position", "system.heartbeat",
    }  # fmt: skip


def test_a_trader_hears_its_own_orders_and_accounts(bus, context):
    sub = connect(context, zmq.SUB, bus.events_endpoint, ALICE)
    sub.setsockopt(zmq.SUBSCRIBE, b"")
    assert hears(bus, sub, *TOPICS) == {
        "market.1.tickPrice", "account.DU1.position", "order.alice.k.orderStatus", "request.alice.position",
        "system.heartbeat",
    }  # fmt: skip


def test_giving_up_one_prefix_takes_no_other_with_it(bus, context):
    sub = connect(context, zmq.SUB, bus.events_endpoint, EVE)
    for prefix in (b"", b"market.", b"market."):
        sub.setsockopt(zmq.SUBSCRIBE, prefix)
    assert "market.1.tickPrice" in hears(bus, sub, *TOPICS)
    for _ in range(2):
        sub.setsockopt(zmq.UNSUBSCRIBE, b"market.")
    assert "market.1.tickPrice" in hears(bus, sub, *TOPICS)
    sub.setsockopt(zmq.UNSUBSCRIBE, b"")
    time.sleep(0.1)
    bus.grant_subscriptions()
    assert hears(bus, sub, *TOPICS) == set()


def test_a_flood_of_subscriptions_ends_its_connection_and_the_next_one_is_served(
    bus, context, access, monkeypatch, caplog
):
    monkeypatch.setattr(subscription_filter, "MOST_CHANGES", 500)
    flood = context.socket(zmq.XSUB)
    flood.setsockopt(zmq.RECONNECT_IVL, -1)
    with flood.get_monitor_socket(zmq.EVENT_DISCONNECTED) as ended, caplog.at_level(logging.WARNING, "bridge"):
        flood.curve_publickey, flood.curve_secretkey = EVE.public.encode(), EVE.secret.encode()
        flood.curve_serverkey = OWN.public.encode()
        flood.connect(bus.events_endpoint)
        for _ in range(2000):
            flood.send(b"\1market.")
        sub = connect(context, zmq.SUB, bus.events_endpoint, ALICE)
        sub.setsockopt(zmq.SUBSCRIBE, b"market.")
        assert "market.1.tickPrice" in hears(bus, sub, *TOPICS)
        assert ended.poll(5000)
        flood.disable_monitor()
    assert list(access.suspended) == ["eve"]
    told = [record.getMessage() for record in caplog.records]
    assert told == ["eve subscribes too much, or subscribes and unsubscribes too often: disconnected"]


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr("bridge.bus.sockets._HANDSHAKE_MS", 700)


def test_who_is_suspended_is_heard_but_hears_nothing_and_gets_in_again_by_itself(
    impatient, bus, context, access, caplog
):
    bus.watch()
    access.suspended["eve"] = time.monotonic() + 60
    sub = connect(context, zmq.SUB, bus.events_endpoint, EVE)
    sub.setsockopt(zmq.SUBSCRIBE, b"")
    connect(context, zmq.DEALER, bus.requests_endpoint, EVE).send(b"x")
    assert received(bus).speaker == "eve"
    serve(bus, 0.5)
    assert not sub.poll(0)
    access.suspended["eve"] = time.monotonic()
    assert "market.1.tickPrice" in hears(bus, sub, *TOPICS)
    assert [record.getMessage() for record in caplog.records] == []


def test_the_name_of_a_request_comes_from_its_key(bus, context):
    for pair in (ALICE, EVE):
        connect(context, zmq.DEALER, bus.requests_endpoint, pair).send(b"x")
        assert received(bus).speaker == pair.name


STRANGER_PROGRAM = """
import sys, zmq
events, requests, *keys = sys.argv[1:]
context = zmq.Context()
sockets = [context.socket(zmq.SUB), context.socket(zmq.DEALER)]
for socket, endpoint in zip(sockets, (events, requests)):
    if keys:
        socket.curve_publickey, socket.curve_secretkey, socket.curve_serverkey = (key.encode() for key in keys)
    socket.connect(endpoint)
sockets[0].subscribe(b"")
sockets[1].send(b"x")
print("up", flush=True)
while True:
    for socket in sockets:
        if socket.poll(20):
            print("got", socket.recv_multipart(), flush=True)
"""


@pytest.fixture
def stranger(bus):
    """Starts one who connects to both sockets, in a process: libzmq may never end a context that was refused."""
    started = []

    def start(*keys):
        words = [sys.executable, "-c", STRANGER_PROGRAM, bus.events_endpoint, bus.requests_endpoint, *keys]
        started.append(subprocess.Popen(words, stdout=subprocess.PIPE, text=True))
        assert started[-1].stdout.readline() == "up\n"
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def serve(bus, seconds):
    """Publish on all topics and take requests for a while; the requests."""
    taken, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        bus.grant_subscriptions()
        for topic in TOPICS:
            bus.publish(topic.encode(), b"")
        taken += bus.requests(10)
        time.sleep(0.02)
    return taken


@pytest.mark.parametrize(
    ("keys_given", "reason"),
    [
        ((STRANGER.public, STRANGER.secret, OWN.public), f"unknown key {STRANGER.public}"),
        ((), "it has no key"),
        ((ALICE.public, ALICE.secret, STRANGER.public), "it uses a wrong public key for the bridge"),
    ],
    ids=["unknown key", "no key", "another bridge's key"],
)
def test_who_does_not_belong_gets_nothing_and_is_named_in_the_log(bus, stranger, caplog, keys_given, reason):
    bus.watch()
    with caplog.at_level(logging.WARNING, "bridge"):
        process = stranger(*keys_given)
        assert serve(bus, 1.0) == []
    process.kill()
    assert process.stdout.read() == ""
    told = [record.getMessage() for record in caplog.records]
    assert {record.msg.event for record in caplog.records} <= {"keyUnknown", "peerRefused"}
    assert [line for line in told if line.startswith("refused a connection from 127.0.0.1") and reason in line], told


def test_who_belongs_is_served_beside_strangers(bus, stranger):
    for keys_given in ((), (STRANGER.public, STRANGER.secret, OWN.public)):
        stranger(*keys_given)
    process = stranger(ALICE.public, ALICE.secret, OWN.public)
    assert {incoming.speaker for incoming in serve(bus, 1.0)} == {"alice"}
    assert process.stdout.readline().startswith("got ")


def monitor_of(context, most=1000, logs_failures=True, **more):
    socket = context.socket(zmq.ROUTER)
    guard = ByteGuard(1 << 20, 1000)
    return HandshakeMonitor(
        context, socket, "tcp://127.0.0.1:1", most=most, logs_failures=logs_failures, guard=guard, read={}, **more
    )


def test_one_who_knocks_again_and_again_is_named_now_and_then(context):
    watch = monitor_of(context)
    told = []
    for clock in range(25):
        for kind, value in ((zmq.EVENT_ACCEPTED, -1), (zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL, 0x11000002)):
            assert watch.line_for(kind, value, float(clock)) is None
        told.append(watch.line_for(zmq.EVENT_DISCONNECTED, -1, float(clock)))
    assert [clock for clock, line in enumerate(told) if line] == [0, 10, 20]
    assert str(told[0]) == "refused a connection from a peer that has disconnected: it has no key"


def test_one_who_is_put_off_hides_no_stranger(context):
    watch = monitor_of(context)
    assert watch.line_for(zmq.EVENT_HANDSHAKE_FAILED_AUTH, 300, 1.0) is None
    assert watch.line_for(zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL, 0x11000002, 1.0) is None
    assert watch.line_for(zmq.EVENT_DISCONNECTED, -1, 1.0)
    assert watch.line_for(zmq.EVENT_HANDSHAKE_FAILED_AUTH, 400, 20.0) is None
    assert watch.line_for(zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL, 0x11000002, 20.0) is None
    assert watch.line_for(zmq.EVENT_DISCONNECTED, -1, 20.0) is None


def test_who_comes_and_goes_as_it_should_is_not_named(context):
    watch = monitor_of(context)
    assert watch.line_for(zmq.EVENT_ACCEPTED, -1, 1.0) is None
    assert watch.line_for(zmq.EVENT_DISCONNECTED, -1, 2.0) is None


# The self-test


def test_the_self_test_passes_where_strangers_are_refused_and_says_nothing(bus, access, caplog):
    with caplog.at_level(logging.WARNING, "bridge"):
        prove(bus.events_endpoint, bus.requests_endpoint, access)
    assert len(access.selftest_keys) == 1
    assert caplog.records == []


@pytest.fixture(params=[(kind, curve) for kind in ("events", "requests") for curve in (True, False)])
def open_ends(request, bus, context):
    """The bus's endpoints, one of them replaced: by CURVE without a ZAP handler, which admits any key, or no CURVE."""
    kind, curve = request.param
    socket = context.socket(zmq.XPUB if kind == "events" else zmq.ROUTER)
    if curve:
        socket.curve_server = True
        socket.curve_secretkey = OWN.secret.encode()
    socket.bind("tcp://127.0.0.1:*")
    ends = {"events": bus.events_endpoint, "requests": bus.requests_endpoint}
    yield ends | {kind: socket.last_endpoint.decode().rstrip("\0")}
    socket.close(linger=0)


def test_the_self_test_refuses_a_set_up_that_lets_strangers_in(open_ends, access):
    with pytest.raises(
        EndpointsUnprotected, match=r"a client with an unknown key (can connect|.*); the bridge must refuse it"
    ):
        prove(open_ends["events"], open_ends["requests"], access)


def test_without_a_handler_for_the_domain_nobody_gets_in(context):
    bus = Bus(context, "tcp://127.0.0.1:*", "tcp://127.0.0.1:*", queue=1000, access=make_access())
    with zmq.Context() as other:
        for kind, endpoint in ((zmq.SUB, bus.events_endpoint), (zmq.DEALER, bus.requests_endpoint)):
            socket = other.socket(kind)
            socket.setsockopt(zmq.LINGER, 0)
            with socket, socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED) as admitted:
                socket.curve_publickey, socket.curve_secretkey = ALICE.public.encode(), ALICE.secret.encode()
                socket.curve_serverkey = OWN.public.encode()
                socket.connect(endpoint)
                assert not admitted.poll(500)
                socket.disable_monitor()
    bus.close()


def test_where_the_self_test_connects_to():
    assert reachable("tcp://0.0.0.0:7501") == "tcp://127.0.0.1:7501"
    assert reachable("tcp://[::]:7501") == "tcp://[::1]:7501"
    assert reachable("tcp://192.168.1.5:7501") == "tcp://192.168.1.5:7501"
    assert reachable("ipc:///run/x") == "ipc:///run/x"


def test_with_keys_any_address_may_be_bound(context):
    bus = Bus(context, "tcp://0.0.0.0:*", "tcp://0.0.0.0:*", queue=1000, access=make_access())
    assert bus.events_endpoint.startswith("tcp://0.0.0.0:")
    bus.close()
