"""Bars in ticks: merging bars into longer ones and dividing them into shorter ones.

Pure arithmetic. The caller supplies the source of randomness.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random


@dataclass(slots=True)
class Bar:
    """A bar. Prices are in ticks; midpoints may be half ticks.

    `value` is the sum of price times size, for the average.
    """

    open: float
    high: float
    low: float
    close: float
    volume: int = 0
    count: int = 0
    value: float = 0.0

    @property
    def average(self) -> float:
        """The volume-weighted average price in ticks, between low and high."""
        if not self.volume:
            return self.close
        return min(max(self.value / self.volume, self.low), self.high)


def flat(price: float) -> Bar:
    """Return a bar of a time span in which nothing happened."""
    return Bar(price, price, price, price)


def merged(bars: Iterable[Bar]) -> Bar | None:
    """Merge consecutive bars into one. Returns None if there are no bars."""
    whole: Bar | None = None
    for bar in bars:
        if whole is None:
            whole = Bar(bar.open, bar.high, bar.low, bar.close, bar.volume, bar.count, bar.value)
            continue
        whole.high = max(whole.high, bar.high)
        whole.low = min(whole.low, bar.low)
        whole.close = bar.close
        whole.volume += bar.volume
        whole.count += bar.count
        whole.value += bar.value
    return whole


def shares(total: int, weights: list[float]) -> list[int]:
    """Divide `total` into whole parts in proportion to `weights`. The sum of the parts is `total`."""
    whole = sum(weights)
    parts, running, given = [], 0.0, 0
    for weight in weights:
        running += weight
        upto = round(total * running / whole)
        parts.append(upto - given)
        given = upto
    return parts


def subdivided(parent: Bar, n: int, rng: Random) -> list[Bar]:
    """Divide a bar into `n` bars that merge into `parent` again: same open, close, high, low, volume and count."""
    points = _path(parent, n, rng)
    weights = [0.5 + rng.random() for _ in range(n)]
    volumes, counts = shares(parent.volume, weights), shares(parent.count, weights)
    wick = max(1, int(parent.high - parent.low) // 4)
    top, bottom = rng.randrange(n), rng.randrange(n)
    bars = []
    for i in range(n):
        first, last = points[i], points[i + 1]
        high = min(parent.high, max(first, last) + int(rng.random() * wick))
        low = max(parent.low, min(first, last) - int(rng.random() * wick))
        if i == top:
            high = parent.high
        if i == bottom:
            low = parent.low
        value = volumes[i] * (first + high + low + last) / 4
        bars.append(Bar(first, high, low, last, volumes[i], counts[i], value))
    return bars


def _path(parent: Bar, n: int, rng: Random) -> list[float]:
    """Return n + 1 whole prices from open to close: a random walk with fixed ends that stays within low and high."""
    swing = (parent.high - parent.low) / (n**0.5)
    steps = [rng.gauss(0.0, swing) for _ in range(n)]
    drift = (parent.close - parent.open - sum(steps)) / n
    at = parent.open
    points = [parent.open]
    for step in steps[:-1]:
        at += step + drift
        points.append(min(max(round(at), parent.low), parent.high))
    points.append(parent.close)
    return points
