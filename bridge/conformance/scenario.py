"""A scenario: a short script that drives one trial, with a name, and a sentence that says why it exists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bridge.conformance.trial import Trial

Script = Callable[[Trial], None]


@dataclass(frozen=True)
class Scenario:
    """`why` is the first line of the script's docstring, `task` the word that the client is started with."""

    name: str
    task: str
    why: str
    play: Script


class Scenarios:
    """The scenarios of one module, in order: `@scenarios.add("watch")` before each script."""

    def __init__(self) -> None:
        self.all: list[Scenario] = []

    def add(self, task: str) -> Callable[[Script], Script]:
        def register(play: Script) -> Script:
            assert play.__doc__ is not None
            why = play.__doc__.partition("\n")[0]
            self.all.append(Scenario(play.__name__.replace("_", "-"), task, why, play))
            return play

        return register
