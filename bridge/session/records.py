"""What the ledger keeps of a session: records that `Persist` writes, and what is recalled of them at the next start.

Plain values. Knows neither SQL nor files, and no rule about orders: those are where the records are made.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from bridge.session.orders.state import Change, State
from bridge.session.values import Data


class OrderRecord(NamedTuple):
    """One order as it stands. `order` has the client's own fields, as of its newest revision.

    `contract` is what leaves: in TWS's words where TWS had described it.

    `state` and `change` are those of `orders/state.py`; an order that is about to leave is on disk as `sent`. `digest`
    is of the content that was placed, `change_digest` of the newest revision; `before` is the content before that, as
    long as it is not known to have been made. `filled` is a decimal string; `final_filled` is TWS's figure when it said
    that the order is over. `verdict` and `change_verdict` are errors as they were answered: `{code, message,
    twsCode?}`. `parent` is a key, `parent_id` the number it stood for. `placed_at`: ns since 1970 UTC; `placed_day`:
    the date at TWS then (`20251001`). `heard`: TWS has spoken of it. `reason`: why it is unknown. `position`: what the
    account held when it was placed.
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
        return {"contract": self.contract, "order": self.order}


class LogRecord(NamedTuple):
    """One event of an owner's order log. `ts` in ns since 1970 UTC; `exec_id` and `shares` of executions.

    `replayed`: the bridge had asked TWS again, and this may be a repeat.
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
    """No order id up to this one may be taken again."""

    order_id: int


class Fact(NamedTuple):
    """One fact about the ledger as a whole, by name."""

    name: str
    value: str


class OnceRecord(NamedTuple):
    """A request that must not happen twice: what its key stands for, and how it was answered, once it was."""

    owner: str
    key: str
    method: str
    digest: str
    outcome: Data | None = None


class HoldRecord(NamedTuple):
    """A client's hold on a stream: the method and its params that ask TWS for it. `params` None: that is over."""

    client: str
    method: str
    stream: str
    params: Data | None


Record = OrderRecord | LogRecord | HighWater | Fact | OnceRecord | HoldRecord


@dataclass(frozen=True, slots=True)
class Reported:
    """An execution or commission that is in the log already."""

    owner: str
    n: int
    event: str
    order_id: int
    exec_id: str
    shares: str | None


@dataclass(frozen=True, slots=True)
class RecoveredState:
    """All that the ledger knew when the bridge started. `log` is its name, made with the file."""

    log: str
    accounts: str | None = None
    high_water: int = 0
    orders: tuple[OrderRecord, ...] = ()
    heads: dict[str, int] = field(default_factory=dict)
    reported: tuple[Reported, ...] = ()
    once: tuple[OnceRecord, ...] = ()
    holds: tuple[HoldRecord, ...] = ()
