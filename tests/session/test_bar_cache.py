"""Historical bars are kept: with the cache a client gets the bars that TWS would send, and TWS is asked for less."""

from __future__ import annotations

from typing import Any

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.session.caching.bar_block import BarBlock
from tests.session.cache_file import CacheFile
from tests.session.conftest import AAPL, Bench
from tests.session.model_history import ModelHistory, written

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
    assert [params["duration"] for params in market.sent] == ["2 W", "2 D"]


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
    assert [params["duration"] for params in market.sent] == ["2 W", "2 D", "2 W"]
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


@pytest.mark.parametrize("spoil", [
    {"periods": [["a", 1, 2]]}, {"zone": "Mars/Olympus"}, {"answers": [["", [2, "D"], [1, 2, 3], [], ["", ""]]]},
    {"size": "5"}, {"chunks": 7}, {"borders": 3},
])  # fmt: skip
def test_nonsense_in_the_file_is_no_answer(market: Market, spoil: dict[str, Any]) -> None:
    market.check(PAST, "3 D")
    key = next(key for key in market.bench.cache.values if key.count("/") == 1)
    head = msgpack.unpackb(market.bench.cache.values[key], strict_map_key=False)
    market.bench.cache.values[key] = msgpack.packb({**head, **spoil})
    again = Market(market.model, market.bench.cache)
    again.check(PAST, "3 D")
    assert len(again.sent) == 1


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


@settings(max_examples=150, deadline=None)
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
