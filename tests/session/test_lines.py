"""Lines at TWS: how many subscriptions of a kind it serves at a time, and the linger of a stream that nobody holds."""

from __future__ import annotations

import random
from typing import Any

import pytest

from bridge.session.rights.grants import Grant
from bridge.session.rights.permissions import Permissions
from bridge.session.streams.upstream import SubscriptionTiming
from tests.session.conftest import AAPL, Bench

LIMITS = {"marketData": 3, "marketDepth": 1, "accountSummary": 2}


def contract(con_id: int) -> dict[str, Any]:
    return {**AAPL, "conId": con_id}


def with_lines(linger: float = 0.0, **rules: Any) -> Bench:
    bench = Bench(lines=LIMITS, patience=SubscriptionTiming(linger=linger), **rules)
    bench.ready()
    return bench


def subscribe(bench: Bench, con_id: int, client: str = "alice") -> str:
    id_ = bench.ask("reqMktData", client=client, contract=contract(con_id))
    if bench.sends("reqMktData") and not bench.answers(id_):
        tick(bench)
    return id_


def tick(bench: Bench) -> None:
    bench.tws("tickPrice", reqId=bench.last_sent("reqMktData")["reqId"], tickType=1, price=1.0, size="1")


def lines(bench: Bench) -> dict[str, dict[str, Any]]:
    return {line["line"]: line for line in bench.result(bench.ask("status"))["lines"]}


def test_a_subscription_without_a_line_is_refused_with_the_holders() -> None:
    bench = with_lines()
    for con_id, client in ((1, "alice"), (2, "alice"), (3, "bob")):
        subscribe(bench, con_id, client)
    refused = bench.failure(bench.ask("reqMktData", client="carol", contract=contract(4)))
    assert (refused["code"], refused["data"]) == (
        "linesExhausted", {"line": "marketData", "limit": 3, "holders": {"alice": 2, "bob": 1}},
    )  # fmt: skip
    assert "alice 2, bob 1" in refused["message"]
    assert len(bench.sends("reqMktData")) == 3
    assert bench.result(subscribe(bench, 3, "carol"))["stream"] == "3", "a stream that TWS serves needs no line"
    bench.ask("release", stream="1")
    assert bench.result(subscribe(bench, 4, "carol"))["stream"] == "4"
    assert lines(bench)["marketData"] == {"line": "marketData", "limit": 3, "used": 3, "unheld": 0}


def test_real_time_bars_use_market_data_lines_and_order_books_their_own() -> None:
    bench = with_lines()
    for con_id in (1, 2):
        subscribe(bench, con_id)
    bars = {"barSize": 5, "whatToShow": "TRADES", "useRTH": False}
    bench.ask("reqRealTimeBars", contract=contract(1), **bars)
    refused = bench.failure(bench.ask("reqRealTimeBars", contract=contract(2), **bars))
    assert refused["data"]["line"] == "marketData"
    bench.ask("reqMktDepth", contract=contract(1), numRows=5)
    assert bench.failure(bench.ask("reqMktDepth", contract=contract(2), numRows=5))["data"]["limit"] == 1


def test_a_snapshot_uses_a_line_until_it_is_answered() -> None:
    bench = with_lines()
    for con_id in (1, 2):
        subscribe(bench, con_id)
    bench.ask("reqMktData", client="bob", contract=contract(3), snapshot=True)
    assert lines(bench)["marketData"]["used"] == 3
    for params in ({"snapshot": True}, {}):
        refused = bench.failure(bench.ask("reqMktData", contract=contract(4), **params))
        assert refused["data"]["holders"] == {"alice": 2, "bob": 1}
    bench.tws("tickSnapshotEnd", reqId=bench.last_sent("reqMktData")["reqId"])
    assert bench.result(subscribe(bench, 4))["stream"] == "4"


def test_a_client_has_its_own_limit() -> None:
    grants = {"alice": Grant(max_lines={"marketData": 1}), "bob": Grant()}
    bench = with_lines(permissions=Permissions(grants))
    subscribe(bench, 1, "bob")
    subscribe(bench, 2, "alice")
    subscribe(bench, 2, "alice")
    for con_id in (1, 3):
        refused = bench.failure(bench.ask("reqMktData", client="alice", contract=contract(con_id)))
        assert refused["code"] == "notPermitted"
        assert refused["data"] == {"rule": "max_lines", "line": "marketData", "limit": 1, "asked": 2}


def test_a_stream_lingers_and_costs_nothing_if_a_client_comes_back() -> None:
    bench = with_lines(linger=5.0)
    subscribe(bench, 1)
    bench.ask("release", stream="1")
    bench.wait(4)
    tick(bench)
    assert lines(bench)["marketData"] == {"line": "marketData", "limit": 3, "used": 1, "unheld": 1}
    back = bench.result(bench.ask("reqMktData", client="bob", contract=contract(1)))
    assert back["confirmed"] and back["snapshot"]["events"]
    bench.wait(10)
    assert (len(bench.sends("reqMktData")), bench.sends("cancelMktData")) == (1, [])
    bench.ask("release", client="bob", stream="1")
    bench.wait(4.9)
    assert not bench.sends("cancelMktData")
    bench.wait(0.2)
    assert len(bench.sends("cancelMktData")) == 1
    assert not list(bench.session._subscriptions.streams)


def test_a_stream_that_lingers_ends_when_its_line_is_needed() -> None:
    bench = with_lines(linger=5.0)
    for con_id in (1, 2, 3):
        subscribe(bench, con_id)
    first = bench.sends("reqMktData")[1]["reqId"]
    bench.ask("release", stream="2")
    bench.ask("release", stream="3")
    assert bench.result(subscribe(bench, 4, "bob"))["stream"] == "4"
    assert [send["reqId"] for send in bench.sends("cancelMktData")] == [first]
    names = [send.name for send in bench.sent if send.name.endswith("MktData")]
    assert names[-2:] == ["cancelMktData", "reqMktData"], "TWS gets the cancel first"


def test_a_stream_that_lingers_ends_with_the_connection() -> None:
    bench = with_lines(linger=5.0)
    subscribe(bench, 1)
    bench.ask("release", stream="1")
    bench.session.on_lost("end of file", bench.now)
    bench.collect()
    bench.wait(10)
    bench.ready()
    bench.wait(10)
    assert len(bench.sends("reqMktData")) == 1
    assert not bench.on("system.gap")[0]["data"]["streams"] if bench.on("system.gap") else True


def test_a_stream_whose_clients_are_lost_does_not_linger() -> None:
    bench = with_lines(linger=5.0, lease=4.0)
    subscribe(bench, 1)
    while not bench.on("system.clientLost"):
        bench.wait(0.5)
    assert len(bench.sends("cancelMktData")) == 1


@pytest.mark.parametrize("seed", range(20))
def test_never_more_lines_than_tws_has_and_none_is_lost(seed: int) -> None:
    """Clients join, release and take snapshots at random. TWS counts its lines by the messages that it gets."""
    dice = random.Random(seed)
    bench = with_lines(linger=dice.choice([0.0, 1.0, 5.0]), lease=10_000.0)
    open_, seen = set[int](), 0
    for _ in range(300):
        client, con_id = dice.choice(["alice", "bob", "carol"]), dice.randrange(1, 7)
        match dice.choice(["join", "join", "release", "snapshot", "end", "wait", "tick"]):
            case "join":
                bench.ask("reqMktData", client=client, contract=contract(con_id))
            case "release":
                bench.ask("release", client=client, stream=str(con_id))
            case "snapshot":
                bench.ask("reqMktData", client=client, contract=contract(con_id), snapshot=True)
            case "end" if snapshots := [s["reqId"] for s in bench.sends("reqMktData")[-5:] if s.get("snapshot")]:
                bench.tws("tickSnapshotEnd", reqId=(done := dice.choice(snapshots)))
                open_.discard(done)
            case "wait":
                bench.wait(dice.choice([0.1, 1.0, 3.0]))
            case "tick" if open_:
                bench.tws("tickPrice", reqId=dice.choice(sorted(open_)), tickType=1, price=1.0, size="1")
        for send in bench.sent[seen:]:
            if send.name == "reqMktData":
                open_.add(send.data["reqId"])
            elif send.name == "cancelMktData":
                open_.discard(send.data["reqId"])
            assert len(open_) <= LIMITS["marketData"]
        seen = len(bench.sent)
        lost = sum(stream.state == "lost" for stream in bench.session._subscriptions.streams)
        assert lines(bench)["marketData"]["used"] == len(open_) + lost
