"""What an event means for an order besides its next state: log entries, its key, how its cancel and change stand.

Every event of an order's life goes through `happen`, which asks the tables of `state.py` and carries out what they say.
Whoever waits is answered when the record is on disk. Knows no message of TWS: what a message means is told to it as
events.
"""

from __future__ import annotations

from decimal import Decimal

from bridge.session.effects import Log
from bridge.session.orders.executions import Fills
from bridge.session.orders.order import Order
from bridge.session.orders.order_log import OrderLog
from bridge.session.orders.order_store import OrderStore
from bridge.session.orders.state import ENDED, FINAL, FREE, ChangeEvent, Event, State
from bridge.session.outbox import Outbox
from bridge.session.values import Data, Instant

#: How a conflict says what TWS has said.
_SAYS: dict[Event, str] = {
    "executed": "TWS tells an execution of the order",
    "executedInFull": "TWS tells executions of the whole order",
    "shownWorking": "TWS shows the order alive",
    "statusWorking": "TWS says that the order works",
    "corrected": "TWS has taken back something of what was executed",
    "shownInactive": "TWS shows the order as Inactive",
    "toldInactive": "TWS says that it holds the order inactive",
    "exists": "TWS answers a cancel as if it had the order",
    "toldCancelled": "TWS says that the order was cancelled",
    "toldFilled": "TWS says that the order is filled",
}
_WAS: dict[State, str] = {
    "queued": "it has not left",
    "written": "it has not left",
    "withdrawn": "it has not left",
    "unsent": "it never left",
    "filled": "it was executed in full",
    "notFound": "TWS had not had it in two passes over its lists",
    "abandoned": "it was given up",
    "cancelled": "TWS had said that it was cancelled",
    "rejected": "TWS had refused it",
}


class Lifecycle:
    def __init__(self, outbox: Outbox, order_store: OrderStore, order_log: OrderLog, fills: Fills) -> None:
        self._outbox = outbox
        self._order_store = order_store
        self._order_log = order_log
        self._fills = fills

    def is_executed(self, order: Order) -> bool:
        """Whether anything of it was executed, as far as TWS has told."""
        return self._fills.has_any(order.order_id) or Decimal(order.record.filled) > 0

    def fill_if_full(self, order: Order, now: Instant) -> bool:
        """Where its executions add up to its quantity, the order is filled; whether they do."""
        quantity, total = order.quantity, self._fills.total(order.order_id)
        if quantity is None or total < quantity:
            return False
        order.update(final_filled=f"{total:f}")
        self.happen(order, "executedInFull", now)
        return True

    def happen(self, order: Order, event: Event, now: Instant, reason: str | None = None, **entry: str) -> bool:
        """The event happens to the order; whether its state changed. `reason` and `entry`: for the log's entry."""
        before = order.record.state
        transition = order.happen(event, executed=self.is_executed(order))
        after = order.record.state
        if transition.entry == "conflict" and reason is None:
            reason = f"{_SAYS.get(event, event)}, but {_WAS.get(before, f'it is {before}')}"
        if after != before:
            self._entered(order, before)
        if after == "unknown" or order.record.reason is not None:
            order.update(reason=(reason or order.record.reason) if after == "unknown" else None)
        if transition.entry == "conflict":
            is_repeat = after == before and event != "doubled"
            self._conflict(order, reason or "", f"{order.order_id} {event} {before}" if is_repeat else None, now)
        elif transition.entry is not None:
            told: Data = {**order.decided(), "reason": reason or "", **entry}
            told |= {"unrecoverable": True} if transition.entry == "orderGap" else {}
            self._order_log.add(order, transition.entry, told, now)
        self._order_log.touch(order)
        return after != before

    def _entered(self, order: Order, before: State) -> None:
        if before in FREE and order.record.state not in FREE:
            self._order_store.revive(order)
        if before in FINAL and order.record.state not in FINAL:
            order.update(final_filled=None)
        if order.record.state in ENDED:
            order.on_cancel("confirmed")
            self.on_change(order, "ended")

    def _conflict(self, order: Order, reason: str, once: str | None, now: Instant) -> None:
        """What TWS says contradicts what was known: a person should look. `once`: said one time only."""
        self._outbox.log(Log("error", f"order {order.order_id} of {order.owner}: {reason}"))
        self._order_log.add(order, "conflict", {**order.decided(), "reason": reason}, now, once=once)

    # Its newest change

    def on_change(self, order: Order, event: ChangeEvent) -> bool:
        """Something happens to its change; whether that settles it: who waits for it is answered when it is on disk."""
        was = order.record.change
        if not order.on_change(event):
            reason = f"{event} of a change that is {was}"
            self._outbox.log(Log("error", f"order {order.order_id} of {order.owner}: {reason}"))
            return False
        if order.record.change not in ("queued", "sent", "unknown"):
            order.update(before=None)
        if order.record.change in ("queued", "sent"):
            return False
        self._order_log.touch(order)
        if order.changing is not None:
            order.changed.append(order.changing)
            order.changing = None
        return was != order.record.change
