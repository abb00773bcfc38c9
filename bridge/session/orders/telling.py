"""What TWS tells of orders, and what follows: the state that each is in, and who hears of it.

Finds whose order an event is about, has it numbered for its owner or published for all, and draws the consequences.
"""

from __future__ import annotations

from decimal import Decimal

from bridge.session import codes, names
from bridge.session.effects import Log
from bridge.session.orders import marks
from bridge.session.orders.book import Book, Order
from bridge.session.orders.changes import Changes
from bridge.session.orders.closing import Closing
from bridge.session.orders.executions import Fills
from bridge.session.orders.journal import Journal
from bridge.session.orders.placing import Placing
from bridge.session.orders.previews import Previews
from bridge.session.orders.reconcile import Reconciler
from bridge.session.outlet import Outlet
from bridge.session.records import State
from bridge.session.values import Data, Instant

_STATES: dict[str, State] = {
    "Filled": "filled",
    "Cancelled": "cancelled",
    "ApiCancelled": "cancelled",
    "Inactive": "inactive",
}
_FINAL = frozenset({"filled", "cancelled"})


def _rank(status: str) -> int:
    """How much an order of this status lives: working, held, filled, or gone. What has not been told works."""
    return ("acknowledged", "inactive", "filled", "cancelled").index(_STATES.get(status, "acknowledged"))


class Telling:
    """`client_id`: under which TWS tells us of what we have placed."""

    def __init__(
        self,
        outlet: Outlet,
        book: Book,
        journal: Journal,
        *,
        client_id: int,
        fills: Fills,
        placing: Placing,
        changes: Changes,
        closing: Closing,
        previews: Previews,
        reconciler: Reconciler,
    ) -> None:
        self._outlet = outlet
        self._book = book
        self._journal = journal
        self._client_id = client_id
        self._fills = fills
        self._placing = placing
        self._changes = changes
        self._closing = closing
        self._previews = previews
        self._reconciler = reconciler
        self._external: set[str] = set()

    def on_event(self, name: str, data: Data, now: Instant, *, is_foreign: bool) -> None:
        """An order event. `is_foreign`: TWS has other accounts than the ledger, and no order there is ours."""
        if name == "openOrder" and self._previews.on_open_order(data, self._client_id, now):
            return
        order = None if is_foreign else self._book.belongs(name, data)
        if order is None:
            self._publish_external(name, data, now)
            return
        order.seen = now.clock
        self._reconciler.mention(order)
        if order.is_doubled:
            self._reconciler.doubt(now)
        self._journal.add(order, name, marks.incoming(name, data, order.owner), now, replayed=self._reconciler.asking)
        if name == "execDetails":
            execution = data["execution"]
            self._fills.add(order.order_id, str(execution.get("execId")), execution.get("shares", "0"))
        elif name in ("openOrder", "orderStatus", "completedOrder"):
            self._on_status(order, name, data, now)

    def _publish_external(self, name: str, data: Data, now: Instant) -> None:
        """An order that is not ours: it has no log, but an execution of it is told once too."""
        if name in ("execDetails", "commissionAndFeesReport"):
            report = f"{name} {data.get('execId') or data.get('execution', {}).get('execId')}"
            if report in self._external:
                return
            self._external.add(report)
        prefix = f"order.external.{names.token(self._book.external_key(name, data))}."
        self._journal.show(prefix, name, marks.incoming(name, data, None), now)

    def _on_status(self, order: Order, name: str, data: Data, now: Instant) -> None:
        """TWS's word on how the order stands."""
        order.told = now.clock
        fields, told = data.get("order", {}), data.get("orderState", {})
        status = data.get("status") if name == "orderStatus" else told.get("status")
        filled = data.get("filled") if name == "orderStatus" else fields.get("filledQuantity")
        order.update(status=status or order.record.status, filled=filled or order.record.filled)
        if name == "openOrder":
            self._changes.on_shown(order, fields, now)
        perm_id = str((data if name == "orderStatus" else fields).get("permId"))
        if perm_id in order.incarnations:
            status = self._of_several(order, perm_id, status, now)
        self._enter(order, status, told.get("rejectReason"), now)
        self._closing.on_status(order, status)
        self._reconciler.on_status(order, now)

    def _of_several(self, order: Order, perm_id: str, status: str | None, now: Instant) -> str | None:
        """TWS has several orders of this number: together they stand as the one that lives most."""
        if order.is_doubled:
            order.is_doubled = False
            reason = f"TWS has several orders of the number of this one: {', '.join(order.incarnations)}"
            self._outlet.log(Log("error", f"order {order.order_id} of {order.owner}: {reason}"))
            self._journal.add(order, "conflict", {"reason": reason, **order.facts()}, now)
        order.incarnations[perm_id] = status or ""
        order.update(state="acknowledged" if order.record.state in _FINAL else order.record.state)
        return min(order.incarnations.values(), key=_rank)

    def _enter(self, order: Order, status: str | None, reason: str | None, now: Instant) -> None:
        """The state that follows from a status. What has ended stays so, whatever is repeated late, but for a fill."""
        state = _STATES.get(status or "", "acknowledged")
        if order.record.state == "abandoned" and state == "acknowledged":
            self._revive(order, now)
        if order.record.state == "abandoned" or (order.record.state in _FINAL and state != "filled"):
            return
        dead = state in ("cancelled", "inactive")
        if dead and order.record.state == "rejected":
            return
        if dead and order.record.state == "sent" and not order.cancel_out and not self._has_traded(order):
            self._reject(order, reason or f"TWS says the order is {status}", None)
            return
        order.update(state=state)
        if state in _FINAL:
            order.cancel_at = None
        if state != "acknowledged" and order.changing is not None:
            self._changes.lose(order)
        self._journal.touch(order)
        self._placing.settle(order)

    def _has_traded(self, order: Order) -> bool:
        """Whether any of it is filled: then it was no rejection."""
        return Decimal(order.record.filled) > 0 or self._fills.total(order.order_id) > 0

    def _revive(self, order: Order, now: Instant) -> None:
        """TWS has an order of which it had said that there was none."""
        order.update(state="acknowledged")
        self._book.revive(order)
        reason = "TWS has this order after all, though it had answered a cancel that there was none"
        self._outlet.log(Log("error", f"order {order.order_id} of {order.owner}: {reason}"))
        self._journal.add(order, "conflict", {"reason": reason, **order.facts()}, now)

    def _reject(self, order: Order, message: str, code: int | None) -> None:
        verdict: Data = {"code": "rejectedByTws", "message": message}
        if code is not None:
            verdict["twsCode"] = code
        order.update(state="rejected", verdict=verdict)
        self._journal.touch(order)
        self._placing.settle(order)

    def on_error(self, order_id: int, data: Data, now: Instant) -> bool:
        """Take an error that names an order: a notice on it, its rejection, or the word on its cancel."""
        if self._previews.on_error(order_id, data, now):
            return True
        order = self._book.by_id(order_id)
        if order is None:
            return False
        self._journal.add(order, "error", data, now)
        code, text = data.get("errorCode", 0), data.get("errorMsg", "")
        if code == codes.DUPLICATE_ID:
            self._outlet.send("reqIds", {"numIds": 1})
        if code == codes.CANCELLED and order.incarnations:
            return True  # of which one it does not say: its status does
        if code == codes.CANCELLED:
            order.told = order.seen = now.clock
            order.update(status="Cancelled")
            self._enter(order, "Cancelled", text, now)
            self._closing.on_status(order, "Cancelled")
        elif code in codes.CANCEL_REFUSED and (order.cancel_out or order.abandoning):
            self._closing.on_refused(order, code, text)
            self._reconciler.doubt(now)
        elif not self._changes.on_error(order, text, code) and codes.rejects_order(code) and order.left:
            self._on_rejection(order, code, text, now)
        return True

    def _on_rejection(self, order: Order, code: int, text: str, now: Instant) -> None:
        """TWS says no: to the order, or to a cancel of it."""
        is_about_cancel = (order.cancel_out or order.abandoning) and code not in codes.ABOUT_ORDER
        if is_about_cancel:
            self._closing.on_error(order, code, text)
        if order.record.state in ("sent", "unknown") and not is_about_cancel:
            self._reject(order, text, code)
            return
        if order.record.state == "sent":
            self._placing.lose_sight(order)
        self._reconciler.doubt(now)
