"""Generic ticks: clients that share a stream may want different ones, and the bridge asks TWS for all of them.

`mdoff` asks TWS for a stream without the usual ticks. Such a stream has a name of its own (`topic_names.stream`).
"""

from __future__ import annotations

from bridge.session.values import Data

FIELD = "genericTickList"


def covers(params: Data, wanted: Data) -> bool:
    """Return whether a stream with these params has all generic ticks that a client wants."""
    return _ticks(wanted) <= _ticks(params)


def union(params: Data, wanted: Data) -> Data:
    """Return the params with the generic ticks of both, each once, in the order of their numbers."""
    ticks = _ticks(params) | _ticks(wanted)
    return {**params, FIELD: ",".join(sorted(ticks, key=_by_number))} if ticks else params


def _ticks(params: Data) -> set[str]:
    return {tick.strip() for tick in (params.get(FIELD) or "").split(",")} - {""}


def _by_number(tick: str) -> tuple[int, str]:
    number = tick.partition(":")[0]
    return (int(number) if number.isdecimal() else -1, tick)
