"""Unions: clients that share a stream may want different generic ticks or account tags. The bridge asks TWS for all.

`mdoff` asks TWS for a stream without the usual ticks. Such a stream has a name of its own (`topic_names.stream`).
"""

from __future__ import annotations

from bridge.session.topic_names import UNIONS
from bridge.session.values import Data


def covers(params: Data, wanted: Data) -> bool:
    """Return whether a stream with these params has all that a client wants."""
    return all(_items(wanted, name) <= _items(params, name) for name in UNIONS)


def union(params: Data, wanted: Data) -> Data:
    """Return the params with what both want, each once: ticks by their numbers, tags by the alphabet."""
    both = {name: _items(params, name) | _items(wanted, name) for name in UNIONS}
    return params | {name: ",".join(sorted(items, key=_by_number)) for name, items in both.items() if items}


def _items(params: Data, name: str) -> set[str]:
    return {item.strip() for item in (params.get(name) or "").split(",")} - {""}


def _by_number(item: str) -> tuple[int, str]:
    number = item.partition(":")[0]
    return (int(number) if number.isdecimal() else -1, item)
