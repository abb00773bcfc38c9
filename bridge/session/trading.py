"""Orders of clients: placed, changed, cancelled, and every order event brought to its owner's topic.

Decides; `orders` remembers whose an order is. An order is answered at TWS's first word on it. Knows no stream.
"""

from __future__ import annotations

from bridge.session import codes, names
from bridge.session.asks import Ask
from bridge.session.effects import Data, Instant, Log
from bridge.session.guard import Guard
from bridge.session.orders import CANCELLING, DEAD, KEY, Order, Orders, untagged
from bridge.session.outlet import Outlet

METHODS = frozenset({"placeOrder", "cancelOrder"})


class Trading:
    def __init__(self, outlet: Outlet, client_id: int, guard: Guard) -> None:
        self._outlet = outlet
        self._guard = guard
        self._orders = Orders(client_id)

    # What clients want

    def run(self, ask: Ask, params: Data, now: Instant) -> None:
        """Place, change or cancel an order; raise Refused where the client may not."""
        if ask.method == "cancelOrder":
            self._cancel(ask, params)
        elif "orderId" in params:
            self._change(ask, params, now)
        else:
            self._place(ask, params, now)

    def _place(self, ask: Ask, params: Data, now: Instant) -> None:
        content = {name: value for name, value in params.items() if name != "orderKey"}
        key = params.get("orderKey") or _key(ask.id)
        if not self._orders.has(ask.client, key):
            self._guard.place(ask, content, self._orders.open(ask.client), now)
        order, is_new = self._orders.place(ask, key, content)
        if not is_new and not order.placing:
            self._outlet.succeed(ask, order.facts())
            return
        order.placing.append(ask)
        if is_new:
            self._send(order, content)

    def _change(self, ask: Ask, params: Data, now: Instant) -> None:
        order = self._owned(ask, params["orderId"], None)
        content = {name: value for name, value in params.items() if name not in ("orderId", "orderKey")}
        self._guard.modify(ask, order.content or {}, content, now)
        order.content = content
        order.placing.append(ask)
        self._send(order, order.content)

    def _cancel(self, ask: Ask, params: Data) -> None:
        self._guard.cancel(ask)
        order = self._owned(ask, params.get("orderId"), params.get("orderKey"))
        order.cancelling.append(ask)
        data = {"orderId": order.order_id, "orderCancel": params.get("orderCancel", {})}
        self._outlet.send("cancelOrder", data, ask)

    def _owned(self, ask: Ask, order_id: int | None, key: str | None) -> Order:
        """The order of that id or key, if the client may change it; raise Refused."""
        order = self._orders.named(ask, order_id, key)
        if order.owner != ask.client:
            self._guard.foreign(ask, order.owner)
        return order

    def _send(self, order: Order, content: Data) -> None:
        tagged = self._orders.tagged(order, content["order"])
        self._outlet.send("placeOrder", {"orderId": order.order_id, **content, "order": tagged}, order)

    # What TWS says

    def allow_from(self, order_id: int) -> None:
        """Take nextValidId into account."""
        if diagnosis := self._orders.allow_from(order_id):
            self._outlet.log(Log("error", diagnosis))

    def on_event(self, name: str, data: Data, now: Instant) -> None:
        """Publish an order event where it belongs, and answer who waited for it."""
        order = self._orders.belongs(name, data)
        if self._orders.is_repeat(name, data):
            return
        external = f"order.external.{self._orders.external_key(name, data)}."
        prefix = external if order is None else order.prefix
        data = untagged(name, data)
        self._outlet.publish(prefix, name, data, now)
        if order is not None:
            self._settle(order, name, data)

    def _settle(self, order: Order, name: str, data: Data) -> None:
        """TWS's word on an order: its status, and the answer to who placed or cancels it."""
        state = data.get("orderState", {})
        status = data.get("status") if name == "orderStatus" else state.get("status")
        if name not in ("orderStatus", "openOrder"):
            return
        if order.content is not None and order.content["order"].get("whatIf"):
            self._answer_placing(order, {"orderState": state})
            self._orders.forget(order)
            return
        order.status = status or order.status
        if status in DEAD and order.placing:
            message = state.get("rejectReason") or f"TWS says the order is {status}"
            self._fail_placing(order, "rejectedByTws", message)
        self._answer_placing(order, {})
        if status in CANCELLING:
            self._answer_cancelling(order)

    def on_error(self, order_id: int, data: Data, now: Instant) -> bool:
        """Take an error that names an order: a notice on it, its rejection, or the word on its cancel."""
        order = self._orders.by_id(order_id)
        if order is None:
            return False
        self._outlet.pass_on(order.prefix, "error", data, now)
        code, text = data.get("errorCode", 0), data.get("errorMsg", "")
        if code == codes.CANCELLED:
            order.status = "Cancelled"
            self._fail_placing(order, "rejectedByTws", text, code)
            self._answer_cancelling(order)
        elif code in codes.CANCEL_REFUSED:
            cancelling, order.cancelling = order.cancelling, []
            for ask in cancelling:
                self._outlet.fail(ask, "rejectedByTws", text, code, order.facts())
        elif order.placing and codes.rejects_order(code):
            if order.status is None:
                order.status = "Inactive"
            self._fail_placing(order, "rejectedByTws", text, code)
        return True

    # What else ends a wait

    def unsendable(self, order: Order, message: str) -> None:
        """The order could not be encoded: it never left. A change that could not leaves the order as it was."""
        self._fail_placing(order, "invalidParams", message)
        if order.status is None:
            self._orders.forget(order)

    def unanswered(self, ask: Ask) -> Data:
        """What is known of the order of an ask that got no answer in time."""
        for order in self._orders:
            if ask in order.placing:
                order.placing.remove(ask)
                return {**order.facts(), "state": "unknown"}
            if ask in order.cancelling:
                order.cancelling.remove(ask)
                return order.facts()
        return {}

    def connection_lost(self, reason: str) -> None:
        message = f"the connection to TWS was lost before its word on the order, which may live: {reason}"
        for order in self._orders:
            self._fail_placing(order, "connectionLost", message, data={"state": "unknown"})
            cancelling, order.cancelling = order.cancelling, []
            for ask in cancelling:
                self._outlet.fail(ask, "connectionLost", message, data=order.facts())

    def _answer_placing(self, order: Order, more: Data) -> None:
        placing, order.placing = order.placing, []
        for ask in placing:
            self._outlet.succeed(ask, order.facts() | more)

    def _answer_cancelling(self, order: Order) -> None:
        cancelling, order.cancelling = order.cancelling, []
        for ask in cancelling:
            self._outlet.succeed(ask, order.facts())

    def _fail_placing(
        self, order: Order, code: str, message: str, tws_code: int | None = None, data: Data | None = None
    ) -> None:
        placing, order.placing = order.placing, []
        for ask in placing:
            self._outlet.fail(ask, code, message, tws_code, order.facts() | (data or {}))


def _key(request_id: str) -> str:
    """The order key of an order whose client named none: its request's id, in the characters of a key."""
    return request_id if KEY.fullmatch(request_id) else names.token(request_id)
