"""The whole persisted state of an exchange, and the list of what has changed in it since the last save."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from bridge.simulator.accounts.account import Account, Position
from bridge.simulator.instruments.instrument import Universe
from bridge.simulator.orders.executions import ExecutionReport
from bridge.simulator.orders.order_ids import NextOrderId
from bridge.simulator.orders.simulated_order import SimulatedOrder
from bridge.simulator.persistence.records import Record, Unusable, from_record, plain

# The kinds of records in a state file. A file must stay readable, so these words do not change.
_EXCHANGE, _ORDER, _EXECUTION, _NEXT_ID = "house", "order", "report", "numbers"
_ACCOUNT, _POSITION = "account", "position"


@dataclass(frozen=True, slots=True)
class ExchangeRecord:
    """State of the exchange that belongs to no order and to no account."""

    listed: date
    """The day on which the exchange first opened. It determines which futures and options exist."""
    midnight: int
    """End of the current trading day, in seconds since 1970 UTC."""
    next_perm_id: int


@dataclass(frozen=True, slots=True)
class PersistedState:
    """Everything that a set of records describes. Each list is in the order of its records."""

    exchange: ExchangeRecord
    accounts: dict[str, Account]
    orders: list[SimulatedOrder]
    executions: list[ExecutionReport]
    next_order_ids: list[NextOrderId]


class Changes:
    """What has changed since the last call of `take`. A thing that changes several times is listed once."""

    def __init__(self) -> None:
        """Start without changes."""
        self._marked: dict[tuple[str, str], Any] = {}

    def exchange(self, exchange: ExchangeRecord) -> None:
        """Mark the state of the exchange itself as changed."""
        self._marked[_EXCHANGE, ""] = exchange

    def next_order_id(self, client_id: int, next_id: int) -> None:
        """Mark the next order id of a client as changed."""
        self._marked[_NEXT_ID, str(client_id)] = NextOrderId(client_id, next_id)

    def order(self, order: SimulatedOrder) -> None:
        """Mark a transmitted order as changed."""
        self._marked[_ORDER, str(order.perm_id)] = order

    def execution(self, report: ExecutionReport) -> None:
        """Mark an execution as new."""
        self._marked[_EXECUTION, str(report.execution["execId"])] = report

    def account(self, account: Account) -> None:
        """Mark the cash of an account as changed."""
        self._marked[_ACCOUNT, account.name] = account

    def position(self, account: str, position: Position) -> None:
        """Mark a position as changed. `account` is the account's name."""
        self._marked[_POSITION, f"{account}/{position.instrument.conId}"] = position

    def take(self) -> list[Record]:
        """Return a record of each changed thing as it is now, in the order of first change, and clear the list."""
        marked, self._marked = self._marked, {}
        return [Record(kind, key, plain(thing)) for (kind, key), thing in marked.items()]


def exchange_record_of(records: Iterable[Record]) -> ExchangeRecord | None:
    """Return the record of the exchange itself, or None if there are no records at all.

    Raises Unusable if there are records, but none of the exchange.
    """
    records = list(records)
    found = [record for record in records if record.kind == _EXCHANGE]
    if records and not found:
        raise Unusable("the record of the exchange is missing")
    return from_record(ExchangeRecord, found[0], Universe([])) if found else None


def restored(records: Iterable[Record], exchange: ExchangeRecord, universe: Universe) -> PersistedState:
    """Return the state that the records describe. Raises Unusable if a record cannot be read."""
    state = PersistedState(exchange, {}, [], [], [])
    for record in records:
        if record.kind == _ORDER:
            state.orders.append(from_record(SimulatedOrder, record, universe))
        elif record.kind == _EXECUTION:
            state.executions.append(from_record(ExecutionReport, record, universe))
        elif record.kind == _NEXT_ID:
            state.next_order_ids.append(from_record(NextOrderId, record, universe))
        elif record.kind == _ACCOUNT:
            state.accounts[record.key] = from_record(Account, record, universe)
    for record in records:
        if record.kind == _POSITION:
            position = from_record(Position, record, universe)
            name = record.key.rpartition("/")[0]
            if name not in state.accounts:
                raise Unusable(f"there is a position, but the record of its account {name} is missing")
            state.accounts[name].positions[position.instrument.conId] = position
    return state
