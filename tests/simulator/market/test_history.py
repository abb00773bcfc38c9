"""Historical bars: every size and kind, the seam to live quotes, refusals."""

from typing import Any

import pytest

from bridge.simulator.core.times import parse_moment
from bridge.simulator.market.history import SIZES
from tests.simulator.world import AAPL, EURUSD, OPENED, World

BASIC = {
    "contract": AAPL,
    "endDateTime": "",
    "barSizeSetting": "1 min",
    "duration": "1800 S",
    "useRTH": False,
    "whatToShow": "TRADES",
    "formatDate": 2,
}


def bars(world: World, **changes: Any) -> list[dict[str, Any]]:
    answer = world.ask("reqHistoricalData", **(BASIC | {"reqId": 6} | changes))
    assert [name for name, _ in answer] == ["historicalData", "historicalDataEnd"], answer
    found: list[dict[str, Any]] = answer[0][1]["historicalDataBars"]
    return found


@pytest.fixture(scope="module")
def watched() -> World:
    """A minute and a half in which one client has watched AAPL."""
    world = World(ticks_per_second=1000)
    world.ask("reqMktData", reqId=1, contract=AAPL)
    world.run(90, step=0.25)
    return world


@pytest.mark.parametrize("size", SIZES)
def test_every_size_gives_sound_bars(size: str) -> None:
    seconds = SIZES[size]
    duration = "1000 S" if seconds < 60 else "1 D" if seconds < 86_400 else "1 Y"
    found = bars(World(), barSizeSetting=size, duration=duration)
    assert found
    for bar in found:
        assert bar["low"] <= min(bar["open"], bar["close"]) <= max(bar["open"], bar["close"]) <= bar["high"]
        assert bar["low"] - 0.01 <= float(bar["WAP"]) <= bar["high"] + 0.01
    dates = [bar["date"] for bar in found]
    assert dates == sorted(set(dates))
    if seconds < 86_400:
        assert all(int(date) % min(seconds, 3600) == 0 for date in dates)
        assert int(dates[-1]) <= OPENED < int(dates[-1]) + seconds


@pytest.mark.parametrize(("fine", "coarse"), [("5 secs", "1 min"), ("1 min", "1 hour"), ("30 mins", "4 hours")])
def test_fine_bars_add_up_to_coarse_ones(watched: World, fine: str, coarse: str) -> None:
    span = SIZES[coarse]
    start = (OPENED // 14_400 - 1) * 14_400 if span > 3600 else OPENED // span * span - span
    query = {"endDateTime": "", "duration": "20000 S" if SIZES[fine] >= 60 else "1800 S"}
    small, large = bars(watched, barSizeSetting=fine, **query), bars(watched, barSizeSetting=coarse, **query)
    for whole in large[1:]:
        begin = int(whole["date"])
        parts = [bar for bar in small if begin <= int(bar["date"]) < begin + span]
        assert parts and begin >= min(start, begin)
        assert whole["open"] == parts[0]["open"] and whole["close"] == parts[-1]["close"]
        assert whole["high"] == max(bar["high"] for bar in parts)
        assert whole["low"] == min(bar["low"] for bar in parts)
        assert int(whole["volume"]) == sum(int(bar["volume"]) for bar in parts)


@pytest.mark.parametrize(("kind", "tick_types"), [("TRADES", {4}), ("BID", {1}), ("ASK", {2}), ("MIDPOINT", {1, 2})])
@pytest.mark.parametrize("size", ["5 secs", "1 min", "30 mins"])
def test_bars_contain_the_quotes_that_were_sent(watched: World, kind: str, tick_types: set[int], size: str) -> None:
    found = bars(watched, barSizeSetting=size, whatToShow=kind, duration="1800 S")
    prices: dict[int, list[float]] = {}
    quote: dict[int, float] = {}
    for data in list(watched.events("tickPrice"))[-1000:]:
        if data["tickType"] in tick_types:
            quote[data["tickType"]] = data["price"]
            if kind != "MIDPOINT":
                prices.setdefault(0, []).append(data["price"])
            elif len(quote) == 2 and data["tickType"] == 2:
                prices.setdefault(0, []).append((quote[1] + quote[2]) / 2)
    high, low = max(bar["high"] for bar in found[-20:]), min(bar["low"] for bar in found[-20:])
    assert prices[0]
    assert low - 1e-9 <= min(prices[0]) and max(prices[0]) <= high + 1e-9
    if kind != "MIDPOINT":
        assert found[-1]["close"] == prices[0][-1]


def test_regular_hours_only() -> None:
    found = bars(World(), useRTH=True, duration="2 D", formatDate=1, barSizeSetting="1 hour")
    assert {bar["date"][9:14] for bar in found} == {
        "09:30", "10:00", "11:00", "12:00", "13:00", "14:00", "15:00",
    }  # fmt: skip
    assert {bar["date"][:8] for bar in found} == {"20260310", "20260311"}
    assert all(bar["date"].endswith(" US/Eastern") for bar in found)


def test_days_are_dates_and_weekends_have_no_regular_session() -> None:
    found = bars(World(), useRTH=True, duration="1 W", barSizeSetting="1 day", endDateTime="20260311 12:00:00")
    assert [bar["date"] for bar in found] == ["20260304", "20260305", "20260306", "20260309", "20260310", "20260311"]


def test_a_past_end_is_kept() -> None:
    found = bars(World(), endDateTime="20260115 12:00:00 US/Eastern", duration="3600 S")
    end = parse_moment("20260115 12:00:00", "US/Eastern")
    assert [int(bar["date"]) for bar in found] == list(range(end - 3600, end, 60))


def test_kinds_beside_trades_have_no_volume() -> None:
    for kind in ("BID", "ASK", "MIDPOINT", "BID_ASK", "OPTION_IMPLIED_VOLATILITY", "HISTORICAL_VOLATILITY"):
        found = bars(World(), whatToShow=kind)
        assert {(bar["volume"], bar["WAP"], bar["barCount"]) for bar in found} == {("-1", "-1", -1)}
        if kind.endswith("VOLATILITY"):
            assert all(0.01 < bar["low"] <= bar["high"] < 3 for bar in found)
    euro = bars(World(), whatToShow="MIDPOINT", contract=EURUSD)
    assert all(0.5 < bar["low"] <= bar["high"] < 2 for bar in euro)


def test_the_same_seed_gives_the_same_history() -> None:
    query = {"barSizeSetting": "1 day", "duration": "1 M"}
    assert bars(World(seed=4), **query) == bars(World(seed=4), **query)
    assert bars(World(seed=4), **query) != bars(World(seed=5), **query)


def test_options_and_futures_have_history_too() -> None:
    option = {"conId": 700000001, "exchange": "SMART"}
    daily = bars(World(), contract=option, barSizeSetting="1 day", duration="1 M")
    hourly = bars(World(), contract=option, barSizeSetting="1 hour", duration="1 W")
    assert daily and hourly and all(bar["low"] > 0 for bar in daily)
    assert bars(World(), contract={"conId": 649180671, "exchange": "CME"})


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"barSizeSetting": "7 mins"}, 321),
        ({"barSizeSetting": ""}, 321),
        ({"duration": "1 X"}, 321),
        ({"duration": ""}, 321),
        ({"duration": "0 D"}, 321),
        ({"duration": "90000 S"}, 321),
        ({"duration": "400 D"}, 321),
        ({"duration": "2 D", "barSizeSetting": "1 secs"}, 162),
        ({"whatToShow": "GUESSES"}, 321),
        ({"whatToShow": "TRADES", "contract": EURUSD}, 162),
        ({"whatToShow": "FEE_RATE"}, 162),
        ({"whatToShow": "OPTION_IMPLIED_VOLATILITY", "contract": EURUSD}, 162),
        ({"endDateTime": "yesterday"}, 10314),
        ({"endDateTime": "19800101 00:00:00"}, 162),
        ({"keepUpToDate": True, "endDateTime": "20260101 00:00:00"}, 321),
        ({"keepUpToDate": True, "whatToShow": "BID_ASK"}, 162),
        ({"whatToShow": "ADJUSTED_LAST", "endDateTime": "20260101 00:00:00"}, 321),
        ({"contract": {"conId": 1, "exchange": "SMART"}}, 200),
    ],
)
def test_impossible_requests_are_refused(changes: dict[str, Any], code: int) -> None:
    world = World()
    world.ask("reqHistoricalData", reqId=5, **(BASIC | changes))
    assert world.errors() == [(5, code)]


def test_old_versions_have_start_and_end_in_the_answer() -> None:
    answer = World(version=195).ask("reqHistoricalData", reqId=5, **BASIC)
    assert [name for name, _ in answer] == ["historicalData"]
    assert answer[0][1]["endDateStr"].startswith("20260311 15:00:11")


def test_a_request_kept_up_to_date_hears_every_change() -> None:
    world = World(ticks_per_second=1000)
    world.ask("reqHistoricalData", reqId=5, **(BASIC | {"keepUpToDate": True, "barSizeSetting": "5 secs"}))
    world.run(20)
    updates = [data["historicalDataBar"] for data in world.events("historicalDataUpdate")]
    assert len({bar["date"] for bar in updates}) >= 4
    final = {bar["date"]: bar for bar in updates}
    later = {bar["date"]: bar for bar in bars(world, barSizeSetting="5 secs", duration="60 S")}
    closed = sorted(final)[:-1]
    assert closed and all(final[date] == later[date] for date in closed)
    world.ask("cancelHistoricalData", reqId=5)
    heard = len(updates)
    world.run(5)
    assert len(list(world.events("historicalDataUpdate"))) == heard
    world.ask("cancelHistoricalData", reqId=5)
    assert world.errors() == [(5, 366)]


def test_real_time_bars_come_each_five_seconds_and_match_history() -> None:
    world = World(ticks_per_second=1000)
    for asked, kind in ((7, "TRADES"), (8, "MIDPOINT")):
        world.ask("reqRealTimeBars", reqId=asked, contract=AAPL, barSize=5, whatToShow=kind, useRTH=False)
    world.run(16)
    live = [bar for bar in world.events("realtimeBar") if bar["reqId"] == 7]
    assert [bar["time"] for bar in live] == [OPENED, OPENED + 5, OPENED + 10]
    history = {int(bar["date"]): bar for bar in bars(world, barSizeSetting="5 secs", duration="60 S")}
    for bar in live:
        same = history[bar["time"]]
        assert [bar[key] for key in ("open", "high", "low", "close", "volume")] == [
            same[key] for key in ("open", "high", "low", "close", "volume")
        ]
    assert len(list(world.events("realtimeBar"))) == 6
    for asked in (7, 8, 8):
        world.ask("cancelRealTimeBars", reqId=asked)
    world.ask("reqRealTimeBars", reqId=9, contract=EURUSD, barSize=5, whatToShow="TRADES")
    world.ask("reqRealTimeBars", reqId=9, contract=EURUSD, barSize=5, whatToShow="NOTHING")
    assert world.errors() == [(8, 300), (9, 420), (9, 321)]
