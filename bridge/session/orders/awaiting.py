"""Clients that wait for a state of their order, so that none of them has to search the order log for it."""

from __future__ import annotations

from bridge.session.orders.order import Awaiting, Order
from bridge.session.orders.order_store import OrderStore
from bridge.session.orders.state import ENDED, State
from bridge.session.outbox import Outbox
from bridge.session.requests import Request
from bridge.session.rights.pre_trade_checks import PreTradeChecks
from bridge.session.values import Data

_REACHED: dict[str, frozenset[State]] = {
    "acknowledged": frozenset({"acknowledged", "inactive", "filled", "cancelled"}),
    "ended": ENDED,
}
#: States from which no waiting leads any further.
_OVER: frozenset[State] = ENDED | {"notFound"}


class Awaitings:
    def __init__(self, outbox: Outbox, order_store: OrderStore, checks: PreTradeChecks) -> None:
        self._outbox = outbox
        self._order_store = order_store
        self._checks = checks

    def begin(self, request: Request, params: Data) -> None:
        """Answer when the order is where the client wants it. Raises Refused where it is not the client's."""
        order = self._order_store.wanted(request, params, self._checks)
        order.awaiting.append(Awaiting(request, params["until"]))
        self.told(order)

    def told(self, order: Order) -> None:
        """The order's record is on disk: who waits is answered when it got there, or cannot get there by itself."""
        state = order.told.state
        for awaiting in list(order.awaiting):
            if state in _REACHED[awaiting.until] or state in _OVER:
                order.awaiting.remove(awaiting)
                facts = {**order.facts(), "reached": state in _REACHED[awaiting.until]}
                self._outbox.succeed(awaiting.request, "awaitOrder", facts)

    def overdue(self, request: Request) -> bool:
        """The ask's time is over; False where it awaits no order."""
        for order in self._order_store:
            for awaiting in [awaiting for awaiting in order.awaiting if awaiting.request is request]:
                order.awaiting.remove(awaiting)
                self._outbox.succeed(request, "awaitOrder", {**order.facts(), "reached": False})
                return True
        return False
