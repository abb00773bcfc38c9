"""The method `awaitOrder`: a client waits for a state of its order and does not have to read the order log."""

from __future__ import annotations

from bridge.session.orders.order import Awaiting, Order
from bridge.session.orders.order_store import OrderStore
from bridge.session.orders.state import ENDED, State
from bridge.session.outbox import Outbox
from bridge.session.requests import Refused, Request
from bridge.session.rights.pre_trade_checks import PreTradeChecks
from bridge.session.values import Data

_REACHED: dict[str, frozenset[State]] = {
    "acknowledged": frozenset({"acknowledged", "inactive", "filled", "cancelled"}),
    "ended": ENDED,
}
#: States that an order does not leave while the client waits.
_OVER: frozenset[State] = ENDED | {"notFound"}


class Awaitings:
    """The requests that wait for a state of an order."""

    def __init__(self, outbox: Outbox, order_store: OrderStore, checks: PreTradeChecks) -> None:
        self._outbox = outbox
        self._order_store = order_store
        self._checks = checks

    def begin(self, request: Request, params: Data) -> None:
        """Answer when the order has the state `until` of the params.

        Raises Refused where there is no such order, or the client may not act on it.
        """
        order = self._order_store.wanted(request, params, self._checks)
        order.awaiting.append(Awaiting(request, params["until"]))
        self.on_stored(order)

    def on_stored(self, order: Order) -> None:
        """The record of the order is on disk: answer where it has the state, or can no longer get there."""
        state = order.stored.state
        for awaiting in list(order.awaiting):
            if state in _REACHED[awaiting.until] or state in _OVER:
                order.awaiting.remove(awaiting)
                facts = {**order.facts(), "reached": state in _REACHED[awaiting.until]}
                self._outbox.succeed(awaiting.request, "awaitOrder", facts)

    def refusal(self, request: Request) -> Refused | None:
        """Return the refusal where the client may not act on the order any more for which the request waits."""
        for order in self._order_store:
            if order.owner != request.client and any(awaiting.request is request for awaiting in order.awaiting):
                try:
                    self._checks.foreign(request, order.owner)
                except Refused as refused:
                    return refused
        return None

    def give_up(self, request: Request) -> None:
        """The request has its answer: it waits for no order any more."""
        for order in self._order_store:
            order.awaiting = [awaiting for awaiting in order.awaiting if awaiting.request is not request]

    def overdue(self, request: Request) -> bool:
        """The request timed out: answer it. Returns False where it is not an `awaitOrder` request."""
        for order in self._order_store:
            for awaiting in [awaiting for awaiting in order.awaiting if awaiting.request is request]:
                order.awaiting.remove(awaiting)
                self._outbox.succeed(request, "awaitOrder", {**order.facts(), "reached": False})
                return True
        return False
