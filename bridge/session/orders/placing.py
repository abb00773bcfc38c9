"""New orders on their way to TWS, alone or as a group. Each is on disk before its bytes leave.

A key stands for one order: asked again with the same content it gets the answer that there is, never a second order.
What never left frees its key when that is on disk; what may have left and got no word is `unknown`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bridge.session.asks import Ask, Refused
from bridge.session.orders import marks
from bridge.session.orders.book import Book
from bridge.session.orders.journal import Journal
from bridge.session.orders.lifecycle import Lifecycle
from bridge.session.orders.order import Order, Placement
from bridge.session.orders.outgoing import sending
from bridge.session.orders.positions import Positions
from bridge.session.orders.state import ENDED, HERE, WAITING
from bridge.session.orders.wishes import Wish
from bridge.session.outlet import Outlet
from bridge.session.records import HighWater, OrderRecord
from bridge.session.rights.guard import Guard
from bridge.session.tws_day import TwsDay
from bridge.session.values import Data, Instant

#: Seconds that an answer may wait for the disk once the time of its request is over.
GRACE = 1.0


class Placing:
    """`obstacle` says why no order may leave now, or None."""

    def __init__(
        self,
        outlet: Outlet,
        book: Book,
        journal: Journal,
        guard: Guard,
        *,
        lifecycle: Lifecycle,
        day: TwsDay,
        positions: Positions,
        obstacle: Callable[[], str | None],
    ) -> None:
        self._outlet = outlet
        self._book = book
        self._journal = journal
        self._guard = guard
        self._lifecycle = lifecycle
        self._day = day
        self._positions = positions
        self._obstacle = obstacle

    # What clients want

    def recall(self, ask: Ask, wishes: Sequence[Wish], grouped: bool) -> bool:
        """Answer from what the keys stand for, now or when TWS has spoken; False where all are new.

        Raises Refused `keyConflict` where they stand for something else.
        """
        known = [self._book.by_key(ask.client, wish.key) for wish in wishes]
        orders = [order for order in known if order is not None]
        if not orders:
            return False
        for wish, order in zip(wishes, known, strict=True):
            if order is None:
                message = f"orderKey {wish.key} is new, but others of the group are not: {orders[0].record.key}"
                raise Refused("keyConflict", message, orderKey=wish.key)
            if not wish.is_of(order.record):
                message = f"orderKey {wish.key} belongs to order {order.order_id}, which is another one"
                raise Refused("keyConflict", message, **order.facts())
        self._await(Placement(ask, orders, grouped))
        return True

    def place(self, ask: Ask, wishes: Sequence[Wish], grouped: bool, instance: str | None, now: Instant) -> None:
        """Give new orders their ids, and have them written; they leave when they are on disk."""
        self._check_parents(ask, wishes)
        contents = [wish.content for wish in wishes]
        judged = self._guard.place_all(ask, contents, lambda: self._book.count_open(ask.client), now)
        wishes = [replace(wish, **content) for wish, content in zip(wishes, judged, strict=True)]
        orders: list[Order] = []
        for wish, held, order_id in zip(wishes, _held(wishes), self._book.take_ids(len(wishes)), strict=True):
            record = self._record(ask, held, order_id, now)._replace(digest=wish.digest, instance=instance)
            order = Order.new(record, self._positions)
            order.family = orders
            orders.append(order)
            self._book.add(order)
        self._await(Placement(ask, orders, grouped))
        self._outlet.persist(
            [*(order.ahead() for order in orders), HighWater(self._book.high_water)],
            lambda later: self._on_disk(orders, later),
            lambda reason, later: self._not_written(orders, reason, later),
        )

    def _record(self, ask: Ask, wish: Wish, order_id: int, now: Instant) -> OrderRecord:
        parent = self._book.by_key(ask.client, wish.parent) if wish.parent is not None else None
        return OrderRecord(
            order_id=order_id,
            owner=ask.client,
            key=wish.key,
            digest="",
            tag=marks.tag(self._book.log, ask.client, wish.key, order_id),
            state="queued",
            contract=wish.contract,
            order=wish.order,
            parent=wish.parent,
            parent_id=None if parent is None else parent.order_id,
            placed_at=now.ts,
            placed_day=self._day.today(now),
            position=self._positions.at_placement(wish.contract, wish.order),
        )

    def _check_parents(self, ask: Ask, wishes: Sequence[Wish]) -> None:
        """Parents come before their children, or are there already; a child has no children."""
        earlier: dict[str, Wish] = {}
        for wish in wishes:
            if wish.key in earlier:
                raise Refused("keyConflict", f"orderKey {wish.key} is there twice", orderKey=wish.key)
            if wish.parent is not None and wish.parent in earlier and earlier[wish.parent].parent is not None:
                raise Refused("invalidParams", f"parentKey {wish.parent}: it is a child itself", field="parentKey")
            if wish.parent is not None and wish.parent not in earlier:
                parent = self._book.by_key(ask.client, wish.parent)
                if parent is not None and not parent.is_parent and parent.record.state in ENDED:
                    raise Refused("parentGone", f"parentKey: the order {wish.parent} of {ask.client} has ended")
                if parent is None or not parent.is_parent:
                    message = f"no live order with orderKey {wish.parent} was placed before by {ask.client}"
                    raise Refused("unknownOrder", f"parentKey: {message}", field="parentKey")
            earlier[wish.key] = wish

    # How they leave

    def _on_disk(self, orders: list[Order], now: Instant) -> None:
        is_withdrawn = any(order.record.state == "withdrawn" for order in orders)
        for order in orders:
            self._lifecycle.happen(order, "recorded", now)
        if is_withdrawn:
            self.hold_back(orders, "cancelled", "the order was cancelled before it left", now)
        elif orphan := next((order for order in orders if self._lacks_parent(order, orders)), None):
            message = f"the order has not left: its parent {orphan.record.parent} does not live"
            self.hold_back(orders, "parentGone", message, now)
        elif refusal := next((r for order in orders if (r := self._guard.may_leave(None, order.record.content))), None):
            self.hold_back(orders, refusal.code, refusal.message, now, refusal.data)
        elif self._journal.failure is not None:
            self.hold_back(orders, "ledgerFailed", f"the order has not left: {self._journal.failure}", now)
        elif obstacle := self._obstacle():
            self.hold_back(orders, "notTradable", f"the order has not left: {obstacle}", now)
        else:
            for order in orders:
                self._lifecycle.happen(order, "left", now)
                order.left_at, order.told = now.clock, order.record
                self._journal.untouch(order)  # it is on disk as sent
            self._outlet.send_all(sending(order) for order in orders)

    def _not_written(self, orders: list[Order], reason: str, now: Instant) -> None:
        """Nothing of it is on disk, and nothing will be: the keys were never taken."""
        for order in orders:
            self._lifecycle.happen(order, "notRecorded", now)
            order.update(verdict={"code": "ledgerFailed", "message": f"the order could not be written: {reason}"})
            self._journal.untouch(order)
            order.told = order.record
        for order in orders:
            self._journal.told(order)

    def _lacks_parent(self, order: Order, family: list[Order]) -> bool:
        """Whether it would leave as an order of its own: an exit that opens a position."""
        if order.record.parent is None:
            return False
        parent = self._book.by_id(order.record.parent_id)
        if parent is None or parent in family:
            return parent is None
        return not (parent.record.state == "filled" or (not parent.is_here and parent.is_parent))

    def hold_back(
        self, orders: Sequence[Order], code: str, message: str, now: Instant, facts: Data | None = None
    ) -> None:
        """These orders have never left: their keys are free again when that is on disk, their ids are not."""
        for order in orders:
            order.update(verdict={"code": code, "message": message} | ({"data": facts} if facts else {}))
            if order.record.state != "unsent":
                self._lifecycle.happen(order, "heldBack", now)

    def withdraw(self, order: Order, now: Instant) -> bool:
        """The order is to end before it leaves; False where it has left."""
        if not order.is_here:
            return False
        self._lifecycle.happen(order, "withdraw", now)
        return True

    # Answers

    def _await(self, placement: Placement) -> None:
        for order in placement.orders:
            order.placements.append(placement)
        self._answer_if_settled(placement)

    def told(self, order: Order) -> None:
        """The order's record is on disk: who waits for it may be answered."""
        for placement in list(order.placements):
            self._answer_if_settled(placement)

    def _answer_if_settled(self, placement: Placement) -> None:
        orders = placement.orders
        if any(order.told.state in WAITING for order in orders):
            return
        for order in orders:
            if placement in order.placements:
                order.placements.remove(placement)
        facts = {"orders": [order.facts() for order in orders]} if placement.grouped else orders[0].facts()
        failed = next((o.told.verdict for o in orders if o.told.state in ("rejected", "unsent")), None)
        if failed is None:
            self._outlet.succeed(placement.ask, facts)
        else:
            told = failed.get("data", facts)
            self._outlet.fail(placement.ask, failed["code"], failed["message"], failed.get("twsCode"), told)

    def overdue(self, ask: Ask, now: Instant) -> bool:
        """The ask's time is over without TWS's word: what may have left is unknown; False where it places nothing.

        The answer waits until that is on disk, but not for ever.
        """
        order = next((o for o in self._book for p in o.placements if p.ask is ask), None)
        if order is None:
            return False
        placement = next(p for p in order.placements if p.ask is ask)
        for waiting in placement.orders:
            if not self.withdraw(waiting, now) and waiting.record.state == "sent":
                self.lose_sight(waiting, f"TWS has not answered {ask.method} in time", now)
        self._outlet.agenda.at(now.clock + GRACE, lambda _later: self._give_up(placement))
        if self._journal.failure is not None:
            self._give_up(placement)
        return True

    def _give_up(self, placement: Placement) -> None:
        """The disk does not say that it has written what became of the orders. What is there as sent may be at TWS."""
        if placement.ask.answer is not None:
            return
        for waiting in placement.orders:
            if placement in waiting.placements:
                waiting.placements.remove(placement)
        if all(order.told.state in HERE for order in placement.orders):
            message = "the order could not be written in time, and has not left"
            self._outlet.fail(placement.ask, "ledgerFailed", message)
            return
        reason = {"state": "unknown", "reason": "what became of the order cannot be written now"}
        told = [order.facts() | (reason if order.told.state in WAITING else {}) for order in placement.orders]
        self._outlet.succeed(placement.ask, {"orders": told} if placement.grouped else told[0])

    def lose_sight(self, order: Order, reason: str, now: Instant) -> None:
        """The order has left and TWS does not say what became of it."""
        self._lifecycle.happen(order, "silence", now, reason)


def _held(wishes: Sequence[Wish]) -> list[Wish]:
    """The orders with `transmit` such that TWS holds each family back until its last member is there."""
    last = {wish.parent or wish.key: wish.key for wish in wishes}
    return [
        replace(wish, order={**wish.order, "transmit": last[wish.parent or wish.key] == wish.key})
        if len(wishes) > 1
        else wish
        for wish in wishes
    ]
