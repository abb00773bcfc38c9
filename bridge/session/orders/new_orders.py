"""New orders on their way to TWS, alone or as a group. Each is on disk before its bytes leave.

A key stands for one order: asked again with the same content it gets the answer that there is, never a second order.
What never left frees its key when that is on disk; what may have left and got no word is `unknown`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bridge.session.orders import order_message
from bridge.session.orders.lifecycle import Lifecycle
from bridge.session.orders.order import Order, Placement
from bridge.session.orders.order_log import OrderLog
from bridge.session.orders.order_message import sending
from bridge.session.orders.order_store import OrderStore
from bridge.session.orders.placement_spec import PlacementSpec
from bridge.session.orders.positions import Positions
from bridge.session.orders.state import ENDED, HERE, WAITING
from bridge.session.outbox import Outbox
from bridge.session.records import HighWater, OrderRecord
from bridge.session.requests import Refused, Request
from bridge.session.rights.pre_trade_checks import PreTradeChecks
from bridge.session.tws_day import TwsDay
from bridge.session.values import Data, Instant

#: Seconds that an answer may wait for the disk once the time of its request is over.
GRACE = 1.0


class NewOrders:
    """`not_tradable_reason` says why no order may leave now, or None."""

    def __init__(
        self,
        outbox: Outbox,
        order_store: OrderStore,
        order_log: OrderLog,
        checks: PreTradeChecks,
        *,
        lifecycle: Lifecycle,
        day: TwsDay,
        positions: Positions,
        not_tradable_reason: Callable[[], str | None],
    ) -> None:
        self._outbox = outbox
        self._order_store = order_store
        self._order_log = order_log
        self._checks = checks
        self._lifecycle = lifecycle
        self._day = day
        self._positions = positions
        self._not_tradable_reason = not_tradable_reason

    # What clients want

    def answer_known(self, request: Request, specs: Sequence[PlacementSpec], grouped: bool) -> bool:
        """Answer from what the keys stand for, now or when TWS has spoken; False where all are new.

        Raises Refused `keyConflict` where they stand for something else.
        """
        known = [self._order_store.by_key(request.client, spec.key) for spec in specs]
        orders = [order for order in known if order is not None]
        if not orders:
            return False
        for spec, order in zip(specs, known, strict=True):
            if order is None:
                message = f"orderKey {spec.key} is new, but others of the group are not: {orders[0].record.key}"
                raise Refused("keyConflict", message, orderKey=spec.key)
            if not spec.is_of(order.record):
                message = f"orderKey {spec.key} belongs to order {order.order_id}, which is another one"
                raise Refused("keyConflict", message, **order.facts())
        self._await(Placement(request, orders, grouped))
        return True

    def place(
        self, request: Request, specs: Sequence[PlacementSpec], grouped: bool, instance: str | None, now: Instant
    ) -> None:
        """Give new orders their ids, and have them written; they leave when they are on disk."""
        self._check_parents(request, specs)
        contents = [spec.content for spec in specs]
        judged = self._checks.place_all(request, contents, lambda: self._order_store.count_open(request.client), now)
        specs = [replace(spec, **content) for spec, content in zip(specs, judged, strict=True)]
        orders: list[Order] = []
        for spec, held, order_id in zip(specs, _held(specs), self._order_store.take_ids(len(specs)), strict=True):
            record = self._record(request, held, order_id, now)._replace(digest=spec.digest, instance=instance)
            order = Order.new(record, self._positions)
            order.family = orders
            orders.append(order)
            self._order_store.add(order)
        self._await(Placement(request, orders, grouped))
        self._outbox.persist(
            [*(order.ahead() for order in orders), HighWater(self._order_store.high_water)],
            lambda later: self._on_disk(orders, later),
            lambda reason, later: self._not_written(orders, reason, later),
        )

    def _record(self, request: Request, spec: PlacementSpec, order_id: int, now: Instant) -> OrderRecord:
        parent = self._order_store.by_key(request.client, spec.parent) if spec.parent is not None else None
        return OrderRecord(
            order_id=order_id,
            owner=request.client,
            key=spec.key,
            digest="",
            tag=order_message.tag(self._order_store.log, request.client, spec.key, order_id),
            state="queued",
            contract=spec.contract,
            order=spec.order,
            parent=spec.parent,
            parent_id=None if parent is None else parent.order_id,
            placed_at=now.ts,
            placed_day=self._day.today(now),
            position=self._positions.at_placement(spec.contract, spec.order),
        )

    def _check_parents(self, request: Request, specs: Sequence[PlacementSpec]) -> None:
        """Parents come before their children, or are there already; a child has no children."""
        earlier: dict[str, PlacementSpec] = {}
        for spec in specs:
            if spec.key in earlier:
                raise Refused("keyConflict", f"orderKey {spec.key} is there twice", orderKey=spec.key)
            if spec.parent is not None and spec.parent in earlier and earlier[spec.parent].parent is not None:
                raise Refused("invalidParams", f"parentKey {spec.parent}: it is a child itself", field="parentKey")
            if spec.parent is not None and spec.parent not in earlier:
                parent = self._order_store.by_key(request.client, spec.parent)
                if parent is not None and not parent.is_parent and parent.record.state in ENDED:
                    raise Refused("parentGone", f"parentKey: the order {spec.parent} of {request.client} has ended")
                if parent is None or not parent.is_parent:
                    message = f"no live order with orderKey {spec.parent} was placed before by {request.client}"
                    raise Refused("unknownOrder", f"parentKey: {message}", field="parentKey")
            earlier[spec.key] = spec

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
        elif refusal := next(
            (r for order in orders if (r := self._checks.may_leave(None, order.record.content))), None
        ):
            self.hold_back(orders, refusal.code, refusal.message, now, refusal.data)
        elif self._order_log.failure is not None:
            self.hold_back(orders, "ledgerFailed", f"the order has not left: {self._order_log.failure}", now)
        elif not_tradable_reason := self._not_tradable_reason():
            self.hold_back(orders, "notTradable", f"the order has not left: {not_tradable_reason}", now)
        else:
            for order in orders:
                self._lifecycle.happen(order, "left", now)
                order.left_at, order.told = now.clock, order.record
                self._order_log.untouch(order)  # it is on disk as sent
            self._outbox.send_all(sending(order) for order in orders)

    def _not_written(self, orders: list[Order], reason: str, now: Instant) -> None:
        """Nothing of it is on disk, and nothing will be: the keys were never taken."""
        for order in orders:
            self._lifecycle.happen(order, "notRecorded", now)
            order.update(verdict={"code": "ledgerFailed", "message": f"the order could not be written: {reason}"})
            self._order_log.untouch(order)
            order.told = order.record
        for order in orders:
            self._order_log.told(order)

    def _lacks_parent(self, order: Order, family: list[Order]) -> bool:
        """Whether it would leave as an order of its own: an exit that opens a position."""
        if order.record.parent is None:
            return False
        parent = self._order_store.by_id(order.record.parent_id)
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
            self._outbox.succeed(placement.request, "orders" if placement.grouped else "order", facts)
        else:
            told = failed.get("data", facts)
            self._outbox.fail(placement.request, failed["code"], failed["message"], failed.get("twsCode"), told)

    def overdue(self, request: Request, now: Instant) -> bool:
        """The ask's time is over without TWS's word: what may have left is unknown; False where it places nothing.

        The answer waits until that is on disk, but not for ever.
        """
        order = next((o for o in self._order_store for p in o.placements if p.request is request), None)
        if order is None:
            return False
        placement = next(p for p in order.placements if p.request is request)
        for waiting in placement.orders:
            if not self.withdraw(waiting, now) and waiting.record.state == "sent":
                self.lose_sight(waiting, f"TWS has not answered {request.method} in time", now)
        self._outbox.timers.at(now.clock + GRACE, lambda _later: self._give_up(placement))
        if self._order_log.failure is not None:
            self._give_up(placement)
        return True

    def _give_up(self, placement: Placement) -> None:
        """The disk does not say that it has written what became of the orders. What is there as sent may be at TWS."""
        if placement.request.answer is not None:
            return
        for waiting in placement.orders:
            if placement in waiting.placements:
                waiting.placements.remove(placement)
        if all(order.told.state in HERE for order in placement.orders):
            message = "the order could not be written in time, and has not left"
            self._outbox.fail(placement.request, "ledgerFailed", message)
            return
        reason = {"state": "unknown", "reason": "what became of the order cannot be written now"}
        told = [order.facts() | (reason if order.told.state in WAITING else {}) for order in placement.orders]
        if placement.grouped:
            self._outbox.succeed(placement.request, "orders", {"orders": told})
        else:
            self._outbox.succeed(placement.request, "order", told[0])

    def lose_sight(self, order: Order, reason: str, now: Instant) -> None:
        """The order has left and TWS does not say what became of it."""
        self._lifecycle.happen(order, "silence", now, reason)


def _held(specs: Sequence[PlacementSpec]) -> list[PlacementSpec]:
    """The orders with `transmit` such that TWS holds each family back until its last member is there."""
    last = {spec.parent or spec.key: spec.key for spec in specs}
    return [
        replace(spec, order={**spec.order, "transmit": last[spec.parent or spec.key] == spec.key})
        if len(specs) > 1
        else spec
        for spec in specs
    ]
