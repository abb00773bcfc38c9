"""Cancels orders: one order, or all orders of a client. Also abandons orders that are lost.

A cancel needs only the connection: it does not wait for the ledger. The bridge abandons an order only with proof that
TWS never had it, and after TWS has answered a cancel that there is no such order; or where an admin forces it.
"""

from __future__ import annotations

from collections.abc import Callable

from bridge.session import codes
from bridge.session.orders.lifecycle import Lifecycle
from bridge.session.orders.modifications import Modifications
from bridge.session.orders.new_orders import NewOrders
from bridge.session.orders.order import Order
from bridge.session.orders.order_facts import named
from bridge.session.orders.order_message import is_exercise
from bridge.session.orders.order_store import OrderStore
from bridge.session.orders.state import ENDED, FINAL, FREE
from bridge.session.outbox import Outbox
from bridge.session.requests import Refused, Request
from bridge.session.rights.pre_trade_checks import PreTradeChecks
from bridge.session.values import Data, Instant

#: Seconds until the bridge sends a cancel again that TWS has not answered, if a client asks for that.
AGAIN = 2.0


class Cancellations:
    """Cancels and abandons orders, and answers the requests for that.

    `new_orders` and `changes` withdraw the orders and changes that the bridge has not sent.
    """

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
        #: Cancels that wait for room: the content, and the request that gets an error if the bridge cannot send it.
        self._waiting: dict[int, tuple[Data, Request | None]] = {}
        #: Cancels that have just left: when (steady clock), and the content. TWS may still answer them.
        self._recent: dict[int, tuple[float, Data]] = {}
        #: Requests whose cancels have not all left, with the order IDs.
        self._cancelling_mine: list[tuple[Request, frozenset[int]]] = []

    # Requests of clients

    def recall_ended(self, request: Request, params: Data) -> bool:
        """Answer a cancel of an order that has ended, without TWS. Returns False where the order has not ended."""
        order = self._order_store.named(request, params)
        if order is None or order.stored.state not in ENDED or order.record.state not in ENDED:
            return False
        self._checks.cancel(request)
        if order.owner != request.client:
            self._checks.foreign(request, order.owner)
        self._outbox.succeed(request, "order", {**order.facts(), "alreadyEnded": True})
        return True

    def cancel(self, request: Request, params: Data, now: Instant) -> None:
        """Cancel one order. The bridge answers when TWS has answered. Raises Refused where there is no such order."""
        if self.recall_ended(request, params):
            return
        order = self._order_store.wanted(request, params, self._checks)
        order.cancelling.append(request)
        if order.record.state not in ENDED:
            self._cancel(order, params.get("orderCancel", {}), request, now)

    def cancel_mine(self, request: Request, params: Data, now: Instant) -> None:
        """Cancel all open orders of the client. The bridge answers with their keys when it has sent the cancels."""
        self._checks.cancel(request)
        orders = [order for order in self._order_store.open(request.client) if order.record.state not in ENDED]
        for order in orders:
            self._cancel(order, params.get("orderCancel", {}), request, now)
        sent = [order.order_id for order in orders if order.record.state not in ENDED]
        self._cancelling_mine.append((request, frozenset(sent)))

        def tell() -> None:
            ended = [
                o for o in orders if o.order_id in sent and o.record.state in ENDED and _is_old(o.cancel_left_at, now)
            ]
            keys = [order.record.key for order in orders if order not in ended]
            self._outbox.succeed(request, "cancelMine", {"orderKeys": keys})

        self._when_left(request, sent, tell)

    def _when_left(self, request: Request, order_ids: list[int], then: Callable[[], None]) -> None:
        """Call `then` when no cancel of these orders waits for room any more, unless the request is answered before."""

        def look() -> None:
            if any(order_id in self._waiting for order_id in order_ids):
                self._outbox.afterwards(look)
                return
            self._cancelling_mine = [known for known in self._cancelling_mine if known[0] is not request]
            if request.answer is None:
                then()

        self._outbox.afterwards(look)

    def withdraw_all(self, now: Instant) -> None:
        """The bridge cancels all orders at TWS: withdraw the orders and changes that it has not sent."""
        for order in self._order_store:
            self._modifications.withdraw(order)
            if not self._new_orders.withdraw(order, now) and order.is_open:
                order.cancel_left(now.clock)
                self._lifecycle.answers.on_asked(order, "cancel", now)
                self._outbox.log("orderCancel", **named(order))

    def drop(self, order: Order, now: Instant) -> None:
        """Cancel an order without a request of a client."""
        self._cancel(order, {}, None, now)

    def _cancel(self, order: Order, content: Data, request: Request | None, now: Instant) -> None:
        self._modifications.withdraw(order)
        if not self._new_orders.withdraw(order, now):
            self._send(order, content, request, now)

    def _send(self, order: Order, content: Data, request: Request | None, now: Instant) -> None:
        """Send a cancel when there is room. A newer cancel of the order takes the place of one that waits."""
        waits = order.order_id in self._waiting
        if waits or not self._has_just_left(order, content, now):
            self._waiting[order.order_id] = (content, request)
        if not waits and order.order_id in self._waiting:
            owner = order.owner if request is None else request.client
            self._outbox.when_room("cancels", 1, lambda later: self._leave(order, later), owner)

    def _leave(self, order: Order, now: Instant) -> None:
        """There is room for the cancel: send it, if the order has not ended meanwhile."""
        content, request = self._waiting.pop(order.order_id)
        if order.record.state in FINAL:
            return
        if not self._outbox.pacer.is_open:
            refused = Refused("notConnected", "the connection to TWS ended before there was room")
            self.unsent(order.order_id, refused)
            if request is not None:
                self._outbox.refuse(request, refused)
            return
        order.cancel_left(now.clock)
        self._lifecycle.answers.on_asked(order, "cancel", now)
        self._outbox.log("orderCancel", **named(order))
        self._recent[order.order_id] = (now.clock, content)
        self._outbox.send("cancelOrder", {"orderId": order.order_id, "orderCancel": content}, request)

    def _has_just_left(self, order: Order, content: Data, now: Instant) -> bool:
        """Whether the same cancel has left just now, and TWS has not refused it."""
        self._recent = {order_id: left for order_id, left in self._recent.items() if not _is_old(left[0], now)}
        return self._recent.get(order.order_id, (0.0, None))[1] == content

    def count(self, request: Request, params: Data, now: Instant) -> int:
        """How many cancels the request sends to TWS."""
        content, orders = params.get("orderCancel", {}), list[Order]()
        match request.method:
            case "cancelMine":
                orders = self._order_store.open(request.client)
            case "cancelOrder" | "abandon" if (order := self._order_store.named(request, params)) is not None:
                orders = [order]
        return sum(
            o.record.state not in ENDED
            and not o.is_here
            and self._waiting.get(o.order_id, (None, None))[0] != content
            and not self._has_just_left(o, content, now)
            for o in orders
        )

    def unsent(self, order_id: int | None, refused: Refused) -> None:
        """The bridge could not encode the cancel of that order (None: of all orders), and did not send it."""
        for order in self._order_store:
            if order_id in (None, order.order_id):
                order.on_cancel("notSent")
        for request, order_ids in self._cancelling_mine:
            if order_id is None or order_id in order_ids:
                self._outbox.refuse(request, refused)

    def recall_abandoned(self, request: Request, params: Data) -> bool:
        """Answer `abandon` for an order that is abandoned already. Returns False where it is not."""
        owner = params.get("owner", request.client)
        order = self._order_store.abandoned(owner, params["orderKey"]) if "orderKey" in params else None
        if order is not None and owner != request.client:
            self._checks.foreign(request, owner)
        if order is not None:
            self._outbox.succeed(request, "order", order.facts())
        return order is not None

    def abandon(self, request: Request, params: Data, now: Instant) -> None:
        """Abandon an order that TWS never had, to free its key: send a cancel, and wait until TWS has no such order.

        Raises Refused `invalidParams` for an option exercise, `orderUnknown` where the order may be working, and
        `orderKnown` where TWS has the order or has reported its end.
        """
        self._checks.cancel(request)
        order = self._order_store.wanted(request, params, self._checks)
        if params.get("force"):
            self._force(request, order, now)
            return
        if is_exercise(order.record.order):
            message = (
                f"{order.record.key} is an option exercise: if TWS answers a cancel that it has no such order, that "
                "does not prove that TWS never had it"
            )
            raise Refused("invalidParams", message, field="orderKey")
        if self._joins(request, order):
            return
        if order.record.state == "unknown":
            message = f"order {order.record.key} may be working, or may have been executed: {order.record.reason}"
            raise Refused("orderUnknown", message, **order.facts())
        order.abandoning.append(request)
        self._send(order, {}, request, now)

    @staticmethod
    def _joins(request: Request, order: Order) -> bool:
        """Whether the order is abandoned already, so that the request only waits for the disk.

        Raises Refused `orderKnown` where the order is not lost.
        """
        if order.record.state == "abandoned":
            order.abandoning.append(request)
            return True
        if order.record.state not in ("unknown", "notFound"):
            message = (
                f"TWS has order {order.record.key}, or has reported its end: a client can abandon lost orders only"
            )
            raise Refused("orderKnown", message, **order.facts())
        return False

    def _force(self, request: Request, order: Order, now: Instant) -> None:
        """Abandon without proof, because an admin decides so. The bridge sends a cancel too, if TWS is connected.

        For an order that has ended, the admin confirms that its known executions are all.
        """
        self._checks.force(request)
        is_over = order.record.state in ("filled", "cancelled") and order.record.final_filled is None
        if not is_over and self._joins(request, order):
            return
        order.abandoning.append(request)
        if not is_over:
            self._send(order, {}, None, now)
        if is_over or self._lifecycle.is_executed(order):
            order.update(final_filled=order.record.filled)
        reason = f"{request.client} abandoned the order without proof"
        self._lifecycle.happen(order, "force", now, reason, by=request.client)

    # Messages of TWS

    def on_stored(self, order: Order) -> None:
        """The record of the order is on disk: answer the settled requests that cancel or abandon it."""
        state = order.stored.state
        if state in FREE and order.record.state not in FREE:
            return  # TWS has sent a message since this write began: the record in memory is newer
        if state in ENDED or order.stored.status == "PendingCancel":
            facts = order.facts() | ({"alreadyEnded": True} if state in ("filled", "rejected") else {})
            self._answer(order.cancelling, facts)
        if state in ENDED or state in ("acknowledged", "inactive"):
            self._answer(order.abandoning, order.facts())
        elif state == order.record.state == "unknown":
            message = order.stored.reason or "TWS may have executed the order"
            self._fail(order.abandoning, "orderUnknown", message, order)

    def on_refused(self, order: Order, code: int, message: str, now: Instant) -> None:
        """TWS refuses a cancel: it has no such order, or the cancel is too late. `code`, `message`: its error."""
        order.on_cancel("refuses")
        self._recent.pop(order.order_id, None)
        if code in codes.NO_SUCH_ORDER and order.abandoning and order.record.state == "notFound":
            self._lifecycle.happen(order, "abandon", now)
        elif code not in codes.NO_SUCH_ORDER:
            self._fail(order.abandoning, "rejectedByTws", message, order, code)
        if order.record.state not in ENDED:
            self._fail(order.cancelling, "rejectedByTws", message, order, code)

    def on_error(self, order: Order, code: int, message: str) -> None:
        """TWS sends an error while a cancel is pending. The error may be about the cancel."""
        order.on_cancel("refuses")
        self._recent.pop(order.order_id, None)
        self._fail(order.cancelling, "rejectedByTws", message, order, code)
        self._fail(order.abandoning, "rejectedByTws", message, order, code)

    def connection_lost(self, order: Order, message: str) -> None:
        """The connection to TWS is lost: fail the requests that cancel or abandon the order."""
        order.on_cancel("silence")
        self._recent.pop(order.order_id, None)
        if order.record.state not in ENDED:
            self._fail(order.cancelling, "connectionLost", message, order)
            self._fail(order.abandoning, "connectionLost", message, order)

    def give_up(self, request: Request) -> Data:
        """The request timed out: stop waiting. Returns the order that it cancels or abandons, or {} without one."""
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


def _is_old(left_at: float, now: Instant) -> bool:
    """Whether a cancel that left then is no longer one that has just left."""
    return now.clock - left_at >= AGAIN
