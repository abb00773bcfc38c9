"""The records that the ledger keeps of a session, and the state that the bridge recovers from them at its next start.

These are plain values. This module knows no SQL, no files and no rule about orders.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from bridge.session.orders.state import Change, State
from bridge.session.values import Data


class OrderRecord(NamedTuple):
    """One order. `order` has the fields that the client sent, as of its newest revision.

    * `contract`: the contract as the bridge sends it, with TWS's own fields if TWS has described it.
    * `state`, `change`: see `orders/state.py`. The bridge writes an order as `sent` before it sends it.
    * `digest`: of the content that was placed. `change_digest`: of the newest revision.
    * `before`: the content before the newest revision, until TWS has confirmed that revision.
    * `filled`: a decimal string. `final_filled`: TWS's figure when it reported that the order is over.
    * `verdict`, `change_verdict`: errors as the bridge answered them, `{code, message, twsCode?}`.
    * `parent`: the parent's key. `parent_id`: the parent's order id.
    * `placed_at`: ns since 1970 UTC. `placed_day`: TWS's date at that time (`20251001`).
    * `heard`: whether TWS has sent a message about it. `reason`: why its state is unknown.
    * `position`: the account's position when the order was placed.
    """

    order_id: int
    owner: str
    key: str
    digest: str
    tag: str
    state: State
    contract: Data
    order: Data
    instance: str | None = None
    perm_id: str | None = None
    parent: str | None = None
    parent_id: int | None = None
    status: str | None = None
    filled: str = "0"
    verdict: Data | None = None
    revision: int = 0
    change: Change = "none"
    change_digest: str | None = None
    change_verdict: Data | None = None
    before: Data | None = None
    placed_at: int = 0
    placed_day: str | None = None
    heard: bool = False
    final_filled: str | None = None
    reason: str | None = None
    position: str | None = None

    @property
    def content(self) -> Data:
        """The contract and the order."""
        return {"contract": self.contract, "order": self.order}


class LogRecord(NamedTuple):
    """One event of an owner's order log. `ts`: ns since 1970 UTC. Only executions have `shares`.

    `exec_id`: what the log takes only once; for an execution and a commission the execId.

    `replayed`: the bridge had requested the data from TWS again, so this event may be a repeat.
    """

    owner: str
    n: int
    ts: int
    topic: str
    event: str
    data: Data
    order_id: int
    exec_id: str | None = None
    shares: str | None = None
    replayed: bool = False


class HighWater(NamedTuple):
    """The bridge never uses an order id up to this one again."""

    order_id: int


class Fact(NamedTuple):
    """One fact about the ledger as a whole, by name."""

    name: str
    value: str


class OnceRecord(NamedTuple):
    """An idempotent request: its key, the digest of what the key stands for, and its outcome, once it has one."""

    owner: str
    key: str
    method: str
    digest: str
    outcome: Data | None = None


class HoldRecord(NamedTuple):
    """A client's hold on a stream, with the method and params that request it from TWS. `params` None: it is over."""

    client: str
    method: str
    stream: str
    params: Data | None


Record = OrderRecord | LogRecord | HighWater | Fact | OnceRecord | HoldRecord


@dataclass(frozen=True, slots=True)
class Reported:
    """An entry of the order log that must not be in it twice: an execution, a commission, or an event with an ID."""

    owner: str
    n: int
    event: str
    order_id: int
    exec_id: str
    shares: str | None


@dataclass(frozen=True, slots=True)
class RecoveredState:
    """What a session needs from the ledger to start. It looks up everything else in the archive when it needs it.

    `log`: the name of the log, created with the file. `orders`: the orders that have not ended, and the orders of the
    newest day whose executed quantity may not be final. `heads`: the highest `n` of each owner's log.
    """

    log: str
    accounts: str | None = None
    high_water: int = 0
    orders: tuple[OrderRecord, ...] = ()
    heads: dict[str, int] = field(default_factory=dict)
    holds: tuple[HoldRecord, ...] = ()
