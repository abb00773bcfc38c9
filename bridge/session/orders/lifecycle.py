"""Applies events to orders: the new state, the log entries, the key, and the states of the cancel and the change.

Every event of an order goes through `happen`, which looks it up in the tables of `state.py` and acts on the transition.
The bridge answers the waiting requests later, when the record is on disk. This module reads no messages of TWS: its
callers translate them into events.
"""

from __future__ import annotations

from decimal import Decimal

from bridge.session.orders.executions import Fills
from bridge.session.orders.ledger_health import RETRY
from bridge.session.orders.order import Order
from bridge.session.orders.order_answers import OrderAnswers
from bridge.session.orders.order_facts import changed, entered, named
from bridge.session.orders.order_log import OrderLog
from bridge.session.orders.order_store import OrderStore
from bridge.session.orders.state import ENDED, FINAL, FREE, ChangeEvent, Event, State
from bridge.session.outbox import Outbox
from bridge.session.requests import Refused
from bridge.session.values import Data, Instant

#: Event -> the first part of the reason of a conflict.
_SAYS: dict[Event, str] = {
    "executed": "TWS reports an execution of the order",
    "executedInFull": "TWS reports executions of the whole order",
    "shownWorking": "TWS shows the order as working",
    "statusWorking": "TWS reports that the order is working",
    "corrected": "TWS has lowered the executed quantity",
    "correctedUnconfirmed": "TWS has lowered the executed quantity, and has not reported status Filled",
    "shownInactive": "TWS shows the order as Inactive",
    "toldInactive": "TWS reports that the order is Inactive",
    "exists": "TWS answers a cancel with an error that proves that it has the order",
    "toldCancelled": "TWS reports that the order is cancelled",
    "toldFilled": "TWS reports that the order is filled",
}
#: State before the event -> the second part of the reason.
_WAS: dict[State, str] = {
    "queued": "the bridge has not sent it",
    "written": "the bridge has not sent it",
    "withdrawn": "the bridge has not sent it",
    "unsent": "the bridge never sent it",
    "filled": "it was executed in full",
    "notFound": "two passes did not find it in TWS's lists",
    "abandoned": "it was abandoned",
    "cancelled": "it was cancelled",
    "rejected": "TWS had rejected it",
}


#: TWS has taken an order that came to one of these states.
_TAKEN: frozenset[State] = frozenset({"acknowledged", "inactive", "filled", "cancelled"})


class Lifecycle:
    """Applies the transition tables to orders."""

    def __init__(self, outbox: Outbox, order_store: OrderStore, order_log: OrderLog, fills: Fills) -> None:
        self._outbox = outbox
        self._order_store = order_store
        self._order_log = order_log
        self._fills = fills
        #: Whether TWS answers orders, cancels and changes.
        self.answers = OrderAnswers()

    def is_executed(self, order: Order) -> bool:
        """Whether TWS has reported an execution or a filled quantity of the order."""
        return self._fills.has_any(order.order_id) or Decimal(order.record.filled) > 0

    def fill_if_full(self, order: Order, now: Instant) -> bool:
        """Apply `executedInFull` where the executions add up to the quantity. Returns whether they do."""
        quantity, total = order.quantity, self._fills.total(order.order_id)
        if quantity is None or total < quantity:
            return False
        order.update(final_filled=f"{total:f}")
        self.happen(order, "executedInFull", now)
        return True

    def happen(
        self, order: Order, event: Event, now: Instant, reason: str | None = None, *,
        verdict: Data | None = None, **entry: str,
    ) -> bool:  # fmt: skip
        """Apply an event to the order. Returns whether its state changed.

        `reason`, `entry`: the reason and more fields for the entry in the order log. `verdict`: the error of the
        order, if its state changes.
        """
        before = order.record.state
        if before in FREE:  # read the disk before anything changes: the order may take its key back
            self._order_store.by_key(order.owner, order.record.key)
        transition = order.happen(event, executed=self.is_executed(order))
        after = order.record.state
        self.answers.on_event(order.order_id, event, now)
        if transition.entry == "conflict" and reason is None:
            reason = f"{_SAYS.get(event, event)}, but {_WAS.get(before, f'it is {before}')}"
        if after != before:
            self._order_store.on_state(order)
            self._count(order, before, event, now)
            if verdict is not None:
                order.update(verdict=verdict)
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
        if after != before:
            self._outbox.add(*entered(order, before, now, reason or entry.get("reason")))
        return after != before

    def _count(self, order: Order, before: State, event: Event, now: Instant) -> None:
        tallies = self._outbox.tallies
        tallies.order_states[order.record.state] += 1
        if before == "sent" and event != "silence" and order.left_at:
            tallies.order_answered.observe(now.clock - order.left_at)
        # What becomes of an order later does not show that TWS takes orders. A change has another `left_at`.
        if before in ("sent", "unknown") and order.record.state in _TAKEN and not order.record.revision:
            self.answers.on_taken(order.left_at)
        if order.record.state == "unknown":
            order.in_doubt_since = now.ts

    def _entered(self, order: Order, before: State) -> None:
        """The state has changed from `before`: update the key, the final quantity, the cancel and the change."""
        if before in FREE and order.record.state not in FREE:
            self._order_store.revive(order)
        if before in FINAL and order.record.state not in FINAL:
            order.update(final_filled=None)
        if order.record.state in ENDED:
            order.on_cancel("confirmed")
            self.on_change(order, "ended")

    def _conflict(self, order: Order, reason: str, once: str | None, now: Instant) -> None:
        """TWS contradicts what it reported before: a person should check. `once`: see `OrderLog.add`."""
        self._outbox.log("orderConflict", **named(order), reason=reason)
        self._log_conflict(order, reason, once, now)

    def _log_conflict(self, order: Order, reason: str, once: str | None, now: Instant) -> None:
        """Add the conflict to the log. If the ledger cannot be read now, try again."""
        try:
            self._order_log.add(order, "conflict", {**order.decided(), "reason": reason}, now, once=once)
        except Refused:
            at = now.clock + RETRY
            self._outbox.timers.at(at, lambda later: self._log_conflict(order, reason, once, later))

    # The newest change

    def on_change(self, order: Order, event: ChangeEvent) -> bool:
        """Apply an event to the newest change. Returns whether that settles the change.

        The bridge answers the requests that wait for a settled change when it is on disk.
        """
        was = order.record.change
        if not order.on_change(event):
            reason = f"event {event} cannot happen to a change in state {was}"
            self._outbox.log("orderConflict", **named(order), reason=reason)
            return False
        self._order_store.on_state(order)
        if order.record.change not in (was, "queued"):
            self._outbox.log("orderChange", **changed(order))
        if order.record.change not in ("queued", "sent", "unknown"):
            order.update(before=None)
        if order.record.change in ("queued", "sent"):
            return False
        self._order_log.touch(order)
        if order.changing is not None:
            order.changed.append(order.changing)
            order.changing = None
        return was != order.record.change
