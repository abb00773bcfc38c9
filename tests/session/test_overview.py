"""The overview: all that an operator looks at, true at the moment, bounded, and cheap."""

from __future__ import annotations

import json
import time

import pytest

from bridge.session.overview import completed, not_ready_reason
from bridge.session.rights.grants import Grant
from bridge.session.rights.permissions import Permissions
from tests.session.conftest import AAPL, Bench

ORDER = {"action": "BUY", "orderType": "LMT", "totalQuantity": "10", "lmtPrice": 190.0}


def look(bench):
    """The overview, as a reader gets it: it must be what JSON can carry."""
    made = bench.session.overview(bench.now)
    return json.loads(json.dumps(completed(None, made)))


def subscribe(bench, con_id, client="alice"):
    bench.ask("reqMktData", client=client, contract={**AAPL, "conId": con_id})
    return bench.sent[-1].data["reqId"]


def tick(bench, req_id, price=190.0):
    bench.tws("tickPrice", reqId=req_id, tickType=1, price=price, size="1", attrMask=0)


@pytest.fixture
def bench():
    bench = Bench()
    bench.ready()
    return bench


def test_a_bridge_that_trades_has_no_reason_not_to(bench):
    told = look(bench)
    assert not_ready_reason(told) is None
    assert told["connection"]["state"] == "ready"
    assert told["trading"] == {"halted": False, "reasons": {}, "tradable": True, "reason": None}
    assert told["accounts"] == ["DU1"]


def test_it_says_what_status_says(bench):
    subscribe(bench, 1)
    bench.ask("status", id="s")
    status = next(reply.body["result"] for reply in bench.replies if reply.body["id"] == "s")
    told = look(bench)
    for name in (
        "connection",
        "verdict",
        "farms",
        "lines",
        "cache",
        "started",
        "ts",
        "version",
        "openRequests",
        "undecoded",
    ):
        assert told[name] == status[name], name
    assert told["trading"]["tradable"] == status["orders"]["tradable"]
    used = {one["bound"]: one.get("used") for one in status["limits"]}
    assert {one["bound"]: one.get("used") for one in told["limits"]} == used
    assert [one["topic"] for one in told["streams"]] == [one["topic"] for one in status["streams"]]
    assert [one["state"] for one in told["streams"]] == [one["state"] for one in status["streams"]]


@pytest.mark.parametrize(
    ("happens", "code", "words"),
    [
        (lambda bench: bench.session.on_lost("gone", bench.now), "closed", "gone"),
        (lambda bench: bench.error(-1, 1100, "Connectivity lost"), "outOfReach", "Connectivity lost"),
        (lambda bench: bench.ask("halt", reason="lunch"), "halted", "lunch"),
        (lambda bench: bench.session.on_halt_file("the file", bench.now), "halted", "the file"),
    ],
)
def test_it_says_why_the_bridge_does_not_trade(bench, happens, code, words):
    happens(bench)
    bench.collect()
    found, text = not_ready_reason(look(bench))
    assert found == code
    assert words in text
    bench.ask("status", id="s")
    status = next(reply.body["result"] for reply in bench.replies if reply.body["id"] == "s")
    assert look(bench)["verdict"] == status["verdict"]


def test_a_bridge_that_waits_for_the_lists_is_not_tradable():
    bench = Bench()
    bench.ready(told=False)
    code, text = not_ready_reason(look(bench))
    assert code == "reconciling"
    assert "has not yet sent all its open orders" in text


def test_age_and_events_of_a_stream(bench):
    one, other = subscribe(bench, 1), subscribe(bench, 2, "bob")
    for _ in range(5):
        tick(bench, one)
    bench.clock += 3
    tick(bench, other)
    bench.clock += 4
    first, second = look(bench)["streams"]
    assert (first["topic"], first["state"], first["clients"], first["age"]) == ("market.1.", "live", ["alice"], 7.0)
    assert (second["age"], second["clients"]) == (4.0, ["bob"])
    assert first["events"] == 5


def test_a_stream_that_is_lost_keeps_the_age_of_its_last_event(bench):
    req_id = subscribe(bench, 1)
    tick(bench, req_id)
    bench.clock += 2
    tick(bench, req_id)  # by the fast path
    bench.session.on_lost("gone", bench.now)
    bench.collect()
    bench.clock += 10
    (stream,) = look(bench)["streams"]
    assert (stream["state"], stream["age"]) == ("lost", 10.0)


def test_a_stream_without_an_event_has_no_age(bench):
    subscribe(bench, 1)
    assert look(bench)["streams"][0]["age"] is None


def test_rates_follow_from_two_overviews(bench):
    req_id = subscribe(bench, 1)
    tick(bench, req_id)
    before = bench.session.overview(bench.now)
    for _ in range(10):
        tick(bench, req_id)
    bench.clock += 2
    tick(bench, subscribe(bench, 2))
    made = completed(before, bench.session.overview(bench.now))
    assert [stream["rate"] for stream in made["streams"]] == [5.0, None]
    assert made["clients"][0]["streams"] == ["market.1.", "market.2."]
    assert completed(before, before)["streams"][0]["rate"] is None
    restarted = {**before, "epoch": "other", "ts": before["ts"] - 1}
    assert completed(restarted, before)["streams"][0]["rate"] is None


def test_orders_in_doubt_are_listed_with_key_age_and_reason(bench):
    bench.ask("placeOrder", orderKey="k1", contract=AAPL, order=ORDER)
    bench.clock += 1
    bench.session.on_lost("gone", bench.now)
    bench.collect()
    bench.clock += 30
    orders = look(bench)["orders"]
    assert orders["byState"] == {"unknown": 1}
    assert orders["inDoubtCount"] == 1
    (order,) = orders["inDoubt"]
    assert (order["client"], order["orderKey"], order["state"], order["age"]) == ("alice", "k1", "unknown", 30.0)
    assert "the connection to TWS was lost" in order["reason"]


def test_orders_are_counted_and_timed(bench):
    bench.ask("placeOrder", orderKey="k1", contract=AAPL, order=ORDER)
    bench.clock += 0.2
    (sent,) = [send for send in bench.sent if send.name == "placeOrder"]
    bench.tws("openOrder", orderId=sent.data["orderId"], contract=AAPL, order={**ORDER, "permId": "7", "clientId": 1},
              orderState={"status": "Submitted"})  # fmt: skip
    tallies = bench.session.tallies
    assert look(bench)["orders"]["byState"] == {"acknowledged": 1}
    assert tallies.order_states == {"written": 1, "sent": 1, "acknowledged": 1}
    assert sum(tallies.order_sent.figures().counts) == 1
    assert tallies.order_answered.figures().sum == pytest.approx(0.2)
    assert look(bench)["clients"][0]["openOrders"] == 1


def test_what_waits_for_the_disk_is_the_lag_of_the_order_log(bench):
    bench.ask("placeOrder", orderKey="k1", contract=AAPL, order=ORDER)
    (sent,) = [send for send in bench.sent if send.name == "placeOrder"]
    bench.disk.held = True
    bench.tws("openOrder", orderId=sent.data["orderId"], contract=AAPL, order={**ORDER, "permId": "7", "clientId": 1},
              orderState={"status": "Submitted"})  # fmt: skip
    told = look(bench)
    assert told["orderLog"] == {"failure": None, "unwritten": 1}
    assert told["clients"][0]["orderLog"] == {"head": 0, "unwritten": 1}


def test_pre_trade_limits_show_what_is_used():
    grant = Grant(roles=frozenset({"trade"}), max_open_orders=5, max_orders_per_minute=10)
    bench = Bench(permissions=Permissions({"alice": grant, "eve": Grant()}))
    bench.ready()
    bench.ask("placeOrder", orderKey="k1", contract=AAPL, order=ORDER)
    assert look(bench)["clientLimits"] == [
        {"client": "alice", "limit": "max_open_orders", "used": 1, "most": 5},
        {"client": "alice", "limit": "max_orders_per_minute", "used": 1, "most": 10},
    ]
    bench.clock += 61
    assert look(bench)["clientLimits"][1]["used"] == 0


def test_refusals_name_client_method_code_and_rule():
    bench = Bench(permissions=Permissions({"eve": Grant()}))
    bench.ready()
    bench.ask("placeOrder", client="eve", orderKey="k1", contract=AAPL, order=ORDER)
    bench.request("nonsense", "eve")
    last, first = look(bench)["refusals"]
    assert (first["client"], first["method"], first["code"], first["rule"]) == (
        "eve", "placeOrder", "notPermitted", "roles",
    )  # fmt: skip
    assert (last["client"], last["code"]) == ("", "invalidRequest")
    assert first["ts"] == bench.now.ts


def test_a_thousand_streams_take_little_time(bench):
    """Under 2 ms on a quiet machine; here ten times that, because others use this one, too."""
    for number in range(1000):
        tick(bench, subscribe(bench, number + 1))
    times = []
    for _ in range(20):
        begun = time.process_time()
        bench.session.overview(bench.now)
        times.append(time.process_time() - begun)
    assert min(times) < 0.02
