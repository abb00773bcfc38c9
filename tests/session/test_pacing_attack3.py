"""Finds of the third attack on pacing: who starves whom beside an endless flood, and what counts but never leaves."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from bridge.session.effects import Send, SendAll
from bridge.session.pacing.budget import WINDOW, MessageBudget
from bridge.session.pacing.history import HistoryRules
from bridge.session.pacing.lane_queue import Turn
from bridge.session.pacing.pacer import LARGE_GROUP_PAUSE, ORDERS, Pacer
from tests.session.conftest import AAPL, Bench
from tests.session.test_pacing import ORDER, RATE, contract, paced  # noqa: F401 - a fixture

NAMED = {"symbol": "AAPL", "secType": "STK", "exchange": "SMART", "currency": "USD"}


class Crowd:
    """A pacer to which cancels, orders in groups of `sizes`, and reads come without end. `reads`: in a second."""

    def __init__(self, sizes: tuple[int, ...], reads: float) -> None:
        self.pacer = Pacer(RATE)
        self.sizes = sizes
        self.reads = reads
        self.now = 0.0
        self.cancels = 0
        self.orders: list[tuple[float, int]] = []
        self.read_waits: list[float] = []
        self._number = 0
        self._waiting: list[float] = []

    def offer(self, *effects: Any) -> None:
        passed = self.pacer.pass_on(effects, self.now)
        self.cancels += sum(isinstance(effect, Send) and effect.name == "cancelOrder" for effect in passed)

    def run(self, seconds: float) -> None:
        due, end = self.now + 1.0, self.now + seconds
        while self.now < end:
            self.pacer.is_urgent_waiting = False
            self.offer()
            while self.pacer.depths()["cancels"] < 100:
                self._number += 1
                self.offer(Send("cancelOrder", {"orderId": self._number}))
            self._place()
            if self.reads and self.now >= due:
                due += 1 / self.reads
                self._waiting.append(self.now)
            while self._waiting and self.pacer.reserve("rest", 1, self.now):
                self._number += 1
                self.read_waits.append(self.now - self._waiting.pop(0))
                self.offer(Send("reqContractDetails", {"reqId": self._number}))
            self.now += 0.005

    def _place(self) -> None:
        size = self.sizes[len(self.orders) % len(self.sizes)]
        if self.pacer.reserve("orders", size, self.now):
            self.orders.append((self.now, size))
            self.offer(SendAll(tuple(Send("placeOrder", {"orderId": number}) for number in range(size))))
            self.pacer.keep_for_orders(0)
        else:
            self.pacer.is_urgent_waiting = True
            self.pacer.keep_for_orders(size)

    def worst(self) -> float:
        """The longest time between two groups."""
        times = [0.0, *(at for at, _ in self.orders), self.now]
        return max(later - earlier for earlier, later in pairwise(times))


@pytest.mark.parametrize("reads", [0, 0.5, 2, 8])
def test_orders_have_their_tenth_beside_endless_cancels_and_some_reads(reads: float) -> None:
    crowd = Crowd((1,), reads)
    crowd.run(40.0)
    assert sum(size for _, size in crowd.orders) >= 0.8 * ORDERS * RATE * 40
    assert crowd.worst() <= LARGE_GROUP_PAUSE
    assert crowd.cancels >= 0.4 * RATE * 40


@pytest.mark.parametrize("reads", [0, 2, 30])
@pytest.mark.parametrize("size", [3, 10, 25, 26, 38, 39, 50])
def test_a_group_leaves_beside_endless_cancels_and_some_reads(size: int, reads: float) -> None:
    crowd = Crowd((size, 1), reads)
    crowd.run(40.0)
    assert crowd.worst() <= LARGE_GROUP_PAUSE + WINDOW
    assert max(crowd.read_waits, default=0.0) <= 6.0 if reads < 10 else len(crowd.read_waits) >= 40
    assert crowd.cancels >= 0.15 * RATE * 40


@pytest.mark.parametrize(
    "name", ["reqExecutions", "reqAllOpenOrders", "reqCompletedOrders", "reqCurrentTime", "reqIds"]
)
def test_lists_and_the_time_that_clients_request_are_no_orders(name: str) -> None:
    """The pacer counted them as urgent, and no share held them: they took each place that orders waited for."""
    pacer, now, orders, reads = Pacer(RATE), 0.0, 0, 0
    while now < 20.0:
        pacer.is_urgent_waiting = False
        pacer.pass_on([], now)
        if pacer.reserve("orders", 1, now):
            orders += 1
            pacer.pass_on([Send("placeOrder", {"orderId": orders})], now)
        else:
            pacer.is_urgent_waiting = True
            pacer.keep_for_orders(1)
        while pacer.reserve("rest", 1, now):
            reads += 1
            pacer.pass_on([Send(name, {"reqId": reads})], now)
        now += 0.002
    assert orders >= 0.5 * RATE * 20
    assert reads >= 0.1 * RATE * 20


def test_the_lists_of_the_bridge_itself_are_urgent() -> None:
    pacer = Pacer(1)
    pacer.budget.spend(1, 0.0)
    pacer.pass_on([Send("reqExecutions", {}, None, is_for_order=True)], 0.0)
    assert pacer.depths()["orders"] == 1


def test_a_message_counts_from_when_it_is_written() -> None:
    """A busy turn writes 80 ms after it has decided what leaves."""
    budget = MessageBudget(RATE)
    budget.spend(RATE, 0.0)
    budget.written(0.08)
    assert budget.wait(1, WINDOW, evenly=False) > 0.07
    assert budget.wait(1, WINDOW + 0.08, evenly=False) == 0


@pytest.mark.parametrize("lane", ["cancels", "orders"])
def test_a_turn_that_sends_nothing_costs_nothing(lane: Any) -> None:
    """Its order has ended meanwhile."""
    pacer = Pacer(RATE)
    for _ in range(20 * RATE):
        (turn,) = pacer.pass_on([Turn(lane, 1, lambda _now: None)], 0.0)
        assert isinstance(turn, Turn)
        assert pacer.pass_paid(turn, [], 0.0) == []
    assert pacer.reserve("orders", RATE, 0.0)


def test_a_group_that_waits_is_refused_when_a_reload_lowers_the_limit_below_its_size(paced: Bench) -> None:  # noqa: F811
    for number in range(45):
        paced.ask("placeOrder", orderKey=f"a{number}", contract=AAPL, order=ORDER)
    group = [{"orderKey": f"g{number}", "contract": AAPL, "order": ORDER} for number in range(RATE)]
    asked = paced.ask("placeOrders", client="bob", orders=group)
    config = replace(paced.session._config, messages_per_second=10)
    paced.session._take_over(config, (), paced.now)
    paced.collect()
    assert paced.failure(asked)["code"] == "invalidParams"
    assert "at most 10 in a group" in paced.failure(asked)["message"]
    left = len(paced.sends("placeOrder"))
    paced.wait(5)
    assert len(paced.sends("placeOrder")) == left


def test_tick_by_tick_by_symbol_waits_for_the_instrument_that_it_is(paced: Bench) -> None:  # noqa: F811
    def ask(contract: dict[str, Any], kind: str) -> None:
        paced.ask("reqTickByTickData", contract=contract, tickType=kind, numberOfTicks=0, ignoreSize=False)

    ask(AAPL, "Last")
    paced.wait(1)
    ask(NAMED, "BidAsk")
    (search,) = paced.sends("reqContractDetails")
    paced.tws("contractDetails", reqId=search["reqId"], contract=AAPL, contractDetails={})
    paced.tws("contractDetailsEnd", reqId=search["reqId"])
    paced.wait(13)
    assert len(paced.sends("reqTickByTickData")) == 1
    paced.wait(2)
    assert [send["tickType"] for send in paced.sends("reqTickByTickData")] == ["Last", "BidAsk"]


def test_at_most_60_real_time_bars_are_requested_in_ten_minutes() -> None:
    """Source: IBKR's page on 5 second real time bars."""
    rules, now = HistoryRules(lambda: 0), 0.0
    for number in range(60):
        assert rules.wait("reqRealTimeBars", {"contract": contract(number)}, now) == 0
        rules.count("reqRealTimeBars", {"contract": contract(number)}, now)
        now += 1.0
    assert rules.wait("reqRealTimeBars", {"contract": contract(60)}, now) == 540.0


def test_an_order_is_not_told_to_wait_for_reads(paced: Bench) -> None:  # noqa: F811
    for number in range(450):
        paced.ask("reqContractDetails", client="mad", contract=contract(number + 1))
    for number in range(60):
        paced.ask("placeOrder", client="bob", orderKey=f"b{number}", contract=AAPL, order=ORDER)
    told = [event["data"]["waitSeconds"] for topic, event in paced.events if topic == "request.bob.queued"]
    assert told
    assert max(told) <= 4 * WINDOW


def test_a_read_is_told_about_its_turn_and_not_about_all_that_others_wait_for(paced: Bench) -> None:  # noqa: F811
    for number in range(450):
        paced.ask("reqContractDetails", client="mad", contract=contract(number + 1))
    paced.ask("reqContractDetails", client="bob", contract=contract(5000))
    (told,) = [event["data"]["waitSeconds"] for topic, event in paced.events if topic == "request.bob.queued"]
    assert told <= 1.0


def test_a_cancel_whose_time_ends_before_there_is_room_leaves_later(paced: Bench) -> None:  # noqa: F811
    paced.ask("placeOrder", orderKey="first", contract=AAPL, order=ORDER)
    paced.tws("orderStatus", orderId=100, status="Submitted", filled="0", remaining="10", permId="9", clientId=1)
    for number in range(RATE - 1):
        paced.ask("placeOrder", orderKey=f"a{number}", contract=AAPL, order=ORDER)
    body = {"v": 1, "id": "late", "client": "alice", "method": "cancelOrder", "params": {"orderKey": "first"}}
    paced.request({**body, "timeout": 0.5}, "alice")
    paced.wait(0.8)
    assert paced.failure("late")["code"] == "noResponse"
    assert not paced.sends("cancelOrder")
    paced.wait(1)
    assert [send["orderId"] for send in paced.sends("cancelOrder")] == [100]


def test_cancels_of_ended_orders_leave_no_timer_that_is_due_at_once(paced: Bench) -> None:  # noqa: F811
    """Seed 930145: each turn that sent nothing left its room to the next one, and the bridge woke up once for each."""
    for number in range(RATE):
        paced.ask("placeOrder", orderKey=f"a{number}", contract=AAPL, order=ORDER)
        paced.tws("orderStatus", orderId=100 + number, status="Submitted", filled="0", remaining="10",
                  permId=str(number + 1), clientId=1)  # fmt: skip
    paced.wait(2)
    for number in range(RATE):
        paced.ask("placeOrder", orderKey=f"b{number}", contract=AAPL, order=ORDER)  # takes all room
    paced.ask("cancelMine")
    for number in range(RATE):
        paced.tws("orderStatus", orderId=100 + number, status="Cancelled", filled="0", remaining="10",
                  permId=str(number + 1), clientId=1)  # fmt: skip
    left = len(paced.sends("cancelOrder"))
    paced.wait(WINDOW)
    assert (due := paced.session.next_timer(paced.now)) is not None
    assert due > paced.clock
    assert len(paced.sends("cancelOrder")) - left <= RATE
