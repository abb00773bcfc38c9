"""The order log: the bridge numbers each event of an order for its owner, and writes it to disk before it publishes it.

The bridge writes one batch at a time. So the numbers reach the disk in order, and a reader never sees a gap. If a write
fails, the batch waits, and the bridge writes it again after a second. A batch also has the changed records of orders.
When they are on disk, `on_stored` answers the clients. An execution gets exactly one number, and a commission one for
each content: TWS may change it under the same execId. An exact repeat of the last status of an order gets none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bridge.session.archive import Archive
from bridge.session.digest import digest
from bridge.session.orders.executions import StandingReports, bare, report
from bridge.session.orders.ledger_health import RETRY, LedgerHealth
from bridge.session.orders.order import Order
from bridge.session.outbox import Outbox
from bridge.session.records import LogRecord, OrderRecord, Record, RecoveredState, Reported
from bridge.session.values import Data, Instant

#: Events that TWS sends again, unchanged, when the bridge requests its lists.
_REPEATED = frozenset({"openOrder", "orderStatus", "completedOrder", "orderBound"})
#: Events that no snapshot contains.
_PASSING = frozenset({"error", "orderGap", "conflict", "abandoned"})
_COMMISSION = "commissionAndFeesReport"
#: Between the execId and the digest of the content, where TWS has changed a commission. No execId has this sign.
_CHANGED = "~"


@dataclass(slots=True)
class LoggedOrder:
    """What the log has of one order in memory. `n`: event and execId (or other ID) -> its number.

    `shown`: events that were published in this run of the bridge. `last`: event and permId -> the last status.
    `first`: execId -> the digest of its first commission, where it is known. `newest`: execId -> the number of its
    newest commission.
    """

    standing: StandingReports
    n: dict[tuple[str, str], int]
    shown: set[tuple[str, str]] = field(default_factory=set)
    last: dict[tuple[str, object], Data] = field(default_factory=dict)
    first: dict[str, str] = field(default_factory=dict)
    newest: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, reported: Sequence[Reported]) -> LoggedOrder:
        """An order with these entries in the log."""
        known = cls(StandingReports(reported), {(told.event, told.exec_id): told.n for told in reported})
        for told in reported:
            if told.event == _COMMISSION:
                known.note_commission(told.exec_id, told.n)
        return known

    def note_commission(self, name: str, n: int) -> None:
        """The log has a commission of that name, see `OrderLog._name_of`."""
        exec_id = name.partition(_CHANGED)[0]
        self.newest[exec_id] = max(n, self.newest.get(exec_id, 0))


class OrderLog:
    """The order logs of all clients.

    `log`: the ID of the ledger. `on_stored`: the callback for each order whose record is on disk.
    """

    def __init__(self, outbox: Outbox, recovered_state: RecoveredState, archive: Archive, health: LedgerHealth) -> None:
        self.log = recovered_state.log
        self.on_stored: Callable[[Order], None] = lambda _order: None
        self._outbox = outbox
        self._health = health
        self._numbers = dict(recovered_state.heads)
        self._heads = dict(recovered_state.heads)
        self._archive = archive
        self._logged: dict[int, LoggedOrder] = {}
        #: Event and execId -> number, of all orders in memory. The ledger refuses one execId twice.
        self._reported: dict[tuple[str, str], int] = {}
        self._pending: list[LogRecord] = []
        self._in_flight: list[LogRecord] = []
        self._touched: dict[int, Order] = {}
        #: The orders whose records or events the running write has.
        self._writing_orders: frozenset[int] = frozenset()
        self._busy = self._resting = False

    @property
    def failure(self) -> str | None:
        """Why the bridge cannot write the ledger now, or None."""
        return self._health.failure

    def head(self, owner: str) -> int:
        """The newest number on disk in the log of the owner; 0 where the log is empty."""
        return self._heads.get(owner, 0)

    def heads(self) -> dict[str, int]:
        """Owner -> the newest number on disk in its log."""
        return dict(self._heads)

    def unwritten(self) -> dict[str, int]:
        """Owner -> how many events of its log are not on disk yet, for those who have some."""
        return {owner: n - head for owner, n in self._numbers.items() if n > (head := self._heads.get(owner, 0))}

    # Orders that come into memory and leave it

    def load(self, order_id: int, reported: Sequence[Reported]) -> None:
        """The order comes into memory. `reported`: its entries in the log."""
        if order_id not in self._logged:
            known = self._logged[order_id] = LoggedOrder.of(reported)
            self._reported |= known.n

    def forget(self, order_id: int) -> None:
        """The order leaves memory."""
        known = self._logged.pop(order_id, None)
        for name in known.n if known is not None else ():
            self._reported.pop(name, None)

    def is_writing(self, order_id: int) -> bool:
        """Whether the record or an event of the order may not be on disk yet."""
        if order_id in self._touched or order_id in self._writing_orders:
            return True
        return any(entry.order_id == order_id for entries in (self._pending, self._in_flight) for entry in entries)

    def _logged_order(self, order_id: int) -> LoggedOrder:
        """What the log has of the order. The log reads it from the archive, where the order is not in memory."""
        if order_id not in self._logged:
            self.load(order_id, self._archive.reports_of_order(order_id))
        return self._logged[order_id]

    # Events

    def add(
        self, order: Order, event: str, data: Data, now: Instant, *, replayed: bool = False, once: str | None = None
    ) -> None:
        """Add one event of an order to the log of its owner.

        `replayed`: TWS sent it because the bridge requested its lists. `once`: an ID of the event; the log takes an
        event with the same ID only once. An execution or commission has its execId for that, and a changed commission
        also a digest of its content.
        """
        known = self._logged_order(order.order_id)
        if event in _REPEATED:
            which = (event, data.get("permId") or data.get("order", {}).get("permId"))
            if is_same(known.last.get(which), data):
                return
            known.last[which] = data
        counts = event == "execDetails" and order.counts(data.get("contract", {}))
        exec_id, shares = report(event, data, counts=counts)
        exec_id = exec_id or once
        if event == _COMMISSION and exec_id is not None:
            exec_id = self._name_of(order, exec_id, data)
        if exec_id is not None and self._is_known(order, event, exec_id, data, now):
            return
        n = self._numbers[order.owner] = self._numbers.get(order.owner, 0) + 1
        if exec_id is not None:
            self._reported[event, exec_id] = known.n[event, exec_id] = n
            known.shown.add((event, exec_id))
            if event == _COMMISSION:
                known.note_commission(exec_id, n)
        topic = order.prefix + event
        self._pending.append(
            LogRecord(order.owner, n, now.ts, topic, event, data, order.order_id, exec_id, shares, replayed)
        )
        self.touch(order)

    def _name_of(self, order: Order, exec_id: str, data: Data) -> str:
        """The name under which the ledger has a commission: its execId; behind that a digest, if TWS has changed it."""
        known, content = self._logged_order(order.order_id), digest(data)
        n = known.n.get((_COMMISSION, exec_id))
        if n is None:
            known.first[exec_id] = content
        elif exec_id not in known.first:
            stored = self._archive.event_data(order.owner, n)
            known.first[exec_id] = content if stored is None else digest(stored)
        return exec_id if known.first[exec_id] == content else f"{exec_id}{_CHANGED}{content[:16]}"

    def _is_known(self, order: Order, event: str, exec_id: str, data: Data, now: Instant) -> bool:
        """Whether the log has the event already.

        The bridge publishes one from an earlier run once more, with its old number, so that snapshots contain it.
        """
        n = self._reported.get((event, exec_id))
        if n is None:
            n = next((told.n for told in self._archive.reports_with(exec_id) if told.event == event), None)
        if n is None:
            return False
        known = self._logged_order(order.order_id)
        is_changed = event == _COMMISSION and n < known.newest.get(exec_id.partition(_CHANGED)[0], 0)
        if event not in _PASSING and (event, exec_id) not in known.shown and not is_changed:
            known.shown.add((event, exec_id))
            entry = Entry(order.prefix, event, data, {"n": n, "replayed": True})
            show(self._outbox, known.standing, entry, now)
        return True

    def touch(self, order: Order) -> None:
        """The record of the order has changed; the next batch writes it.

        Before the bridge has sent the order, only the write of the placement may put it on disk.
        """
        if not order.is_here:
            self._touched[order.order_id] = order

    def untouch(self, order: Order) -> None:
        """The next batch must not write the record: it is on disk already, or must never get there."""
        self._touched.pop(order.order_id, None)

    def flush(self) -> None:
        """Write the waiting events and records, unless a write or a retry is under way."""
        if self._busy or self._resting or not (self._pending or self._touched):
            return
        self._in_flight, self._pending = self._in_flight + self._pending, []
        records: list[Record] = [*self._in_flight]
        records += [order.ahead() for order in self._touched.values()]
        batch = [(order, order.record) for order in self._touched.values()]
        self._writing_orders = frozenset(self._touched)
        self._touched = {}
        self._busy = True
        self._outbox.persist(
            records,
            lambda _now: self._written(batch),
            lambda _reason, now: self._not_written(batch, now),
        )

    def _written(self, batch: list[tuple[Order, OrderRecord]]) -> None:
        self._busy, self._writing_orders = False, frozenset()
        written, self._in_flight = self._in_flight, []
        for entry in written:
            self._heads[entry.owner] = entry.n
            prefix = entry.topic.removesuffix(entry.event)
            extra: Data = {"n": entry.n, "replayed": True} if entry.replayed else {"n": entry.n}
            at = Instant(0.0, entry.ts)
            if entry.event in _PASSING:
                self._outbox.pass_on(prefix, entry.event, entry.data, at, extra)
            else:
                standing = self._logged_order(entry.order_id).standing
                show(self._outbox, standing, Entry(prefix, entry.event, entry.data, extra), at)
        for order, record in batch:
            order.stored = record
        for order, _ in batch:
            self.on_stored(order)

    def _not_written(self, batch: list[tuple[Order, OrderRecord]], now: Instant) -> None:
        """Nothing of the batch is on disk. The next batch begins with it."""
        self._busy, self._resting, self._writing_orders = False, True, frozenset()
        self._touched = {order.order_id: order for order, _ in batch} | self._touched
        self._outbox.timers.at(now.clock + RETRY, self._retry)

    def _retry(self, _now: Instant) -> None:
        self._resting = False
        self.flush()

    def tell_heads(self, now: Instant) -> None:
        """Publish `order.<owner>.head` for each owner, so that a client notices when it has lost the last event.

        The session calls this each second.
        """
        for owner, head in self._heads.items():
            self._outbox.publish(f"order.{owner}.", "head", {"log": self.log, "head": head}, now)


class Entry(NamedTuple):
    """An event of an order to publish. `prefix`: the order's topics. `extra`: further keys of the envelope."""

    prefix: str
    event: str
    data: Data
    extra: Data | None = None


def show(outbox: Outbox, standing: StandingReports, entry: Entry, now: Instant) -> None:
    """Publish an event of an order. Of executions and commissions, snapshots contain the newest correction only.

    `standing`: the executions of the order that snapshots contain.
    """
    outbox.publish(entry.prefix, entry.event, entry.data, now, entry.extra)
    exec_id, _ = report(entry.event, entry.data)
    if exec_id is not None and (gone := standing.add(entry.event, exec_id)) is not None:
        outbox.retract(entry.prefix, entry.event, bare(entry.event, gone))


def is_same(before: Data | None, data: Data) -> bool:
    """Whether two events are equal. NaN is equal to itself here."""
    return before == data or (before is not None and before.keys() == data.keys() and repr(before) == repr(data))
