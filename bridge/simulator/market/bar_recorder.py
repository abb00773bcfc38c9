"""Records quotes and trades since the exchange opened, by second, by minute and by half hour.

Prices are in ticks. `generated_history.py` has the prices before the opening.
"""

from bisect import bisect_right

from bridge.simulator.market.bars import Bar

LEVELS = (1, 60, 1800)
_KEPT = {1: 1800, 60: 1440, 1800: 365 * 48}
"""Minimum number of recorded samples of each length (in s). Older times are available in the next longer length only.
"""


class Sample:
    """Range of bid, ask and last price in one time span. It starts with the prices at the beginning of the span."""

    __slots__ = ("ask", "bid", "last")

    def __init__(self, bid: Bar, ask: Bar, last: Bar) -> None:
        """The sample takes ownership of the bars."""
        self.bid = bid
        self.ask = ask
        self.last = last

    def absorb(self, later: "Sample") -> None:
        """Extend this span by the span that follows it."""
        for mine, other in ((self.bid, later.bid), (self.ask, later.ask)):
            mine.high = max(mine.high, other.high)
            mine.low = min(mine.low, other.low)
            mine.close = other.close
        if later.last.volume:
            self._trade(later.last)

    def _trade(self, other: Bar) -> None:
        mine = self.last
        if not mine.volume:
            mine.open, mine.high, mine.low = other.open, other.high, other.low
        mine.high = max(mine.high, other.high)
        mine.low = min(mine.low, other.low)
        mine.close = other.close
        mine.volume += other.volume
        mine.count += other.count
        mine.value += other.value

    def copy(self) -> "Sample":
        """Return an independent copy."""
        return Sample(_copy(self.bid), _copy(self.ask), _copy(self.last))

    def after(self) -> "Sample":
        """Return the sample of a span without changes that follows this one."""
        bid, ask, last = self.bid.close, self.ask.close, self.last.close
        return Sample(Bar(bid, bid, bid, bid), Bar(ask, ask, ask, ask), Bar(last, last, last, last))


def _copy(bar: Bar) -> Bar:
    return Bar(bar.open, bar.high, bar.low, bar.close, bar.volume, bar.count, bar.value)


class BarRecorder:
    """The samples of one instrument."""

    def __init__(self, second: int, bid: int, ask: int, last: int) -> None:
        """Start at `second` (since 1970 UTC) with these quotes, in ticks."""
        self._times: dict[int, list[int]] = {level: [] for level in LEVELS}
        self._samples: dict[int, list[Sample]] = {level: [] for level in LEVELS}
        self.second = second
        self.start = last
        start = Sample(Bar(bid, bid, bid, bid), Bar(ask, ask, ask, ask), Bar(last, last, last, last))
        self._now = start
        self._append(1, second, start)

    def quote(self, second: int, bid: int, ask: int) -> None:
        """Record a quote, in ticks."""
        now = self._now if second <= self.second else self._turn(second)
        for bar, price in ((now.bid, bid), (now.ask, ask)):
            if price > bar.high:
                bar.high = price
            elif price < bar.low:
                bar.low = price
            bar.close = price

    def trade(self, second: int, price: int, size: int) -> None:
        """Record a trade of `size` units at `price`."""
        now = self._now if second <= self.second else self._turn(second)
        bar = now.last
        if not bar.volume:
            bar.open = bar.high = bar.low = price
        elif price > bar.high:
            bar.high = price
        elif price < bar.low:
            bar.low = price
        bar.close = price
        bar.volume += size
        bar.count += 1
        bar.value += price * size

    def sample(self, level: int, index: int) -> Sample | None:
        """Return the sample of the span [index * level, (index + 1) * level).

        If nothing happened in the span, the sample has the prices that were valid then. None if the span is before the
        first recorded second.
        """
        if index * level > self.second:
            return self._now.after()
        times = self._times[level]
        at = bisect_right(times, index)
        if level > 1 and self.second // level == index:
            return self._open_span(level, index, at)
        if not at:
            return None
        found = self._samples[level][at - 1]
        return found if times[at - 1] == index else found.after()

    def keeps(self, level: int, index: int) -> bool:
        """Return whether the samples of this level reach back to `index`."""
        times = self._times[level]
        return bool(times) and times[0] <= index

    def _open_span(self, level: int, index: int, at: int) -> Sample:
        """Return the sample of the current minute or half hour, including finer samples that are not part of it yet."""
        finer = LEVELS[LEVELS.index(level) - 1]
        whole = self._samples[level][at - 1].copy() if at and self._times[level][at - 1] == index else None
        newest = self.sample(finer, self.second // finer)
        if newest is None:
            raise LookupError("the recorder has no newest second")
        if whole is None:
            return newest.copy()
        whole.absorb(newest)
        return whole

    def _turn(self, second: int) -> Sample:
        """Close the current second and every longer span that ends with it, and open another second."""
        for level in LEVELS[:-1]:
            coarser = LEVELS[LEVELS.index(level) + 1]
            if level > 1 and self.second // level == second // level:
                break
            self._fold(level, coarser)
        self.second = second
        self._now = self._now.after()
        self._append(1, second, self._now)
        return self._now

    def _fold(self, level: int, coarser: int) -> None:
        """Add the newest sample of `level`, which is closed, to the coarser level."""
        closed = self._samples[level][-1]
        index = self._times[level][-1] * level // coarser
        if self._times[coarser] and self._times[coarser][-1] == index:
            self._samples[coarser][-1].absorb(closed)
        else:
            self._append(coarser, index, closed.copy())

    def _append(self, level: int, index: int, sample: Sample) -> None:
        times, samples = self._times[level], self._samples[level]
        times.append(index)
        samples.append(sample)
        if len(times) > 2 * _KEPT[level]:
            del times[: _KEPT[level]]
            del samples[: _KEPT[level]]
