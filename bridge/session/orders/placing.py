"""Orders on their way to TWS: placed alone or as a group, and changed. Each is on disk before its bytes leave.

A key stands for one order: asked again with the same content it gets the answer that there is, never a second order. A
change bears a revision, which rises. What never left frees its key; what may have left and got no word is `unknown`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from bridge.session.asks import Ask, Refused
from bridge.session.effects import Send
from bridge.session.orders import marks
from bridge.session.orders.book import Book, Changing, Order, Placement
from bridge.session.orders.journal import Journal
from bridge.session.outlet import Outlet
from bridge.session.records import Change, HighWater, OrderRecord
from bridge.session.rights.guard import Guard
from bridge.session.values import Data, Instant

#: Fields of a change that openOrder repeats as they were sent: they show whether it was made.
_SHOWN = ("totalQuantity", "lmtPrice", "auxPrice", "trailingPercent")


@dataclass(frozen=True, slots=True)
class Wish:
    """One order as its client wants it; `parent` names another one by key."""

    key: str
    contract: Data
    order: Data
    parent: str | None = None

    @property
    def digest(self) -> str:
        return digest([self.contract, self.order, self.parent])

    @property
    def content(self) -> Data:
        return {"contract": self.contract, "order": self.order}


def is_exercise(order: Data) -> bool:
    """Whether these are the fields of an exercise of options: it takes a number and a key, as orders do."""
    return "exerciseAction" in order


def digest(content: object) -> str:
    text = json.dumps(content, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


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

    # New orders

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
            if order.record.digest != wish.digest:
                message = f"orderKey {wish.key} belongs to order {order.order_id}, which is another one"
                raise Refused("keyConflict", message, **order.facts())
        self._await(Placement(ask, orders, grouped))
        return True

    def place(self, ask: Ask, wishes: Sequence[Wish], grouped: bool, instance: str | None, now: Instant) -> None:
        """Give new orders their ids, and have them written; they leave when they are on disk."""
        self._check_parents(ask, wishes)
        for number, wish in enumerate(wishes):
            if is_exercise(wish.order):
                self._guard.once(ask, {"contract": wish.contract, **wish.order}, now)
            else:
                self._guard.place(ask, wish.content, self._book.count_open(ask.client) + number, now)
        ids = self._book.take_ids(len(wishes))
        orders = [
            Order(self._record(ask.client, wish, id_, instance)) for wish, id_ in zip(_held(wishes), ids, strict=True)
        ]
        for order, wish in zip(orders, wishes, strict=True):
            order.update(digest=wish.digest)
            order.family = orders
            self._book.add(order)
        placement = Placement(ask, orders, grouped)
        self._await(placement)
        self._outlet.persist(
            [*(order.record for order in orders), HighWater(self._book.high_water)],
            lambda later: self._on_disk(orders, later),
            lambda reason, _later: self.unsent(orders, "ledgerFailed", f"the order could not be written: {reason}"),
        )

    def _record(self, owner: str, wish: Wish, order_id: int, instance: str | None) -> OrderRecord:
        return OrderRecord(
            order_id=order_id,
            owner=owner,
            key=wish.key,
            digest=wish.digest,
            tag=marks.tag(self._book.log, owner, wish.key, order_id),
            state="sent",
            contract=wish.contract,
            order=wish.order,
            instance=instance,
            parent=wish.parent,
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
                if parent is None or not parent.is_open:
                    message = f"no live order with orderKey {wish.parent} was placed before by {ask.client}"
                    raise Refused("unknownOrder", f"parentKey: {message}", field="parentKey")
            earlier[wish.key] = wish

    def _on_disk(self, orders: list[Order], now: Instant) -> None:
        if any(order.withdrawn for order in orders):
            self.unsent(orders, "cancelled", "the order was cancelled before it left")
        elif obstacle := self._obstacle():
            self.unsent(orders, "notTradable", f"the order has not left: {obstacle}")
        else:
            for order in orders:
                order.left, order.left_at = True, now.clock
            self._outlet.send_all(self._placing(order) for order in orders)

    def _placing(self, order: Order) -> Send:
        record = order.record
        if is_exercise(record.order):
            return Send(
                "exerciseOptions", {"orderId": record.order_id, "contract": record.contract, **record.order}, order
            )
        parent = self._book.by_key(record.owner, record.parent) if record.parent is not None else None
        fields = marks.outgoing(record, None if parent is None else parent.order_id)
        return Send("placeOrder", {"orderId": record.order_id, "contract": record.contract, "order": fields}, order)

    def unsent(self, orders: Sequence[Order], code: str, message: str) -> None:
        """These orders have never left: their keys are free again, their ids are not."""
        for order in orders:
            order.left = False
            order.update(state="unsent", verdict={"code": code, "message": message})
            self._book.release(order)
            self._journal.touch(order)
        for order in orders:
            self.settle(order)

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
            self._outlet.fail(placement.ask, failed["code"], failed["message"], failed.get("twsCode"), facts)

    def overdue(self, ask: Ask) -> bool:
        """The ask's time is over without TWS's word: what may have left is unknown; False where it places nothing."""
        order = next((o for o in self._book for p in o.placements if p.ask is ask), None)
        if order is None:
            return False
        placement = next(p for p in order.placements if p.ask is ask)
        for waiting in placement.orders:
            if waiting.record.state != "sent":
                continue
            if waiting.left:
                self.lose_sight(waiting)
            else:
                waiting.withdrawn = True
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

    # Changes

    def recall_change(self, ask: Ask, params: Data) -> bool:
        """Answer a change that was made before, or join it; False where it is new. Raises Refused."""
        order = self._book.wanted(ask, params, self._guard)
        revision = params["revision"]
        if revision < order.record.revision:
            message = f"revision {revision} of {order.record.key} comes after {order.record.revision}"
            raise Refused("staleRevision", message, **order.facts())
        if revision > order.record.revision:
            return False
        if order.record.change_digest != digest(self._changed(order, params)):
            raise Refused(
                "keyConflict", f"revision {revision} of {order.record.key} was another change", **order.facts()
            )
        if order.changing is not None:
            order.changing.asks.append(ask)
        else:
            self._answer_change(order, [ask])
        return True

    def _changed(self, order: Order, params: Data) -> list[Data | None]:
        return [params.get("contract"), params["order"]]

    def change(self, ask: Ask, params: Data, now: Instant) -> None:
        """A new revision of an order of which TWS has spoken."""
        order = self._book.wanted(ask, params, self._guard)
        before = order.record
        if is_exercise(before.order):
            raise Refused("invalidParams", f"{before.key} is an exercise of options, which cannot be changed")
        if before.state != "acknowledged":
            code = "orderUnknown" if before.state in ("sent", "unknown", "notFound") else "orderClosed"
            raise Refused(code, f"order {before.key} is {before.state}: it cannot be changed", **order.facts())
        if before.change in ("sent", "unknown"):
            message = f"it is not known yet whether revision {before.revision} of {before.key} was made"
            raise Refused("changePending", message, **order.facts())
        contract = params.get("contract") or before.contract
        content = {"contract": contract, "order": params["order"]}
        self._guard.modify(ask, {"contract": before.contract, "order": before.order}, content, now)
        changing = order.changing = Changing([ask], before)
        order.update(
            revision=params["revision"],
            change="sent",
            change_digest=digest(self._changed(order, params)),
            change_verdict=None,
            **content,
        )
        self._outlet.persist(
            [order.record],
            lambda later: self._change_on_disk(order, changing, later),
            lambda reason, _later: self._take_back(order, "ledgerFailed", f"the change could not be written: {reason}"),
        )

    def _change_on_disk(self, order: Order, changing: Changing, now: Instant) -> None:
        if order.changing is not changing:
            return
        if order.record.state != "acknowledged":
            self._take_back(order, "orderClosed", f"the change has not left: the order is {order.record.state}")
        elif obstacle := self._obstacle():
            self._take_back(order, "notTradable", f"the change has not left: {obstacle}")
        else:
            changing.left, order.left_at = True, now.clock
            send = self._placing(order)
            self._outlet.send(send.name, send.data, order)

    def _take_back(self, order: Order, code: str, message: str) -> None:
        """The change has never left: the order is what it was, and the revision may be used again."""
        changing, order.changing = order.changing, None
        if changing is None:
            return
        before = changing.before
        order.update(
            revision=before.revision, change=before.change, change_digest=before.change_digest,
            change_verdict=before.change_verdict, contract=before.contract, order=before.order,
        )  # fmt: skip
        self._journal.touch(order)
        for ask in changing.asks:
            self._outlet.fail(ask, code, message, data=order.facts())

    def unsent_change(self, order: Order, code: str, message: str) -> None:
        """The change could not be encoded."""
        self._take_back(order, code, message)

    def on_shown(self, order: Order, shown: Data) -> None:
        """TWS shows the order's fields: a change that is awaited, or was lost sight of, may be among them."""
        left = order.changing.left if order.changing is not None else order.record.change in ("unknown", "notApplied")
        if left and matches(order.record.order, shown):
            self._end_change(order, None)

    def refuse_change(self, order: Order, message: str, code: int) -> None:
        """TWS refuses the change: the order goes on as it was."""
        before = order.changing.before if order.changing is not None else order.record
        order.update(
            contract=before.contract,
            order=before.order,
            change_verdict={"code": "rejectedByTws", "message": message, "twsCode": code},
        )
        self._end_change(order, "refused")

    def lose_change(self, order: Order) -> None:
        """The order has ended, or the connection, or time, before it was seen whether the change was made."""
        if order.changing is not None and order.changing.left:
            self._end_change(order, "unknown")
        else:
            self._take_back(order, "notTradable", "the change has not left")

    def overdue_change(self, ask: Ask) -> bool:
        order = next((o for o in self._book if o.changing is not None and ask in o.changing.asks), None)
        if order is None:
            return False
        self.lose_change(order)
        return True

    def not_made(self, order: Order) -> None:
        """TWS has the order, and not the change that was lost sight of."""
        if order.record.change == "unknown":
            self._end_change(order, "notApplied")

    def _end_change(self, order: Order, change: Change | None) -> None:
        changing, order.changing = order.changing, None
        order.update(change=change)
        self._journal.touch(order)
        self._answer_change(order, [] if changing is None else changing.asks)

    def _answer_change(self, order: Order, asks: Sequence[Ask]) -> None:
        verdict = order.record.change_verdict
        for ask in asks:
            if verdict is None:
                self._outlet.succeed(ask, order.facts())
            else:
                self._outlet.fail(ask, verdict["code"], verdict["message"], verdict.get("twsCode"), order.facts())


def matches(fields: Data, shown: Data) -> bool:
    """Whether the order that TWS shows has the size and prices of `fields`."""
    return all(Decimal(str(fields[name])) == Decimal(str(shown.get(name, 0))) for name in _SHOWN if name in fields)


def _held(wishes: Sequence[Wish]) -> list[Wish]:
    """The orders with `transmit` such that TWS holds each family back until its last member is there."""
    last = {wish.parent or wish.key: wish.key for wish in wishes}
    return [
        replace(wish, order={**wish.order, "transmit": last[wish.parent or wish.key] == wish.key})
        if len(wishes) > 1
        else wish
        for wish in wishes
    ]
