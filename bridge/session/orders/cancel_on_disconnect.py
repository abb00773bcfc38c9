"""Cancel on disconnect: the bridge cancels the orders of a lost client until they have ended or the client is back.

A cancel may not reach TWS, or TWS may not answer it. So the bridge sends it again while the order is open. The caller
decides which clients are lost, and whether their orders must be cancelled.
"""

from __future__ import annotations

from bridge.session.orders.cancellations import Cancellations
from bridge.session.orders.order import Order
from bridge.session.orders.order_store import OrderStore
from bridge.session.values import Instant

#: Seconds until the bridge cancels an order again that is still open.
AGAIN = 15.0


class CancelOnDisconnect:
    """The lost clients whose orders the bridge cancels."""

    def __init__(self, order_store: OrderStore, cancellations: Cancellations) -> None:
        self._order_store = order_store
        self._cancellations = cancellations
        #: Owner -> order ID -> when the bridge sent the cancel (steady clock).
        self._cancelled: dict[str, dict[int, float]] = {}

    def lost(self, owner: str) -> list[Order]:
        """The client is lost. Returns its open orders, which `advance` cancels."""
        self._cancelled.setdefault(owner, {})
        return self._order_store.open(owner)

    def back(self, owner: str) -> None:
        """The client is back: stop cancelling its orders."""
        self._cancelled.pop(owner, None)

    def advance(self, now: Instant) -> None:
        """Cancel open orders of lost clients. The session calls this each second while TWS is connected."""
        for owner, cancelled in self._cancelled.items():
            for order in self._order_store.open(owner):
                if now.clock - cancelled.get(order.order_id, float("-inf")) >= AGAIN:
                    cancelled[order.order_id] = now.clock
                    self._cancellations.drop(order, now)
