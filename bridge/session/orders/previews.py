"""What-if orders: a question to TWS about margin and fees, in the clothes of an order. It takes an id, and no key."""

from __future__ import annotations

from collections.abc import Callable

from bridge.session import codes
from bridge.session.asks import Ask
from bridge.session.orders import marks
from bridge.session.orders.book import Book
from bridge.session.outlet import Outlet
from bridge.session.records import HighWater
from bridge.session.values import Data, Instant


class Preview:
    """One what-if order under way."""

    def __init__(self, ask: Ask, order_id: int) -> None:
        self.ask = ask
        self.order_id = order_id


class Previews:
    """`obstacle` says why no order may leave now, or None."""

    def __init__(self, outlet: Outlet, book: Book, obstacle: Callable[[], str | None]) -> None:
        self._outlet = outlet
        self._book = book
        self._obstacle = obstacle
        self._open: dict[int, Preview] = {}

    def ask(self, ask: Ask, contract: Data, order: Data) -> None:
        """Ask TWS, when the id is on disk."""
        (order_id,) = self._book.take_ids(1)
        preview = self._open[order_id] = Preview(ask, order_id)
        data = {"orderId": order_id, "contract": contract, "order": marks.grouped(ask.client, order)}
        self._outlet.persist(
            [HighWater(self._book.high_water)],
            lambda _now: self._on_disk(preview, data),
            lambda reason, _now: self.fail(preview, "ledgerFailed", reason),
        )

    def _on_disk(self, preview: Preview, data: Data) -> None:
        if obstacle := self._obstacle():
            self.fail(preview, "notTradable", obstacle)
        elif preview.order_id in self._open:
            self._outlet.send("placeOrder", data, preview)

    def fail(self, preview: Preview, code: str, message: str) -> None:
        self._open.pop(preview.order_id, None)
        self._outlet.fail(preview.ask, code, message)

    def on_open_order(self, data: Data, client_id: int, now: Instant) -> bool:
        """Take TWS's answer; False where it answers none."""
        order = data.get("order", {})
        preview = self._open.get(data.get("orderId", 0))
        if preview is None or order.get("clientId", client_id) != client_id:
            return False
        del self._open[preview.order_id]
        self._outlet.tell(preview.ask, "openOrder", data, now)
        self._outlet.succeed(preview.ask, {"orderId": preview.order_id, "orderState": data.get("orderState", {})})
        return True

    def on_error(self, order_id: int, data: Data, now: Instant) -> bool:
        preview = self._open.get(order_id)
        if preview is None:
            return False
        self._outlet.tell(preview.ask, "error", data, now)
        if codes.rejects_order(data.get("errorCode", 0)):
            del self._open[order_id]
            self._outlet.fail(preview.ask, "rejectedByTws", data.get("errorMsg", ""), data.get("errorCode"))
        return True

    def give_up(self, ask: Ask) -> None:
        for preview in [preview for preview in self._open.values() if preview.ask is ask]:
            del self._open[preview.order_id]

    def connection_lost(self, reason: str) -> None:
        for preview in list(self._open.values()):
            self.fail(preview, "connectionLost", f"the connection to TWS was lost before the answer: {reason}")
