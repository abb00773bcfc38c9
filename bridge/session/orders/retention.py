"""How long an ended order stays in memory, and its topics in snapshots. The ledger keeps everything for ever.

When an order leaves memory, the bridge forgets about it exactly what a restart of the bridge forgets. When somebody
asks for the order, the bridge reads it from the ledger again.
"""

from __future__ import annotations

from typing import NamedTuple

from bridge.session.orders.executions import Fills
from bridge.session.orders.order import Order
from bridge.session.orders.order_log import OrderLog
from bridge.session.orders.order_store import OrderStore
from bridge.session.orders.reconcile import Reconciler
from bridge.session.orders.state import ENDED
from bridge.session.outbox import Outbox
from bridge.session.values import Instant

_DAY = 86_400.0
#: At most so many orders leave memory in one second, so that no turn takes long.
MOST_AT_ONCE = 200


class RetentionRule(NamedTuple):
    """Seconds after the end of an order, and after the last event of it.

    `topics`: until its topics leave snapshots. `orders`: until it leaves memory, not before its topics.
    """

    topics: float = _DAY
    orders: float = 7 * _DAY


class Retention:
    """Applies the rule to all orders in memory."""

    def __init__(
        self,
        outbox: Outbox,
        order_store: OrderStore,
        order_log: OrderLog,
        *,
        fills: Fills,
        reconciler: Reconciler,
        rule: RetentionRule,
    ) -> None:
        self._outbox = outbox
        self._order_store = order_store
        self._order_log = order_log
        self._fills = fills
        self._reconciler = reconciler
        self._rule = rule
        #: Orders that the ledger has just written, or that the bridge has just read from it.
        self._news: dict[int, Order] = {order.order_id: order for order in order_store.index}
        #: Order ID -> when the order was last written or read (steady clock), the oldest first.
        self._topics: dict[int, float] = {}
        self._orders: dict[int, float] = {}

    def on_stored(self, order: Order) -> None:
        """The record of the order was written to disk, or read from it."""
        self._news[order.order_id] = order

    def advance(self, now: Instant) -> None:
        """Drop topics and orders that are due. The session calls this each second."""
        news, self._news = self._news, {}
        for order in news.values():
            if order.record.state in ENDED:
                self._note(order, now)
        if self._order_log.failure is not None:
            return
        for order_id in _due(self._topics, now.clock - self._rule.topics):
            self._drop_topics(order_id, now)
        for order_id in _due(self._orders, now.clock - self._rule.orders):
            self._evict(order_id, now)

    def _note(self, order: Order, now: Instant) -> None:
        for since in (self._topics, self._orders):
            since.pop(order.order_id, None)
            since[order.order_id] = now.clock

    def _drop_topics(self, order_id: int, now: Instant) -> None:
        order = self._order_store.index.in_memory(order_id)
        if order is None or order.record.state not in ENDED:
            return
        if not self._is_stored(order):
            self._topics[order_id] = now.clock
        elif not self._order_store.index.is_key_of_another(order):
            self._outbox.topic_store.forget(order.prefix)

    def _evict(self, order_id: int, now: Instant) -> None:
        order = self._order_store.index.in_memory(order_id)
        if order is not None and order.record.state not in ENDED:
            return  # it is open again: `on_stored` takes it anew when it ends
        if self._order_log.is_writing(order_id) or (order is not None and not self._may_leave(order)):
            self._orders[order_id] = now.clock
            return
        if order is not None:
            self._order_store.forget(order)
        self._fills.forget(order_id)
        self._order_log.forget(order_id)
        self._reconciler.forget(order_id)

    def _is_stored(self, order: Order) -> bool:
        return order.stored == order.record and not self._order_log.is_writing(order.order_id)

    def _may_leave(self, order: Order) -> bool:
        """Whether nothing waits for the order, and all of it is on disk. `incarnations` are never on disk."""
        is_needed = order.is_live or bool(order.incarnations) or self._reconciler.needs(order)
        return not is_needed and self._is_stored(order)


def _due(since: dict[int, float], limit: float) -> list[int]:
    """Remove the order IDs that are due, and return them: at most `MOST_AT_ONCE`."""
    due: list[int] = []
    for order_id, clock in since.items():
        if clock > limit or len(due) == MOST_AT_ONCE:
            break
        due.append(order_id)
    for order_id in due:
        del since[order_id]
    return due
