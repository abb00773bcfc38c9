"""Orders on their way out: cancelled, all of a client's at once, or given up for lost.

A cancel needs no ledger and waits for nothing but the connection. An order is given up only where it is proven that TWS
never had it, and when TWS has answered a cancel that there is none; or by an admin's word.
"""

from __future__ import annotations

from bridge.session import codes
from bridge.session.orders.lifecycle import Lifecycle
from bridge.session.orders.modifications import Modifications
from bridge.session.orders.new_orders import NewOrders
from bridge.session.orders.order import Order
from bridge.session.orders.order_message import is_exercise
from bridge.session.orders.order_store import OrderStore
from bridge.session.orders.state import ENDED, FREE
from bridge.session.outbox import Outbox
from bridge.session.requests import Refused, Request
from bridge.session.rights.pre_trade_checks import PreTradeChecks
from bridge.session.values import Data, Instant


class Cancellations:
    """`new_orders` and `changes` take back what has not left."""

    def __init__(
        self,
        outbox: Outbox,
        order_store: OrderStore,
        lifecycle: Lifecycle,
        checks: PreTradeChecks,
        *,
        new_orders: NewOrders,
        changes: Modifications,
    ) -> None:
        self._outbox = outbox
        self._order_store = order_store
        self._lifecycle = lifecycle
        self._checks = checks
        self._new_orders = new_orders
        self._modifications = changes

    # What clients want

    def recall_ended(self, request: Request, params: Data) -> bool:
        """Answer a cancel of an order that is over, without asking TWS; False where it is not over."""
        order = self._order_store.named(request, params)
        if order is None or order.told.state not in ENDED or order.record.state not in ENDED:
            return False
        self._checks.cancel(request)
        if order.owner != request.client:
            self._checks.foreign(request, order.owner)
        self._outbox.succeed(request, "order", {**order.facts(), "alreadyEnded": True})
        return True

    def cancel(self, request: Request, params: Data, now: Instant) -> None:
        """Cancel one order; answered by TWS's word on it."""
        if self.recall_ended(request, params):
            return
        order = self._order_store.wanted(request, params, self._checks)
        order.cancelling.append(request)
        if order.record.state not in ENDED:
            self._cancel(order, params.get("orderCancel", {}), request, now)

    def cancel_mine(self, request: Request, params: Data, now: Instant) -> None:
        """Cancel all that may live of the client's orders; answered when that has left, with their keys."""
        self._checks.cancel(request)
        orders = [order for order in self._order_store.open(request.client) if order.record.state not in ENDED]
        for order in orders:
            self._cancel(order, params.get("orderCancel", {}), request, now)
        keys = [order.record.key for order in orders]
        self._outbox.afterwards(lambda: self._outbox.succeed(request, "cancelMine", {"orderKeys": keys}))

    def withdraw_all(self, now: Instant) -> None:
        """All is being cancelled: what has not left stays here."""
        for order in self._order_store:
            self._modifications.withdraw(order)
            if not self._new_orders.withdraw(order, now) and order.is_open:
                order.cancel_left(now.clock)

    def drop(self, order: Order, now: Instant) -> None:
        """Cancel an order that nobody waits for."""
        self._cancel(order, {}, None, now)

    def _cancel(self, order: Order, order_cancel: Data, request: Request | None, now: Instant) -> None:
        self._modifications.withdraw(order)
        if self._new_orders.withdraw(order, now):
            return
        order.cancel_left(now.clock)
        self._outbox.send("cancelOrder", {"orderId": order.order_id, "orderCancel": order_cancel}, request)

    def unsent(self, order_id: int | None) -> None:
        """The cancel of that order, or of all, could not be encoded: it never left."""
        for order in self._order_store:
            if order_id in (None, order.order_id):
                order.on_cancel("notSent")

    def recall_abandoned(self, request: Request, params: Data) -> bool:
        """Answer for an order that was given up before; False where it was not."""
        owner = params.get("owner", request.client)
        order = self._order_store.abandoned(owner, params["orderKey"]) if "orderKey" in params else None
        if order is not None and owner != request.client:
            self._checks.foreign(request, owner)
        if order is not None:
            self._outbox.succeed(request, "order", order.facts())
        return order is not None

    def abandon(self, request: Request, params: Data, now: Instant) -> None:
        """Free the key of an order that TWS never had: cancel it, and wait until TWS says that there is none."""
        self._checks.cancel(request)
        order = self._order_store.wanted(request, params, self._checks)
        if params.get("force"):
            self._force(request, order, now)
            return
        if is_exercise(order.record.order):
            message = f"{order.record.key} is an exercise of options: that TWS has nothing to cancel proves nothing"
            raise Refused("invalidParams", message, field="orderKey")
        if self._joins(request, order):
            return
        if order.record.state == "unknown":
            message = f"order {order.record.key} may live or have been executed: {order.record.reason}"
            raise Refused("orderUnknown", message, **order.facts())
        order.abandoning.append(request)
        order.cancel_left(now.clock)
        self._outbox.send("cancelOrder", {"orderId": order.order_id, "orderCancel": {}}, request)

    @staticmethod
    def _joins(request: Request, order: Order) -> bool:
        """Whether the order is given up already, and that is on its way to the disk. Raises Refused for no lost one."""
        if order.record.state == "abandoned":
            order.abandoning.append(request)
            return True
        if order.record.state not in ("unknown", "notFound"):
            message = (
                f"TWS has order {order.record.key}, or has said how it ended: only one that is lost can be given up"
            )
            raise Refused("orderKnown", message, **order.facts())
        return False

    def _force(self, request: Request, order: Order, now: Instant) -> None:
        """An admin decides what evidence cannot. A cancel goes out all the same, as far as TWS is there.

        Of an order that is over the admin decides that no more was executed than is known.
        """
        self._checks.force(request)
        is_over = order.record.state in ("filled", "cancelled") and order.record.final_filled is None
        if not is_over and self._joins(request, order):
            return
        order.abandoning.append(request)
        if not is_over:
            order.cancel_left(now.clock)
            self._outbox.send("cancelOrder", {"orderId": order.order_id, "orderCancel": {}}, None)
        if is_over or self._lifecycle.is_executed(order):
            order.update(final_filled=order.record.filled)
        self._lifecycle.happen(order, "force", now, f"{request.client} gave it up without proof", by=request.client)

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

    def give_up(self, request: Request) -> Data:
        """What is known of the order that an ask without an answer wanted to end."""
        for order in self._order_store:
            for requests in (order.cancelling, order.abandoning):
                if request in requests:
                    requests.remove(request)
                    order.on_cancel("silence")
                    return order.facts()
        return {}

    def _answer(self, requests: list[Request], facts: Data) -> None:
        answered, requests[:] = list(requests), []
        for request in answered:
            self._outbox.succeed(request, "order", facts)

    def _fail(
        self, requests: list[Request], code: str, message: str, order: Order, tws_code: int | None = None
    ) -> None:
        failed, requests[:] = list(requests), []
        for request in failed:
            self._outbox.fail(request, code, message, tws_code, order.facts())
