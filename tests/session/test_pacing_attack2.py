"""Attacks on pacing, second round: each test shows one defect, seen from outside the session."""

from __future__ import annotations

from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bridge.session.restarts import PlannedRestart
from bridge.session.rights.grants import Grant, Role
from bridge.session.rights.permissions import Permissions
from tests.session.conftest import AAPL, Bench

ORDER = {"action": "BUY", "orderType": "LMT", "totalQuantity": "10", "lmtPrice": 5.0}
RATE = 10


def contract(con_id: int) -> dict[str, Any]:
    return {**AAPL, "conId": con_id}


def put(
    bench: Bench, method: str, client: str, id: str, timeout: float = 60.0, *, wait: bool = True, **params: Any
) -> str:
    body = {"v": 1, "id": id, "client": client, "method": method, "params": params, "wait": wait, "timeout": timeout}
    bench.request(body, client)
    return id


def place(bench: Bench, key: str, client: str = "alice", timeout: float = 60.0, **more: Any) -> str:
    return put(bench, "placeOrder", client, f"p-{key}", timeout, orderKey=key, contract=AAPL, order=ORDER, **more)


def status(bench: Bench, number: int, status: str = "Submitted", filled: int = 0) -> None:
    bench.tws("orderStatus", orderId=number, status=status, filled=str(filled), remaining=str(10 - filled),
              permId=str(number), clientId=1)  # fmt: skip


def number_of(bench: Bench, key: str, client: str = "alice") -> int:
    order = bench.session._trading._order_store.by_key(client, key)
    assert order is not None
    return int(order.order_id)


def work(bench: Bench, key: str, client: str = "alice") -> int:
    """Place an order, and let TWS acknowledge it. Returns its number."""
    place(bench, key, client)
    bench.wait(1.1)
    number = number_of(bench, key, client)
    status(bench, number)
    return number


def made(rate: int = RATE, **rules: Any) -> Bench:
    bench = Bench(messages_per_second=rate, lease=100_000.0, **rules)
    bench.ready(told=False)
    for _ in range(20):
        bench.wait(1)
        bench.answer_internal_requests()
    return bench


@pytest.fixture
def busy() -> Bench:
    """The client mad has working orders: its cancels are what fills the window."""
    return crowded()


def crowded(rate: int = RATE, **rules: Any) -> Bench:
    trade = Grant(roles=frozenset({"observe", "trade"}), regulatory_snapshots=True)
    grants = {"alice": trade, "bob": trade, "mad": trade, "root": Grant(roles=frozenset({"admin"}))}
    bench = made(rate, permissions=Permissions(grants), **rules)
    for number in range(rate):
        work(bench, f"m{number}", "mad")
    bench.wait(3)
    return bench


def crowd(bench: Bench, rounds: int = 1) -> None:
    """Mad cancels all its orders, again and again with other fields: so many windows are full of cancels."""
    for number in range(rounds):
        cancel = {"manualOrderCancelTime": f"20251001-12:00:{number:02}"}
        put(bench, "cancelMine", "mad", f"crowd{bench.clock}-{number}", orderCancel=cancel)


def hold(bench: Bench, *places: Any, rounds: int = 1) -> None:
    """The orders of `places` are on their way to the disk when cancels fill the window: then they wait in the pacer."""
    bench.disk.held = True
    for begin in places:
        begin()
    crowd(bench, rounds)
    bench.error(-1, 100, "Max rate of messages per second has been exceeded")
    bench.release()


def placed(bench: Bench) -> list[int]:
    return [send["orderId"] for send in bench.sends("placeOrder")]


def lose(bench: Bench) -> None:
    bench.session.on_lost("end of file", bench.now)
    bench.collect()


# Told as sent


def test_a_global_cancel_is_told_as_sent_when_it_has_left(busy: Bench) -> None:
    """`PendingRequests.ask` answers `sent` after one turn, while the message waits in the pacer. It may never leave."""
    crowd(busy, 5)
    put(busy, "reqGlobalCancel", "root", "all")
    assert not busy.sends("reqGlobalCancel")
    lose(busy)
    assert busy.failure("all")["code"] in ("notConnected", "connectionLost")


def test_a_repeated_cancel_mine_is_answered_when_the_cancels_have_left(busy: Bench) -> None:
    """`_tell_keys` looks only for messages about its own request; the first request's cancels still wait."""
    put(busy, "cancelMine", "mad", "one")
    put(busy, "cancelMine", "mad", "two")
    left = len(busy.sends("cancelOrder"))
    assert left < RATE
    assert not busy.answers("one")
    lose(busy)
    assert busy.failure("one")["code"] == "notConnected"
    (two,) = busy.answers("two")
    assert not two["ok"], "the second was told that all cancels were sent, and some never left"


# Order of messages


def test_a_cancel_does_not_overtake_its_order_behind_other_orders(busy: Bench) -> None:
    """`LaneQueue` gives the cancel's client a turn of its own in the lane `orders`, ahead of the orders."""
    hold(busy, *(lambda n=n: place(busy, f"k{n}") for n in range(8)))
    number = number_of(busy, "k7")
    assert number not in placed(busy)
    put(busy, "cancelOrder", "alice", "c", orderKey="k7")
    busy.wait(15)
    names = [(send.name, send.data.get("orderId")) for send in busy.sent]
    if ("cancelOrder", number) in names:
        assert ("placeOrder", number) in names
        assert names.index(("cancelOrder", number)) > names.index(("placeOrder", number))
    else:
        assert ("placeOrder", number) not in names


# What waits in the pacer must not leave any more


def test_a_change_that_waited_until_its_time_was_over_was_never_sent(busy: Bench) -> None:
    """`NewOrders.overdue` takes orders back from the pacer; `Modifications.overdue` does not."""
    number = work(busy, "a")
    busy.wait(3)
    change = {**ORDER, "lmtPrice": 6.0}
    hold(busy, lambda: put(busy, "modifyOrder", "alice", "ch", 0.3, orderKey="a", revision=1, order=change))
    before = len(placed(busy))
    busy.wait(0.5)
    assert len(placed(busy)) == before, "it waits for room"
    failed = busy.answers("ch")
    busy.wait(20)
    assert placed(busy).count(number) == 1, f"the change left after its answer {failed}"
    assert busy.failure("ch")["code"] == "paced"


def test_a_lost_change_in_the_pacer_does_not_hold_back_a_working_order(busy: Bench) -> None:
    """The change timed out (`changing` is None), so `Trading.unsendable` takes it for a new order."""
    work(busy, "a")
    busy.wait(3)
    change = {**ORDER, "lmtPrice": 6.0}
    hold(busy, lambda: put(busy, "modifyOrder", "alice", "ch", 0.3, orderKey="a", revision=1, order=change))
    busy.wait(0.5)
    lose(busy)
    assert [log.text for log in busy.logs if log.level == "error"] == []


def test_a_change_does_not_leave_after_its_order_has_ended(busy: Bench) -> None:
    """The client is told `orderClosed`, and then the bridge sends placeOrder with the number of an ended order."""
    number = work(busy, "a")
    busy.wait(3)
    change = {**ORDER, "lmtPrice": 6.0}
    hold(busy, lambda: put(busy, "modifyOrder", "alice", "ch", orderKey="a", revision=1, order=change))
    assert placed(busy).count(number) == 1
    status(busy, number, "Cancelled")
    busy.wait(20)
    assert busy.failure("ch")["code"] == "orderClosed"
    assert placed(busy).count(number) == 1


def test_a_child_does_not_leave_when_its_parent_was_taken_back(busy: Bench) -> None:
    """The parent's request times out in the pacer; the child waits there too, and leaves alone: an exit order that
    opens a position. `_lacks_parent` is asked only when the order is on disk."""
    hold(
        busy,
        lambda: place(busy, "parent", timeout=0.3),
        lambda: place(busy, "child", parentKey="parent"),
    )
    parent, child = number_of(busy, "parent"), number_of(busy, "child")
    busy.wait(0.5)
    assert busy.failure("p-parent")["code"] == "paced"
    busy.wait(20)
    assert parent not in placed(busy)
    assert child not in placed(busy)


def test_a_repeated_request_does_not_end_the_wait_of_the_first(busy: Bench) -> None:
    """The second request for the order times out, and takes the order back for both. In the queue that is not so."""
    hold(busy, lambda: place(busy, "a"))
    put(busy, "placeOrder", "alice", "again", 0.3, orderKey="a", contract=AAPL, order=ORDER)
    busy.wait(0.5)
    assert not busy.answers("p-a"), "its time is 60 s"
    busy.wait(5)
    assert number_of(busy, "a") in placed(busy)


def test_a_change_that_lowers_the_risk_leaves_when_trading_is_halted(busy: Bench) -> None:
    """`take_back_orders` judges a change in the pacer as if it were a new order."""
    number = work(busy, "a")
    busy.wait(3)
    less = {**ORDER, "totalQuantity": "5"}
    hold(busy, lambda: put(busy, "modifyOrder", "alice", "ch", orderKey="a", revision=1, order=less))
    busy.session.on_halt_file("test", busy.now)
    busy.collect()
    busy.wait(5)
    assert placed(busy).count(number) == 2


def test_a_rejection_is_not_taken_for_that_of_a_cancel_that_has_not_left(busy: Bench) -> None:
    """`cancel_has_left` is true as soon as the cancel waits: TWS's rejection makes the order `unknown`, and the client
    is told that TWS has refused a cancel which TWS has never seen, and which leaves afterwards."""
    place(busy, "a")
    number = number_of(busy, "a")
    assert number in placed(busy)
    crowd(busy, 3)
    put(busy, "cancelOrder", "alice", "c", orderKey="a")
    assert number not in [send["orderId"] for send in busy.sends("cancelOrder")]
    busy.error(number, 201, "Order rejected - reason:margin")
    assert busy.failure("p-a")["code"] == "rejectedByTws"


def test_an_order_in_the_pacer_does_not_leave_while_ibkr_is_out_of_reach(busy: Bench) -> None:
    """1100 comes while the order waits. `_on_disk` asks whether orders may leave; the pacer does not ask again."""
    hold(busy, lambda: place(busy, "a"))
    number = number_of(busy, "a")
    assert number not in placed(busy)
    busy.error(-1, 1100, "Connectivity between IBKR and Trader Workstation has been lost.")
    assert busy.states()[-1] == "degraded"
    busy.wait(5)
    assert number not in placed(busy)


def test_a_change_in_the_pacer_does_not_leave_while_ibkr_is_out_of_reach(busy: Bench) -> None:
    """A change in an outage has left two live orders at TWS (nautilus_trader#4564)."""
    number = work(busy, "a")
    busy.wait(3)
    change = {**ORDER, "lmtPrice": 6.0}
    hold(busy, lambda: put(busy, "modifyOrder", "alice", "ch", orderKey="a", revision=1, order=change))
    busy.error(-1, 1100, "Connectivity between IBKR and Trader Workstation has been lost.")
    busy.wait(5)
    assert placed(busy).count(number) == 1


def test_an_order_in_the_pacer_does_not_leave_when_a_planned_restart_is_ahead() -> None:
    """`refuse_unheld` refuses what waits in the queue, and forgets what waits in the pacer."""
    restart = PlannedRestart("nightly", time(8, 57), time(9, 2), ZoneInfo("UTC"))  # the bench begins at 08:53:20
    bench = crowded(planned_restarts=(restart,))
    bench.wait(1160.0 - 0.2 - bench.clock)  # the lead begins at 1160.0
    hold(bench, lambda: place(bench, "a"))
    number = number_of(bench, "a")
    assert number not in placed(bench)
    bench.wait(20)
    assert bench.on("system.plannedRestart")
    assert number not in placed(bench)


def test_a_paid_snapshot_that_waited_until_its_time_was_over_was_never_sent() -> None:
    """Requests that are written first (`onceKey`) hold no room while the disk writes; then they wait in the pacer,
    where nothing takes them back: it costs money after its client was answered."""
    bench = crowded()
    bench.disk.held = True
    for number in range(10):  # what is guaranteed to reads is used up, too
        put(bench, "reqContractDetails", "bob", f"r{number}", contract=contract(number + 1))
    put(bench, "reqMktData", "alice", "paid", 0.5, contract=AAPL, regulatorySnapshot=True, snapshot=False)
    crowd(bench, 5)
    bench.release()
    assert not bench.sends("reqMktData")
    bench.wait(0.6)
    assert bench.answers("paid")
    bench.wait(30)
    assert not bench.sends("reqMktData")


# Fair turns


def test_what_ifs_that_wait_for_the_disk_do_not_delay_the_orders_of_others() -> None:
    """A what-if takes room in its turn, and loses it while the disk writes (`persist`, not `persist_to_send`)."""
    bench = made()
    bench.disk.held = True
    what_if = {**ORDER, "whatIf": True}
    for number in range(200):
        put(bench, "placeOrder", "mad", f"w{number}", contract=AAPL, order=what_if)
    bench.wait(0.1)
    place(bench, "b", "bob")
    bench.release()
    bench.wait(3)
    real = [send for send in bench.sends("placeOrder") if not send["order"].get("whatIf")]
    assert real, f"{len(bench.session._pacer)} messages wait ahead of bob's order"


def test_streams_without_a_con_id_cost_what_they_send() -> None:
    """C5.56: such a subscription sends two messages (the search, the stream), and its client pays for one."""
    bench = made()
    for number in range(100):
        put(bench, "reqMktData", "mad", f"m{number}", contract={**AAPL, "conId": 0, "symbol": f"S{number}"})
        put(bench, "reqContractDetails", "bob", f"b{number}", contract=contract(number + 1))
    answered = 0
    for _ in range(200):
        bench.wait(0.05)
        searches = [send for send in bench.sends("reqContractDetails") if send["contract"]["symbol"] != "AAPL"]
        for send in searches[answered:]:
            found = {**send["contract"], "conId": 10_000 + answered}
            bench.tws("contractDetails", reqId=send["reqId"], contract=found, contractDetails={"minTick": "0.01"})
            bench.tws("contractDetailsEnd", reqId=send["reqId"])
            answered += 1
    mad = answered + len(bench.sends("reqMktData"))
    bob = len(bench.sends("reqContractDetails")) - answered
    assert answered > 10
    assert bob >= 0.8 * mad, (bob, mad)


def test_descriptions_for_a_mad_client_do_not_delay_the_requests_of_others() -> None:
    """The bridge describes a contract for an order without asking for room: all go into the lane `rest` at once."""
    mad = Grant(roles=frozenset({"trade"}), symbols=frozenset({"AAPL"}))
    bench = made(permissions=Permissions({"mad": mad, "bob": Grant(roles=frozenset({"observe"}))}))
    for number in range(200):
        put(bench, "placeOrder", "mad", f"o{number}", contract={"conId": 9000 + number, "exchange": "SMART"},
            order=ORDER, orderKey=f"o{number}")  # fmt: skip
    put(bench, "reqContractDetails", "bob", "b", contract=contract(1))
    bench.wait(3)
    assert [send for send in bench.sends("reqContractDetails") if send["contract"].get("conId") == 1]


@pytest.mark.parametrize(("rate", "size"), [(10, 3), (50, 8)])
def test_a_bracket_of_one_client_leaves_while_another_floods_with_cancels(rate: int, size: int) -> None:
    """C5.56, C5.58: cancels use nine tenths of every window, and what they leave is never enough for a whole group."""
    bench = crowded(rate)
    crowd(bench, 40)
    keys = [f"g{n}" for n in range(size)]
    orders = [{"orderKey": key, "contract": AAPL, "order": ORDER, **({"parentKey": "g0"} if key != "g0" else {})}
              for key in keys]  # fmt: skip
    put(bench, "placeOrders", "bob", "g", 20.0, orders=orders)
    for number in range(190):
        cancel = {"manualOrderCancelTime": f"20251001-13:{number // 60:02}:{number % 60:02}"}
        put(bench, "cancelMine", "mad", f"more{number}", orderCancel=cancel)
        assert len(bench.session._pacer) > 0, "the flood goes on"
        bench.wait(0.1)
    assert len(bench.sends("placeOrder")) == rate + size


def test_a_group_in_the_pacer_does_not_stop_everybody_while_one_client_floods_with_cancels(busy: Bench) -> None:
    """C5.58: a group at the head of the lane `orders` never finds room, and everything behind it waits as well."""
    busy.disk.held = True
    orders = [{"orderKey": f"g{number}", "contract": AAPL, "order": ORDER} for number in range(5)]
    put(busy, "placeOrders", "alice", "g", orders=orders)
    crowd(busy, 40)
    busy.release()
    before = len(placed(busy))
    place(busy, "x", "bob")
    busy.wait(20)
    assert len(placed(busy)) > before


def test_a_group_does_not_wait_for_the_releases_of_another_client() -> None:
    """C5.49: orders come before the rest. `reserve` waits until the window has room for the whole group, and meanwhile
    the releases in the pacer go on and keep it full: `_release` does not know that orders wait in the queue."""
    bench = made()
    for number in range(150):
        put(bench, "reqMktData", "mad", f"s{number}", contract=contract(5000 + number))
        bench.wait(0.15)
        asked = bench.last_sent("reqMktData")["reqId"]
        bench.tws("tickPrice", reqId=asked, tickType=1, price=1.0, size="1")
    bench.wait(3)
    for number in range(150):
        put(bench, "cancelMktData", "mad", f"u{number}", stream=str(5000 + number))
    assert len(bench.session._pacer) > 75
    orders = [{"orderKey": f"g{number}", "contract": AAPL, "order": ORDER} for number in range(8)]
    put(bench, "placeOrders", "bob", "g", orders=orders)
    bench.wait(5)
    assert len(bench.sends("placeOrder")) == 8


def test_a_bracket_does_not_wait_for_descriptions_of_another_client() -> None:
    """The same with the lane `rest`, which may use nine tenths: three orders wait until it is empty."""
    trade: frozenset[Role] = frozenset({"observe", "trade"})
    mad, bob = Grant(trade, symbols=frozenset({"AAPL"})), Grant(trade)
    bench = made(permissions=Permissions({"mad": mad, "bob": bob}))
    for number in range(150):
        unknown = {"conId": 9000 + number, "exchange": "SMART"}
        put(bench, "placeOrder", "mad", f"o{number}", contract=unknown, order=ORDER, orderKey=f"o{number}")
    bench.wait(2)
    orders = [{"orderKey": f"g{number}", "contract": AAPL, "order": ORDER} for number in range(3)]
    put(bench, "placeOrders", "bob", "g", orders=orders)
    bench.wait(5)
    assert len(bench.sends("placeOrder")) == 3


# Cancels


def test_an_equal_cancel_is_not_repeated_right_after_the_first_has_left(busy: Bench) -> None:
    """C5.57. `cancel_left_at` is when the cancel came, not when it left the pacer."""
    crowd(busy, 4)
    put(busy, "cancelOrder", "mad", "x1", orderKey="m0", orderCancel={"manualOrderCancelTime": "20251001-13:00:00"})
    first = number_of(busy, "m0", "mad")

    def count() -> int:
        return sum(s["orderId"] == first and s["orderCancel"].get("manualOrderCancelTime") == "20251001-13:00:00"
                   for s in busy.sends("cancelOrder"))  # fmt: skip

    for _ in range(200):
        if count():
            break
        busy.wait(0.05)
    assert count() == 1
    put(busy, "cancelOrder", "mad", "x2", orderKey="m0", orderCancel={"manualOrderCancelTime": "20251001-13:00:00"})
    busy.wait(1.5)
    assert count() == 1


def test_an_equal_cancel_is_not_repeated_because_the_first_request_timed_out(busy: Bench) -> None:
    """C5.57. `give_up` makes the cancel `unanswered`, so the next one is another message, at any rate."""
    for number in range(5):
        put(busy, "cancelOrder", "mad", f"x{number}", 0.1, orderKey="m0")
        busy.wait(0.2)
    assert len(busy.sends("cancelOrder")) == 1


def test_cancels_with_short_timeouts_do_not_pile_up_in_the_pacer(busy: Bench) -> None:
    """The same cause: each timeout makes room for one more equal cancel that waits."""
    crowd(busy, 20)
    before = len(busy.session._pacer)
    for number in range(100):
        put(busy, "cancelOrder", "mad", f"x{number}", 0.01, orderKey="m0")
        busy.wait(0.02)
    assert len(busy.session._pacer) <= before


def test_cancels_whose_requests_were_answered_do_not_stay_in_the_pacer(busy: Bench) -> None:
    """Nothing bounds the lane `cancels`, and `give_up` leaves the message there: it leaves minutes after its answer.

    The queue of requests is bounded (`most_waiting`), and C5.52 says that a request whose time is over is not sent.
    """
    for number in range(2000):
        fields = {"manualOrderCancelTime": f"20251001-{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}"}
        put(busy, "cancelOrder", "mad", f"x{number}", 1.0, orderKey="m0", orderCancel=fields)
    busy.wait(30)
    assert all(busy.answers(f"x{number}") for number in range(2000))
    assert len(busy.session._pacer) < 100


def test_a_repeated_abandon_is_one_cancel() -> None:
    """C5.57: `Cancellations.abandon` sends its cancel without `_has_left`."""
    bench = made()
    place(bench, "a", timeout=5.0)
    for _ in range(200):
        bench.wait(1)
        bench.answer_internal_requests()
    for number in range(5):
        put(bench, "abandon", "alice", f"x{number}", orderKey="a")
        bench.wait(0.2)
    assert not bench.answers("x0"), "the order is not found, and the bridge waits for TWS's answer to the cancel"
    assert len(bench.sends("cancelOrder")) == 1


def test_an_equal_cancel_that_sends_nothing_is_not_refused_as_paced(busy: Bench) -> None:
    """C5.53: `Trading.cancels` is true for each order that has not ended, also where `_has_left` sends nothing."""
    crowd(busy)
    put(busy, "cancelOrder", "mad", "one", orderKey="m9")
    put(busy, "cancelOrder", "mad", "two", orderKey="m9", wait=False)
    assert not [reply for reply in busy.answers("two") if not reply["ok"]]


def test_cancel_mine_that_does_not_want_to_wait_does_not_wait(busy: Bench) -> None:
    """C5.51: only the first of its cancels is looked at."""
    put(busy, "cancelMine", "mad", "c", wait=False)
    answered = busy.answers("c")
    assert answered and (answered[0]["ok"] or not busy.sends("cancelOrder")), "some cancels left, and some wait"


def test_who_cancels_is_told_how_long_it_waits(busy: Bench) -> None:
    """C5.50: `waitSeconds` is about the longest wait. The share's room hides the cancels that wait already."""
    crowd(busy, 6)
    put(busy, "cancelOrder", "mad", "c", orderKey="m3", orderCancel={"manualOrderCancelTime": "20251001-14:00:00"})
    told = [body["data"]["waitSeconds"] for body in busy.on("request.mad.queued") if body["re"] == "c"]
    begun = busy.clock
    while not any(s["orderCancel"].get("manualOrderCancelTime") == "20251001-14:00:00"
                  for s in busy.sends("cancelOrder")):  # fmt: skip
        busy.wait(0.1)
    assert told and told[0] >= 0.5 * (busy.clock - begun)


# TWS's rules for data


def test_a_silent_tick_by_tick_stream_is_not_asked_again_within_15_seconds() -> None:
    """C5.54: `Upstream._retry` asks after 10 s, and no renewal is counted in `HistoryRules`."""
    bench = made(50)
    put(bench, "reqTickByTickData", "alice", "t", contract=AAPL, tickType="Last", numberOfTicks=0, ignoreSize=False)
    bench.wait(14)
    assert len(bench.sends("reqTickByTickData")) == 1


def test_an_instrument_is_the_same_by_symbol_and_by_con_id() -> None:
    """C5.54: `history._instrument` names a contract without a conId by its fields, and the rule counts two of it."""
    bench = made(50)
    ticks: dict[str, Any] = {"tickType": "Last", "numberOfTicks": 0, "ignoreSize": False}
    put(bench, "reqTickByTickData", "alice", "a", contract={n: v for n, v in AAPL.items() if n != "conId"}, **ticks)
    search = bench.last_sent("reqContractDetails")
    bench.tws("contractDetails", reqId=search["reqId"], contract=AAPL, contractDetails={"minTick": "0.01"})
    bench.tws("contractDetailsEnd", reqId=search["reqId"])
    bench.wait(0.5)
    put(bench, "reqTickByTickData", "bob", "b", contract=AAPL, **{**ticks, "tickType": "BidAsk"})
    bench.wait(5)
    assert len(bench.sends("reqTickByTickData")) == 1


def test_renewed_tick_by_tick_streams_count() -> None:
    """C5.54: after 1101 the streams of one instrument are asked for again at once, and a new request right after."""
    bench = made(50)
    for kind in ("Last", "AllLast"):
        put(bench, "reqTickByTickData", "alice", kind, contract=AAPL, tickType=kind, numberOfTicks=0, ignoreSize=False)
        bench.tws("tickByTickAllLast", reqId=bench.last_sent("reqTickByTickData")["reqId"], tickType=1)
        bench.wait(16)
    before = len(bench.sends("reqTickByTickData"))
    bench.error(-1, 1100, "lost")
    bench.wait(20)
    bench.error(-1, 1101, "restored, data lost")
    bench.wait(5)
    assert len(bench.sends("reqTickByTickData")) - before <= 1


def test_renewed_small_bars_keep_the_rule_of_identical_requests() -> None:
    """C5.54: TWS takes no identical request for bars of 5 seconds within 15 s. 1101 twice in a minute is enough."""
    bench = made(50)
    bars: dict[str, Any] = {"contract": AAPL, "barSizeSetting": "5 secs", "whatToShow": "TRADES", "duration": "1800 S",
            "keepUpToDate": True}  # fmt: skip
    put(bench, "reqHistoricalData", "alice", "h", **bars)
    bench.wait(1)
    before = len(bench.sends("reqHistoricalData"))
    bench.error(-1, 1100, "lost")
    bench.error(-1, 1101, "restored, data lost")
    bench.wait(5)
    assert before == 1
    assert len(bench.sends("reqHistoricalData")) == 1


# Stalls


def test_data_does_not_wait_for_orders_on_a_hung_disk() -> None:
    """Orders that the disk does not take hold the whole budget: requests that need no disk are `paced`, with room."""
    bench = made()
    bench.disk.held = True
    for number in range(RATE):
        place(bench, f"k{number}", timeout=2.0)
    id_ = put(bench, "reqContractDetails", "bob", "b", 20.0, contract=AAPL)
    bench.wait(15)
    assert bench.sends("reqContractDetails"), bench.answers(id_)


def test_a_change_is_answered_in_its_time_when_the_disk_hangs() -> None:
    """`NewOrders.overdue` waits one second for the disk (`GRACE`); `Modifications.overdue` waits for ever, also after
    the bridge has noticed that the disk hangs."""
    bench = made()
    work(bench, "a")
    bench.disk.held = True
    put(bench, "modifyOrder", "alice", "ch", 3.0, orderKey="a", revision=1, order={**ORDER, "lmtPrice": 6.0})
    bench.wait(60)
    assert bench.answers("ch")


def test_nobody_is_refused_for_an_order_that_no_longer_waits() -> None:
    """`_paced` keeps the lane closed after the only request in it was cancelled."""
    bench = made()
    place(bench, "x")
    group = [{"orderKey": f"g{n}", "contract": AAPL, "order": ORDER} for n in range(RATE)]
    put(bench, "placeOrders", "alice", "g", orders=group)
    put(bench, "cancelOrder", "alice", "c", orderKey="g0")
    assert bench.answers("g")
    put(bench, "placeOrder", "bob", "b", contract=AAPL, order=ORDER, orderKey="b", wait=False)
    assert len(bench.sends("placeOrder")) == 2


def test_who_was_paced_is_told_a_time_to_wait() -> None:
    """C9.32: a client asks again after `waitSeconds`. After a timeout that is always 0."""
    bench = made()
    for number in range(100):
        put(bench, "reqContractDetails", "mad", f"d{number}", contract=contract(number + 1))
    put(bench, "reqContractDetails", "mad", "x", 0.5, contract=contract(4000))
    bench.wait(1)
    assert bench.failure("x")["data"]["waitSeconds"] > 0
