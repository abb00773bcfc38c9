"""Attacks on what shared requests, kept answers and bounds do to orders, cancels and other clients.

Each test names what should hold, and where the code is that breaks it. The gravest come first.
"""

from __future__ import annotations

from decimal import Decimal
from time import process_time
from typing import Any

import pytest

from bridge.session import Instant, Reply
from bridge.session.bounds import Bounds
from bridge.session.caching.day_cache import DayCache
from bridge.session.contracts.descriptions import PATIENCE
from bridge.session.rights.fences import Fences
from bridge.session.rights.grants import Grant
from bridge.session.rights.permissions import Permissions
from bridge.session.stored_replies import footprint
from bridge.tws.events import Message
from tests.session.conftest import AAPL, Bench
from tests.session.model_history import ModelHistory
from tests.session.test_bar_cache import HISTORY, PAST, Market

ORDER = {"action": "BUY", "orderType": "LMT", "totalQuantity": "10", "lmtPrice": 5.0}


def request(bench: Bench, id_: str, method: str, client: str = "alice", **more: Any) -> None:
    """Send a request with more fields in its envelope; `params` are among `more`."""
    bench.request({"v": 1, "id": id_, "client": client, "method": method, **more}, client)


def option(number: int) -> dict[str, Any]:
    return {"conId": number + 1, "exchange": "SMART"}


def ask_chain(bench: Bench, client: str, count: int, first: int = 0) -> None:
    """Ask for the details of so many contracts at once."""
    for number in range(first, first + count):
        bench.ask("reqContractDetails", client, contract=option(number))


def place(bench: Bench, count: int, client: str = "alice") -> list[str]:
    return [
        bench.ask("placeOrder", client, orderKey=f"k{number}", contract=AAPL, order=ORDER) for number in range(count)
    ]


def refusals(bench: Bench, ids: list[str]) -> list[str]:
    return [body["error"]["message"] for id_ in ids for body in bench.answers(id_) if not body["ok"]]


@pytest.fixture
def market() -> Market:
    return Market(ModelHistory(7, holes=0.0))


# Orders and cancels


def test_an_order_gets_in_while_the_shop_asks_for_its_instruments() -> None:
    """C5.64, C5.66. On a cold morning 50 processes ask for the same 80 instruments: 80 messages to TWS, but 4,000 open
    requests. Until TWS has answered, each process that has ten of them open gets `limitReached` for every order
    (`RequestStore._check_room`). Cancels have room beyond the bound, orders and changes of orders have none."""
    bench = Bench(messages_per_second=50)
    bench.ready()
    bench.wait(10)
    for process in range(50):
        ask_chain(bench, f"p{process}", 80)
    ids = place(bench, 1, "p7")
    assert refusals(bench, ids) == []
    assert len(bench.sends("placeOrder")) == 1


def test_an_order_waits_for_room_however_many_reads_of_its_client_wait() -> None:
    """C5.10. `RequestQueue.put` counts orders and reads together: a client whose option chain fills its 500 places
    gets `notConnected` ("the connection is ready") for the 51st order of a second, which leaves 0.1 s later if nobody
    reads."""
    bench = Bench(messages_per_second=50)
    bench.ready()
    bench.wait(10)
    ask_chain(bench, "alice", 600)
    ids = place(bench, 60)
    bench.wait(5)
    assert refusals(bench, ids) == []
    assert len(bench.sends("placeOrder")) == 60


def test_an_order_waits_for_room_however_many_reads_of_others_wait() -> None:
    """C5.10, C5.67. As above: two clients whose reads wait make the bridge refuse all but ten orders of a third one."""
    bench = Bench(messages_per_second=50)
    bench.ready()
    bench.wait(10)
    ask_chain(bench, "mad", 600)
    ask_chain(bench, "madder", 600, first=1000)
    ids = place(bench, 80)
    bench.wait(5)
    assert refusals(bench, ids) == []


def test_a_cancel_waits_for_the_connection_however_many_reads_wait() -> None:
    """C5.66. While TWS restarts, the reads of a client fill its half of the queue: the bridge refuses its cancel."""
    bench = Bench()
    bench.ready()
    place(bench, 1)
    bench.session.on_lost("gone", bench.now)
    bench.collect()
    ask_chain(bench, "alice", 500)
    id_ = bench.ask("cancelOrder", orderKey="k0")
    assert refusals(bench, [id_]) == []


def test_a_read_that_tws_has_dropped_does_not_stop_the_orders_of_others() -> None:
    """The bridge needs the description of a contract before it may send bob's order. Its request joins carol's, which
    TWS has dropped (`PendingTable.joinable` knows no age). So each order of bob is refused while carol waits, here for
    ten minutes. TWS would answer a request of the bridge's own at once."""
    limits = {"max_order_notional": {"USD": Decimal(1000)}}
    bench = Bench(permissions=Permissions({"bob": Grant(frozenset({"trade"}), **limits), "carol": Grant()}))
    bench.ready()
    bench.wait(10)
    contract = {"conId": 265598}
    request(bench, "read", "reqContractDetails", "carol", params={"contract": contract}, timeout=600)
    bench.wait(60)
    dropped = bench.last_sent("reqContractDetails")["reqId"]
    for number in range(3):
        bench.ask("placeOrder", "bob", id=f"o{number}", contract={**contract, "exchange": "SMART"}, order=ORDER)
        bench.wait(1)
        if (req_id := bench.last_sent("reqContractDetails")["reqId"]) != dropped:
            bench.tws("contractDetails", reqId=req_id, contract=AAPL, contractDetails={})
            bench.tws("contractDetailsEnd", reqId=req_id)
        bench.wait(PATIENCE + 1)
    assert len(bench.sends("placeOrder")) >= 1, refusals(bench, ["o0", "o1", "o2"])


def test_a_new_process_is_not_fenced_by_a_dead_one_because_others_restart() -> None:
    """C5.71. Ten clients that restart every 3 s use up the 200 new instances of a minute. A new process of momentum is
    refused its hello (`Fences._count_new`), so the newest instance is that of its dead predecessor, and its orders and
    cancels are `fenced`. The Python client takes that for good (`Calls.on_reply`) and never says hello again."""
    bench = Bench()
    bench.ready()
    request(bench, "h1", "hello", "momentum", params={"instance": "old"}, instance="old")
    for number in range(20):
        for client in range(10):
            instance = f"i{number}"
            request(bench, f"h{number}", "hello", f"loop{client}", params={"instance": instance}, instance=instance)
    request(bench, "h2", "hello", "momentum", params={"instance": "new"}, instance="new")
    params = {"orderKey": "k", "contract": AAPL, "order": ORDER}
    request(bench, "order", "placeOrder", "momentum", params=params, instance="new")
    assert [body["error"]["code"] for body in bench.answers("order")] != ["fenced"]
    assert len(bench.sends("placeOrder")) == 1


def test_a_client_that_runs_for_months_keeps_its_fence() -> None:
    """`Fences.hello` forgets the client whose last hello is the OLDEST, with its newest instance. The Python client
    says hello every ten seconds; a client of another kind may say it once, and a client may be down for a night. Then
    an old process of it, which hung, may place orders again. Names of notebooks, and instances of processes that
    restart again and again, add up to 10,000 over time, since they are kept on disk. Older instances than the newest
    of a client could go first."""
    fences, clock = Fences({}), 0.0
    fences.hello("momentum", "old", (b"old",), clock)
    fences.hello("momentum", "new", (b"new",), clock)
    for number in range(10_000):
        clock += 10
        fences.hello(f"other{number % 11}", f"i{number}", (b"%d" % number,), clock)
    assert fences.newest("momentum") == "new"


# No answer


def test_a_request_that_tws_has_dropped_does_not_starve_all_that_ask_the_same() -> None:
    """TWS drops a request. Its clients try again after their timeout, not all at the same time. Each new request joins
    the dropped one, which so never ends (`PendingTable.joinable`, `PendingRequests.give_up`): nobody gets an answer
    for as long as two clients overlap. Without shared requests each new attempt was a new message, and answered."""
    bench = Bench()
    bench.ready()
    bench.wait(10)
    ids = []
    for number in range(20):
        ids.append(bench.ask("reqHistogramData", f"c{number % 2}", contract=AAPL, useRTH=True, timePeriod="3 days"))
        sent = bench.sends("reqHistogramData")
        if len(sent) > 1:
            bench.tws("histogramData", reqId=sent[-1]["reqId"], histogramDataEntries=[])
            break
        bench.wait(15)
    assert len(bench.sends("reqHistogramData")) > 1, "in five minutes the bridge has asked once"


def test_fresh_does_not_join_a_request_that_tws_has_had_for_long() -> None:
    """C5.81. As above: `fresh` joins the dropped request, too, since TWS "has not begun to answer" it."""
    bench = Bench()
    bench.ready()
    bench.wait(10)
    params = {"contract": AAPL, "useRTH": True, "timePeriod": "3 days"}
    request(bench, "first", "reqHistogramData", params=params, timeout=600)
    bench.wait(300)
    request(bench, "second", "reqHistogramData", "bob", params=params, fresh=True)
    assert len(bench.sends("reqHistogramData")) == 2


def test_a_request_whose_tail_is_answered_is_answered_whoever_asks_the_same(market: Market) -> None:
    """C5.6. `PendingRequests._over` calls `answered` only for the newest of equal requests. The tail of alice's
    request is at TWS and has its first bars when bob sends an equal request with `fresh`. So `BarCache` never hears
    that the tail is answered, and alice waits until her time is over."""
    bench = market.bench
    market.check("", "2 W")
    bench.wait(120)
    request(bench, "a", "reqHistoricalData", params={**HISTORY, "endDateTime": "", "duration": "2 W"})
    tail = market.sent[-1]
    bars, start, end = market.model.answer(tail, market.now)
    bench.tws("historicalData", reqId=tail["reqId"], historicalDataBars=bars)
    same = {**HISTORY, "endDateTime": "", "duration": tail["duration"]}
    request(bench, "b", "reqHistoricalData", "bob", params=same, fresh=True)
    newer = market.sent[-1]
    assert newer["reqId"] != tail["reqId"]
    bench.tws("historicalDataEnd", reqId=tail["reqId"], startDateStr=start, endDateStr=end)
    bench.tws("historicalData", reqId=newer["reqId"], historicalDataBars=bars)
    bench.tws("historicalDataEnd", reqId=newer["reqId"], startDateStr=start, endDateStr=end)
    market.answered = len(market.sent) - 1
    market.answer()  # the older answer proves nothing, so the whole request goes to TWS
    assert bench.answers("b")
    assert bench.answers("a"), "TWS has answered the tail, and alice waits"


def test_one_behind_another_goes_to_tws_before_its_own_time_is_over(market: Market) -> None:
    """C5.94. A request for a day waits behind one for two weeks, which TWS has dropped. Its client reads `noResponse`
    (TWS has not answered), though the bridge has never asked TWS for it (`BarCache._leader_of`)."""
    bench = market.bench
    bench.wait(10)
    params = {**HISTORY, "endDateTime": PAST}
    request(bench, "long", "reqHistoricalData", params={**params, "duration": "2 W"}, timeout=600)
    bench.wait(100)
    request(bench, "short", "reqHistoricalData", "bob", params={**params, "duration": "1 D"})
    bench.wait(29)
    assert [sent["duration"] for sent in market.sent] == ["2 W", "1 D"]


# Bounds that honest users meet


def test_fifty_processes_may_ask_for_a_hundred_instruments_on_a_cold_morning() -> None:
    """C5.64. Equal requests are one message, and up to 1,000 of them may wait, but each counts among the 4,000 open
    requests: of 50 x 100 questions that TWS answers in three seconds, the bridge refuses 1,000 with `limitReached`."""
    bench = Bench(caches=True)
    bench.ready(time="20261122 07:00:00 UTC")
    bench.wait(10)
    ids = [
        bench.ask("reqContractDetails", f"p{process}", contract=option(number))
        for number in range(100)
        for process in range(50)
    ]
    refused = refusals(bench, ids)
    assert len(refused) == 0, (len(refused), refused[-1])


def test_a_client_may_join_its_orders_of_a_day() -> None:
    """C5.70. 5,000 orders with ten fills each, whose topics stay for a day after their end, are 110,000 events: the
    bridge answers a snapshot of `order.<owner>.` with `tooLarge`, and there is no longer prefix that has all orders."""
    bench = Bench()
    bench.ready()
    place(bench, 1)
    order_id = bench.last_sent("placeOrder")["orderId"]
    same = {"orderId": order_id, "clientId": 1, "permId": "77"}
    bench.tws("openOrder", orderId=order_id, contract=AAPL, order={**ORDER, **same}, orderState={"status": "Submitted"})
    for number in range(1, 11):
        execution = {**same, "execId": f"e{number}.01", "acctNumber": "DU1", "side": "BOT", "shares": "1", "price": 5.0}
        bench.tws("execDetails", reqId=-1, contract=AAPL, execution=execution)
        word = "Filled" if number == 10 else "Submitted"
        bench.tws("orderStatus", **same, status=word, filled=str(number), remaining=str(10 - number))
        bench.tws("commissionAndFeesReport", execId=f"e{number}.01", commissionAndFees=1.0, currency="USD")
    result = bench.result(bench.ask("snapshot", prefix="order.alice.k0.", nonce="n"))
    assert 5000 * len(result["events"]) <= Bounds().snapshot_events


def test_kept_answers_of_a_large_chain_do_not_stop_the_bridge() -> None:
    """C5.53. A kept chain of 5,000 contracts costs 60 ms of the session for each request, because each of its callbacks
    is published anew (`ReferenceCache._answer`), and the service 25 ms more to pack them. These requests wait for no
    room: 50 processes that ask at once, or one in a loop, stop orders and fills of all for seconds. TWS took care of
    that before. Here 20 processes may take a quarter of a second."""
    bench = Bench(caches=True)
    bench.ready(time="20261122 07:00:00 UTC")
    bench.wait(10)
    session, chain = bench.session, {"contract": {"symbol": "AAPL", "secType": "OPT", "exchange": "SMART"}}
    bench.ask("reqContractDetails", "first", **chain)
    req_id = bench.last_sent("reqContractDetails")["reqId"]
    told = [
        Message("contractDetails", {"reqId": req_id, "contract": {"conId": number + 1}, "contractDetails": {}})
        for number in range(5000)
    ]
    session.on_events([*told, Message("contractDetailsEnd", {"reqId": req_id})], bench.now)
    session.publications(), session.effects(bench.now)
    began = process_time()
    for number in range(20):
        body = {"v": 1, "id": "q", "client": f"p{number}", "method": "reqContractDetails", "params": chain}
        session.on_request((b"p%d" % number,), body, bench.now)
        session.publications()
        assert [effect.body["cached"] for effect in session.effects(bench.now) if isinstance(effect, Reply)] == [True]
    assert process_time() - began < 0.25


def test_one_burst_of_pacing_violations_is_one_however_slowly_tws_reports_it() -> None:
    """C5.55. Requests that left before the pause began may be answered with the same error, one by one. Each more than
    5 s after the last one doubles the pause (`HistoryRules.pause`), though the bridge has sent nothing meanwhile: after
    half a minute nobody gets historical data for ten minutes."""
    bench = Bench(messages_per_second=50)
    bench.ready()
    bench.wait(10)
    for number in range(5):
        params = {**HISTORY, "contract": option(number), "endDateTime": "", "duration": "1 D"}
        request(bench, f"h{number}", "reqHistoricalData", params=params, timeout=100)
    bench.wait(1)
    for sent in bench.sends("reqHistoricalData"):
        bench.error(sent["reqId"], 162, "Historical Market Data Service error message:pacing violation")
        bench.wait(6)
    assert [event["data"]["seconds"] for event in bench.on("system.pacing")] == [60.0]


# What nobody waits for


def test_a_cancelled_request_is_not_sent_when_its_tail_is_answered(market: Market) -> None:
    """C5.31. `BarCache.take` lets `answered` happen by a timer. If TWS answers the tail with other bars between the
    cancel and that timer, `_happen` sends the whole request for the client that has just cancelled it. Nobody waits
    for it, and no timer ends it: if TWS does not answer, it counts among the 50 open ones until the connection ends."""
    bench = market.bench
    market.check("", "2 W")
    bench.wait(120)
    request(bench, "a", "reqHistoricalData", params={**HISTORY, "endDateTime": "", "duration": "2 W"})
    tail = market.sent[-1]
    bars, start, end = market.model.answer(tail, market.now)
    bars = [{**bar, "close": -1.0} for bar in bars]
    request(bench, "c", "cancelHistoricalData", params={"id": "a"})  # and TWS's answer, before the next timer
    bench.tws("historicalData", reqId=tail["reqId"], historicalDataBars=bars)
    bench.tws("historicalDataEnd", reqId=tail["reqId"], startDateStr=start, endDateStr=end)
    bench.wait(700)
    assert bench.failure("a")["code"] == "cancelled"
    assert [sent["duration"] for sent in market.sent] == ["2 W", tail["duration"]]
    assert len(bench.session._pending_requests) == 0


def test_kept_option_chains_have_a_bound_in_bytes() -> None:
    """`DayCache` counts callbacks. One of an option chain has 30 expirations and 400 strikes, about 15 kB, and each
    underlying has about 35 of them: a scan over 1,400 underlyings makes the bridge keep 700 MB (MOST_CALLBACKS). The
    page of limits names neither this bound nor that of kept bars."""
    callback = {"expirations": [f"2026{n:04}" for n in range(30)], "strikes": [1.5 * n for n in range(400)]}
    cache = DayCache()
    cache.connected("20261122 07:00:00 UTC", 213, Instant(1000.0, 0))
    cache.logged_in(["DU1"], Instant(1000.0, 0))
    for number in range(1400):
        told = tuple(("securityDefinitionOptionParameter", callback) for _ in range(35))
        answer = cache.new(told, 213, (f"con:{number}",), Instant(1000.0, 0))
        assert answer is not None
        cache.put(f"chain {number}", answer)
    kept = sum(len(answer.callbacks) for answer in cache._answers.values()) * footprint(callback)
    assert kept <= 256 << 20, f"{kept >> 20} MiB"


def test_ticks_that_tws_refuses_interrupt_the_others_once() -> None:
    """Bob asks for a generic tick that TWS refuses, again and again. Each time the bridge ends alice's stream at TWS
    twice, and alice hears of a gap (`Joining._grow`, `shrink`): nothing remembers what TWS has refused."""
    bench = Bench()
    bench.ready()
    bench.ask("reqMktData", contract=AAPL)
    bench.tws("tickPrice", reqId=bench.last_sent("reqMktData")["reqId"], tickType=1, price=1.0, size="1")
    for _ in range(5):
        bench.ask("reqMktData", "bob", contract=AAPL, genericTickList="999")
        bench.wait(1)
        if bench.last_sent("reqMktData").get("genericTickList") == "999":
            bench.error(bench.last_sent("reqMktData")["reqId"], 321, "Incorrect generic tick list of 999")
            bench.wait(1)
        bench.tws("tickPrice", reqId=bench.last_sent("reqMktData")["reqId"], tickType=1, price=2.0, size="1")
        bench.wait(1)
    assert len(bench.on("market.265598.stale")) <= 1
