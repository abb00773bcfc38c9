"""A third attack on pacing, shared requests and kept answers. Each test names the sentence of the contract that it is
about, and where the code is that broke it. The gravest come first.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bridge.session.orders.order_message import read
from bridge.session.rights.grants import Grant
from bridge.session.rights.permissions import Permissions
from tests.session.cache_file import CacheFile
from tests.session.conftest import AAPL, Bench
from tests.session.model_history import ModelHistory
from tests.session.test_bar_cache import HISTORY, PAST, Market
from tests.session.test_merge_attack import ORDER, ask_chain, option, refusals, request

META = {"conId": 107113386, "symbol": "META", "secType": "STK", "exchange": "SMART", "currency": "USD"}
SMALL = {**HISTORY, "barSizeSetting": "5 secs", "duration": "600 S"}


@pytest.fixture
def paced() -> Bench:
    bench = Bench(messages_per_second=50)
    bench.ready()
    bench.wait(10)
    return bench


def tick(bench: Bench) -> None:
    """TWS sends a price for the newest subscription."""
    bench.tws("tickPrice", reqId=bench.last_sent("reqMktData")["reqId"], tickType=1, price=1.0, size="1")


def refuse_999(bench: Bench, *, ticks: bool = True, seconds: int = 5) -> None:
    """TWS refuses each list with 999, and serves others."""
    answered = 0
    for _ in range(10 * seconds):
        bench.wait(0.1)
        for sent in bench.sends("reqMktData")[answered:]:
            answered += 1
            if "999" in (sent.get("genericTickList") or ""):
                bench.error(sent["reqId"], 321, "Incorrect generic tick list of 999")
            elif ticks:
                bench.tws("tickPrice", reqId=sent["reqId"], tickType=1, price=1.0, size="1")


# Orders


def test_an_order_leaves_without_a_description_of_another_day() -> None:
    """C5.79, C7.33, C7.34. A kept description is valid for one day. `ReferenceCache._looked` did not answer with one of
    last month, but the checks of orders learned it. So the bridge refused the order for the contract's new symbol, or
    sent it with the old one, and used an old multiplier for limits."""
    file = CacheFile()
    bench = Bench(caches=True, cache=file)
    bench.ready(time="20261122 07:00:00 UTC")
    bench.wait(10)
    bench.ask("reqContractDetails", contract={"conId": META["conId"]})
    req_id = bench.last_sent("reqContractDetails")["reqId"]
    bench.tws("contractDetails", reqId=req_id, contract={**META, "symbol": "FB"}, contractDetails={"longName": "x"})
    bench.tws("contractDetailsEnd", reqId=req_id)
    later = Bench(caches=True, cache=file)
    later.clock = bench.clock + 30 * 86_400
    later.ready(time="20261222 07:00:00 UTC")
    later.wait(10)
    later.ask("reqContractDetails", contract={"conId": META["conId"]})  # TWS has not answered it yet
    id_ = later.ask("placeOrder", orderKey="k", contract=META, order=ORDER)
    assert refusals(later, [id_]) == []
    assert later.last_sent("placeOrder")["contract"]["symbol"] == "META"


def test_an_order_whose_contract_tws_must_describe_does_not_wait_behind_reads_of_its_client() -> None:
    """C5.10: orders before all others. The description that a limit needs waited behind all reads of the client
    (`Dispatcher._run_in_turns`): an order with a timeout of 10 s was refused with `paced`."""
    grant = Grant(frozenset({"trade"}), max_order_notional={"USD": Decimal(100_000)})
    bench = Bench(messages_per_second=50, permissions=Permissions({"bob": grant}))
    bench.ready()
    bench.wait(10)
    ask_chain(bench, "bob", 490, first=1000)
    contract = {"conId": 265598, "exchange": "SMART"}
    request(bench, "o", "placeOrder", "bob", params={"orderKey": "k", "contract": contract, "order": ORDER}, timeout=10)
    for _ in range(10):
        bench.wait(0.1)
        for sent in bench.sends("reqContractDetails"):
            if sent["contract"]["conId"] == 265598:
                bench.tws("contractDetails", reqId=sent["reqId"], contract=AAPL, contractDetails={})
                bench.tws("contractDetailsEnd", reqId=sent["reqId"])
    assert refusals(bench, ["o"]) == []
    assert len(bench.sends("placeOrder")) == 1


def test_after_error_100_a_group_leaves_as_a_whole_and_within_the_full_limit(paced: Bench) -> None:
    """C5.55, C7.44. A group of 40 leaves as a whole within TWS's own 50 messages a second, although the bridge has
    halved its limit. Single orders keep to the halved limit, and none of them counts beside the group in its second."""
    paced.error(-1, 100, "Max rate of messages per second has been exceeded")
    paced.wait(5)
    began = paced.clock
    for number in range(20):
        paced.ask("placeOrder", orderKey=f"a{number}", contract=AAPL, order=ORDER)
    paced.ask("placeOrders", orders=[{"orderKey": f"g{n}", "contract": AAPL, "order": ORDER} for n in range(40)])
    for number in range(60):
        paced.ask("placeOrder", "bob", orderKey=f"b{number}", contract=AAPL, order=ORDER)
    left: list[float] = []
    while paced.clock < began + 6:
        paced.wait(0.05)
        sent = paced.sends("placeOrder")
        keys = [tag.key for data in sent if (tag := read(data["order"]["orderRef"]))]
        assert sum(key.startswith("g") for key in keys) in (0, 40), "a part of the group has left"
        left += [paced.clock - began] * (len(sent) - len(left))
    assert len(left) == 120
    assert all(sum(at - 1 < other <= at for other in left) <= 50 for at in left)
    group = next(at for at in left if left.count(at) >= 40)
    assert sum(group - 1 < at <= group for at in left) <= 50
    alone = [at for at in left if not group - 1 < at < group + 1]
    assert all(sum(at - 1 < other <= at for other in alone) <= 25 for at in alone)


# Requests of others


def test_real_time_bars_that_wait_for_the_end_of_a_pause_hold_up_nobody(paced: Bench) -> None:
    """C5.55, C5.56: after a pacing violation the bridge requests no historical data and no real-time bars for a minute
    or more. The lost stream counted as one that is being renewed (`Resubscription.is_renewing`), so that no request of
    any client went to TWS for that time: no contract details, no market data, no description for an order."""
    paced.ask("reqRealTimeBars", "bob", contract=AAPL, barSize=5, whatToShow="TRADES", useRTH=True)
    paced.wait(3)
    paced.error(paced.last_sent("reqRealTimeBars")["reqId"], 420, "Invalid Real-time Query: pacing violation")
    paced.wait(1)
    ask_chain(paced, "alice", 1)
    paced.wait(1)
    assert len(paced.sends("reqContractDetails")) == 1
    for _ in range(7):
        paced.wait(10)
        paced.ask("ping", "bob")  # it is still there
    assert len(paced.sends("reqRealTimeBars")) > 1


def test_a_quiet_tick_by_tick_subscription_holds_up_nobody(paced: Bench) -> None:
    """C5.56. The bridge requests a subscription again when TWS has sent nothing for 10 s, and TWS takes one request per
    instrument in 15 s. In the 5 s between these no request of any client went to TWS."""
    paced.ask("reqTickByTickData", "bob", contract=AAPL, tickType="Last")
    paced.wait(11)
    ask_chain(paced, "alice", 1)
    paced.wait(1)
    assert len(paced.sends("reqContractDetails")) == 1
    paced.wait(5)
    assert len(paced.sends("reqTickByTickData")) == 2


def test_ticks_that_tws_refuses_do_not_fail_another_client_that_wants_more_at_the_same_time(paced: Bench) -> None:
    """C6.46: only that client's subscription fails. Bob and eve want more of a stream before TWS has served either
    (`Wants.add`): TWS refuses the ticks of eve, and the subscriptions of both fail."""
    paced.ask("reqMktData", contract=AAPL)
    paced.wait(0.5)
    tick(paced)
    bob = paced.ask("reqMktData", "bob", contract=AAPL, genericTickList="233")
    paced.wait(0.2)
    eve = paced.ask("reqMktData", "eve", contract=AAPL, genericTickList="999")
    refuse_999(paced)
    assert refusals(paced, [bob]) == []
    assert paced.answers(bob)[0]["ok"]
    assert paced.failure(eve)["code"] == "rejectedByTws"
    assert paced.last_sent("reqMktData")["genericTickList"] == "233"


def test_ticks_that_tws_refuses_do_not_fail_a_client_that_has_joined_without_them(paced: Bench) -> None:
    """C6.46. Bob joins, with no tick list, a stream for which eve waits with a wrong one (`Subscriptions.on_error`)."""
    eve = paced.ask("reqMktData", "eve", contract=AAPL, genericTickList="999")
    bob = paced.ask("reqMktData", "bob", contract=AAPL)
    refuse_999(paced)
    assert refusals(paced, [bob]) == []
    assert paced.answers(bob)[0]["ok"]
    assert paced.failure(eve)["code"] == "rejectedByTws"
    assert not paced.last_sent("reqMktData").get("genericTickList")


def test_many_lists_of_ticks_with_two_wrong_ones(paced: Bench) -> None:
    """C6.46, and the market is quiet: TWS sends a price only at the end."""
    asked = {ticks: paced.ask("reqMktData", f"c{number}", contract=AAPL, genericTickList=ticks)
             for number, ticks in enumerate(("233", "999", "236,100", "100,999", ""))}  # fmt: skip
    refuse_999(paced, ticks=False, seconds=20)
    tick(paced)
    paced.wait(1)
    for ticks, id_ in asked.items():
        assert paced.answers(id_)[0]["ok"] == ("999" not in ticks), ticks
    assert paced.last_sent("reqMktData")["genericTickList"] == "100,233,236"


def test_an_unknown_contract_fails_all_that_want_it_at_once(paced: Bench) -> None:
    asked = [paced.ask("reqMktData", f"c{ticks}", contract=AAPL, genericTickList=ticks) for ticks in ("233", "236")]
    paced.wait(0.3)
    paced.error(paced.last_sent("reqMktData")["reqId"], 200, "No security definition has been found for the request")
    assert [paced.failure(id_)["twsCode"] for id_ in asked] == [200, 200]


# Kept answers


def test_an_answer_that_takes_tws_minutes_does_not_end_the_cache_of_bars() -> None:
    """C5.90: while TWS's clock and the bridge's differ by more than two minutes. An answer until now that TWS needs 150
    seconds for ends 150 s ago. `BarKeeper.keep` took that for another clock, and used no kept bars any more until the
    next connection."""
    market = Market(ModelHistory(7))
    bench = market.bench
    bench.wait(10)
    market.check(PAST, "3 D")
    request(bench, "slow", "reqHistoricalData", params={**HISTORY, "endDateTime": "", "duration": "4 W"}, timeout=600)
    bench.wait(0)
    sent = market.sent[-1]
    bars, start, end = market.model.answer(sent, market.now)
    market.answered = len(market.sent)
    bench.wait(150)
    bench.tws("historicalData", reqId=sent["reqId"], historicalDataBars=bars)
    bench.tws("historicalDataEnd", reqId=sent["reqId"], startDateStr=start, endDateStr=end)
    assert bench.answers("slow")[0]["ok"]
    assert market.check(PAST, "3 D").get("cached")


# How long a request waits


def test_equal_requests_that_wait_are_one_message_in_the_estimate(paced: Bench) -> None:
    """C5.50: about the longest time that it may wait. 900 clients that ask the same are one message. The bridge told
    the next client to expect 19 s, and it waited 0.1 s (`RequestQueue.cost`)."""
    ask_chain(paced, "eve", 60)
    for number in range(900):
        ask_chain(paced, f"c{number}", 1, first=700)
    ask_chain(paced, "alice", 1, first=800)
    told = paced.on("request.alice.queued")[-1]["data"]["waitSeconds"]
    began = paced.clock
    while option(800) not in [sent["contract"] for sent in paced.sends("reqContractDetails")]:
        paced.wait(0.1)
    assert paced.clock - began <= told + 0.1 <= 2


def test_the_estimate_knows_those_that_wait_for_the_same_bars(paced: Bench) -> None:
    """C5.50. TWS takes five requests for small bars of one contract in 2 s. The bridge told each of 40 that it would
    wait 2 s, and the last one waited 14 s (`HistoryRules.wait`)."""
    for number in range(40):
        params = {**SMALL, "endDateTime": f"20251003 1{number // 10}:{number % 10:02}:00 US/Eastern"}
        request(paced, f"h{number}", "reqHistoricalData", params=params, timeout=300)
    told = paced.on("request.alice.queued")[-1]["data"]["waitSeconds"]
    began = paced.clock
    while len(paced.sends("reqHistoricalData")) < 40:
        paced.wait(0.2)
    assert told / 2 <= paced.clock - began <= told + 1


def test_the_estimate_knows_those_that_wait_for_the_next_ten_minutes(paced: Bench) -> None:
    """C5.50. TWS takes 60 requests for small bars in ten minutes. Of 130 the last ten wait 20 minutes."""
    for number in range(130):
        params = {**SMALL, "contract": option(number), "endDateTime": PAST}
        request(paced, f"h{number}", "reqHistoricalData", params=params, timeout=600)
    told = {event["re"]: event["data"]["waitSeconds"] for event in paced.on("request.alice.queued")}
    assert told["h50"] < 2
    assert 590 <= told["h70"] <= 610
    assert 1190 <= told["h125"] <= 1210


def test_an_end_that_the_clock_shows_twice_goes_to_tws() -> None:
    """C5.90: where it is not certain. On the day on which the clocks are set back, 01:00 is two times. The bridge took
    the first one (`bar_times.moment`) and served bars until then. TWS may take the second one, an hour and a bar later.
    The bars of a new instrument, with times in seconds since 1970, show the difference."""
    bench = Bench(caches=True)
    bench.clock = 1000 + datetime(2025, 11, 10, 12, tzinfo=UTC).timestamp() - 1_760_000_000
    bench.ready(time="20251110 07:00:00 US/Eastern")
    bench.wait(10)
    series = {**HISTORY, "contract": {"conId": 5}, "barSizeSetting": "1 hour", "useRTH": False, "formatDate": 2}
    params = {**series, "endDateTime": "20251109 00:00:00 US/Eastern", "duration": "2 W"}
    first, end = (int(datetime(2025, *at, tzinfo=UTC).timestamp()) for at in ((10, 28, 12), (11, 9, 5)))
    request(bench, "all", "reqHistoricalData", params=params)
    bench.wait(0)
    req_id = bench.last_sent("reqHistoricalData")["reqId"]
    bars = [{"date": str(start), "open": 1.0, "close": 1.0, "volume": "1"} for start in range(first, end, 3600)]
    bench.tws("historicalData", reqId=req_id, historicalDataBars=bars)
    bench.tws("historicalDataEnd", reqId=req_id, startDateStr="20251026 00:00:00 US/Eastern",
              endDateStr="20251109 00:00:00 US/Eastern")  # fmt: skip
    for number, (text, is_kept) in enumerate((("03", True), ("01", False))):
        params = {**series, "endDateTime": f"20251102 {text}:00:00 US/Eastern", "duration": "1 W"}
        request(bench, f"r{number}", "reqHistoricalData", params=params)
        bench.wait(0)
        assert bool(bench.answers(f"r{number}")) == is_kept, text


def test_an_unknown_contract_is_forgotten_when_tws_says_so_after_the_request_was_given_up() -> None:
    """C5.82. TWS says about a request that it does not know the contract (error 200), after the time of the request is
    over: the bridge did not know any more what the request was about (`PendingRequests.params_of`)."""
    bench = Bench(caches=True)
    bench.ready()
    bench.wait(10)
    bars = {"contract": AAPL, "whatToShow": "TRADES", "useRTH": True, "formatDate": 1}
    request(bench, "late", "reqHeadTimeStamp", params=bars, timeout=1)
    late = bench.last_sent("reqHeadTimeStamp")["reqId"]
    bench.ask("reqContractDetails", contract=AAPL)
    req_id = bench.last_sent("reqContractDetails")["reqId"]
    bench.tws("contractDetails", reqId=req_id, contract=AAPL, contractDetails={"longName": "APPLE INC"})
    bench.tws("contractDetailsEnd", reqId=req_id)
    bench.wait(2)
    assert bench.failure("late")["code"] == "noResponse"
    bench.error(late, 200, "No security definition has been found for the request")
    bench.ask("reqContractDetails", contract=AAPL)
    assert len(bench.sends("reqContractDetails")) == 2
