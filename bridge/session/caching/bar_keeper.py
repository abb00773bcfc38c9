"""Keeps the finished bars of TWS's answers in memory and in the cache file, and compares them with what is kept."""

from __future__ import annotations

from collections.abc import Iterable

from bridge.session.caching.answers import tags_of
from bridge.session.caching.bar_answer import BarAnswer
from bridge.session.caching.bar_block import MARGIN, BarBlock, Piece, new_block, piece_of
from bridge.session.caching.bar_clock import SKEW, BarClock
from bridge.session.caching.bar_file import BarFile
from bridge.session.caching.bar_memory import BarMemory, KeptSeries, WholeAnswer
from bridge.session.caching.bar_question import BarQuestion
from bridge.session.caching.bar_times import DAY
from bridge.session.outbox import Outbox
from bridge.session.pending.pending_table import PendingRequest
from bridge.session.values import Instant

#: A block is forgotten so many seconds after TWS sent the oldest of its bars, so that nothing old stays unnoticed.
LONGEST_LIFE = 7 * DAY
#: A bar of a day may change until so many seconds after midnight of its date in the time zone of TWS's login.
_DAY_MARGIN = 2 * DAY
_CHANGED = "TWS has adjusted or corrected bars that the bridge had kept: the bridge forgets this series"


class BarKeeper:
    """See the module."""

    def __init__(self, outbox: Outbox, clock: BarClock) -> None:
        self._outbox = outbox
        self._clock = clock
        self.file = BarFile(outbox)
        self.memory = BarMemory()

    def block(self, key: str, now: Instant) -> BarBlock | None:
        """Return the block of the series; None if there is none that may be used."""
        series = self.memory.find(key)
        if series is None or series.block is None:
            return None
        block = series.block
        if block.version != self._clock.version or not 0 <= now.ts - block.told <= LONGEST_LIFE * 10**9:
            self._forget(key, series)
            return None
        if block.connection != self._clock.connection:
            block.forget_borders()
            block.connection = self._clock.connection
        return block

    def is_compared(self, key: str, now: Instant) -> bool:
        """Return whether the block was compared with TWS on this connection and certainly on this day at TWS."""
        series = self.memory.find(key)
        return series is not None and self._clock.holds(series.stamp, now)

    def whole(self, asked: BarQuestion, now: Instant) -> WholeAnswer | None:
        """Return what TWS has answered to this question on this connection and this day, if it still holds."""
        series = self.memory.find(asked.key)
        whole = None if series is None else series.answers.get(asked.name)
        return whole if whole is not None and self._clock.holds(whole.stamp, now) else None

    def loaded(self, asked: BarQuestion, block: BarBlock | None, tags: tuple[str, ...]) -> None:
        """The file has been read. What TWS has answered meanwhile is newer."""
        series = self.memory.find(asked.key) or KeptSeries(tags)
        series.is_read = True
        if series.block is None and block is not None:
            series.block, series.stamp = block, None
        self.memory.put(asked.key, series)

    def keep(self, asked: BarQuestion, answer: BarAnswer, pending: PendingRequest, now: Instant) -> Piece | None:
        """Keep what is finished of an answer. Return that part if it agrees with what was kept before, else None.

        `pending`: the request. An answer until now ends when TWS began it, which may take TWS minutes.
        """
        seconds = self._clock.seconds(now)
        if seconds is None:
            self.memory.drop(asked.key)
            return None
        earliest = seconds - max(0.0, now.clock - pending.sent_at) - SKEW
        if asked.end is None and not earliest <= answer.end.seconds <= seconds + SKEW:
            self._clock.differs()
            return None
        if asked.end is not None and answer.end.seconds != asked.end.seconds:
            return None
        series = self.memory.find(asked.key) or KeptSeries(tags_of(pending.params))
        series.drop_unlike(answer)
        piece = piece_of(asked, answer, seconds) if asked.size < DAY else None
        has_agreed = piece is not None and self._merge(asked, series, answer, piece, now)
        self._remember(asked, series, answer, seconds, now)
        self.memory.put(asked.key, series)
        return piece if has_agreed else None

    def _remember(self, asked: BarQuestion, series: KeptSeries, answer: BarAnswer, seconds: int, now: Instant) -> None:
        """Keep the whole answer, if its period has been over for long enough."""
        stamp, margin = self._clock.stamp(now), _DAY_MARGIN if asked.size == DAY else MARGIN
        if asked.end is not None and asked.end.seconds + margin <= seconds and stamp is not None:
            series.remember(asked.name, WholeAnswer(answer, now.ts, stamp))

    def _merge(self, asked: BarQuestion, series: KeptSeries, answer: BarAnswer, piece: Piece, now: Instant) -> bool:
        """Compare the piece with the block, and join both or replace the block. Return whether they agree."""
        block = self.block(asked.key, now)
        outcome = "apart" if block is None else block.compare(piece)
        if block is not None and outcome == "agrees":
            block.observe(asked.length, answer)
            block.observe_border(asked.length, answer)
            new = block.extend(piece, now.ts)
            series.stamp = self._clock.stamp(now)
            if new:
                self.file.write(asked.key, block, new, series.tags, now)
            return True
        if block is not None and outcome == "apart" and len(piece.bars) <= len(block.starts):
            return False
        if outcome == "differs":
            self._outbox.log("barsDiffer", name=asked.key[:12], reason=_CHANGED)
        if block is not None:
            self._forget(asked.key, series)
        series.block = new_block(asked, piece, self._clock.version, now.ts)
        series.block.observe(asked.length, answer)
        series.stamp = self._clock.stamp(now)
        self.file.write(asked.key, series.block, series.block.starts, series.tags, now)
        return False

    def _forget(self, key: str, series: KeptSeries) -> None:
        if series.block is not None:
            self.file.drop(key, series.block)
        series.block, series.stamp = None, None
        series.answers.clear()

    def drop_tagged(self, tags: Iterable[str]) -> None:
        """Forget the bars of these contracts in memory. The caller drops them from the file."""
        self.memory.drop_tagged(tags)
