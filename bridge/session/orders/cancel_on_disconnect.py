"""Orders whose client is lost and wants them cancelled then: each is cancelled until it is over, or the client is back.

A cancel may fail to reach TWS, or be told nothing of; so it is sent again while the order lives. Knows no client but by
name: who is lost, and whose orders are to go with it, is said from outside.
"""

from __future__ import annotations

from bridge.session.orders.cancellations import Cancellations
from bridge.session.orders.order import Order
from bridge.session.orders.order_store import OrderStore
from bridge.session.values import Instant

#: Seconds after which an order that still lives is cancelled once more.
AGAIN = 15.0


class CancelOnDisconnect:
    def __init__(self, order_store: OrderStore, cancellations: Cancellations) -> None:
        self._order_store = order_store
        self._cancellations = cancellations
        #: Owner -> order id -> when its cancel was sent (steady clock).
        self._cancelled: dict[str, dict[int, float]] = {}

    def lost(self, owner: str) -> list[Order]:
        """The client is lost: the orders that are to be cancelled."""
        self._cancelled.setdefault(owner, {})
        return self._order_store.open(owner)

    def back(self, owner: str) -> None:
        """The client is heard again: what has not been cancelled yet is its own affair."""
        self._cancelled.pop(owner, None)

    def advance(self, now: Instant) -> None:
        """Cancel what lives; to be called each second while TWS is there."""
        for owner, cancelled in self._cancelled.items():
            for order in self._order_store.open(owner):
                if now.clock - cancelled.get(order.order_id, float("-inf")) >= AGAIN:
                    cancelled[order.order_id] = now.clock
                    self._cancellations.drop(order, now)
