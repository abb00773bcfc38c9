"""Orders on their way out: cancelled, all of a client's at once, or given up for lost.

A cancel needs no ledger and waits for nothing but the connection. An order is given up only where it is proven that TWS
never had it, and when TWS has answered a cancel that there is none; or by an admin's word.
"""

from __future__ import annotations

from bridge.session import codes
from bridge.session.asks import Ask, Refused
from bridge.session.orders.book import Book
from bridge.session.orders.changes import Changes
from bridge.session.orders.lifecycle import Lifecycle
from bridge.session.orders.order import Order
from bridge.session.orders.outgoing import is_exercise
from bridge.session.orders.placing import Placing
from bridge.session.orders.state import ENDED, FREE
from bridge.session.outlet import Outlet
from bridge.session.rights.guard import Guard
from bridge.session.values import Data, Instant


class Closing:
    """`placing` and `changes` take back what has not left."""

    def __init__(
        self, outlet: Outlet, book: Book, lifecycle: Lifecycle, guard: Guard, *, placing: Placing, changes: Changes
    ) -> None:
        self._outlet = outlet
        self._book = book
        self._lifecycle = lifecycle
        self._guard = guard
        self._placing = placing
        self._changes = changes

    # What clients want

    def recall_ended(self, ask: Ask, params: Data) -> bool:
        """Answer a cancel of an order that is over, without asking TWS; False where it is not over."""
        order = self._book.named(ask, params)
        if order is None or order.told.state not in ENDED or order.record.state not in ENDED:
            return False
        self._guard.cancel(ask)
        if order.owner != ask.client:
            self._guard.foreign(ask, order.owner)
        self._outlet.succeed(ask, {**order.facts(), "alreadyEnded": True})
        return True

    def cancel(self, ask: Ask, params: Data, now: Instant) -> None:
        """Cancel one order; answered by TWS's word on it."""
        if self.recall_ended(ask, params):
            return
        order = self._book.wanted(ask, params, self._guard)
        order.cancelling.append(ask)
        if order.record.state not in ENDED:
            self._cancel(order, params.get("orderCancel", {}), ask, now)

    def cancel_mine(self, ask: Ask, params: Data, now: Instant) -> None:
        """Cancel all that may live of the client's orders; answered when that has left, with their keys."""
        self._guard.cancel(ask)
        orders = [order for order in self._book.open(ask.client) if order.record.state not in ENDED]
        for order in orders:
            self._cancel(order, params.get("orderCancel", {}), ask, now)
        keys = [order.record.key for order in orders]
        self._outlet.afterwards(lambda: self._outlet.succeed(ask, {"orderKeys": keys}))

    def withdraw_all(self, now: Instant) -> None:
        """All is being cancelled: what has not left stays here."""
        for order in self._book:
            self._changes.withdraw(order)
            if not self._placing.withdraw(order, now) and order.is_open:
                order.cancel_left(now.clock)

    def drop(self, order: Order, now: Instant) -> None:
        """Cancel an order that nobody waits for."""
        self._cancel(order, {}, None, now)

    def _cancel(self, order: Order, order_cancel: Data, ask: Ask | None, now: Instant) -> None:
        self._changes.withdraw(order)
        if self._placing.withdraw(order, now):
            return
        order.cancel_left(now.clock)
        self._outlet.send("cancelOrder", {"orderId": order.order_id, "orderCancel": order_cancel}, ask)

    def unsent(self, order_id: int | None) -> None:
        """The cancel of that order, or of all, could not be encoded: it never left."""
        for order in self._book:
            if order_id in (None, order.order_id):
                order.on_cancel("notSent")

    def recall_abandoned(self, ask: Ask, params: Data) -> bool:
        """Answer for an order that was given up before; False where it was not."""
        owner = params.get("owner", ask.client)
        order = self._book.abandoned(owner, params["orderKey"]) if "orderKey" in params else None
        if order is not None and owner != ask.client:
            self._guard.foreign(ask, owner)
        if order is not None:
            self._outlet.succeed(ask, order.facts())
        return order is not None

    def abandon(self, ask: Ask, params: Data, now: Instant) -> None:
        """Free the key of an order that TWS never had: cancel it, and wait until TWS says that there is none."""
        self._guard.cancel(ask)
        order = self._book.wanted(ask, params, self._guard)
        if params.get("force"):
            self._force(ask, order, now)
            return
        if is_exercise(order.record.order):
            message = f"{order.record.key} is an exercise of options: that TWS has nothing to cancel proves nothing"
            raise Refused("invalidParams", message, field="orderKey")
        if self._joins(ask, order):
            return
        if order.record.state == "unknown":
            message = f"order {order.record.key} may live or have been executed: {order.record.reason}"
            raise Refused("orderUnknown", message, **order.facts())
        order.abandoning.append(ask)
        order.cancel_left(now.clock)
        self._outlet.send("cancelOrder", {"orderId": order.order_id, "orderCancel": {}}, ask)

    @staticmethod
    def _joins(ask: Ask, order: Order) -> bool:
        """Whether the order is given up already, and that is on its way to the disk. Raises Refused for no lost one."""
        if order.record.state == "abandoned":
            order.abandoning.append(ask)
            return True
        if order.record.state not in ("unknown", "notFound"):
            message = (
                f"TWS has order {order.record.key}, or has said how it ended: only one that is lost can be given up"
            )
            raise Refused("orderKnown", message, **order.facts())
        return False

    def _force(self, ask: Ask, order: Order, now: Instant) -> None:
        """An admin decides what evidence cannot. A cancel goes out all the same, as far as TWS is there.

        Of an order that is over the admin decides that no more was executed than is known.
        """
        self._guard.force(ask)
        is_over = order.record.state in ("filled", "cancelled") and order.record.final_filled is None
        if not is_over and self._joins(ask, order):
            return
        order.abandoning.append(ask)
        if not is_over:
            order.cancel_left(now.clock)
            self._outlet.send("cancelOrder", {"orderId": order.order_id, "orderCancel": {}}, None)
        if is_over or self._lifecycle.is_executed(order):
            order.update(final_filled=order.record.filled)
        self._lifecycle.happen(order, "force", now, f"{ask.client} gave it up without proof", by=ask.client)

    # What TWS says

    def told(self, order: Order) -> None:
        """The order's record is on disk: who waits for its end, or for its being given up, may be answered."""
        state = order.told.state
        if state in FREE and order.record.state not in FREE:
            return  # TWS has spoken meanwhile: the order is more than the disk says yet
        if state in ENDED or order.told.status == "PendingCancel":
            facts = order.facts() | ({"alreadyEnded": True} if state in ("filled", "rejected") else {})
            self._answer(order.cancelling, facts)
        if state in ENDED or state in ("acknowledged", "inactive"):
            self._answer(order.abandoning, order.facts())
        elif state == order.record.state == "unknown":
            self._fail(order.abandoning, "orderUnknown", order.told.reason or "it may have been executed", order)

    def on_refused(self, order: Order, code: int, message: str, now: Instant) -> None:
        """TWS has nothing to cancel, or it is too late."""
        order.on_cancel("refuses")
        if code in codes.NO_SUCH_ORDER and order.abandoning and order.record.state == "notFound":
            self._lifecycle.happen(order, "abandon", now)
        elif code not in codes.NO_SUCH_ORDER:
            self._fail(order.abandoning, "rejectedByTws", message, order, code)
        if order.record.state not in ENDED:
            self._fail(order.cancelling, "rejectedByTws", message, order, code)

    def on_error(self, order: Order, code: int, message: str) -> None:
        """An error while a cancel is under way, which may be about the cancel."""
        order.on_cancel("refuses")
        self._fail(order.cancelling, "rejectedByTws", message, order, code)
        self._fail(order.abandoning, "rejectedByTws", message, order, code)

    def connection_lost(self, order: Order, message: str) -> None:
        order.on_cancel("silence")
        if order.record.state not in ENDED:
            self._fail(order.cancelling, "connectionLost", message, order)
            self._fail(order.abandoning, "connectionLost", message, order)

    def give_up(self, ask: Ask) -> Data:
        """What is known of the order that an ask without an answer wanted to end."""
        for order in self._book:
            for asks in (order.cancelling, order.abandoning):
                if ask in asks:
                    asks.remove(ask)
                    order.on_cancel("silence")
                    return order.facts()
        return {}

    def _answer(self, asks: list[Ask], facts: Data) -> None:
        answered, asks[:] = list(asks), []
        for ask in answered:
            self._outlet.succeed(ask, facts)

    def _fail(self, asks: list[Ask], code: str, message: str, order: Order, tws_code: int | None = None) -> None:
        failed, asks[:] = list(asks), []
        for ask in failed:
            self._outlet.fail(ask, code, message, tws_code, order.facts())
