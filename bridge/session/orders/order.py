"""One order: its record, its state machine, and the requests that wait for it.

`record` is the newest record in memory. `stored` is the record on disk, and clients see only that one: no client acts
on a state that a crash could undo. Only `happen`, `on_cancel` and `on_change` change the states of an order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bridge.session.orders.positions import Positions
from bridge.session.orders.state import (
    ENDED,
    FREE,
    HERE,
    OPEN,
    CancelEvent,
    ChangeEvent,
    Event,
    OrderLife,
    OrderTransition,
    State,
)
from bridge.session.records import OrderRecord
from bridge.session.requests import Request
from bridge.session.values import Data

#: The reason of an order that was `sent` when the bridge stopped.
RESTARTED = "the bridge restarted before TWS answered the order"
#: The fields by which an advisor's group or model allocates an order. The Python client gets them from here.
SPREAD_FIELDS = ("faGroup", "faPercentage", "modelCode")


@dataclass(slots=True, eq=False)
class Placement:
    """A request that places `orders`, or that repeats such a request. The bridge answers it when TWS answered each.

    `grouped`: the answer is a list of orders, not one order.
    """

    request: Request
    orders: list[Order]
    grouped: bool


@dataclass(slots=True, eq=False)
class PendingModification:
    """A change that is not settled.

    `requests`: the requests that wait for it. `before`: the record of the order before the change. `verdict`: the
    error, where the bridge itself did not send the change. `waits_for_room`: the change is on disk.
    """

    requests: list[Request]
    before: OrderRecord
    verdict: Data | None = None
    waits_for_room: bool = False


@dataclass(slots=True, eq=False)
class Awaiting:
    """A request that waits for a state of an order. `until`: `acknowledged` (TWS has the order), or `ended`."""

    request: Request
    until: str


@dataclass(slots=True, eq=False, weakref_slot=True)
class Order:
    """One order that a client placed through the bridge. All times are on the steady clock, in seconds.

    `family`: the orders that the bridge sends together with this one, itself included. `placements`, `cancelling`,
    `abandoning`, `awaiting`: the requests that wait for the order. `changing`: the change under way. `changed`: settled
    changes whose requests the bridge has not answered. `left_at`: when the bridge sent the order or its newest change.
    `cancel_left_at`: when the bridge last sent a cancel. `declined`: the content of a change that TWS did not apply.
    `shown`: the fields of the order in the last openOrder. `in_doubt_since`: when it became `unknown` in this run (ns
    since 1970 UTC); 0 if it did not.

    `incarnations`: permId -> status, where TWS has several orders with this order ID. TWS can make a second one when
    the client changes an order during an outage (nautilus_trader#4564). `is_doubled`: TWS has just reported one more.
    """

    record: OrderRecord
    stored: OrderRecord
    positions: Positions
    life: OrderLife = field(default_factory=OrderLife)
    family: list[Order] = field(default_factory=list)
    placements: list[Placement] = field(default_factory=list)
    changing: PendingModification | None = None
    changed: list[PendingModification] = field(default_factory=list)
    cancelling: list[Request] = field(default_factory=list)
    abandoning: list[Request] = field(default_factory=list)
    awaiting: list[Awaiting] = field(default_factory=list)
    left_at: float = 0.0
    cancel_left_at: float = float("-inf")
    incarnations: dict[str, str] = field(default_factory=dict)
    is_doubled: bool = False
    declined: Data | None = None
    shown: Data | None = None
    in_doubt_since: int = 0

    @classmethod
    def new(cls, record: OrderRecord, positions: Positions) -> Order:
        """An order that a client has just placed."""
        return cls(record, record, positions, OrderLife(record.state))

    @classmethod
    def recovered(cls, record: OrderRecord, positions: Positions) -> Order:
        """An order of an earlier run of the bridge, or an order from a ledger that was lost."""
        life = OrderLife(record.state, change=record.change)
        life.happen("recalled", executed=False)
        life.on_change("recalled")
        if life.state in ENDED:
            life.on_change("ended")  # the ledger was writing the change when the order ended
        reason = (record.reason or RESTARTED) if life.state == "unknown" else None
        record = record._replace(state=life.state, change=life.change, reason=reason)
        return cls(record, record, positions, life)

    @property
    def order_id(self) -> int:
        """The order ID at TWS."""
        return self.record.order_id

    @property
    def owner(self) -> str:
        """The client that placed the order."""
        return self.record.owner

    @property
    def prefix(self) -> str:
        """The topic prefix of the events of this order."""
        return f"order.{self.record.owner}.{self.record.key}."

    # States

    def happen(self, event: Event, *, executed: bool) -> OrderTransition:
        """Apply an event to the order; see `Life.happen`."""
        transition = self.life.happen(event, executed=executed)
        if transition.to != self.record.state:
            self.record = self.record._replace(state=transition.to)
        return transition

    def on_cancel(self, event: CancelEvent) -> None:
        """Apply an event to the cancel of the order."""
        self.life.on_cancel(event)

    def cancel_left(self, clock: float) -> None:
        """The bridge sends a cancel now. `clock`: the steady clock."""
        self.cancel_left_at = clock
        self.on_cancel("left")

    def on_change(self, event: ChangeEvent) -> bool:
        """Apply an event to the newest change; see `Life.on_change`."""
        is_possible = self.life.on_change(event)
        if self.life.change != self.record.change:
            self.record = self.record._replace(change=self.life.change)
        return is_possible

    def update(self, **changes: Any) -> None:
        """Set fields of the record. Raises ValueError for `state` and `change`, which only the tables may set."""
        if "state" in changes or "change" in changes:
            raise ValueError("only the transition tables may set state and change")
        for name, value in changes.items():
            if getattr(self.record, name) != value:
                self.record = self.record._replace(**changes)
                return

    def ahead(self) -> OrderRecord:
        """The record for the disk. An order or change that the bridge is going to send has state `sent` there."""
        record = self.record
        if record.state not in HERE and record.change != "queued":
            return record
        state: State = "sent" if record.state in HERE else record.state
        return record._replace(state=state, change="sent" if record.change == "queued" else record.change)

    # Properties

    @property
    def is_open(self) -> bool:
        """Whether the order is open or may be open, in memory or on disk."""
        return self.record.state in OPEN or self.stored.state in OPEN

    @property
    def is_here(self) -> bool:
        """Whether the bridge has not sent the order."""
        return self.record.state in HERE

    @property
    def is_free(self) -> bool:
        """Whether another order may use the key. True only when that is on disk."""
        return self.record.state in FREE and self.stored.state in FREE

    @property
    def cancel_pending(self) -> bool:
        """Whether the bridge has sent a cancel that TWS has not answered."""
        return self.life.cancel == "pending"

    @property
    def cancel_has_left(self) -> bool:
        """Whether the bridge has ever sent a cancel for the order. Then an error may be about the cancel."""
        return self.cancel_left_at > float("-inf")

    @property
    def is_parent(self) -> bool:
        """Whether a client may attach a child order: the order is working, and nobody is cancelling it."""
        return self.record.state in ("queued", "written", "sent", "acknowledged") and not self.cancel_pending

    @property
    def is_live(self) -> bool:
        """Whether the order is open, or a request waits for it."""
        return self.is_open or self.changing is not None or self.is_awaited

    @property
    def is_awaited(self) -> bool:
        """Whether the bridge may answer a request when the record is on disk."""
        return bool(self.placements or self.cancelling or self.abandoning or self.awaiting or self.changed)

    @property
    def is_spread(self) -> bool:
        """Whether an advisor's group or model allocates the order. Then executions do not add up to its quantity."""
        return any(self.record.order.get(name) for name in SPREAD_FIELDS)

    @property
    def is_combo(self) -> bool:
        """Whether the order trades a combo (secType BAG)."""
        return self.record.contract.get("secType") == "BAG"

    def counts(self, contract: Data) -> bool:
        """Whether an execution of that contract counts towards the quantity. Executions of a combo's legs do not."""
        return not self.is_spread and (not self.is_combo or contract.get("secType") == "BAG")

    @property
    def quantity(self) -> Decimal | None:
        """The most that TWS may execute; None where it is unknown, or where executions do not add up to it.

        While a change is not settled, this is the larger of the old and the new quantity.
        """
        if self.is_spread or self.incarnations or "exerciseAction" in self.record.order:
            return None
        newest = _stated(self.record.order)
        if newest is None or not self.record.before:
            return newest
        before = _stated(self.record.before["order"])
        return None if before is None else max(newest, before)

    def facts(self) -> Data:
        """The order as its owner sees it (the record on disk). An unknown order also has its account's `position`."""
        facts = facts_of(self.stored)
        if self.stored.state == "unknown" and (position := self.positions.facts(self.stored)):
            facts["position"] = position
        return facts

    def decided(self) -> Data:
        """The order as in memory, for log entries that the ledger writes together with it."""
        return facts_of(self.record)


def _stated(order: Data) -> Decimal | None:
    quantity = order.get("totalQuantity")
    return Decimal(str(quantity)) if quantity and not order.get("cashQty") else None


def facts_of(record: OrderRecord) -> Data:
    """The fields of an order that its owner sees, as in replies and events."""
    state = "queued" if record.state in HERE else record.state
    facts: Data = {"orderId": record.order_id, "orderKey": record.key, "state": state}
    if record.perm_id:
        facts["permId"] = record.perm_id
    if record.status:
        facts["status"] = record.status
    if record.change != "none":
        facts["change"] = record.change
    if record.revision:
        facts["revision"] = record.revision
    if record.filled != "0":
        facts["filled"] = record.filled
    if state in ("filled", "cancelled"):
        facts["fillsFinal"] = record.final_filled is not None
    if state == "unknown":
        facts["sentAt"] = record.placed_at
        if record.reason:
            facts["reason"] = record.reason
    return facts
