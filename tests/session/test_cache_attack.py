"""Attacks on shared requests and kept answers: each test names what should hold (contract C5.74 to C5.91)."""

from __future__ import annotations

from datetime import datetime, timedelta
from time import process_time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bridge.session import DropCached, Instant, ReadCache, Session, WriteCache
from tests.session.cache_file import CacheFile
from tests.session.conftest import AAPL, Bench
from tests.session.model_history import ModelHistory, local, written
from tests.session.test_bar_cache import HISTORY, NOON, OPENING, PAST, Market
from tests.session.test_reference_cache import MIDDAY, describe


class ThreadedFile(CacheFile):
    """Like the real file: jobs run in order. A read sees what the file has when the read is its turn."""

    def __init__(self) -> None:
        super().__init__()
        self._found: list[tuple[int, dict[str, Any]]] = []

    def take(self, effect: ReadCache | WriteCache | DropCached) -> None:
        if isinstance(effect, ReadCache):
            self.reads += 1
            self._found.append((effect.token, self.read(effect.keys)))
        else:
            super().take(effect)

    def report(self, session: Session, now: Instant) -> bool:
        if self.hangs:
            return False
        found, self._found = self._found, []
        for token, values in found:
            session.on_cache_read(token, values, now)
        return bool(found)


def caching(**more: Any) -> Bench:
    bench = Bench(caches=True, **more)
    bench.ready(time=MIDDAY)
    return bench


def crowded() -> Market:
    """A market on a bridge that sends four messages a second; noise waits for room."""
    market = Market(ModelHistory(7, holes=0.0))
    market.bench = Bench(caches=True, messages_per_second=4)
    market.bench.ready(time=NOON)
    market.bench.wait(10)
    return market


def noise(market: Market) -> None:
    for number in range(40):
        contract = {**AAPL, "conId": number + 1}
        market.bench.ask("reqHistogramData", client="noise", contract=contract, useRTH=True, timePeriod="3 days")


def fresh(market: Market, id_: str, **params: Any) -> dict[str, Any]:
    body = {"v": 1, "id": id_, "client": "bob", "method": "reqHistoricalData", "fresh": True, "params": params}
    market.bench.request(body, "bob")
    market.answer()
    (answer,) = market.bench.answers(id_)
    return answer


@pytest.fixture
def market() -> Market:
    return Market(ModelHistory(7, holes=0.0))


# Old bars served as current


@pytest.mark.parametrize(
    ("size", "end", "length"),
    [("1 day", "20251002 16:00:00 US/Eastern", "1 D"), ("1 hour", "20251003 09:45:00 US/Eastern", "900 S")],
)
def test_a_comparison_of_no_finished_bar_does_not_make_a_series_current(
    market: Market, size: str, end: str, length: str
) -> None:
    """C5.89. On the next day TWS sends one bar that the bridge has kept, but does not compare, because it lies behind
    `finished`: `has_common` (bar_cache.py, _merge) counts all bars, `agrees` only the finished ones. So `series.day`
    becomes today, and bars from before a split are served."""
    market.check(PAST, "1 W", barSizeSetting=size)
    market.jump(26 * 3600)
    market.model.factor = 2  # a split
    market.check(end, length, barSizeSetting=size)
    market.check(PAST, "1 W", barSizeSetting=size)


def test_after_midnight_at_tws_a_series_is_compared_again(market: Market) -> None:
    """C5.89. `_serve_past` compares `series.day` with `TwsDay.today`, which names the EARLIER day while two are
    possible (75 minutes after midnight on a connection older than an hour). The reference cache uses `is_still`."""
    market.check(PAST, "3 D")
    market.jump(15 * 3600 + 30 * 60)  # 00:23 UTC of the next day, in the zone of the handshake
    market.model.factor = 2
    market.check(PAST, "3 D")


def test_a_bar_at_the_end_that_tws_lacks_now_is_not_served(market: Market) -> None:
    """C5.88. `BarSeries.agrees` looks for kept bars only between the first and the last bar that TWS sends. If TWS has
    withdrawn the newest (or oldest) bar of the period, the kept one stays and is served."""
    market.check(PAST, "3 D")
    last = max(market.block().bars)
    bar = market.model.bar
    market.model.bar = lambda start, *rest: None if start == last else bar(start, *rest)  # type: ignore[method-assign]
    fresh(market, "f", **HISTORY, endDateTime=PAST, duration="3 D")
    market.check(PAST, "3 D")


def test_a_bar_at_the_beginning_that_tws_lacks_now_is_not_served(market: Market) -> None:
    """C5.88: see above, for the first bar of the period."""
    market.check(PAST, "2 W")
    market.check(PAST, "1 W")
    first = next(start for start in market.block().starts if start >= _seconds("20250926 16:00:00"))
    bar = market.model.bar
    market.model.bar = lambda start, *rest: None if start == first else bar(start, *rest)  # type: ignore[method-assign]
    fresh(market, "f", **HISTORY, endDateTime=PAST, duration="1 W")
    market.check(PAST, "2 W")


def test_a_write_that_failed_leaves_no_hole_after_a_restart(market: Market) -> None:
    """C5.85. A write job that fails (full disk, locked file, more than 1,000 jobs) is skipped. The next one writes the
    head with all periods, but only the chunks with bars that are new (bar_cache.py, _write): a chunk on disk is older
    than the head, and lacks bars that the head says are all there. After a restart bars are missing in the middle."""
    market.check(PAST, "1 D")
    market.bench.cache.fails = True
    market.check(PAST, "3 D")
    market.bench.cache.fails = False
    fresh(market, "f", **HISTORY, endDateTime=PAST, duration="1 D")
    again = Market(market.model, market.bench.cache)
    again.check(PAST, "3 D")


class HongKong(ModelHistory):
    """Regular hours 21:30 to 04:00 in the time zone of TWS's login: TWS counts days of trading, not of that zone."""

    def sessions(self, size: int, end: int, now: float) -> list[dict[int, dict[str, Any]]]:
        found = []
        for ago in range(40):
            day = local(end).date() - timedelta(days=ago - 1)
            if day.weekday() >= 5:
                continue
            close = int(
                local(end).replace(year=day.year, month=day.month, day=day.day, hour=4, minute=0, second=0).timestamp()
            )
            bars = {s: self.bar(s, size, now) for s in range(close - 23_400, close, size) if s < end}
            bars = {s: bar for s, bar in bars.items() if bar is not None}
            if bars:
                found.append(bars)
        return found

    def answer(self, params: dict[str, Any], now: float) -> tuple[list[dict[str, Any]], str, str]:
        _, start, end = super().answer(params, now)
        size = {"5 mins": 300, "1 hour": 3600}[params["barSizeSetting"]]
        amount = int(params["duration"].split()[0])
        text = params.get("endDateTime", "")
        until = int(now)
        if text:
            until = _seconds(text)
        sessions = self.sessions(size, until, now)[:amount]
        return [bar for bars in reversed(sessions) for bar in bars.values()], start, end


def test_days_of_a_market_whose_hours_cross_midnight_at_tws_are_days_of_trading() -> None:
    """C5.85, C5.90. `BarSeries._sessions` takes days of the login's time zone for the days that TWS counts in regular
    hours. Hong Kong's, Tokyo's and Sydney's hours cross midnight in New York, so the bridge serves too few bars. What
    TWS has answered does not rule this rule out, unlike the others."""
    market = Market(HongKong(3, holes=0.0))
    end = "20251003 16:00:00 US/Eastern"
    market.check(end, "5 D")
    market.check(end, "2 D")


def test_until_now_such_days_are_days_of_trading_too() -> None:
    """As above, for a period until now (way of the tail)."""
    market = Market(HongKong(3, holes=0.0))
    market.check("", "10 D")
    market.bench.wait(120)
    market.check("", "9 D")


# Requests that hang or lie


def test_when_the_bridge_stops_one_that_waits_for_the_end_is_answered(market: Market) -> None:
    """C5.6. At the stop the tail fails, but its client is answered by a timer, which never runs again; `take_waiting`
    has not the question for which the tail was sent."""
    market.check("", "2 W")
    market.bench.wait(120)
    id_ = market.bench.ask("reqHistoricalData", **HISTORY, endDateTime="", duration="2 W")
    market.bench.session.stop(market.bench.now, "ended")
    market.bench.collect()
    assert market.bench.answers(id_), "no reply"


def test_one_whose_tail_waits_for_room_is_told_that_it_waits() -> None:
    """C5.50, C5.52. The tail waits for room as an internal request: its client gets no `queued`, and at the end of its
    time it reads `noResponse` (TWS has not answered), though the bridge has sent nothing (bar_cache.py, _ask_tail)."""
    market = crowded()
    market.check("", "2 W")
    market.bench.wait(120)
    noise(market)
    sent = len(market.sent)
    body = {"v": 1, "id": "t", "client": "alice", "method": "reqHistoricalData", "timeout": 2,
            "params": {**HISTORY, "endDateTime": "", "duration": "2 W"}}  # fmt: skip
    market.bench.request(body)
    told = [event["re"] for event in market.bench.on("request.alice.queued")]
    assert len(market.sent) == sent
    market.bench.session.on_timer(market.bench.now)
    market.jump(2)
    assert len(market.sent) == sent
    assert (told, market.bench.failure("t")["code"]) == (["t"], "paced")


def test_one_that_does_not_wait_is_not_made_to_wait_behind_another() -> None:
    """C5.51. A question with `wait` false waits for the request of another client that waits for room itself
    (bar_cache.py, _choose: flight.waiting), and nobody tells it so."""
    market = crowded()
    noise(market)
    params = {**HISTORY, "endDateTime": ""}
    market.bench.ask("reqHistoricalData", **params, duration="2 W")
    assert not market.sent
    body = {"v": 1, "id": "w", "client": "bob", "method": "reqHistoricalData", "wait": False,
            "params": {**params, "duration": "1 W"}}  # fmt: skip
    market.bench.request(body, "bob")
    assert market.bench.answers("w"), "it waits"
    assert market.bench.failure("w")["code"] == "paced"


def test_nobody_waits_at_tws_for_a_tail_that_nobody_wants(market: Market) -> None:
    """C5.30, C5.31. The client cancels; the tail stays open at TWS for a minute (and counts among the 50 open)."""
    market.check("", "2 W")
    market.bench.wait(120)
    id_ = market.bench.ask("reqHistoricalData", **HISTORY, endDateTime="", duration="2 W")
    market.bench.request(
        {"v": 1, "id": "c", "client": "alice", "method": "cancelHistoricalData", "params": {"id": id_}}
    )
    market.bench.wait(1)
    assert market.bench.failure(id_)["code"] == "cancelled"
    assert market.bench.sends("cancelHistoricalData")


# Kept answers


@pytest.mark.parametrize(
    ("method", "params", "event", "empty"),
    [
        ("reqMatchingSymbols", {"pattern": "ZZZZ"}, "symbolSamples", {"contractDescriptions": []}),
        ("reqMarketRule", {"marketRuleId": 26}, "marketRule", {"marketRuleId": 26, "priceIncrements": []}),
        ("reqSmartComponents", {"bboExchange": "9c0001"}, "smartComponents", {"smartComponents": []}),
        ("reqMktDepthExchanges", {}, "mktDepthExchanges", {"depthMarketDataDescriptions": []}),
    ],
)
def test_an_answer_with_an_empty_list_is_empty(method: str, params: Any, event: str, empty: Any) -> None:
    """C5.82. `answered` takes any field beside reqId for data, so an empty list is kept for the whole day
    (reference_cache.py, has_data). TWS answers so before its farms are connected."""
    bench = caching()
    for _ in range(2):
        bench.ask(method, **params)
        sent = bench.last_sent(method)
        bench.tws(event, **({"reqId": sent["reqId"]} if "reqId" in sent else {}), **empty)
    assert len(bench.sends(method)) == 2


def test_a_fresh_empty_answer_does_not_leave_the_old_one() -> None:
    """C5.81. The fresh answer is empty and not kept, but the older one stays and is served again as current."""
    bench = caching()
    chain = {"underlyingSymbol": "AAPL", "underlyingSecType": "STK", "underlyingConId": 265598}
    bench.ask("reqSecDefOptParams", **chain)
    req_id = bench.last_sent("reqSecDefOptParams")["reqId"]
    bench.tws(
        "securityDefinitionOptionParameter", reqId=req_id, exchange="CBOE", expirations=["20261218"], strikes=[1.0]
    )
    bench.tws("securityDefinitionOptionParameterEnd", reqId=req_id)
    bench.request(
        {"v": 1, "id": "f", "client": "bob", "method": "reqSecDefOptParams", "fresh": True, "params": chain}, "bob"
    )
    bench.tws("securityDefinitionOptionParameterEnd", reqId=bench.last_sent("reqSecDefOptParams")["reqId"])
    assert bench.result("f") == []
    third = bench.ask("reqSecDefOptParams", **chain)
    assert not bench.answers(third), bench.answers(third)


def test_an_unknown_contract_is_not_brought_back_by_a_read_that_is_under_way() -> None:
    """C5.82. Error 200 comes while the file is being read: the read has the old answer, which is put into memory after
    `unknown_contract`, and served for the rest of the day (reference_cache.py, _looked)."""
    file = ThreadedFile()
    bench = caching(cache=file)
    bench.ask("reqContractDetails", contract=AAPL)
    describe(bench)
    later = caching(cache=file)
    file.hangs = True
    later.ask("reqHeadTimeStamp", contract=AAPL, whatToShow="TRADES", useRTH=True, formatDate=1)
    later.wait(2.1)
    later.ask("reqContractDetails", contract=AAPL)
    later.error(later.last_sent("reqHeadTimeStamp")["reqId"], 200)
    file.hangs = False
    later.collect()
    id_ = later.ask("reqContractDetails", client="bob", contract=AAPL)
    assert not later.answers(id_), "served although TWS does not know the contract"


def test_symbols_that_name_an_unknown_contract_are_forgotten() -> None:
    """C5.82. `tags_of` does not look into the list of a symbolSamples."""
    bench = caching()
    bench.ask("reqMatchingSymbols", pattern="AAPL")
    samples = [{"contract": {"conId": 265598, "symbol": "AAPL"}, "derivativeSecTypes": []}]
    bench.tws("symbolSamples", reqId=bench.last_sent("reqMatchingSymbols")["reqId"], contractDescriptions=samples)
    bench.ask("reqHeadTimeStamp", contract=AAPL, whatToShow="TRADES", useRTH=True, formatDate=1)
    bench.error(bench.last_sent("reqHeadTimeStamp")["reqId"], 200)
    id_ = bench.ask("reqMatchingSymbols", client="bob", pattern="AAPL")
    assert not bench.answers(id_)


def test_a_late_answer_for_another_market_rule_is_not_kept() -> None:
    """C5.79. marketRule has no reqId: an answer that comes after its request was given up answers the next one, and is
    kept for the whole day under that one's key, though its `marketRuleId` says that it is another rule."""
    bench = caching()
    bench.ask("reqMarketRule", marketRuleId=26)
    bench.wait(61)
    bench.ask("reqMarketRule", marketRuleId=239)
    assert bench.last_sent("reqMarketRule")["marketRuleId"] == 239
    bench.tws("marketRule", marketRuleId=26, priceIncrements=[{"lowEdge": 0.0, "increment": 0.01}])
    bench.tws("marketRule", marketRuleId=239, priceIncrements=[{"lowEdge": 0.0, "increment": 0.05}])
    id_ = bench.ask("reqMarketRule", client="bob", marketRuleId=239)
    if bench.answers(id_):
        assert bench.result(id_)["marketRuleId"] == 239


def test_an_answer_that_tws_sends_twice_is_kept_once() -> None:
    """C5.83. A request that was sent again in the first seconds of a connection may be answered twice. `told` collects
    both answers, and the second one is kept with the first (pending_requests.py, _over; reference_cache.py, answered):
    each later client gets each callback twice."""
    bench = Bench(caches=True)
    bench.ready(time=MIDDAY)
    bench.ask("reqMktDepthExchanges")
    bench.wait(9)
    assert len(bench.sends("reqMktDepthExchanges")) == 2
    for _ in range(2):
        bench.tws("mktDepthExchanges", depthMarketDataDescriptions=[{"exchange": "ISLAND"}])
    bench.result(bench.ask("reqMktDepthExchanges", client="bob"))
    (kept,) = bench.session._reference._answers._answers.values()
    assert len(kept.callbacks) == 1


def test_another_clock_serves_no_kept_bars(market: Market) -> None:
    """C5.90. `_is_clock_true` is looked at when bars are kept, and not when they are served."""
    market.check(PAST, "3 D")
    market.bench.session.on_lost("gone", market.bench.now)
    market.bench.collect()
    market.bench.ready(time="20251009 09:03:20 UTC")  # ten minutes ahead
    assert "cached" not in market.check(PAST, "3 D")


# Bounds


def test_series_without_bars_are_forgotten_too(market: Market) -> None:
    """`_keep` counts bars only: a series that TWS answers with an error has none, and stays forever."""
    for number in range(3000):
        contract = {**AAPL, "conId": number + 1}
        market.bench.ask("reqHistoricalData", **{**HISTORY, "contract": contract}, endDateTime=PAST, duration="1 D")
        market.bench.wait(0.05)
        while market.answered < len(market.sent):
            market.bench.error(market.sent[market.answered]["reqId"], 162, "HMDS query returned no data")
            market.answered += 1
    assert market.bench.session._reference.bars.as_data()["series"] <= 1000


def test_one_series_has_a_bound(market: Market) -> None:
    """MOST_BARS is no bound for the newest series: `len(self._series) > 1` (bar_cache.py, _keep)."""
    from bridge.session.caching import bar_memory

    before = bar_memory.MOST_BARS
    bar_memory.MOST_BARS = 200
    try:
        market.check(PAST, "1 M")
        assert market.bench.session._reference.bars.as_data()["bars"] <= 1500
    finally:
        bar_memory.MOST_BARS = before


def test_an_order_that_tws_refuses_for_an_unknown_contract_drops_what_is_kept() -> None:
    """C5.82. `_forget_contract` (session.py) looks at streams and pending requests, and not at orders."""
    bench = caching()
    bench.ask("reqContractDetails", contract=AAPL)
    describe(bench)
    order = {"action": "BUY", "totalQuantity": "1", "orderType": "LMT", "lmtPrice": 1.0}
    bench.ask("placeOrder", contract=AAPL, order=order)
    bench.error(bench.last_sent("placeOrder")["orderId"], 200, "No security definition has been found for the request")
    id_ = bench.ask("reqContractDetails", client="bob", contract=AAPL)
    assert not bench.answers(id_)


class Fields(ModelHistory):
    """A TWS of Sunday evening: a bar of a day of a future begins on the evening before its date."""

    def answer(self, params: dict[str, Any], now: float) -> tuple[list[dict[str, Any]], str, str]:
        bars, start, end = super().answer(params, now)
        until = local(_seconds(end))
        if until.hour >= 18 and until.weekday() in (6, 0, 1, 2, 3):
            midnight = int(
                (until.replace(hour=0, minute=0, second=0, tzinfo=None) + timedelta(days=1))
                .replace(tzinfo=until.tzinfo)
                .timestamp()
            )
            bar = self.bar(midnight, 86_400, midnight + 200_000)
            bars = [*bars, *([bar] if bar else [])]
        return bars, start, end


def _seconds(text: str) -> int:
    return int(datetime.strptime(text[:17], "%Y%m%d %H:%M:%S").replace(tzinfo=ZoneInfo("US/Eastern")).timestamp())


def test_a_bar_of_a_day_that_begins_on_the_evening_before_is_not_left_out() -> None:
    """C5.85. For an end on a Sunday evening TWS sends the future's bar of Monday, which has begun. The bridge takes a
    bar of a day to begin at midnight, and serves without it (bar_cache.py, _serve_past)."""
    market = Market(Fields(3, holes=0.0))
    future = {"conId": 5, "symbol": "ES", "secType": "FUT", "exchange": "CME"}
    more = {"barSizeSetting": "1 day", "useRTH": False, "contract": future}
    market.check("", "2 M", **more)
    market.check("20251003 16:00:00 US/Eastern", "1 M", **more)
    market.check("20251003 16:00:00 US/Eastern", "1 W", **more)
    market.check("20250928 16:00:00 US/Eastern", "1 W", **more)
    for length in ("1 W", "2 W", "1 M"):
        market.check("20251005 20:00:00 US/Eastern", length, **more)


class SetClock(Bench):
    """Its machine's UTC clock may be set while it runs (`off`, seconds)."""

    off = 0

    @property
    def now(self) -> Instant:
        return Instant(self.clock, super().now.ts + self.off * 10**9)


def test_a_clock_that_is_set_while_connected_keeps_no_unfinished_bar() -> None:
    """C5.90, C5.86. The clock is compared with TWS's in the handshake, and in answers until now. If it is set ahead
    between, a bar that TWS still changes counts as finished. The steady clock (`Instant.clock`) would show it."""
    market = Market(ModelHistory(7, holes=0.0))
    bench = SetClock(caches=True)
    bench.ready(time=NOON)
    market.bench = bench
    market.jump(OPENING + 2 * 3600 + 250)
    bench.off = 1800

    def ask() -> list[Any]:
        id_ = bench.ask("reqHistoricalData", **HISTORY, endDateTime=end, duration="1 D")
        bench.wait(0)
        if not bench.answers(id_):
            params = market.sent[-1]
            bars, start, until = market.model.answer(params, market.now - 1800)
            bench.tws("historicalData", reqId=params["reqId"], historicalDataBars=bars)
            bench.tws("historicalDataEnd", reqId=params["reqId"], startDateStr=start, endDateStr=until)
        return list(bench.result(id_)[0]["data"]["historicalDataBars"])

    end = written(market.now - 1800)
    before = ask()
    market.jump(600)
    truth, _, _ = market.model.answer({**HISTORY, "endDateTime": end, "duration": "1 D"}, market.now - 1800)
    assert before != truth  # TWS has changed its newest bar since
    assert ask() == truth


def test_a_tws_of_another_version_may_begin_answers_elsewhere(market: Market) -> None:
    """C5.90. What the bridge has learned about TWS's first bar outlives days and versions of TWS: only compared bars
    are, and they say nothing about the rule (bar_series.py, borders; no server version in a series)."""
    market.model.border = "start"
    market.check("20251003 16:00:00 US/Eastern", "2 W")
    market.check("20251003 12:30:00 US/Eastern", "1 W")
    market.jump(26 * 3600)
    market.model.border = "day"
    market.bench.session.on_lost("upgrade", market.bench.now)
    market.bench.collect()
    market.bench.ready(version=214, time="20251010 10:53:20 UTC")
    market.check("20251003 16:00:00 US/Eastern", "2 D")
    market.check("20251002 12:30:00 US/Eastern", "1 W")


def test_a_bar_of_a_day_that_still_trades_after_midnight_at_tws_is_not_kept() -> None:
    """C5.85. TWS's login is in Hong Kong, the share in New York: after midnight in Hong Kong the bar of the day before
    still changes, until 04:00. The bridge takes it for finished (`finished_until`: midnight of TWS's zone; so C5.86
    says, but its reason does not hold here), and serves it for the rest of the day."""
    zone = "Asia/Hong_Kong"
    bench = Bench(caches=True)
    bench.clock = 1000 + 8 * 3600 + 400  # 01:00 in Hong Kong on Friday, 10 October
    bench.ready(time="20251010 01:00:00 Asia/Hong_Kong")
    daily = {**HISTORY, "barSizeSetting": "1 day"}

    def ask(end: str, until: str, close: float) -> Any:
        id_ = bench.ask("reqHistoricalData", **daily, endDateTime=end, duration="1 W")
        bench.wait(0)
        if not bench.answers(id_):
            req_id = bench.last_sent("reqHistoricalData")["reqId"]
            days = [{"date": f"2025100{n}", "close": 1.0 * n} for n in (3, 6, 7, 8)]
            bench.tws("historicalData", reqId=req_id, historicalDataBars=[*days, {"date": "20251009", "close": close}])
            begin = f"{int(until[:8]) - 7} {until[9:17]}"
            bench.tws("historicalDataEnd", reqId=req_id, startDateStr=f"{begin} {zone}", endDateStr=f"{until} {zone}")
        return bench.result(id_)[0]["data"]["historicalDataBars"][-1]

    midnight = f"20251010 00:00:00 {zone}"
    assert ask(midnight, "20251010 00:00:00", 9.0) == {"date": "20251009", "close": 9.0}
    bench.clock += 10 * 3600
    assert ask(midnight, "20251010 00:00:00", 9.5) == {"date": "20251009", "close": 9.5}


def test_many_that_joined_may_run_out_of_time_together() -> None:
    """12,000 joined requests whose time is over block the bridge for seconds, and with it the orders of all: each looks
    through all of them (pending_table.py, `of`; pending_requests.py, `give_up`). At most 1,000 join one request."""
    bench = Bench(caches=False)
    bench.ready(time=NOON)
    for number in range(12_000):
        body = {
            "v": 1,
            "id": f"i{number}",
            "client": "alice",
            "method": "reqContractDetails",
            "params": {"contract": {**AAPL, "conId": 1 + number // 1000}},
        }
        bench.session.on_request((b"alice",), body, bench.now, None)
    bench.session.effects(bench.now)
    bench.clock += 31
    began = process_time()
    bench.session.on_timer(bench.now)
    assert process_time() - began < 0.6


def test_what_tws_refuses_goes_to_tws_also_if_the_bars_are_known(market: Market) -> None:
    """C5.85. TWS refuses more than 365 days (error 321: "Historical data requests for durations longer than 365 days
    must be made in years"); the bridge answers with bars instead (bar_times.py, duration)."""
    more = {"barSizeSetting": "1 day"}
    end = "20251005 12:00:00 US/Eastern"
    market.check(end, "2 Y", **more)
    market.check(end, "10 D", **more)
    sent = len(market.sent)
    market.bench.ask("reqHistoricalData", **{**HISTORY, **more}, endDateTime=end, duration="400 D")
    market.bench.wait(0)
    assert len(market.sent) == sent + 1


def test_an_end_with_a_dash_and_a_zone_goes_to_tws(market: Market) -> None:
    """C5.85. TWS takes `yyyymmdd hh:mm:ss zone` or `yyyymmdd-hh:mm:ss` for UTC, and refuses a mixture (error 10314);
    `_MOMENT` (bar_times.py) takes it for the first form."""
    market.check(PAST, "5 D")
    market.bench.ask("reqHistoricalData", **HISTORY, endDateTime=PAST.replace(" ", "-", 1), duration="2 D")
    market.bench.wait(0)
    assert len(market.sent) == 2


def test_stored_replies_of_kept_bars_do_not_fill_the_memory(market: Market) -> None:
    """C5.17. A reply with bars weighs as much as its bars. Kept answers are not paced, so a strategy that polls has the
    bridge store very many."""
    market.check(PAST, "1 M")
    for number in range(400):
        body = {"v": 1, "id": f"p{number}", "client": "alice", "method": "reqHistoricalData",
                "params": {**HISTORY, "endDateTime": PAST, "duration": "1 M"}}  # fmt: skip
        market.bench.session.on_request((b"alice",), body, market.bench.now, None)
        market.bench.session.publications()
        market.bench.session.effects(market.bench.now)
    store = market.bench.session._outbox.requests
    stored = [one.answer for one in store._requests.values()]
    assert len(stored) > 10
    held = sum(len(answer["result"][0]["data"]["historicalDataBars"]) for answer in stored if answer and answer["ok"])
    assert held <= 200_000
