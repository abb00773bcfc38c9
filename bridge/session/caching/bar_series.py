"""One series of historical bars: the finished bars that are known, in which periods that is all, and what TWS has said.

A series is what requests share that differ in their period only: contract, bar size, kind of data, hours, format.

What the bridge takes for certain about TWS: an answer has every bar between its first one and the end of the period,
and every bar that lies in the period by the calendar. It may begin earlier: how TWS finds the first bar is not
documented for every unit, so `first_bar` answers only if all rules that TWS may follow name the same bar. What TWS has
told before rules some of them out.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Any, Literal

from bridge.session.caching.bar_times import (
    ARITHMETICS,
    DAY,
    Arithmetic,
    Duration,
    Moment,
    bar_start,
    duration,
    midnight,
    moment,
)
from bridge.session.values import Data

#: Where an answer begins, given the beginning of its period: with the first bar that starts in it, with the bar that
#: contains it, or with the first bar of that day.
Border = Literal["start", "end", "day"]
BORDERS: tuple[Border, ...] = ("start", "end", "day")
#: A bar may still change so many seconds after its end.
SETTLING = 60
#: How many questions of one series are remembered.
_MOST_ANSWERS = 200


@dataclass(slots=True)
class Period:
    """All finished bars that start in [first, after) are known. `told`: when TWS told the oldest of them (ns)."""

    first: int
    after: int
    told: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What TWS has answered to one question: period, first bar, and the bars behind the finished ones."""

    end: int
    start: int
    first: int
    after: int
    rest: tuple[Data, ...]
    texts: tuple[str, str]


@dataclass(slots=True)
class BarSeries:
    """See the module. `size`: seconds of a bar. `day`: the day at TWS on which bars were last compared with TWS's."""

    size: int
    regular: bool
    zone: str = ""
    day: str = ""
    bars: dict[int, Data] = field(default_factory=dict)
    periods: list[Period] = field(default_factory=list)
    #: The newest answer to each question, by end as the client wrote it, and duration.
    answers: dict[tuple[str, Duration], Answer] = field(default_factory=dict)
    #: The rules that TWS may follow for each unit.
    arithmetics: dict[str, tuple[Arithmetic, ...]] = field(default_factory=dict)
    borders: dict[str, tuple[Border, ...]] = field(default_factory=dict)
    _starts: list[int] | None = None

    @property
    def starts(self) -> list[int]:
        """The starts of all known bars, in order."""
        if self._starts is None:
            self._starts = sorted(self.bars)
        return self._starts

    def clear(self) -> None:
        """Forget everything."""
        self.zone, self._starts = "", None
        self.bars.clear()
        self.periods.clear()
        self.answers.clear()
        self.arithmetics.clear()
        self.borders.clear()

    def finished_until(self, end: int, now: int) -> int:
        """Return the time from which on bars may be unfinished, for an answer that ends at `end`, received `now`."""
        if self.size == DAY:
            return min(midnight(now, self.zone), midnight(end, self.zone))
        return min(end, now - SETTLING) - self.size + 1

    def agrees(self, found: dict[int, Data], zone: str) -> bool:
        """Return whether these bars of TWS equal those that are known. If not, TWS has adjusted or corrected them."""
        if not found:
            return True
        known = self.starts_between(min(found), max(found) + 1)
        is_there = all(start in found for start in known)
        return is_there and zone == (self.zone or zone) and all(found[start] == self.bars[start] for start in known)

    def add(self, found: dict[int, Data], first: int, after: int, told: int) -> None:
        """Take over the finished bars that start in [first, after)."""
        if after <= first:
            return
        self.bars |= {start: bar for start, bar in found.items() if first <= start < after}
        self._starts = None
        merged = Period(first, after, told)
        apart = []
        for period in self.periods:
            if period.after < merged.first or merged.after < period.first:
                apart.append(period)
            else:
                is_renewed = merged.first <= period.first and period.after <= merged.after
                first, after = min(period.first, merged.first), max(period.after, merged.after)
                merged = Period(first, after, merged.told if is_renewed else min(period.told, merged.told))
        self.periods = sorted([*apart, merged], key=lambda period: period.first)

    def period(self, first: int, after: int) -> Period | None:
        """Return the period in which all finished bars that start in [first, after) are known, or None."""
        return next((p for p in self.periods if p.first <= first and after <= p.after), None)

    def between(self, first: int, after: int) -> list[Data]:
        """Return the known bars that start in [first, after)."""
        starts = self.starts
        return [self.bars[start] for start in starts[bisect_left(starts, first) : bisect_left(starts, after)]]

    def remember(self, question: tuple[str, Duration], answer: Answer) -> None:
        """Remember how TWS has answered, and rule out what TWS does not do. Called after `add`."""
        length = question[1]
        before = self.answers.pop(question, None)
        self.answers[question] = answer
        if len(self.answers) > _MOST_ANSWERS:
            del self.answers[next(iter(self.answers))]
        end = Moment(answer.end, self.zone)
        known = self.arithmetics.get(length.unit, ARITHMETICS)
        self.arithmetics[length.unit] = tuple(a for a in known if length.before(end, a) == answer.start)
        borders = self.borders.get(length.unit, BORDERS)
        self.borders[length.unit] = tuple(b for b in borders if not self._refutes(answer, before, b))

    def _refutes(self, answer: Answer, before: Answer | None, border: Border) -> bool:
        """Return whether TWS cannot have followed this rule. For bars of a day, TWS may follow any at another time."""
        if self.size == DAY:
            return False
        if border == "start":
            return answer.first < answer.start
        if border == "end":
            is_skipped = any(
                s < answer.first for s in self.starts_between(answer.start - self.size + 1, answer.start + 1)
            )
            return answer.first <= answer.start - self.size or is_skipped
        day = midnight(answer.start, self.zone)
        is_other = before is not None and midnight(before.start, self.zone) == day and before.first != answer.first
        return (
            answer.first < day
            or is_other
            or any(start < answer.first for start in self.starts_between(day, answer.first))
        )

    def starts_between(self, first: int, after: int) -> list[int]:
        """Return the starts of the known bars in [first, after)."""
        starts = self.starts
        return starts[bisect_left(starts, first) : bisect_left(starts, after)]

    def first_bar(self, question: tuple[str, Duration], end: Moment, newest: int | None = None) -> int | None:
        """Return where TWS's answer to the question with this end begins; None if that is not certain.

        `newest`: the start of the newest bar of that answer, if it is none of the known ones.
        """
        length = question[1]
        if length.unit == "S" or end.zone != self.zone:
            return None
        if length.unit == "D" and self.regular:
            return self._sessions(question, end, newest)
        arithmetics = self.arithmetics.get(length.unit, ARITHMETICS)
        borders = self.borders.get(length.unit, BORDERS)
        answer = self.answers.get(question)
        found = {
            self._first(length.before(end, arithmetic), border, answer)
            for arithmetic in arithmetics
            for border in borders
        }
        return found.pop() if len(found) == 1 else None

    def _first(self, start: int, border: Border, answer: Answer | None) -> int | None:
        """Return the first bar of a period that begins at `start` by this rule; None if it is not known."""
        if self.size == DAY and border != "day" and answer is not None:
            # When on its day TWS leaves out a bar of a day is not known: only that it stays so, or has been so before.
            day = midnight(start, self.zone)
            is_left_out = answer.first > day
            is_known = start == answer.start or is_left_out == (start > answer.start)
            if midnight(answer.start, self.zone) == day and is_known:
                return answer.first
        begin = self._begin(start, border)
        if answer is not None and self._begin(answer.start, border) <= begin <= answer.first:
            return answer.first  # by this rule TWS has said that there is no bar between
        holder = next((p for p in self.periods if p.first <= begin < p.after), None)
        if holder is None:
            return None
        later = self.starts_between(begin, holder.after)
        return later[0] if later else None

    def _begin(self, start: int, border: Border) -> int:
        """Return from where on a bar is in the period, by this rule."""
        if border == "start":
            return start
        if border == "day" or self.size == DAY:
            return midnight(start, self.zone)
        return start - self.size + 1

    def _sessions(self, question: tuple[str, Duration], end: Moment, newest: int | None) -> int | None:
        """Return the first bar of the last days that have bars: so TWS counts days in regular hours."""
        amount = question[1].amount
        holder = next((p for p in reversed(self.periods) if p.first < end.seconds), None)
        if holder is None:
            return None
        days = [] if newest is None else [midnight(newest, self.zone)]
        starts = self.starts_between(holder.first, min(holder.after, end.seconds))
        for start in reversed(starts):
            day = midnight(start, self.zone)
            if days and days[-1] == day:
                continue
            if len(days) == amount:
                break
            days.append(day)
        if len(days) < amount:
            return None
        first = next((start for start in starts if start >= days[-1]), None)
        answer = self.answers.get(question)
        is_whole_day = first is not None and (holder.first <= days[-1] or first != starts[0])
        if is_whole_day or (answer is not None and answer.first == first):
            return first
        return None

    # On disk

    def as_data(self) -> Data:
        """Return all but the bars, as the cache file stores it."""
        return {
            "size": self.size, "regular": self.regular, "zone": self.zone, "day": self.day,
            "periods": [[p.first, p.after, p.told] for p in self.periods],
            "answers": [
                [end, [*length], [a.end, a.start, a.first, a.after], [*a.rest], [*a.texts]]
                for (end, length), a in self.answers.items()
            ],
            "arithmetics": {unit: [*names] for unit, names in self.arithmetics.items()},
            "borders": {unit: [*names] for unit, names in self.borders.items()},
        }  # fmt: skip


def start_of(bar: Data, zone: str) -> int | None:
    """Return when the bar begins; None if that is not certain."""
    return bar_start(str(bar.get("date", "")), zone)


def from_data(data: Any, bars: dict[int, Data]) -> BarSeries:
    """Return the series that `as_data` has stored. Raises AttributeError, LookupError, TypeError or ValueError
    for another form."""
    series = BarSeries(data["size"], data["regular"], data["zone"], data["day"], bars)
    if moment(f"20200101 00:00:00 {series.zone}") is None or not all(isinstance(bar, dict) for bar in bars.values()):
        raise ValueError(series.zone)
    series.periods = [Period(*_integers(entry)) for entry in data["periods"]]
    for end, length, times, rest, texts in data["answers"]:
        until, start, first, after = _integers(times)
        question = duration(f"{length[0]} {length[1]}")
        if question is None or moment(texts[0]) is None or not isinstance(end, str):
            raise ValueError(end)
        series.answers[end, question] = Answer(until, start, first, after, tuple(rest), (texts[0], texts[1]))
    series.arithmetics = {u: tuple(a for a in ARITHMETICS if a in kept) for u, kept in data["arithmetics"].items()}
    series.borders = {u: tuple(b for b in BORDERS if b in kept) for u, kept in data["borders"].items()}
    _integers([*bars, series.size])
    return series


def _integers(values: list[Any]) -> list[int]:
    if not all(type(value) is int for value in values):
        raise TypeError(values[:9])
    return values
