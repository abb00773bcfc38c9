"""A reload changes who may connect and hear what, while connections are open."""

from __future__ import annotations

import random
import time

import msgpack
import pytest
import zmq

from bridge.bus.subscription_filter import SubscriptionFilter
from bridge.bus.zap import AccessList, key_of, name_of, number_of
from bridge.session.rights.grants import Grant, cut
from bridge.session.rights.permissions import Permissions
from tests.bus.test_curve import ALICE, EVE, OWN, STRANGER, access, bus, connect, context, hears

__all__ = ["access", "bus", "context"]
LIMIT = 20.0
OBSERVE, ACCOUNT, ADMIN = (Grant(frozenset({role})) for role in ("observe", "account", "admin"))
NAMES = {"alice": ALICE, "eve": EVE}


def change(bus, access, keys_of=NAMES, **grants):
    """What the service does at a reload. Returns how many connections the bus has ended."""
    access.replace({keys_of[name].public: name for name in grants}, Permissions(grants).hears)
    return bus.follow_rights()


def serve_until(bus, condition):
    end = time.monotonic() + LIMIT
    while not condition() and time.monotonic() < end:
        bus.grant_subscriptions()
        for incoming in bus.requests(10):
            bus.reply(incoming.route, msgpack.packb([incoming.speaker, incoming.is_revoked]))
        time.sleep(0.005)
    return condition()


def listening(bus, context, pair, *prefixes):
    sub = connect(context, zmq.SUB, bus.events_endpoint, pair)
    for prefix in prefixes:
        sub.setsockopt(zmq.SUBSCRIBE, prefix)
    return sub


TOPICS = ("market.1.tickPrice", "account.DU1.position", "order.eve.k.open", "order.alice.k.open")


def test_a_user_id_has_the_key_whatever_characters_it_has():
    key = "a/b/c/-NR*0hYx3zNlZk8wSG<Kv1rw$L</eBBq]N"
    user_id = f"alice/{key}/17"
    assert (name_of(user_id), key_of(user_id), number_of(user_id)) == ("alice", key, 17)
    known = AccessList(OWN, {key: "alice"}, lambda _name: ("",))
    assert known.speaker(user_id) == "alice"
    for clients in ({}, {"other": "alice"}, {key: "bob"}):
        known.replace(clients, lambda _name: ())
        assert known.speaker(user_id) is None


def test_who_loses_topics_hears_them_no_longer_and_hears_the_others_again(bus, access, context):
    change(bus, access, alice=ACCOUNT, eve=OBSERVE)
    alice, eve = (listening(bus, context, pair, b"") for pair in (ALICE, EVE))
    assert "account.DU1.position" in hears(bus, alice, *TOPICS)
    assert "account.DU1.position" not in hears(bus, eve, *TOPICS)
    assert change(bus, access, alice=OBSERVE, eve=OBSERVE) == 1, "the connection of eve stays"
    later = ("market.2.tickPrice", "account.DU1.updatePortfolio", "order.alice.k.orderStatus")
    heard = set()

    def is_back():
        """Publish until the last of the topics that alice may hear comes to her new connection."""
        for topic in later:
            bus.publish(topic.encode(), b"")
        while alice.poll(20):
            heard.add(alice.recv_multipart()[0].decode())
        return "order.alice.k.orderStatus" in heard

    assert serve_until(bus, is_back)
    assert heard & set(later) == {"market.2.tickPrice", "order.alice.k.orderStatus"}


def test_a_connection_that_hears_only_what_it_may_still_hear_stays_and_loses_no_event(bus, access, context):
    change(bus, access, alice=ACCOUNT, eve=OBSERVE)
    alice = listening(bus, context, ALICE, b"market.")
    assert hears(bus, alice, *TOPICS) == {"market.1.tickPrice"}
    for number in range(200):
        bus.publish(b"market.1.tickPrice", str(number).encode())
        if number % 20 == 10:
            assert change(bus, access, alice=(OBSERVE, ACCOUNT, ADMIN)[number % 3], eve=OBSERVE) == 0
    got = []
    while len(got) < 200 and alice.poll(int(LIMIT * 1000)):
        topic, body = alice.recv_multipart()
        if topic != b"sync.x":
            got.append(int(body))
    assert got == list(range(200))


def test_who_may_hear_more_keeps_its_connection_and_hears_more_after_its_next_subscription(bus, access, context):
    alice = listening(bus, context, ALICE, b"")
    change(bus, access, alice=OBSERVE, eve=OBSERVE)
    assert "account.DU1.position" not in hears(bus, alice, *TOPICS)
    assert change(bus, access, alice=ACCOUNT, eve=OBSERVE) == 0
    alice.setsockopt(zmq.SUBSCRIBE, b"sync.new")
    assert serve_until(bus, lambda: not next(iter(bus._filter._listeners.values())).is_behind)
    assert "account.DU1.position" in hears(bus, alice, *TOPICS)


@pytest.mark.parametrize("successor", [None, STRANGER])
def test_a_key_that_is_gone_or_replaced_neither_sends_nor_hears(bus, access, context, successor):
    alice = listening(bus, context, ALICE, b"")
    dealer, eve = connect(context, zmq.DEALER, bus.requests_endpoint, ALICE), None
    dealer.send(b"1")
    assert serve_until(bus, lambda: dealer.poll(0))
    assert msgpack.unpackb(dealer.recv()) == ["alice", False]
    assert hears(bus, alice, *TOPICS)
    grants = {"eve": OBSERVE} if successor is None else {"eve": OBSERVE, "alice": ACCOUNT}
    assert change(bus, access, {**NAMES, "alice": successor}, **grants) == 2
    for _ in range(3):
        dealer.send(b"2")
    eve = connect(context, zmq.DEALER, bus.requests_endpoint, EVE)
    eve.send(b"3")
    assert serve_until(bus, lambda: eve.poll(0)), "others are served"
    bus.publish(b"market.1.tickPrice", b"secret")
    assert not dealer.poll(300)
    while alice.poll(300):
        assert alice.recv_multipart()[1] != b"secret"
    if successor is not None:
        fresh = connect(context, zmq.DEALER, bus.requests_endpoint, successor)
        fresh.send(b"4")
        assert serve_until(bus, lambda: fresh.poll(0))
        assert msgpack.unpackb(fresh.recv()) == ["alice", False]


def test_a_request_that_has_arrived_before_is_marked(bus, access, context):
    dealer = connect(context, zmq.DEALER, bus.requests_endpoint, ALICE)
    dealer.send(b"1")
    end = time.monotonic() + LIMIT
    while not bus.has_requests() and time.monotonic() < end:
        time.sleep(0.005)
    change(bus, access, eve=OBSERVE)
    (incoming,) = bus.requests(10)
    assert (incoming.speaker, incoming.is_revoked) == ("alice", True)


@pytest.mark.parametrize("seed", range(50))
def test_what_zeromq_has_is_what_the_rights_allow(seed):
    """Random subscriptions and reloads, held against a model: ZeroMQ never has more than the rights of that moment."""
    chance = random.Random(seed)
    prefixes = [b"", b"market.", b"market.1.", b"account.", b"account.DU1.", b"account.DU2.", b"order.alice."]
    everything = [(), ("market.",), ("market.", "account.DU1."), ("market.", "account."), ("",), ("account.DU2.",)]
    now = chance.choice(everything)
    known = SubscriptionFilter(lambda _name: now)
    number, applied, asked = 1, set(), set()
    for _ in range(200):
        user_id = f"alice/k/{number}"
        if chance.random() < 0.2:
            now = chance.choice(everything)
            if known.reconsider(lambda _user_id: True):
                assert any(not prefix.startswith(tuple(p.encode() for p in now)) for prefix in applied)
                number, applied, asked = number + 1, set(), set()
            continue
        prefix = chance.choice(prefixes)
        if chance.random() < 0.6:
            asked.add(prefix)
            applied |= set(known.subscribe(user_id, 7, prefix))
        else:
            asked.discard(prefix)
            applied -= set(known.unsubscribe(user_id, 7, prefix))
        new, old = known.catch_up(user_id, 7)
        applied = (applied | set(new)) - set(old)
        allowed = tuple(topic.encode() for topic in now)
        assert applied == {one for prefix in asked for one in cut(prefix, allowed)}
