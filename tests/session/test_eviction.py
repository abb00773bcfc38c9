"""Ended orders leave memory, and the session answers from the disk as if they had never left.

Two sessions get the same story from the same seed, with restarts in between. Both forget ended orders as early as they
may. One of them reads every order on the disk back into memory after every step, so that it never has to look for one;
the other reads an order when somebody asks for it. Both must say, send and write exactly the same.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from bridge.session import Effect
from bridge.session.orders.retention import RetentionRule
from bridge.session.records import OrderRecord
from bridge.session.requests import Refused
from tests.depth import share
from tests.session.conftest import AAPL, Bench
from tests.session.storm import Storm, StormBench, order
from tests.session.test_orders import place

EARLY = RetentionRule(topics=0.0, orders=0.0)
FIRST, SEEDS, STEPS = 500, 10, 60


class Lazy(StormBench):
    """Reads an order when it needs the order."""

    retention = EARLY

    def _sort(self, effect: Effect) -> None:
        before = len(self.sent)
        super()._sort(effect)
        for n in range(before, len(self.sent)):  # the bench must not keep an order alive
            self.sent[n] = dataclasses.replace(self.sent[n], about=None)


class Eager(Lazy):
    """Has every order in memory before every step."""

    def collect(self) -> None:
        super().collect()
        store = self.session._trading._order_store
        for order_id in list(self.disk.orders):
            store.by_id(order_id)


class Telling(Storm):
    """Keeps all that came out of its benches."""

    def __init__(self, seed: int, bench_class: type[StormBench]) -> None:
        self.bench_class = bench_class
        self.benches: list[StormBench] = []
        super().__init__(seed)

    def _crash(self) -> None:
        self.benches.append(self.bench)
        super()._crash()

    def told(self) -> dict[str, Any]:
        benches = [*self.benches, self.bench]
        return {
            "sent": [(send.name, send.data) for bench in benches for send in bench.sent],
            "replies": [reply.body for bench in benches for reply in bench.replies],
            "events": [event for bench in benches for event in bench.events],
            "orders": self.bench.disk.orders,
            "log": self.bench.disk.log,
            "logs": [dataclasses.astuple(entry) for bench in benches for entry in bench.logs],
        }


def play(seed: int, bench_class: type[StormBench]) -> Telling:
    storm = Telling(seed, bench_class)
    try:
        for _ in range(STEPS):
            storm.step()
        storm.rest()
    except Exception as fault:
        fault.add_note(f"seed {seed}, {bench_class.__name__}:\n" + "\n".join(storm.trace))
        raise
    return storm


@pytest.mark.parametrize("first", share(range(FIRST, FIRST + 6 * SEEDS, SEEDS), 3))
def test_an_order_that_is_read_when_needed_is_as_good_as_one_that_never_left(first: int) -> None:
    for seed in range(first, first + SEEDS):
        lazy, eager = play(seed, Lazy), play(seed, Eager)
        told, expected = lazy.told(), eager.told()
        for name, value in expected.items():
            assert told[name] == value, f"seed {seed}: {name}\n" + "\n".join(lazy.trace)


def test_the_storms_do_forget_orders_and_read_them_again() -> None:
    sizes = []
    for seed in range(FIRST, FIRST + SEEDS):
        storm = play(seed, Lazy)
        sizes.append((len(storm.bench.session._trading._order_store.index), len(storm.bench.disk.orders)))
        assert storm.bench.disk.asked > 0
    assert sum(in_memory for in_memory, _ in sizes) < sum(on_disk for _, on_disk in sizes)


# One rule at a time


@pytest.fixture
def gone() -> Bench:
    """Alice's order 100 (k1) is filled and has left memory; in a new run of the bridge it never was there."""
    return ended(Bench(retention=EARLY))


def ended(bench: Bench, key: str = "k1") -> Bench:
    if not bench.connects:
        bench.ready()
    place(bench, orderKey=key)
    order_id = bench.last_sent("placeOrder")["orderId"]
    ended_by_fill(bench, order_id)
    assert not in_memory(bench, order_id)
    return bench


def ended_by_fill(bench: Bench, order_id: int) -> None:
    fill(bench, order_id)
    bench.wait(10)
    bench.answer_internal_requests()
    bench.wait(3)


def fill(bench: Bench, order_id: int, exec_id: str | None = None, shares: str = "10", **more: Any) -> None:
    execution = {"orderId": order_id, "execId": exec_id or f"x{order_id}.01", "permId": f"9{order_id}", "clientId": 1}
    bench.tws("execDetails", reqId=-1, contract=AAPL, execution={**execution, "shares": shares, **more})


def in_memory(bench: Bench, order_id: int) -> bool:
    return bench.session._trading._order_store.index.in_memory(order_id) is not None


def test_the_same_key_is_answered_and_places_nothing(gone: Bench) -> None:
    again, _ = place(gone, orderKey="k1")
    assert gone.result(again)["state"] == "filled"
    other = gone.ask("placeOrder", contract=AAPL, order={**order(), "lmtPrice": 6.0}, orderKey="k1")
    assert gone.failure(other)["code"] == "keyConflict"
    assert len(gone.sends("placeOrder")) == 1


def test_an_execution_that_tws_repeats_gets_no_second_number(gone: Bench) -> None:
    before = dict(gone.disk.log)
    fill(gone, 100)
    assert gone.disk.log == before


def test_an_execution_id_of_another_order_gets_no_second_number(gone: Bench) -> None:
    """The ledger would refuse it, and with it everything that is written together with it."""
    place(gone, orderKey="k2")
    before = len(gone.disk.log)
    fill(gone, 101, "x100.01")
    assert len(gone.disk.log) == before


def test_a_correction_lowers_what_was_filled(gone: Bench) -> None:
    fill(gone, 100, "x100.02", shares="4")
    assert gone.disk.orders[100].filled == "4"


def test_a_commission_finds_the_order_by_its_execution(gone: Bench) -> None:
    again = Bench(disk=gone.disk, retention=EARLY)
    again.ready()
    again.tws("commissionAndFeesReport", execId="x100.01", commissionAndFees=1.0)
    assert [entry.event for entry in gone.disk.log.values()][-1] == "commissionAndFeesReport"


def test_a_message_with_the_perm_id_alone_finds_the_order(gone: Bench) -> None:
    status = {"status": "Filled", "filled": "10", "permId": "9100", "clientId": 0}
    gone.tws("orderStatus", orderId=0, **status)
    assert [(entry.order_id, entry.event) for entry in gone.disk.log.values()][-1] == (100, "orderStatus")
    assert not any(topic.startswith("order.external") for topic, _ in gone.events)


def test_messages_about_orders_of_others_read_the_disk_once(ready: Bench) -> None:
    def told(status: str) -> None:
        ready.tws("orderStatus", orderId=7, status=status, filled="0", permId="555", clientId=9)

    told("Submitted")
    asked = ready.disk.asked
    for _ in range(20):
        told("PreSubmitted")
    assert ready.disk.asked == asked


def test_the_parent_of_a_new_order_has_ended(gone: Bench) -> None:
    child = gone.ask("placeOrder", contract=AAPL, order=order("SELL"), orderKey="c", parentKey="k1")
    assert gone.failure(child)["code"] == "parentGone"


def test_an_abandoned_order_is_found_by_its_key(ready: Bench) -> None:
    record = OrderRecord(100, "alice", "k1", "2:x", "#t", "abandoned", AAPL, order(), placed_day="20261121")
    ready.disk._keep(record)
    assert ready.result(ready.ask("abandon", orderKey="k1"))["state"] == "abandoned"


def test_an_order_stays_while_its_record_is_not_on_disk() -> None:
    bench = Bench(retention=EARLY)
    bench.ready()
    place(bench, orderKey="k1")
    bench.disk.held = True
    fill(bench, 100)
    bench.wait(30)
    assert in_memory(bench, 100)
    bench.release()
    bench.wait(3)
    bench.answer_internal_requests()
    bench.wait(30)
    assert not in_memory(bench, 100)


def test_what_the_disk_does_not_have_yet_is_not_forgotten(gone: Bench) -> None:
    gone.disk.held = True
    for _ in range(2):
        gone.tws("commissionAndFeesReport", execId="x100.01", commissionAndFees=1.0)
        gone.wait(2)
    assert in_memory(gone, 100)
    gone.release()
    assert [entry.event for entry in gone.disk.log.values()].count("commissionAndFeesReport") == 1
    gone.wait(3)
    assert not in_memory(gone, 100)


def test_there_are_never_two_objects_of_one_order() -> None:
    """A message that waits in the pacer, for example, holds its order longer than the index does."""
    bench = Bench(retention=EARLY)
    bench.ready()
    place(bench, orderKey="k1")
    held = bench.session._trading._order_store.index.in_memory(100)
    ended_by_fill(bench, 100)
    assert not in_memory(bench, 100)
    assert bench.session._trading._order_store.by_id(100) is held


def test_memory_does_not_grow_with_the_orders_that_ended() -> None:
    bench = Bench(retention=EARLY)
    bench.ready()
    for number in range(150):
        ended(bench, f"k{number}")
    trading = bench.session._trading
    assert len(bench.disk.orders) == 150
    assert len(trading._order_store.index) == 0
    sizes = [
        len(trading.order_log._logged),
        len(trading.order_log._reported),
        len(trading._reconciler._fills._by_order),
    ]
    assert sizes == [0, 0, 0]
    assert len([topic for topic in bench.session._topic_store.sequences("order.alice.") if ".k" in topic]) == 0


def test_a_disk_that_cannot_be_read_refuses_and_nothing_leaves(gone: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_names: Any) -> None:
        raise Refused("ledgerFailed", "the bridge could not read the ledger: disk I/O error")

    for name in (
        "order",
        "order_of_key",
        "order_of_perm",
        "reports_of_order",
        "reports_with",
        "executed_on",
        "event_data",
    ):
        monkeypatch.setattr(gone.disk, name, broken)
    new = gone.ask("placeOrder", contract=AAPL, order=order(), orderKey="new")
    assert gone.failure(new)["code"] == "ledgerFailed"
    assert gone.failure(gone.ask("cancelOrder", orderKey="k1"))["code"] == "ledgerFailed"
    assert len(gone.sends("placeOrder")) == 1


# Topics. A day of 864 seconds, because a bench counts each second.

SCALED = RetentionRule(topics=864.0, orders=6048.0)


def test_the_rule_is_a_day_and_a_week() -> None:
    assert RetentionRule() == tuple(100 * seconds for seconds in SCALED)


def test_the_topics_of_an_order_leave_snapshots_a_day_after_its_end() -> None:
    bench = Bench(retention=SCALED)
    bench.ready()
    place(bench, orderKey="k1")
    fill(bench, 100)
    place(bench, orderKey="k2")
    bench.tws("orderStatus", orderId=101, status="Submitted", filled="0", permId="78", clientId=1)
    bench.wait(860)
    assert "order.alice.k1.execDetails" in sequences(bench)
    bench.wait(10)
    assert not [topic for topic in sequences(bench) if topic.startswith("order.alice.k1.")]
    assert "order.alice.k2.orderStatus" in sequences(bench)  # it is open
    assert bench.result(bench.ask("orderLog", after=0))["events"][0]["n"] == 1
    # A topic that comes back begins above the floor, and so above its own old numbers.
    floor = bench.result(bench.ask("snapshot", prefix="order.alice."))["floors"]["order"]
    fill(bench, 100, "x100.02", shares="4")
    assert bench.on("order.alice.k1.execDetails")[-1]["seq"] == floor + 1 > 1


def sequences(bench: Bench) -> dict[str, int]:
    result: dict[str, int] = bench.result(bench.ask("snapshot", prefix="order."))["sequences"]
    return result


def test_the_topics_of_an_order_of_others_leave_too() -> None:
    bench = Bench(retention=SCALED)
    bench.ready()
    for perm_id, status in (("555", "Filled"), ("556", "Submitted")):
        bench.tws("orderStatus", orderId=0, status=status, filled="0", permId=perm_id, clientId=9)
    bench.wait(900)
    assert [topic for topic in sequences(bench) if "external" in topic] == ["order.external.556.orderStatus"]


def test_a_key_in_use_again_keeps_its_topics() -> None:
    """The topics of an abandoned order are those of the next order with its key."""
    bench = Bench(retention=SCALED)
    bench.disk._keep(OrderRecord(90, "alice", "k1", "2:x", "#t", "abandoned", AAPL, order(), placed_day="20261121"))
    bench.ready()
    assert bench.result(bench.ask("abandon", orderKey="k1"))["orderId"] == 90  # now it is in memory
    place(bench, orderKey="k1")
    bench.tws("orderStatus", orderId=100, status="Submitted", filled="0", permId="78", clientId=1)
    bench.wait(900)
    assert "order.alice.k1.orderStatus" in sequences(bench)
