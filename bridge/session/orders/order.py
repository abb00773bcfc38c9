"""One order: its record, its life, and who waits for what of it.

`record` is what is decided, `told` what is on disk: clients are told of `told` alone, so that memory never runs ahead
of the disk. The values of its life change by `happen`, `on_cancel` and `on_change` only.
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
    Life,
    State,
    Transition,
)
from bridge.session.records import OrderRecord
from bridge.session.requests import Request
from bridge.session.values import Data

#: Why an order that was on its way when the bridge ended is not known.
RESTARTED = "the bridge was started anew before TWS's word on the order"


@dataclass(slots=True, eq=False)
class Placement:
    """One ask that places `orders`, or asks again for what became of them; answered when TWS has spoken on each."""

    request: Request
    orders: list[Order]
    grouped: bool


@dataclass(slots=True, eq=False)
class PendingModification:
    """A change under way: who waits for it, and what the order was before. `verdict`: how it failed here."""

    requests: list[Request]
    before: OrderRecord
    verdict: Data | None = None


@dataclass(slots=True, eq=False)
class Awaiting:
    """An ask that waits for a state: any word of TWS (`acknowledged`), or the end of the order (`ended`)."""

    request: Request
    until: str


@dataclass(slots=True, eq=False)
class Order:
    """`family`: those that leave together with it. `left_at`: when it, or its change, left (steady clock).

    `changed`: changes that are over and not answered yet. `incarnations`: where TWS has several orders of this number,
    the status of each by its permId (a change in an outage has done that: nautilus_trader#4564); `is_doubled`: one more
    was just seen. `declined`: the content that a change which was not made would have given it. `shown`: its fields as
    TWS last showed them.
    """

    record: OrderRecord
    told: OrderRecord
    positions: Positions
    life: Life = field(default_factory=Life)
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

    @classmethod
    def new(cls, record: OrderRecord, positions: Positions) -> Order:
        """An order that its client has just placed."""
        return cls(record, record, positions, Life(record.state))

    @classmethod
    def recovered(cls, record: OrderRecord, positions: Positions) -> Order:
        """An order of an earlier run, or one of a ledger that was lost."""
        life = Life(record.state, change=record.change)
        life.happen("recalled", executed=False)
        life.on_change("recalled")
        if life.state in ENDED:
            life.on_change("ended")  # it was on its way to the disk when the order ended
        reason = (record.reason or RESTARTED) if life.state == "unknown" else None
        record = record._replace(state=life.state, change=life.change, reason=reason)
        return cls(record, record, positions, life)

    @property
    def order_id(self) -> int:
        return self.record.order_id

    @property
    def owner(self) -> str:
        return self.record.owner

    @property
    def prefix(self) -> str:
        return f"order.{self.record.owner}.{self.record.key}."

    # Its life

    def happen(self, event: Event, *, executed: bool) -> Transition:
        transition = self.life.happen(event, executed=executed)
        if transition.to != self.record.state:
            self.record = self.record._replace(state=transition.to)
        return transition

    def on_cancel(self, event: CancelEvent) -> None:
        self.life.on_cancel(event)

    def cancel_left(self, clock: float) -> None:
        """A cancel leaves now (steady clock)."""
        self.cancel_left_at = clock
        self.on_cancel("left")

    def on_change(self, event: ChangeEvent) -> bool:
        is_possible = self.life.on_change(event)
        if self.life.change != self.record.change:
            self.record = self.record._replace(change=self.life.change)
        return is_possible

    def update(self, **changes: Any) -> None:
        """Anything but its life."""
        if "state" in changes or "change" in changes:
            raise ValueError("state and change are the tables' to set")
        for name, value in changes.items():
            if getattr(self.record, name) != value:
                self.record = self.record._replace(**changes)
                return

    def ahead(self) -> OrderRecord:
        """The record for the disk: what is about to leave is there as sent."""
        record = self.record
        if record.state not in HERE and record.change != "queued":
            return record
        state: State = "sent" if record.state in HERE else record.state
        return record._replace(state=state, change="sent" if record.change == "queued" else record.change)

    # What others read

    @property
    def is_open(self) -> bool:
        """Whether it lives, or may, as far as is decided or as its owner has been told."""
        return self.record.state in OPEN or self.told.state in OPEN

    @property
    def is_here(self) -> bool:
        """Whether it has not left."""
        return self.record.state in HERE

    @property
    def is_free(self) -> bool:
        """Whether its key is free: that is on disk."""
        return self.record.state in FREE and self.told.state in FREE

    @property
    def cancel_pending(self) -> bool:
        return self.life.cancel == "pending"

    @property
    def cancel_has_left(self) -> bool:
        """Whether a cancel has ever left: an error may be about that."""
        return self.cancel_left_at > float("-inf")

    @property
    def is_parent(self) -> bool:
        """Whether a child may be attached: it lives as far as TWS has said, and nobody ends it."""
        return self.record.state in ("queued", "written", "sent", "acknowledged") and not self.cancel_pending

    @property
    def is_live(self) -> bool:
        """Whether it is open, or somebody waits for it."""
        return self.is_open or self.changing is not None or self.is_awaited

    @property
    def is_awaited(self) -> bool:
        """Whether somebody is answered when its record is on disk."""
        return bool(self.placements or self.cancelling or self.abandoning or self.awaiting or self.changed)

    @property
    def is_spread(self) -> bool:
        """Whether an advisor's group or model spreads it over accounts: its executions do not add up to it."""
        fields = self.record.order
        return bool(fields.get("faGroup") or fields.get("faPercentage") or fields.get("modelCode"))

    @property
    def is_combo(self) -> bool:
        return self.record.contract.get("secType") == "BAG"

    def counts(self, contract: Data) -> bool:
        """Whether an execution of that contract is of its own quantity: those of a combo's legs are not."""
        return not self.is_spread and (not self.is_combo or contract.get("secType") == "BAG")

    @property
    def quantity(self) -> Decimal | None:
        """The most that may be executed; None where its fields do not say, or executions do not add up to it.

        While a change is not settled, the larger of both quantities.
        """
        if self.is_spread or self.incarnations or "exerciseAction" in self.record.order:
            return None
        newest = _stated(self.record.order)
        if newest is None or not self.record.before:
            return newest
        before = _stated(self.record.before["order"])
        return None if before is None else max(newest, before)

    def facts(self) -> Data:
        """What its owner is told of it; of an unknown one also what the account held then, and what it holds now."""
        facts, told = facts_of(self.told), self.told
        if told.state == "unknown" and (position := self.positions.facts(told)):
            facts["position"] = position
        return facts

    def decided(self) -> Data:
        """The same as is decided, for what is written together with it."""
        return facts_of(self.record)


def _stated(order: Data) -> Decimal | None:
    quantity = order.get("totalQuantity")
    return Decimal(str(quantity)) if quantity and not order.get("cashQty") else None


def facts_of(record: OrderRecord) -> Data:
    """An order as its owner is told of it."""
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
