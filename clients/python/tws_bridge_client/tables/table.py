"""A table, and how a function reads the messages that it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from tws_bridge_client import answers
from tws_bridge_client.generated import messages as m
from tws_bridge_client.live.accounts import AccountValues
from tws_bridge_client.naming import unknown
from tws_bridge_client.struct import Struct

#: What a column holds. `time`: datetimes in UTC. `date`: days. `decimal`: Decimal, or what `decimals` makes of it.
Kind = Literal["time", "date", "float", "decimal", "int", "bool", "text"]
#: What becomes of decimal numbers. `float`: floats, and an error if one would lose digits. `rounded`: floats, whatever
#: they lose. `decimal`: Decimal.
Decimals = Literal["float", "rounded", "decimal"]


class Column(NamedTuple):
    """The name of a column and what it holds. Any value may be None, but not a text."""

    name: str
    kind: Kind


class Table(NamedTuple):
    """Rows, each with a value for each column."""

    columns: list[Column]
    rows: list[list[Any]]

    def values(self, name: str) -> list[Any]:
        """The values of one column."""
        place = [column.name for column in self.columns].index(name)
        return [row[place] for row in self.rows]


def with_decimals(table: Table, decimals: Decimals) -> Table:
    """The table with its decimal numbers as floats, unless `decimals` says otherwise.

    Raises ValueError if a number is not the same as a float and `decimals` is `float`.
    """
    if decimals not in ("float", "rounded", "decimal"):
        raise ValueError(f"decimals: '{decimals}' is none of 'float', 'rounded', 'decimal'")
    if decimals == "decimal":
        return table
    places = [place for place, column in enumerate(table.columns) if column.kind == "decimal"]
    rows = [list(row) for row in table.rows]
    for row in rows:
        for place in places:
            if row[place] is not None:
                row[place] = _as_float(row[place], table.columns[place].name, decimals)
    columns = [Column(name, "float" if kind == "decimal" else kind) for name, kind in table.columns]
    return Table(columns, rows)


def _as_float(number: Decimal, name: str, decimals: Decimals) -> float:
    found = float(number)
    if decimals == "float" and Decimal(repr(found)) != number:
        raise ValueError(
            f"{name}: {number} has more digits than a float: pass decimals='decimal', or decimals='rounded'"
        )
    return found


# What a function takes, as messages.

Open = Callable[[Any], list[Struct]]


def parts(source: Any, name: str, kinds: tuple[type[Struct], ...], opens: Open = lambda _: []) -> Iterator[Struct]:
    """The messages of one of the kinds, without the ends of lists. Raises ValueError for one of another kind."""
    for item in _items(source, name, kinds):
        for part in opens(item) or [_part(item, name, kinds)]:
            if isinstance(part, kinds):
                yield part
            elif not type(part).__name__.endswith("End"):
                raise ValueError(f"{name}() does not show {type(part).__name__}: it takes {_names(kinds)}")


def _items(source: Any, name: str, kinds: tuple[type[Struct], ...]) -> Iterable[Any]:
    """What the source has: the account values of a client are a map, and show all that they have by `messages`."""
    if isinstance(source, AccountValues):
        return source.messages()
    if isinstance(source, Struct | Mapping) or hasattr(source, "envelope"):
        return [source]
    if not isinstance(source, Iterable):
        raise TypeError(f"{name}() does not take {type(source).__name__}: it takes {_names(kinds)}, or maps of these")
    return source


def _part(item: Any, name: str, kinds: tuple[type[Struct], ...]) -> Struct:
    if isinstance(item, Struct):
        return item
    if hasattr(item, "message") and isinstance(item.message, Struct):
        return item.message
    if not isinstance(item, Mapping):
        raise TypeError(f"{name}() does not take {type(item).__name__}: it takes {_names(kinds)}, or maps of these")
    if "event" in item and "data" in item:
        found: Struct = answers.message(item["event"], item["data"])
        if isinstance(found, m.Unknown):
            raise ValueError(unknown("there is no event", str(item["event"]), m.BY_EVENT))
        return found
    best = max(kinds, key=lambda kind: len(item.keys() & set(kind.FIELDS)))
    if not item.keys() <= {"reqId", *best.FIELDS} or not item.keys() & set(best.FIELDS):
        raise ValueError(f"{name}(): a map with {', '.join(map(str, item))} is none of {_names(kinds)}")
    return best.from_dict(dict(item))


def _names(kinds: tuple[type[Struct], ...]) -> str:
    return ", ".join(kind.__name__ for kind in kinds)
