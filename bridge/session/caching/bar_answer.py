"""One answer of TWS to reqHistoricalData, read: its bars by their start, and the period that TWS says it has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bridge.session.caching.bar_times import Moment, bar_start, moment
from bridge.session.values import Data


class BarAnswer(NamedTuple):
    """`bars`: by their start, oldest first, at least one. `start`, `end`: the period, and as TWS wrote it (`texts`)."""

    bars: dict[int, Data]
    start: Moment
    end: Moment
    texts: tuple[str, str]

    @property
    def first(self) -> int:
        """The start of its first bar."""
        return next(iter(self.bars))


def read_answer(callbacks: Sequence[tuple[str, Data]]) -> BarAnswer | None:
    """Return the answer; None if it is not one whole answer with bars whose times are certain, each there once.

    `callbacks`: all that TWS has sent for the request. A warning among them makes the answer uncertain, too.
    """
    if not callbacks or callbacks[-1][0] != "historicalDataEnd":
        return None
    if any(name != "historicalData" for name, _ in callbacks[:-1]):
        return None
    last = callbacks[-1][1]
    texts = (str(last.get("startDateStr", "")), str(last.get("endDateStr", "")))
    start, end = moment(texts[0]), moment(texts[1])
    if start is None or end is None or start.zone != end.zone:
        return None
    found: dict[int, Data] = {}
    newest = -1
    for _, data in callbacks[:-1]:
        for bar in data.get("historicalDataBars", ()):
            begins = bar_start(str(bar.get("date", "")), end.zone)
            if begins is None or not newest < begins:
                return None
            found[begins] = bar
            newest = begins
    return BarAnswer(found, start, end, texts) if found and newest <= end.seconds else None
