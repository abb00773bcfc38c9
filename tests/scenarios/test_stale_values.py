"""Old values are not served as current: what was seen in a review of outages, at real sockets.

Cases 1, 2, 3, 5, 6 and 7 of that review, each with what TWS said when it was seen.
"""

from __future__ import annotations

import contextlib
import time

import pytest

from tests.chaos.world import AAPL
from tests.scenarios.conftest import both_encodings
from tests.scenarios.scripted import PATIENCE, TODAY, error

BID, ASK, LAST, HIGH = 1, 2, 4, 6
MARKET = {"action": "BUY", "orderType": "MKT", "totalQuantity": 100}

pytestmark = pytest.mark.parametrize(
    "settings", ["subscribe_grace = 0.3\nsubscribe_retry = 1.0\nsubscribe_verify = 1.0"], ids=["hurried"]
)


@pytest.fixture
def rights():
    everything = 'roles = ["observe", "account", "trade"]\n'
    return {"alice": everything + "max_order_notional = {USD = 15000}", "bob": everything, "carol": everything}


def subscribe(stage, client="alice"):
    return stage.ask("reqMktData", {"contract": AAPL}, client, timeout=5)


def quote(tws, *prices, nth=None):
    """Ticks of bid, ask, last and high under the newest subscription, or under the nth that TWS was sent."""
    req_id = served(tws, nth)
    kinds = (BID, ASK, LAST, HIGH)
    tws.say(*(("tickPrice", {"reqId": req_id, "tickType": k, "price": p}) for k, p in zip(kinds, prices, strict=False)))


def served(tws, nth=None, method="reqMktData"):
    tws.until(lambda: len(tws.sent(method)) >= (nth or 1), f"the bridge sent no {method} number {nth}")
    return tws.sent(method)[-1 if nth is None else nth - 1]["reqId"]


def values(stage, prefix="market."):
    """Of each value of a snapshot its price, or position, and whether it is stale."""
    events = stage.ask("snapshot", {"prefix": prefix}, "bob").told()["events"]
    return [(worth, event.get("stale", False)) for event in events if (worth := told(event["data"])) is not None]


def told(data):
    """The price of a tick or of a row of a book, or the position."""
    data = data.get("marketDepthData", data)
    return data["price"] if "price" in data else data.get("position")


def becomes(look, wanted):
    """What `look` gives is this, soon."""
    deadline = time.monotonic() + PATIENCE
    while (found := look()) != wanted:
        assert time.monotonic() < deadline, found
        time.sleep(0.02)


@contextlib.contextmanager
def following(stage, prefix):
    """Bob follows these topics from now on."""
    with stage.client("bob").subscribe(prefix) as events:
        while not events.is_live:
            events.poll(0.05)
        yield events


def hear(events, *names):
    """The live events of these names, up to the first of the last name."""
    heard, deadline = [], time.monotonic() + PATIENCE
    while not heard or heard[-1].envelope["event"] != names[-1]:
        assert time.monotonic() < deadline, heard
        event = events.poll(0.1)
        if event is not None and event.origin == "live" and event.envelope["event"] in names:
            heard.append(event)
    return heard


@pytest.fixture
def streaming(stage, tws):
    """Alice and bob hold a stream: bid 100, ask 101, last 100.5, high 110."""
    first = subscribe(stage)
    quote(tws, 100.0, 101.0, 100.5, 110.0)
    assert first.told()["confirmed"] is True
    assert subscribe(stage, "bob").told()["confirmed"] is True
    return stage


# Case 1


@both_encodings
def test_1_after_1101_no_dead_price_is_served(streaming, tws):
    tws.say(error(-1, 1100), error(-1, 1101))
    streaming.heard()
    asked = subscribe(streaming, "carol")
    assert served(tws, 2) != served(tws, 1)
    assert all(is_stale for _, is_stale in values(streaming))
    quote(tws, 200.0, nth=2)
    answer = asked.told()
    assert answer["confirmed"] is True
    assert [event["data"]["price"] for event in answer["snapshot"]["events"]] == [200.0]


@both_encodings
def test_1_after_1101_no_limit_is_judged_by_a_dead_quote(streaming, tws):
    """The price has doubled meanwhile: 100 of it are worth 20,000, and the limit is 15,000."""
    tws.contracts = {AAPL["conId"]: {**AAPL, "multiplier": "1"}}
    order = {"contract": AAPL, "order": MARKET}
    asked = streaming.ask("placeOrder", {"orderKey": "k1", **order})
    tws.say(tws.order("k1").stands())
    assert asked.told()["state"] == "acknowledged"
    passes = tws.passes
    tws.say(error(-1, 1100), error(-1, 1101))
    tws.until(lambda: tws.passes > passes, "the bridge made no pass")
    refused = streaming.ask("placeOrder", {"orderKey": "k2", **order}).told()
    assert (refused["code"], refused["rule"]) == ("notPermitted", "max_order_notional")
    quote(tws, 200.0, nth=2)
    becomes(lambda: values(streaming), [(200.0, False)])
    refused = streaming.ask("placeOrder", {"orderKey": "k3", **order}).told()
    assert (refused["code"], refused["rule"]) == ("notPermitted", "max_order_notional")
    assert tws.placed("k2") == tws.placed("k3") == []


def test_1_after_1102_a_stream_that_brings_nothing_is_asked_for_again(streaming, tws):
    tws.say(error(-1, 1100), error(-1, 1102))
    assert served(tws, 2) != served(tws, 1)
    assert [data["reqId"] for data in tws.sent("cancelMktData")] == [served(tws, 1)]


# Case 2


@both_encodings
def test_2_after_a_reconnect_no_value_from_before_is_served_as_current(streaming, tws):
    depth = streaming.ask("reqMktDepth", {"contract": AAPL, "numRows": 5}, "bob")
    book(tws, 1, *(10.0 - row for row in range(5)))
    assert depth.told()["confirmed"] is True
    tws.clock = TODAY
    tws.drop()
    becomes(lambda: {is_stale for _, is_stale in values(streaming)}, {True})
    becomes(lambda: {is_stale for _, is_stale in values(streaming, "depth.")}, {True})
    again = subscribe_soon(streaming, "carol")
    quote(tws, 150.0, nth=2)
    answer = again.told()
    assert (answer["confirmed"], values(streaming)) == (True, [(150.0, False)])
    book(tws, 2, 9.5)
    becomes(lambda: values(streaming, "depth."), [(9.5, False)])


def book(tws, nth, *prices):
    req_id = served(tws, nth, "reqMktDepth")
    side = {"operation": 0, "side": 1, "size": "1"}
    rows = [{"reqId": req_id, "marketDepthData": {"position": n, "price": p, **side}} for n, p in enumerate(prices)]
    tws.say(*(("updateMktDepth", row) for row in rows))


def subscribe_soon(stage, client):
    """Subscribe as soon as the bridge is connected again."""
    deadline = time.monotonic() + PATIENCE
    while stage.ask("status", {}, client).told()["connection"]["state"] != "ready":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return subscribe(stage, client)


# Case 3


@both_encodings
def test_3_a_position_that_was_closed_in_an_outage_is_gone(stage, tws):
    other = {**AAPL, "conId": 8314, "symbol": "IBM"}
    held = [("position", {"account": "DU1", "contract": c, "position": "10", "avgCost": 1.0}) for c in (AAPL, other)]
    tws.positions = held
    assert stage.ask("reqPositions", {}).told()["confirmed"] is True
    assert values(stage, "account.") == [("10", False), ("10", False)]
    tws.positions = held[:1]
    with following(stage, "account.") as events:
        stage.reconnect(TODAY)
        (gone,) = hear(events, "gone")
        assert gone.data["data"]["contract"]["conId"] == 8314
    becomes(lambda: values(stage, "account."), [("10", False)])
    late = stage.ask("reqPositions", {}, "carol").told()
    assert late["confirmed"] is True
    positions = [e["data"]["contract"]["conId"] for e in late["snapshot"]["events"] if e["event"] == "position"]
    assert positions == [AAPL["conId"]]


# Case 5


def test_5_asking_again_for_a_quiet_stream_takes_it_from_nobody(stage, tws):
    for client in ("alice", "bob", "alice"):
        assert subscribe(stage, client).told()["confirmed"] is False
    tws.until(lambda: len(tws.sent("reqMktData")) == 3, "the bridge does not ask again")
    time.sleep(1.5)
    asked, cancelled = tws.sent("reqMktData"), tws.sent("cancelMktData")
    assert [data["reqId"] for data in cancelled] == [data["reqId"] for data in asked[:-1]]
    quote(tws, 100.0)
    becomes(lambda: values(stage), [(100.0, False)])


# Case 6


def test_6_a_reset_book_is_empty_and_a_halted_one_is_asked_for_again(stage, tws):
    asked = stage.ask("reqMktDepth", {"contract": AAPL, "numRows": 5})
    book(tws, 1, 1.0, 2.0)
    asked.told()
    tws.say(error(served(tws, 1, "reqMktDepth"), 317))
    becomes(lambda: values(stage, "depth."), [])
    book(tws, 1, 3.0)
    becomes(lambda: values(stage, "depth."), [(3.0, False)])
    tws.say(error(served(tws, 1, "reqMktDepth"), 316))
    book(tws, 2, 4.0)
    becomes(lambda: values(stage, "depth."), [(4.0, False)])


# Case 7


def test_7_a_subscription_that_tws_drops_after_it_has_started_is_sent_again(stage, tws):
    asked = stage.ask("reqPositionsMulti", {"account": "DU1"}, timeout=10)
    req_id = served(tws, 2, "reqPositionsMulti")
    tws.say(("positionMultiEnd", {"reqId": req_id}))
    assert asked.told()["confirmed"] is True


# Gaps


def test_an_outage_is_one_gap_and_one_recovered(streaming, tws):
    with following(streaming, "system.") as events:
        tws.drop()
        quote(tws, 1.0, nth=2)
        gap, recovered = hear(events, "gap", "recovered")
    assert gap.data["streams"] == recovered.data["streams"] == ["265598"]
    assert gap.data["since"] == recovered.data["since"] < recovered.data["until"]
