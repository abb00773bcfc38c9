"""The cache of historical bars: it answers requests for bars from what TWS has told, and asks TWS for what is missing.

A request takes one of three ways. It is *served* if TWS's answer is known for certain. It needs the *tail* if only the
newest bars are missing: then the bridge requests these, compares those that overlap with what it knows, and serves the
rest. In all other cases the *whole* request goes to TWS, and the answer is kept. A request that another one under way
may answer waits for that one first.
"""

from __future__ import annotations

import itertools
import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bridge.session.caching import bar_series
from bridge.session.caching.answers import tags_of
from bridge.session.caching.bar_answer import BarAnswer, read_answer
from bridge.session.caching.bar_series import Answer, BarSeries
from bridge.session.caching.bar_times import DAY, SIZES, Duration, Moment, duration, midnight, moment, text_of
from bridge.session.caching.question import CacheCounts, Question
from bridge.session.effects import CacheEntry, Log
from bridge.session.outbox import Outbox
from bridge.session.pending.pending_table import PendingRequest
from bridge.session.pending.shared import key_of
from bridge.session.requests import Request
from bridge.session.values import Data, Instant

#: Keys of bars in the cache file begin with this.
PREFIX = "bars/"
#: How many bars are in memory at most. The cache file has the others.
MOST_BARS = 200_000
#: Bars of one chunk of the cache file, as far as time goes.
_CHUNK = 4096
#: Bars shorter than this: TWS limits their durations and their requests, so that no tail is requested.
_SHORT = 60
#: A period that ended so many seconds ago is over for TWS, too.
_PAST = 600
#: TWS's clock and the bridge's may differ by so many seconds. If they differ by more, no bars are kept.
_SKEW = 120
#: Seconds that TWS has to answer the request for a tail.
_TAIL_PATIENCE = 60.0
#: From this server version on, the end of an answer is a message of its own.
_ENDS_APART = 196
_PERIOD_FIELDS = frozenset({"endDateTime", "duration", "keepUpToDate"})


class BarQuestion(NamedTuple):
    """A request for bars, read. `end`: None for now. `name`: the question within its series."""

    question: Question
    key: str
    size: int
    regular: bool
    end: Moment | None
    name: tuple[str, Duration]

    def span(self, now: Instant) -> tuple[float, float]:
        """Return about from when to when the bars are."""
        end = now.ts / 1e9 if self.end is None else float(self.end.seconds)
        return end - self.name[1].seconds, end


@dataclass(slots=True, eq=False)
class Flight:
    """A request to TWS that may answer others. `span`: about from when to when its bars are. `name`: its question."""

    span: tuple[float, float]
    has_open_end: bool
    is_tail: bool
    name: tuple[str, Duration]
    waiting: list[BarQuestion] = field(default_factory=list)

    def may_answer(self, asked: BarQuestion, now: Instant) -> bool:
        """Return whether its bars include those of the question, as far as one can say before."""
        first, last = asked.span(now)
        if asked.end is None:
            return self.has_open_end and self.span[0] <= first + DAY
        return self.span[0] <= first and last <= self.span[1]


class BarCache:
    """See the module. `resume` sends a question to TWS, `withdraw` ends an internal one."""

    def __init__(self, outbox: Outbox, counts: CacheCounts, today: Callable[[Instant], str | None]) -> None:
        self._outbox = outbox
        self._counts = counts
        self._today = today
        self._series: OrderedDict[str, BarSeries] = OrderedDict()
        self._tags: dict[str, tuple[str, ...]] = {}
        #: The questions whose series is being read from the file.
        self._loading: dict[str, list[BarQuestion]] = {}
        self._flights: dict[str, list[Flight]] = {}
        self._numbers = itertools.count(1)
        self._is_clock_true = False
        self.resume: Callable[[Question, Instant], None] = lambda _question, _now: None
        self.withdraw: Callable[[Request, Instant], None] = lambda _request, _now: None

    def connected(self, connection_time: str, now: Instant) -> None:
        """TWS has answered the handshake with its time."""
        told = moment(connection_time)
        self._is_clock_true = told is not None and abs(told.seconds - now.ts / 1e9) <= _SKEW

    def read(self, question: Question, now: Instant) -> BarQuestion | None:
        """Return the question, or None if the bridge cannot say for certain what it means."""
        params = question.params
        size, length = SIZES.get(params.get("barSizeSetting", "")), duration(params.get("duration", ""))
        text = params.get("endDateTime", "")
        end = moment(text) if text else None
        today = self._today(now)
        is_unclear = size is None or length is None or today is None or (text and end is None)
        if is_unclear or params.get("whatToShow") == "SCHEDULE" or size is None or length is None:
            return None
        series = {name: value for name, value in params.items() if name not in _PERIOD_FIELDS}
        if params.get("whatToShow") == "ADJUSTED_LAST":
            series["day"] = today  # dividends change all of them
        regular = bool(params.get("useRTH"))
        return BarQuestion(question, key_of("bars", series), size, regular, end, (text, length))

    def take(self, question: Question, now: Instant) -> bool:
        """Answer the question now or later. Return False if TWS must answer it."""
        asked = self.read(question, now)
        if asked is None:
            return False
        if asked.key in self._series:
            self._series.move_to_end(asked.key)
            self._choose(asked, now)
        elif asked.key in self._loading:
            self._loading[asked.key].append(asked)
        else:
            self._loading[asked.key] = [asked]
            self._load(asked, now)
        return True

    def as_data(self) -> Data:
        """Return how many series and bars are in memory."""
        return {"series": len(self._series), "bars": sum(len(series.bars) for series in self._series.values())}

    def take_waiting(self) -> list[Question]:
        """Return the questions that wait for the file or for another request, and forget them."""
        waiting = [asked for questions in self._loading.values() for asked in questions]
        waiting += [asked for flights in self._flights.values() for flight in flights for asked in flight.waiting]
        self._loading.clear()
        self._flights.clear()
        return [asked.question for asked in waiting]

    # From the file

    def _load(self, asked: BarQuestion, now: Instant) -> None:
        """Read the series: first what is known of it, then its bars."""
        key = PREFIX + asked.key

        def on_head(found: dict[str, Any], later: Instant) -> None:
            head = found.get(key)
            chunks = head.get("chunks") if isinstance(head, dict) else None
            if not isinstance(head, dict) or not isinstance(chunks, list) or not chunks:
                self._loaded(asked, None, later)
                return
            keys = tuple(f"{key}/{number}" for number in chunks)
            self._outbox.read_cache(keys, lambda parts, last: on_chunks(head, keys, parts, last), later)

        def on_chunks(head: Data, keys: tuple[str, ...], parts: dict[str, Any], later: Instant) -> None:
            try:
                bars = {start: bar for name in keys for start, bar in parts[name]}
                series = bar_series.from_data(head, bars)
            except (AttributeError, LookupError, TypeError, ValueError):
                series = None  # an old chunk was removed, or the file has nonsense
            self._loaded(asked, series, later)

        self._outbox.read_cache((key,), on_head, now)

    def _loaded(self, asked: BarQuestion, series: BarSeries | None, now: Instant) -> None:
        if asked.key not in self._series:
            if series is None or (series.size, series.regular) != (asked.size, asked.regular):
                series = BarSeries(asked.size, asked.regular)
            self._keep(asked.key, series, tags_of(asked.question.params))
        for waiting in self._loading.pop(asked.key, []):
            if waiting.question.request.answer is None:
                self._choose(waiting, now)

    def _keep(self, key: str, series: BarSeries, tags: tuple[str, ...]) -> None:
        self._series[key], self._tags[key] = series, tags
        while sum(len(kept.bars) for kept in self._series.values()) > MOST_BARS and len(self._series) > 1:
            oldest, _ = self._series.popitem(last=False)
            self._tags.pop(oldest, None)

    # The three ways

    def _choose(self, asked: BarQuestion, now: Instant, *, may_wait: bool = True) -> None:
        """Serve the question, request its tail, or send it to TWS; or let it wait for a request that may answer it."""
        if self._serve_past(asked, now):
            return
        if may_wait and (flight := self._flight_for(asked, now)) is not None:
            if flight.name == asked.name and not flight.is_tail:
                self._ask_whole(asked, now)  # it joins that request
            else:
                flight.waiting.append(asked)
            return
        days = self._tail_days(asked, now)
        if days is None:
            self._ask_whole(asked, now)
        else:
            self._ask_tail(asked, days, now)

    def _flight_for(self, asked: BarQuestion, now: Instant) -> Flight | None:
        return next((f for f in self._flights.get(asked.key, ()) if f.may_answer(asked, now)), None)

    def _serve_past(self, asked: BarQuestion, now: Instant) -> bool:
        """Serve a question about a period that is over, if TWS's answer is known."""
        series, end = self._series.get(asked.key), asked.end
        if series is None or end is None or series.day != self._today(now):
            return False
        if (answer := series.answers.get(asked.name)) is not None:
            period = series.period(answer.first, max(answer.first, answer.after))
            if period is not None:
                bars = [*series.between(answer.first, answer.after), *answer.rest]
                self._serve(asked, bars, answer.texts, period.told, now)
                return True
        first = series.first_bar(asked.name, end)
        period = None if first is None else series.period(first, end.seconds)
        text = None if first is None else self._start_text(asked, series, end, first)
        if (
            first is None
            or period is None
            or text is None
            or series.between(end.seconds - series.size + 1, end.seconds)
        ):
            return False
        if not (bars := series.between(first, end.seconds)):
            return False
        self._serve(asked, bars, (text, text_of(end.seconds, text, end.zone)), period.told, now)
        return True

    @staticmethod
    def _start_text(asked: BarQuestion, series: BarSeries, end: Moment, first: int) -> str | None:
        """Return what TWS writes as the start of the period; None if that is not certain."""
        length = asked.name[1]
        like = next((a.texts[0] for (_, other), a in series.answers.items() if other.unit == length.unit), None)
        if like is None:
            return None
        starts = {length.before(end, arithmetic) for arithmetic in series.arithmetics.get(length.unit, ())}
        same = [a for (_, other), a in series.answers.items() if other == length]
        if not starts and same and all(a.start == a.first for a in same):
            starts = {first}
        return text_of(starts.pop(), like, end.zone) if len(starts) == 1 else None

    def _tail_days(self, asked: BarQuestion, now: Instant) -> int | None:
        """Return how many days of bars are missing at the end; None if the whole request must go to TWS."""
        series = self._series.get(asked.key)
        if series is None or asked.end is not None or series.size < _SHORT or not series.zone:
            return None
        seconds = now.ts // 10**9
        first = series.first_bar(asked.name, Moment(seconds, series.zone))
        period = None if first is None else next((p for p in series.periods if p.first <= first < p.after), None)
        if first is None or period is None or not (bars := series.between(first, period.after)):
            return None
        last = bar_series.start_of(bars[-1], series.zone)
        days = None if last is None else math.ceil((seconds - last) / DAY) + 1
        return None if days is None or days * DAY * 2 > asked.name[1].seconds else days

    def _ask_whole(self, asked: BarQuestion, now: Instant) -> None:
        self._counts.misses += 1
        flight = self._begin_flight(asked, asked.span(now), is_tail=False)
        request = asked.question.request
        before = request.then

        def over(outcome: Data) -> None:
            if before is not None:
                before(outcome)
            self._end_flight(asked, flight, now)

        request.then = over
        self.resume(asked.question, now)

    def _ask_tail(self, asked: BarQuestion, days: int, now: Instant) -> None:
        plan, request, params = asked.question
        flight = self._begin_flight(asked, asked.span(now), is_tail=True)
        id_ = f"tail-{next(self._numbers)}"
        tail = Request(request.client, id_, plan.name, {}, None, False, "", is_own=True, has_looked=True)
        tail.waits = request.waits
        answers: list[Data] = []

        def done(later: Instant) -> None:
            same = [other for other in flight.waiting if other.name == asked.name]
            flight.waiting = [other for other in flight.waiting if other.name != asked.name]
            for waiting in (asked, *same):
                self._tail_over(waiting, answers[0], later)
            self._end_flight(asked, flight, later)

        def over(outcome: Data) -> None:
            answers.append(outcome)
            self._outbox.timers.at(now.clock, done)

        tail.then = over
        tail.timer = self._outbox.timers.at(now.clock + _TAIL_PATIENCE, lambda later: self.withdraw(tail, later))
        self.resume(Question(plan, tail, {**params, "duration": f"{days} D"}), now)

    def _tail_over(self, asked: BarQuestion, outcome: Data, now: Instant) -> None:
        """TWS has answered the request for the tail, or not. Serve the question, or send all of it to TWS."""
        if asked.question.request.answer is not None:
            return
        error = outcome.get("error", {})
        if error.get("code") == "connectionLost":
            self._outbox.fail(asked.question.request, error["code"], error["message"])
            return
        series, found = self._series.get(asked.key), read_answer(outcome.get("result"))
        if series is None or found is None or series.zone != found.end.zone or not found.bars:
            self._ask_whole(asked, now)
            return
        joint = min(found.bars)
        first = series.first_bar(asked.name, found.end, max(found.bars))
        text = None if first is None else self._start_text(asked, series, found.end, first)
        period = None if first is None or first > joint else series.period(first, joint + 1)
        if first is None or text is None or period is None or joint not in series.bars:
            self._ask_whole(asked, now)
            return
        bars = [*series.between(first, joint), *found.bars.values()]
        self._serve(asked, bars, (text, found.texts[1]), period.told, now)

    def _begin_flight(self, asked: BarQuestion, span: tuple[float, float], *, is_tail: bool) -> Flight:
        flight = Flight(span, asked.end is None, is_tail, asked.name)
        self._flights.setdefault(asked.key, []).append(flight)
        return flight

    def _end_flight(self, asked: BarQuestion, flight: Flight, now: Instant) -> None:
        """The request is over: those that waited for it choose again, once the bars are kept."""
        flights = self._flights.get(asked.key, [])
        if flight in flights:
            flights.remove(flight)
            if not flights:
                del self._flights[asked.key]
        waiting, flight.waiting = flight.waiting, []
        for other in waiting:
            self._outbox.timers.at(now.clock, lambda later, other=other: self._again(other, later))  # type: ignore[misc]

    def _again(self, asked: BarQuestion, now: Instant) -> None:
        if asked.question.request.answer is None:
            self._choose(asked, now, may_wait=False)

    def _serve(self, asked: BarQuestion, bars: list[Data], texts: tuple[str, str], told: int, now: Instant) -> None:
        self._counts.hits += 1
        request = asked.question.request
        then = Instant(now.clock, told)
        parts: list[Data] = [
            {"event": "historicalData", "data": {"reqId": 0, "historicalDataBars": bars}},
            {"event": "historicalDataEnd", "data": {"reqId": 0, "startDateStr": texts[0], "endDateStr": texts[1]}},
        ]
        for part in parts:
            self._outbox.tell(request, part["event"], part["data"], then)
            if request.stream:
                self._outbox.part(request, part)
        age = max(0.0, (now.ts - told) / 1e9)
        self._outbox.succeed(request, "events", [] if request.stream else parts, age=age)

    # What TWS says

    def answered(self, pending: PendingRequest, server_version: int, now: Instant) -> None:
        """TWS has answered a request for bars: keep the finished ones."""
        request = pending.requests[0]
        asked = self.read(Question(pending.plan, request, pending.params), now)
        found = read_answer([{"event": name, "data": data} for name, data, _ in pending.told])
        today = self._today(now)
        if asked is None or found is None or today is None or server_version < _ENDS_APART:
            return
        seconds = now.ts // 10**9
        if asked.end is None:
            self._is_clock_true = abs(found.end.seconds - seconds) <= _SKEW
        if not self._is_clock_true or not found.bars or asked.key in self._loading:
            return
        if asked.key not in self._series:
            self._keep(asked.key, BarSeries(asked.size, asked.regular), tags_of(pending.params))
        self._merge(asked, self._series[asked.key], found, today, now)

    def _merge(self, asked: BarQuestion, series: BarSeries, found: BarAnswer, today: str, now: Instant) -> None:
        seconds = now.ts // 10**9
        has_common = any(start in series.bars for start in found.bars)
        zone = found.end.zone
        if series.bars and series.zone == zone:
            finished = series.finished_until(found.end.seconds, seconds)
            known = {start: bar for start, bar in found.bars.items() if start < finished}
            if not series.agrees(known, zone):
                text = "TWS has adjusted or corrected bars that the bridge had kept: the bridge forgets this series"
                self._outbox.log(Log("info", f"{text} ({asked.question.params.get('contract')})"))
                self._forget(asked.key, series)
            elif not has_common and series.day != today:
                self._forget(asked.key, series)
        elif series.bars:
            self._forget(asked.key, series)
        series.zone, series.day = zone, today
        finished = series.finished_until(found.end.seconds, seconds)
        first = min(found.bars)
        over = midnight(seconds, zone) if series.size == DAY else seconds - _PAST
        is_past = asked.end is not None and found.end.seconds <= over
        if is_past and max(found.bars) < finished:
            finished = found.end.seconds  # no bar has begun behind the finished ones
        new = {start for start in found.bars if start < finished and start not in series.bars}
        series.add(
            {s: bar for s, bar in found.bars.items() if s < finished}, min(first, found.start.seconds), finished, now.ts
        )
        if asked.end is None or is_past:
            rest = () if asked.end is None else tuple(bar for s, bar in found.bars.items() if s >= finished)
            answer = Answer(found.end.seconds, found.start.seconds, first, finished, rest, found.texts)
            series.remember(asked.name, answer)
        self._write(asked.key, series, new)
        self._keep(asked.key, series, self._tags.get(asked.key, ()))

    def _forget(self, key: str, series: BarSeries) -> None:
        chunks = {start // (_CHUNK * series.size) for start in series.bars}
        self._outbox.drop_cached(keys=(PREFIX + key, *(f"{PREFIX}{key}/{number}" for number in sorted(chunks))))
        series.clear()

    def _write(self, key: str, series: BarSeries, new: set[int]) -> None:
        """Write what is known of the series, and the chunks that have new bars."""
        length = _CHUNK * series.size
        changed = {start // length for start in new}
        numbers = sorted({start // length for start in series.bars})
        tags = self._tags.get(key, ())
        entries = [CacheEntry(PREFIX + key, series.as_data() | {"chunks": numbers}, tags)]
        for number in sorted(changed):
            bars = [[s, series.bars[s]] for s in series.starts_between(number * length, (number + 1) * length)]
            entries.append(CacheEntry(f"{PREFIX}{key}/{number}", bars, tags))
        self._outbox.write_cache(tuple(entries))

    def drop_tagged(self, tags: tuple[str, ...]) -> None:
        """Forget the bars of these contracts."""
        gone = set(tags)
        for key in [key for key, named in self._tags.items() if gone.intersection(named)]:
            self._series.pop(key, None)
            del self._tags[key]
