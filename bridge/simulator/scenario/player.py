"""Which line of a scenario is next, and what came of it: a machine with one total table. Knows no socket and no clock.

Lines are played in their order. A line that does something is played when its time has come. A line that expects
something is met by what has happened since the last line that did something; one that begins with `no` looks at what
happens from now on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal, get_args

from bridge.simulator.scenario.parser import Line, Scenario
from bridge.simulator.scenario.vocabulary import ABSENCES, Who

State = Literal["waiting", "playing", "watching", "passed", "failed"]
Event = Literal["started", "due", "opened", "met", "late", "broken", "over"]
STATES: tuple[State, ...] = get_args(State)
EVENTS: tuple[Event, ...] = get_args(Event)

ABOUT: Mapping[State, str] = {
    "waiting": "The clock has not started.",
    "playing": "The next line has its time, and waits for it.",
    "watching": "The next line expects something, and waits for that.",
    "passed": "All lines are done, and all that they expected has happened.",
    "failed": "Something that must happen did not, or something that must not did.",
}
ABOUT_EVENTS: Mapping[Event, str] = {
    "started": "What starts the clock has happened.",
    "due": "The time of a line has come: it is done.",
    "opened": "The next line expects something.",
    "met": "What was expected has happened, or what must not happen has not for its time.",
    "late": "What was expected has not happened in its time.",
    "broken": "What must not happen has, or a line could not be done.",
    "over": "There is no further line.",
}


def _row(state: State, stay: str, go: Mapping[Event, State]) -> Mapping[Event, State]:
    row = {event: state for event in EVENTS if event in stay.split()} | dict(go)
    if sorted(row) != sorted(EVENTS):
        raise ValueError(f"{state}: {sorted(set(row) ^ set(EVENTS))} not listed once")
    return row


TABLE: Mapping[State, Mapping[Event, State]] = {
    "waiting": _row("waiting", "due opened met over", {"started": "playing", "late": "failed", "broken": "failed"}),
    "playing": _row(
        "playing", "started due met late", {"opened": "watching", "broken": "failed", "over": "passed"}
    ),
    "watching": _row(
        "watching", "started due opened over", {"met": "playing", "late": "failed", "broken": "failed"}
    ),
    # The last line is counted as done when it is given out; it may turn out then that it cannot be.
    "passed": _row("passed", "started due opened met late over", {"broken": "failed"}),
    "failed": _row("failed", " ".join(EVENTS), {}),
}  # fmt: skip
OVER: frozenset[State] = frozenset({"passed", "failed"})

Outcome = Literal["done", "met", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened: a `request`, `connection`, `socket` or `disconnection`, or an event that was `heard`."""

    kind: str
    name: str = ""
    data: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What became of a line; the shell carries out those that are `done`, in this order."""

    line: Line
    outcome: Outcome
    why: str = ""


class Player:
    """One playing of a scenario. `whose`: whose lines it plays; the others are skipped. Times in seconds, on any clock.

    Call `begin` once; then `take` what happens, and `turn` whenever something happened or `next_time` has come.
    """

    def __init__(self, scenario: Scenario, whose: frozenset[Who]) -> None:
        self.scenario = scenario
        self.state: State = "waiting"
        self.why = ""
        self._whose = whose
        self._early = [line for line in scenario.lines if line.when == "before"]
        self._rest = deque(line for line in scenario.lines if line.when != "before")
        self._started = self._latest = self._opened = 0.0
        #: What happened since the last line that did something, and of that what was there when the line was opened.
        self._facts: list[Fact] = []
        self._old = 0
        self._known: bool = False

    # What the shell tells

    def begin(self, now: float) -> list[Step]:
        """The lines that come before the start."""
        if self.scenario.start == "now":
            self._start(now)
        return [self._step(line) for line in self._early]

    def take(self, fact: Fact, now: float) -> None:
        """Something has happened."""
        if self.state == "waiting" and self.scenario.start == (fact.name or fact.kind):
            self._start(now)
        if self.state not in OVER and any(_concerns(line, fact) for line in self._rest):
            self._facts.append(fact)

    def answered(self, line: Line, is_so: bool, why: str = "") -> None:
        """The bridge was asked for what `asking` gave."""
        if self.asking is line:
            self._known = is_so
            self.why = why

    def fail(self, why: str) -> None:
        """A line could not be done."""
        self.why = why
        self._happen("broken")

    def give_up(self) -> Step | None:
        """The shell waits no longer for the start."""
        if self.state == "waiting":
            self.why = f"nothing started the clock: {self.scenario.start}"
            self._happen("late")
        return Step(self._rest[0], "failed", self.why) if self._rest else None

    # What the shell asks

    @property
    def asking(self) -> Line | None:
        """The line for which the shell asks the bridge."""
        line = self._rest[0] if self._rest else None
        return line if line is not None and self.state == "watching" and line.who == "known" else None

    @property
    def next_time(self) -> float | None:
        """When `turn` has something to do, if nothing happens before."""
        if self.state == "playing" and self._rest:
            return self._time_of(self._rest[0])
        return self._opened + self._rest[0].seconds if self.state == "watching" else None

    def turn(self, now: float) -> list[Step]:
        """What becomes of lines now."""
        steps: list[Step] = []
        while self.state in ("playing", "watching"):
            step = self._playing(now) if self.state == "playing" else self._watching(now)
            if step is None:
                break
            steps.append(step)
        return steps

    # Within

    def _start(self, now: float) -> None:
        self._started = self._latest = now
        self._happen("started")
        self._go_on()

    def _happen(self, event: Event) -> None:
        self.state = TABLE[self.state][event]

    def _go_on(self) -> None:
        if not self._rest:
            self._happen("over")

    def _time_of(self, line: Line) -> float:
        if line.when == "at":
            return self._started + line.seconds
        return self._latest + (line.seconds if line.does else 0.0)

    def _step(self, line: Line) -> Step:
        return Step(line, "done" if line.who in self._whose else "skipped")

    def _playing(self, now: float) -> Step | None:
        line = self._rest[0]
        if line.who not in self._whose:
            return self._leave(Step(line, "skipped"))
        if not line.does:
            self._opened, self._old, self._known, self.why = now, len(self._facts), False, ""
            self._happen("opened")
            return self._watching(now)
        if now < self._time_of(line):
            return None
        self._happen("due")
        self._latest = now
        self._facts.clear()
        return self._leave(Step(line, "done"))

    def _watching(self, now: float) -> Step | None:
        line = self._rest[0]
        is_late = now >= self._opened + line.seconds
        if line.phrase.verb in ABSENCES:
            if any(_is(line, fact) for fact in self._facts[self._old :]):
                return self._end(line, "broken", "it came")
            return self._met(line, now) if is_late else None
        if self._known if line.who == "known" else self._count(line) >= line.phrase.fields.get("n", 1):
            return self._met(line, now)
        return self._end(line, "late", self._seen(line)) if is_late else None

    def _count(self, line: Line) -> int:
        return sum(1 for fact in self._facts if _is(line, fact))

    def _seen(self, line: Line) -> str:
        if line.who == "known":
            return self.why or "no answer"
        found = self._count(line)
        return f"in {line.seconds:g} s it came {found} times" if found else f"in {line.seconds:g} s it did not come"

    def _met(self, line: Line, now: float) -> Step:
        self._happen("met")
        self._latest = now
        return self._leave(Step(line, "met"))

    def _end(self, line: Line, event: Event, why: str) -> Step:
        self.why = why
        self._happen(event)
        return Step(line, "failed", why)

    def _leave(self, step: Step) -> Step:
        self._rest.popleft()
        self._go_on()
        return step


def _concerns(line: Line, fact: Fact) -> bool:
    return not line.does and _is(line, fact)


def _is(line: Line, fact: Fact) -> bool:
    """Whether the fact is what the line names."""
    fields = line.phrase.fields
    match line.phrase.verb:
        case "request" | "noRequest":
            return fact.kind == "request" and fact.name == fields["request"]
        case "connection" | "noConnection":
            return fact.kind == "connection"
        case "socket" | "noSocket":
            return fact.kind == "socket"
        case "disconnection":
            return fact.kind == "disconnection"
        case "topic" | "noTopic":
            return fact.kind == "heard" and fnmatchcase(fact.name, fields["topic"]) and _has(fields, fact.data or {})
    return False


def _has(fields: Mapping[str, Any], data: Mapping[str, Any]) -> bool:
    """Whether the data has these values; of a list one of its elements is enough."""
    return all(holds(data.get(name), value) for name, value in fields.get("values", {}).items())


def holds(found: Any, value: str) -> bool:
    """Whether a field's value is the one that a scenario names as text."""
    if isinstance(found, list | tuple):
        return any(holds(each, value) for each in found)
    if isinstance(found, bool):
        return value == str(found).lower()
    return str(found) == value
