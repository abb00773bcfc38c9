"""Promises of docs/reference/contract.md that no other test shows. Each test proves a sentence or two of that page."""

from __future__ import annotations

import pytest
import zmq

from bridge.catalogue.loader import default_directory
from bridge.session import builtin_methods
from bridge.session import topic_store as boards
from bridge.session.request_gate import ORDER_LOG, RELOAD
from bridge.session.topic_store import TopicStore
from bridge.tws.values import READ
from tests.session.conftest import AAPL, Bench
from tests.session.test_holds import held, subscribe, tick
from tests.session.test_orders import ORDER, status
from tws_bridge_client import sockets
from tws_bridge_client.calls import BridgeError, Calls
from tws_bridge_client.follow import Follower
from tws_bridge_client.wire import pack

LEASE = 30.0


def request(bench, method, id_, route="alice", **more):
    bench.request({"v": 1, "id": id_, "client": "alice", "method": method, **more}, route)


# Framing


def test_the_python_client_has_the_sockets_that_the_contract_advises():
    context = zmq.Context()
    socket = sockets.prepare(context.socket(zmq.SUB), "tcp://127.0.0.1:9", None)
    told = [socket.getsockopt(option) for option in (zmq.RCVHWM, zmq.HEARTBEAT_IVL, zmq.HEARTBEAT_TIMEOUT)]
    context.destroy(linger=0)
    assert told == [100_000, 5_000, 15_000]


# Values


def scalars(value):
    """All that a msgpack value is made of."""
    match value:
        case dict():
            return [found for item in value.values() for found in scalars(item)]
        case list():
            return [found for item in value for found in scalars(item)]
    return [value]


def test_the_bridge_never_says_nil(ready):
    """No schema of an event has nil, and events are held against these schemas in every session test."""
    events = (default_directory() / "generated" / "events.schema.json").read_text(encoding="utf-8")
    assert '"null"' not in events
    subscribe(ready)
    tick(ready)
    ready.ask("placeOrder", orderKey="k1", contract=AAPL, order=ORDER)
    ready.error(100, 201, "no margin")
    for method in ("status", "clients", "ping"):
        ready.ask(method)
    ready.ask("snapshot", prefix="")
    ready.ask("orderLog", after=0)
    said = [body for _, body in ready.events] + [reply.body for reply in ready.replies]
    assert len(scalars(said)) > 100
    assert None not in scalars(said)


@pytest.mark.parametrize("text", ["100", "0.50", "1E+2"])
def test_a_decimal_has_the_digits_that_tws_sent(text):
    assert READ["decimal"](text) == text


# Events


def test_the_last_token_of_a_topic_is_the_event(ready):
    subscribe(ready)
    tick(ready)
    ready.ask("placeOrder", orderKey="k1", contract=AAPL, order=ORDER)
    status(ready, 100)
    ready.ask("snapshot", prefix="", nonce="n1")
    ready.wait(1)
    assert len({topic for topic, _ in ready.events}) > 5
    others = [topic for topic, body in ready.events if topic.rpartition(".")[2] != body["event"]]
    assert [topic for topic in others if topic != "sync.n1"] == []


def test_events_of_one_topic_are_published_in_the_order_in_which_tws_sent_them(ready):
    subscribe(ready)
    for price in (3.0, 1.0, 2.0, 2.0):
        tick(ready, price)
    assert [body["data"]["price"] for body in ready.on("market.265598.tickPrice")] == [3.0, 1.0, 2.0, 2.0]


# Joining late


def test_a_topic_keeps_so_many_values_at_most(monkeypatch):
    assert boards.KEPT == 10_000
    monkeypatch.setattr(boards, "KEPT", 3)
    topic_store = TopicStore()
    topic = topic_store.topic("account.DU1.", "position", lambda data: data["conId"])
    for con_id in (1, 2, 3, 1, 4):
        topic_store.publish(topic, {"conId": con_id}, 1)
    assert {event["data"]["conId"] for event in topic_store.snapshot("account.")["events"]} == {2, 3, 4}


def test_outages_are_no_values(ready):
    subscribe(ready)
    tick(ready)
    ready.error(-1, 1100, "lost")
    ready.error(-1, 1102, "back")
    tick(ready)
    ready.wait(25)
    told = {body["event"] for _, body in ready.events}
    passing = {"gap", "recovered", "stale", "fresh", "notice"}
    assert passing <= told
    snapshot = ready.result(ready.ask("snapshot", prefix=""))
    assert passing & {event["event"] for event in snapshot["events"]} == set()
    assert "market.265598.stale" in snapshot["sequences"]


def test_a_lost_heartbeat_is_a_hole(ready):
    """A follower of the heartbeat notices that a connection missed one."""
    follower = Follower(["system.heartbeat"], nonce=lambda: "n1")
    follower.start(0.0)
    first = follower.commands()[-1]
    snapshot = ready.result(ready.ask("snapshot", **first.params))
    follower.on_reply(first.token, snapshot, 0.0)
    follower.on_event("sync.n1", ready.on("sync.n1")[0], 0.0)
    before = len(ready.on("system.heartbeat"))
    ready.wait(3)
    _missed, *heard = ready.on("system.heartbeat")[before:]
    for body in heard:
        follower.on_event("system.heartbeat", body, 1.0)
    assert [command.method for command in follower.commands() if hasattr(command, "method")] == ["snapshot"]


# What is new


def test_the_python_client_takes_what_it_does_not_know():
    """A bridge of a later build says more: keys, an event, a topic, a code, a word."""
    follower = Follower(["market."], nonce=lambda: "n1")
    follower.start(0.0)
    token = follower.commands()[-1].token
    result = {"epoch": "e1", "prefix": "market.", "sequences": {}, "floors": {}, "events": [], "gaps": [], "new": 1}
    follower.on_reply(token, result, 0.0)
    marker = {"v": 1, "epoch": "e1", "seq": 1, "ts": 1, "event": "sync", "data": {}, "new": 1}
    follower.on_event("sync.n1", marker, 0.0)
    follower.on_event("market.1.neverHeardOf", marker | {"event": "neverHeardOf", "data": {"state": "newWord"}}, 0.0)
    follower.on_event("weather.1.rain", marker | {"event": "rain"}, 0.0)
    assert [event.topic for event in follower.events()] == ["market.1.neverHeardOf"]
    calls = Calls("alice", utc=lambda: 1)
    call = calls.make("ping", None, 5.0, 0.0)
    error = {"code": "newCode", "message": "later", "new": 1}
    calls.on_reply(pack({"v": 1, "id": call.id, "ok": False, "error": error, "new": 1}))
    with pytest.raises(BridgeError) as raised:
        call.result()
    assert raised.value.code == "newCode"


# The same request


@pytest.mark.parametrize("more", [{"timeout": 5}, {"expires": 1}, {"stream": True}, {"instance": "two"}])
def test_the_same_id_with_another_timeout_is_the_same_request(ready, more):
    request(ready, "reqCurrentTime", "once")
    request(ready, "reqCurrentTime", "once", "elsewhere", **more)
    ready.tws("currentTime", currentTime=1)
    assert len(ready.sends("reqCurrentTime")) == 1
    assert [body["ok"] for body in ready.answers("once")] == [True, True]


def test_only_the_methods_that_the_contract_names_are_never_stored():
    assert {*builtin_methods.METHODS, ORDER_LOG, RELOAD} == {
        "ping", "hello", "status", "methods", "clients", "snapshot", "sequences", "release", "halt", "resume",
        "orderLog", "reload",
    }  # fmt: skip


@pytest.mark.parametrize(
    "refused", [{"v": 2}, {"timeout": 0}, {"params": {"zone": "UTC"}}], ids=["version", "timeout", "params"]
)
def test_a_request_that_was_not_taken_leaves_its_id_free(ready, refused):
    ready.request({"v": 1, "id": "x", "client": "alice", "method": "reqCurrentTime", **refused})
    assert [body["ok"] for body in ready.answers("x")] == [False]
    request(ready, "reqCurrentTime", "x")
    ready.tws("currentTime", currentTime=1)
    assert ready.answers("x")[-1]["ok"]


def test_parts_are_not_sent_again(ready):
    more = {"stream": True, "params": {"contract": AAPL}}
    request(ready, "reqContractDetails", "s1", **more)
    req_id = ready.last_sent("reqContractDetails")["reqId"]
    ready.tws("contractDetails", reqId=req_id, contract=AAPL, contractDetails={})
    ready.tws("contractDetailsEnd", reqId=req_id)
    before = len(ready.replies)
    request(ready, "reqContractDetails", "s1", "later", **more)
    (again,) = [reply.body for reply in ready.replies[before:]]
    assert (again["ok"], again["result"], again["parts"]) == (True, [], 1)


def test_what_is_not_open_cannot_be_ended(ready):
    id_ = ready.ask("cancelHistoricalData", id="none")
    assert id_ == "none"
    request(ready, "cancelHistoricalData", "c1", params={"id": "h1"})
    assert ready.failure("c1")["code"] == "unknownRequest"


# Leases and holds


def test_hello_tells_the_lease(make_bench):
    bench = make_bench(lease=12.0)
    bench.ready()
    told = bench.result(bench.ask("hello", instance="one"))
    assert told == {"v": 1, "epoch": "e1", "lease": 12.0, "client": "alice", "roles": ["admin"], "stored": True}
    status_ = bench.result(bench.ask("status"))
    assert (status_["v"], bool(status_["version"])) == (1, True)


@pytest.mark.parametrize(
    ("body", "renews"),
    [
        ({"method": "ping"}, True),
        ({"method": "reqCurrentTime", "id": "first"}, True),
        ({"method": "reqMktData"}, True),
        ({"method": "fly"}, False),
        ({"method": "ping", "timeout": -1}, False),
        ({"method": "startApi"}, False),
    ],
)
def test_what_renews_a_lease(ready, body, renews):
    request(ready, "reqCurrentTime", "first")
    subscribe(ready)
    tick(ready)
    ready.wait(LEASE - 5)
    ready.request({"v": 1, "id": "again", "client": "alice", **body})
    ready.wait(LEASE - 5)
    assert bool(ready.on("system.clientLost")) is not renews


def test_who_loses_a_hold_that_others_have_hears_no_end(ready):
    subscribe(ready)
    subscribe(ready, "bob")
    tick(ready)
    for _ in range(4):
        ready.wait(10)
        ready.ask("ping", client="bob")
    assert ready.on("system.clientLost")[0]["data"]["client"] == "alice"
    assert ready.on("market.265598.ended") == []
    assert held(ready) == {}
    assert held(ready, "bob") == {"265598": "live"}


def test_the_end_of_a_stream_that_all_may_hear_is_told_to_all(ready):
    ready.ask("reqNewsBulletins", allMessages=True)
    ready.tws("updateNewsBulletin", newsMessage="x")
    ready.wait(LEASE + 5)
    assert ready.on("system.ended")[0]["data"]["method"] == "reqNewsBulletins"


# Orders


def order(key, **more):
    return {"orderKey": key, "contract": AAPL, "order": {**ORDER, **more}}


@pytest.mark.parametrize(("count", "taken"), [(0, False), (50, True), (51, False)])
def test_a_group_has_so_many_orders_at_most(ready, count, taken):
    id_ = ready.ask("placeOrders", orders=[order(f"k{number}") for number in range(count)])
    assert len(ready.sends("placeOrder")) == (count if taken else 0)
    assert [body["error"]["code"] for body in ready.answers(id_)] == ([] if taken else ["invalidParams"])


def test_a_group_is_known_as_a_whole(ready):
    ready.ask("placeOrders", orders=[order("a"), order("b")])
    for order_id, perm_id in ((100, "1"), (101, "2")):
        status(ready, order_id, perm_id=perm_id)
    again = ready.result(ready.ask("placeOrders", orders=[order("a"), order("b")]))
    assert [facts["orderKey"] for facts in again["orders"]] == ["a", "b"]
    mixed = ready.ask("placeOrders", orders=[order("a"), order("c")])
    assert ready.failure(mixed)["code"] == "keyConflict"
    assert len(ready.sends("placeOrder")) == 2


def test_a_wait_for_an_order_that_still_waits_itself_is_not_answered_with_it(bench):
    bench.start()
    request(bench, "placeOrder", "p1", timeout=60, params=order("k1"))
    request(bench, "awaitOrder", "a1", timeout=5, params={"orderKey": "k1", "until": "ended"})
    bench.wait(6)
    assert bench.failure("a1")["code"] == "noResponse"
    assert bench.answers("p1") == []


@pytest.mark.parametrize(("limit", "taken"), [(0, False), (1, True), (1000, True), (1001, False)])
def test_the_log_is_read_in_pieces_of_so_many(ready, limit, taken):
    (body,) = ready.answers(ready.ask("orderLog", after=0, limit=limit))
    assert body["ok"] is taken


def test_an_order_log_without_a_limit_gives_500(ready):
    ready.ask("placeOrder", orderKey="k1", contract=AAPL, order=ORDER)
    for number in range(510):
        status(ready, 100, filled=str(number % 2))
    told = ready.result(ready.ask("orderLog", after=0))
    assert (told["head"], len(told["events"])) == (510, 500)


def test_answers_are_not_stored_across_a_restart():
    """A bridge that was started anew has no answers of before: an id of before is new to it."""
    first = Bench()
    first.ready()
    request(first, "reqCurrentTime", "x")
    first.tws("currentTime", currentTime=1)
    again = Bench(first.disk)
    again.ready()
    request(again, "reqCurrentTime", "x")
    assert len(again.sends("reqCurrentTime")) == 1
