"""Names of definitions. No two differ only in the case of the first letter, because generators would merge them."""

from __future__ import annotations


def pascal(name: str) -> str:
    """`tickPrice` as `TickPrice`."""
    return name[:1].upper() + name[1:]


def data_of(event: str) -> str:
    """The definition of an event's fields."""
    return f"{pascal(event)}Data"


def whole(event: str) -> str:
    """The definition of a whole published event."""
    return f"{pascal(event)}Event"


def part_of(event: str) -> str:
    """The definition of one callback as a part of an answer."""
    return f"{pascal(event)}Part"
