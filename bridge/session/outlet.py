"""Through which the session's parts speak: to TWS, to askers, to subscribers. Collects; the shell carries away."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable

from bridge.session.agenda import Agenda
from bridge.session.asks import Ask, Asks, failure
from bridge.session.board import Board
from bridge.session.effects import Effect, Log, Persist, ReadLog, Reply, Send, SendAll
from bridge.session.records import Record
from bridge.session.values import Data, Instant, Route
from bridge.session.vocabulary import Vocabulary

Written = Callable[[Instant], None]
NotWritten = Callable[[str, Instant], None]
#: Events of an owner's log, or why they could not be read.
LogRead = Callable[[list[Data], str | None, Instant], None]


def _latest(_data: Data) -> None:
    return None


class Outlet:
    """The board, the asks and the effects, shared by all parts of one session."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.board = Board()
        self.asks = Asks()
        self.agenda = Agenda()
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

    def succeed(self, ask: Ask, result: object) -> None:
        outcome: Data = {"ok": True, "result": result}
        if ask.stream and ask.parts:
            outcome["parts"] = ask.parts
        self._answer(ask, outcome)

    def fail(self, ask: Ask, code: str, message: str, tws_code: int | None = None, data: Data | None = None) -> None:
        self._answer(ask, failure(code, message, tws_code, data))

    def _answer(self, ask: Ask, outcome: Data) -> None:
        then, ask.then = ask.then, None
        if then is not None:
            then(outcome)
        if ask.is_own:
            ask.answer = outcome
        else:
            self._effects += self.asks.answer(ask, outcome)

    def part(self, ask: Ask, result: Data) -> None:
        self._effects += self.asks.part(ask, result)

    # To subscribers

    def publish(self, prefix: str, event: str, data: Data, now: Instant, extra: Data | None = None) -> None:
        """Publish on `prefix` + `event`; the declaration says which values to keep, events of our own keep the last."""
        plan = self.vocabulary.events.get(event)
        topic = self.board.topic(prefix, event, plan.keep if plan is not None else _latest)
        self.board.publish(topic, data, now.ts, extra)

    def retract(self, prefix: str, event: str, data: Data) -> None:
        """Keep no longer what has the key of `data`: it does not hold any more."""
        self.board.retract(prefix + event, data)

    def pass_on(self, prefix: str, event: str, data: Data, now: Instant, extra: Data | None = None) -> None:
        """Publish what is true only at this moment: nothing is kept for late joiners."""
        self.board.publish(self.board.topic(prefix, event, None), data, now.ts, extra)

    def tell(self, ask: Ask, event: str, data: Data, now: Instant) -> None:
        """Publish a callback that answers a request, on the topic of who asked."""
        if ask.is_own:
            return
        self.pass_on(f"request.{ask.client}.", event, data, now, {"re": ask.id})

    def log(self, entry: Log) -> None:
        self._effects.append(entry)
