"""What-if orders: a placeOrder that only asks TWS for margin and commission. It has an order ID, but no key."""

from __future__ import annotations

from collections.abc import Callable

from bridge.session import codes
from bridge.session.orders import order_message
from bridge.session.orders.order_store import OrderStore
from bridge.session.outbox import Outbox
from bridge.session.records import HighWater
from bridge.session.requests import Refused, Request
from bridge.session.values import Data, Instant


class WhatIfOrder:
    """One what-if order that TWS has not answered."""

    def __init__(self, request: Request, order_id: int, contract: Data) -> None:
        self.request = request
        self.order_id = order_id
        self.contract = contract


class WhatIfOrders:
    """Sends what-if orders and answers their requests.

    `not_tradable_reason`: returns why the bridge sends no orders now, or None.
    """

    def __init__(self, outbox: Outbox, order_store: OrderStore, not_tradable_reason: Callable[[], str | None]) -> None:
        self._outbox = outbox
        self._order_store = order_store
        self._not_tradable_reason = not_tradable_reason
        self._open: dict[int, WhatIfOrder] = {}

    def ask(self, request: Request, contract: Data, order: Data) -> None:
        """Write the order ID to disk, then send the what-if order."""
        (order_id,) = self._order_store.take_ids(1)
        what_if_order = self._open[order_id] = WhatIfOrder(request, order_id, contract)
        data = {"orderId": order_id, "contract": contract, "order": order_message.grouped(request.client, order)}
        self._outbox.persist_to_send(
            1,
            [HighWater(self._order_store.high_water)],
            lambda _now: self._outbox.when_room("orders", 1, lambda _later: self._leave(what_if_order, data)),
            lambda reason, _now: self.fail(what_if_order, "ledgerFailed", reason),
        )

    def _leave(self, what_if_order: WhatIfOrder, data: Data) -> None:
        """There is room for the what-if order: send it, if somebody still waits for the answer."""
        if what_if_order.order_id not in self._open:
            return
        if not_tradable_reason := self._not_tradable_reason():
            self.fail(what_if_order, "notTradable", not_tradable_reason)
        else:
            self._outbox.send("placeOrder", data, what_if_order)

    def fail(self, what_if_order: WhatIfOrder, code: str, message: str) -> None:
        """Answer the request with an error."""
        self.refuse(what_if_order, Refused(code, message))

    def refuse(self, what_if_order: WhatIfOrder, refused: Refused) -> None:
        """Answer the request with this error."""
        self._open.pop(what_if_order.order_id, None)
        self._outbox.refuse(what_if_order.request, refused)

    def on_open_order(self, data: Data, client_id: int, now: Instant) -> bool:
        """Take an openOrder. Returns whether it answers a what-if order."""
        order = data.get("order", {})
        what_if_order = self._open.get(data.get("orderId", 0))
        if what_if_order is None or order.get("clientId", client_id) != client_id:
            return False
        del self._open[what_if_order.order_id]
        self._outbox.tell(what_if_order.request, "openOrder", data, now)
        told = {"orderId": what_if_order.order_id, "orderState": data.get("orderState", {})}
        self._outbox.succeed(what_if_order.request, "preview", told)
        return True

    def on_error(self, order_id: int, data: Data, now: Instant) -> bool:
        """Take an error of TWS. Returns whether it is about a what-if order."""
        what_if_order = self._open.get(order_id)
        if what_if_order is None:
            return False
        self._outbox.tell(what_if_order.request, "error", data, now)
        if codes.rejects_order(data.get("errorCode", 0)):
            del self._open[order_id]
            self._outbox.fail(what_if_order.request, "rejectedByTws", data.get("errorMsg", ""), data.get("errorCode"))
        return True

    def contract_of(self, order_id: int) -> Data | None:
        """Return the contract of the open what-if order with that ID, or None."""
        what_if_order = self._open.get(order_id)
        return None if what_if_order is None else what_if_order.contract

    def give_up(self, request: Request) -> bool:
        """Nobody waits for the answer any more: ignore it. Returns whether the request has a what-if order open."""
        given_up = [order for order in self._open.values() if order.request is request]
        for what_if_order in given_up:
            del self._open[what_if_order.order_id]
        return bool(given_up)

    def connection_lost(self, reason: str) -> None:
        """The connection to TWS is lost: fail all what-if orders."""
        for what_if_order in list(self._open.values()):
            self.fail(what_if_order, "connectionLost", f"the connection to TWS was lost before TWS answered: {reason}")
