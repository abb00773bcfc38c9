"""Finds of the hostile tester on streams and holds: each test names the promise that breaks."""

from __future__ import annotations

import pytest

from tests.session.conftest import AAPL
from tests.session.test_holds import held, restarted, subscribe, tick
from tests.session.test_orders import ORDER
from tests.session.test_silence_detector import requests, run

FARM = "Market data farm connection:usfarm"


def told(bench):
    """How the topics of the stream say that it is, and what of outages."""
    return [body["event"] for topic, body in bench.events if topic.split(".")[-1] in ("stale", "fresh", "recovered")]


def wait(bench, seconds, *clients):
    """Let time pass, with these clients alive."""
    for _ in range(seconds):
        for client in clients or ("alice",):
            bench.ask("ping", client=client)
        bench.wait(1)
        bench.answer_internal_requests()


@pytest.fixture
def bars(ready):
    """Five-second bars of AAPL, which have come for two minutes."""
    ready.ask("reqRealTimeBars", contract=AAPL, barSize=5, whatToShow="TRADES", useRTH=False)
    run(ready, 120)
    return ready


@pytest.fixture
def streaming(ready):
    subscribe(ready)
    tick(ready)
    ready.wait(1)
    return ready


@pytest.mark.parametrize("end", ["release", "refused"])
def test_what_ended_while_the_disk_was_full_does_not_come_back_with_a_restart(streaming, end):
    streaming.disk.full = True
    if end == "release":
        assert streaming.result(streaming.ask("release", stream="265598")) == {"released": "265598"}
    else:
        streaming.error(streaming.last_sent("reqMktData")["reqId"], 354, "not subscribed")
    streaming.disk.full = False
    wait(streaming, 60)
    again = restarted(streaming)
    again.wait(1)
    assert held(again) == {}
    assert again.sends("reqMktData") == []


def test_a_client_can_release_each_of_two_streams_of_one_account(ready):
    ready.ask("reqPnL", account="DU1")
    ready.ask("reqAccountUpdates", subscribe=True, acctCode="DU1")
    ready.tws("accountDownloadEnd", accountName="DU1")
    ready.wait(3)
    for number, stream in enumerate(ready.result(ready.ask("status"))["streams"]):
        params = {"stream": stream["stream"], "method": stream["method"]}
        ready.request({"v": 1, "id": f"x{number}", "client": "alice", "method": "release", "params": params})
    assert ready.result(ready.ask("status"))["streams"] == []


@pytest.mark.parametrize("codes", [(1102,), (1100, 1102, 0, 1102)], ids=["alone", "a second one"])
def test_after_any_1102_a_stream_that_brings_nothing_is_asked_for_again(streaming, codes):
    for code in codes:
        if code:
            streaming.error(-1, code, "restored, data kept")
        else:
            tick(streaming)
            wait(streaming, 30)
    wait(streaming, 60)
    assert len(streaming.sends("reqMktData")) > 1
    assert set(held(streaming).values()) != {"doubtful"}


def test_no_stream_is_told_as_served_again_on_which_tws_has_said_nothing(streaming):
    streaming.session.on_lost("end of file", streaming.now)
    streaming.wait(1.5)
    streaming.ready()
    wait(streaming, 120)
    assert held(streaming) == {"265598": "asking"}
    assert told(streaming) == ["stale"]


def test_no_stream_is_told_as_served_again_while_its_farm_is_broken(streaming):
    streaming.session.on_lost("end of file", streaming.now)
    streaming.wait(1.5)
    streaming.ready()
    streaming.error(-1, 2103, FARM)
    wait(streaming, 120)
    assert told(streaming) == ["stale"]


def test_a_stream_on_which_tws_says_nothing_is_asked_for_again_twice_at_most(streaming):
    streaming.error(-1, 1101, "restored, data lost")
    streaming.wait(0.5)
    streaming.error(-1, 1102, "restored, data kept")
    wait(streaming, 120)
    assert len(streaming.sends("reqMktData")) <= 1 + 1 + 2


def test_no_position_is_told_as_current_that_a_cancelled_question_had_told(make_bench):
    bench = make_bench()
    bench.ready(told=False)
    bench.tws("position", account="DU1", contract={"conId": 1, "symbol": "A"}, position="7", avgCost=1.0)
    for _ in range(75):
        bench.ask("ping")
        bench.wait(1)
    assert len(bench.own_cancels) == 1
    asked = bench.ask("reqPositions", client="bob")
    bench.tws("positionEnd")
    told = [event["event"] for event in bench.result(asked)["snapshot"]["events"]]
    assert "position" not in told
    assert bench.on("account.DU1.position") == []


def test_what_the_last_complete_list_lacks_is_0_also_after_a_list_that_never_ended(make_bench):
    bench = make_bench()
    bench.ready(told=False)
    bench.tws("position", account="DU1", contract=AAPL, position="5", avgCost=1.0)
    bench.internal_requests = [send for send in bench.internal_requests if send.name != "reqPositions"]
    bench.answer_internal_requests()
    bench.wait(61)
    assert len(bench.own_cancels) == 1
    placed = bench.ask("placeOrder", orderKey="k1", contract=AAPL, order=ORDER)
    bench.wait(15)
    bench.ask("ping")
    while not any(send.name == "reqPositions" for send in bench.internal_requests):
        bench.wait(1)
    bench.answer_internal_requests()
    assert bench.result(placed)["state"] == "unknown"
    again = bench.ask("placeOrder", orderKey="k1", contract=AAPL, order=ORDER)
    assert bench.result(again)["position"]["now"] == "0"


@pytest.mark.parametrize("meanwhile", ["ibkr was out of reach", "the bridge stood still"])
def test_a_time_without_a_look_is_no_silence_of_the_stream(bars, meanwhile):
    if meanwhile == "ibkr was out of reach":
        bars.error(-1, 1100, "lost")
        run(bars, 600, say=None)
        bars.error(-1, 1102, "restored, data kept")
    else:
        bars.clock += 600
        bars.session.on_timer(bars.now)
        bars.collect()
    run(bars, 120)
    assert requests(bars) == 1
    run(bars, 70, say=None)
    assert requests(bars) == 2
