"""Attacks on what streams promise, each by the shortest way there."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bridge.session.rights.grants import Grant
from bridge.session.rights.permissions import Permissions
from bridge.session.streams.upstream import SubscriptionTiming
from tests.session.conftest import AAPL
from tests.session.test_order_hazards import reconnect
from tests.session.test_orders import ORDER
from tests.session.test_stale_values import ASK, book, kept, state, subscribe, tick

VERIFY = SubscriptionTiming().verify
ACCOUNT = {"subscribe": True, "acctCode": "DU1"}


def told(bench, kind):
    return [(topic, body["data"]) for topic, body in bench.events if topic.endswith(f".{kind}")]


def wait(bench, seconds, *clients):
    """Wait, while these are heard from."""
    for _ in range(int(seconds)):
        for client in clients or ("alice", "bob"):
            bench.ask("ping", client=client)
        bench.wait(1)


def holders(bench):
    return [stream["holders"] for stream in bench.result(bench.ask("status", client="boss"))["streams"]]


@pytest.fixture
def streaming(ready):
    """Alice holds a stream with bid 100 and ask 101."""
    subscribe(ready)
    tick(ready, 100.0)
    tick(ready, 101.0, ASK)
    return ready


# Outages


@pytest.mark.parametrize("code", [1100, 2110])
def test_one_late_tick_does_not_end_an_outage(streaming, code):
    streaming.error(-1, code, "lost")
    tick(streaming, 100.5)
    wait(streaming, VERIFY + 5)
    assert streaming.on("system.recovered") == []
    assert (101.0, True) in kept(streaming)


@pytest.mark.parametrize("code", [1100, 2110])
def test_a_late_tick_confirms_nothing_while_ibkr_is_away(streaming, code):
    streaming.error(-1, code, "lost")
    tick(streaming, 100.5)
    assert streaming.result(subscribe(streaming, "bob"))["confirmed"] is False


def test_one_late_tick_does_not_end_the_outage_of_a_farm(streaming):
    streaming.error(-1, 2103, "Market data farm connection is broken:usfarm")
    tick(streaming, 100.5)
    wait(streaming, VERIFY + 5)
    assert streaming.on("system.recovered") == []
    assert (101.0, True) in kept(streaming)


def test_values_of_a_download_that_an_outage_interrupts_are_stale(ready):
    ready.ask("reqAccountUpdates", **ACCOUNT)
    ready.tws("updateAccountValue", key="NetLiquidation", value="1", currency="USD", accountName="DU1")
    ready.error(-1, 1100, "lost")
    (value,) = ready.result(ready.ask("snapshot", prefix="account.DU1.updateAccountValue"))["events"]
    assert value.get("stale") is True


def test_values_of_a_download_that_a_lost_connection_interrupts_are_stale(ready):
    ready.ask("reqAccountUpdates", **ACCOUNT)
    ready.tws("updateAccountValue", key="NetLiquidation", value="1", currency="USD", accountName="DU1")
    ready.session.on_lost("end of file", ready.now)
    ready.collect()
    events = ready.result(ready.ask("snapshot", prefix="account.DU1.updateAccountValue"))["events"]
    assert all(event.get("stale") for event in events)


def test_recovered_comes_for_a_gap_of_1101_after_1100(streaming):
    for code in (1100, 1101, 1100, 1102):
        streaming.error(-1, code, "why")
    wait(streaming, 0.2)
    assert len(told(streaming, "gap")) == 1
    streaming.wait(0.2)
    tick(streaming, 5.0)
    assert len(told(streaming, "recovered")) == 1


# Late words


def test_a_late_summary_under_an_old_id_is_not_published(ready):
    ready.ask("reqAccountSummary", group="All", tags="A")
    old = ready.last_sent("reqAccountSummary")["reqId"]
    value = {"account": "DU1", "tag": "A", "currency": "USD"}
    ready.tws("accountSummary", reqId=old, value="1", **value)
    ready.tws("accountSummaryEnd", reqId=old)
    reconnect(ready)
    ready.wait(0.1)
    new = ready.last_sent("reqAccountSummary")["reqId"]
    ready.tws("accountSummary", reqId=new, value="2", **value)
    ready.tws("accountSummaryEnd", reqId=new)
    ready.ask("release", stream="All")
    ready.ask("reqAccountSummary", group="All", tags="A")
    before = len(ready.on("account.DU1.accountSummary"))
    ready.tws("accountSummary", reqId=new, value="3", **value)
    assert len(ready.on("account.DU1.accountSummary")) == before


def test_late_profit_and_loss_of_one_account_is_not_told_as_that_of_all(ready):
    ready.ask("reqPnL", account="DU1")
    old = ready.last_sent("reqPnL")["reqId"]
    ready.tws("pnl", reqId=old, dailyPnL=1.0)
    ready.ask("release", stream="DU1")
    ready.tws("pnl", reqId=old, dailyPnL=2.0)
    assert ready.on("account.all.pnl") == []


def test_late_summary_after_the_release_is_not_kept(ready):
    ready.ask("reqAccountSummary", group="All", tags="A")
    old = ready.last_sent("reqAccountSummary")["reqId"]
    ready.tws("accountSummaryEnd", reqId=old)
    ready.ask("release", stream="All")
    ready.tws("accountSummary", reqId=old, account="DU1", tag="A", value="1", currency="USD")
    assert ready.result(ready.ask("snapshot", prefix="account."))["events"] == []


@pytest.mark.parametrize("code", [300, 310, 354, 200])
def test_an_error_on_what_tws_dropped_leaves_the_stream_that_is_asked_for_anew(ready, code):
    req_id = book(ready)
    ready.error(req_id, 316, "please subscribe again")
    ready.error(req_id, code, "late")
    ready.wait(0.2)
    assert len(ready.sends("reqMktDepth")) == 2
    assert [body["data"]["errorCode"] for body in ready.on("depth.265598-5rows.error")] == [316]


def test_a_late_tick_under_a_dropped_id_is_not_the_word_of_the_new_one(ready):
    req_id = book(ready)
    ready.error(req_id, 316, "please subscribe again")
    ready.wait(0.2)
    ready.tws("updateMktDepth", reqId=req_id, marketDepthData={"position": 0, "side": 1, "price": 9.0})
    assert state(ready) != ["live"]
    assert told(ready, "recovered") == []


# Names and holders


def test_releasing_profit_and_loss_leaves_the_account_updates_of_that_account(ready):
    ready.ask("reqAccountUpdates", **ACCOUNT)
    ready.tws("accountDownloadEnd", accountName="DU1")
    ready.ask("reqPnL", account="DU1")
    ready.tws("pnl", reqId=ready.last_sent("reqPnL")["reqId"], dailyPnL=1.0)
    ready.ask("cancelPnL", stream="DU1")
    assert len(ready.sends("cancelPnL")) == 1
    assert [stream["method"] for stream in ready.result(ready.ask("status"))["streams"]] == ["reqAccountUpdates"]


def test_who_releases_what_it_has_just_asked_for_holds_nothing(ready):
    ready.ask("reqPositions")
    ready.ask("reqPositions", client="bob")
    ready.ask("release", stream="Positions")
    ready.tws("positionEnd")
    assert holders(ready) == [["bob"]]


def test_who_releases_while_there_is_no_connection_holds_nothing(streaming):
    subscribe(streaming, "bob")
    streaming.session.on_lost("end of file", streaming.now)
    streaming.collect()
    subscribe(streaming)
    assert streaming.result(streaming.ask("release", stream="265598"))
    streaming.wait(2)
    streaming.ready(told=False)
    streaming.wait(0.1)
    tick(streaming, 1.0)
    assert holders(streaming) == [["bob"]]


def test_a_stream_that_nobody_holds_is_not_renewed(streaming):
    streaming.session.on_lost("end of file", streaming.now)
    streaming.collect()
    streaming.ask("release", stream="265598")
    streaming.wait(2)
    streaming.ready(told=False)
    wait(streaming, 25)
    assert len(streaming.sends("reqMktData")) == 1


def test_a_release_between_316_and_the_new_request_leaves_nothing(ready):
    req_id = book(ready)
    ready.error(req_id, 316, "please subscribe again")
    ready.ask("release", stream="265598-5rows")
    wait(ready, 25)
    assert len(ready.sends("reqMktDepth")) == 1


def test_the_own_question_for_positions_does_not_end_what_a_client_holds(ready):
    ready.ask("reqPositions")
    ready.tws("positionEnd")
    ready.error(-1, 1100, "lost")
    ready.error(-1, 1101, "restored")
    ready.wait(0.2)
    ready.answer_internal_requests()
    wait(ready, 3)
    last = max(i for i, send in enumerate(ready.sent) if send.name == "reqPositions")
    assert not any(send.name == "cancelPositions" for send in ready.sent[last:])
    assert ready.own_cancels[1:] == []


@pytest.mark.parametrize("answered", [False, True])
def test_many_asks_are_at_most_50_a_second(ready, answered):
    for con_id in range(1, 121):
        ready.ask("reqMktData", contract={"conId": con_id, "exchange": "SMART"})
        ready.tws("tickPrice", reqId=ready.last_sent("reqMktData")["reqId"], tickType=1, price=1.0, size="1")
    before = len(ready.sends("reqMktData"))
    for code in (1100, 1101):
        ready.error(-1, code, "why")
    times = []
    for _ in range(1200):
        ready.wait(0.02)
        ready.ask("ping")
        times += [ready.clock] * (len(ready.sends("reqMktData")) - before - len(times))
        if answered and times:
            ready.tws("tickPrice", reqId=ready.last_sent("reqMktData")["reqId"], tickType=1, price=1.0, size="1")
    assert len(times) >= 120
    assert all(later - first > 0.9 for first, later in zip(times, times[51:], strict=False))


def gone_and_told_again(bench):
    """1100, a tick of 102, 1102: the stream is in doubt, and TWS has told the bid before it."""
    bench.error(-1, 1100, "lost")
    tick(bench, 102.0)
    bench.error(-1, 1102, "restored")


@pytest.mark.parametrize("code", [1100, 2110, 2103])
def test_a_second_outage_makes_stale_what_was_told_in_the_first(streaming, code):
    gone_and_told_again(streaming)
    streaming.error(-1, code, "Market data farm connection is broken:usfarm")
    assert (102.0, True) in kept(streaming)


def test_a_competing_session_makes_stale_what_was_told_in_an_outage(streaming):
    gone_and_told_again(streaming)
    streaming.error(streaming.last_sent("reqMktData")["reqId"], 10197, "competing session")
    assert (102.0, True) in kept(streaming)


def test_a_silent_stream_that_is_asked_for_again_has_no_value_of_before(streaming):
    gone_and_told_again(streaming)
    wait(streaming, VERIFY + 1)
    assert len(streaming.sends("reqMktData")) == 2
    assert (102.0, False) not in kept(streaming)
    tick(streaming, 103.0, ASK)
    assert kept(streaming) == [(103.0, False)]


def test_a_late_tick_after_1101_is_no_value_of_the_new_subscription(streaming):
    streaming.error(-1, 1100, "lost")
    streaming.error(-1, 1101, "restored, data lost")
    tick(streaming, 50.0)
    wait(streaming, 1)
    assert len(streaming.sends("reqMktData")) == 2
    tick(streaming, 103.0, ASK)
    assert kept(streaming) == [(103.0, False)]


def two(bench):
    for con_id in (1, 2):
        bench.ask("reqMktData", contract={"conId": con_id, "exchange": "SMART"})
        tick(bench, 1.0)


def test_a_stream_that_is_back_and_out_again_recovers_once_for_each_gap(ready):
    two(ready)
    reconnect(ready)
    ready.wait(0.1)
    first, _ = (send["reqId"] for send in ready.sends("reqMktData")[2:])
    ready.tws("tickPrice", reqId=first, tickType=1, price=2.0, size="1")
    ready.error(first, 10197, "competing session")
    gaps = [name for _, data in told(ready, "gap") for name in data["streams"]]
    recovered = [name for _, data in told(ready, "recovered") for name in data["streams"]]
    assert gaps.count("1") == 1 + recovered.count("1")


def test_recovered_names_no_stream_that_is_out_again(ready):
    two(ready)
    reconnect(ready)
    ready.wait(0.1)
    first, second = (send["reqId"] for send in ready.sends("reqMktData")[2:])
    ready.tws("tickPrice", reqId=first, tickType=1, price=2.0, size="1")
    ready.error(first, 10197, "competing session")
    ready.tws("tickPrice", reqId=second, tickType=1, price=2.0, size="1")
    of_first = [topic for topic, body in ready.events if "1" in body["data"].get("streams", ())]
    assert of_first == ["system.gap", "system.recovered", "system.gap"]
    assert told(ready, "recovered")[-1][1]["streams"] == ["2"]


def test_who_is_served_in_an_outage_of_others_hears_when_that_is_over(ready):
    """Found by the simulation: a joiner that was answered `confirmed` heard of no later gap while the outage held."""
    two(ready)
    reconnect(ready)
    ready.wait(0.1)
    first, _ = (send["reqId"] for send in ready.sends("reqMktData")[2:])
    ready.tws("tickPrice", reqId=first, tickType=1, price=2.0, size="1")
    joiner = ready.ask("reqMktData", client="carol", contract={"conId": 1, "exchange": "SMART"})
    assert ready.result(joiner)["confirmed"] is True
    before = len(told(ready, "gap"))
    ready.error(-1, 1100, "lost")
    (gap,) = told(ready, "gap")[before:]
    assert gap[1]["streams"] == ["1"]
    assert ready.on("market.1.stale")[-1]["data"]["code"] == 1100


def test_recovered_names_no_stream_that_has_ended(ready):
    two(ready)
    reconnect(ready)
    ready.wait(0.1)
    first, second = (send["reqId"] for send in ready.sends("reqMktData")[2:])
    ready.tws("tickPrice", reqId=first, tickType=1, price=2.0, size="1")
    ready.error(first, 200, "gone")
    ready.tws("tickPrice", reqId=second, tickType=1, price=2.0, size="1")
    assert all("1" not in data["streams"] for _, data in told(ready, "recovered"))


def test_nothing_recovers_before_tws_has_said_a_word(streaming):
    reconnect(streaming)
    wait(streaming, 9)
    assert state(streaming) == ["asking"]
    assert streaming.on("system.recovered") == []
    assert kept(streaming) == [(100.0, True), (101.0, True)]


def test_the_answer_to_the_own_cancel_does_not_end_what_is_about_to_be_asked_for(ready):
    for con_id in range(1, 6):
        for client in ("alice", "bob"):
            ready.ask("reqMktData", client=client, contract={"conId": con_id, "exchange": "SMART"})
        tick(ready, 1.0)
    more = {"barSizeSetting": "5 mins", "duration": "1 D", "whatToShow": "TRADES", "keepUpToDate": True}
    ready.ask("reqHistoricalData", contract=AAPL, **more)
    old = ready.last_sent("reqHistoricalData")["reqId"]
    ready.tws("historicalData", reqId=old, historicalDataBars=[{"date": "1", "close": 1.0}])
    ready.tws("historicalDataEnd", reqId=old, startDateStr="a", endDateStr="b")
    gone = 0.0
    for code in (1100, 1102):
        ready.error(-1, code, "why")
    while not ready.sends("cancelHistoricalData") and gone < 30:
        ready.ask("ping")
        ready.ask("ping", client="bob")
        ready.wait(0.05)
        gone += 0.05
    ready.error(old, 366, "No historical data query found for ticker id")
    wait(ready, 1)
    assert told(ready, "ended") == []
    assert len(ready.sends("reqHistoricalData")) == 2


def test_late_profit_and_loss_of_a_refused_subscription_is_not_told_as_that_of_all(make_bench):
    bench = make_bench()
    bench.ready(accounts="DU1,DU2")
    bench.ask("reqPnL", account="DU2")
    old = bench.last_sent("reqPnL")["reqId"]
    bench.error(old, 200, "no")
    bench.tws("pnl", reqId=old, dailyPnL=2.0)
    assert bench.on("account.all.pnl") == []


# Limits


@pytest.fixture
def limited(make_bench):
    """Alice may buy for 15000, and holds a stream with bid 100."""
    grant = Grant(frozenset({"trade"}), max_order_notional={"USD": Decimal(15_000)})
    bench = make_bench(permissions=Permissions({"alice": grant}))
    bench.ready()
    subscribe(bench)
    tick(bench, 100.0)
    bench.ask("reqContractDetails", contract=AAPL)
    req_id = bench.last_sent("reqContractDetails")["reqId"]
    bench.tws("contractDetails", reqId=req_id, contract={**AAPL, "multiplier": "1"}, contractDetails={})
    bench.tws("contractDetailsEnd", reqId=req_id)
    return bench


def buy(bench):
    """How many orders leave when alice buys 100 at the market."""
    market = {**ORDER, "orderType": "MKT", "totalQuantity": "100"}
    market.pop("lmtPrice")
    bench.ask("placeOrder", orderKey="k", contract=AAPL, order=market)
    return len(bench.sends("placeOrder"))


def test_a_limit_does_not_judge_by_a_quote_of_before_a_farm_broke(limited):
    limited.error(-1, 2103, "Market data farm connection is broken:usfarm")
    tick(limited, 99.0, 9)
    wait(limited, VERIFY + 5, "alice")
    assert buy(limited) == 0


def test_a_limit_does_not_judge_by_a_quote_of_before_1102_and_a_broken_farm(limited):
    gone_and_told_again(limited)
    limited.answer_internal_requests()
    limited.error(-1, 2103, "Market data farm connection is broken:usfarm")
    tick(limited, 99.0, 9)
    assert buy(limited) == 0


def test_a_limit_does_not_judge_by_a_late_tick_after_1101(limited):
    for code in (1100, 1101):
        limited.error(-1, code, "why")
    tick(limited, 50.0)
    limited.wait(0.2)
    limited.answer_internal_requests()
    tick(limited, 300.0, 9)
    assert buy(limited) == 0


def test_a_limit_does_not_judge_by_what_a_silent_stream_told_before(limited):
    gone_and_told_again(limited)
    limited.answer_internal_requests()
    wait(limited, VERIFY + 1, "alice")
    assert len(limited.sends("reqMktData")) == 2
    tick(limited, 300.0, 9)
    assert buy(limited) == 0
