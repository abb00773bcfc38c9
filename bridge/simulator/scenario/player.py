"""Decides which line of a scenario is next: a state machine with one complete table, without sockets and clocks.

Lines are played in order. An action is due at its time. An expectation is met by what has happened since the last
action; an expectation that begins with `no` looks only at what happens later.
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
    "playing": "The player waits for the time of the next line.",
    "watching": "The next line is an expectation, and the player waits for it.",
    "passed": "All lines are done, and all expectations were met.",
    "failed": "An expectation was not met, or an action failed.",
}
ABOUT_EVENTS: Mapping[Event, str] = {
    "started": "The event that starts the clock has happened.",
    "due": "The time of an action has come, and it was done.",
    "opened": "The next line is an expectation.",
    "met": "The expected event has happened, or the excluded event has not happened during its time.",
    "late": "The expected event has not happened in its time.",
    "broken": "The excluded event has happened, or an action has failed.",
    "over": "There are no more lines.",
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
    # The player counts the last line as done when it returns the line. The line may still fail after that.
    "passed": _row("passed", "started due opened met late over", {"broken": "failed"}),
    "failed": _row("failed", " ".join(EVENTS), {}),
}  # fmt: skip
OVER: frozenset[State] = frozenset({"passed", "failed"})

Outcome = Literal["done", "met", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Observation:
    """Something that has happened: a `request`, `connection`, `socket` or `disconnection`, or an event that was
    `heard`.
    """

    kind: str
    name: str = ""
    data: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """The result of a line. The caller carries out the lines with outcome `done`, in this order."""

    line: Line
    outcome: Outcome
    why: str = ""


class Player:
    """One run of a scenario. `speakers` are those whose lines it plays; it skips the lines of the others.

    Times are in seconds, from any clock. Call `begin` once. Then call `take` for each observation, and `turn` after
    each observation and when `next_time` has come.
    """

    def __init__(self, scenario: Scenario, speakers: frozenset[Who]) -> None:
        self.scenario = scenario
        self.state: State = "waiting"
        self.why = ""
        self._speakers = speakers
        self._early = [line for line in scenario.lines if line.when == "before"]
        self._rest = deque(line for line in scenario.lines if line.when != "before")
        self._started = self._latest = self._opened = 0.0
        #: Observations since the last action, and how many of them are older than the current expectation.
        self._observations: list[Observation] = []
        self._old = 0
        self._known: bool = False

    # Input

    def begin(self, now: float) -> list[Step]:
        """Return the lines to play before the start."""
        if self.scenario.start == "now":
            self._start(now)
        return [self._step(line) for line in self._early]

    def take(self, observation: Observation, now: float) -> None:
        """Process an observation."""
        if self.state == "waiting" and self.scenario.start == (observation.name or observation.kind):
            self._start(now)
        if self.state not in OVER and any(_concerns(line, observation) for line in self._rest):
            self._observations.append(observation)

    def answered(self, line: Line, is_so: bool, why: str = "") -> None:
        """Process the bridge's answer to the question of the line `asking`."""
        if self.asking is line:
            self._known = is_so
            self.why = why

    def fail(self, why: str) -> None:
        """Process the failure of a line."""
        self.why = why
        self._happen("broken")

    def give_up(self) -> Step | None:
        """Stop waiting for the start of the scenario."""
        if self.state == "waiting":
            self.why = f"the clock did not start: waited for {self.scenario.start}"
            self._happen("late")
        return Step(self._rest[0], "failed", self.why) if self._rest else None

    # Output

    @property
    def asking(self) -> Line | None:
        """The line with a question for the bridge, if there is one now."""
        line = self._rest[0] if self._rest else None
        return line if line is not None and self.state == "watching" and line.who == "known" else None

    @property
    def next_time(self) -> float | None:
        """The time of the next call of `turn`, if no observation comes before it."""
        if self.state == "playing" and self._rest:
            return self._time_of(self._rest[0])
        return self._opened + self._rest[0].seconds if self.state == "watching" else None

    def turn(self, now: float) -> list[Step]:
        """Return the results of lines at `now`."""
        steps: list[Step] = []
        while self.state in ("playing", "watching"):
            step = self._playing(now) if self.state == "playing" else self._watching(now)
            if step is None:
                break
            steps.append(step)
        return steps

    # Internal

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
        return Step(line, "done" if line.who in self._speakers else "skipped")

    def _playing(self, now: float) -> Step | None:
        line = self._rest[0]
        if line.who not in self._speakers:
            return self._leave(Step(line, "skipped"))
        if not line.does:
            self._opened, self._old, self._known, self.why = now, len(self._observations), False, ""
            self._happen("opened")
            return self._watching(now)
        if now < self._time_of(line):
            return None
        self._happen("due")
        self._latest = now
        self._observations.clear()
        return self._leave(Step(line, "done"))

    def _watching(self, now: float) -> Step | None:
        line = self._rest[0]
        is_late = now >= self._opened + line.seconds
        if line.phrase.verb in ABSENCES:
            if any(_is(line, observation) for observation in self._observations[self._old :]):
                return self._end(line, "broken", "it happened")
            return self._met(line, now) if is_late else None
        if self._known if line.who == "known" else self._count(line) >= line.phrase.fields.get("n", 1):
            return self._met(line, now)
        return self._end(line, "late", self._seen(line)) if is_late else None

    def _count(self, line: Line) -> int:
        return sum(1 for observation in self._observations if _is(line, observation))

    def _seen(self, line: Line) -> str:
        if line.who == "known":
            return self.why or "no answer"
        found = self._count(line)
        return (
            f"in {line.seconds:g} s it happened {found} times" if found else f"in {line.seconds:g} s it did not happen"
        )

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


def _concerns(line: Line, observation: Observation) -> bool:
    return not line.does and _is(line, observation)


def _is(line: Line, observation: Observation) -> bool:
    """Return whether the line names this observation."""
    fields = line.phrase.fields
    match line.phrase.verb:
        case "request" | "noRequest":
            return observation.kind == "request" and observation.name == fields["request"]
        case "connection" | "noConnection":
            return observation.kind == "connection"
        case "socket" | "noSocket":
            return observation.kind == "socket"
        case "disconnection":
            return observation.kind == "disconnection"
        case "topic" | "noTopic":
            return (
                observation.kind == "heard"
                and fnmatchcase(observation.name, fields["topic"])
                and _has(fields, observation.data or {})
            )
    return False


def _has(fields: Mapping[str, Any], data: Mapping[str, Any]) -> bool:
    """Return whether the data has the values that a line names. For a list, one matching element is enough."""
    return all(holds(data.get(name), value) for name, value in fields.get("values", {}).items())


def holds(found: Any, value: str) -> bool:
    """Return whether a field has the value that a scenario names as text."""
    if isinstance(found, list | tuple):
        return any(holds(each, value) for each in found)
    if isinstance(found, bool):
        return value == str(found).lower()
    return str(found) == value
