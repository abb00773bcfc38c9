"""One answer of TWS to reqHistoricalData, read: its bars by their start, and the period that TWS says it has."""

from __future__ import annotations

from typing import Any, NamedTuple

from bridge.session.caching.bar_series import start_of
from bridge.session.caching.bar_times import Moment, moment
from bridge.session.values import Data


class BarAnswer(NamedTuple):
    """`bars`: by their start, oldest first. `start`, `end`: the period, and as TWS wrote it (`texts`)."""

    bars: dict[int, Data]
    start: Moment
    end: Moment
    texts: tuple[str, str]


def read_answer(parts: Any) -> BarAnswer | None:
    """Return the answer; None if it is not one whole answer whose times are certain, oldest first, each there once."""
    if not isinstance(parts, list) or not parts or parts[-1]["event"] != "historicalDataEnd":
        return None
    if any(part["event"] != "historicalData" for part in parts[:-1]):
        return None
    last = parts[-1]["data"]
    texts = (last.get("startDateStr", ""), last.get("endDateStr", ""))
    start, end = moment(texts[0]), moment(texts[1])
    if start is None or end is None:
        return None
    found: dict[int, Data] = {}
    newest: int | None = None
    for part in parts[:-1]:
        for bar in part["data"].get("historicalDataBars", ()):
            begins = start_of(bar, end.zone)
            if begins is None or (newest is not None and begins <= newest):
                return None
            found[begins] = bar
            newest = begins
    return BarAnswer(found, start, end, texts)
