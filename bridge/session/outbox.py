"""The outbox: every message of the session to TWS, to the ledger, to clients and to subscribers.

The outbox collects the messages; the shell takes them and delivers them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import Any

from bridge.session.bounds import Bounds, Usage
from bridge.session.diary import Diary
from bridge.session.effects import (
    CacheEntry,
    DropCached,
    Effect,
    Log,
    Persist,
    ReadCache,
    ReadLog,
    Reply,
    Send,
    SendAll,
    WriteCache,
)
from bridge.session.pacing.history import HistoryRules
from bridge.session.pacing.lane_queue import Lane, Turn
from bridge.session.pacing.pacer import Pacer
from bridge.session.records import Record
from bridge.session.request_store import RequestStore
from bridge.session.requests import Refused, Request, failure, success
from bridge.session.routing import RoutingTable
from bridge.session.tallies import Tallies
from bridge.session.timers import TimerQueue
from bridge.session.topic_store import TopicStore
from bridge.session.values import Data, Instant, Route

Written = Callable[[Instant], None]
NotWritten = Callable[[str, Instant], None]
#: Called with the events of an owner's log, or with the reason why the ledger could not read them.
LogRead = Callable[[list[Data], str | None, Instant], None]
#: Called with the values that the cache file has; empty if it could not be read.
CacheRead = Callable[[dict[str, Any], Instant], None]
#: Seconds that the cache file has to answer. Then its answer counts as empty.
CACHE_PATIENCE = 2.0


def _latest(_data: Data) -> None:
    return None


class Outbox:
    """The topics, the requests, the timers and the effects that all parts of one session share."""

    def __init__(
        self, routing: RoutingTable, epoch: str, pacer: Pacer, history: HistoryRules, bounds: Bounds | None = None
    ) -> None:
        self.routing = routing
        self.pacer = pacer
        self._history = history
        self.epoch = epoch
        self.topic_store = TopicStore()
        self.bounds = bounds or Bounds()
        self.usage = Usage()
        #: What the session counts, and the last that went wrong: for those who watch the bridge.
        self.tallies = Tallies()
        self.diary = Diary()
        self.requests = RequestStore(self.bounds, self.usage)
        self.timers = TimerQueue()
        self._effects: list[Effect | Turn] = []
        #: Called after each turn.
        self.after_turn: Callable[[], None] | None = None
        self._afterwards: list[Callable[[], None]] = []
        self._tokens = itertools.count(1)
        self._writing: dict[int, tuple[Written, NotWritten]] = {}
        #: Called when a write has ended, before those who asked for it. Its reason is None, or why the write failed.
        self.on_write: Callable[[str | None, Instant], object] = lambda _reason, _now: None
        self._reading: dict[int, LogRead] = {}
        self._looking: dict[int, CacheRead] = {}

    def effects(self, now: Instant) -> list[Effect]:
        """Return the effects since the last call, in order. Messages to TWS are among them when they may leave.

        If there are none, first run the functions given to `afterwards`, and return their effects.
        """
        if not self._effects and self._afterwards:
            afterwards, self._afterwards = self._afterwards, []
            for follow in afterwards:
                follow()
        if self.diary.unstamped:
            self.diary.stamp(now.ts)
        drained = self._drain(now)
        for effect in drained:
            if isinstance(effect, Send):
                self._history.left(effect, now.clock)
        return drained

    def _drain(self, now: Instant) -> list[Effect]:
        drained, self._effects = self._effects, []
        passed: list[Effect] = []
        while True:
            for effect in self.pacer.pass_on(drained, now.clock):
                passed += self._take(effect, now) if isinstance(effect, Turn) else (effect,)
            if not self.pacer.take_refund():
                return passed
            drained = []  # a turn has sent nothing: there is room for the next one

    def _take(self, turn: Turn, now: Instant) -> list[Effect]:
        """Take a turn: what it sends leaves now."""
        later, self._effects = self._effects, []
        turn.then(now)
        if self.after_turn is not None:
            self.after_turn()
        made, self._effects = self._effects, later
        passed: list[Effect] = []
        for effect in self.pacer.pass_paid(turn, made, now.clock):
            passed += self._take(effect, now) if isinstance(effect, Turn) else (effect,)
        return passed

    def afterwards(self, follow: Callable[[], None]) -> None:
        """Call `follow` after the shell has run all effects so far. It has reported unsendable messages by then."""
        self._afterwards.append(follow)

    def add(self, *effects: Effect) -> None:
        """Add effects for the shell."""
        self._effects += effects

    # To TWS

    def send(self, name: str, data: Data, about: object = None, *, is_for_order: bool = False) -> None:
        """Send a message to TWS. `about`: the object that gets the report if it cannot be encoded."""
        send = Send(name, data, about, is_for_order)
        self._effects.append(send)
        self._history.asked(send)

    def drop(self) -> list[Send]:
        """The connection has ended: take the messages that wait for room. They never leave."""
        self._history.dropped()
        return self.pacer.drop()

    def when_room(self, lane: Lane, cost: int, then: Callable[[Instant], None], owner: str = "") -> None:
        """Call `then` when there is room for `cost` messages, now or later. What it sends leaves at once.

        `owner`: the client whose turn it is, in a lane where clients take turns.
        """
        self._effects.append(Turn(lane, cost, then, owner))

    def when_left(self, request: Request, then: Callable[[], None]) -> None:
        """Call `then` when all messages for this request have left. If it is answered before, `then` is not called."""

        def look() -> None:
            if request.answer is not None:
                return
            if self.pacer.has_message_about(request):
                self.afterwards(look)
            else:
                then()

        self.afterwards(look)

    def send_all(self, sends: Iterable[Send]) -> None:
        """Send all of these messages to TWS, or none."""
        self._effects.append(SendAll(tuple(sends)))

    # To the ledger

    def persist(self, records: Iterable[Record], then: Written, otherwise: NotWritten) -> None:
        """Write the records to disk. The outbox calls exactly one of `then` and `otherwise`, later."""
        token = next(self._tokens)
        self._writing[token] = (then, otherwise)
        self._effects.append(Persist(token, tuple(records)))

    def persist_to_send(self, cost: int, records: Iterable[Record], then: Written, otherwise: NotWritten) -> None:
        """Like `persist`, for `cost` messages to TWS that leave when the records are on disk. The pacer counts them."""

        def written(now: Instant) -> None:
            self.pacer.redeem(token)
            then(now)

        def not_written(reason: str, now: Instant) -> None:
            self.pacer.redeem(token)
            otherwise(reason, now)

        token = next(self._tokens)
        self.pacer.promise(token, cost)
        self.persist(records, written, not_written)

    def oldest_writing(self) -> int | None:
        """Return the token of the write that has waited longest for the disk; None if no write waits."""
        return next(iter(self._writing), None)

    def persisted(self, token: int, now: Instant) -> None:
        """The records of this token are on disk."""
        written, _ = self._writing.pop(token)
        self.on_write(None, now)
        written(now)

    def persist_failed(self, token: int, reason: str, now: Instant) -> None:
        """The records of this token could not be written."""
        _, not_written = self._writing.pop(token)
        self.on_write(reason, now)
        not_written(reason, now)

    def read_log(self, owner: str, after: int, limit: int, then: LogRead) -> None:
        """Read an owner's order log, and call `then` with its events. See `ReadLog`."""
        token = next(self._tokens)
        self._reading[token] = then
        self._effects.append(ReadLog(token, owner, after, limit))

    def log_read(self, token: int, events: list[Data], failure: str | None, now: Instant) -> None:
        """The ledger has read the log for this token, or has failed to."""
        self._reading.pop(token)(events, failure, now)

    # To the cache file

    def read_cache(self, keys: tuple[str, ...], then: CacheRead, now: Instant) -> None:
        """Read these keys of the cache file, and call `then` once with what it has, or with nothing in time."""
        token = next(self._tokens)
        self._looking[token] = then
        self._effects.append(ReadCache(token, keys))
        self.timers.at(now.clock + CACHE_PATIENCE, lambda later: self.cache_read(token, {}, later))

    def cache_read(self, token: int, found: dict[str, Any], now: Instant) -> None:
        """The cache file has read these values for this token. A second call for a token does nothing."""
        then = self._looking.pop(token, None)
        if then is not None:
            then(found, now)

    def write_cache(self, entries: tuple[CacheEntry, ...]) -> None:
        """Write these values into the cache file."""
        self._effects.append(WriteCache(entries))

    def drop_cached(self, tags: tuple[str, ...] = (), keys: tuple[str, ...] = ()) -> None:
        """Remove the values with one of these tags or keys from the cache file."""
        self._effects.append(DropCached(tags, keys))

    # To the clients that sent requests

    def reply(self, route: Route, body: Data) -> None:
        """Send `body` as a reply on the route."""
        self._effects.append(Reply(route, body))

    def succeed(self, request: Request, kind: str, result: object, age: float | None = None) -> None:
        """Answer the request with a result. If parts were sent, the answer has their number.

        `age`: seconds since TWS gave the answer, if it comes from the cache.
        """
        outcome = success(kind, result)
        if age is not None:
            outcome |= {"cached": True, "age": round(age, 3)}
        if request.stream and request.parts:
            outcome["parts"] = request.parts
        self._answer(request, outcome)

    def fail(
        self, request: Request, code: str, message: str, tws_code: int | None = None, data: Data | None = None
    ) -> None:
        """Answer the request with an error."""
        if not request.is_own and request.answer is None:
            self.note_error(request.client, request.method, code, message, data)
        self._answer(request, failure(code, message, tws_code, data))

    def refuse(self, request: Request, refused: Refused) -> None:
        """Answer the request with this error."""
        self.usage.count(refused)
        if not request.is_own and request.answer is None:
            self.log_refusal(request.client, request.method, request.id, request.params, refused)
        self.fail(request, refused.code, refused.message, data=refused.data)

    def log_refusal(self, client: str | None, method: str, id_: str, params: Data, refused: Refused) -> None:
        """Log that the bridge refuses a request, and by which rule or bound."""
        key = params.get("orderKey")
        self.log(
            "requestRefused",
            client=client,
            method=method,
            requestId=id_,
            code=refused.code,
            reason=refused.message,
            rule=refused.data.get("rule"),
            bound=refused.data.get("bound"),
            orderKey=key if isinstance(key, str) else None,
        )

    def note_error(self, client: str, method: str, code: str, message: str, data: Data | None = None) -> None:
        """Count an error reply, and keep it for those who watch the bridge."""
        self.tallies.errors[code] += 1
        rule = (data or {}).get("rule")
        self.diary.refused(client, method, code, message, rule if isinstance(rule, str) else None)

    def _answer(self, request: Request, outcome: Data) -> None:
        then, request.then = request.then, None
        if then is not None:
            then(outcome)
        if request.is_own:
            request.answer = outcome
        else:
            self._effects += self.requests.answer(request, outcome)
            request.params = {}  # nobody reads them any more, and the store keeps the request with its answer

    def part(self, request: Request, result: Data) -> None:
        """Send one part of the answer."""
        self._effects += self.requests.part(request, result)

    # To subscribers

    def publish(self, prefix: str, event: str, data: Data, now: Instant, extra: Data | None = None) -> None:
        """Publish `data` on the topic `prefix` + `event`.

        The event's declaration says which values the topic keeps. Topics of the bridge's own events keep the last
        value.
        """
        plan = self.routing.events.get(event)
        topic = self.topic_store.topic(prefix, event, plan.keep if plan is not None else _latest)
        self.topic_store.publish(topic, data, now.ts, extra)

    def retract(self, prefix: str, event: str, data: Data) -> None:
        """Remove the kept value that has the same key as `data`, because it is no longer true."""
        self.topic_store.retract(prefix + event, data)

    def pass_on(self, prefix: str, event: str, data: Data, now: Instant, extra: Data | None = None) -> None:
        """Publish data that is true only at this moment. The topic keeps nothing for subscribers that join later."""
        self.topic_store.publish(self.topic_store.topic(prefix, event, None), data, now.ts, extra)

    def tell(self, request: Request, event: str, data: Data, now: Instant) -> None:
        """Publish a callback that answers a request, on the topic of the client that sent the request."""
        if request.is_own:
            return
        self.pass_on(f"request.{request.client}.", event, data, now, {"re": request.id})

    def log(self, event: str, /, **fields: Any) -> None:
        """Write an event to the log of the bridge. A field that is None is absent. See `Log`."""
        self._effects.append(Log.of(event, **fields))
