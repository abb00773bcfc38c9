"""Reconciliation: finds out the state of each order from TWS's lists.

The bridge runs a pass on each new connection before it sends any order, at once when TWS does not answer an order or a
change, again after each `pause` while an order is lost, and every `ROUTINE` seconds while one is open. An order is lost
while its state or the state of its change is `unknown`, and further passes can find it out. `order_events.py`
interprets the single messages of TWS.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from bridge.session.orders.evidence import ANOTHER_DAY, NO_DAY, Absence, Evidences, can_settle, judge
from bridge.session.orders.executions import Fills, root_of
from bridge.session.orders.lifecycle import Lifecycle
from bridge.session.orders.list_downloads import SOON, ListDownloads
from bridge.session.orders.order import Order
from bridge.session.orders.order_facts import named
from bridge.session.orders.order_log import OrderLog
from bridge.session.orders.order_store import OrderStore
from bridge.session.orders.state import OPEN, State
from bridge.session.outbox import Outbox
from bridge.session.recent import Recent
from bridge.session.requests import Refused
from bridge.session.tws_day import TwsDay
from bridge.session.values import Data, Instant

#: While orders are open, a pass begins at least every so many seconds.
ROUTINE = 300.0
#: How many orders are remembered whose executed quantity no pass could confirm.
MOST_UNSURE = 20_000


class Reconciler:
    """Starts passes and judges each order at the end of a pass.

    `complete`: a pass has ended since TWS and IBKR were last connected, and no lost order still needs one.
    """

    def __init__(
        self,
        outbox: Outbox,
        *,
        order_store: OrderStore,
        order_log: OrderLog,
        fills: Fills,
        lifecycle: Lifecycle,
        evidences: Evidences,
        downloads: ListDownloads,
        day: TwsDay,
        pause: float,
        not_made: Callable[[Order], None],
    ) -> None:
        """`pause`: least seconds between two passes that count. `not_made`: the callback for a change not applied."""
        self._outbox = outbox
        self._order_store = order_store
        self._order_log = order_log
        self._fills = fills
        self._lifecycle = lifecycle
        self._evidences = evidences
        self._downloads = downloads
        self._day = day
        self.pause = pause
        self._not_made = not_made
        downloads.ended, downloads.failed = self._end, self._fail
        #: Called when a pass has ended, with when it began.
        self.pass_ended: Callable[[Instant, Instant], None] = lambda _begun, _now: None
        self.complete = False
        #: When the newest pass began that TWS has answered in full (steady clock).
        self.listed_at = float("-inf")
        self._is_owed = False
        self._doubted = self._looked = float("-inf")
        self._mentioned: dict[int, Order] = {}
        self._listed: dict[int, set[str]] = {}
        self._truncated: bool | None = None
        self._waiting_for_fills: set[int] = set()
        self._unfilled: dict[int, Order] = {}
        self._short: dict[int, tuple[Decimal, Decimal]] = {}
        self._gap_logged: dict[int, Decimal] = {}
        #: Ended orders whose executed quantity a pass could not confirm. They do not start another pass at once.
        self._still_unsure: Recent[int, bool] = Recent(MOST_UNSURE)
        #: Ended orders whose `filled` may not be final, and when the bridge saw their end (steady clock).
        self._unsure: dict[int, tuple[Order, float]] = {}
        for order in order_store.index:
            if order.record.state in ("filled", "cancelled") and order.record.placed_day and not _is_sure(order):
                self._unsure[order.order_id] = (order, float("-inf"))

    def needs(self, order: Order) -> bool:
        """Whether the end of a pass or a timer will look at the order again."""
        waits = order.order_id in self._unsure or order.order_id in self._waiting_for_fills
        return waits or order.order_id in self._mentioned or order.order_id in self._unfilled

    def forget(self, order_id: int) -> None:
        """The order leaves memory."""
        self._short.pop(order_id, None)
        self._gap_logged.pop(order_id, None)
        self._evidences.forget(order_id)

    @property
    def asking(self) -> bool:
        """Whether a pass is running, so that a message of TWS may be a repeat."""
        return self._downloads.begun is not None

    # Events

    def connected(self, now: Instant) -> None:
        """TWS and IBKR are connected: begin a pass."""
        self.complete = self._is_owed = False
        self._forget_pass()
        self._downloads.connected(now)

    def disconnected(self, now: Instant) -> None:
        """TWS or IBKR is not connected: the running pass ends without a result."""
        self.complete = False
        self._evidences.disconnected()
        self._downloads.disconnected(now)

    def lists_refused(self, reason: str, now: Instant) -> None:
        """TWS refuses its lists: the running pass fails at once."""
        self._downloads.refused(reason, now)

    def advance(self, now: Instant) -> bool:
        """TWS has answered a request: continue the pass. Returns whether the pass ended with it."""
        return self._downloads.advance(now)

    def mention(self, order: Order, now: Instant) -> None:
        """TWS has sent a message about the order, possibly an entry of a list."""
        if self.asking:
            self._mentioned[order.order_id] = order

    def spoke(self, order: Order, now: Instant, *, listed: bool = False) -> None:
        """TWS has reported the status of the order. `listed`: together with its fields, as in its lists."""
        evidence = self._evidences.of(order.order_id)
        evidence.status_at = now.clock
        if listed:
            evidence.listed = now.clock
        evidence.spoke()

    def listed(self, order: Order, exec_id: str) -> None:
        """TWS has an execution in its list. An execution that TWS sends without a request may be in no list."""
        if self.asking:
            self._listed.setdefault(order.order_id, set()).add(root_of(exec_id))

    def ended(self, order: Order, now: Instant) -> None:
        """The order may have ended. If so, and its executed quantity is not final, plan a pass to confirm it."""
        is_over = order.record.state in ("filled", "cancelled") and not order.incarnations
        if is_over and not _is_sure(order) and order.order_id not in self._unsure:
            self._unsure[order.order_id] = (order, now.clock)
            self._downloads.plan(now.clock + (self.pause if order.order_id in self._still_unsure else SOON))

    def revived(self, order: Order, before: State | None) -> None:
        """TWS shows an order as open after it had reported its end.

        `before`: the ended state. It applies again if a pass finds that the order is not open. None: TWS has several
        orders with this ID, and the end of one is not the end of all.
        """
        self._evidences.of(order.order_id).last_word = before
        self._unsure.pop(order.order_id, None)

    def refused(self, order: Order, verdict: Data | None) -> None:
        """TWS refused the order after it had reported it. `verdict`: the error of the reply; None: it is working."""
        self._evidences.of(order.order_id).refusal = verdict

    def refusal_of(self, order: Order) -> Data | None:
        """The error with which TWS refused the order after it had reported it, or None."""
        return self._evidences.of(order.order_id).refusal

    def look_for_lost(self, now: Instant) -> None:
        """A request timed out before TWS answered its order or change: send no orders until a pass has ended."""
        if any(self._is_new_loss(order) for order in self._order_store):
            self.complete, self._is_owed = False, True
            self._downloads.plan(now.clock)

    def _is_new_loss(self, order: Order) -> bool:
        """Whether the order is lost, and no pass has judged it since then."""
        evidence = self._evidences.of(order.order_id)
        is_looked_for = evidence.judged_at > order.left_at or evidence.unmade_since is not None
        return _is_lost(order) and not is_looked_for

    def doubt(self, now: Instant) -> None:
        """A message of TWS contradicts the state of an order: plan a pass soon, at most one per `pause`.

        The pass that was planned last for a doubt may have begun earlier, for another reason.
        """
        planned = self._downloads.planned
        if planned is None or planned > self._doubted:
            last = min(self._doubted, self._downloads.last)
            self._doubted = max(now.clock + SOON, last + self.pause)
            self._downloads.plan(self._doubted)

    def on_undecoded(self, now: Instant) -> None:
        """The bridge could not decode a message about an order. The running pass may lack that order."""
        self._downloads.has_hole = self.asking
        self.doubt(now)

    def look(self, now: Instant) -> None:
        """Call each second while TWS is connected. Check open orders that no pass has seen for `ROUTINE` seconds.

        TWS does not report each change of an order, and a message may get lost: a belief must not outlive its evidence.
        """
        if now.clock - max(self._downloads.last, self._looked) >= ROUTINE:
            self._looked = now.clock
            if any(order.record.state in OPEN and not order.is_here for order in self._order_store):
                self._downloads.plan(now.clock)

    # Executions that are missing

    def on_figures(self, order: Order, now: Instant) -> None:
        """TWS has reported a filled quantity. If its executions do not come in `SOON` seconds, begin a pass."""
        if self._lacks_fills(order) and order.order_id not in self._waiting_for_fills:
            self._waiting_for_fills.add(order.order_id)
            self._outbox.timers.at(now.clock + SOON, lambda later: self._ask_for_fills(order, later))

    def _ask_for_fills(self, order: Order, now: Instant) -> None:
        self._waiting_for_fills.discard(order.order_id)
        if self._lacks_fills(order) and self._gap_logged.get(order.order_id) != Decimal(order.record.filled):
            self._unfilled[order.order_id] = order
            self._downloads.plan(now.clock)

    def _lacks_fills(self, order: Order) -> bool:
        adds_up = not (order.is_spread or order.is_combo)
        return adds_up and Decimal(order.record.filled) > self._fills.total(order.order_id)

    def _check_fills(self, order: Order, now: Instant) -> None:
        """Compare the filled quantity of TWS with the sum of its executions.

        Where two passes in a row show the same difference, the missing executions are lost for good.
        """
        filled, known = Decimal(order.record.filled), self._fills.total(order.order_id)
        if not self._lacks_fills(order):
            self._short.pop(order.order_id, None)
            return
        before, self._short[order.order_id] = self._short.get(order.order_id), (filled, known)
        if before != (filled, known):
            self._unfilled[order.order_id] = order
            self._downloads.plan(now.clock + SOON)
        elif self._fills.may_have_fallen(order.order_id, filled) and self._has_listed_all(order):
            self._believe_executions(order, known)
        elif self._gap_logged.get(order.order_id) != filled:
            self._gap_logged[order.order_id] = filled
            reason = f"executions of {filled - known:f} of this order are missing, and TWS no longer lists them"
            data = {**order.decided(), "reason": reason, "unrecoverable": True}
            self._outbox.log("orderFillsMissing", **named(order), reason=reason)
            self._order_log.add(order, "orderGap", data, now, once=f"executions of {order.order_id} to {known}")

    def _believe_executions(self, order: Order, known: Decimal) -> None:
        """Use the sum of the executions: TWS's filled quantity is from before a correction without an original."""
        order.update(filled=f"{known:f}")
        if _is_sure(order):
            order.update(final_filled=f"{known:f}")
        self._short.pop(order.order_id, None)
        self._order_log.touch(order)

    def _has_listed_all(self, order: Order) -> bool:
        """Whether TWS's list of executions has all executions of the order that TWS has reported."""
        return self._fills.roots(order.order_id) <= self._listed.get(order.order_id, set())

    # The end of a pass

    def _forget_pass(self) -> None:
        self._mentioned, self._listed, self._truncated = {}, {}, None

    def _fail(self, now: Instant) -> None:
        """The pass failed. While an order is lost, the bridge sends no orders until a pass ends."""
        if any(_is_lost(order) for order in self._order_store):
            self.complete = False
        self._forget_pass()
        self._downloads.plan(now.clock + (self.pause if self.complete else SOON))

    def _end(self, begun: Instant, now: Instant) -> None:
        """The pass has ended: judge all open orders, and decide whether another pass must follow.

        The ledger is read first. If that fails, nothing is judged, and another pass follows.
        """
        try:
            self._is_truncated(now)
        except Refused as refused:
            self._outbox.log("reconcileFailed", reason=refused.message)
            self._fail(now)
            return
        self.listed_at = begun.clock
        self.pass_ended(begun, now)
        orders = [order for order in self._order_store if order.record.state in OPEN and not order.is_here]
        for order in orders:
            self._judge(order, begun, now)
        unfilled, self._unfilled = self._unfilled, {}
        for order in (self._mentioned | unfilled).values():
            self._check_fills(order, now)
        self._make_sure(begun, now)
        if any(_is_lost(order) for order in self._order_store):
            self._downloads.plan(now.clock + self.pause)
        self._evidences.keep({order.order_id for order in self._order_store})
        self._forget_pass()
        is_owed, self._is_owed = self._is_owed, any(self._left_since(order, begun) for order in orders)
        self.complete = not (is_owed and self._is_owed)
        if not self.complete:
            self._downloads.plan(now.clock)

    @staticmethod
    def _left_since(order: Order, begun: Instant) -> bool:
        """Whether the pass proves nothing about a lost order: the bridge sent it, or its change, after it began."""
        return _is_lost(order) and order.left_at >= begun.clock

    def _judge(self, order: Order, begun: Instant, now: Instant) -> None:
        """Decide what the pass proves about one order that may be open."""
        evidence = self._evidences.of(order.order_id)
        if evidence.listed >= begun.clock:
            if order.cancel_left_at < begun.clock and order.record.status != "PendingCancel":
                order.on_cancel("shownWorking")
            self._judge_change(order, begun, now)
            return
        if order.left_at >= begun.clock or self._downloads.has_hole:
            return
        if evidence.status_at >= begun.clock:
            # TWS sent a message about the order during the pass, and its lists may be older than that message.
            self._downloads.plan(now.clock + SOON)
            return
        absence = Absence(
            state=order.record.state,
            executed=self._lifecycle.is_executed(order),
            executions_listed=self._has_all_executions(order),
            heard=order.record.heard,
            is_same_day=self._day.is_still(order.record.placed_day, now),
            is_truncated=self._is_truncated(now),
            missed_before=evidence.misses > 0 and begun.clock - evidence.missed_at >= self.pause,
            last_word="rejected" if evidence.refusal is not None else evidence.last_word,
        )
        judgement, evidence.judged_at = judge(absence), now.clock
        if absence.reaches and (absence.missed_before or evidence.misses == 0):
            evidence.misses, evidence.missed_at = evidence.misses + 1, now.clock
        if judgement.event == "provenOver":
            order.update(final_filled=order.record.filled)
        elif judgement.event == "rejects" and evidence.refusal is not None:
            order.update(verdict=evidence.refusal)
        is_dayless = judgement.reason == ANOTHER_DAY and None in (order.record.placed_day, self._day.today(now))
        self._lifecycle.happen(order, judgement.event, now, NO_DAY if is_dayless else judgement.reason)
        self._lifecycle.answers.on_missed(order.order_id, self.pause, now)
        self.ended(order, now)

    def _has_all_executions(self, order: Order) -> bool:
        """Whether TWS's list of executions has all that TWS has reported, also by a filled quantity alone."""
        return self._has_listed_all(order) and not self._lacks_fills(order)

    def _is_truncated(self, now: Instant) -> bool:
        """Whether TWS's lists lack an execution of an order that was placed today."""
        if self._truncated is None:
            today = self._day.today(now)
            known = self._order_store.index.placed_on(today) if today is not None else ()
            self._truncated = not all(self._has_all_executions(order) for order in known)
        return self._truncated

    def _judge_change(self, order: Order, begun: Instant, now: Instant) -> None:
        """An `unknown` change that two passes, with a pause between them, do not show was not applied."""
        evidence = self._evidences.of(order.order_id)
        if order.record.change != "unknown" or order.left_at >= begun.clock or evidence.shown_before < begun.clock:
            return
        if evidence.unmade_since is None:
            evidence.unmade_since = now.clock
        elif now.clock - evidence.unmade_since >= self.pause:
            self._not_made(order)
            self._lifecycle.fill_if_full(order, now)

    def _make_sure(self, begun: Instant, now: Instant) -> None:
        """Confirm the executed quantity of orders that had ended when the pass began, where its lists reach back."""
        for order, since in list(self._unsure.values()):
            is_over = order.record.state in ("filled", "cancelled") and not _is_sure(order)
            reaches = self._day.is_still(order.record.placed_day, now) and not self._is_truncated(now)
            if is_over and reaches and since < begun.clock and not self._downloads.has_hole:
                order.update(final_filled=order.record.filled)
                self._order_log.touch(order)
            elif is_over and reaches:
                self._downloads.plan(now.clock + SOON)
                continue
            del self._unsure[order.order_id]
            if is_over:
                self._still_unsure[order.order_id] = True


def _is_sure(order: Order) -> bool:
    """Whether `filled` of an ended order is final."""
    return order.record.final_filled is not None


def _is_lost(order: Order) -> bool:
    """Whether the state of the order, of its change or of one of several with its ID is unknown, and can be found."""
    is_unsettled = order.record.change == "unknown" or "" in order.incarnations.values()
    is_lost = order.record.state == "unknown" and can_settle(order.record.reason)
    return is_lost or (order.is_open and is_unsettled)
