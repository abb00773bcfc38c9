"""The cache of historical bars: it answers requests for bars from what TWS has sent, and asks TWS for what is missing.

`bar_request` has the states of a request. A request is *served* if TWS's answer is known for certain, and bars of the
series were compared with TWS's on the same connection and the same day at TWS. It needs the *tail* if the newest bars
are missing or the kept bars were not compared yet: then the bridge requests the newest days from TWS, compares the bars
that it has kept of these, and adds the older ones. In all other cases the *whole* request goes to TWS.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

from bridge.session.caching import bar_service
from bridge.session.caching.answers import tags_of
from bridge.session.caching.bar_answer import BarAnswer, read_answer
from bridge.session.caching.bar_block import BarBlock, Piece
from bridge.session.caching.bar_clock import BarClock
from bridge.session.caching.bar_keeper import BarKeeper
from bridge.session.caching.bar_question import BarQuestion, read_question
from bridge.session.caching.bar_request import BarRequest, Event
from bridge.session.caching.bar_service import Service
from bridge.session.caching.bar_times import DAY
from bridge.session.caching.question import CacheCounts, Question
from bridge.session.outbox import Outbox
from bridge.session.pending.pending_table import QUIET, PendingRequest
from bridge.session.requests import Request
from bridge.session.values import Data, Instant


@dataclass(slots=True)
class Loading:
    """A series that is being read. `is_void`: what the file has is no longer true. `waiting`: the requests for it."""

    tags: tuple[str, ...]
    waiting: list[BarRequest] = field(default_factory=list)
    is_void: bool = False


class BarCache:
    """See the module.

    `resume` sends a question to TWS, `withdraw` ends an internal request. `is_at_tws`: whether TWS has an equal one.
    """

    def __init__(self, outbox: Outbox, counts: CacheCounts) -> None:
        self._outbox = outbox
        self._counts = counts
        self._clock = BarClock()
        self._keeper = BarKeeper(outbox, self._clock)
        self._loading: dict[str, Loading] = {}
        #: The requests that are not over, by client and id.
        self._open: dict[tuple[str, str], BarRequest] = {}
        #: The requests that wait for a tail, by the id of the internal request.
        self._tails: dict[str, BarRequest] = {}
        self._numbers = itertools.count(1)
        self.resume: Callable[[Question, Instant], None] = lambda _question, _now: None
        self.withdraw: Callable[[Request, Instant], None] = lambda _request, _now: None
        self.is_at_tws: Callable[[Question, Instant], bool] = lambda _question, _now: False

    def __len__(self) -> int:
        return len(self._open)

    def connected(self, connection_time: str, server_version: int, now: Instant) -> None:
        """TWS has answered the handshake with its time."""
        self._clock.connected(connection_time, server_version, now)

    def as_data(self) -> Data:
        """Return how many series and bars are in memory."""
        return {"series": len(self._keeper.memory), "bars": self._keeper.memory.bars}

    # Requests

    def take(self, question: Question, now: Instant) -> bool:
        """Answer the question now or later. Return False if TWS must answer it."""
        asked = read_question(question.params)
        if asked is None or self._clock.seconds(now) is None:
            return False
        one = BarRequest(question, asked)
        request = one.request
        self._open[request.client, request.id] = one
        before = request.then

        def answered(outcome: Data) -> None:
            if before is not None:
                before(outcome)
            self._outbox.timers.at(now.clock, lambda later: self._happen(one, "answered", later))

        request.then = answered
        series = self._keeper.memory.find(asked.key)
        if asked.size == DAY or (series is not None and (series.block is not None or series.is_read)):
            self._decide(one, now)
        else:
            self._load(one, now)
        return True

    def take_waiting(self) -> list[Question]:
        """Return the questions that TWS does not have itself, and forget all of them."""
        waiting = [one.question for one in self._open.values() if one.life.state != "whole"]
        self._open.clear()
        self._loading.clear()
        self._tails.clear()
        return waiting

    def _load(self, one: BarRequest, now: Instant) -> None:
        key = one.asked.key
        if key in self._loading:
            self._loading[key].waiting.append(one)
            return
        loading = self._loading[key] = Loading(tags_of(one.question.params), [one])

        def loaded(block: BarBlock | None, later: Instant) -> None:
            if self._loading.get(key) is not loading:
                return
            del self._loading[key]
            self._keeper.loaded(one.asked, None if loading.is_void else block, loading.tags)
            for waiting in loading.waiting:
                if waiting.life.state == "reading":
                    self._decide(waiting, later)

        self._keeper.file.read(one.asked, loaded, now)

    def _decide(self, one: BarRequest, now: Instant) -> None:
        """Let happen what is possible with the kept bars."""
        asked, seconds = one.asked, self._clock.seconds(now)
        if seconds is None:
            self._happen(one, "needsTws", now)
            return
        one.service = self._known(asked, now)
        if one.service is not None:
            self._happen(one, "canServe", now)
            return
        block = self._keeper.block(asked.key, now)
        days = None if block is None else bar_service.days_of_tail(asked, block, seconds)
        if days is not None:
            one.days = days
            self._happen(one, "needsTail", now)
        elif one.life.state == "reading" and (leader := self._leader_of(one, seconds, now)) is not None:
            one.leader = leader
            self._happen(one, "mayWait", now)
        else:
            self._happen(one, "needsTws", now)

    def _known(self, asked: BarQuestion, now: Instant) -> Service | None:
        """Return the answer to a question about a period that is over, if it is known for certain."""
        if (whole := self._keeper.whole(asked, now)) is not None:
            return Service([*whole.answer.bars.values()], whole.answer.texts, whole.told)
        block = self._keeper.block(asked.key, now)
        return bar_service.from_block(asked, block) if block and self._keeper.is_compared(asked.key, now) else None

    def _leader_of(self, one: BarRequest, seconds: int, now: Instant) -> BarRequest | None:
        """Return another request that TWS has, whose bars include these and more. A request may say it will not wait.

        An equal one is none: `PendingRequests` joins equal requests.
        """
        if not one.request.waits or one.asked.size == DAY:
            return None
        first, last = one.asked.span(seconds)
        for other in self._open.values():
            if other.asked.key != one.asked.key or other.life.state != "whole" or other.asked.name == one.asked.name:
                continue
            span = other.asked.span(seconds)
            if span[0] <= first and last <= span[1] and self.is_at_tws(other.question, now):
                return other
        return None

    # States

    def _happen(self, one: BarRequest, event: Event, now: Instant) -> None:
        if one.request.answer is not None and event != "answered":
            self._happen(one, "answered", now)  # before the timer that says so
            return
        before = one.life.state
        if not one.life.happen(event):
            return
        tail, one.tail = one.tail, None
        if before == "tail" and tail is not None:
            self._tails.pop(tail.id, None)
            if tail.answer is None:
                self.withdraw(tail, now)
        if before == "behind" and one.leader is not None:
            one.leader.followers.remove(one)
        match one.life.state:
            case "tail":
                self._ask_tail(one, now)
            case "behind" if one.leader is not None:
                one.leader.followers.append(one)
                self._outbox.timers.at(now.clock + QUIET, lambda later: self._end_wait(one, later))
            case "whole":
                self._counts.misses += 1
                self.resume(one.question, now)
            case "over":
                self._end(one, event, now)

    def _end_wait(self, one: BarRequest, now: Instant) -> None:
        """TWS has not answered the request that this one is behind: it may have dropped that."""
        if one.life.state == "behind":
            self._happen(one, "needsTws", now)

    def _ask_tail(self, one: BarRequest, now: Instant) -> None:
        plan, request, params = one.question
        tail = Request(
            request.client, f"tail-{next(self._numbers)}", plan.name, {}, None, False, "",
            is_own=True, has_looked=True, waits=request.waits, asker=request,
        )  # fmt: skip
        one.tail = tail
        self._tails[tail.id] = one

        def over(outcome: Data) -> None:
            if not outcome["ok"]:
                one.error = outcome["error"]
                self._outbox.timers.at(now.clock, lambda later: self._tail_failed(one, later))

        tail.then = over
        self.resume(Question(plan, tail, {**params, "duration": f"{one.days} D"}), now)

    def _tail_failed(self, one: BarRequest, now: Instant) -> None:
        """If TWS refuses the tail, it must say what it makes of the whole request."""
        is_refused = one.error is not None and one.error["code"] == "rejectedByTws"
        self._happen(one, "needsTws" if is_refused else "failed", now)

    def _end(self, one: BarRequest, event: Event, now: Instant) -> None:
        request = one.request
        self._open.pop((request.client, request.id), None)
        if event == "canServe" and one.service is not None:
            self._serve(one.request, one.service, now)
        elif event == "failed" and one.error is not None:
            error = one.error
            self._outbox.fail(request, error["code"], error["message"], error.get("twsCode"), error.get("data"))
        for follower in [*one.followers]:
            self._decide(follower, now)

    def _serve(self, request: Request, service: Service, now: Instant) -> None:
        self._counts.hits += 1
        parts: list[Data] = [
            {"event": "historicalData", "data": {"reqId": 0, "historicalDataBars": service.bars}},
            {
                "event": "historicalDataEnd",
                "data": {"reqId": 0, "startDateStr": service.texts[0], "endDateStr": service.texts[1]},
            },
        ]
        if request.stream:
            for part in parts:
                self._outbox.part(request, part)
        age = max(0.0, (now.ts - service.told) / 1e9)
        self._outbox.succeed(request, "events", [] if request.stream else parts, age=age)

    # What TWS says

    def answered(self, pending: PendingRequest, now: Instant, *, is_newest: bool) -> None:
        """TWS has answered a request for bars: keep the finished ones, and answer the requests whose tail it was.

        A newer request may have brought newer bars: of an older one nothing is kept.
        """
        asked = read_question(pending.params)
        answer = read_answer([(name, data) for name, data, _ in pending.told])
        piece = None
        if asked is not None and answer is not None and is_newest:
            piece = self._keeper.keep(asked, answer, pending, now)
        for request in pending.requests:
            one = self._tails.get(request.id) if request.is_own else None
            if one is not None:
                self._tail_answered(one, piece, answer, now)

    def _tail_answered(self, one: BarRequest, piece: Piece | None, answer: BarAnswer | None, now: Instant) -> None:
        block = self._keeper.block(one.asked.key, now)
        if piece is not None and block is not None and answer is not None:
            one.service = bar_service.with_tail(one.asked, block, piece, answer)
        self._happen(one, "needsTws" if one.service is None else "canServe", now)

    def drop_tagged(self, tags: tuple[str, ...]) -> None:
        """Forget the bars of these contracts, also those that are being read."""
        self._keeper.drop_tagged(tags)
        for loading in self._loading.values():
            loading.is_void = loading.is_void or bool(set(tags).intersection(loading.tags))
