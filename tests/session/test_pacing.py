"""Pacing: never more messages than the budget, the urgent ones first, and fair turns between clients."""

from __future__ import annotations

from collections import Counter, deque
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.session.effects import Log, Send, SendAll
from bridge.session.pacing.budget import SLOW, MessageBudget
from bridge.session.pacing.history import MOST_OPEN, HistoryRules
from bridge.session.pacing.lane_queue import Turn
from bridge.session.pacing.pacer import GUARANTEED, Pacer
from bridge.session.pacing.turns import FairTurns
from bridge.session.rights.grants import Grant
from bridge.session.rights.permissions import Permissions
from bridge.session.values import Instant
from tests.session.conftest import AAPL, Bench

ORDER = {"action": "BUY", "orderType": "LMT", "totalQuantity": "10", "lmtPrice": 5.0}
RATE = 50


def most_in(seconds: float, times: list[float]) -> int:
    """How many of these times lie in one window at most."""
    most, window = 0, deque[float]()
    for at in sorted(times):
        window.append(at)
        while window[0] <= at - seconds:
            window.popleft()
        most = max(most, len(window))
    return most


# The budget and the lanes, alone


class Tws:
    """A pacer, and what has left with the times."""

    def __init__(self, rate: int = RATE) -> None:
        self.pacer = Pacer(rate)
        self.now = 0.0
        self.left: list[tuple[float, Send]] = []

    def offer(self, *effects: Any) -> None:
        for effect in self.pacer.pass_on(effects, self.now):
            if isinstance(effect, Turn):
                effect.then(Instant(self.now, 0))
            elif isinstance(effect, Send | SendAll):
                sends = effect.sends if isinstance(effect, SendAll) else (effect,)
                self.left += [(self.now, send) for send in sends]

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while (due := self.pacer.next(self.now)) is not None and due <= end:
            self.now = max(self.now, due)
            self.offer()
        self.now = end
        self.offer()


def rest(number: int) -> Send:
    return Send("reqMktData", {"reqId": number})


def order(number: int) -> Send:
    return Send("placeOrder", {"orderId": number})


def cancel(number: int) -> Send:
    return Send("cancelOrder", {"orderId": number})


def release(number: int) -> Send:
    return Send("cancelMktData", {"reqId": number})


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("rest"), st.integers(1, 80)),
        st.tuples(st.just("order"), st.integers(1, 40)),
        st.tuples(st.just("group"), st.integers(1, 50)),
        st.tuples(st.just("cancel"), st.integers(1, 30)),
        st.tuples(st.just("release"), st.integers(1, 60)),
        st.tuples(st.just("wait"), st.floats(0.0, 1.5)),
        st.tuples(st.just("error100"), st.just(0)),
    ),
    max_size=25,
)


@given(STEPS, st.sampled_from([1, 7, 20, 50]))
def test_no_window_has_more_messages_than_the_budget_and_none_is_lost(steps: list[Any], rate: int) -> None:
    tws, offered, groups, numbers = Tws(rate), 0, [], iter(range(10_000))
    for step, amount in steps:
        match step:
            case "wait":
                tws.run(amount)
                continue
            case "error100":
                tws.pacer.budget.slow_down(tws.now)
                continue
            case "group":
                group = SendAll(tuple(order(next(numbers)) for _ in range(min(amount, rate))))
                groups.append(group)
                tws.offer(group)
                offered += len(group.sends)
                continue
        made = {"rest": rest, "order": order, "cancel": cancel, "release": release}[step]
        tws.offer(*(made(next(numbers)) for _ in range(amount)))
        offered += amount
    tws.run(10_000.0)
    assert len(tws.left) == offered
    assert most_in(1.0, [at for at, _ in tws.left]) <= rate
    for group in groups:
        assert len({at for at, send in tws.left if send in group.sends}) == 1


def test_messages_that_are_not_urgent_leave_evenly() -> None:
    tws = Tws()
    tws.offer(*(rest(number) for number in range(100)))
    tws.run(3.0)
    assert most_in(0.0999, [at for at, _ in tws.left]) <= 5
    assert tws.left[-1][0] <= 100 / RATE * 1.2


def test_cancels_leave_before_orders_and_orders_before_the_rest_but_for_its_share() -> None:
    tws = Tws()
    tws.offer(*(rest(number) for number in range(200)))
    tws.run(0.5)
    tws.offer(*(order(1000 + number) for number in range(60)))
    tws.offer(*(Send("cancelOrder", {"orderId": number}) for number in range(60)))
    begun = tws.now + 0.001
    tws.run(20.0)
    names = [send.name for at, send in tws.left if at >= begun]
    ends = {name: len(names) - 1 - names[::-1].index(name) for name in set(names)}
    assert ends["cancelOrder"] < ends["placeOrder"] < ends["reqMktData"]
    orders_over = max(at for at, send in tws.left if send.name == "placeOrder")
    before = [at for at, send in tws.left if send.name == "reqMktData" and begun <= at <= orders_over]
    assert most_in(1.0, before) <= GUARANTEED["rest"] * RATE * 1.05
    assert "reqMktData" not in names[: ends["placeOrder"]][:5]


class Flood(Tws):
    """Loops that place an order and cancel it without pause, as one client can: `size` orders in each message."""

    def __init__(self, rate: int, loops: int, size: int = 1) -> None:
        super().__init__(rate)
        self.size = size
        self.loops = [(0.0, "orders")] * loops
        self.urgent = 0
        self.reads: list[float] = []

    def step(self, readers: int) -> None:
        """Go on by 2 ms. `readers` wait for room for a read all the time."""
        self.pacer.is_urgent_waiting = False
        self.offer()
        for number, (due, lane) in enumerate(self.loops):
            if due > self.now:
                continue
            if lane == "orders":
                if self.pacer.is_urgent_waiting or not self.pacer.reserve("orders", self.size, self.now):
                    self.pacer.is_urgent_waiting = True
                    self.pacer.keep_for_orders(self.size)
                    continue
                self.offer(SendAll(tuple(order(one) for one in range(self.size))))
                self.loops[number] = (self.now + 0.01, "cancels" if self.size == 1 else "orders")
            else:
                self.loops[number] = (float("inf"), "orders")
                self.offer(Turn("cancels", 1, partial(self.cancelled, number)))
        if not self.pacer.is_urgent_waiting:
            self.pacer.keep_for_orders(0)
        for _ in range(readers):
            if self.pacer.reserve("rest", 1, self.now):
                self.reads.append(self.now)
                self.offer(rest(len(self.reads)))
        self.now += 0.002

    def cancelled(self, number: int, now: Instant) -> None:
        self.left.append((now.clock, cancel(number)))
        self.loops[number] = (now.clock + 0.01, "orders")


@pytest.mark.parametrize("loops", [1, 2, 4, 60])
def test_reads_have_their_share_while_a_client_places_and_cancels_without_pause(loops: int) -> None:
    flood = Flood(RATE, loops)
    while flood.now < 20.0:
        flood.step(readers=2)
    reads = len(flood.reads)
    assert reads >= 0.8 * GUARANTEED["rest"] * RATE * 20
    assert max(later - earlier for earlier, later in pairwise([0.0, *flood.reads])) <= 1.5
    assert len(flood.left) - reads >= 0.6 * RATE * 20, "the orders and cancels keep theirs"
    assert most_in(1.0, [at for at, _ in flood.left]) <= RATE


@pytest.mark.parametrize(("rate", "size"), [(50, 50), (50, 39), (50, 20), (10, 10), (2, 2), (1, 1)])
def test_reads_have_their_share_while_groups_leave_without_pause_and_groups_leave(rate: int, size: int) -> None:
    flood = Flood(rate, 2, size)
    while flood.now < 60.0:
        flood.step(readers=1)
    assert len(flood.reads) >= 0.1 * GUARANTEED["rest"] * rate * 60
    assert len(flood.left) - len(flood.reads) >= 0.25 * rate * 60
    assert most_in(1.0, [at for at, _ in flood.left]) <= rate


def test_orders_and_cancels_have_the_whole_limit_where_nobody_else_waits() -> None:
    flood = Flood(RATE, 4)
    while flood.now < 20.0:
        flood.step(readers=0)
    assert len(flood.left) >= 0.85 * RATE * 20


def test_the_cancels_of_several_clients_take_turns() -> None:
    tws = Tws(10)
    taken: list[int] = []

    def turn(number: int, owner: str) -> Turn:
        return Turn("cancels", 1, lambda _now: taken.append(number), owner)

    tws.offer(*(turn(number, "mad") for number in range(100)), *(turn(200 + number, "bob") for number in range(5)))
    tws.run(2.5)
    numbers = taken
    assert [number for number in numbers if number >= 200] == [200, 201, 202, 203, 204]
    assert [number for number in numbers if number < 200] == list(range(len(numbers) - 5))


@pytest.mark.parametrize("rate", [2, 10, 50])
def test_cancels_leave_room_for_orders(rate: int) -> None:
    tws = Tws(rate)
    tws.offer(*(Send("cancelOrder", {"orderId": number}) for number in range(20 * rate)))
    tws.offer(*(order(1000 + number) for number in range(2 * rate)))
    tws.run(10.0)
    placed = sum(send.name == "placeOrder" for _, send in tws.left)
    assert placed >= 10 * rate * 0.05
    assert len(tws.left) - placed >= 10 * rate * 0.45


@pytest.mark.parametrize("rate", [1, 2, 10, 50])
def test_releases_and_the_rest_share_the_budget(rate: int) -> None:
    """Releases and other messages wait all the time: neither stops the other, and nothing of the budget is lost."""
    tws = Tws(rate)
    tws.offer(*(Send("cancelMktData", {"reqId": number}) for number in range(40 * rate)))
    asked, end = 1000, 20.0
    while tws.now < end:
        while tws.pacer.reserve("rest", 1, tws.now):
            asked += 1
            tws.offer(Send("reqContractDetails", {"reqId": asked}))
        tws.run(0.02)
    names = Counter(send.name for _, send in tws.left)
    most = rate if rate == 1 else max(1, rate - max(1, rate // 10))
    assert names["cancelMktData"] >= 0.3 * most * end
    assert names["reqContractDetails"] >= 0.3 * most * end
    assert names.total() >= 0.85 * most * end


def test_a_release_does_not_overtake_its_request_and_one_without_an_id_no_request() -> None:
    tws = Tws(10)
    tws.offer(*(rest(number) for number in range(20)), Send("cancelMktData", {"reqId": 19}))
    tws.offer(Send("reqPositions", {}), Send("cancelPositions", {}), Send("reqPositions", {}))
    tws.run(10.0)
    names = [(send.name, send.data.get("reqId")) for _, send in tws.left]
    assert names.index(("cancelMktData", 19)) > names.index(("reqMktData", 19))
    assert [name for name, _ in names if "Positions" in name] == ["reqPositions", "cancelPositions", "reqPositions"]


def test_room_is_counted_once_for_orders_on_their_way_to_the_disk() -> None:
    pacer = Pacer(10)
    for number in range(10):
        assert pacer.reserve("orders", 1, 0.0)
        pacer.promise(number, 1)
    assert not pacer.reserve("orders", 1, 0.0)


def test_other_effects_do_not_wait() -> None:
    pacer = Pacer(1)
    passed = pacer.pass_on([rest(1), rest(2), Log("info", "x")], 0.0)
    assert [type(effect) for effect in passed] == [Send, Log]


def test_error_100_halves_the_budget_for_a_while() -> None:
    budget = MessageBudget(RATE)
    budget.slow_down(0.0)
    assert budget.limit(1.0) == 25
    budget.slow_down(2.0)
    assert budget.limit(3.0) == 12
    assert budget.limit(2.0 + SLOW) == 50
    for at in range(20):
        budget.slow_down(100.0 + 2 * at)
    assert budget.limit(140.0) == 1


# Historical data

BARS = {"contract": AAPL, "barSizeSetting": "5 secs", "whatToShow": "TRADES", "duration": "1800 S"}


class History:
    """The rules, and when each request was taken. It asks whenever it may."""

    def __init__(self) -> None:
        self.open = 0
        self.rules = HistoryRules(lambda: self.open)
        self.now = 0.0
        self.taken: list[tuple[float, dict[str, Any]]] = []

    def ask(self, params: dict[str, Any]) -> None:
        while (wait := self.rules.wait("reqHistoricalData", params, self.now)) > 0:
            self.now += wait
        self.rules.count("reqHistoricalData", params, self.now)
        self.taken.append((self.now, params))

    def times(self, **which: Any) -> list[float]:
        return [at for at, params in self.taken if all(params[name] == value for name, value in which.items())]


#: Sums of floats differ from their exact values by less (seconds).
ROUNDING = 1e-6


@given(
    st.lists(
        st.tuples(st.sampled_from([1, 2]), st.sampled_from(["TRADES", "BID_ASK"]), st.integers(1, 12), st.floats(0, 3)),
        max_size=150,
    )
)
def test_no_rule_of_small_bars_is_broken(asked: list[Any]) -> None:
    history = History()
    for con_id, what, end, pause in asked:
        history.now += pause
        history.ask({**BARS, "contract": contract(con_id), "whatToShow": what, "endDateTime": str(end)})
    for con_id in (1, 2):
        for what in ("TRADES", "BID_ASK"):
            assert most_in(2.0 - ROUNDING, history.times(contract=contract(con_id), whatToShow=what)) <= 5
            for end in range(1, 13):
                same = history.times(contract=contract(con_id), whatToShow=what, endDateTime=str(end))
                assert all(later - at > 14.999 for at, later in pairwise(same))
    assert most_in(600.0 - ROUNDING, [*history.times(), *history.times(whatToShow="BID_ASK")]) <= 60


def test_large_bars_wait_for_nothing_but_the_open_ones() -> None:
    history = History()
    for _ in range(100):
        history.ask({**BARS, "barSizeSetting": "1 hour"})
    assert history.now == 0.0
    history.open = MOST_OPEN
    assert history.rules.wait("reqHistoricalData", {**BARS, "barSizeSetting": "1 hour"}, 0.0) > 0


def test_tick_by_tick_is_asked_once_in_15_seconds_for_an_instrument() -> None:
    rules = HistoryRules(lambda: 0)
    rules.count("reqTickByTickData", {"contract": AAPL, "tickType": "Last"}, 0.0)
    assert rules.wait("reqTickByTickData", {"contract": AAPL, "tickType": "BidAsk"}, 1.0) == 14.0
    assert rules.wait("reqTickByTickData", {"contract": contract(7), "tickType": "Last"}, 1.0) == 0.0


def test_the_rules_count_when_a_request_leaves_and_not_when_it_begins_to_wait() -> None:
    """C5.54. A request may wait in the pacer, behind cancels for example."""
    rules, ticks = HistoryRules(lambda: 0), {"contract": AAPL, "tickType": "Last"}
    send = Send("reqTickByTickData", {"reqId": 1, **ticks})
    rules.asked(send)
    assert rules.wait("reqTickByTickData", ticks, 20.0) == 15.0
    rules.left(send, 21.0)
    assert rules.wait("reqTickByTickData", ticks, 22.0) == 14.0
    params = {"contract": AAPL, "barSizeSetting": "5 secs", "whatToShow": "TRADES"}
    for number in range(5):
        rules.asked(Send("reqHistoricalData", {"reqId": 10 + number, **params, "endDateTime": str(number)}))
    assert rules.wait("reqHistoricalData", {**params, "endDateTime": "0"}, 50.0) == 15.0
    assert rules.wait("reqHistoricalData", {**params, "endDateTime": "9"}, 50.0) == 2.0
    rules.dropped()
    assert rules.wait("reqHistoricalData", {**params, "endDateTime": "0"}, 50.0) == 0.0


def test_the_bridge_waits_for_the_rules_of_history_and_nothing_else_waits_for_that(paced: Bench) -> None:
    first = paced.ask("reqHistoricalData", **BARS)
    paced.tws("historicalDataEnd", reqId=paced.last_sent("reqHistoricalData")["reqId"])
    second = paced.ask("reqHistoricalData", **BARS)
    other = paced.ask("reqContractDetails", contract=AAPL)
    assert (len(paced.sends("reqHistoricalData")), len(paced.sends("reqContractDetails"))) == (1, 1)
    assert paced.on("request.alice.queued")[0]["data"]["waitSeconds"] == 15.0
    paced.tws("contractDetailsEnd", reqId=paced.last_sent("reqContractDetails")["reqId"])
    assert paced.answers(first) and paced.answers(other) and not paced.answers(second)
    paced.wait(15.1)
    assert len(paced.sends("reqHistoricalData")) == 2


def test_at_most_fifty_historical_requests_are_open(paced: Bench) -> None:
    for number in range(60):
        paced.ask("reqHistoricalData", **{**BARS, "barSizeSetting": "1 hour", "contract": contract(number + 1)})
    paced.wait(5)
    assert len(paced.sends("reqHistoricalData")) == MOST_OPEN
    paced.tws("historicalDataEnd", reqId=paced.last_sent("reqHistoricalData")["reqId"])
    paced.wait(2)
    assert len(paced.sends("reqHistoricalData")) == MOST_OPEN + 1


# Fair turns


@given(
    st.dictionaries(st.sampled_from("abcde"), st.lists(st.integers(1, 6), min_size=1, max_size=30), min_size=2),
    st.integers(1, 40),
)
def test_clients_that_wait_get_the_same_share_within_their_largest_request(
    asked: dict[str, list[int]], most: int
) -> None:
    turns, left, sent = FairTurns(), {client: deque(costs) for client, costs in asked.items()}, Counter[str]()
    for _ in range(most):
        waiting = {client: deque((client, cost) for cost in costs) for client, costs in left.items() if costs}
        if len(waiting) < len(asked):
            return
        round_ = turns.begin(waiting)
        turn = round_.next()
        assert turn is not None
        client, cost = turn
        round_.take()
        assert left[client].popleft() == cost
        sent[client] += cost
        assert max(sent[c] for c in asked) - min(sent[c] for c in asked) <= 12


# In the session


@pytest.fixture
def paced() -> Bench:
    bench = Bench(messages_per_second=RATE)
    bench.ready()
    bench.wait(9)  # nothing is sent again because it was early
    return bench


def contract(con_id: int) -> dict[str, Any]:
    return {**AAPL, "conId": con_id}


def test_a_burst_of_requests_leaves_at_the_rate_and_all_are_answered(paced: Bench) -> None:
    ids = [paced.ask("reqContractDetails", contract=contract(number + 1)) for number in range(200)]
    assert len(paced.sends("reqContractDetails")) <= RATE // 10
    paced.wait(1)
    assert len(paced.sends("reqContractDetails")) <= RATE + RATE // 10
    paced.wait(4)
    sends = paced.sends("reqContractDetails")
    assert len(sends) == 200
    for send in sends:
        paced.tws("contractDetailsEnd", reqId=send["reqId"])
    assert all(paced.result(id_) == [] for id_ in ids)


def test_a_client_that_floods_does_not_delay_the_others(paced: Bench) -> None:
    for number in range(500):
        paced.ask("reqContractDetails", client="mad", contract=contract(number + 1))
    for number in range(10):
        paced.ask("reqContractDetails", client="bob", contract=contract(1000 + number))
    paced.wait(0.8)
    mine = [send for send in paced.sends("reqContractDetails") if send["contract"]["conId"] >= 1000]
    assert len(mine) == 10


def test_orders_and_cancels_do_not_wait_for_a_flood(paced: Bench) -> None:
    for number in range(500):
        paced.ask("reqContractDetails", client="mad", contract=contract(number + 1))
    paced.wait(0.3)
    paced.ask("placeOrder", client="bob", orderKey="a", contract=AAPL, order=ORDER)
    assert len(paced.sends("placeOrder")) == 1
    paced.tws("orderStatus", orderId=100, status="Submitted", filled="0", remaining="10", permId="9", clientId=1)
    paced.ask("cancelOrder", client="bob", orderKey="a")
    assert len(paced.sends("cancelOrder")) == 1


class Churn:
    """Mad keeps so many orders in flight: each is placed, and cancelled as soon as TWS works it."""

    def __init__(self, bench: Bench, loops: int = 4) -> None:
        self.bench = bench
        self.keys: list[str] = []
        self.cancelled = 0
        for _ in range(loops):
            self.place()

    def place(self) -> None:
        self.keys.append(f"m{len(self.keys)}")
        self.bench.ask("placeOrder", client="mad", orderKey=self.keys[-1], contract=AAPL, order=ORDER)

    def run(self, seconds: float) -> None:
        end = self.bench.clock + seconds
        while self.bench.clock < end:
            self.bench.wait(0.01)
            mine = [one for one in self.bench.sends("placeOrder") if one["contract"]["conId"] == AAPL["conId"]]
            for one in mine[self.cancelled :]:
                number = one["orderId"]
                self.bench.tws("orderStatus", orderId=number, status="Submitted", filled="0", remaining="10",
                               permId=str(number), clientId=1)  # fmt: skip
                self.bench.ask("cancelOrder", client="mad", orderKey=self.keys[self.cancelled])
                self.cancelled += 1
                self.place()


def test_orders_and_reads_do_not_wait_for_a_client_that_places_and_cancels_without_pause() -> None:
    alice = Grant(roles=frozenset({"trade"}), symbols=frozenset({"AAPL", "MSFT"}))
    mad, bob = Grant(roles=frozenset({"trade"})), Grant(roles=frozenset({"observe"}))
    paced = Bench(messages_per_second=RATE, permissions=Permissions({"alice": alice, "mad": mad, "bob": bob}))
    paced.ready()
    paced.wait(9)
    mad_orders = Churn(paced)
    mad_orders.run(3.0)
    assert mad_orders.cancelled >= 50, "mad fills the windows"
    for number in range(20):
        paced.ask("reqContractDetails", client="bob", contract=contract(number + 1))
    unknown = {"conId": 272093, "exchange": "SMART"}
    paced.ask("placeOrder", client="alice", orderKey="a", contract=unknown, order=ORDER)
    mad_orders.run(1.2)
    assert [one for one in paced.sends("reqContractDetails") if one["contract"]["conId"] == 272093], "as an order"
    mad_orders.run(3.0)
    assert len([one for one in paced.sends("reqContractDetails") if one["contract"]["conId"] <= 20]) == 20


def test_the_cancels_of_a_mad_client_do_not_delay_those_of_others(paced: Bench) -> None:
    for client in ("mad", "bob"):
        paced.ask("placeOrder", client=client, orderKey="a", contract=AAPL, order=ORDER)
    for number, perm in ((100, "9"), (101, "10")):
        paced.tws("orderStatus", orderId=number, status="Submitted", filled="0", remaining="1", permId=perm, clientId=1)
    paced.wait(2)
    for _ in range(600):
        paced.ask("cancelOrder", client="mad", orderKey="a")
    paced.ask("cancelOrder", client="bob", orderKey="a")
    paced.wait(1.2)
    assert 101 in [send["orderId"] for send in paced.sends("cancelOrder")]


def test_a_tenth_of_the_budget_is_kept_for_orders(paced: Bench) -> None:
    for number in range(900):
        paced.ask("reqContractDetails", client="mad", contract=contract(number + 1))
    paced.wait(5.03)
    for number in range(RATE // 10):
        paced.ask("placeOrder", client="bob", orderKey=f"k{number}", contract=AAPL, order=ORDER)
    assert len(paced.sends("placeOrder")) == RATE // 10


def test_who_does_not_want_to_wait_is_refused_with_the_time(paced: Bench) -> None:
    for number in range(100):
        paced.ask("reqContractDetails", contract=contract(number + 1))
    body = {"v": 1, "id": "x", "client": "alice", "method": "reqContractDetails", "params": {"contract": AAPL}}
    paced.request({**body, "wait": False}, "alice")
    failed = paced.failure("x")
    assert failed["code"] == "paced"
    assert 1.0 < failed["data"]["waitSeconds"] < 3.0
    paced.wait(5)
    assert not [send for send in paced.sends("reqContractDetails") if send["contract"] == AAPL]


def test_who_waits_is_told_how_long(paced: Bench) -> None:
    ids = [paced.ask("reqContractDetails", contract=contract(number + 1)) for number in range(60)]
    told = paced.on("request.alice.queued")
    assert told[-1]["re"] == ids[-1]
    assert 0.9 < told[-1]["data"]["waitSeconds"] < 1.5


def test_a_request_that_waited_until_its_time_was_over_was_never_sent(paced: Bench) -> None:
    for number in range(400):
        paced.ask("reqContractDetails", client="mad", contract=contract(number + 1))
    body = {"v": 1, "id": "x", "client": "mad", "method": "reqContractDetails", "params": {"contract": AAPL}}
    paced.request({**body, "timeout": 2.0}, "mad")
    paced.wait(10)
    assert paced.failure("x")["code"] == "paced"
    assert not [send for send in paced.sends("reqContractDetails") if send["contract"] == AAPL]


def test_to_join_a_stream_that_tws_serves_costs_no_message(paced: Bench) -> None:
    first = paced.ask("reqMktData", contract=AAPL)
    paced.tws("tickPrice", reqId=paced.last_sent("reqMktData")["reqId"], tickType=1, price=1.0, size="1")
    assert paced.result(first)["confirmed"]
    for number in range(300):
        paced.ask("reqContractDetails", client="mad", contract=contract(number + 1))
    assert paced.result(paced.ask("reqMktData", client="bob", contract=AAPL))["confirmed"]


def test_streams_are_renewed_before_new_requests_run(paced: Bench) -> None:
    for number in range(100):
        paced.ask("reqMktData", contract=contract(number + 1))
        paced.tws("tickPrice", reqId=paced.last_sent("reqMktData")["reqId"], tickType=1, price=1.0, size="1")
        paced.wait(0.1)
    paced.session.on_lost("end of file", paced.now)
    paced.collect()
    before = len(paced.sends("reqMktData"))
    paced.ready()
    paced.ask("reqContractDetails", client="bob", contract=AAPL)
    paced.wait(1.0)
    assert not paced.sends("reqContractDetails")
    paced.wait(3.0)
    assert len(paced.sends("reqMktData")) == before + 100
    assert len(paced.sends("reqContractDetails")) == 1


def test_error_100_slows_the_bridge_down_and_is_told(paced: Bench) -> None:
    paced.error(-1, 100, "Max rate of messages per second has been exceeded")
    assert paced.on("system.pacing")[0]["data"]["limit"] == RATE // 2
    assert paced.result(paced.ask("status"))["pacing"]["limit"] == RATE // 2
    for number in range(100):
        paced.ask("reqContractDetails", contract=contract(number + 1))
    paced.wait(1.0)
    assert len(paced.sends("reqContractDetails")) <= RATE // 2 + 2


VIOLATION = "Historical Market Data Service error message:Historical data request pacing violation"


def keep_alive(bench: Bench, seconds: int) -> None:
    for _ in range(seconds // 10):
        bench.ask("ping")
        bench.wait(10)


def ask_bars(bench: Bench, con_id: int) -> str:
    return bench.ask("reqHistoricalData", **{**BARS, "barSizeSetting": "1 day", "contract": contract(con_id)})


def test_a_pacing_violation_pauses_historical_requests_and_is_told(paced: Bench) -> None:
    for number, pause in enumerate((60, 120, 240), 1):
        refused = [ask_bars(paced, 3 * number), ask_bars(paced, 3 * number + 1)]
        paced.wait(0.5)
        sent = paced.sends("reqHistoricalData")
        for send in sent[-2:]:
            paced.error(send["reqId"], 162, VIOLATION)
        assert [paced.failure(id_)["twsCode"] for id_ in refused] == [162, 162]
        told = paced.on("system.pacing")
        assert len(told) == number, "both are of one burst"
        assert (told[-1]["data"]["counted"], told[-1]["data"]["seconds"]) == ("history", pause)
        params = {**BARS, "contract": contract(1000 * number)}
        waits = f"waits-{number}"
        paced.request({"v": 1, "id": waits, "client": "alice", "method": "reqHistoricalData", "timeout": 300,
                       "params": params})  # fmt: skip
        other = paced.ask("reqContractDetails", contract=contract(3))
        keep_alive(paced, pause - 10)
        assert len(paced.sends("reqHistoricalData")) == len(sent), "it waits"
        assert paced.last_sent("reqContractDetails") and not paced.answers(waits)
        paced.wait(11)
        assert len(paced.sends("reqHistoricalData")) == len(sent) + 1
        paced.tws("historicalDataEnd", reqId=paced.last_sent("reqHistoricalData")["reqId"])
        paced.tws("contractDetailsEnd", reqId=paced.last_sent("reqContractDetails")["reqId"])
        assert paced.answers(waits) and paced.answers(other)


def test_an_error_162_without_a_pacing_violation_pauses_nothing(paced: Bench) -> None:
    ask_bars(paced, 3)
    paced.error(paced.last_sent("reqHistoricalData")["reqId"], 162, "HMDS query returned no data")
    ask_bars(paced, 4)
    assert len(paced.sends("reqHistoricalData")) == 2
    assert not paced.on("system.pacing")


def test_a_pacing_violation_does_not_end_a_stream_that_is_held(paced: Bench) -> None:
    held = paced.ask("reqRealTimeBars", contract=contract(3), barSize=5, whatToShow="TRADES", useRTH=False)
    paced.tws("realtimeBar", reqId=paced.last_sent("reqRealTimeBars")["reqId"], time=1, close=1.0)
    assert paced.result(held)["confirmed"]
    paced.session.on_lost("end of file", paced.now)
    paced.collect()
    paced.ready()
    paced.wait(1)
    renewed = paced.last_sent("reqRealTimeBars")["reqId"]
    paced.error(renewed, 420, "Invalid Real-time Query:Historical data request pacing violation")
    keep_alive(paced, 50)
    assert paced.last_sent("reqRealTimeBars")["reqId"] == renewed
    keep_alive(paced, 20)
    again = paced.last_sent("reqRealTimeBars")["reqId"]
    assert again != renewed
    paced.tws("realtimeBar", reqId=again, time=2, close=2.0)
    (stream,) = paced.result(paced.ask("status"))["streams"]
    assert (stream["state"], stream["holders"]) == ("live", ["alice"])
    assert not [topic for topic, _event in paced.events if topic.endswith(".ended")]


def test_what_waits_when_the_connection_ends_was_never_sent(paced: Bench) -> None:
    """The bridge's own messages fill the budget between an order's way to the disk and its way to TWS."""
    paced.disk.held = True
    id_ = paced.ask("placeOrder", client="bob", orderKey="a", contract=AAPL, order=ORDER)
    paced.session._pacer.budget.spend(RATE, paced.clock)
    paced.disk.held = False
    paced.collect()
    assert paced.sends("placeOrder") == []
    paced.session.on_lost("end of file", paced.now)
    paced.collect()
    assert paced.failure(id_)["code"] == "notTradable"
    paced.ready()
    paced.wait(3)
    paced.answer_internal_requests()
    assert paced.sends("placeOrder") == []
    paced.ask("placeOrder", client="bob", orderKey="a", contract=AAPL, order=ORDER)
    assert len(paced.sends("placeOrder")) == 1


def test_a_group_that_can_never_leave_in_a_second_is_refused() -> None:
    bench = Bench(messages_per_second=10)
    bench.ready()
    group = [{"orderKey": f"k{n}", "contract": AAPL, "order": ORDER} for n in range(11)]
    failed = bench.failure(bench.ask("placeOrders", orders=group))
    assert (failed["code"], failed["data"]) == ("invalidParams", {"field": "orders"})
    bench.ask("placeOrders", orders=group[:10])
    bench.wait(3)
    assert len(bench.sends("placeOrder")) == 10


def work(bench: Bench, key: str) -> int:
    """Place an order, and let TWS acknowledge it. Returns its number."""
    bench.ask("placeOrder", orderKey=key, contract=AAPL, order=ORDER)
    number = int(bench.last_sent("placeOrder")["orderId"])
    bench.tws("orderStatus", orderId=number, status="Submitted", filled="0", remaining="10", permId=str(number),
              clientId=1)  # fmt: skip
    return number


def test_a_repeated_cancel_sends_nothing_and_is_answered_with_the_first(paced: Bench) -> None:
    number = work(paced, "a")
    asked = [paced.ask("cancelOrder", orderKey="a") for _ in range(20)]
    assert len(paced.sends("cancelOrder")) == 1
    paced.wait(2.1)
    asked.append(paced.ask("cancelOrder", orderKey="a"))
    assert len(paced.sends("cancelOrder")) == 2
    asked.append(paced.ask("cancelOrder", orderKey="a", orderCancel={"manualOrderCancelTime": "20251001-12:00:00"}))
    assert len(paced.sends("cancelOrder")) == 3, "another content is another cancel"
    paced.tws("orderStatus", orderId=number, status="Cancelled", filled="0", remaining="10", permId=str(number),
              clientId=1)  # fmt: skip
    assert {paced.result(id_)["state"] for id_ in asked} == {"cancelled"}


def test_a_cancel_after_a_refused_one_is_sent(paced: Bench) -> None:
    number = work(paced, "a")
    paced.ask("cancelOrder", orderKey="a")
    paced.error(number, 10148, "OrderId that needs to be cancelled cannot be cancelled, state: PendingSubmit.")
    paced.ask("cancelOrder", orderKey="a")
    assert len(paced.sends("cancelOrder")) == 2


def test_a_release_by_name_withdraws_the_subscription_that_waits(paced: Bench) -> None:
    for number in range(200):
        paced.ask("reqContractDetails", contract=contract(5000 + number))
    wanted = paced.ask("reqMktData", contract=AAPL)
    released = paced.ask("cancelMktData", stream=str(AAPL["conId"]))
    assert paced.result(released) == {"released": str(AAPL["conId"])}
    assert paced.failure(wanted)["code"] == "cancelled"
    paced.wait(20)
    assert not paced.sends("reqMktData")


def test_a_cancel_that_left_on_a_lost_connection_is_sent_again(paced: Bench) -> None:
    """The scenario `cancel-vanishes`: TWS may not have got it."""
    work(paced, "a")
    paced.ask("cancelOrder", orderKey="a")
    paced.session.on_lost("end of file", paced.now)
    paced.collect()
    paced.wait(1.0)
    paced.ready(told=False)
    paced.ask("cancelOrder", orderKey="a")
    assert len(paced.sends("cancelOrder")) == 2
