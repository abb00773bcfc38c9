"""Attacks on the memory of ended orders: reads that fail in awkward places, permIds that return, topics that stay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bridge.session.orders.retention import RetentionRule
from bridge.session.records import OrderRecord
from bridge.session.requests import Refused
from tests.session.conftest import AAPL, Bench
from tests.session.disk import Disk
from tests.session.storm import order
from tests.session.test_eviction import EARLY, ended_by_fill, fill, in_memory
from tests.session.test_orders import place, status

#: A record like those of last week: its order is only on disk.
OLD = OrderRecord(90, "alice", "k1", "2:x", "#tb:feedface:alice:k1:90", "filled", AAPL, order(), perm_id="900",
                  filled="10", final_filled="10", placed_day="20261115", heard=True)  # fmt: skip


def breaking(disk: Any, name: str, times: int = 1) -> None:
    """The next reads with this name fail, as on a disk with an I/O error; the later ones succeed."""
    read: Callable[..., Any] = getattr(disk, name)
    left = [times]

    def broken(*names: Any) -> Any:
        if left[0] > 0:
            left[0] -= 1
            raise Refused("ledgerFailed", "the bridge could not read the ledger: disk I/O error")
        return read(*names)

    setattr(disk, name, broken)


def shown(bench: Bench, record: OrderRecord, state: str = "Submitted") -> None:
    fields = {**order(), "permId": record.perm_id, "clientId": 1, "orderRef": record.tag}
    bench.tws("openOrder", orderId=record.order_id, contract=AAPL, order=fields, orderState={"status": state})


def passes(bench: Bench, seconds: int) -> None:
    """TWS answers all lists for that long."""
    for _ in range(seconds // 5):
        bench.wait(5)
        bench.answer_internal_requests()


def test_a_pass_whose_end_cannot_read_the_disk_is_followed_by_another() -> None:
    """`Reconciler._end` reads the executed orders of the day (reconcile.py `_is_truncated`). When that read fails, the
    exception leaves `_end`: `complete` stays False, no further pass is planned, and nothing can trade any more."""
    disk = Disk()
    disk._keep(OLD._replace(placed_day="20261122", final_filled=None))
    bench = Bench(disk, retention=EARLY)
    bench.may_fail = True
    bench.ready(told=False)
    breaking(bench.disk, "executed_on")
    bench.answer_internal_requests()
    passes(bench, 600)
    id_ = bench.ask("placeOrder", contract=AAPL, order=order(), orderKey="new")
    bench.wait(1)
    assert len(bench.sends("placeOrder")) == 1, bench.answers(id_)


def test_a_revived_order_whose_key_cannot_be_read_does_not_stop_the_ledger() -> None:
    """`OrderStore.revive` reads the key's user after the state has changed (lifecycle.py `_entered`). When that read
    fails, the order is `acknowledged` with the key of another order, and the ledger refuses the batch for ever."""
    bench = Bench(retention=EARLY)
    bench.may_fail = True
    abandoned = OLD._replace(state="abandoned", filled="0", final_filled=None)
    bench.disk._keep(abandoned)
    bench.disk._keep(OLD._replace(order_id=91, perm_id="901", tag="#tb:feedface:alice:k1:91"))
    bench.ready()
    breaking(bench.disk, "order_of_key")
    shown(bench, abandoned)
    passes(bench, 60)
    shown(bench, abandoned)
    passes(bench, 60)
    id_ = bench.ask("placeOrder", contract=AAPL, order=order(), orderKey="new")
    bench.wait(1)
    assert len(bench.sends("placeOrder")) == 1, bench.answers(id_)


def test_an_old_order_that_is_read_again_does_not_take_the_perm_id_of_an_open_one() -> None:
    """`OrderIndex.recall` names every order that it reads by its permId (order_index.py). An old order with the same
    permId takes it from an open one, and the next status of the open order is taken for one of the old order."""
    bench = Bench(retention=EARLY)
    bench.disk._keep(OLD)
    bench.ready()
    place(bench, orderKey="k2")
    shown(bench, OLD._replace(order_id=100, tag=bench.last_sent("placeOrder")["order"]["orderRef"]))
    bench.wait(5)
    bench.result(bench.ask("awaitOrder", orderKey="k1", until="ended"))
    status(bench, 100, "PendingCancel", perm_id="900")
    assert bench.disk.orders[100].status == "PendingCancel"


def test_topics_that_come_back_after_their_time_leave_again() -> None:
    """An execution that the log has already is published again without a write (order_log.py `_is_known`), so that
    `Retention.on_stored` never hears of the new topic. The eviction of the order drops no topics (retention.py)."""
    bench = Bench(retention=RetentionRule(topics=1.0, orders=50.0))
    bench.ready()
    place(bench, orderKey="k1")
    fill(bench, 100, shares="4")
    status(bench, 100, "Cancelled", perm_id="9100", filled="4")
    passes(bench, 30)
    again = Bench(disk=bench.disk, retention=RetentionRule(topics=1.0, orders=50.0))
    again.ready()
    again.result(again.ask("awaitOrder", orderKey="k1", until="ended"))
    again.wait(10)
    fill(again, 100, shares="4")
    passes(again, 200)
    assert not in_memory(again, 100)
    assert again.result(again.ask("snapshot", prefix="order.alice.k1."))["sequences"] == {}


def test_an_order_that_is_younger_than_a_restored_ledger_keeps_its_key() -> None:
    """After a start on an older copy (`ledger backup`), TWS shows an order with this ledger's own tag that the ledger
    does not have. order_store.py `_find` adopts orders with the tag of a *lost* ledger only (`not is_marked`), takes
    this one for an order of another program, and its key places a second order. The order is open in TWS's lists."""
    bench = Bench()
    bench.ready(order_id=140)
    shown(bench, OLD._replace(order_id=150, perm_id="9150", key="k9", tag="#tb:feedface:alice:k9:150"))
    bench.ask("placeOrder", contract=AAPL, order=order(), orderKey="k9")
    bench.wait(1)
    assert bench.sends("placeOrder") == []


def test_an_order_of_others_that_ended_unseen_leaves_snapshots() -> None:
    """external_orders.py keeps the topics of an order that is not known to have ended, for ever. Where the order ends
    while TWS is not connected, and no list has it any more, the snapshot shows it as open for years."""
    bench = Bench(retention=RetentionRule(topics=50.0, orders=100.0))
    bench.ready()
    fields = {**order(), "permId": "555", "clientId": 0}
    bench.tws("openOrder", orderId=0, contract=AAPL, order=fields, orderState={"status": "Submitted"})
    bench.session.on_lost("end of file", bench.now)
    bench.collect()
    bench.wait(30)
    bench.internal_requests.clear()
    bench.ready()
    passes(bench, 600)
    assert bench.result(bench.ask("snapshot", prefix="order.external."))["sequences"] == {}


def test_an_exact_repeat_of_a_status_with_nan_gets_no_number() -> None:
    """order_log.py `add` compares with `==`, and NaN is unequal to itself: each pass adds the status once more."""
    bench = Bench()
    bench.ready()
    place(bench, orderKey="k1")
    for _ in range(3):
        status(bench, 100, avgFillPrice=float("nan"))
    assert [entry.event for entry in bench.disk.log.values()] == ["orderStatus"]


def test_a_conflict_is_logged_although_the_disk_could_not_be_read_once() -> None:
    """lifecycle.py `_conflict` adds an entry with an ID, for which order_log.py `_is_known` reads the disk, after the
    execution is in the log and counted. When that read fails, no repeat makes up for it: nobody is told to check."""
    bench = Bench(retention=EARLY)
    bench.may_fail = True
    bench.ready()
    place(bench, orderKey="k1")
    status(bench, 100, "Filled", perm_id="9100", filled="10")
    ended_by_fill(bench, 100)
    read = bench.disk.reports_with
    failed: list[str] = []

    def broken(name: str) -> Any:
        if " corrected " in name and not failed:
            failed.append(name)
            raise Refused("ledgerFailed", "the bridge could not read the ledger: disk I/O error")
        return read(name)

    bench.disk.reports_with = broken  # type: ignore[method-assign]
    for _ in range(3):
        fill(bench, 100, "x100.02", shares="4")
        passes(bench, 30)
    assert failed
    assert "conflict" in [entry.event for entry in bench.disk.log.values()]
