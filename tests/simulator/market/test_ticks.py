"""Single ticks, of the past and as they happen: consistent with each other, with bars and with quotes."""

from typing import Any

import pytest

from tests.simulator.world import AAPL, EURUSD, OPENED, World

BOND = {"conId": 127128131, "exchange": "SMART"}
ARRIVED = {"Last": "tickByTickAllLast", "BidAsk": "tickByTickBidAsk", "MidPoint": "tickByTickMidPoint"}
PART = {"Last": "historicalTickLast", "BidAsk": "historicalTickBidAsk", "MidPoint": "historicalTickMidPoint"}
KINDS = {"Last": "TRADES", "BidAsk": "BID_ASK", "MidPoint": "MIDPOINT"}
LISTS = {"TRADES": "historicalTicksLast", "BID_ASK": "historicalTicksBidAsk", "MIDPOINT": "historicalTicks"}


def past(world: World, kind: str, **more: Any) -> list[dict[str, Any]]:
    query = {"contract": AAPL, "startDateTime": "", "endDateTime": "", "numberOfTicks": 100, "useRTH": False}
    ((name, data),) = world.ask("reqHistoricalTicks", reqId=9, whatToShow=kind, **(query | more))
    assert name == LISTS[kind] and data["isDone"], (name, data)
    ticks: list[dict[str, Any]] = data[name]
    return ticks


@pytest.mark.parametrize("kind", KINDS)
def test_what_came_tick_by_tick_is_told_again_as_history(kind: str) -> None:
    world = World(ticks_per_second=200)
    assert world.ask("reqTickByTickData", reqId=1, contract=AAPL, tickType=kind) == []
    world.ask("reqMktData", reqId=2, contract=AAPL)
    world.place(1, "BUY", "300")
    world.run(20, step=0.5)
    live = [data[PART[kind]] for data in world.events(ARRIVED[kind])]
    told = past(world, KINDS[kind], startDateTime=f"{world_time(OPENED)}", numberOfTicks=1000)
    assert len(live) > 5 and live == told
    if kind == "Last":
        prices = [data["price"] for data in world.events("tickPrice") if data["tickType"] == 4]
        assert [tick["price"] for tick in live] == prices[1:]  # the first told what stood
    world.ask("cancelTickByTickData", reqId=1)
    world.run(2)
    assert len(live) == len(list(world.events(ARRIVED[kind])))


def world_time(seconds: int) -> str:
    from bridge.simulator.core.times import local

    return f"{local(seconds, 'UTC'):%Y%m%d-%H:%M:%S}"


def test_old_trades_make_up_the_bars_of_their_time() -> None:
    world = World()
    query = {"barSizeSetting": "30 secs", "duration": "30 S", "whatToShow": "TRADES", "formatDate": 2}
    end = "20260310-18:00:30"
    bars = world.ask("reqHistoricalData", reqId=1, contract=AAPL, endDateTime=end, useRTH=False, **query)
    (bar,) = bars[0][1]["historicalDataBars"]
    ticks = [
        tick
        for tick in past(world, "TRADES", startDateTime="20260310-18:00:00", numberOfTicks=1000)
        if tick["time"] < int(bar["date"]) + 30
    ]
    assert sum(int(tick["size"]) for tick in ticks) == int(bar["volume"])
    assert len(ticks) == bar["barCount"]
    assert all(bar["low"] <= tick["price"] <= bar["high"] for tick in ticks)
    quotes = past(world, "BID_ASK", startDateTime="20260310-18:00:00", numberOfTicks=200)
    assert all(quote["priceBid"] < quote["priceAsk"] for quote in quotes)


@pytest.mark.parametrize("kind", LISTS)
def test_looking_back_ends_where_it_was_told_to_and_is_in_order(kind: str) -> None:
    world = World()
    before = past(world, kind, endDateTime="20260310 16:00:00 US/Eastern", numberOfTicks=50)
    after = past(world, kind, startDateTime="20260310 16:00:00 US/Eastern", numberOfTicks=50)
    for ticks in (before, after):
        assert len(ticks) >= 50 and [t["time"] for t in ticks] == sorted(t["time"] for t in ticks)
    assert before[-1]["time"] < after[0]["time"]
    regular = past(world, kind, startDateTime="20260310 16:00:00 US/Eastern", numberOfTicks=5, useRTH=True)
    assert regular[0]["time"] >= 1773235800  # 2026-03-11 09:30:00 in New York
    few = past(world, kind, contract=BOND, endDateTime="20260310 16:00:00 US/Eastern", numberOfTicks=20)
    assert len(few) >= 20


def test_past_ticks_come_first_where_they_are_asked_for() -> None:
    world = World()
    answer = world.ask("reqTickByTickData", reqId=1, contract=AAPL, tickType="BidAsk", numberOfTicks=7)
    assert [name for name, _ in answer] == ["historicalTicksBidAsk"]
    assert len(answer[0][1]["historicalTicksBidAsk"]) == 7
    still = world.ask("reqTickByTickData", reqId=2, contract=AAPL, tickType="BidAsk", ignoreSize=True)
    assert still == []
    world.run(20)
    both = {asked: [e for e in world.events("tickByTickBidAsk") if e["reqId"] == asked] for asked in (1, 2)}
    assert 0 < len(both[2]) < len(both[1])


def test_after_many_ticks_those_that_are_no_longer_kept_are_made_of_bars() -> None:
    world = World(ticks_per_second=20_000)
    world.run(6, step=1)
    feed = world.exchange.market.feeds[265598]
    assert feed.log.prints_since > OPENED + 1
    start = world_time(OPENED + 1)
    ticks = past(world, "TRADES", startDateTime=start, numberOfTicks=1000)
    bar = feed.series.bar(1, OPENED + 1, "TRADES")
    first = [tick for tick in ticks if tick["time"] == OPENED + 1]
    assert bar is not None and sum(int(tick["size"]) for tick in first) == bar.volume


@pytest.mark.parametrize(
    ("name", "wrong", "code"),
    [
        ("reqTickByTickData", {"tickType": "Nonsense"}, 321),
        ("reqTickByTickData", {"tickType": "Last", "contract": EURUSD}, 10189),
        ("reqTickByTickData", {"tickType": "Last", "numberOfTicks": 5000}, 321),
        ("reqHistoricalTicks", {"whatToShow": "TRADES"}, 10187),
        ("reqHistoricalTicks", {"whatToShow": "TRADES", "startDateTime": "soon"}, 10314),
        ("reqHistoricalTicks", {"whatToShow": "BIDS", "startDateTime": "20260310 16:00:00"}, 321),
        (
            "reqHistoricalTicks",
            {"whatToShow": "BID_ASK", "startDateTime": "20260310 16:00:00", "numberOfTicks": 0},
            321,
        ),
        ("reqHistoricalTicks", {"whatToShow": "TRADES", "endDateTime": "20260310 16:00:00", "contract": EURUSD}, 10187),
        ("cancelTickByTickData", {}, 300),
    ],
)
def test_impossible_requests_are_refused(name: str, wrong: dict[str, Any], code: int) -> None:
    world = World()
    world.ask(name, reqId=4, **({"contract": AAPL, "numberOfTicks": 10} | wrong))
    assert world.errors() == [(4, code)]


def test_an_options_trades_are_known_one_by_one_since_the_opening() -> None:
    world = World(ticks_per_second=2000)
    option = {"conId": 700000001, "exchange": "SMART"}
    world.run(5)
    since = past(world, "TRADES", contract=option, startDateTime="20260301 00:00:00", numberOfTicks=500)
    back = past(world, "TRADES", contract=option, endDateTime=world_time(OPENED + 60), numberOfTicks=500)
    assert since == back and since[0]["time"] >= OPENED
    assert past(world, "TRADES", contract=option, endDateTime="20260301 00:00:00") == []


def test_who_leaves_hears_no_more() -> None:
    world = World(clients=(1, 2), ticks_per_second=500)
    for client in (1, 2):
        world.ask("reqTickByTickData", client, reqId=1, contract=AAPL, tickType="BidAsk")
        world.ask("reqMktDepth", client, reqId=2, contract=EURUSD, numRows=2)
    world.exchange.on_disconnect(2, world.now)
    assert {to for to, _, _ in world.run(3)} == {1}


def test_five_at_a_time_and_each_id_once() -> None:
    world = World()
    for asked in (1, 1, 2, 3, 4, 5, 6):
        world.ask("reqTickByTickData", reqId=asked, contract=AAPL, tickType="MidPoint")
    assert world.errors() == [(1, 102), (6, 10190)]
