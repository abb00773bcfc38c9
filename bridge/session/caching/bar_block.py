"""The bars that the bridge keeps of one series: one block without holes, all of it compared bar by bar where answers of
TWS overlap.

A block grows only by an answer that overlaps it by several finished bars, and only if all of these are equal. So all of
its bars come from one state of TWS's data: an adjustment, such as for a split, changes all earlier bars, and shows in
any overlap.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from bridge.session.caching.bar_answer import BarAnswer
from bridge.session.caching.bar_question import BarQuestion
from bridge.session.caching.bar_times import ARITHMETICS, Arithmetic, Duration, Moment, midnight
from bridge.session.values import Data

#: The bridge keeps a bar when it ended so many seconds ago, so none that TWS may still change. Hours of trading that
#: follow each other are at most this far apart.
MARGIN = 12 * 3600
#: And only up to a multiple of this time, so that a series is not written again with each bar.
_STEP = 4 * 3600
#: A comparison of fewer bars says nothing.
LEAST_COMMON = 5
#: TWS finds the beginning of periods in these units by the calendar.
CALENDAR = frozenset("WMY")
Outcome = Literal["agrees", "differs", "apart"]


class Border(NamedTuple):
    """What TWS does with a bar that contains the beginning of a period, as far as TWS has shown on this connection.

    TWS has sent such a bar where the period began up to `sent` seconds after the bar, and has left it out where the
    period began `left_out` seconds after it, or later.
    """

    sent: int
    left_out: int


@dataclass(slots=True)
class Unit:
    """What TWS has shown of a unit of durations: the longest one, where periods may begin, and how TWS writes that.

    `border`: None while TWS may also send whole days.
    """

    longest: int
    arithmetics: tuple[Arithmetic, ...]
    like: str
    border: Border | None = None

    def observe(self, length: Duration, answer: BarAnswer) -> None:
        """TWS has answered this duration: rule out what TWS does not do."""
        self.longest = max(self.longest, length.amount)
        self.arithmetics = tuple(a for a in self.arithmetics if length.before(answer.end, a) == answer.start.seconds)


class Head(NamedTuple):
    """How a block begins.

    `anchor`: the beginning of the period of `unit` for which TWS sent the first bar as the first one; None if no such
    period began before it. `whole_days`: from this time on, no bar of a day of trading is missing before the first bar.
    """

    anchor: int | None
    unit: str
    whole_days: int


class Piece(NamedTuple):
    """The finished bars of an answer. It has all that start in [checked, after), as far as TWS says."""

    bars: dict[int, Data]
    checked: int
    after: int
    head: Head
    zone: str


def piece_of(asked: BarQuestion, answer: BarAnswer, now: int) -> Piece | None:
    """Return what may be kept of the answer; None if there is nothing. `now`: TWS's time."""
    start, end, zone, size = answer.start.seconds, answer.end.seconds, answer.end.zone, asked.size
    limit = (now - MARGIN) // _STEP * _STEP
    last = next(reversed(answer.bars))
    is_aligned = (end - last) % size == 0  # no bar contains the end
    after = end if is_aligned and end <= limit else min(end, limit) - size + 1
    # TWS may send a bar that began before the period in part only.
    counts_days = asked.length.unit == "D" and asked.regular
    bars = {s: bar for s, bar in answer.bars.items() if s < after and (counts_days or s >= start)}
    if not bars:
        return None
    first = next(iter(bars))
    if asked.length.unit in CALENDAR:
        day = midnight(start, zone)
        whole_days = start if day == start else midnight(day + 36 * 3600, zone)
        is_anchor = first == answer.first
        return Piece(bars, start, after, Head(start if is_anchor else None, asked.length.unit, whole_days), zone)
    if counts_days:
        return Piece(bars, first, after, Head(None, "", midnight(first, zone)), zone)
    return Piece(bars, first, after, Head(None, "", midnight(midnight(first, zone) + 36 * 3600, zone)), zone)


@dataclass(slots=True)
class BarBlock:
    """All finished bars that start in [starts[0], after). `told`: when TWS sent the oldest of them (ns since 1970).

    `starts`: of all bars, in order. `version`: TWS's server version. `chunks`: the parts of it that the cache file has,
    each with the stamp of its write and its number of bars. `connection`: to TWS, of which the borders are.
    """

    size: int
    regular: bool
    zone: str
    version: int
    told: int
    after: int
    head: Head
    bars: dict[int, Data]
    starts: list[int]
    units: dict[str, Unit] = field(default_factory=dict)
    chunks: dict[int, tuple[str, int]] = field(default_factory=dict)
    connection: int = 0

    @property
    def first(self) -> int:
        """The start of the first bar."""
        return self.starts[0]

    @property
    def covered(self) -> int:
        """From this time on, each bar that TWS has is in the block."""
        return self.first if self.head.anchor is None else min(self.first, self.head.anchor)

    def between(self, first: int, after: int) -> list[Data]:
        """Return the bars that start in [first, after)."""
        return [self.bars[start] for start in self.starts_between(first, after)]

    def starts_between(self, first: int, after: int) -> list[int]:
        """Return the starts of the bars in [first, after)."""
        return self.starts[bisect_left(self.starts, first) : bisect_left(self.starts, after)]

    def compare(self, piece: Piece) -> Outcome:
        """Compare the bars that both must have."""
        if piece.zone != self.zone:
            return "differs"
        first, after = max(self.covered, piece.checked), min(self.after, piece.after)
        known = self.starts_between(first, after)
        found = [start for start in piece.bars if first <= start < after]
        if known != found or any(self.bars[start] != piece.bars[start] for start in found):
            return "differs"
        return "agrees" if len(found) >= LEAST_COMMON else "apart"

    def extend(self, piece: Piece, told: int) -> list[int]:
        """Take over the bars of a piece that agrees. Return the starts of those that are new."""
        first = next(iter(piece.bars))
        new = [start for start in piece.bars if start not in self.bars]
        is_renewed = first <= self.first and piece.after >= self.after
        self.told = told if is_renewed else min(self.told, told)
        if first < self.first:
            self.head = piece.head
        elif first == self.first:
            self.head = _earlier(self.head, piece.head)
        self.after = max(self.after, piece.after)
        self.bars |= piece.bars
        if new:
            self.starts = sorted(self.bars)
        return new

    def observe(self, length: Duration, answer: BarAnswer) -> None:
        """Learn from an answer of TWS how it treats this unit."""
        unit = self.units.setdefault(length.unit, Unit(0, ARITHMETICS, answer.texts[0]))
        unit.observe(length, answer)

    def observe_border(self, length: Duration, answer: BarAnswer) -> None:
        """Learn from an answer that agrees what TWS does with the bar that contains the beginning of its period.

        TWS shows that only where the block has that bar, and an earlier one of the same hours of trading.
        """
        unit, start = self.units.get(length.unit), answer.start.seconds
        around = self.starts_between(start - self.size + 1, start)
        if unit is None or length.unit not in CALENDAR or not around:
            return
        bar, before = around[-1], unit.border or Border(0, self.size)
        is_in_hours = self.starts_between(max(midnight(start, self.zone), start - MARGIN), bar)
        if answer.first == bar and answer.bars[bar] == self.bars[bar] and is_in_hours:
            before = before._replace(sent=max(before.sent, start - bar))
        elif bar < answer.first and is_in_hours:
            before = before._replace(left_out=min(before.left_out, start - bar))
        else:
            return
        unit.border = before if before.sent < before.left_out else None

    def forget_borders(self) -> None:
        """Another TWS is connected: it may send other bars at the beginning of a period."""
        for unit in self.units.values():
            unit.border = None

    def start_of(self, length: Duration, end: Moment) -> int | None:
        """Return where the period begins; None if that is not certain."""
        unit = self.units.get(length.unit)
        if unit is None or length.amount > unit.longest:
            return None
        found = {length.before(end, arithmetic) for arithmetic in unit.arithmetics}
        return found.pop() if len(found) == 1 else None

    def trim(self, most: int) -> None:
        """Forget the oldest bars, so that at most so many are left."""
        for start in self.starts[:-most]:
            del self.bars[start]
        self.starts = self.starts[-most:]
        self.head = Head(None, "", midnight(midnight(self.first, self.zone) + 36 * 3600, self.zone))


def new_block(asked: BarQuestion, piece: Piece, version: int, told: int) -> BarBlock:
    """Return a block of these bars."""
    bars = dict(piece.bars)
    return BarBlock(asked.size, asked.regular, piece.zone, version, told, piece.after, piece.head, bars, [*bars])


def _earlier(one: Head, other: Head) -> Head:
    """Return what both heads of the same first bar say together."""
    whole_days = min(one.whole_days, other.whole_days)
    with_anchor: Iterable[Head] = (head for head in (one, other) if head.anchor is not None)
    best = min(with_anchor, key=lambda head: head.anchor or 0, default=one)
    return best._replace(whole_days=whole_days)
