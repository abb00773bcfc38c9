"""The kept bars in memory, within bounds: of each series its block, and the newest whole answers to equal questions."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field

from bridge.session.caching.bar_answer import BarAnswer
from bridge.session.caching.bar_block import BarBlock
from bridge.session.caching.bar_clock import Stamp
from bridge.session.caching.bar_times import Duration
from bridge.session.values import Data

#: How many bars are in memory at most. The cache file has more.
MOST_BARS = 200_000
#: How many series are in memory at most.
MOST_SERIES = 1000
#: How many whole answers of one series are in memory at most, and of how many bars each.
MOST_ANSWERS = 8
LONGEST_ANSWER = 50_000

Name = tuple[str, Duration]


@dataclass(frozen=True, slots=True)
class WholeAnswer:
    """What TWS has answered to a question about a period that is over, when (ns since 1970), and on which day."""

    answer: BarAnswer
    told: int
    stamp: Stamp


@dataclass(slots=True)
class KeptSeries:
    """What is kept of one series. `stamp`: when the block was last compared with TWS; None: not since it was read.

    `tags`: the contracts that the question names. `is_read`: the bridge has looked for the block in the cache file.
    """

    tags: tuple[str, ...] = ()
    block: BarBlock | None = None
    stamp: Stamp | None = None
    is_read: bool = False
    answers: OrderedDict[Name, WholeAnswer] = field(default_factory=OrderedDict)

    @property
    def size(self) -> int:
        """How many bars it has."""
        in_block = 0 if self.block is None else len(self.block.starts)
        return in_block + sum(len(whole.answer.bars) for whole in self.answers.values())

    def drop_unlike(self, answer: BarAnswer) -> None:
        """Forget the whole answers that TWS has contradicted with this one."""
        for name in [name for name, whole in self.answers.items() if _differ(whole.answer.bars, answer.bars)]:
            del self.answers[name]

    def remember(self, name: Name, whole: WholeAnswer) -> None:
        """Keep the answer to the question."""
        self.answers.pop(name, None)
        if len(whole.answer.bars) <= LONGEST_ANSWER:
            self.answers[name] = whole
        while len(self.answers) > MOST_ANSWERS:
            self.answers.popitem(last=False)


def _differ(old: dict[int, Data], new: dict[int, Data]) -> bool:
    """Return whether the bars differ in the period that both have."""
    first, last = max(next(iter(old)), next(iter(new))), min(next(reversed(old)), next(reversed(new)))
    kept = {start: bar for start, bar in old.items() if first <= start <= last}
    return kept != {start: bar for start, bar in new.items() if first <= start <= last}


class BarMemory:
    """The series by key, the one that was used longest ago first."""

    def __init__(self) -> None:
        self._series: OrderedDict[str, KeptSeries] = OrderedDict()

    def __len__(self) -> int:
        return len(self._series)

    @property
    def bars(self) -> int:
        """How many bars are kept."""
        return sum(series.size for series in self._series.values())

    def find(self, key: str) -> KeptSeries | None:
        """Return what is kept of the series, or None. It counts as used."""
        series = self._series.get(key)
        if series is not None:
            self._series.move_to_end(key)
        return series

    def put(self, key: str, series: KeptSeries) -> None:
        """Keep the series. Within the bounds, what was used longest ago is forgotten first."""
        if not series.size:
            self.drop(key)
            return
        self._series[key] = series
        self._series.move_to_end(key)
        bars = self.bars
        while len(self._series) > MOST_SERIES or (bars > MOST_BARS and len(self._series) > 1):
            bars -= self._series.popitem(last=False)[1].size
        if bars > MOST_BARS:
            series.answers.clear()
            if series.block is not None:
                series.block.trim(MOST_BARS)

    def drop(self, key: str) -> None:
        """Forget the series."""
        self._series.pop(key, None)

    def drop_tagged(self, tags: Iterable[str]) -> None:
        """Forget the series of these contracts."""
        gone = set(tags)
        for key in [key for key, series in self._series.items() if gone.intersection(series.tags)]:
            del self._series[key]
