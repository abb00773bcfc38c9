"""What outlives a simulated TWS makes the same exchange again: orders, executions, positions, money."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.simulator.exchange.exchange import Exchange, ExchangeSettings
from bridge.simulator.persistence.records import Record, plain
from tests.simulator.world import EURUSD, NS, World

OPTION = {"conId": 700000001, "exchange": "SMART"}
FUTURE = {"conId": 649180695, "exchange": "CME"}
ACCOUNTS = ("DU1", "DU2")


class Store:
    """What a file would hold: JSON by kind and key."""

    def __init__(self) -> None:
        self.texts: dict[tuple[str, str], str] = {}

    def put(self, records: Iterable[Record]) -> int:
        """How many there were."""
        records = list(records)
        self.texts |= {(record.kind, record.key): json.dumps(record.data) for record in records}
        return len(records)

    def records(self) -> list[Record]:
        return [Record(kind, key, json.loads(text)) for (kind, key), text in self.texts.items()]


def later_exchange(world: World, store: Store, *, seconds: float = 0, **more: Any) -> World:
    """An exchange made of what is kept of another, at the same prices, with the same clients."""
    store.put(world.exchange.changes())
    twin = World.__new__(World)
    twin.now, twin.log = world.now + int(seconds * NS), []
    old = world.exchange.settings
    twin.exchange = Exchange(
        ExchangeSettings(ticks_per_second=old.ticks_per_second, accounts=old.accounts, **more),
        twin.now,
        store.records(),
    )
    for con_id, feed in twin.exchange.market.feeds.items():
        feed.bid, feed.ask = world.exchange.market.feeds[con_id].bid, world.exchange.market.feeds[con_id].ask
    for client_id in world.exchange.clients:
        twin.log += twin.exchange.on_connect(client_id, twin.now, 226)
    return twin


def told(world: World) -> list[Any]:
    """All that clients can ask about orders, executions, positions and money."""
    asked: list[tuple[str, dict[str, Any]]] = [
        ("reqIds", {}),
        ("reqAllOpenOrders", {}),
        ("reqCompletedOrders", {"apiOnly": False}),
        ("reqExecutions", {"reqId": 900, "executionFilter": {}}),
        ("reqPositions", {}),
    ]
    for name in world.exchange.accounts:
        asked += [("reqAccountUpdates", {"subscribe": True, "acctCode": name})]
    pnl = [("reqPnL", {"reqId": 901 + n, "account": name}) for n, name in enumerate(world.exchange.accounts)]
    return [world.ask(name, client, **data) for client in (1, 2) for name, data in asked + pnl]


def orders_of(world: World) -> dict[int, Any]:
    """Every order that was transmitted, to its last field."""
    return {t.perm_id: plain(t) for t in world.exchange.book.table.orders.values() if t.status != "ApiPending"}


class Step(NamedTuple):
    """What a client does, and how long it waits then."""

    what: str
    client: int
    action: str
    quantity: int
    kind: str
    ticks: int
    pause: float


class Trader:
    """Does one step after the other, whatever becomes of it."""

    def __init__(self, seed: int) -> None:
        self.world = World(seed=seed, ticks_per_second=500, accounts=ACCOUNTS, clients=(1, 2))
        self._last = {1: 0, 2: 0}

    def _order(self, order_id: int, step: Step, **more: Any) -> None:
        price = round(self.world.quote[0] + step.ticks / 100, 2)
        prices: dict[str, dict[str, Any]] = {
            "LMT": {"lmtPrice": price},
            "STP": {"auxPrice": price},
            "TRAIL": {"auxPrice": 0.02 + abs(step.ticks) / 100},
        }
        account = ACCOUNTS[step.quantity % 2]
        fields = {"client": step.client, "account": account, **prices.get(step.kind, {}), **more}
        self.world.place(order_id, step.action, str(step.quantity), step.kind, **fields)

    def _place(self, step: Step, **more: Any) -> int:
        self._last[step.client] += 1
        self._order(self._last[step.client], step, **more)
        return self._last[step.client]

    def do(self, step: Step) -> None:
        back = max(1, self._last[step.client] - step.quantity % 5)
        market = step._replace(kind="MKT")
        match step.what:
            case "immediate":
                self._place(step, tif="IOC")
            case "dated":
                self._place(step, tif="GTD", goodTillDate="20260311 15:00:12 US/Eastern")
            case "held":
                self._place(step, transmit=False)
            case "change":
                self._order(back, step)
            case "cancel":
                self.world.ask("cancelOrder", client=step.client, orderId=back)
            case "bracket":
                parent = self._place(step, transmit=False)
                child = step._replace(action="SELL" if step.action == "BUY" else "BUY")
                self._place(child._replace(kind="LMT"), parentId=parent, transmit=False)
                self._place(child._replace(kind="TRAIL"), parentId=parent)
            case "group":
                for ticks in (step.ticks, -step.ticks):
                    self._place(step._replace(kind="LMT", ticks=ticks), ocaGroup="g", ocaType=1 + step.quantity % 3)
            case "options":
                self._place(market._replace(action="BUY", quantity=2), contract=OPTION)
            case "others":
                self._place(market, contract=EURUSD if step.quantity % 3 else FUTURE)
            case "exercise":
                self._last[step.client] += 1
                request = {"contract": OPTION, "exerciseAction": 1, "exerciseQuantity": 1, "account": ACCOUNTS[0]}
                self.world.ask("exerciseOptions", client=step.client, orderId=self._last[step.client], **request)
            case "impossible":
                self._place(market._replace(quantity=10_000_000))
            case "preview":
                self._place(market, whatIf=True)
            case _:
                self._place(step)


STEPS = st.lists(
    st.builds(
        Step,
        st.sampled_from(
            ["place", "place", "place", "immediate", "dated", "held", "change", "change", "cancel", "bracket",
             "bracket", "group", "options", "others", "exercise", "impossible", "preview"]
        ),
        st.integers(1, 2),
        st.sampled_from(["BUY", "SELL"]),
        st.integers(1, 2000),
        st.sampled_from(["MKT", "LMT", "STP", "TRAIL"]),
        st.integers(-10, 10),
        st.sampled_from([0.0, 0.02, 0.3]),
    ),
    max_size=25,
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS, st.integers(0, 50))
def test_what_is_kept_makes_an_exchange_that_tells_the_same(steps: list[Step], seed: int) -> None:
    trader, store = Trader(seed), Store()
    world = trader.world
    for step in steps:
        trader.do(step)
        store.put(world.exchange.changes())
        if step.pause:
            world.run(step.pause, step=0.01)
        store.put(world.exchange.changes())
    world.run(0.05, step=0.01)  # what was being cancelled or exercised is over
    twin = later_exchange(world, store)
    assert orders_of(twin) == orders_of(world)
    assert told(twin) == told(world)
    assert twin.exchange.accounts == world.exchange.accounts
    assert twin.exchange.changes() == []


def test_whatever_is_asked_changes_nothing() -> None:
    world = World(ticks_per_second=1, clients=(1, 2))
    bid, _ = world.quote
    for order_id in range(1, 20):
        world.place(order_id, "BUY", "1", "LMT", lmtPrice=round(bid - 50, 2))
    world.run(3)
    assert Store().put(world.exchange.changes()) > 20
    told(world)
    world.run(3)
    assert world.exchange.changes() == []


def test_only_what_has_changed_is_kept_again() -> None:
    world = World(clients=(1, 2))
    bid, _ = world.quote
    for order_id in range(1, 20):
        world.place(order_id, "BUY", "1", "LMT", lmtPrice=round(bid - 50, 2))
    world.exchange.changes()
    world.place(20, "BUY", "1")
    world.run(1)
    kinds = sorted(record.kind for record in world.exchange.changes())
    assert kinds == ["account", "house", "numbers", "order", "position", "report"]
    world.ask("cancelOrder", orderId=3)
    assert [(r.kind, r.data["status"]) for r in world.exchange.changes()] == [("order", "PendingCancel")]


def test_a_moved_trailing_stop_is_kept_though_nobody_hears_of_it() -> None:
    world = World(ticks_per_second=2000, clients=(1, 2))
    world.place(1, "SELL", "100", "TRAIL", auxPrice=5.0)
    world.run(0.1)
    store = Store()
    store.put(world.exchange.changes())
    before, heard = world.exchange.book.table.orders[1, 1].stop, len(world.log)
    while world.exchange.book.table.orders[1, 1].stop == before:
        world.run(0.1)
    assert len(world.log) == heard
    later = later_exchange(world, store)
    assert later.exchange.book.table.orders[1, 1].stop == world.exchange.book.table.orders[1, 1].stop != before


def test_a_changed_order_stays_changed() -> None:
    world, store = World(clients=(1, 2)), Store()
    world.place(1, "BUY", "100", "LMT", lmtPrice=1.0)
    store.put(world.exchange.changes())
    world.place(1, "BUY", "200", "LMT", lmtPrice=2.0)
    (_, told_before), *_ = world.ask("reqAllOpenOrders")
    (_, told_after), *_ = later_exchange(world, store).ask("reqAllOpenOrders")
    assert told_after == told_before
    assert (told_after["order"]["lmtPrice"], told_after["order"]["totalQuantity"]) == (2.0, "200")


def test_an_order_goes_on_filling_and_its_numbers_go_on() -> None:
    world, store = World(clients=(1, 2)), Store()
    world.place(1, "BUY", "3000")
    while not list(world.events("execDetails")):
        world.run(0.005, step=0.005)
    later = later_exchange(world, store)
    assert 0 < later.position() < 3000
    later.run(5)
    assert later.statuses(1)[-1] == "Filled" and later.position() == 3000
    ids = [e["execution"]["execId"] for w in (world, later) for e in w.events("execDetails")]
    assert len(set(ids)) == len(ids) > 2
    assert later.place(2, "BUY", "1")[0][1]["order"]["permId"] == "1000000002"
    fees = sum(e["commissionAndFees"] for w in (world, later) for e in w.events("commissionAndFeesReport"))
    assert fees == pytest.approx(15.0)  # 0.005 a share, over both lives


def test_an_immediate_order_and_an_exercise_end_in_the_next_life() -> None:
    world, store = World(ticks_per_second=500, clients=(1, 2)), Store()
    world.place(1, "BUY", "2", contract=OPTION)
    world.run(2)
    exercise = {"contract": OPTION, "exerciseAction": 1, "exerciseQuantity": 2, "account": ""}
    world.ask("exerciseOptions", orderId=2, **exercise)
    world.place(3, "BUY", "10", "LMT", lmtPrice=1.0, tif="IOC")
    later = later_exchange(world, store)
    later.run(0.1, step=0.01)
    assert later.statuses(2) == ["Filled"] and later.statuses(3) == ["Cancelled"]
    assert later.position(700000001) == 0 and later.position() == 200


def test_a_bracket_lives_on() -> None:
    world, store = World(ticks_per_second=2000, clients=(1, 2)), Store()
    bid, ask = world.quote
    world.place(1, "BUY", "100", transmit=False)
    world.place(2, "SELL", "100", "LMT", lmtPrice=round(ask + 0.06, 2), parentId=1, transmit=False)
    world.place(3, "SELL", "100", "STP", auxPrice=round(bid - 40, 2), parentId=1)
    later = later_exchange(world, store)
    later.until_filled(2)
    later.run(1)
    assert later.statuses(1)[-1] == later.statuses(2)[-1] == "Filled"
    assert later.statuses(3)[-1] == "Cancelled" and later.position() == 0


def test_a_cancel_that_was_pending_is_done_and_takes_its_children_along() -> None:
    world, store = World(clients=(1, 2)), Store()
    far = round(world.quote[0] - 50, 2)
    world.place(1, "BUY", "100", "LMT", lmtPrice=far, transmit=False)
    world.place(2, "SELL", "100", "LMT", lmtPrice=far + 100, parentId=1)
    world.ask("cancelOrder", orderId=1)
    later = later_exchange(world, store)
    assert [name for name, _ in later.ask("reqAllOpenOrders")] == ["openOrderEnd"]
    completed = [d["orderState"] for n, d in later.ask("reqCompletedOrders", apiOnly=False) if n == "completedOrder"]
    ends = [(state["status"], state["completedStatus"]) for state in completed]
    assert ends == [("Cancelled", "Cancelled by Trader"), ("Cancelled", "Cancelled with its parent")]


def test_what_was_not_transmitted_is_gone_and_its_id_is_used() -> None:
    world, store = World(clients=(1, 2)), Store()
    world.place(1, "BUY", "100", "LMT", lmtPrice=1.0, transmit=False)
    later = later_exchange(world, store)
    later.run(1)
    answers = [later.ask(name) for name in ("reqAllOpenOrders", "reqCompletedOrders", "reqPositions")]
    assert [[name for name, _ in answer] for answer in answers] == [
        ["openOrderEnd"], ["completedOrdersEnd"], ["positionEnd"],
    ]  # fmt: skip
    assert later.ask("reqIds") == [("nextValidId", {"orderId": 2})]
    later.place(1, "BUY", "100")
    assert later.errors() == [(1, 103)]


@pytest.mark.parametrize(
    ("hours", "living"), [(0, {1, 2, 3, 4}), (1, {1, 3, 4}), (10, {3, 4}), (24 * 9, {3}), (24 * 90, {3})]
)
def test_days_and_dates_that_pass_meanwhile_end_orders(hours: int, living: set[int]) -> None:
    world, store = World(ticks_per_second=1, clients=(1, 2)), Store()
    kind = {"kind": "LMT", "lmtPrice": 1.0}
    world.place(1, "BUY", "1", **kind)
    world.place(2, "BUY", "1", tif="GTD", goodTillDate="20260311 15:30:00 US/Eastern", **kind)
    world.place(3, "BUY", "1", tif="GTC", **kind)
    world.place(4, "BUY", "1", tif="GTD", goodTillDate="20260312 15:30:00 US/Eastern", **kind)
    later = later_exchange(world, store, seconds=hours * 3600)
    listed = {data["orderId"] for name, data in later.ask("reqAllOpenOrders") if name == "openOrder"}
    assert listed == living
    ended = [data for name, data in later.ask("reqCompletedOrders", apiOnly=False) if name == "completedOrder"]
    assert [data["orderState"]["completedStatus"] for data in ended] == ["Expired"] * (4 - len(living))


def test_a_date_that_is_still_to_come_is_planned_again() -> None:
    world, store = World(ticks_per_second=1, clients=(1, 2)), Store()
    soon = "20260311 15:00:13 US/Eastern"
    world.place(1, "BUY", "1", "LMT", lmtPrice=1.0, tif="GTD", goodTillDate=soon)
    later = later_exchange(world, store, seconds=1)
    later.run(1)
    assert later.statuses(1) == []
    later.run(2)
    assert later.statuses(1) == ["Cancelled"]


def test_profit_of_the_day_counts_from_the_midnight_that_passed_meanwhile() -> None:
    world, store = World(ticks_per_second=50, clients=(1, 2)), Store()
    world.place(1, "BUY", "1000")
    world.run(5)

    def daily(of: World) -> tuple[float, float]:
        ((_, whole),) = of.ask("reqPnL", reqId=1, account="")
        ((_, single),) = of.ask("reqPnLSingle", reqId=2, account="", conId=265598)
        return whole["dailyPnL"], single["dailyPnL"]

    same_day = later_exchange(world, store)
    next_day = later_exchange(world, store, seconds=86_400)
    next_day.exchange._begin_day()  # at the prices of the test, which the new exchange was not made with
    assert daily(same_day) == daily(world) != (0.0, 0.0)
    assert daily(next_day) == (0.0, 0.0)


def test_a_midnight_that_was_lived_through_is_kept() -> None:
    world, store = World(ticks_per_second=50, clients=(1, 2)), Store()
    world.place(1, "BUY", "1000")
    world.run(5)
    store.put(world.exchange.changes())
    world.run(9 * 3600, step=300)
    later = later_exchange(world, store)
    account = later.exchange.accounts["DU1234567"]
    assert account == world.exchange.accounts["DU1234567"]
    assert account.day_start != 1_000_000 and account.positions[265598].day_start != 0


def test_futures_and_options_stay_those_that_were_bought() -> None:
    world, store = World(clients=(1, 2)), Store()
    held = world.exchange.universe.by_id[700000001].localSymbol
    later = later_exchange(world, store, seconds=86_400 * 60)
    assert later.exchange.universe.by_id[700000001].localSymbol == held
    fresh = Exchange(ExchangeSettings(), later.now)
    assert fresh.universe.by_id[700000001].localSymbol != held


# Forgotten ids


def test_with_forgotten_ids_an_old_id_is_a_change_or_a_duplicate() -> None:
    world, store = World(ticks_per_second=500, clients=(1, 2)), Store()
    world.place(1, "BUY", "10", contract=OPTION)
    world.run(2)
    world.place(2, "BUY", "10", "LMT", lmtPrice=1.0)
    world.place(3, "BUY", "10", "LMT", lmtPrice=1.0)
    world.ask("cancelOrder", orderId=3)
    later = later_exchange(world, store, forget_ids=True)
    assert [data["orderId"] for data in later.events("nextValidId")] == [1, 1]
    later.place(1, "BUY", "10")
    later.place(3, "BUY", "10")
    exercise = {"contract": OPTION, "exerciseAction": 1, "exerciseQuantity": 1, "account": ""}
    later.ask("exerciseOptions", orderId=2, **exercise)
    assert later.errors() == [(1, 103), (3, 103), (2, 103)]
    changed = later.place(2, "BUY", "20", "LMT", lmtPrice=2.0)
    order = changed[0][1]["order"]
    assert (order["permId"], order["totalQuantity"], order["lmtPrice"]) == ("1000000002", "20", 2.0)
    later.place(2, "SELL", "20", "LMT", lmtPrice=2.0)
    assert later.errors()[3:] == [(2, 105)]
    assert later.ask("reqIds") == [("nextValidId", {"orderId": 3})]
    new = later.place(4, "BUY", "1")
    assert new[0][1]["order"]["permId"] == "1000000004"
    assert [data["orderId"] for _, data in later.ask("reqIds")] == [5]


def test_forgotten_ids_are_remembered_by_a_start_that_does_not_forget() -> None:
    world, store = World(clients=(1, 2)), Store()
    world.place(40, "BUY", "1", transmit=False)
    forgetful = later_exchange(world, store, forget_ids=True)
    forgetful.place(7, "BUY", "1")
    assert [data["orderId"] for _, data in forgetful.ask("reqIds")] == [8]
    assert [data["orderId"] for _, data in later_exchange(forgetful, store).ask("reqIds")] == [41]
