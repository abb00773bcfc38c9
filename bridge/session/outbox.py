"""Through which the session's parts speak: to TWS, to askers, to subscribers. Collects; the shell carries away."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable

from bridge.session.effects import Effect, Log, Persist, ReadLog, Reply, Send, SendAll
from bridge.session.records import Record
from bridge.session.requests import Request, RequestStore, failure, success
from bridge.session.routing import RoutingTable
from bridge.session.timers import TimerQueue
from bridge.session.topic_store import TopicStore
from bridge.session.values import Data, Instant, Route

Written = Callable[[Instant], None]
NotWritten = Callable[[str, Instant], None]
#: Events of an owner's log, or why they could not be read.
LogRead = Callable[[list[Data], str | None, Instant], None]


def _latest(_data: Data) -> None:
    return None


class Outbox:
    """The board, the asks and the effects, shared by all parts of one session."""

    def __init__(self, routing: RoutingTable, epoch: str) -> None:
        self.routing = routing
        self.epoch = epoch
        self.topic_store = TopicStore()
        self.requests = RequestStore()
        self.timers = TimerQueue()
        self._effects: list[Effect] = []
        self._afterwards: list[Callable[[], None]] = []
        self._tokens = itertools.count(1)
        self._writing: dict[int, tuple[Written, NotWritten]] = {}
        self._reading: dict[int, LogRead] = {}

    def effects(self) -> list[Effect]:
        """What is to be done; when that has been done, what follows from it."""
        if not self._effects and self._afterwards:
            afterwards, self._afterwards = self._afterwards, []
            for follow in afterwards:
                follow()
        drained, self._effects = self._effects, []
        return drained

    def afterwards(self, follow: Callable[[], None]) -> None:
        """Call this when all that is to be done so far has been: what could not be sent has been told by then."""
        self._afterwards.append(follow)

    def add(self, *effects: Effect) -> None:
        self._effects += effects

    # To TWS

    def send(self, name: str, data: Data, about: object = None) -> None:
        self._effects.append(Send(name, data, about))

    def send_all(self, sends: Iterable[Send]) -> None:
        self._effects.append(SendAll(tuple(sends)))

    # To the ledger

    def persist(self, records: Iterable[Record], then: Written, otherwise: NotWritten) -> None:
        """Have the records written; exactly one of `then` and `otherwise` is called, later."""
        token = next(self._tokens)
        self._writing[token] = (then, otherwise)
        self._effects.append(Persist(token, tuple(records)))

    def oldest_writing(self) -> int | None:
        """The token of what has waited longest for the disk; None where nothing does."""
        return next(iter(self._writing), None)

    def persisted(self, token: int, now: Instant) -> None:
        self._writing.pop(token)[0](now)

    def persist_failed(self, token: int, reason: str, now: Instant) -> None:
        self._writing.pop(token)[1](reason, now)

    def read_log(self, owner: str, after: int, limit: int, then: LogRead) -> None:
        token = next(self._tokens)
        self._reading[token] = then
        self._effects.append(ReadLog(token, owner, after, limit))

    def log_read(self, token: int, events: list[Data], failure: str | None, now: Instant) -> None:
        self._reading.pop(token)(events, failure, now)

    # To who asked

    def reply(self, route: Route, body: Data) -> None:
        self._effects.append(Reply(route, body))

    def succeed(self, request: Request, kind: str, result: object) -> None:
        outcome = success(kind, result)
        if request.stream and request.parts:
            outcome["parts"] = request.parts
        self._answer(request, outcome)

    def fail(
        self, request: Request, code: str, message: str, tws_code: int | None = None, data: Data | None = None
    ) -> None:
        self._answer(request, failure(code, message, tws_code, data))

    def _answer(self, request: Request, outcome: Data) -> None:
        then, request.then = request.then, None
        if then is not None:
            then(outcome)
        if request.is_own:
            request.answer = outcome
        else:
            self._effects += self.requests.answer(request, outcome)

    def part(self, request: Request, result: Data) -> None:
        self._effects += self.requests.part(request, result)

    # To subscribers

    def publish(self, prefix: str, event: str, data: Data, now: Instant, extra: Data | None = None) -> None:
        """Publish on `prefix` + `event`; the declaration says which values to keep, events of our own keep the last."""
        plan = self.routing.events.get(event)
        topic = self.topic_store.topic(prefix, event, plan.keep if plan is not None else _latest)
        self.topic_store.publish(topic, data, now.ts, extra)

    def retract(self, prefix: str, event: str, data: Data) -> None:
        """Keep no longer what has the key of `data`: it does not hold any more."""
        self.topic_store.retract(prefix + event, data)

    def pass_on(self, prefix: str, event: str, data: Data, now: Instant, extra: Data | None = None) -> None:
        """Publish what is true only at this moment: nothing is kept for late joiners."""
        self.topic_store.publish(self.topic_store.topic(prefix, event, None), data, now.ts, extra)

    def tell(self, request: Request, event: str, data: Data, now: Instant) -> None:
        """Publish a callback that answers a request, on the topic of who asked."""
        if request.is_own:
            return
        self.pass_on(f"request.{request.client}.", event, data, now, {"re": request.id})

    def log(self, entry: Log) -> None:
        self._effects.append(entry)
