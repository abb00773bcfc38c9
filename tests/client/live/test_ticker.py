"""Which tick fills which field of a ticker."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.client.live.desk import AAPL, MARKET, TS, Desk, price, subscription
from tws_bridge_client.generated import messages
from tws_bridge_client.live import shared
from tws_bridge_client.live.book import as_time

PRICES = {"bid": (1, 66), "ask": (2, 67), "last": (4, 68), "high": (6, 72), "low": (7, 73),
          "previous_close": (9, 75), "open": (14, 76), "mark": (37,)}  # fmt: skip
SIZES = {"bid_size": (0, 69), "ask_size": (3, 70), "last_size": (5, 71), "volume": (8, 74)}


@pytest.mark.parametrize(
    ("field", "delayed"), [(field, at) for field, pair in PRICES.items() for at in range(len(pair))]
)
def test_a_price_fills_its_field(field, delayed):
    kind = PRICES[field][delayed]
    ticker = Desk().ticker(("tickPrice", price(kind, 42.5)))
    assert getattr(ticker, field) == 42.5
    assert ticker.delayed == delayed
    assert [other for other in PRICES if getattr(ticker, other) is not None] == [field]
    assert ticker.ticks == {kind: 42.5}


@pytest.mark.parametrize("field", SIZES)
@pytest.mark.parametrize("delayed", [False, True])
def test_a_size_fills_its_field(field, delayed):
    ticker = Desk().ticker(("tickSize", {"tickType": SIZES[field][delayed], "size": "7.5"}))
    assert getattr(ticker, field) == Decimal("7.5")
    assert ticker.delayed == delayed


def test_a_price_brings_its_size_and_minus_one_is_none():
    desk = Desk()
    ticker = desk.ticker(("tickPrice", price(1, 10.0, "300")))
    assert (ticker.bid, ticker.bid_size) == (10.0, 300)
    desk.hear(f"{MARKET}tickPrice", price(1, -1, "0"))
    assert (ticker.bid, ticker.bid_size, ticker.midpoint()) == (None, 0, None)
    desk.hear(f"{MARKET}tickPrice", price(4, -1.0))
    assert ticker.last == -1.0, "a trade of a spread can have this price"


def test_delayed_is_told_by_market_data_type_too_and_ends_with_a_real_time_tick():
    desk = Desk()
    ticker = desk.ticker(("marketDataType", {"marketDataType": 3}))
    assert ticker.delayed
    desk.hear(f"{MARKET}tickPrice", price(1, 10.0))
    assert not ticker.delayed


def test_other_ticks_are_in_ticks_only():
    values = [("tickString", {"tickType": 45, "value": "1760000000"}), ("tickGeneric", {"tickType": 49, "value": 0.0})]
    assert Desk().ticker(*values).ticks == {45: "1760000000", 49: 0.0}


def test_time_and_age():
    desk = Desk()
    ticker = desk.ticker()
    assert (ticker.time, ticker.age) == (None, float("inf"))
    desk.hear(f"{MARKET}tickPrice", price(1, 10.0))
    desk.now += 2.5
    assert ticker.time == as_time(TS)
    assert ticker.age == 2.5


def test_the_age_of_a_value_in_a_snapshot_is_that_at_the_bridge():
    desk = Desk()
    ticker = shared.new_ticker(desk.hub, AAPL, "")
    desk.collect()
    desk.answer("reqMktData", subscription())
    desk.join(MARKET, ("tickPrice", price(1, 10.0)), age=40.0)
    assert ticker.age == 40.0
    desk.hear(f"{MARKET}tickPrice", price(2, 11.0))
    assert ticker.age == 0.0
    desk.hear(f"{MARKET}tickPrice", price(2, 11.0), skip=3)
    desk.join(MARKET, ("tickPrice", price(1, 10.0)), ("tickPrice", price(2, 11.0)), age=50.0)
    assert ticker.age == 50.0, "the newest value of the snapshot"


def test_words_about_the_stream_make_no_value_younger():
    desk = Desk()
    ticker = desk.ticker(("tickPrice", price(1, 10.0)))
    desk.wait(30)
    outage = {"stream": "265598", "topic": MARKET, "reason": "cut", "since": 1}
    desk.hear(f"{MARKET}stale", outage)
    desk.hear(f"{MARKET}error", {"errorCode": 10197, "errorMsg": "another session", "id": 1})
    desk.hear(f"{MARKET}marketDataType", {"marketDataType": 1})
    assert ticker.age == 30.0


def test_a_value_that_the_program_reads_late_is_old():
    desk = Desk()
    ticker = desk.ticker()
    envelope = desk._envelope(f"{MARKET}tickPrice", "tickPrice", price(1, 10.0))
    desk.now += 20.0
    desk.hub.on_event(f"{MARKET}tickPrice", envelope, desk.now)
    desk.wait(1)
    assert ticker.age == 21.0


def test_callbacks_of_a_class_and_of_an_object_and_how_they_end():
    desk = Desk()
    ticker = desk.ticker()
    heard, updated = [], []
    off = desk.hub.listeners.on(messages.TickPrice, lambda message, event: heard.append((message.price, event.topic)))
    off_update = desk.hub.listeners.on_update(ticker, updated.append)

    def play():
        for value in (1.0, 2.0):
            desk.hear(f"{MARKET}tickPrice", price(1, value))
        desk.hear(f"{MARKET}tickSize", {"tickType": 0, "size": "1"})
        for callback, arguments, _ in desk.hub.listeners.due():
            callback(*arguments)

    play()
    assert heard == [(1.0, f"{MARKET}tickPrice"), (2.0, f"{MARKET}tickPrice")]
    assert updated == [ticker], "several changes are one call"
    off()
    off_update()
    off()
    play()
    assert (len(heard), len(updated)) == (2, 1)
    with pytest.raises(TypeError, match="not the class of an event"):
        desk.hub.listeners.on(int, print)


def test_events_that_no_loop_reads_are_dropped_with_a_gap(monkeypatch):
    monkeypatch.setattr("tws_bridge_client.live.listeners.MOST_UNREAD", 3)
    desk = Desk()
    desk.ticker()
    for value in range(6):
        desk.hear(f"{MARKET}tickPrice", price(1, float(value)))
    unread = desk.hub.unread
    first = unread.take()
    assert (first.origin, first.data["reason"]) == ("gap", "the program has not read 6 events in time")
    assert unread.take() is None
    desk.hear(f"{MARKET}tickPrice", price(1, 9.0))
    event = unread.take()
    assert (event.origin, event.message.price) == ("live", 9.0)


def test_two_objects_with_equal_values_have_a_call_each():
    desk = Desk()
    first, second = shared.new_open_orders(desk.hub), shared.new_open_orders(desk.hub)
    desk.collect()
    desk.join("order.me.")
    called = []
    for live in (first, second):
        desk.hub.listeners.on_update(live, lambda shown: called.append(id(shown)))
    one = called.append
    for live in (first, second):
        desk.hub.listeners.on_update(live, one)
    desk.hear("order.me.k.orderStatus", {"orderId": 1, "status": "Filled"})
    due = desk.hub.listeners.due()
    assert first == second, "as maps they are equal"
    assert [id(call.arguments[0]) for call in due if call.callback is one] == [id(first), id(second)]
