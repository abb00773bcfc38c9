"""All orders of all clients: which orders are open, which are working, which are completed, and who is whose parent.

The table stores orders and answers questions about them. It changes no order and sends nothing.
"""

from collections.abc import Iterable, Iterator

from bridge.simulator.orders.matching import waits_for_trigger
from bridge.simulator.orders.simulated_order import (
    CANCELLED,
    DONE,
    FILLED,
    HELD,
    SUBMITTED,
    SimulatedOrder,
)

_MOST_COMPLETED = 5000

OrderKey = tuple[int, int]
"""Client id and order id."""


class OrderTable:
    """The orders by client id and order id, by parent and by instrument."""

    def __init__(self) -> None:
        """Start without orders."""
        self.orders: dict[OrderKey, SimulatedOrder] = {}
        self.completed: list[SimulatedOrder] = []
        """Completed orders, oldest first. The table drops the oldest ones beyond a limit."""
        self._by_parent: dict[OrderKey, list[SimulatedOrder]] = {}
        self._working: dict[int, list[SimulatedOrder]] = {}
        self._ended = self._ended_before = 0

    # Storing

    def add_child(self, sim_order: SimulatedOrder, parent: SimulatedOrder, replaced: SimulatedOrder | None) -> None:
        """List an order under its parent. `replaced` is the order that it replaces."""
        siblings = self._by_parent.setdefault((sim_order.client_id, parent.order_id), [])
        siblings[:] = [other for other in siblings if other is not replaced] + [sim_order]

    def add_working(self, sim_order: SimulatedOrder) -> None:
        """List an order among those that quotes of its instrument can fill."""
        self._working.setdefault(sim_order.instrument.conId, []).append(sim_order)

    def complete(self, sim_order: SimulatedOrder) -> None:
        """Move an order that has just ended from the working to the completed orders."""
        self._ended += 1
        sim_order.ended = self._ended
        working = self._working.get(sim_order.instrument.conId, [])
        if sim_order in working:
            working.remove(sim_order)
        self.completed.append(sim_order)
        del self.completed[:-_MOST_COMPLETED]

    def set_aside(self, key: OrderKey) -> None:
        """Make an order unreachable for its client, under a key that no client can use. The order lives on."""
        sim_order = self.orders.pop(key)
        self.orders[sim_order.client_id, -sim_order.perm_id] = sim_order

    def lose_open(self) -> None:
        """Remove all open orders without an event."""
        for sim_order in list(self.open()):
            sim_order.status = CANCELLED
        self.orders = {key: each for key, each in self.orders.items() if each.status != CANCELLED}
        self._working.clear()

    def restore(self, persisted: Iterable[SimulatedOrder]) -> list[SimulatedOrder]:
        """Fill the table after a restart. Return the live orders, in the order of their permIds."""
        sim_orders = sorted(persisted, key=lambda each: each.perm_id)
        self.orders = {(each.client_id, each.order_id): each for each in sim_orders}
        for sim_order in sim_orders:
            if sim_order.parent_id:
                self._by_parent.setdefault((sim_order.client_id, sim_order.parent_id), []).append(sim_order)
        done = sorted((each for each in sim_orders if each.status in DONE), key=lambda each: each.ended)
        self.completed = done[-_MOST_COMPLETED:]
        self._ended = self._ended_before = done[-1].ended if done else 0
        return [each for each in sim_orders if each.status not in DONE]

    # Looking up

    def get(self, client_id: int, order_id: int) -> SimulatedOrder | None:
        """Return the newest order with this id, or None."""
        return self.orders.get((client_id, order_id))

    def all(self) -> list[SimulatedOrder]:
        """Return all orders, also ended ones, in a new list."""
        return list(self.orders.values())

    def open(self, client_id: int | None = None) -> Iterator[SimulatedOrder]:
        """Yield the open orders of one client, or of all clients if `client_id` is None.

        TWS does not list an order that was never transmitted (ib_insync#416).
        """
        for sim_order in self.all():
            if sim_order.status not in (HELD, *DONE) and client_id in (None, sim_order.client_id):
                yield sim_order

    def active(self, con_id: int) -> list[SimulatedOrder]:
        """Return the orders that quotes of this instrument can fill or activate."""
        return self._working.get(con_id, [])

    def all_active(self) -> list[list[SimulatedOrder]]:
        """Return the active orders of each instrument, in a new list."""
        return list(self._working.values())

    def family(self, sim_order: SimulatedOrder) -> list[SimulatedOrder]:
        """Return the parent of an order and all children of that parent; the order itself if it has no parent."""
        if not sim_order.parent_id:
            return [sim_order]
        parent = (sim_order.client_id, sim_order.parent_id)
        return [self.orders[parent], *self._by_parent[parent]]

    def live_children(self, parent: SimulatedOrder) -> list[SimulatedOrder]:
        """Return the children of an order that have not ended."""
        children = self._by_parent.get((parent.client_id, parent.order_id), [])
        return [sim_order for sim_order in children if sim_order.status not in DONE]

    def waits_for_parent(self, sim_order: SimulatedOrder) -> bool:
        """Return whether the parent of this order has not filled yet."""
        parent = self.get(sim_order.client_id, sim_order.parent_id) if sim_order.parent_id else None
        return parent is not None and parent.status != FILLED

    def why_held(self, sim_order: SimulatedOrder) -> str:
        """Return TWS's `whyHeld`: what a PreSubmitted order waits for, or "" if it waits for nothing."""
        waits = ["child"] if self.waits_for_parent(sim_order) else []
        conditional = bool(sim_order.order.get("conditions")) and sim_order.status != SUBMITTED
        if conditional or (waits_for_trigger(sim_order.kind) and not sim_order.triggered):
            waits.append("trigger")
        return "" if sim_order.status in (SUBMITTED, *DONE) else ",".join(waits)

    def filled_in_this_run(self, sim_order: SimulatedOrder) -> bool:
        """Return whether an order has filled since this exchange started."""
        return sim_order.status == FILLED and sim_order.ended > self._ended_before
