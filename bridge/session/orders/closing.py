"""Orders on their way out: cancelled, all of a client's at once, or given up for lost.

A cancel needs no ledger and waits for nothing but the connection. An order that TWS does not know is abandoned only
when TWS has said so to a cancel: then its key is free again.
"""

from __future__ import annotations

from bridge.session import codes
from bridge.session.asks import Ask, Refused
from bridge.session.orders.book import Book, Order
from bridge.session.orders.changes import Changes
from bridge.session.orders.journal import Journal
from bridge.session.orders.outgoing import is_exercise
from bridge.session.orders.placing import Placing
from bridge.session.outlet import Outlet
from bridge.session.rights.guard import Guard
from bridge.session.values import Data, Instant

#: Statuses that answer a cancel: it is under way, or there is nothing left to cancel.
_CANCELLING = frozenset({"PendingCancel", "Cancelled", "ApiCancelled"})


class Closing:
    """`placing` and `changes` take back what has not left."""

    def __init__(
        self, outlet: Outlet, book: Book, journal: Journal, guard: Guard, *, placing: Placing, changes: Changes
    ) -> None:
        self._outlet = outlet
        self._book = book
        self._journal = journal
        self._guard = guard
        self._placing = placing
        self._changes = changes

    # What clients want

    def cancel(self, ask: Ask, params: Data, now: Instant) -> None:
        """Cancel one order; answered by TWS's word on it."""
        self._guard.cancel(ask)
        order = self._book.wanted(ask, params, self._guard)
        order.cancelling.append(ask)
        self._cancel(order, params.get("orderCancel", {}), ask, now)

    def cancel_mine(self, ask: Ask, params: Data, now: Instant) -> None:
        """Cancel all that may live of the client's orders; answered when that has left, with their keys."""
        self._guard.cancel(ask)
        orders = self._book.cancellable(ask.client)
        for order in orders:
            self._cancel(order, params.get("orderCancel", {}), ask, now)
        keys = [order.record.key for order in orders]
        self._outlet.afterwards(lambda: self._outlet.succeed(ask, {"orderKeys": keys}))

    def withdraw_all(self, now: Instant) -> None:
        """All is being cancelled: what has not left stays here."""
        for order in self._book:
            self._changes.withdraw(order)
            if not self._placing.withdraw(order):
                order.cancel_at = now.clock

    def drop(self, order: Order, now: Instant) -> None:
        """Cancel an order that nobody waits for."""
        self._cancel(order, {}, None, now)

    def _cancel(self, order: Order, order_cancel: Data, ask: Ask | None, now: Instant) -> None:
        self._changes.withdraw(order)
        if self._placing.withdraw(order):
            return
        order.cancel_at = now.clock
        self._outlet.send("cancelOrder", {"orderId": order.order_id, "orderCancel": order_cancel}, ask)

    def unsent(self, order_id: int | None) -> None:
        """The cancel of that order, or of all, could not be encoded: it never left."""
        for order in self._book:
            if order_id in (None, order.order_id):
                order.cancel_at = None

    def recall_abandoned(self, ask: Ask, params: Data) -> bool:
        """Answer for an order that was given up before; False where it was not."""
        owner = params.get("owner", ask.client)
        order = self._book.abandoned(owner, params["orderKey"])
        if order is not None and owner != ask.client:
            self._guard.foreign(ask, owner)
        if order is not None:
            self._outlet.succeed(ask, order.facts())
        return order is not None

    def abandon(self, ask: Ask, params: Data) -> None:
        """Free the key of an order that TWS does not know: cancel it, and wait until TWS says that there is none."""
        self._guard.cancel(ask)
        order = self._book.wanted(ask, params, self._guard)
        if is_exercise(order.record.order):
            message = f"{order.record.key} is an exercise of options: that TWS has nothing to cancel proves nothing"
            raise Refused("invalidParams", message, field="orderKey")
        if order.record.state not in ("unknown", "notFound"):
            message = (
                f"order {order.record.key} is {order.record.state}: only one that is lost sight of can be abandoned"
            )
            raise Refused("orderKnown", message, **order.facts())
        if order.record.state == "unknown" and not order.misses:
            message = f"order {order.record.key} is still being looked for at TWS"
            raise Refused("orderUnknown", message, **order.facts())
        order.abandoning.append(ask)
        self._outlet.send("cancelOrder", {"orderId": order.order_id, "orderCancel": {}}, ask)

    # What TWS says

    def on_status(self, order: Order, status: str | None) -> None:
        if status in _CANCELLING:
            self._answer(order, order.cancelling)
        if status in _CANCELLING or status == "Filled":
            self._answer(order, order.abandoning)

    def on_refused(self, order: Order, code: int, message: str) -> None:
        """TWS has nothing to cancel, or it is too late."""
        order.cancel_at = None
        if code in codes.NO_SUCH_ORDER and order.abandoning:
            self._abandon(order)
        self._fail(order.cancelling, "rejectedByTws", message, order, code)
        if code not in codes.NO_SUCH_ORDER:
            self._fail(order.abandoning, "rejectedByTws", message, order, code)

    def on_error(self, order: Order, code: int, message: str) -> None:
        """An error while a cancel is under way, which may be about the cancel."""
        order.cancel_at = None
        self._fail(order.cancelling, "rejectedByTws", message, order, code)
        self._fail(order.abandoning, "rejectedByTws", message, order, code)

    def _abandon(self, order: Order) -> None:
        """TWS knows no such order. Its key is free when that is on disk."""
        if order.record.state not in ("unknown", "notFound"):
            self._answer(order, order.abandoning)
            return
        before = order.record
        order.update(state="abandoned")

        def written() -> None:
            if order.record.state == "abandoned":
                self._book.release(order)
            self._answer(order, order.abandoning)

        def not_written(reason: str) -> None:
            if order.record.state == "abandoned":
                order.update(state=before.state)
            self._fail(order.abandoning, "ledgerFailed", f"the key could not be freed: {reason}", order)

        self._outlet.persist([order.record], lambda _now: written(), lambda reason, _now: not_written(reason))

    def connection_lost(self, order: Order, message: str) -> None:
        order.cancel_at = None
        self._fail(order.cancelling, "connectionLost", message, order)
        if order.record.state != "abandoned":
            self._fail(order.abandoning, "connectionLost", message, order)

    def give_up(self, ask: Ask) -> Data:
        """What is known of the order that an ask without an answer wanted to end."""
        for order in self._book:
            for asks in (order.cancelling, order.abandoning):
                if ask in asks:
                    asks.remove(ask)
                    order.cancel_at = None
                    return order.facts()
        return {}

    def _answer(self, order: Order, asks: list[Ask]) -> None:
        answered, asks[:] = list(asks), []
        for ask in answered:
            self._outlet.succeed(ask, order.facts())

    def _fail(self, asks: list[Ask], code: str, message: str, order: Order, tws_code: int | None = None) -> None:
        failed, asks[:] = list(asks), []
        for ask in failed:
            self._outlet.fail(ask, code, message, tws_code, order.facts())
