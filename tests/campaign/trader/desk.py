"""A trader at work: one request at a time for each of its intents, and its order log beside them."""

from __future__ import annotations

import time
from pathlib import Path

from tests.campaign.trader.advice import Adviser, Decision, Step
from tests.campaign.trader.answers import understand
from tests.campaign.trader.intent import Data, Intent, replay
from tests.campaign.trader.memory import Memory
from tws_bridge_client import BridgeClient, BridgeError
from tws_bridge_client.calls import Call

#: Seconds between an answer and the next question about the same intent.
PAUSE = 0.15
#: Seconds after the end of faults when a trader cancels what is still open, as at the end of its day.
CLOSES_AFTER = 5.0
#: Seconds after it when a trader asks once more what became of orders that are over.
REVIEWS_AFTER = 1.0


class Desk:
    """`begin` is when the episode began, in seconds since 1970 UTC: a trader that was killed keeps to its plan."""

    def __init__(self, client: BridgeClient, plan: Data, memory: Memory, begin: float, calm: Path) -> None:
        self._client = client
        self._plan = plan
        self._memory = memory
        self._begin = begin
        self._calm = calm
        self._intents = replay(plan, memory.lines)
        self._adviser = Adviser(plan["contract"], self._intents, self._knows_await())
        self._calls: dict[str, list[tuple[Step, Call]]] = {}
        self._due: dict[str, float] = {}
        self._feed = client.orders(memory.position())
        self._has_cancelled_all = any(line["what"] == "cancelMine" for line in memory.lines)

    def run(self) -> None:
        """Until killed."""
        while True:
            event = self._feed.poll(0.03)
            while event is not None:
                self._memory.hear(event)
                event = self._feed.poll(0.0)
            for intent in self._intents.values():
                self._answer(intent)
            self._wish()
            for intent in self._intents.values():
                self._advance(intent)

    def _knows_await(self) -> bool:
        while True:
            try:
                known = self._client.request("methods", timeout=2.0)
                return any(method["method"] == "awaitOrder" for method in known)
            except BridgeError:
                time.sleep(0.1)

    # What is answered

    def _answer(self, intent: Intent) -> None:
        """What has come, in any order; there is no pause before what has been freed is placed again."""
        for step, call in list(self._calls.get(intent.id, ())):
            if call.reply is None and time.monotonic() < call.deadline:
                continue
            self._calls[intent.id].remove((step, call))
            for key, told in understand(step, call).items():
                owner = self._intents[key.rpartition("_")[0]]
                self._store(owner, "told", method=step.method, key=key, told=told, revision=step.revision)
            is_eager = intent.fickle and intent.current.is_free
            self._due[intent.id] = 0.0 if is_eager else time.monotonic() + PAUSE

    # What is wished

    def _wish(self) -> None:
        """The time of a cancel has come: of one intent, of all at once, or of what is left at the end."""
        since, is_closing = time.time() - self._begin, self._is_calm_since(CLOSES_AFTER)
        for intent in self._intents.values():
            is_due = intent.cancels is not None and since >= intent.cancels and not intent.relented
            if (is_due or is_closing) and not intent.wants_cancel and intent.over is None and intent.attempts:
                self._store(intent, "wish")
        at = self._plan.get("cancelMineAt")
        if at is not None and since >= at and not self._has_cancelled_all:
            self._cancel_mine()

    def _is_calm_since(self, seconds: float) -> bool:
        return self._calm.exists() and time.time() - self._calm.stat().st_mtime > seconds

    def _cancel_mine(self) -> None:
        for intent in self._intents.values():
            if intent.attempts and intent.over is None and not intent.wants_cancel:
                self._store(intent, "wish")
        self._memory.write("cancelMine")
        self._has_cancelled_all = True
        self._client.send("cancelMine", {}, 3.0)

    # What is asked

    def _advance(self, intent: Intent) -> None:
        pending = self._calls.get(intent.id, [])
        if len(pending) > 1 or (not pending and time.monotonic() < self._due.get(intent.id, 0.0)):
            return
        if pending:
            done = self._adviser.meanwhile(intent, pending[0][0])
        else:
            done = self._adviser.next(intent, time.time(), time.time() - self._begin)
        if done is None and not pending and self._is_calm_since(REVIEWS_AFTER):
            done = self._adviser.review(intent)
            if done is not None:
                self._store(intent, "reviewed", key=done.keys[0])
        match done:
            case Decision(what, facts):
                self._store(intent, what, **facts)
            case Step() as step:
                for key in step.keys:
                    self._store(self._intents[key.rpartition("_")[0]], "asked", method=step.method, key=key)
                call = self._client.send(step.method, step.params, step.timeout)
                self._calls.setdefault(intent.id, []).append((step, call))

    def _store(self, intent: Intent, what: str, **facts: object) -> None:
        """On file first, then in mind."""
        intent.apply(self._memory.write(what, intent=intent.id, **facts))
