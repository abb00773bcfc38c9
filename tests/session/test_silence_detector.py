"""A stream that is silent against its own habit is asked for anew, once; a farm's silence has other rules."""

from __future__ import annotations

import pytest

from bridge.session.streams.upstream import MOST_TRIES
from tests.session.conftest import AAPL


@pytest.fixture
def bars(ready):
    """Five-second bars of AAPL, which have come for two minutes."""
    ready.ask("reqRealTimeBars", contract=AAPL, barSize=5, whatToShow="TRADES", useRTH=False)
    run(ready, 120)
    return ready


def bar(bench):
    bench.tws("realtimeBar", reqId=bench.last_sent("reqRealTimeBars")["reqId"], time=1, open=1.0, high=1.0, low=1.0,
              close=1.0, volume="1", count=1)  # fmt: skip


def run(bench, seconds, every=5, say=bar):
    """Let time pass, with a word of TWS now and then, and the client alive."""
    for second in range(seconds):
        if say is not None and second % every == 0:
            say(bench)
        if second % 10 == 0:
            bench.ask("ping")
        bench.wait(1)


def requests(bench):
    return len(bench.sends("reqRealTimeBars"))


def test_bars_that_stop_without_a_word_are_asked_for_anew(bars):
    run(bars, 70, say=None)
    assert requests(bars) == 2
    assert len(bars.sends("cancelRealTimeBars")) == 1
    (gap,) = bars.on("system.gap")
    assert "TWS has sent nothing for this stream for" in gap["data"]["reason"]
    assert "code" not in gap["data"]
    bar(bars)
    assert len(bars.on("system.recovered")) == 1
    (topic,) = [name for name, _ in bars.events if name.endswith(".fresh")]
    assert topic.startswith("bars.")


def test_one_that_stays_silent_is_asked_for_once(bars):
    run(bars, 70, say=None)
    bar(bars)
    run(bars, 3600, say=None)
    assert requests(bars) == 2


def test_one_that_does_not_come_back_is_stale_until_it_counts_as_quiet(bars):
    run(bars, 70, say=None)
    assert [event["stale"] for event in bars.result(bars.ask("snapshot", prefix="bars."))["events"]] == [True]
    run(bars, 30, say=None)
    assert requests(bars) == 1 + MOST_TRIES
    run(bars, 3100, say=None)
    assert requests(bars) == 1 + MOST_TRIES + 10
    assert bars.result(bars.ask("snapshot", prefix="bars."))["events"] == []


def test_each_episode_is_one(bars):
    run(bars, 70, say=None)
    run(bars, 120)
    run(bars, 70, say=None)
    assert requests(bars) == 3


def test_a_slow_stream_is_given_its_time(ready):
    ready.ask("reqRealTimeBars", contract=AAPL, barSize=5, whatToShow="TRADES", useRTH=False)
    run(ready, 1000, every=60)
    run(ready, 240, say=None)
    assert requests(ready) == 1
    run(ready, 30, say=None)
    assert requests(ready) == 2


def test_a_stream_without_a_habit_is_left_alone(ready):
    ready.ask("reqRealTimeBars", contract=AAPL, barSize=5, whatToShow="TRADES", useRTH=False)
    bar(ready)
    run(ready, 1000, every=700)
    assert requests(ready) == 1


def test_while_ibkr_is_out_of_reach_silence_is_no_sign(bars):
    bars.error(-1, 1100, "lost")
    run(bars, 300, say=None)
    assert requests(bars) == 1


def test_a_bridge_that_has_stood_still_accuses_nobody(bars):
    bars.clock += 200
    bars.session.on_timer(bars.now)
    bars.collect()
    bar(bars)
    run(bars, 10)
    assert requests(bars) == 1


def test_clients_are_told_of_a_competing_session_once_a_quarter_of_an_hour(ready):
    id_ = ready.ask("reqMktData", contract=AAPL)
    req_id = ready.last_sent("reqMktData")["reqId"]
    ready.tws("tickPrice", reqId=req_id, tickType=1, price=1.0, size="1")
    assert ready.result(id_)
    for _ in range(180):
        ready.ask("ping")
        ready.error(req_id, 10197, "No market data during competing live session")
        ready.wait(10)
    assert len(ready.on("market.265598.error")) == 2
    assert len(ready.on("system.gap")) == 1
