"""The bridge's own methods, and what late joiners need of them."""

from __future__ import annotations

from tests.session.conftest import AAPL


def test_ping_and_status(ready):
    assert ready.result(ready.ask("ping")) == {"ts": ready.now.ts}
    status = ready.result(ready.ask("status"))
    assert status["connection"]["state"] == "ready"
    assert status["accounts"] == ["DU1"]
    assert status["openRequests"] == 0


def test_a_snapshot_holds_bid_and_ask_and_its_numbers(ready):
    ready.ask("reqMktData", contract=AAPL)
    req_id = ready.last_sent("reqMktData")["reqId"]
    for tick_type, price in ((1, 1.0), (2, 1.2), (1, 1.1)):
        ready.tws("tickPrice", reqId=req_id, tickType=tick_type, price=price, size="1")
    snapshot = ready.result(ready.ask("snapshot", prefix="market.265598."))
    assert snapshot["epoch"] == "e1"
    assert snapshot["sequences"] == {"market.265598.tickPrice": 3}
    prices = {event["data"]["tickType"]: event["data"]["price"] for event in snapshot["events"]}
    assert prices == {1: 1.1, 2: 1.2}
    assert [event["seq"] for event in snapshot["events"]] == [2, 3]


def test_the_marker_is_published_in_the_turn_of_the_snapshot(ready):
    id_ = ready.ask("snapshot", prefix="market.", nonce="abc")
    assert ready.result(id_)["prefix"] == "market."
    assert ready.on("sync.abc")[0]["event"] == "sync"
    assert not [
        name for name in ready.result(ready.ask("sequences", prefix=""))["sequences"] if name.startswith("sync")
    ]


def test_a_snapshot_asked_again_looks_again(ready):
    ready.request({"v": 1, "id": "s", "client": "a", "method": "snapshot", "params": {"prefix": "system.heartbeat"}})
    ready.wait(1)
    ready.request({"v": 1, "id": "s", "client": "a", "method": "snapshot", "params": {"prefix": "system.heartbeat"}})
    first, second = (reply.body["result"]["sequences"]["system.heartbeat"] for reply in ready.replies)
    assert second == first + 1


def test_request_events_are_numbered_but_not_in_snapshots(ready):
    ready.ask("reqCurrentTime")
    ready.tws("currentTime", currentTime=1)
    snapshot = ready.result(ready.ask("snapshot", prefix="request."))
    assert snapshot["sequences"] == {"request.alice.currentTime": 1}
    assert snapshot["events"] == []


def test_sequences_of_a_prefix(ready):
    found = ready.result(ready.ask("sequences", prefix="system.m"))["sequences"]
    assert found == {"system.managedAccounts": 1}


def test_methods_lists_each_with_its_schema(ready):
    methods = {method["method"]: method for method in ready.result(ready.ask("methods"))}
    assert "startApi" not in methods
    assert methods["reqMktData"]["params"]["required"] == ["contract"]
    assert "reqId" not in methods["reqMktData"]["params"]["properties"]
    assert {"ping", "snapshot", "placeOrder", "reqHistoricalData"} <= set(methods)


def test_clients_and_hello(ready):
    assert ready.result(ready.ask("hello", instance="run-7"))["epoch"] == "e1"
    (client,) = ready.result(ready.ask("clients"))
    assert (client["client"], client["instance"], client["streams"]) == ("alice", "run-7", [])
    assert ready.on("system.clientJoined")[0]["data"]["client"] == "alice"


def test_errors_are_neither_lost_nor_kept(ready):
    ready.error(-1, 2104, "farm")
    ready.error(555, 399, "about an order nobody knows")
    assert [body["data"]["errorCode"] for body in ready.on("system.notice")] == [2104, 399]
    assert ready.result(ready.ask("snapshot", prefix="system.notice"))["events"] == []
