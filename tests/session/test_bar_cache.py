"""Historical bars are kept: with the cache a client gets the bars that TWS would send, and TWS is asked for less."""

from __future__ import annotations

from typing import Any

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.session.caching import bar_memory
from bridge.session.caching.bar_block import BarBlock
from tests.depth import DEEP
from tests.session.cache_file import CacheFile
from tests.session.conftest import AAPL, Bench
from tests.session.model_history import ModelHistory, local, written

#: The bench begins at this time: a Thursday, 04:53:20 in New York.
NOON = "20251009 08:53:20 UTC"
HISTORY = {"contract": AAPL, "barSizeSetting": "5 mins", "whatToShow": "TRADES", "useRTH": True, "formatDate": 1}


class Market:
    """A bench whose TWS answers histories by a model."""

    def __init__(self, model: ModelHistory, cache: CacheFile | None = None, version: int = 213) -> None:
        self.bench = Bench(cache=cache, caches=True)
        self.bench.ready(version=version, time=NOON)
        self.model = model
        self.answered = 0

    @property
    def now(self) -> float:
        return self.bench.now.ts / 1e9

    @property
    def sent(self) -> list[dict[str, Any]]:
        return self.bench.sends("reqHistoricalData")

    def block(self) -> BarBlock:
        """The bars that the bridge keeps of its only series."""
        (series,) = self.bench.session._reference.bars._keeper.memory._series.values()
        assert series.block is not None
        return series.block

    def jump(self, seconds: float) -> None:
        """Let time pass without a look at each second of it."""
        self.bench.clock += seconds
        self.bench.session.on_timer(self.bench.now)
        self.bench.collect()

    def answer(self) -> None:
        """Answer all that TWS was asked, also what follows from that."""
        self.bench.wait(0)
        while self.answered < len(self.sent):
            params = self.sent[self.answered]
            self.answered += 1
            bars, start, end = self.model.answer(params, self.now)
            req_id = params["reqId"]
            if not bars:
                self.bench.error(req_id, 162, "HMDS query returned no data")
            else:
                self.bench.tws("historicalData", reqId=req_id, historicalDataBars=bars)
                self.bench.tws("historicalDataEnd", reqId=req_id, startDateStr=start, endDateStr=end)
            self.bench.wait(0)

    def ask(self, end: str = "", length: str = "2 D", **more: Any) -> dict[str, Any]:
        """Ask as a client, and return the reply."""
        id_ = self.bench.ask("reqHistoricalData", **{**HISTORY, "endDateTime": end, "duration": length, **more})
        self.answer()
        (body,) = self.bench.answers(id_)
        return body

    def truth(self, end: str, length: str, **more: Any) -> tuple[list[Any], str, str]:
        return self.model.answer({**HISTORY, "endDateTime": end, "duration": length, **more}, self.now)

    def check(self, end: str = "", length: str = "2 D", **more: Any) -> dict[str, Any]:
        """Ask, and compare with what TWS has."""
        bars, start, until = self.truth(end, length, **more)
        body = self.ask(end, length, **more)
        if not bars:
            assert body["error"]["twsCode"] == 162
            return body
        data, last = body["result"]
        assert data["data"]["historicalDataBars"] == bars, (end, length, more, len(bars))
        assert (last["data"]["startDateStr"], last["data"]["endDateStr"]) == (start, until)
        return body


@pytest.fixture
def market() -> Market:
    return Market(ModelHistory(7))


PAST = "20251003 16:00:00 US/Eastern"


def test_a_period_that_is_over_is_asked_once(market: Market) -> None:
    assert "cached" not in market.check(PAST, "3 D")
    market.bench.wait(60)
    body = market.check(PAST, "3 D")
    assert (body["cached"], body["age"], len(market.sent)) == (True, 60.0, 1)


def test_a_part_of_what_is_known_is_not_asked(market: Market) -> None:
    market.check(PAST, "5 D")
    assert market.check("20251002 16:00:00 US/Eastern", "2 D")["cached"]
    assert market.check(PAST, "1 D")["cached"]
    assert len(market.sent) == 1


def test_of_a_period_until_now_only_the_end_is_asked(market: Market) -> None:
    market.check("", "2 W")
    market.bench.wait(120)
    body = market.check("", "2 W")
    assert body["cached"]
    assert [params["duration"] for params in market.sent] == ["2 W", "1 D"]


def test_ten_strategies_that_want_bars_until_now_cost_one_request_for_the_end(market: Market) -> None:
    market.check("", "2 W")
    market.bench.wait(120)
    params = {**HISTORY, "endDateTime": "", "duration": "2 W"}
    ids = [market.bench.ask("reqHistoricalData", client=f"c{n}", **params) for n in range(10)]
    market.answer()
    assert len(market.sent) == 2
    assert all(market.bench.answers(id_)[0]["cached"] for id_ in ids)


def test_cold_ten_strategies_cost_one_request(market: Market) -> None:
    params = {**HISTORY, "endDateTime": "", "duration": "2 W"}
    ids = [market.bench.ask("reqHistoricalData", client=f"c{n}", **params) for n in range(10)]
    other = market.bench.ask("reqHistoricalData", client="late", **{**params, "duration": "1 W"})
    market.answer()
    assert [p["duration"] for p in market.sent][:1] == ["2 W"]
    assert len(market.sent) <= 2
    assert all(market.bench.answers(id_)[0]["ok"] for id_ in [*ids, other])


#: Seconds from the beginning of the bench to the opening in New York.
OPENING = 16_600


@pytest.mark.parametrize("size", ["5 mins", "1 hour", "1 day"])
def test_only_finished_bars_are_kept(market: Market, size: str) -> None:
    market.model.holes = 0.0
    market.jump(OPENING + 3930)  # half a minute after the end of a bar
    market.check("", "2 W", barSizeSetting=size)
    if size != "1 day":
        block = market.block()
        assert max(block.bars) + block.size + 12 * 3600 <= market.now
    for seconds in (10, 50, 250, 3600):
        market.jump(seconds)
        market.check("", "2 W", barSizeSetting=size)


def test_a_day_that_has_just_begun_counts(market: Market) -> None:
    market.model.holes = 0.0
    market.check("", "10 D")
    market.jump(OPENING + 30)
    assert market.check("", "10 D")["cached"]
    assert [params["duration"] for params in market.sent] == ["10 D", "2 D"]


def test_bars_that_tws_has_adjusted_are_forgotten(market: Market) -> None:
    market.check("", "2 W")
    market.bench.wait(60)
    market.model.factor = 2
    assert "cached" not in market.check("", "2 W")
    assert [params["duration"] for params in market.sent] == ["2 W", "1 D", "2 W"]
    assert "barsDiffer" in [log.event for log in market.bench.logs]
    assert market.check("", "2 W")["result"][0]["data"]["historicalDataBars"][0]["open"] == 2.0


def test_each_day_a_series_is_compared_with_tws_before_it_is_served(market: Market) -> None:
    market.check(PAST, "3 D")
    market.jump(26 * 3600)
    assert market.check(PAST, "3 D")["cached"]
    market.jump(26 * 3600)
    market.model.factor = 3
    assert "cached" not in market.check(PAST, "3 D")
    assert [params["duration"] for params in market.sent] == ["3 D", "1 D", "1 D", "3 D"]
    assert market.check(PAST, "3 D")["cached"]


def test_it_survives_a_restart(market: Market) -> None:
    market.check(PAST, "3 D")
    again = Market(market.model, market.bench.cache)
    assert again.check(PAST, "3 D")["cached"]
    assert again.check("20251002 16:00:00 US/Eastern", "2 D")["cached"]
    assert [params["duration"] for params in again.sent] == ["1 D"]


def test_a_file_that_has_lost_a_part_is_no_answer(market: Market) -> None:
    market.check(PAST, "3 D")
    del market.bench.cache.values[next(key for key in market.bench.cache.values if key.count("/") == 2)]
    again = Market(market.model, market.bench.cache)
    again.check(PAST, "3 D")
    assert len(again.sent) == 1


@pytest.mark.parametrize("way", ["hangs", "fails"])
def test_a_file_that_hangs_or_fails_costs_a_request_and_no_more(market: Market, way: str) -> None:
    setattr(market.bench.cache, way, True)
    id_ = market.bench.ask("reqHistoricalData", **HISTORY, endDateTime=PAST, duration="3 D")
    market.bench.wait(5)
    market.answer()
    assert market.bench.answers(id_)[0]["ok"]


@pytest.mark.parametrize(
    "more",
    [
        {"whatToShow": "ADJUSTED_LAST"},
        {"whatToShow": "HISTORICAL_VOLATILITY"},
        {"contract": {**AAPL, "secType": "CONTFUT"}},
        {"chartOptions": {"a": "b"}},
        {"duration": "3 d"},
        {"duration": "03 D"},
        {"barSizeSetting": "1 week"},
        {"whatToShow": "SCHEDULE", "barSizeSetting": "1 day"},
        {"endDateTime": "20251003 16:00:00"},
        {"endDateTime": "20251003 16:00:00 Mars/Olympus"},
    ],
)
def test_what_is_not_certain_goes_to_tws_each_time(market: Market, more: dict[str, Any]) -> None:
    for _ in range(2):
        market.bench.ask("reqHistoricalData", **{**HISTORY, "endDateTime": PAST, "duration": "3 D", **more})
        data = market.sent[-1]
        market.bench.tws("historicalData", reqId=data["reqId"], historicalDataBars=[{"date": "20251003", "open": 1.0}])
        market.bench.tws(
            "historicalDataEnd", reqId=data["reqId"], startDateStr=written(market.now - 9e5),
            endDateStr=written(market.now - 6e5),
        )  # fmt: skip
    assert len(market.sent) == 2


def test_below_196_nothing_is_kept() -> None:
    market = Market(ModelHistory(1), version=195)
    for _ in range(2):
        market.bench.ask("reqHistoricalData", **HISTORY, endDateTime=PAST, duration="3 D")
        bars, start, end = market.truth(PAST, "3 D")
        market.bench.tws(
            "historicalData",
            reqId=market.sent[-1]["reqId"],
            historicalDataBars=bars,
            startDateStr=start,
            endDateStr=end,
        )
    assert len(market.sent) == 2


def test_a_clock_that_differs_from_tws_keeps_nothing(market: Market) -> None:
    truth = market.model.answer
    market.model.answer = lambda params, now: truth(params, now - 1000)  # type: ignore[method-assign]
    market.ask("", "2 D")
    market.ask(PAST, "2 D")
    market.ask(PAST, "2 D")
    assert len(market.sent) == 3


def test_fresh_goes_to_tws(market: Market) -> None:
    market.check(PAST, "3 D")
    body = {"v": 1, "id": "f", "client": "bob", "method": "reqHistoricalData", "fresh": True,
            "params": {**HISTORY, "endDateTime": PAST, "duration": "3 D"}}  # fmt: skip
    market.bench.request(body)
    market.answer()
    assert len(market.sent) == 2
    assert "cached" not in market.bench.answers("f")[0]


def test_no_request_hangs_when_tws_never_answers_for_the_end(market: Market) -> None:
    market.check("", "2 W")
    market.bench.wait(120)
    ids = [
        market.bench.ask("reqHistoricalData", client=f"c{n}", **HISTORY, endDateTime="", duration="2 W")
        for n in range(3)
    ]
    market.bench.wait(100)
    assert [market.bench.failure(id_)["code"] for id_ in ids] == ["noResponse"] * 3


def test_a_connection_that_ends_while_the_end_is_asked_is_told_to_all(market: Market) -> None:
    market.check("", "2 W")
    market.bench.wait(120)
    ids = [
        market.bench.ask("reqHistoricalData", client=f"c{n}", **HISTORY, endDateTime="", duration="2 W")
        for n in range(3)
    ]
    market.bench.session.on_lost("gone", market.bench.now)
    market.bench.collect()
    market.bench.wait(0)
    assert [market.bench.failure(id_)["code"] for id_ in ids] == ["connectionLost"] * 3


@pytest.mark.parametrize(
    ("end", "length"),
    [
        (PAST, "100000 W"), (PAST, "999999999 Y"), (PAST, "0 D"), (PAST, "٣ D"), ("00010101 00:00:00 UTC", "1 W"),
        ("99991231 23:59:59 US/Eastern", "1 M"), ("20251003 16:00:00 America", "1 D"), ("20251399 99:99:99 UTC", "1 D"),
        ("20251003 16:00:00 ../../etc/passwd", "1 D"), ("", ""), ("19691231 23:59:59 UTC", "3 Y"),
        ("20240229 12:00:00 US/Eastern", "1 Y"), ("20251003-16:00:00", "2 M"),
    ],
)  # fmt: skip
def test_strange_periods_go_to_tws_and_harm_nothing(market: Market, end: str, length: str) -> None:
    for _ in range(2):
        id_ = market.bench.ask("reqHistoricalData", **HISTORY, endDateTime=end, duration=length)
        market.bench.error(market.sent[-1]["reqId"], 321, "why")
        assert market.bench.failure(id_)["twsCode"] == 321
    assert len(market.sent) == 2


def head_of(file: CacheFile) -> str:
    return next(key for key in file.values if key.count("/") == 1)


@pytest.mark.parametrize("spoil", [
    {"head": ["a", "W", 2]}, {"zone": "Mars/Olympus"}, {"zone": 7}, {"units": {"D": [2, ["calendar"], ""]}},
    {"units": 3}, {"size": "5"}, {"chunks": 7}, {"chunks": [[1, 2]]}, {"chunks": [["1", "x", 2]]}, {"form": 1},
    {"version": 0}, {"told": 9 * 10**18}, {"told": "x"}, {"after": 2 * 10**9}, {"first": 5}, {"regular": False},
])  # fmt: skip
def test_nonsense_in_the_file_is_no_answer(market: Market, spoil: dict[str, Any]) -> None:
    market.check(PAST, "3 D")
    file = market.bench.cache
    head = msgpack.unpackb(file.values[head_of(file)], strict_map_key=False)
    file.values[head_of(file)] = msgpack.packb({**head, **spoil})
    again = Market(market.model, file)
    again.check(PAST, "3 D")
    assert [params["duration"] for params in again.sent] == ["3 D"]


@pytest.mark.parametrize("way", ["older", "shorter", "another", "garbage"])
def test_a_chunk_that_is_not_that_of_the_head_is_no_answer(market: Market, way: str) -> None:
    market.check(PAST, "3 D")
    file = market.bench.cache
    name = next(key for key in file.values if key.count("/") == 2)
    chunk = msgpack.unpackb(file.values[name])
    bars = chunk["bars"]
    changed = {
        "older": {**chunk, "stamp": "1-1"},
        "shorter": {**chunk, "bars": bars[:5] + bars[6:]},
        "another": {**chunk, "bars": [*bars[:5], [bars[5][0] + 300, bars[5][1]], *bars[6:]]},
        "garbage": [1, 2, 3],
    }
    file.values[name] = msgpack.packb(changed[way])
    again = Market(market.model, file)
    again.check(PAST, "3 D")
    assert [params["duration"] for params in again.sent] == ["3 D"]


@pytest.mark.parametrize("lost", ["head", "chunk"])
def test_a_write_of_which_a_part_is_lost_leaves_no_hole(market: Market, lost: str) -> None:
    market.check(PAST, "3 D")
    file = market.bench.cache
    key = head_of(file)
    name = next(name for name in file.values if name.startswith(key) and (name == key) == (lost == "head"))
    old = file.values[name]
    market.check(PAST, "5 D")
    assert local(market.block().first).date().isoformat() == "2025-09-29"
    file.values[name] = old
    again = Market(market.model, file)
    again.check(PAST, "5 D")
    assert [params["duration"] for params in again.sent] == ["5 D"]


# What is compared, and when


def test_a_series_is_forgotten_after_a_week(market: Market) -> None:
    market.check("", "1 M")
    for _ in range(6):
        market.jump(86_400)
        assert market.check("", "1 M")["cached"]
    market.jump(86_500)
    assert "cached" not in market.check("", "1 M")
    assert market.sent[-1]["duration"] == "1 M"


def test_after_a_lost_connection_a_series_is_compared_again(market: Market) -> None:
    market.check("", "2 W")
    market.check("20251003 16:00:00 US/Eastern", "1 W")
    assert len(market.sent) == 2
    market.bench.session.on_lost("gone", market.bench.now)
    market.bench.collect()
    market.bench.ready(time=NOON)
    market.model.factor = 2
    assert "cached" not in market.check("20251003 16:00:00 US/Eastern", "1 W")


def test_another_version_of_tws_gets_no_bars_of_the_one_before(market: Market) -> None:
    market.check("", "2 W")
    market.bench.session.on_lost("gone", market.bench.now)
    market.bench.collect()
    market.bench.ready(version=214, time=NOON)
    assert "cached" not in market.check("", "2 W")
    assert [params["duration"] for params in market.sent] == ["2 W", "2 W"]


def test_a_tail_that_tws_refuses_is_no_answer(market: Market) -> None:
    market.check("", "2 W")
    market.bench.wait(120)
    id_ = market.bench.ask("reqHistoricalData", **HISTORY, endDateTime="", duration="2 W")
    market.bench.error(market.sent[-1]["reqId"], 162, "why")
    market.answered += 1
    market.answer()
    assert [params["duration"] for params in market.sent] == ["2 W", "1 D", "2 W"]
    assert "cached" not in market.bench.answers(id_)[0]


@pytest.mark.parametrize(("border", "second"), [("start", 50), ("end", 250), ("day", 50), ("day", 250)])
def test_in_hours_of_trading_tws_shows_with_which_bar_it_begins(border: str, second: int) -> None:
    market = Market(ModelHistory(7, border=border, holes=0.0))
    market.jump(OPENING + 3600 + second)
    market.check("", "2 W")
    market.check("", "1 W")
    market.jump(120)
    sent = len(market.sent)
    assert ("cached" in market.check("", "1 W")) == (border != "day")
    market.jump(86_400)
    market.check("", "1 W")
    assert [params["duration"] for params in market.sent[sent:]] == (
        ["1 W", "1 W"] if border == "day" else ["2 D", "3 D"]
    )
    market.bench.session.on_lost("gone", market.bench.now)
    market.bench.collect()
    market.bench.ready(time=f"{local(market.now):%Y%m%d %H:%M:%S} US/Eastern")
    assert "cached" not in market.check("", "1 W")  # perhaps it is another TWS


def test_a_bar_is_kept_twelve_hours_after_its_end(market: Market) -> None:
    market.model.holes = 0.0
    market.check("20251009 16:00:00 US/Eastern", "2 W")  # has not begun
    assert not market.bench.session._reference.bars.as_data()["bars"]
    market.jump(OPENING + 5 * 3600)
    market.check("", "2 W")
    assert local(market.block().starts[-1]).day == 8
    market.jump(15 * 3600)
    market.check("", "2 W")
    assert local(market.block().starts[-1]).day == 9


@pytest.mark.parametrize(("size", "end"), [("1 day", PAST), ("5 mins", "20251003 12:34:56 US/Eastern")])
def test_an_equal_request_for_a_period_that_is_over_is_answered_from_memory(
    market: Market, size: str, end: str
) -> None:
    market.check(end, "2 W", barSizeSetting=size)
    assert market.check(end, "2 W", barSizeSetting=size)["cached"]
    assert "cached" not in market.check(end, "1 W", barSizeSetting=size)
    market.bench.session.on_lost("gone", market.bench.now)
    market.bench.collect()
    market.bench.ready(time=NOON)
    assert "cached" not in market.check(end, "2 W", barSizeSetting=size)


def test_an_answer_that_contradicts_another_one_ends_it(market: Market) -> None:
    more = {"barSizeSetting": "1 day"}
    market.check(PAST, "1 M", **more)
    market.model.factor = 2
    market.check(PAST, "2 W", **more)
    assert "cached" not in market.check(PAST, "1 M", **more)


@pytest.mark.parametrize(("bars", "series"), [(700, 1000), (200_000, 4)])
def test_memory_has_a_bound(market: Market, monkeypatch: pytest.MonkeyPatch, bars: int, series: int) -> None:
    monkeypatch.setattr(bar_memory, "MOST_BARS", bars)
    monkeypatch.setattr(bar_memory, "MOST_SERIES", series)
    for number in range(1, 12):
        market.check(PAST, "3 D", contract={**AAPL, "conId": number})
    kept = market.bench.session._reference.bars.as_data()
    assert 0 < kept["bars"] <= bars
    assert 0 < kept["series"] <= series
    before = len(market.sent)
    market.check(PAST, "3 D", contract={**AAPL, "conId": 1})
    assert [params["duration"] for params in market.sent[before:]] == ["1 D"]  # from the file, and compared


# Several requests


def test_one_for_a_part_waits_for_the_one_that_tws_has() -> None:
    market = Market(ModelHistory(7, holes=0.0))
    first = market.bench.ask("reqHistoricalData", **HISTORY, endDateTime=PAST, duration="1 M")
    part = market.bench.ask("reqHistoricalData", client="bob", **HISTORY, endDateTime=PAST, duration="5 D")
    market.answer()
    assert market.bench.answers(first)[0]["ok"] and market.bench.answers(part)[0]["ok"]
    other = market.bench.ask(
        "reqHistoricalData", client="bob", **HISTORY, endDateTime="20250926 20:00:00 US/Eastern", duration="1 M"
    )
    market.answer()
    assert market.bench.answers(other)[0]["ok"]


@pytest.mark.parametrize("end", ["error", "cancel", "timeout"])
def test_one_that_waits_behind_another_is_answered_however_that_ends(market: Market, end: str) -> None:
    market.bench.wait(20)
    body = {"v": 1, "id": "a", "client": "alice", "method": "reqHistoricalData", "timeout": 9,
            "params": {**HISTORY, "endDateTime": "", "duration": "1 M"}}  # fmt: skip
    market.bench.request(body)
    late = market.bench.ask("reqHistoricalData", client="bob", **HISTORY, endDateTime="", duration="2 W")
    assert [params["duration"] for params in market.sent] == ["1 M"]
    market.answered = 1
    if end == "error":
        market.bench.error(market.sent[0]["reqId"], 162, "why")
    elif end == "cancel":
        market.bench.request(
            {"v": 1, "id": "c", "client": "alice", "method": "cancelHistoricalData", "params": {"id": "a"}}
        )
    else:
        market.bench.wait(10)
    market.answer()
    assert [params["duration"] for params in market.sent] == ["1 M", "2 W"]
    assert market.bench.answers(late)[0]["ok"]


def test_one_that_has_waited_does_not_wait_again(market: Market) -> None:
    """It is behind one that ends while another one that has its bars is at TWS."""
    market.bench.wait(20)
    ids = {
        length: market.bench.ask("reqHistoricalData", client=client, **HISTORY, endDateTime="", duration=length)
        for client, length in (("alice", "3 M"), ("bob", "2 W"))
    }
    ids["5 M"] = market.bench.ask("reqHistoricalData", client="erin", **HISTORY, endDateTime="", duration="5 M")
    market.bench.request({"v": 1, "id": "c", "client": "alice", "method": "cancelHistoricalData",
                          "params": {"id": ids["3 M"]}})  # fmt: skip
    market.answer()
    assert market.bench.answers(ids["2 W"])[0]["ok"]
    assert market.bench.answers(ids["5 M"])[0]["ok"]
    assert [params["duration"] for params in market.sent] == ["3 M", "5 M", "2 W"]


def test_when_the_bridge_stops_those_that_wait_behind_another_are_answered(market: Market) -> None:
    market.bench.ask("reqHistoricalData", **HISTORY, endDateTime="", duration="1 M")
    late = market.bench.ask("reqHistoricalData", client="bob", **HISTORY, endDateTime="", duration="2 W")
    market.bench.session.stop(market.bench.now, "ended")
    market.bench.collect()
    assert market.bench.failure(late)["code"] == "notConnected"


def test_bars_of_an_unknown_contract_are_not_brought_back_by_a_read_that_is_under_way(market: Market) -> None:
    market.check(PAST, "5 D")
    later = Market(market.model, market.bench.cache)
    later.bench.ask("reqHeadTimeStamp", contract=AAPL, whatToShow="TRADES", useRTH=True, formatDate=1)
    later.bench.wait(2.1)
    cache = later.bench.cache
    values = dict(cache.values)
    cache.hangs = True
    later.bench.ask("reqHistoricalData", **HISTORY, endDateTime=PAST, duration="5 D")
    later.bench.error(later.bench.last_sent("reqHeadTimeStamp")["reqId"], 200)
    cache.values = values  # the read was before
    cache.tags = {key: set() for key in values}
    cache.hangs = False
    later.bench.collect()
    assert [params["duration"] for params in later.sent] == ["5 D"]


# A morning


def test_the_next_morning_each_series_costs_one_small_message() -> None:
    """A year of bars of a day has few bars: it goes to TWS as it is."""
    market = Market(ModelHistory(7, holes=0.0))
    market.jump(4 * 3600)
    stocks = [{**AAPL, "conId": number} for number in range(1, 6)]

    def morning() -> list[int]:
        sent = len(market.sent)
        for stock in stocks:
            market.check("", "1 Y", barSizeSetting="1 day", contract=stock)
            market.check("", "1 W", barSizeSetting="1 min", contract=stock)
        return [len(market.model.answer(params, market.now)[0]) for params in market.sent[sent:]]

    assert morning() == [262, 1950] * 5
    for days in (1, 3, 1):
        market.jump(days * 86_400)
        found = morning()
        assert len(found) == 10
        assert max(found) <= 780


ENDS = st.sampled_from(
    ["", "", "", PAST, "20251003 12:34:56 US/Eastern", "20251006 09:30:00 US/Eastern", "20250929 16:00:00 US/Eastern",
     "20250930 00:00:00 US/Eastern", "20251008 20:00:00 US/Eastern", "20251009 13:00:00 US/Eastern"]
)  # fmt: skip
STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("ask"), ENDS, st.sampled_from(["1 D", "2 D", "5 D", "1 W", "2 W", "1 M", "7200 S"]),
            st.sampled_from(["5 mins", "1 hour", "1 day"]), st.booleans(),
        ),
        st.tuples(st.just("wait"), st.sampled_from([1.0, 45.0, 300.0, 4000.0, 20_000.0, 90_000.0])),
        st.tuples(st.just("restart")),
        st.tuples(st.just("split")),
    ),
    min_size=3,
    max_size=25,
)  # fmt: skip


@settings(max_examples=150 if DEEP else 40, deadline=None)
@given(
    st.integers(0, 50), st.sampled_from(["fixed", "calendar"]), st.sampled_from(["start", "end", "day", "close"]),
    st.sampled_from([0.0, 0.1, 0.6]), STEPS,
)  # fmt: skip
def test_whatever_is_asked_the_bars_are_those_of_tws(
    seed: int, arithmetic: str, border: str, holes: float, steps: list[Any]
) -> None:
    market = Market(ModelHistory(seed, arithmetic, border, holes))
    for step in steps:
        match step:
            case ("ask", end, length, size, regular):
                market.check(end, length, barSizeSetting=size, useRTH=regular)
            case ("wait", seconds):
                market.jump(seconds)
            case ("split",):
                market.jump(26 * 3600)  # TWS adjusts between two days
                market.model.factor += 1
            case ("restart",):
                again = Market(market.model, market.bench.cache)
                again.bench.clock = market.bench.clock
                if market.bench.clock < 1000 + 3600:
                    market = again
