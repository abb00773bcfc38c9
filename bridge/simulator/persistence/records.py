"""Records of the state that outlives a TWS process, and their conversion from and to dataclasses.

A record holds the fields of one dataclass as JSON values. This module knows no file and no rule about orders.
"""

from collections.abc import Iterator
from dataclasses import Field, dataclass, fields
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar, cast, get_type_hints

from bridge.simulator.core.values import Data
from bridge.simulator.instruments.instrument import Instrument, Universe

T = TypeVar("T")


class Unusable(Exception):
    """The exchange cannot continue from the stored state. The text says why."""


@dataclass(frozen=True, slots=True)
class Record:
    """The current state of one thing.

    `data` contains JSON values only. A later record with the same `kind` and `key` replaces this one.
    """

    kind: str
    key: str
    data: Data


def _persisted_fields(kind: Any) -> Iterator[Field[Any]]:
    return (field for field in fields(kind) if field.metadata.get("persisted", True))


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def plain(thing: Any) -> Data:
    """Return the persisted fields of a dataclass instance as JSON values.

    Decimals and dates become text, an instrument becomes its conId.
    """
    return {field.name: _plain(getattr(thing, field.name)) for field in _persisted_fields(thing)}


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


def from_record(kind: type[T], record: Record, universe: Universe) -> T:
    """Return the dataclass instance that a record describes; the reverse of `plain`.

    Raises Unusable if the record does not have exactly the fields of `kind`, or if a value has the wrong type.
    """
    hints = _hints(cast(Any, kind))
    try:
        names = [field.name for field in _persisted_fields(kind)]
        if record.data.keys() != set(names):
            raise Unusable(f"{record.kind} {record.key}: wrong fields: {sorted(record.data)}")
        return kind(**{name: _value(hints[name], record.data[name], universe) for name in names})
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
        raise TypeError(f"{value!r} is not a value of type {hint.__name__}")
    return value
