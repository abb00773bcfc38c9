"""Whether TWS answers the orders, cancels and changes that the bridge sends.

TWS answers them within a second. If it does not, a dialog of TWS may hold them, or TWS does not read.

* Orders: any message about an order is its answer, and shows that TWS works. Without one, the doubt ends when the
  bridge has not sent the order, or knows that TWS does not have it, when two passes have missed it, with the
  connection, or after `LASTS`.
* Cancels and changes: the bridge looks at the order itself whether it is cancelled or changed. Other messages about the
  order prove nothing.
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

from bridge.session.orders.order import Order
from bridge.session.orders.state import ENDED, Event
from bridge.session.values import Instant

#: Seconds without an answer, after which orders count as unanswered.
SLOW = 10.0
#: Seconds after the last order that TWS has not answered, for which it counts. The same for each cancel and change.
LASTS = 600.0

Kind = Literal["cancel", "change"]

#: After these events TWS does not owe an answer any more, though it has not sent one.
NOT_OWED: frozenset[Event] = frozenset({"heldBack", "abandon", "force", "forceOver", "provenAbsent", "provenOver"})


class Unanswered(NamedTuple):
    """How many cancels and changes TWS has not answered, and for how many seconds the oldest of them."""

    cancels: int
    changes: int
    seconds: float


class OrderAnswers:
    """See the module. An order waits from when it leaves until TWS sends a message about it, or about a later one:
    then TWS works, and the bridge looks for the earlier order in TWS's lists.
    """

    def __init__(self) -> None:
        #: Order ID -> when it left (steady clock), the oldest first.
        self._waiting: dict[int, float] = {}
        #: Order ID -> when the first complete pass ended that missed it.
        self._missed: dict[int, float] = {}
        #: Cancels and changes -> when they left.
        self._asked: dict[tuple[int, Kind], tuple[Order, float]] = {}
        self._last_left = -math.inf
        #: When TWS last answered an order that waited.
        self._answered_at = -math.inf
        #: When the bridge last went on after it had stood still.
        self._resumed_at = -math.inf
        #: When the newest order left that TWS has taken.
        self.taken_left_at = -math.inf

    # Orders

    def on_left(self, order_id: int, now: Instant) -> None:
        """The bridge has sent the order."""
        self._waiting[order_id] = self._last_left = now.clock

    def on_message(self, order_id: int, now: Instant) -> None:
        """TWS has sent a message about the order."""
        left = self._waiting.get(order_id)
        if left is not None:
            self._answered_at = now.clock
            self._waiting = {other: at for other, at in self._waiting.items() if at > left}
            self._missed = {other: at for other, at in self._missed.items() if other in self._waiting}

    def on_taken(self, left_at: float) -> None:
        """TWS has taken an order that left then."""
        self.taken_left_at = max(self.taken_left_at, left_at)

    def on_event(self, order_id: int, event: Event, now: Instant) -> None:
        """An event of the order: the bridge has sent it, or TWS does not owe an answer to it."""
        if event == "left":
            self.on_left(order_id, now)
        elif event in NOT_OWED:
            self._drop(order_id)

    def on_missed(self, order_id: int, pause: float, now: Instant) -> None:
        """A complete pass has not found the order. After two of them, `pause` apart, nobody expects its answer."""
        if order_id in self._waiting and now.clock - self._missed.setdefault(order_id, now.clock) >= pause:
            self._drop(order_id)

    def _drop(self, order_id: int) -> None:
        self._waiting.pop(order_id, None)
        self._missed.pop(order_id, None)

    # Cancels and changes

    def on_asked(self, order: Order, kind: Kind, now: Instant) -> None:
        """The bridge has sent a cancel or a change of the order."""
        self._asked.setdefault((order.order_id, kind), (order, now.clock))

    def unanswered(self, now: Instant) -> Unanswered | None:
        """Return which cancels and changes have waited for long; None for none."""
        self._asked = {
            (order_id, kind): (order, left)
            for (order_id, kind), (order, left) in self._asked.items()
            if _is_open(order, kind) and now.clock - left <= LASTS
        }
        found = [(kind, seconds) for (_, kind), (_, left) in self._asked.items() if (seconds := self._age(left, now))]
        cancels = sum(kind == "cancel" for kind, _ in found)
        return Unanswered(cancels, len(found) - cancels, max(age for _, age in found)) if found else None

    # Both

    def forget(self) -> None:
        """A new connection begins."""
        self._waiting.clear()
        self._missed.clear()
        self._asked.clear()

    def resume(self, now: Instant) -> None:
        """The bridge stood still: what TWS sent meanwhile is unread, so silence counts from now."""
        self._resumed_at = now.clock

    def silent_for(self, now: Instant) -> float | None:
        """Return for how many seconds TWS has answered no order, although some wait; None if that is not long."""
        if not self._waiting or now.clock - self._last_left > LASTS:
            return None
        return self._age(max(next(iter(self._waiting.values())), self._answered_at), now)

    def is_silent(self, now: Instant) -> bool:
        """Return whether TWS has long left orders, cancels or changes without an answer."""
        return self.silent_for(now) is not None or self.unanswered(now) is not None

    def _age(self, since: float, now: Instant) -> float | None:
        seconds = now.clock - max(since, self._resumed_at)
        return seconds if seconds >= SLOW else None


def _is_open(order: Order, kind: Kind) -> bool:
    """Whether TWS has not answered the cancel or the change."""
    if order.record.state in ENDED:
        return False
    if kind == "change":
        return order.record.change in ("sent", "unknown")
    return order.life.cancel in ("pending", "unanswered") and order.record.status != "PendingCancel"
