"""What IBKR keeps while the Gateway is down, as plain records: taken from orders, executions, accounts, and made into
them again.

A record's fields are those of the dataclass that it is made from. Knows no file, no market, and no rule about orders.
"""

from collections.abc import Iterable, Iterator
from dataclasses import Field, dataclass, fields
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar, cast, get_type_hints

from bridge.simulator.account import Account, Position
from bridge.simulator.executions import Report
from bridge.simulator.instruments import Instrument, Universe
from bridge.simulator.ticket import Ticket
from bridge.simulator.values import Data

T = TypeVar("T")


class Unusable(Exception):
    """What was kept is not what an exchange can go on from, and why."""


@dataclass(frozen=True, slots=True)
class Record:
    """One thing as it stands. `data` is JSON's; a later record of the same kind and key replaces it."""

    kind: str
    key: str
    data: Data


@dataclass(frozen=True, slots=True)
class House:
    """What belongs to no order and to no account."""

    listed: date
    """The day on which the exchange first opened: which futures and options there are follows from it."""
    midnight: int
    """When its present day ends, in seconds since 1970 UTC."""
    next_perm_id: int


@dataclass(frozen=True, slots=True)
class Numbers:
    """The order ids of a client."""

    client_id: int
    next_id: int
    """Above every one that it has used."""


class Changes:
    """What is not as it was when it was last asked for. Each thing is in it once, however often it changes."""

    def __init__(self) -> None:
        """Nothing has changed."""
        self._marked: dict[tuple[str, str], Any] = {}

    def house(self, house: House) -> None:
        """It is new, or another one."""
        self._marked["house", ""] = house

    def numbers(self, client_id: int, next_id: int) -> None:
        """A client has used an id."""
        self._marked["numbers", str(client_id)] = Numbers(client_id, next_id)

    def order(self, ticket: Ticket) -> None:
        """A transmitted order has changed."""
        self._marked["order", str(ticket.perm_id)] = ticket

    def report(self, report: Report) -> None:
        """An execution has happened."""
        self._marked["report", str(report.execution["execId"])] = report

    def account(self, account: Account) -> None:
        """Its money has changed."""
        self._marked["account", account.name] = account

    def position(self, account: str, position: Position) -> None:
        """It has changed."""
        self._marked["position", f"{account}/{position.instrument.conId}"] = position

    def take(self) -> list[Record]:
        """The changed things as they are now, in the order in which they first changed; from now on they count as
        unchanged."""
        marked, self._marked = self._marked, {}
        return [Record(kind, key, plain(thing)) for (kind, key), thing in marked.items()]


@dataclass(frozen=True, slots=True)
class Kept:
    """What records stand for, each in the order of its record."""

    house: House
    accounts: dict[str, Account]
    tickets: list[Ticket]
    reports: list[Report]
    numbers: list[Numbers]


def house_of(records: Iterable[Record]) -> House | None:
    """The house among records; None without any records. Raises Unusable where there are some, but no house."""
    records = list(records)
    houses = [record for record in records if record.kind == "house"]
    if records and not houses:
        raise Unusable("there are records, but not what they belong to")
    return _made(House, houses[0], Universe([])) if houses else None


def recalled(records: Iterable[Record], house: House, universe: Universe) -> Kept:
    """The things themselves. Raises Unusable for a record that cannot be read."""
    kept = Kept(house, {}, [], [], [])
    for record in records:
        match record.kind:
            case "order":
                kept.tickets.append(_made(Ticket, record, universe))
            case "report":
                kept.reports.append(_made(Report, record, universe))
            case "numbers":
                kept.numbers.append(_made(Numbers, record, universe))
            case "account":
                kept.accounts[record.key] = _made(Account, record, universe)
    for record in records:
        if record.kind == "position":
            position = _made(Position, record, universe)
            name = record.key.rpartition("/")[0]
            if name not in kept.accounts:
                raise Unusable(f"there is a position, but not its account {name}")
            kept.accounts[name].positions[position.instrument.conId] = position
    return kept


# Fields: decimals and days as text, instruments as their conId, all else as JSON has it


def _kept_fields(kind: Any) -> Iterator[Field[Any]]:
    return (field for field in fields(kind) if field.metadata.get("kept", True))


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def plain(thing: Any) -> Data:
    """The fields of a dataclass as JSON has them, but for those marked as not kept."""
    return {field.name: _plain(getattr(thing, field.name)) for field in _kept_fields(thing)}


def _plain(value: Any) -> Any:
    match value:
        case Decimal():
            return str(value)
        case date():
            return value.isoformat()
        case Instrument():
            return value.conId
        case dict():
            return {key: _plain(each) for key, each in value.items()}
    return value


def _made(kind: type[T], record: Record, universe: Universe) -> T:
    hints = _hints(cast(Any, kind))
    try:
        wanted = [field.name for field in _kept_fields(kind)]
        if record.data.keys() != set(wanted):
            raise Unusable(f"{record.kind} {record.key}: the fields are {sorted(record.data)}")
        return kind(**{name: _value(hints[name], record.data[name], universe) for name in wanted})
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise Unusable(f"{record.kind} {record.key} cannot be read: {error!r}") from None


def _value(hint: Any, value: Any, universe: Universe) -> Any:
    if hint is Decimal:
        return Decimal(value)
    if hint is date:
        return date.fromisoformat(value)
    if hint is Instrument:
        return universe.by_id[value]
    if hint == dict[str, Decimal]:
        return {key: Decimal(each) for key, each in value.items()}
    if isinstance(hint, type) and not isinstance(value, hint):
        raise TypeError(f"{value!r} is no {hint.__name__}")
    return value
