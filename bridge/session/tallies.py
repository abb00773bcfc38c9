"""The tallies: what the session counts for `/metrics`. They are plain numbers; nothing here decides anything.

A histogram here has what Prometheus needs: how many values were at most each bound, and their sum.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

#: Upper bounds in seconds for what takes microseconds to milliseconds when all is well.
SHORT: tuple[float, ...] = (
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5,
)  # fmt: skip
#: Upper bounds in seconds for what waits for TWS or for room.
LONG: tuple[float, ...] = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class HistogramFigures(NamedTuple):
    """A histogram at one moment. `counts`: how many values are in each bucket; the last bucket has no upper bound."""

    bounds: tuple[float, ...]
    counts: tuple[int, ...]
    sum: float


class Histogram:
    """Counts values by upper bounds. One thread writes; another may read."""

    __slots__ = ("_bounds", "_counts", "_sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = tuple(bounds)
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float, times: int = 1) -> None:
        """Count a value that has occurred `times` times. A negative value, from a clock that was set, counts as 0."""
        if value < 0:
            value = 0.0
        self._counts[bisect_left(self._bounds, value)] += times
        self._sum += value * times

    def figures(self) -> HistogramFigures:
        """Return the counts at this moment."""
        return HistogramFigures(self._bounds, tuple(self._counts), self._sum)


@dataclass(slots=True)
class Tallies:
    """What the session counts from its start.

    * `requests`: by method, requests that the gate let in. `errors`: by code, error replies.
    * `connection_changes`: by state, how often the connection entered it.
    * `order_states`: by state, how often an order entered it.
    * `notices`: notices of TWS about no request. `slow_downs`: reports of TWS that the bridge asks too fast.
    * `order_sent`: seconds from the receipt of a request to the sending of its order. `order_answered`: seconds from
      there to TWS's first message about the order.
    * `waits`: seconds that a request waited for TWS, for room or for another request, before it ran.
    """

    requests: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    connection_changes: Counter[str] = field(default_factory=Counter)
    order_states: Counter[str] = field(default_factory=Counter)
    notices: int = 0
    slow_downs: Counter[str] = field(default_factory=Counter)
    order_sent: Histogram = field(default_factory=lambda: Histogram(SHORT))
    order_answered: Histogram = field(default_factory=lambda: Histogram(LONG))
    waits: Histogram = field(default_factory=lambda: Histogram(LONG))
