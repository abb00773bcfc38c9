"""Prices before the exchange opened: any bar of the last five years, generated from a seed.

The generator divides a bar of 24 hours into half hours, these into minutes, and these into seconds, each with its own
seed. So bars of different lengths never contradict each other. The bars are those of the bid, in ticks; `series.py`
derives the other kinds.
"""

from collections import OrderedDict
from collections.abc import Callable
from random import Random
from typing import Protocol

from bridge.simulator.core.times import DAY
from bridge.simulator.market.bars import Bar, subdivided

HALF_HOUR, MINUTE, SECOND = 1800, 60, 1
DAYS = 5 * 365
_CACHED = 4096


class BidHistory(Protocol):
    """The bars of the bid before the exchange opened."""

    origin: int
    head: int

    def bar(self, level: int, index: int) -> Bar | None:
        """Return the bar that starts at index * level, in ticks; None before `head`."""


class GeneratedHistory:
    """The history of one instrument up to the half hour in which the exchange opened. It ends at the price `base`."""

    def __init__(self, seed: str, base: int, daily_ticks: float, daily_volume: int, opened: int) -> None:
        """`base` and `daily_ticks` (a typical daily move) are in ticks, `opened` is in seconds since 1970 UTC."""
        self._seed = seed
        self._base = base
        self._daily = daily_ticks
        self._volume = daily_volume
        self.origin = opened - opened % HALF_HOUR
        self.head = self.origin - DAYS * DAY
        self._closes: list[int] = []
        self._cache: OrderedDict[tuple[int, int], list[Bar]] = OrderedDict()

    def bar(self, level: int, index: int) -> Bar | None:
        """Return the bar [index * level, (index + 1) * level); None before `head`. `level` is 1, 60 or 1800 s."""
        if index * level < self.head:
            return None
        if level == HALF_HOUR:
            return self._half_hour(index)
        wider = HALF_HOUR if level == MINUTE else MINUTE
        n = wider // level
        parent = self.bar(wider, index // n)
        return None if parent is None else self._children(level, index // n, parent, n)[index % n]

    def _half_hour(self, index: int) -> Bar:
        since = index - self.origin // HALF_HOUR
        if since >= 0:
            return Bar(self._base, self._base + 3, self._base - 3, self._base, self._volume // 48, self._volume // 4800)
        day, n = divmod(since, 48)
        return self._children(HALF_HOUR, day, self._day(day), 48)[n]

    def _children(self, level: int, parent_index: int, parent: Bar, n: int) -> list[Bar]:
        key = (level, parent_index)
        found = self._cache.get(key)
        if found is None:
            found = subdivided(parent, n, Random(f"{self._seed}/{level}/{parent_index}"))
            self._cache[key] = found
            if len(self._cache) > _CACHED:
                self._cache.popitem(last=False)
        return found

    def _day(self, day: int) -> Bar:
        """Return a daily bar. Day -1 ends at the origin, day -2 a day before.

        A bar opens at the close of the day before it.
        """
        if not self._closes:
            self._closes = self._walk_back()
        rng = Random(f"{self._seed}/day/{day}")
        last, first = self._closes[-day - 1], self._closes[-day]
        reach = self._daily * last / self._base
        high = max(first, last) + int(abs(rng.gauss(0, reach / 2)))
        low = max(1, min(first, last) - int(abs(rng.gauss(0, reach / 2))))
        volume = int(self._volume * (0.6 + 0.8 * rng.random()))
        return Bar(first, high, low, last, volume, volume // 100, volume * (first + high + low + last) / 4)

    def _walk_back(self) -> list[int]:
        """Return the closes at the origin, one day before, two days before, and so on."""
        rng = Random(f"{self._seed}/closes")
        at = float(self._base)
        closes = [self._base]
        for _ in range(DAYS):
            at *= 1.0 + rng.gauss(-0.0002, self._daily / self._base)
            at = min(max(at, self._base * 0.2), self._base * 5.0)
            closes.append(max(2, round(at)))
        return closes


class OptionHistory:
    """The history of an option, computed from the history of its underlying."""

    def __init__(self, under: BidHistory, convert: Callable[[Bar, int], Bar]) -> None:
        """`convert` turns a bar of the underlying's bid and its time (s since 1970 UTC) into a bar of the option."""
        self._under = under
        self._convert = convert
        self.origin = under.origin
        self.head = under.origin - 60 * DAY  # options were listed two months ago

    def bar(self, level: int, index: int) -> Bar | None:
        """As `GeneratedHistory.bar`."""
        bar = None if index * level < self.head else self._under.bar(level, index)
        return None if bar is None else self._convert(bar, index * level)
