"""How orders end without a complete fill: they are rejected, cancelled, or expire. Also their events to the client."""

from bridge.simulator.core import refusals
from bridge.simulator.core.times import EXCHANGE_ZONE, NS, parse_moment
from bridge.simulator.orders.exchange_port import ExchangePort
from bridge.simulator.orders.order_table import OrderTable
from bridge.simulator.orders.simulated_order import (
    CANCELLED,
    FILLED,
    INACTIVE,
    PENDING_CANCEL,
    WORKING,
    SimulatedOrder,
    open_order,
    order_status,
)

CANCEL_DELAY = 15_000_000
"""Time between a cancel request and the end of the order, in ns."""


class OrderEndings:
    """Ends orders and reports their state."""

    def __init__(self, exchange: ExchangePort, table: OrderTable) -> None:
        """Work on the orders of `table` and send events through `exchange`."""
        self._exchange = exchange
        self._table = table

    def report(self, sim_order: SimulatedOrder, client_id: int | None = None) -> None:
        """Send openOrder and orderStatus, in this order.

        `client_id` is the receiver; None for the client that placed the order.
        """
        to = sim_order.client_id if client_id is None else client_id
        self._exchange.emit(to, "openOrder", open_order(sim_order))
        self._exchange.emit(to, "orderStatus", order_status(sim_order, self._table.why_held(sim_order)))

    def finish(self, sim_order: SimulatedOrder, status: str, words: str) -> None:
        """End an order and, unless it has filled, all its children.

        `words` becomes the completedStatus. The client gets events only for a cancelled order: the caller sends those
        of a filled or rejected one.
        """
        sim_order.status, sim_order.completed_status = status, words
        sim_order.completed_at = self._exchange.now // NS
        self._table.complete(sim_order)
        self._exchange.changed.order(sim_order)
        if status == CANCELLED:
            self._exchange.emit(sim_order.client_id, "orderStatus", order_status(sim_order))
            self._exchange.error(sim_order.client_id, sim_order.order_id, 202, "Order Canceled - reason:")
        if status != FILLED:
            for child in self._table.live_children(sim_order):
                self.finish(child, CANCELLED, "Cancelled with its parent")

    def reject(self, sim_order: SimulatedOrder, reason: str) -> None:
        """End an order that the exchange does not accept, with error 201."""
        sim_order.status = INACTIVE
        refused = refusals.rejected(reason)
        self._exchange.error(sim_order.client_id, sim_order.order_id, refused.code, refused.message)
        self.report(sim_order)
        self.finish(sim_order, INACTIVE, reason)

    def begin_cancel(self, sim_order: SimulatedOrder) -> None:
        """Set an order to PendingCancel and end it after CANCEL_DELAY, if it has not filled by then."""
        sim_order.status = PENDING_CANCEL
        self._exchange.changed.order(sim_order)
        self._exchange.emit(sim_order.client_id, "orderStatus", order_status(sim_order))
        self._exchange.later(CANCEL_DELAY, lambda: self.end_cancel(sim_order))

    def end_cancel(self, sim_order: SimulatedOrder) -> None:
        """End an order whose cancel is pending."""
        if sim_order.status == PENDING_CANCEL:
            self.finish(sim_order, CANCELLED, "Cancelled by Trader")

    def expire_later(self, sim_order: SimulatedOrder) -> None:
        """Plan the end of a good-till-date order."""
        end = self._end_of(sim_order)
        if end is not None:
            self._exchange.later(max(0, end - self._exchange.now), lambda: self._expire(sim_order, end))

    def _end_of(self, sim_order: SimulatedOrder) -> int | None:
        """Return when a good-till-date order ends, in ns; None for any other order."""
        if sim_order.order["tif"] != "GTD":
            return None
        return parse_moment(sim_order.order["goodTillDate"], EXCHANGE_ZONE) * NS

    def _expire(self, sim_order: SimulatedOrder, end: int) -> None:
        """End the order, unless the client has changed its date since `end` (in ns) was planned."""
        if sim_order.status in WORKING and self._end_of(sim_order) == end:
            self.finish(sim_order, CANCELLED, "Expired")

    def roll_day(self) -> None:
        """End all day orders. The exchange calls this at midnight."""
        for sim_orders in self._table.all_active():
            for sim_order in [each for each in sim_orders if each.order["tif"] == "DAY" and each.status in WORKING]:
                self.finish(sim_order, CANCELLED, "Expired")
