"""Places new orders, one at a time or as a group. The bridge writes each order to disk before it sends the order.

One key is one order. A request with the same key and the same content gets the answer of that order, and never places
a second one. Where the bridge did not send an order, its key becomes free when that is on disk. Where it may have sent
the order and TWS does not answer, the order is `unknown`.
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

#: Seconds that a reply may wait for the disk after its request timed out.
GRACE = 1.0

_CANCELLED = "the client cancelled the order before the bridge sent it"


class NewOrders:
    """Places orders and answers the requests that placed them.

    `not_tradable_reason`: returns why the bridge sends no orders now, or None.
    """

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

    # Requests of clients

    def answer_known(self, request: Request, specs: Sequence[PlacementSpec], grouped: bool) -> bool:
        """Answer the request from existing orders with these keys, now or when TWS has answered those orders.

        Returns False where all keys are new. Raises Refused `keyConflict` where a key belongs to another order, or only
        some keys of a group are new. `grouped`: the reply is a list of orders.
        """
        known = [self._order_store.by_key(request.client, spec.key) for spec in specs]
        orders = [order for order in known if order is not None]
        if not orders:
            return False
        for spec, order in zip(specs, known, strict=True):
            if order is None:
                message = f"orderKey {spec.key} is new, but orderKey {orders[0].record.key} of the same group is in use"
                raise Refused("keyConflict", message, orderKey=spec.key)
            if not spec.is_of(order.record):
                raise Refused("keyConflict", _why_not(spec.key, order), **order.facts())
        self._await(Placement(request, orders, grouped))
        return True

    def place(
        self, request: Request, specs: Sequence[PlacementSpec], grouped: bool, instance: str | None, now: Instant
    ) -> None:
        """Check new orders, give them order IDs and write them to disk. The bridge sends them when they are on disk.

        `instance`: the instance that the client named, or None. Raises Refused where a check refuses the orders.
        """
        self._check_parents(request, specs)
        contents = [spec.content for spec in specs]
        judged = self._checks.place_all(request, contents, lambda: self._order_store.count_open(request.client), now)
        generation = self._checks.generation
        specs = [replace(spec, **content) for spec, content in zip(specs, judged, strict=True)]
        orders: list[Order] = []
        for spec, complete, order_id in zip(
            specs, _with_transmit(specs), self._order_store.take_ids(len(specs)), strict=True
        ):
            record = self._record(request, complete, order_id, now)._replace(digest=spec.digest, instance=instance)
            order = Order.new(record, self._positions)
            order.family = orders
            orders.append(order)
            self._order_store.add(order)
        self._await(Placement(request, orders, grouped))
        self._outbox.persist_to_send(
            len(orders),
            [*(order.ahead() for order in orders), HighWater(self._order_store.high_water)],
            lambda later: self._on_disk(orders, generation, later),
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
        """Raise Refused unless each parent exists already or comes earlier in the group, and no child has a child."""
        earlier: dict[str, PlacementSpec] = {}
        for spec in specs:
            if spec.key in earlier:
                raise Refused("keyConflict", f"orderKey {spec.key} is in the group twice", orderKey=spec.key)
            if spec.parent is not None and spec.parent in earlier and earlier[spec.parent].parent is not None:
                message = f"parentKey {spec.parent}: that order is a child itself"
                raise Refused("invalidParams", message, field="parentKey")
            if spec.parent is not None and spec.parent not in earlier:
                parent = self._order_store.by_key(request.client, spec.parent)
                if parent is not None and not parent.is_parent and parent.record.state in ENDED:
                    raise Refused("parentGone", f"parentKey: order {spec.parent} of client {request.client} has ended")
                if parent is None or not parent.is_parent:
                    message = f"client {request.client} has no working order with orderKey {spec.parent}"
                    raise Refused("unknownOrder", f"parentKey: {message}", field="parentKey")
            earlier[spec.key] = spec

    # Sending

    def _on_disk(self, orders: list[Order], generation: int, now: Instant) -> None:
        is_withdrawn = any(order.record.state == "withdrawn" for order in orders)
        for order in orders:
            self._lifecycle.happen(order, "recorded", now, _CANCELLED if order.record.state == "withdrawn" else None)
        if is_withdrawn:
            self.hold_back(orders, "cancelled", _CANCELLED, now)
        else:
            self._outbox.when_room("orders", len(orders), lambda later: self._leave(orders, generation, later))

    def _leave(self, orders: list[Order], generation: int, now: Instant) -> None:
        """There is room for the orders: send them, if they may be sent now.

        `generation`: that of the rights with which they were checked.
        """
        if any(order.record.state != "written" for order in orders):
            return  # they are held back meanwhile
        if child := next((order for order in orders if self._lacks_parent(order, orders)), None):
            message = f"the bridge did not send the order: its parent {child.record.parent} is not working"
            self.hold_back(orders, "parentGone", message, now)
        elif orders[0].placements and all(placement.request.is_over(now) for placement in orders[0].placements):
            message = "the bridge did not send the order: the time of the request was over"
            self.hold_back(orders, "expired", message, now)
        elif refusal := next(
            (r for order in orders if (r := self._checks.may_leave(None, order.record.content))), None
        ):
            self.hold_back(orders, refusal.code, refusal.message, now, refusal.data)
        elif withdrawn := self._checks.withdrawn(
            orders[0].record.owner, [order.record.content for order in orders], generation
        ):
            self.hold_back(orders, withdrawn.code, withdrawn.message, now, withdrawn.data)
        elif self._order_log.failure is not None:
            self.hold_back(orders, "ledgerFailed", f"the bridge did not send the order: {self._order_log.failure}", now)
        elif not_tradable_reason := self._not_tradable_reason():
            message = f"the bridge did not send the order: {not_tradable_reason}"
            self.hold_back(orders, "notTradable", message, now)
        else:
            for order in orders:
                self._lifecycle.happen(order, "left", now)
                order.left_at, order.stored = now.clock, order.record
                if order.placements:
                    self._outbox.tallies.order_sent.observe(now.clock - order.placements[0].request.received)
                self._order_log.untouch(order)  # the record on disk has state `sent` already
            self._outbox.send_all(sending(order) for order in orders)

    def _not_written(self, orders: list[Order], reason: str, now: Instant) -> None:
        """The ledger has none of the orders, and will not write them. Their keys stay free."""
        message = f"the bridge could not write the order to disk: {reason}"
        for order in orders:
            verdict = {"code": "ledgerFailed", "message": message}
            self._lifecycle.happen(order, "notRecorded", now, verdict=verdict)
            self._order_log.untouch(order)
            order.stored = order.record
        for order in orders:
            self._order_log.on_stored(order)

    def _lacks_parent(self, order: Order, family: list[Order]) -> bool:
        """Whether the child would reach TWS without its parent. An exit order would then open a position."""
        if order.record.parent is None:
            return False
        try:
            parent = self._order_store.by_id(order.record.parent_id)
        except Refused:  # the disk cannot be read
            return True
        if parent is None or parent in family:
            return parent is None
        return not (parent.record.state == "filled" or (not parent.is_here and parent.is_parent))

    def hold_back(
        self, orders: Sequence[Order], code: str, message: str, now: Instant, facts: Data | None = None
    ) -> None:
        """Do not send these orders. Their keys become free when that is on disk; their order IDs stay used.

        `code`, `message`, `facts`: the error of the reply, and its data.
        """
        for order in orders:
            order.update(verdict={"code": code, "message": message} | ({"data": facts} if facts else {}))
            if order.record.state != "unsent":
                self._lifecycle.happen(order, "heldBack", now)

    def withdraw(self, order: Order, now: Instant) -> bool:
        """End an order that the bridge has not sent. Returns False where the bridge has sent it."""
        if not order.is_here:
            return False
        if order.record.state == "written":
            self.hold_back(order.family, "cancelled", _CANCELLED, now)
        else:
            self._lifecycle.happen(order, "withdraw", now)
        return True

    # Answers

    def _await(self, placement: Placement) -> None:
        for order in placement.orders:
            order.placements.append(placement)
        self._answer_if_settled(placement)

    def on_stored(self, order: Order) -> None:
        """The record of the order is on disk: answer the requests that wait for it, where TWS has answered."""
        for placement in list(order.placements):
            self._answer_if_settled(placement)

    def _answer_if_settled(self, placement: Placement) -> None:
        orders = placement.orders
        if any(order.stored.state in WAITING for order in orders):
            return
        for order in orders:
            if placement in order.placements:
                order.placements.remove(placement)
        facts = {"orders": [order.facts() for order in orders]} if placement.grouped else orders[0].facts()
        failed = next((o.stored.verdict for o in orders if o.stored.state in ("rejected", "unsent")), None)
        if failed is None:
            self._outbox.succeed(placement.request, "orders" if placement.grouped else "order", facts)
        else:
            told = failed.get("data", facts)
            self._outbox.fail(placement.request, failed["code"], failed["message"], failed.get("twsCode"), told)

    def overdue(self, request: Request, now: Instant) -> bool:
        """The request timed out before TWS answered. An order that the bridge may have sent becomes `unknown`.

        The reply waits until that is on disk, at most `GRACE` seconds. Returns False where the request places no order.
        """
        order = next((o for o in self._order_store for p in o.placements if p.request is request), None)
        if order is None:
            return False
        placement = next(p for p in order.placements if p.request is request)
        if order.is_here and any(p.request.answer is None for p in order.placements if p is not placement):
            for waiting in placement.orders:
                waiting.placements.remove(placement)
            message = "another request for this order waits, so the order may still go to TWS: use the same key again"
            self._outbox.fail(request, "noResponse", message)
            return True
        for waiting in placement.orders:
            if waiting.record.state == "written":
                told = {"waitSeconds": round(self._outbox.pacer.wait("orders", 1, now.clock), 3)}
                self.hold_back(waiting.family, "paced", "the order waited for room until its time was over", now, told)
            elif not self.withdraw(waiting, now) and waiting.record.state == "sent":
                self.mark_unknown(waiting, f"TWS has not answered {request.method} in time", now)
        self._outbox.timers.at(now.clock + GRACE, lambda _later: self._give_up(placement))
        if self._order_log.failure is not None:
            self._give_up(placement)
        return True

    def _give_up(self, placement: Placement) -> None:
        """The disk has not confirmed the new states in time. TWS may have an order that is on disk as `sent`."""
        if placement.request.answer is not None:
            return
        for waiting in placement.orders:
            if placement in waiting.placements:
                waiting.placements.remove(placement)
        if all(order.stored.state in HERE for order in placement.orders):
            message = "the bridge could not write the order to disk in time, and did not send it"
            self._outbox.fail(placement.request, "ledgerFailed", message)
            return
        reason = {"state": "unknown", "reason": "the bridge cannot write the state of the order to disk now"}
        told = [order.facts() | (reason if order.stored.state in WAITING else {}) for order in placement.orders]
        if placement.grouped:
            self._outbox.succeed(placement.request, "orders", {"orders": told})
        else:
            self._outbox.succeed(placement.request, "order", told[0])

    def mark_unknown(self, order: Order, reason: str, now: Instant) -> None:
        """The bridge sent the order, and TWS does not answer: the order becomes `unknown`."""
        self._lifecycle.happen(order, "silence", now, reason)


def _with_transmit(specs: Sequence[PlacementSpec]) -> list[PlacementSpec]:
    """The orders with `transmit` set so that TWS holds each parent with its children until it has the last of them."""
    last = {spec.parent or spec.key: spec.key for spec in specs}
    return [
        replace(spec, order={**spec.order, "transmit": last[spec.parent or spec.key] == spec.key})
        if len(specs) > 1
        else spec
        for spec in specs
    ]


def _why_not(key: str, order: Order) -> str:
    """Why a request with this key is not known to mean the order."""
    if not order.record.digest:
        return (
            f"orderKey {key} belongs to order {order.order_id}, which the bridge has found at TWS after its ledger was "
            "lost: the bridge cannot compare the content, so it does not send the order again"
        )
    return f"orderKey {key} belongs to order {order.order_id}, which has other content"
