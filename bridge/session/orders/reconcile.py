"""Finding out what became of orders: TWS is asked for open orders, completed orders and executions, on each connection
before any order leaves, and each minute while an order is unknown.

A pass counts only when all three answers have ended while IBKR was connected. What no pass mentions is unknown; two
passes a minute apart, and it is `notFound`. Decides nothing about a single event: those are taken as they come.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from bridge.session.asks import Ask
from bridge.session.effects import Log
from bridge.session.orders.book import Book, Order
from bridge.session.orders.executions import Fills
from bridge.session.orders.journal import Journal
from bridge.session.outlet import Outlet
from bridge.session.values import Data, Instant

#: All open orders, not only our client's: as client id 0, reqOpenOrders would bind what was entered by hand.
QUERIES: tuple[tuple[str, Data], ...] = (
    ("reqAllOpenOrders", {}),
    ("reqCompletedOrders", {"apiOnly": False}),
    ("reqExecutions", {"executionFilter": {}}),
)
#: Seconds from losing sight of an order to looking for it, and until a pass that failed is made again.
SOON = 5.0
#: Seconds after which an order without a word says something about TWS, and not only about its client's patience.
PATIENCE = 10.0
#: Seconds for one pass: a question that was given up holds the next of its kind back for a while.
PASS_TIMEOUT = 60.0


class Inquiries(NamedTuple):
    """How the bridge asks TWS for itself, and takes a question back."""

    ask: Callable[[Ask], None]
    withdraw: Callable[[Ask, Instant], None]


class Reconciler:
    """`complete`: a pass has ended since TWS and IBKR were last connected. `pause`: seconds between two passes."""

    def __init__(
        self,
        outlet: Outlet,
        *,
        book: Book,
        journal: Journal,
        fills: Fills,
        inquiries: Inquiries,
        pause: float,
        settle: Callable[[Order], None],
        not_made: Callable[[Order], None],
    ) -> None:
        self._outlet = outlet
        self._book = book
        self._journal = journal
        self._fills = fills
        self._inquiries = inquiries
        self._asks: list[Ask] = []
        self._mentioned: dict[int, Order] = {}
        self._pause = pause
        self._settle = settle
        self._not_made = not_made
        self.complete = False
        self._connected = False
        self._number = 0
        self._left = 0
        self._started: Instant | None = None
        self._planned: float | None = None
        self._again = self._has_hole = self._is_held = False
        self._doubted = float("-inf")
        self._waiting_for_fills: set[int] = set()
        self._unfilled: dict[int, Order] = {}
        self._short: dict[int, tuple[Decimal, Decimal]] = {}
        self._told_gap: dict[int, Decimal] = {}

    @property
    def asking(self) -> bool:
        """Whether what TWS tells now may be a repeat that we have asked for."""
        return self._started is not None

    def connected(self, now: Instant) -> None:
        """TWS is there, and IBKR behind it: what it says can be believed from now on, and is asked for."""
        self._connected = True
        self.complete = False
        self._begin(now)

    def disconnected(self, now: Instant) -> None:
        """Whatever TWS says now proves nothing, until it is connected again."""
        self._connected = self.complete = False
        self._drop(now)

    def mention(self, order: Order) -> None:
        """TWS has spoken of the order, perhaps because it was asked."""
        if self.asking:
            self._mentioned[order.order_id] = order

    def look_for_lost(self, now: Instant) -> None:
        """Time is over without TWS's word on an order, or on its change: it is looked for.

        Where TWS has had time enough, no other order leaves until then: it may hear nothing.
        """
        lost = [order for order in self._book if _is_lost(order) and not order.misses and order.unmade_since is None]
        if any(now.clock - order.left_at >= PATIENCE for order in lost):
            self.complete, self._is_held = False, self.asking
            self._plan(now.clock)
        elif lost:
            self._plan(now.clock + SOON)

    def doubt(self, now: Instant) -> None:
        """What TWS has said is at odds with what is known: look soon, but for such reasons not all the time."""
        at = max(now.clock + SOON, self._doubted + self._pause)
        if self._doubted <= now.clock:
            self._doubted = at
            self._plan(at)

    def on_undecoded(self, now: Instant) -> None:
        """Something about an order could not be read: of a pass that is under way it can't be said what is missing."""
        self._has_hole = self.asking
        self.doubt(now)

    def on_status(self, order: Order, now: Instant) -> None:
        """TWS says how much is filled: if the executions of that have not come soon, they are asked for."""
        if self._lacks_fills(order) and order.order_id not in self._waiting_for_fills:
            self._waiting_for_fills.add(order.order_id)
            self._outlet.agenda.at(now.clock + SOON, lambda later: self._ask_for_fills(order, later))

    def _ask_for_fills(self, order: Order, now: Instant) -> None:
        self._waiting_for_fills.discard(order.order_id)
        if self._lacks_fills(order) and self._told_gap.get(order.order_id) != Decimal(order.record.filled):
            self._unfilled[order.order_id] = order
            self._plan(now.clock)

    def _lacks_fills(self, order: Order) -> bool:
        return Decimal(order.record.filled) > self._fills.total(order.order_id)

    def _plan(self, at: float) -> None:
        if self._planned is None or at < self._planned:
            self._planned = at
            self._outlet.agenda.at(at, self._ring)

    def _ring(self, now: Instant) -> None:
        if self._planned is not None and now.clock >= self._planned:
            self._planned = None
            if self._connected and self._started is None:
                self._begin(now)
            elif self._connected:
                self._again = True

    def _begin(self, now: Instant) -> None:
        self._started = now
        self._number += 1
        self._left = len(QUERIES)
        self._asks, self._mentioned = [], {}
        self._again = self._has_hole = self._is_held = False
        number = self._number
        self._outlet.agenda.at(now.clock + PASS_TIMEOUT, lambda later: self._fail(number, "no answer in time", later))
        for method, params in QUERIES:
            ask = Ask("bridge", f"pass-{number}-{method}", method, params, None, False, "", is_own=True)
            ask.then = lambda outcome, at=now: self._answered(number, outcome, at)
            self._asks.append(ask)
        for ask in list(self._asks):
            self._inquiries.ask(ask)

    def _answered(self, number: int, outcome: Data, begun: Instant) -> None:
        if number != self._number or self._started is None:
            return
        if outcome["ok"]:
            self._left -= 1
        elif outcome["error"]["code"] == "connectionLost":
            self._drop(begun)  # with the connection, which is said elsewhere
        else:
            self._fail(number, outcome["error"]["message"], begun)

    def advance(self, now: Instant) -> bool:
        """Something was answered; whether it was the last that a pass waits for."""
        if self._started is None or self._left:
            return False
        self._end(self._started, now)
        return True

    def _fail(self, number: int, reason: str, now: Instant) -> None:
        """The pass says nothing. Where an order is lost, no other leaves until one does."""
        if number != self._number or self._started is None:
            return
        if any(_is_lost(order) for order in self._book):
            self.complete = False
        self._drop(now)
        self._outlet.log(Log("warning", f"orders could not be reconciled: {reason}"))
        self._plan(now.clock + (self._pause if self.complete else SOON))

    def _drop(self, now: Instant) -> None:
        """End the pass without a result, and its questions with it: one that is never answered holds up the next."""
        self._started = None
        self._number += 1
        for ask in self._asks:
            if ask.answer is None:
                self._inquiries.withdraw(ask, now)

    def _end(self, started: Instant, now: Instant) -> None:
        self._started = None
        self._number += 1
        for order in self._book:
            if order.is_open and order.left:
                self._judge(order, started.clock, now)
        unfilled, self._unfilled = self._unfilled, {}
        for order in (self._mentioned | unfilled).values():
            self._check_fills(order, now)
        if any(_is_lost(order) for order in self._book):
            self._plan(now.clock + self._pause)
        self.complete = not self._is_held
        if self._again or self._is_held:
            self._plan(now.clock)

    def _judge(self, order: Order, started: float, now: Instant) -> None:
        """What the pass says of one order that may live."""
        if order.told >= started:
            order.misses = 0
            if order.cancel_at is not None and order.cancel_at < started and order.record.status != "PendingCancel":
                order.cancel_at = None
            self._judge_change(order, started, now)
            return
        if order.left_at >= started or self._has_hole:
            return
        if order.record.state != "unknown":
            order.update(state="unknown")
            self._journal.touch(order)
            self._settle(order)
        if order.seen < started and now.clock - order.missed_at >= self._pause:
            order.misses += 1
            order.missed_at = now.clock
            if order.misses > 1:
                self._give_up(order, now)

    def _judge_change(self, order: Order, started: float, now: Instant) -> None:
        """A change that two passes do not show, some time apart, was not made."""
        if order.record.change != "unknown" or order.left_at >= started or order.shown_before < started:
            return
        if order.unmade_since is None:
            order.unmade_since = now.clock
        elif now.clock - order.unmade_since >= self._pause:
            self._not_made(order)

    def _give_up(self, order: Order, now: Instant) -> None:
        order.update(state="notFound")
        reason = "TWS knows no such order: neither among open orders nor completed ones nor executions"
        self._journal.add(order, "gap", {"reason": reason, "unrecoverable": True, **order.facts()}, now)
        self._settle(order)

    def _check_fills(self, order: Order, now: Instant) -> None:
        """TWS says that more was filled than the executions that it tells add up to; believed when it stays so."""
        filled, known = Decimal(order.record.filled), self._fills.total(order.order_id)
        if filled <= known:
            self._short.pop(order.order_id, None)
            return
        before, self._short[order.order_id] = self._short.get(order.order_id), (filled, known)
        if before != (filled, known):
            self._unfilled[order.order_id] = order
            self._plan(now.clock + SOON)
        elif self._told_gap.get(order.order_id) != filled:
            self._told_gap[order.order_id] = filled
            reason = f"executions of {filled - known:f} of this order are missing, and TWS no longer tells them"
            data = {"reason": reason, "unrecoverable": True, **order.facts()}
            self._journal.add(order, "gap", data, now, once=f"executions of {order.order_id} to {known}")


def _is_lost(order: Order) -> bool:
    """Whether it, its change, or one of several under its number has not been told of."""
    is_untold = order.record.change == "unknown" or "" in order.incarnations.values()
    return order.record.state == "unknown" or (order.is_open and is_untold)
