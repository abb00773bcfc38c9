"""All bars of one instrument: the generated history, then the recorded bars, without a gap.

Kinds are TRADES, BID, ASK and MIDPOINT. Prices are in ticks.
"""

from random import Random

from bridge.simulator.market.bar_recorder import BarRecorder, Sample
from bridge.simulator.market.bars import Bar, flat, merged, subdivided
from bridge.simulator.market.generated_history import BidHistory

KINDS = ("TRADES", "BID", "ASK", "MIDPOINT")
_FINER = {1800: 60, 60: 1}


class Series:
    """Generated history and recorded bars of one instrument."""

    def __init__(self, past: BidHistory, recorder: BarRecorder, opened: int, spread: int) -> None:
        """From `opened` (seconds since 1970 UTC) on, the recorder has the bars."""
        self._past = past
        self._recorder = recorder
        self._opened = opened
        self._spread = spread
        self.head = past.head

    def bar(self, level: int, index: int, kind: str) -> Bar | None:
        """Return the bar [index * level, (index + 1) * level), or None if there is no history.

        `level` is 1, 60 or 1800 s.
        """
        start = index * level
        if start + level <= self._opened:
            bar = self._past.bar(level, index)
            return None if bar is None else past_kind(bar, kind, self._spread)
        if start < self._opened:
            finer = _FINER[level]
            n = level // finer
            children = (self.bar(finer, i, kind) for i in range(index * n, index * n + n))
            return merged(bar for bar in children if bar is not None)
        return self._live(level, index, kind)

    def _live(self, level: int, index: int, kind: str) -> Bar:
        if level < 1800 and not self._recorder.keeps(level, index):
            wider = 1800 if level == 60 else 60
            n = wider // level
            if self._recorder.keeps(wider, index // n):
                parent = self._live(wider, index // n, kind)
                return subdivided(parent, n, Random(index // n))[index % n]
        sample = self._recorder.sample(level, index)
        if sample is None:
            raise LookupError(f"the recorder does not reach back to {index * level}")
        return sample_kind(sample, kind)


def past_kind(bar: Bar, kind: str, spread: int) -> Bar:
    """Convert a bar of the bid to another kind. The spread is constant, and trades happen at bid or ask."""
    if kind == "TRADES":
        value = bar.value + bar.volume * spread / 2
        return Bar(bar.open, bar.high + spread, bar.low, bar.close, bar.volume, bar.count, value)
    shift = {"BID": 0.0, "ASK": float(spread), "MIDPOINT": spread / 2}[kind]
    return Bar(bar.open + shift, bar.high + shift, bar.low + shift, bar.close + shift)


def sample_kind(sample: Sample, kind: str) -> Bar:
    """Convert a recorded sample to a bar."""
    if kind == "TRADES":
        last = sample.last
        return Bar(last.open, last.high, last.low, last.close, last.volume, last.count, last.value)
    if kind == "MIDPOINT":
        bid, ask = sample.bid, sample.ask
        return Bar(
            (bid.open + ask.open) / 2, (bid.high + ask.high) / 2, (bid.low + ask.low) / 2, (bid.close + ask.close) / 2
        )
    quote = sample.bid if kind == "BID" else sample.ask
    return flat(quote.close) if quote.high == quote.low else Bar(quote.open, quote.high, quote.low, quote.close)
