"""Clients that wait for a state of their order, so that none of them has to search the order log for it."""

from __future__ import annotations

from bridge.session.asks import Ask
from bridge.session.orders.book import Book
from bridge.session.orders.order import Awaiting, Order
from bridge.session.orders.state import ENDED, State
from bridge.session.outlet import Outlet
from bridge.session.rights.guard import Guard
from bridge.session.values import Data

_REACHED: dict[str, frozenset[State]] = {
    "acknowledged": frozenset({"acknowledged", "inactive", "filled", "cancelled"}),
    "ended": ENDED,
}
#: States from which no waiting leads any further.
_OVER: frozenset[State] = ENDED | {"notFound"}


class Awaitings:
    def __init__(self, outlet: Outlet, book: Book, guard: Guard) -> None:
        self._outlet = outlet
        self._book = book
        self._guard = guard

    def begin(self, ask: Ask, params: Data) -> None:
        """Answer when the order is where the client wants it. Raises Refused where it is not the client's."""
        order = self._book.wanted(ask, params, self._guard)
        order.awaiting.append(Awaiting(ask, params["until"]))
        self.told(order)

    def told(self, order: Order) -> None:
        """The order's record is on disk: who waits is answered when it got there, or cannot get there by itself."""
        state = order.told.state
        for awaiting in list(order.awaiting):
            if state in _REACHED[awaiting.until] or state in _OVER:
                order.awaiting.remove(awaiting)
                self._outlet.succeed(awaiting.ask, {**order.facts(), "reached": state in _REACHED[awaiting.until]})

    def overdue(self, ask: Ask) -> bool:
        """The ask's time is over; False where it awaits no order."""
        for order in self._book:
            for awaiting in [awaiting for awaiting in order.awaiting if awaiting.ask is ask]:
                order.awaiting.remove(awaiting)
                self._outlet.succeed(ask, {**order.facts(), "reached": False})
                return True
        return False
