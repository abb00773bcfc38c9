"""State machines with a total table: it lists the next state for each pair of state and event.

Anything with states declares one `Machine` in one file. Only `Life` changes the state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

State = TypeVar("State", bound=str)
Event = TypeVar("Event", bound=str)


class Row(NamedTuple, Generic[State, Event]):
    """One state. `stay`: the events that change nothing, separated by blanks. `go`: the next state for the others."""

    stay: str
    go: Mapping[Event, State]


@dataclass(frozen=True, slots=True)
class Machine(Generic[State, Event]):
    """`about` and `about_events` describe each state and each event. `first` is the initial state."""

    first: State
    about: Mapping[State, str]
    about_events: Mapping[Event, str]
    table: Mapping[State, Mapping[Event, State]]


def machine(
    first: State, about: Mapping[State, str], about_events: Mapping[Event, str], rows: Mapping[State, Row[State, Event]]
) -> Machine[State, Event]:
    """Build a machine. Raise ValueError if a state has no row, or if a row does not list each event exactly once."""
    if list(rows) != list(about):
        raise ValueError(f"states {list(about)}, rows of {list(rows)}")
    table = {state: _checked(state, row, about_events) for state, row in rows.items()}
    return Machine(first, about, about_events, table)


def _checked(state: State, row: Row[State, Event], events: Mapping[Event, str]) -> Mapping[Event, State]:
    listed = [*row.stay.split(), *row.go]
    if len(listed) != len(events) or set(listed) != set(events):
        raise ValueError(f"{state}: {sorted(map(str, {*listed} ^ {*events}))} not listed once")
    return {event: row.go.get(event, state) for event in events}


class Life(Generic[State, Event]):
    """The current state of one thing."""

    __slots__ = ("_machine", "_state")

    def __init__(self, machine: Machine[State, Event]) -> None:
        self._machine = machine
        self._state = machine.first

    @property
    def state(self) -> State:
        return self._state

    def happen(self, event: Event) -> bool:
        """Apply the event. Return whether the state changed."""
        before, self._state = self._state, self._machine.table[self._state][event]
        return before != self._state
