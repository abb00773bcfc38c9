"""The cache of reference data: it answers a question of a client with what TWS has answered before on the same day.

A question is looked up in memory first, then in the cache file. The file may be slow, damaged or absent: a question
whose look-up fails or takes too long goes to TWS. What TWS answers is kept, unless it is empty or an error. An empty
answer removes an older one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from bridge.session.caching.answers import KeptAnswer, from_data, has_data, tags_of
from bridge.session.caching.bar_cache import BarCache
from bridge.session.caching.day_cache import DayCache
from bridge.session.caching.question import CacheCounts, Question
from bridge.session.effects import CacheEntry
from bridge.session.outbox import Outbox
from bridge.session.pending.pending_table import PendingRequest
from bridge.session.pending.shared import share_key
from bridge.session.requests import Request
from bridge.session.routing import RequestPlan
from bridge.session.values import Data, Instant

#: Keys of reference data in the cache file begin with this.
PREFIX = "day/"


@dataclass(slots=True)
class Look:
    """One look-up in the file. `questions`: those that wait for it.

    `dropped`: the key and tags that the cache has forgotten since. The file may have been read before that.
    """

    questions: list[Question]
    dropped: set[str] = field(default_factory=set)


class ReferenceCache:
    """See the module.

    `learn` takes each contract that a kept answer describes. `resume` hands a question back that TWS must answer.
    """

    def __init__(self, outbox: Outbox, learn: Callable[[Data, Data | None, float], None], *, enabled: bool) -> None:
        self._outbox = outbox
        self._learn = learn
        self._enabled = enabled
        self._answers = DayCache()
        #: The questions whose key is being looked up in the file.
        self._looking: dict[str, Look] = {}
        self.counts = CacheCounts()
        self.bars = BarCache(outbox, self.counts)
        self.resume: Callable[[Question, Instant], None] = lambda _question, _now: None

    def connected(self, connection_time: str, server_version: int, now: Instant) -> None:
        """TWS has answered the handshake."""
        self._answers.connected(connection_time, server_version, now)
        self.bars.connected(connection_time, server_version, now)

    def logged_in(self, accounts: Iterable[str], now: Instant) -> None:
        """TWS has sent the accounts that it manages."""
        self._answers.logged_in(accounts, now)

    def may_answer(self, plan: RequestPlan, request: Request, params: Data, now: Instant) -> bool:
        """Return whether the question needs no room to TWS now: the cache has an answer, or looks for one first."""
        if not self._enabled or plan.cache is None or request.is_fresh:
            return False
        if plan.cache == "bars":
            return not request.has_looked
        return not request.has_looked or self._answers.find(share_key(plan, request, params), now) is not None

    def take(self, question: Question, now: Instant) -> bool:
        """Answer the question now or later. Return False if TWS must answer it."""
        plan, request, params = question
        if not self.may_answer(plan, request, params, now):
            return False
        if plan.cache == "bars":
            request.has_looked = True
            if not self.bars.take(question, now):
                self.resume(question, now)
            return True
        key = share_key(plan, request, params)
        if (answer := self._answers.find(key, now)) is not None:
            self._answer(question, answer, now)
            return True
        if request.has_looked:
            return False
        request.has_looked = True
        if key in self._looking:
            self._looking[key].questions.append(question)
        else:
            self._looking[key] = Look([question])
            self._outbox.read_cache((PREFIX + key,), lambda found, later: self._looked(key, found, later), now)
        return True

    def _looked(self, key: str, found: dict[str, Any], now: Instant) -> None:
        answer = from_data(found.get(PREFIX + key))
        look = self._looking.pop(key, Look([]))
        if answer is not None and (
            not self._answers.is_valid(answer, now) or not look.dropped.isdisjoint((key, *answer.tags))
        ):
            answer = None  # of another day, login or version of TWS, or forgotten since
        if answer is not None and self._answers.find(key, now) is None:
            self._answers.put(key, answer)
            self._learn_from(answer, now)
        for question in look.questions:
            if question.request.answer is not None:
                continue
            kept = self._answers.find(key, now)
            if kept is not None:
                self._answer(question, kept, now)
            else:
                self.counts.misses += 1
                self.resume(question, now)

    def _answer(self, question: Question, answer: KeptAnswer, now: Instant) -> None:
        """Answer as TWS did: the same parts, then the reply with `cached` and the age.

        The callbacks are not published again: of a large chain that would take the bridge's time from orders.
        """
        self.counts.hits += 1
        plan, request, _ = question
        age = max(0.0, (now.ts - answer.at) / 1e9)
        if plan.completes == "one":
            self._outbox.succeed(request, "event", answer.callbacks[-1][1], age=age)
            return
        parts = answer.parts(plan.endings(answer.version))
        if request.stream:
            for part in parts:
                self._outbox.part(request, part)
        self._outbox.succeed(request, "events", [] if request.stream else parts, age=age)

    def _learn_from(self, answer: KeptAnswer, now: Instant) -> None:
        """The answer has come from the file: the order checks learn the contracts that it describes."""
        clock = now.clock - max(0.0, (now.ts - answer.at) / 1e9)
        for _, data in answer.callbacks:
            if "contractDetails" in data:
                self._learn(data.get("contract", {}), data["contractDetails"], clock)

    def take_waiting(self) -> list[Question]:
        """Return the questions that are being looked up, and forget them."""
        waiting = [question for look in self._looking.values() for question in look.questions]
        self._looking.clear()
        return waiting + self.bars.take_waiting()

    # What TWS says

    def answered(self, pending: PendingRequest, server_version: int, now: Instant, *, is_newest: bool) -> None:
        """TWS has answered a request. Keep the answer, unless it is empty or came with an error.

        `is_newest`: no equal request was sent after it, whose answer is newer.
        """
        if self._enabled and pending.plan.cache == "bars":
            self.bars.answered(pending, now, is_newest=is_newest)
            return
        key = pending.share_key
        if not self._enabled or pending.plan.cache != "day" or key is None or not is_newest:
            return
        callbacks = tuple((name, data) for name, data, _ in pending.told)
        tags = tags_of(pending.params, callbacks)
        answer = self._answers.new(callbacks, server_version, tags, now)
        if answer is None or not has_data(pending.params, callbacks) or any(name == "error" for name, _ in callbacks):
            self._drop(key)  # what is kept is older than this answer
            return
        self._answers.put(key, answer)
        self._outbox.write_cache((CacheEntry(PREFIX + key, answer.as_data(), tags),))

    def _drop(self, key: str) -> None:
        self._answers.drop(key)
        if (look := self._looking.get(key)) is not None:
            look.dropped.add(key)
        self._outbox.drop_cached(keys=(PREFIX + key,))

    def unknown_contract(self, params: Data) -> None:
        """TWS knows the contract of this request no longer (error 200): forget what it has said about it."""
        if self._enabled and (tags := tags_of(params)):
            self._answers.drop_tagged(tags)
            for look in self._looking.values():
                look.dropped.update(tags)
            self.bars.drop_tagged(tags)
            self._outbox.drop_cached(tags)
