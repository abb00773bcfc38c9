"""Attacks on pacing: each test shows one defect."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.session.conftest import AAPL, Bench

ORDER = {"action": "BUY", "orderType": "LMT", "totalQuantity": "10", "lmtPrice": 5.0}
RATE = 50


def contract(con_id: int) -> dict[str, Any]:
    return {**AAPL, "conId": con_id}


def paced_at(rate: int = RATE, **rules: Any) -> Bench:
    bench = Bench(messages_per_second=rate, **rules)
    bench.ready()
    bench.wait(3)
    return bench


@pytest.fixture
def paced() -> Bench:
    return paced_at()


def send(bench: Bench, method: str, client: str, id: str, timeout: float | None = None, *, wait: bool = True,
         **params: Any) -> str:  # fmt: skip
    body = {"v": 1, "id": id, "client": client, "method": method, "params": params, "wait": wait}
    bench.request(body if timeout is None else {**body, "timeout": timeout}, client)
    return id


def flood(bench: Bench, count: int = 300, client: str = "mad", first: int = 5000) -> None:
    for number in range(count):
        bench.ask("reqContractDetails", client=client, contract=contract(first + number))


def work(bench: Bench, client: str, key: str) -> int:
    """Place an order, and let TWS acknowledge it. Returns its number."""
    bench.ask("placeOrder", client=client, orderKey=key, contract=AAPL, order=ORDER)
    bench.wait(1.2)
    number = bench.last_sent("placeOrder")["orderId"]
    bench.tws("orderStatus", orderId=number, status="Submitted", filled="0", remaining="10",
              permId=str(number), clientId=1)  # fmt: skip
    return int(number)


def fill_window(bench: Bench, count: int = RATE, first: int = 0) -> None:
    """Orders fill the window."""
    for number in range(first, first + count):
        bench.ask("placeOrder", client="filler", orderKey=f"f{number}", contract=AAPL, order=ORDER)


def fill_half_and_half(bench: Bench) -> None:
    """Orders fill the window, one half some time after the other."""
    fill_window(bench, RATE // 2)
    bench.wait(0.6)
    fill_window(bench, RATE // 2, RATE // 2)


def test_room_is_reserved_once_in_an_empty_window() -> None:
    """After a reconnection all waiting requests get room at once, and are sent after their time is over."""
    paced = paced_at()
    paced.session.on_lost("end of file", paced.now)
    paced.collect()
    paced.wait(2)
    flood(paced, 300)
    send(paced, "reqContractDetails", "mad", "x", 6.0, contract=AAPL)
    paced.ready()
    paced.ask("reqContractDetails", client="bob", contract=contract(1))
    paced.wait(1)
    sent = [s["contract"]["conId"] for s in paced.sends("reqContractDetails")]
    paced.wait(20)
    assert 1 in sent, "bob waits for all of mad's requests"
    assert paced.failure("x")["code"] == "paced"
    assert AAPL["conId"] not in [s["contract"]["conId"] for s in paced.sends("reqContractDetails")]


def test_orders_get_room_once_in_an_empty_window(paced: Bench) -> None:
    fill_window(paced)
    for number in range(300):
        paced.ask("placeOrder", client="mad", orderKey=f"k{number}", contract=AAPL, order=ORDER)
    paced.wait(1.06)
    paced.ask("placeOrder", client="bob", orderKey="b", contract=AAPL, order={**ORDER, "lmtPrice": 8.0})
    paced.wait(1.1)
    assert [s for s in paced.sends("placeOrder") if s["order"].get("lmtPrice") == 8.0]


def test_a_repeated_order_is_not_told_that_nothing_was_sent(paced: Bench) -> None:
    """The first request for the key is sent while the second still waits for room: its answer denies the order."""
    fill_half_and_half(paced)
    for number in range(120):
        paced.ask("placeOrder", client=f"c{number % 24}", orderKey=f"k{number}", contract=AAPL, order=ORDER)
    send(paced, "placeOrder", "alice", "one", 30, orderKey="a", contract=AAPL, order={**ORDER, "lmtPrice": 7.0})
    send(paced, "placeOrder", "alice", "two", 0.8, orderKey="a", contract=AAPL, order={**ORDER, "lmtPrice": 7.0})
    paced.wait(0.9)
    sent = [s for s in paced.sends("placeOrder") if s["order"].get("lmtPrice") == 7.0]
    paced.wait(3)
    assert sent, "the order left before the time of the second request was over"
    assert not [a for a in paced.answers("two") if not a["ok"] and a["error"]["code"] == "paced"]


def test_a_repeated_order_is_not_cancelled_as_unsent(paced: Bench) -> None:
    fill_half_and_half(paced)
    for number in range(120):
        paced.ask("placeOrder", client=f"c{number % 24}", orderKey=f"k{number}", contract=AAPL, order=ORDER)
    send(paced, "placeOrder", "alice", "one", 30, orderKey="a", contract=AAPL, order={**ORDER, "lmtPrice": 7.0})
    send(paced, "placeOrder", "alice", "two", 30, orderKey="a", contract=AAPL, order={**ORDER, "lmtPrice": 7.0})
    while not [s for s in paced.sends("placeOrder") if s["order"].get("lmtPrice") == 7.0]:
        paced.wait(0.01)
    paced.ask("cancelOrder", client="alice", orderKey="a")
    assert not [a for a in paced.answers("two") if not a["ok"] and "before the bridge sent" in a["error"]["message"]]


def test_a_cancelled_request_never_goes_to_tws(paced: Bench) -> None:
    """A cancel by id passes the request that it cancels, which waits for room."""
    flood(paced, client="alice")
    id_ = paced.ask("reqHistoricalData", client="alice", contract=AAPL, endDateTime="", duration="1 D",
                    barSizeSetting="1 hour", whatToShow="TRADES", useRTH=True)  # fmt: skip
    paced.request({"v": 1, "id": "c", "client": "alice", "method": "cancelHistoricalData", "params": {"id": id_}})
    assert paced.failure(id_)["code"] == "cancelled"
    paced.wait(20)
    assert not paced.sends("reqHistoricalData")


def test_a_cancelled_subscription_is_not_served(paced: Bench) -> None:
    flood(paced, client="alice")
    id_ = paced.ask("reqMktData", client="alice", contract=AAPL)
    paced.request({"v": 1, "id": "c", "client": "alice", "method": "cancelMktData", "params": {"id": id_}}, "alice")
    print(paced.answers("c"), paced.answers(id_))
    paced.wait(20)
    assert not (paced.failure(id_)["code"] == "cancelled" and paced.sends("reqMktData"))


def test_a_release_does_not_pass_its_subscription(paced: Bench) -> None:
    flood(paced, client="alice")
    id_ = paced.ask("reqMktData", client="alice", contract=AAPL)
    c = paced.ask("cancelMktData", client="alice", stream="265598")
    print(paced.answers(c), paced.answers(id_))
    paced.wait(20)
    asked, ended = len(paced.sends("reqMktData")), len(paced.sends("cancelMktData"))
    assert asked == ended, (asked, ended)


def test_a_group_does_not_starve_behind_cancels() -> None:
    """A group as large as the limit needs an empty window, and all orders wait behind it."""
    paced = paced_at(10)
    work(paced, "alice", "w")
    paced.wait(2)
    send(paced, "cancelOrder", "alice", "c0", 60, orderKey="w")
    group = [{"orderKey": f"k{n}", "contract": AAPL, "order": ORDER} for n in range(10)]
    send(paced, "placeOrders", "alice", "group", 60, orders=group)
    for number in range(20):
        paced.wait(0.9)
        if number == 1:
            send(paced, "placeOrder", "bob", "b", 60, orderKey="b", contract=AAPL, order={**ORDER, "lmtPrice": 8.0})
        send(paced, "cancelOrder", "alice", f"c{number + 1}", 60, orderKey="w")
    assert [s for s in paced.sends("placeOrder") if s["order"].get("lmtPrice") == 8.0]


def test_a_group_does_not_wait_for_renewed_streams(paced: Bench) -> None:
    """Renewals take the room that the group waits for, although orders come first."""
    for number in range(300):
        paced.ask("reqMktData", contract=contract(number + 1))
        paced.wait(0.1)
        paced.tws("tickPrice", reqId=paced.last_sent("reqMktData")["reqId"], tickType=1, price=1.0, size="1")
    paced.session.on_lost("end of file", paced.now)
    paced.collect()
    paced.ready()
    paced.wait(1)
    paced.answer_internal_requests()
    group = [{"orderKey": f"g{n}", "contract": AAPL, "order": ORDER} for n in range(20)]
    send(paced, "placeOrders", "bob", "group", 60, orders=group)
    paced.wait(0.2)
    send(paced, "placeOrder", "alice", "b", 60, orderKey="b", contract=AAPL, order=ORDER)
    paced.wait(1.2)
    assert len(paced.sends("placeOrder")) == 21


def test_a_full_queue_does_not_refuse_cancels(paced: Bench) -> None:
    """A mad client fills the queue with data requests; a cancel that must wait a moment is refused."""
    work(paced, "bob", "b")
    paced.wait(2)
    for number in range(1100):
        paced.ask("reqContractDetails", client="mad", contract=contract(5000 + number))
    paced.wait(1)
    for number in range(RATE):
        paced.ask("placeOrder", client="mad", orderKey=f"m{number}", contract=AAPL, order=ORDER)
    id_ = paced.ask("cancelOrder", client="bob", orderKey="b")
    assert not paced.answers(id_), paced.answers(id_)


def test_a_full_queue_does_not_refuse_others(paced: Bench) -> None:
    for number in range(1100):
        paced.ask("reqContractDetails", client="mad", contract=contract(5000 + number))
    id_ = paced.ask("reqContractDetails", client="bob", contract=contract(1))
    assert not paced.answers(id_), paced.answers(id_)


def test_orders_that_wait_for_the_disk_count(paced: Bench) -> None:
    """Room is only reserved for one turn: while orders are on their way to the disk, any number gets room."""
    paced.disk.held = True
    for number in range(200):
        paced.ask("placeOrder", client="mad", orderKey=f"k{number}", contract=AAPL, order=ORDER)
    send(paced, "placeOrder", "mad", "nowait", 20, wait=False, orderKey="x", contract=AAPL, order=ORDER)
    paced.release()
    id_ = paced.ask("placeOrder", client="bob", orderKey="b", contract=AAPL, order={**ORDER, "lmtPrice": 8.0})
    paced.wait(1.3)
    assert [s for s in paced.sends("placeOrder") if s["order"].get("lmtPrice") == 8.0], id_


def test_halt_stops_orders_that_wait_in_the_pacer(paced: Bench) -> None:
    paced.disk.held = True
    for number in range(200):
        paced.ask("placeOrder", client="mad", orderKey=f"k{number}", contract=AAPL, order=ORDER)
    paced.release()
    paced.session.on_halt_file("stop", paced.now)
    paced.collect()
    before = len(paced.sends("placeOrder"))
    paced.wait(10)
    assert len(paced.sends("placeOrder")) == before


def test_an_order_in_the_pacer_is_not_unknown(paced: Bench) -> None:
    paced.disk.held = True
    for number in range(200):
        send(paced, "placeOrder", "mad", f"k{number}", 1.0, orderKey=f"k{number}", contract=AAPL, order=ORDER)
    paced.release()
    before = len(paced.sends("placeOrder"))
    paced.wait(1.5)
    at_answer = {s["orderId"] for s in paced.sends("placeOrder")}
    paced.wait(6)
    late = {s["orderId"] for s in paced.sends("placeOrder")} - at_answer
    told = [r.body for r in paced.replies if r.body["id"] == "k199"]
    print(before, told)
    assert not late, len(late)


def test_cancel_mine_is_answered_when_the_cancels_are_sent(paced: Bench) -> None:
    numbers = [work(paced, "bob", f"b{n}") for n in range(5)]
    paced.wait(2)
    fill_window(paced, RATE - 1)
    id_ = paced.ask("cancelMine", client="bob")
    sent = {s["orderId"] for s in paced.sends("cancelOrder")}
    paced.wait(0.5)
    print(sent)
    if paced.answers(id_):
        paced.session.on_lost("end of file", paced.now)
        paced.collect()
        sent = {s["orderId"] for s in paced.sends("cancelOrder")}
        assert sent >= set(numbers) or not paced.result(id_)["orderKeys"], (sent, paced.result(id_))


def test_a_request_that_does_not_wait_is_not_queued_behind_another(paced: Bench) -> None:
    fill_window(paced)
    send(paced, "placeOrder", "alice", "one", 30, orderKey="a", contract=AAPL, order=ORDER)
    send(paced, "placeOrder", "alice", "two", 30, wait=False, orderKey="a", contract=AAPL, order=ORDER)
    assert paced.answers("two")


def test_a_description_for_an_order_does_not_wait_for_cancels_of_streams(paced: Bench) -> None:
    for number in range(300):
        paced.ask("reqMktData", client="mad", contract=contract(number + 1))
        paced.wait(0.1)
        paced.tws("tickPrice", reqId=paced.last_sent("reqMktData")["reqId"], tickType=1, price=1.0, size="1")
    for number in range(300):
        paced.ask("cancelMktData", client="mad", stream=str(number + 1))
    paced.ask("reqContractDetails", client="bob", contract=contract(9999))
    paced.wait(1.0)
    assert paced.sends("reqContractDetails")


def test_a_cancel_by_number_withdraws_a_waiting_change(paced: Bench) -> None:
    number = work(paced, "alice", "a")
    paced.wait(2)
    fill_window(paced)
    m = paced.ask("modifyOrder", client="alice", orderKey="a", revision=1, order={**ORDER, "lmtPrice": 6.0})
    paced.ask("cancelOrder", client="alice", orderId=number)
    paced.wait(3)
    names = [s.name for s in paced.sent if s.data.get("orderId") == number]
    print(names, paced.answers(m))
    assert names[1:] == ["cancelOrder"]


def test_many_waiting_requests_cost_little_time(paced: Bench) -> None:
    fill_window(paced)
    for number in range(450):
        paced.ask("placeOrder", client="mad", orderKey=f"q{number}", contract=AAPL, order=ORDER)
    for _ in range(500):
        paced.ask("awaitOrder", client="mad", orderKey="q449", until="ended")
    begun = time.perf_counter()
    paced.wait(1.0)
    taken = time.perf_counter() - begun
    assert taken < 0.5, taken


def test_error_100_with_an_id_slows_down(paced: Bench) -> None:
    paced.ask("reqContractDetails", contract=AAPL)
    paced.error(paced.last_sent("reqContractDetails")["reqId"], 100, "Max rate of messages per second")
    assert paced.on("system.pacing")


def test_an_order_does_not_wait_for_a_flood_at_a_small_limit() -> None:
    paced = paced_at(5)
    flood(paced, 200)
    paced.wait(5.0)
    worst = 0.0
    for number in range(5):
        paced.wait(1.13)
        paced.ask("placeOrder", client="bob", orderKey=f"k{number}", contract=AAPL, order=ORDER)
        begun = paced.clock
        while len(paced.sends("placeOrder")) <= number:
            paced.wait(0.01)
        worst = max(worst, paced.clock - begun)
    assert worst <= 0.25, worst


def test_the_cancels_of_cancel_mine_count(paced: Bench) -> None:
    """`cancelMine` costs one message, and sends as many as the client has orders."""
    for number in range(200):
        paced.ask("placeOrder", client="mad", orderKey=f"m{number}", contract=AAPL, order=ORDER)
        paced.wait(0.03)
        paced.tws("orderStatus", orderId=paced.last_sent("placeOrder")["orderId"], status="Submitted", filled="0",
                  remaining="10", permId=str(number + 1), clientId=1)  # fmt: skip
    mine = work(paced, "bob", "b")
    paced.wait(2)
    paced.ask("cancelMine", client="mad")
    paced.ask("cancelOrder", client="bob", orderKey="b")
    paced.wait(1.2)
    assert mine in [s["orderId"] for s in paced.sends("cancelOrder")]


def test_a_flood_of_cancels_does_not_stop_orders(paced: Bench) -> None:
    """Each repeated cancel of one order is a message that comes before all orders of other clients."""
    work(paced, "mad", "m")
    for _ in range(300):
        paced.ask("cancelOrder", client="mad", orderKey="m")
        paced.wait(0.01)
    paced.ask("placeOrder", client="bob", orderKey="b", contract=AAPL, order={**ORDER, "lmtPrice": 8.0})
    for _ in range(200):
        paced.ask("cancelOrder", client="mad", orderKey="m")
        paced.wait(0.01)
    assert [s for s in paced.sends("placeOrder") if s["order"].get("lmtPrice") == 8.0]


def test_groups_count_in_the_time_that_is_told() -> None:
    paced = paced_at(10)
    for turn in range(20):
        group = [{"orderKey": f"g{turn}-{n}", "contract": AAPL, "order": ORDER} for n in range(10)]
        paced.ask("placeOrders", client="mad", orders=group)
    assert 15 < paced.on("request.mad.queued")[-1]["data"]["waitSeconds"] < 40
    paced.ask("reqContractDetails", client="bob", contract=AAPL)
    assert paced.on("request.bob.queued")[-1]["data"]["waitSeconds"] < 2


def test_a_request_from_before_the_connection_does_not_wait_for_room_against_its_will(paced: Bench) -> None:
    paced.session.on_lost("end of file", paced.now)
    paced.collect()
    fill_window(paced, 20)
    flood(paced, 100)
    send(paced, "reqContractDetails", "bob", "x", 30, wait=False, contract=AAPL)
    flood(paced, 100, client="bob", first=9000)
    send(paced, "reqContractDetails", "mad", "y", 30, contract=AAPL)
    paced.ready()
    paced.wait(0.5)
    sent = [s for s in paced.sends("reqContractDetails") if s["contract"] == AAPL]
    assert sent or paced.answers("x") or paced.on("request.mad.queued")


def test_status_counts_the_requests_that_wait_for_room(paced: Bench) -> None:
    flood(paced, 100)
    assert paced.result(paced.ask("status"))["pacing"]["queued"] > 50


def test_data_that_waits_for_room_is_not_refused_as_an_order() -> None:
    """While TWS lists its orders, a data request whose time is over is told that the bridge sends no order."""
    paced = paced_at()
    paced.session.on_lost("end of file", paced.now)
    paced.collect()
    paced.ready(told=False)
    fill_data = [paced.ask("reqContractDetails", client="mad", contract=contract(n + 1)) for n in range(200)]
    send(paced, "reqContractDetails", "mad", "x", 1.0, contract=AAPL)
    body = paced._methods.pop(((b"mad",), "x"))  # the bench checks the code; this test does
    paced.wait(2)
    assert paced.failure("x")["code"] == "paced", (body, fill_data)


def test_an_order_that_was_dropped_unsent_is_unsent(paced: Bench) -> None:
    """Its time was over in the pacer, so it is `unknown`; `heldBack` cannot happen to it then."""
    paced.disk.held = True
    for number in range(100):
        send(paced, "placeOrder", "mad", f"k{number}", 0.5, orderKey=f"k{number}", contract=AAPL, order=ORDER)
    paced.release()
    paced.wait(0.7)
    paced.session.on_lost("end of file", paced.now)
    paced.collect()
    assert not [log.text for log in paced.logs if log.level == "error"]


def test_a_message_of_the_last_connection_does_not_leave_on_the_next_one() -> None:
    """What the end of the connection makes the bridge send is queued in the pacer after the pacer was emptied."""
    paced = Bench(messages_per_second=1)
    paced.ready(told=False)
    paced.wait(0.2)
    waiting = [s.name for lane in paced.session._pacer._lanes.values() for s in lane]
    assert "reqPositions" in waiting
    paced.session.on_lost("end of file", paced.now)
    paced.collect()
    assert not len(paced.session._pacer), [list(lane) for lane in paced.session._pacer._lanes.values()]


def test_a_lost_client_does_not_subscribe_later() -> None:
    paced = paced_at(10, lease=4.0)
    flood(paced, 100, client="ghost")
    send(paced, "reqMktData", "ghost", "x", 60, contract=AAPL)
    paced.wait(60)
    assert paced.on("system.clientLost"), "the lease is over"
    assert len(paced.sends("reqMktData")) == len(paced.sends("cancelMktData"))


def test_one_burst_halves_the_limit_once(paced: Bench) -> None:
    """TWS reports each message that was too much: three reports of one burst are not three bursts."""
    for _ in range(3):
        paced.error(-1, 100, "Max rate of messages per second has been exceeded")
    assert paced.result(paced.ask("status"))["pacing"]["limit"] == RATE // 2


def test_a_known_order_does_not_wait_for_room(paced: Bench) -> None:
    """The window is full and nobody waits yet: the repeated request is told that nothing was sent."""
    fill_window(paced)
    send(paced, "placeOrder", "filler", "again", wait=False, orderKey="f0", contract=AAPL, order=ORDER)
    assert not paced.answers("again"), paced.answers("again")


def test_a_known_order_is_answered_at_once_in_a_full_window(paced: Bench) -> None:
    fill_window(paced)
    paced.tws("orderStatus", orderId=100, status="Submitted", filled="0", remaining="10", permId="9", clientId=1)
    again = send(paced, "placeOrder", "filler", "again", orderKey="f0", contract=AAPL, order=ORDER)
    assert paced.result(again)["state"] == "acknowledged"


def test_a_known_order_that_waited_too_long_is_not_denied(paced: Bench) -> None:
    fill_window(paced)
    send(paced, "placeOrder", "filler", "again", 0.5, orderKey="f0", contract=AAPL, order=ORDER)
    paced.wait(0.6)
    assert not [a for a in paced.answers("again") if not a["ok"] and a["error"]["code"] == "paced"]


def test_a_change_of_a_waiting_order_is_not_told_that_there_is_none(paced: Bench) -> None:
    fill_window(paced)
    paced.ask("placeOrder", client="alice", orderKey="a", contract=AAPL, order=ORDER)
    id_ = paced.ask("modifyOrder", client="alice", orderKey="a", revision=1, order=ORDER)
    assert not [a for a in paced.answers(id_) if a["error"]["code"] == "unknownOrder"]


def test_a_cancel_of_an_ended_order_does_not_wait_for_room(paced: Bench) -> None:
    """The order ends while its cancel waits."""
    number = work(paced, "bob", "b")
    paced.wait(2)
    fill_window(paced)
    id_ = paced.ask("cancelOrder", client="bob", orderKey="b")
    paced.tws("orderStatus", orderId=number, status="Cancelled", filled="0", remaining="10", permId=str(number),
              clientId=1)  # fmt: skip
    paced.wait(0.2)
    assert paced.answers(id_)
