"""A trader that follows the advice on orders to the letter: the campaign's, on virtual time.

Its file outlives it: what it intends, asks and is told is written before it acts on it. Beside that it follows its
order log with the client library's own follower, and takes each event once.
"""

from __future__ import annotations

from random import Random
from typing import Any

from tests.campaign.trader.advice import Adviser, Decision, Step
from tests.campaign.trader.answers import understand
from tests.campaign.trader.intent import Intent, replay
from tests.simulation.bus import Bus
from tests.simulation.clients.base import Client
from tests.simulation.clock import Clock
from tests.simulation.trace import Trace
from tws_bridge_client.calls import Call
from tws_bridge_client.orderlog import LogEvent, LogFollower, LogPosition

Data = dict[str, Any]
_STATED = ("state", "reason", "unrecoverable")
#: Seconds between an answer and the next question about the same intent: soon at first, rarely later.
PAUSE = (0.15, 1.0, 4.0, 15.0, 60.0, 240.0)
#: Seconds that such a question waits for the end of an order that has been told the same so often.
PATIENCE = 30.0


class Trader(Client):
    """`lines` is its file. `closes`: it cancels what is still open."""

    def __init__(self, plan: Data, clock: Clock, dice: Random, trace: Trace, bus: Bus) -> None:
        super().__init__(plan["name"], clock, dice, trace, bus)
        self.plan = plan
        self.lines: list[Data] = []
        self.intents: dict[str, Intent] = replay(plan, self.lines)
        self._adviser = Adviser(plan["contract"], self.intents, True)
        self._pending: dict[str, list[Step]] = {}
        self._due: dict[str, float] = {}
        self._asked: dict[str, int] = {}
        self._log: LogFollower | None = None
        self._position: LogPosition | None = None
        self.closes = False

    def add(self, wishes: list[Data]) -> None:
        """It intends more."""
        self.plan["intents"] += wishes
        self.intents.update(replay({**self.plan, "intents": wishes}, []))
        self.wake()

    # Life

    def work(self) -> None:
        self._pending, self._due, self._asked = {}, {}, {}
        self._log = LogFollower(self.name, self._position)
        self._bus.turn_to(self.plug, self._log.prefix)  # type: ignore[arg-type]
        self._log.start(self._clock.now)

    def forget(self) -> None:
        self._log = None

    def open(self) -> list[Intent]:
        return [intent for intent in self.intents.values() if intent.over is None]

    # Its order log

    def on_events(self, events: list[tuple[str, Data]]) -> None:
        if self._log is None:
            return
        for topic, event in events:
            self._log.on_event(topic, event, self._clock.now)
        self._follow()

    def on_reconnect(self) -> None:
        if self._log is not None:
            self._log.on_reconnect(self._clock.now)
            self._follow()

    def is_idle_head(self, data: Data) -> bool:
        return self._position is not None and (data["log"], data["head"]) == tuple(self._position)

    def _follow(self) -> None:
        log = self._log
        if log is None:
            return
        for event in log.events():
            self._hear(event)
        for command in log.commands():
            self.ask(command.method, command.params, 5.0, lambda reply, token=command.token: self._read(token, reply))  # type: ignore[misc]
        self.wake()

    def _read(self, token: int, reply: Data | None) -> None:
        if self._log is not None:
            is_told = reply is not None and reply["ok"]
            self._log.on_reply(token, reply["result"] if is_told and reply else None, self._clock.now)
            self._follow()

    def _hear(self, event: LogEvent) -> None:
        """The event and the position behind it are one line of its file."""
        self._position = event.position
        execution = event.data.get("execution", {})
        facts = {name: event.data[name] for name in _STATED if name in event.data}
        key = event.topic.split(".")[2]
        self._write(
            "log", log=event.position.log, n=event.position.n, event=event.event, key=key, status=None,
            execId=execution.get("execId"), shares=execution.get("shares"), **facts,
        )  # fmt: skip
        self._due[key.rpartition("_")[0]] = 0.0

    def _write(self, what: str, **facts: object) -> Data:
        line: Data = {"t": self._clock.ns() / 1e9, "what": what, **facts}
        self.lines.append(line)
        return line

    def _store(self, intent: Intent, what: str, **facts: object) -> None:
        intent.apply(self._write(what, intent=intent.id, **facts))

    # Its orders

    def tend(self) -> float:
        due = float("inf")
        if self._log is not None:
            if self._log.next_timer() <= self._clock.now:
                self._log.on_timer(self._clock.now)
                self._follow()
            due = self._log.next_timer()
        for intent in self.open():
            self._wish(intent)
            due = min(due, self._advance(intent))
        return due

    def _wish(self, intent: Intent) -> None:
        is_due = intent.cancels is not None and self._clock.now >= intent.cancels and not intent.relented
        if (is_due or self.closes) and not intent.wants_cancel and intent.attempts:
            self._store(intent, "wish")

    def _advance(self, intent: Intent) -> float:
        """Ask what is due; return when the next question is due."""
        for _ in range(5):
            now, pending = self._clock.now, self._pending.get(intent.id, [])
            if len(pending) > 1 or (not pending and now < self._due.get(intent.id, 0.0)):
                return self._later(intent, float("inf") if pending else self._due[intent.id])
            done = self._adviser.meanwhile(intent, pending[0]) if pending else self._adviser.next(intent, now, now)
            match done:
                case None:
                    return self._later(intent, float("inf") if pending or now < intent.starts else now + 5.0)
                case Decision(what, facts):
                    self._store(intent, what, **facts)
                    if intent.over is not None:
                        return float("inf")
                case Step() as step:
                    self._take(intent, step)
        return self._clock.now + 1.0

    def _later(self, intent: Intent, due: float) -> float:
        """When to look again: then, or when what it wishes begins."""
        wishes = [at for at in (intent.starts, intent.cancels) if at is not None and at > self._clock.now]
        return min([due, *wishes])

    def _take(self, intent: Intent, step: Step) -> None:
        for key in step.keys:
            self._store(self.intents[key.rpartition("_")[0]], "asked", method=step.method, key=key)
        self._pending.setdefault(intent.id, []).append(step)
        self._asked[intent.id] = self._asked.get(intent.id, 0) + 1
        timeout = step.timeout if step.method != "awaitOrder" or self._asked[intent.id] < 4 else PATIENCE
        self.ask(step.method, step.params, timeout, lambda reply: self._answered(intent, step, reply))

    def _answered(self, intent: Intent, step: Step, reply: Data | None) -> None:
        pending = self._pending.get(intent.id, [])
        if step not in pending:
            return
        pending.remove(step)
        for key, told in understand(step, Call("", step.method, 0.0, b"", 0.0, 0.0, reply=reply)).items():
            owner = self.intents[key.rpartition("_")[0]]
            before = (owner.current.state, owner.current.filled, owner.current.is_final) if owner.attempts else None
            self._store(owner, "told", method=step.method, key=key, told=told, revision=step.revision)
            if owner.attempts and before != (owner.current.state, owner.current.filled, owner.current.is_final):
                self._asked[owner.id] = 0
        is_eager = intent.fickle and bool(intent.attempts) and intent.current.is_free
        pause = PAUSE[min(self._asked.get(intent.id, 0) // 2, len(PAUSE) - 1)]
        self._due[intent.id] = 0.0 if is_eager else self._clock.now + pause
        self.wake()
