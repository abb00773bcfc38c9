"""Translates TWS's messages about orders into events of the state machine.

For each message the bridge finds the order, adds the message to the log of its owner (or publishes it as external),
and applies the event to the order. Only this module interprets order statuses and error codes.
"""

from __future__ import annotations

from decimal import Decimal

from bridge.session import codes
from bridge.session.orders import order_message
from bridge.session.orders.cancellations import Cancellations
from bridge.session.orders.executions import Fills, figure, root_of
from bridge.session.orders.external_orders import ExternalOrders
from bridge.session.orders.lifecycle import Lifecycle
from bridge.session.orders.modifications import Modifications
from bridge.session.orders.order import Order
from bridge.session.orders.order_facts import fill
from bridge.session.orders.order_log import OrderLog
from bridge.session.orders.order_store import OrderStore
from bridge.session.orders.reconcile import Reconciler
from bridge.session.orders.state import ENDED, FINAL, Event, State
from bridge.session.orders.what_if import WhatIfOrders
from bridge.session.outbox import Outbox
from bridge.session.values import Data, Instant

_EVENTS: dict[str, Event] = {
    "Filled": "toldFilled",
    "Cancelled": "toldCancelled",
    "ApiCancelled": "toldCancelled",
    "Inactive": "toldInactive",
}
#: From working to ended. Where TWS has several orders with one ID, the first of these events that fits one of them
#: decides for all.
_LIVELIEST: tuple[Event, ...] = ("statusWorking", "toldInactive", "toldFilled", "toldCancelled")
#: The event where an openOrder reports the status.
_SHOWN: dict[Event, Event] = {"statusWorking": "shownWorking", "toldInactive": "shownInactive"}
#: State -> the events that agree with it. Any other event that does not change the state arrived late.
_AGREE: dict[State, frozenset[Event]] = {
    "filled": frozenset({"toldFilled"}),
    "cancelled": frozenset({"toldCancelled"}),
    "rejected": frozenset({"toldCancelled", "toldInactive", "shownInactive"}),
    "abandoned": frozenset({"toldCancelled"}),
}


def event_of(name: str, status: str | None) -> Event:
    """The event for a message with that status. A completedOrder has ended, even where its status is Inactive."""
    event = _EVENTS.get(status or "", "statusWorking")
    if name == "completedOrder":
        return "toldFilled" if event == "toldFilled" else "toldCancelled"
    return _SHOWN.get(event, event) if name == "openOrder" else event


class OrderEvents:
    """Takes the messages and errors of TWS that are about orders. `client_id`: the bridge's client ID at TWS."""

    def __init__(
        self,
        outbox: Outbox,
        order_store: OrderStore,
        order_log: OrderLog,
        *,
        client_id: int,
        fills: Fills,
        lifecycle: Lifecycle,
        changes: Modifications,
        cancellations: Cancellations,
        what_if: WhatIfOrders,
        reconciler: Reconciler,
        external: ExternalOrders,
    ) -> None:
        self._outbox = outbox
        self._order_store = order_store
        self._order_log = order_log
        self._client_id = client_id
        self._fills = fills
        self._lifecycle = lifecycle
        self._modifications = changes
        self._cancellations = cancellations
        self._what_if = what_if
        self._reconciler = reconciler
        self._external = external

    def on_event(self, name: str, data: Data, now: Instant, *, is_foreign: bool) -> None:
        """Take an order message of TWS.

        `name`: the callback. `data`: its fields. `is_foreign`: TWS has other accounts than the ledger, so that no
        order at TWS is one of this bridge.
        """
        if name == "openOrder" and self._what_if.on_open_order(data, self._client_id, now):
            return
        order = None if is_foreign else self._order_store.belongs(name, data)
        if order is None:
            self._external.publish(name, data, self._order_store.external_key(name, data), now)
            return
        self._lifecycle.answers.on_message(order.order_id, now)
        self._reconciler.mention(order, now)
        self._order_log.add(
            order, name, order_message.incoming(name, data, order.owner), now, replayed=self._reconciler.asking
        )
        order.update(heard=True)
        if order.is_doubled:
            self._on_doubled(order, now)
        if name == "execDetails":
            self._on_execution(order, data, now)
        elif name in ("openOrder", "orderStatus", "completedOrder"):
            self._on_status(order, name, data, now)

    def _on_doubled(self, order: Order, now: Instant) -> None:
        """TWS has several orders with this order ID."""
        order.is_doubled = False
        reason = f"TWS has several orders with this order ID; their permIds: {', '.join(order.incarnations)}"
        self._lifecycle.happen(order, "doubled", now, reason)
        self._reconciler.revived(order, None)
        self._reconciler.doubt(now)

    # Executions

    def _on_execution(self, order: Order, data: Data, now: Instant) -> None:
        execution: Data = data["execution"]
        exec_id = str(execution.get("execId"))
        shares = execution.get("shares") if order.counts(data.get("contract", {})) else None
        is_new = root_of(exec_id) not in self._fills.roots(order.order_id)
        delta = self._fills.add(order.order_id, exec_id, shares)
        if data.get("reqId", -1) != -1:
            self._reconciler.listed(order, exec_id)
        total, filled = self._fills.total(order.order_id), Decimal(order.record.filled)
        order.update(filled=f"{max(total, filled + delta if delta < 0 else filled):f}")
        if is_new or delta:
            self._log_fill(order, data, is_new=is_new)
        if delta < 0:
            self._on_correction(order, now)
        elif delta and order.record.final_filled is not None and total > Decimal(order.record.final_filled):
            order.update(final_filled=None)  # more than the final quantity of TWS: the next pass decides
        if not self._lifecycle.fill_if_full(order, now) and (is_new or delta):
            self._happen(order, "executed", now)  # each pass repeats all executions; a repeat proves nothing
        self._reconciler.ended(order, now)
        self._reconciler.on_figures(order, now)

    def _log_fill(self, order: Order, data: Data, *, is_new: bool) -> None:
        facts = {**fill(order, data), "cumulative": order.record.filled}
        self._outbox.log("orderFill" if is_new else "orderFillCorrected", **facts)

    def _on_correction(self, order: Order, now: Instant) -> None:
        if order.record.final_filled is not None:
            order.update(final_filled=order.record.filled)
        quantity = order.quantity
        if quantity is not None and Decimal(order.record.filled) < quantity:
            is_confirmed = order.record.status == "Filled"
            self._happen(order, "corrected" if is_confirmed else "correctedUnconfirmed", now)

    def _happen(self, order: Order, event: Event, now: Instant) -> None:
        """Apply an event. Where the order becomes `unknown` by it, plan a pass."""
        moved = self._lifecycle.happen(order, event, now, order.record.reason)
        if moved and order.record.state == "unknown":
            self._reconciler.doubt(now)

    # Statuses

    def _on_status(self, order: Order, name: str, data: Data, now: Instant) -> None:
        """Take an openOrder, orderStatus or completedOrder."""
        fields, told = data.get("order", {}), data.get("orderState", {})
        status = data.get("status") if name == "orderStatus" else told.get("status")
        filled = figure(data.get("filled") if name == "orderStatus" else fields.get("filledQuantity"))
        if name != "completedOrder" or not order.incarnations:  # the end of one proves nothing about the others
            self._reconciler.spoke(order, now, listed=name != "orderStatus")
        if name == "openOrder":
            order.shown = fields
            self._modifications.on_shown(order, fields, now)
        event = event_of(name, status)
        perm_id = str((data if name == "orderStatus" else fields).get("permId"))
        if perm_id in order.incarnations:
            # A completedOrder has ended, even where its status is Inactive.
            event = self._of_several(order, perm_id, "Cancelled" if event == "toldCancelled" else status)
            if name == "completedOrder" and event in ("statusWorking", "toldInactive"):
                event = "error"
        if filled is None and event == "toldFilled" and order.record.before is None:
            filled = order.quantity
        final = Decimal(order.record.final_filled or 0)
        if filled is not None and self._fills.is_superseded(order.order_id, filled, final):
            filled = None
        self._on_figure(order, filled, now)
        self._enter(order, event, status, now)
        if filled is not None and event in ("toldFilled", "toldCancelled"):
            self._on_final_figure(order, filled)
        if order.record.state not in FINAL:
            self._lifecycle.fill_if_full(order, now)  # a settled change may have lowered the quantity
        self._reconciler.on_figures(order, now)

    def _on_figure(self, order: Order, filled: Decimal | None, now: Instant) -> None:
        """Take the filled quantity that TWS reports. A lower quantity than before arrived late, and does not count."""
        if filled is not None and filled > Decimal(order.record.filled):
            order.update(filled=f"{filled:f}")
            self._happen(order, "executed", now)

    def _on_final_figure(self, order: Order, filled: Decimal) -> None:
        known = Decimal(order.record.final_filled or 0)
        if order.record.state in ("filled", "cancelled") and filled >= max(known, Decimal(order.record.filled)):
            order.update(final_filled=f"{filled:f}")

    def _of_several(self, order: Order, perm_id: str, status: str | None) -> Event:
        """The event for all orders with this ID together: the first of `_LIVELIEST` that fits one of them."""
        order.incarnations[perm_id] = status or ""
        return min((event_of("orderStatus", word) for word in order.incarnations.values()), key=_LIVELIEST.index)

    def _enter(self, order: Order, event: Event, status: str | None, now: Instant) -> None:
        """Apply the event of a status. A status that arrived late changes nothing, and the next pass checks it."""
        before = order.record.state
        moved = self._lifecycle.happen(order, event, now)
        is_late = before in _AGREE and event not in _AGREE[before] and not moved
        if status and not is_late:
            order.update(status=status)
        if is_late and before != "filled":
            self._reconciler.doubt(now)
        if event in ("shownWorking", "statusWorking"):
            self._reconciler.refused(order, None)
        elif order.record.state == "inactive" and not order.cancel_has_left:
            # After a cancel, TWS may have refused the cancel and not the order. Then the next pass decides.
            self._reject_if_refused(order, now)
        if before in ENDED and order.record.state not in ENDED:
            self._reconciler.revived(order, before if before in FINAL else None)
            self._reconciler.doubt(now)
        self._reconciler.ended(order, now)

    # Errors

    def on_error(self, order_id: int, data: Data, now: Instant) -> bool:
        """Take an error with this order ID: a notice, a rejection, or the answer to a cancel or a change.

        `data`: the fields of the error. Returns False where the bridge has no order with that ID.
        """
        if self._what_if.on_error(order_id, data, now):
            return True
        order = self._order_store.by_id(order_id)
        if order is None:
            return False
        self._lifecycle.answers.on_message(order.order_id, now)
        self._order_log.add(order, "error", data, now)
        code, text = data.get("errorCode", 0), data.get("errorMsg", "")
        if code == codes.DUPLICATE_ID:
            self._outbox.send("reqIds", {"numIds": 1})
        if codes.shows_order(code) and not order.is_here:
            order.update(heard=True)
            if self._lifecycle.happen(order, "exists", now):
                self._reconciler.doubt(now)
        if code == codes.CANCELLED:
            self._on_cancelled(order, now)
        elif code in codes.CANCEL_REFUSED and (order.life.cancel in ("pending", "unanswered") or order.abandoning):
            self._cancellations.on_refused(order, code, text, now)
            self._reconciler.doubt(now)
        elif self._modifications.on_error(order, text, code):
            self._lifecycle.fill_if_full(order, now)
        elif codes.rejects_order(code) and not order.is_here:
            self._on_rejection(order, code, text, now)
        return True

    def _on_cancelled(self, order: Order, now: Instant) -> None:
        """Take error 202. Where TWS has several orders with this ID, only their statuses say which one has ended."""
        if order.incarnations:
            return
        self._reconciler.mention(order, now)
        self._reconciler.spoke(order, now)
        order.update(heard=True)
        self._enter(order, "toldCancelled", None, now)
        if order.record.state == "cancelled":
            order.update(status="Cancelled")

    def _on_rejection(self, order: Order, code: int, text: str, now: Instant) -> None:
        """TWS has refused the order, or its cancel."""
        verdict: Data = {"code": "rejectedByTws", "message": text, "twsCode": code}
        if (order.cancel_has_left or order.abandoning) and code not in codes.ABOUT_ORDER:
            self._cancellations.on_error(order, code, text)
            if order.record.state == "sent":
                self._lifecycle.happen(order, "silence", now, text)
        elif self._reject(order, verdict, now):
            return
        if order.record.state == "acknowledged" and order.record.change not in ("sent", "unknown"):
            self._reconciler.refused(order, verdict)
        self._reconciler.doubt(now)

    def _reject_if_refused(self, order: Order, now: Instant) -> None:
        if (verdict := self._reconciler.refusal_of(order)) is not None:
            self._reject(order, verdict, now)

    def _reject(self, order: Order, verdict: Data, now: Instant) -> bool:
        """TWS refuses the order. Returns whether its state becomes `rejected`."""
        return self._lifecycle.happen(order, "rejects", now, verdict=verdict)
