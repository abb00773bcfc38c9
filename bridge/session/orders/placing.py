"""New orders on their way to TWS, alone or as a group. Each is on disk before its bytes leave.

A key stands for one order: asked again with the same content it gets the answer that there is, never a second order.
What never left frees its key; what may have left and got no word is `unknown`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bridge.session.asks import Ask, Refused
from bridge.session.orders import marks
from bridge.session.orders.book import Book, Order, Placement
from bridge.session.orders.journal import Journal
from bridge.session.orders.outgoing import sending
from bridge.session.orders.wishes import Wish
from bridge.session.outlet import Outlet
from bridge.session.records import HighWater, OrderRecord
from bridge.session.rights.guard import Guard
from bridge.session.values import Data, Instant


class Placing:
    """`obstacle` says why no order may leave now, or None."""

    def __init__(
        self, outlet: Outlet, book: Book, journal: Journal, guard: Guard, obstacle: Callable[[], str | None]
    ) -> None:
        self._outlet = outlet
        self._book = book
        self._journal = journal
        self._guard = guard
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
        judged = self._guard.place_all(ask, contents, self._book.count_open(ask.client), now)
        wishes = [replace(wish, **content) for wish, content in zip(wishes, judged, strict=True)]
        orders: list[Order] = []
        for wish, held, order_id in zip(wishes, _held(wishes), self._book.take_ids(len(wishes)), strict=True):
            record = self._record(ask.client, held, order_id, instance)
            order = Order(replace(record, digest=wish.digest), family=orders)
            orders.append(order)
            self._book.add(order)
        self._await(Placement(ask, orders, grouped))
        self._outlet.persist(
            [*(order.record for order in orders), HighWater(self._book.high_water)],
            lambda later: self._on_disk(orders, later),
            lambda reason, _later: self.unsent(orders, "ledgerFailed", f"the order could not be written: {reason}"),
        )

    def _record(self, owner: str, wish: Wish, order_id: int, instance: str | None) -> OrderRecord:
        parent = self._book.by_key(owner, wish.parent) if wish.parent is not None else None
        return OrderRecord(
            order_id=order_id,
            owner=owner,
            key=wish.key,
            digest="",
            tag=marks.tag(self._book.log, owner, wish.key, order_id),
            state="sent",
            contract=wish.contract,
            order=wish.order,
            instance=instance,
            parent=wish.parent,
            parent_id=None if parent is None else parent.order_id,
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
                if parent is None or not parent.is_parent:
                    message = f"no live order with orderKey {wish.parent} was placed before by {ask.client}"
                    raise Refused("unknownOrder", f"parentKey: {message}", field="parentKey")
            earlier[wish.key] = wish

    # How they leave

    def _on_disk(self, orders: list[Order], now: Instant) -> None:
        if any(order.withdrawn for order in orders):
            self.unsent(orders, "cancelled", "the order was cancelled before it left")
        elif orphan := next((order for order in orders if self._lacks_parent(order, orders)), None):
            self.unsent(
                orders, "parentGone", f"the order has not left: its parent {orphan.record.parent} does not live"
            )
        elif refusal := next((r for order in orders if (r := self._guard.may_leave(None, order.record.content))), None):
            self.unsent(orders, refusal.code, refusal.message, refusal.data)
        elif self._journal.failure is not None:
            self.unsent(orders, "ledgerFailed", f"the order has not left: {self._journal.failure}")
        elif obstacle := self._obstacle():
            self.unsent(orders, "notTradable", f"the order has not left: {obstacle}")
        else:
            for order in orders:
                order.left, order.left_at = True, now.clock
            self._outlet.send_all(sending(order) for order in orders)

    def _lacks_parent(self, order: Order, family: list[Order]) -> bool:
        """Whether it would leave as an order of its own: an exit that opens a position."""
        if order.record.parent is None:
            return False
        parent = self._book.by_id(order.record.parent_id)
        if parent is None or parent in family:
            return parent is None
        return not (parent.record.state == "filled" or (parent.left and parent.is_parent))

    def unsent(self, orders: Sequence[Order], code: str, message: str, facts: Data | None = None) -> None:
        """These orders have never left: their keys are free again, their ids are not."""
        for order in orders:
            order.left = False
            order.update(
                state="unsent", verdict={"code": code, "message": message, **({"data": facts} if facts else {})}
            )
            self._book.release(order)
            self._journal.touch(order)
        for order in orders:
            self.settle(order)

    def withdraw(self, order: Order) -> bool:
        """The order is to end before it leaves; False where it has left."""
        if order.record.state != "sent" or order.left:
            return False
        order.withdrawn = True
        return True

    # Answers

    def _await(self, placement: Placement) -> None:
        for order in placement.orders:
            order.placements.append(placement)
        self._answer_if_settled(placement)

    def settle(self, order: Order) -> None:
        """The order may have come to a state that answers who waits for it, and who cancels it."""
        for placement in list(order.placements):
            self._answer_if_settled(placement)
        if order.record.state == "unsent":
            cancelling, order.cancelling = order.cancelling, []
            for ask in cancelling:
                self._outlet.succeed(ask, order.facts())

    def _answer_if_settled(self, placement: Placement) -> None:
        orders = placement.orders
        if any(order.record.state == "sent" for order in orders):
            return
        for order in orders:
            if placement in order.placements:
                order.placements.remove(placement)
        facts = {"orders": [order.facts() for order in orders]} if placement.grouped else orders[0].facts()
        failed = next((o.record.verdict for o in orders if o.record.state in ("rejected", "unsent")), None)
        if failed is None:
            self._outlet.succeed(placement.ask, facts)
        else:
            told = failed.get("data", facts)
            self._outlet.fail(placement.ask, failed["code"], failed["message"], failed.get("twsCode"), told)

    def overdue(self, ask: Ask) -> bool:
        """The ask's time is over without TWS's word: what may have left is unknown; False where it places nothing."""
        order = next((o for o in self._book for p in o.placements if p.ask is ask), None)
        if order is None:
            return False
        placement = next(p for p in order.placements if p.ask is ask)
        for waiting in placement.orders:
            if not self.withdraw(waiting) and waiting.record.state == "sent":
                self.lose_sight(waiting)
        if placement in order.placements:
            for waiting in placement.orders:
                waiting.placements.remove(placement)
            self._outlet.fail(ask, "ledgerFailed", "the order could not be written in time; it has not left")
        return True

    def lose_sight(self, order: Order) -> None:
        """The order has left and TWS does not say what became of it."""
        if order.record.state in ("sent", "acknowledged"):
            order.update(state="unknown")
            self._journal.touch(order)
            self.settle(order)


def _held(wishes: Sequence[Wish]) -> list[Wish]:
    """The orders with `transmit` such that TWS holds each family back until its last member is there."""
    last = {wish.parent or wish.key: wish.key for wish in wishes}
    return [
        replace(wish, order={**wish.order, "transmit": last[wish.parent or wish.key] == wish.key})
        if len(wishes) > 1
        else wish
        for wish in wishes
    ]
