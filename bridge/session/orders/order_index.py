"""All orders, by order ID, key and permId: those in memory, and those in the archive.

The index reads an order from the archive when somebody asks for it, and from then on it is in memory. `evict` removes
an order from memory again. Which orders may leave memory, and when, is the rule of `retention.py`.

There is never more than one `Order` object for an order ID: where another part of the session still holds the object
of an evicted order, the index finds that object again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from weakref import WeakValueDictionary

from bridge.session.archive import Archive
from bridge.session.orders.order import Order
from bridge.session.orders.positions import Positions
from bridge.session.orders.state import FREE
from bridge.session.recent import Recent
from bridge.session.records import OrderRecord, Reported
from bridge.session.request_ids import FIRST_REQUEST_ID

#: How many names are remembered that the archive does not have. Without this memory, each message about an order of
#: another program would read the disk.
MOST_MISSES = 20_000


class OrderIndex:
    """See the module.

    `load(order_id, reports)`: called for each order that comes into memory, with its executions in the order log.
    `recalled`: called with each order that the index has read from the archive.
    """

    def __init__(self, archive: Archive, positions: Positions, load: Callable[[int, Sequence[Reported]], None]) -> None:
        self._archive = archive
        self._positions = positions
        self._load = load
        self.recalled: Callable[[Order], None] = lambda _order: None
        self._by_id: dict[int, Order] = {}
        self._by_key: dict[tuple[str, str], Order] = {}
        self._by_perm: dict[str, Order] = {}
        #: Evicted orders that another part of the session still holds.
        self._evicted: WeakValueDictionary[int, Order] = WeakValueDictionary()
        self._misses: Recent[Hashable, bool] = Recent(MOST_MISSES)
        #: The day at TWS whose executed orders are all in memory.
        self._day: str | None = None

    def __iter__(self) -> Iterator[Order]:
        """The orders in memory."""
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    # Into memory and out of it

    def add(self, order: Order, reports: Sequence[Reported] = ()) -> None:
        """Add an order that is not on disk, with its executions in the order log."""
        self._load(order.order_id, reports)
        self._by_id[order.order_id] = order
        self._misses.discard(order.order_id)
        self.take_key(order)

    def adopt(self, record: OrderRecord) -> Order:
        """Add an order from a ledger that is lost now."""
        order = Order.recovered(record, self._positions)
        self.add(order, self._archive.reports_of_order(record.order_id))
        return order

    def recall(self, record: OrderRecord) -> Order | None:
        """Take an order from the ledger. Returns None for an order that the bridge never sent.

        TWS may or may not have got an order that was `sent` when the bridge stopped. It never got one that is
        `unsent`: if TWS reports an order with that ID, it is another order.
        """
        order = self._evicted.get(record.order_id)
        if order is None and record.state == "unsent":
            return None
        reports = self._archive.reports_of_order(record.order_id)
        if order is None:
            if record.parent is not None and record.parent_id is None:
                parent = self.by_key(record.owner, record.parent)
                record = record._replace(parent_id=None if parent is None else parent.order_id)
            order = Order.recovered(record, self._positions)
        self._load(order.order_id, reports)
        self._evicted.pop(order.order_id, None)
        self._by_id[order.order_id] = order
        if order.record.state not in FREE:
            self.take_key(order)
        if order.record.perm_id:
            self.name(order, order.record.perm_id)
        self.recalled(order)
        return order

    def evict(self, order: Order) -> None:
        """Remove the order from memory. Its record and all its log entries must be on disk."""
        self.remove(order)
        self.release_key(order)
        for perm_id in (order.record.perm_id, *order.incarnations):
            if perm_id is not None and self._by_perm.get(perm_id) is order:
                del self._by_perm[perm_id]
        order.family = []  # it may contain the order itself, and would keep the object in memory
        self._evicted[order.order_id] = order
        if order.record.placed_day == self._day:
            self._day = None

    def remove(self, order: Order) -> None:
        """The bridge never sent the order: its order ID names no order of this bridge."""
        self._by_id.pop(order.order_id, None)

    def take_key(self, order: Order) -> None:
        """The order uses its key."""
        name = (order.owner, order.record.key)
        self._by_key[name] = order
        self._misses.discard(name)

    def release_key(self, order: Order) -> None:
        """The order does not use its key any more."""
        name = (order.owner, order.record.key)
        if self._by_key.get(name) is order:
            del self._by_key[name]

    def is_key_of_another(self, order: Order) -> bool:
        """Whether another order in memory uses the key of the order now."""
        return self._by_key.get((order.owner, order.record.key), order) is not order

    def name(self, order: Order, perm_id: str) -> None:
        """TWS gives the order that permId."""
        self._by_perm[perm_id] = order
        self._misses.discard(perm_id)

    # Look-ups

    def in_memory(self, order_id: int) -> Order | None:
        """The order with that order ID, where it is in memory."""
        return self._by_id.get(order_id)

    def by_id(self, order_id: int) -> Order | None:
        """The order with that order ID, or None."""
        order = self._by_id.get(order_id)
        if order is not None or not 0 < order_id < FIRST_REQUEST_ID:
            return order
        return self._recalled(order_id, lambda: self._archive.order(order_id))

    def by_key(self, owner: str, key: str) -> Order | None:
        """The order that uses the owner's key, or None."""
        name = (owner, key)
        order = self._by_key.get(name)
        if order is None:
            order = self._recalled(name, lambda: self._archive.order_of_key(owner, key))
        # An order in memory may have another key or state than its older record on disk.
        return order if order is not None and self._by_key.get(name) is order else None

    def by_perm(self, perm_id: str) -> Order | None:
        """The order with that permId, or None."""
        order = self._by_perm.get(perm_id)
        return order or self._recalled(perm_id, lambda: self._archive.order_of_perm(perm_id))

    def abandoned(self, owner: str, key: str) -> Order | None:
        """The abandoned order of that key, if no other order uses the key."""
        if self.by_key(owner, key) is not None:
            return None
        record = self._archive.abandoned(owner, key)
        return None if record is None else self.by_id(record.order_id)

    def placed_on(self, day: str) -> list[Order]:
        """The orders that were placed on that day at TWS (`20251001`) and executed in part, and others of that day."""
        if day != self._day:
            for order_id in self._archive.executed_on(day):
                self.by_id(order_id)
            self._day = day
        return [order for order in self if order.record.placed_day == day]

    def order_of_execution(self, exec_id: str) -> Order | None:
        """The order whose log has an entry with that execId, or None."""
        reports = self._archive.reports_with(exec_id)
        return self.by_id(reports[-1].order_id) if reports else None

    def _recalled(self, name: Hashable, read: Callable[[], OrderRecord | None]) -> Order | None:
        """Read an order from the archive into memory. `name`: what somebody asked for."""
        if name in self._misses:
            return None
        record = read()
        if record is None:
            self._misses[name] = True
            return None
        return self._by_id.get(record.order_id) or self.recall(record)
