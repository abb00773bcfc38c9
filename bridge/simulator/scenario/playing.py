"""Runs a scenario on a simulated TWS: carries out the lines that the player returns, and writes the transcript."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Mapping

from bridge.simulator.core.refusals import Refused
from bridge.simulator.scenario.faulty import FaultySimulator
from bridge.simulator.scenario.forms import Phrase
from bridge.simulator.scenario.parser import Line, Scenario, described
from bridge.simulator.scenario.phrases import carry_out
from bridge.simulator.scenario.player import OVER, Observation, Player, Step
from bridge.simulator.scenario.vocabulary import Who

_MARKS = {"done": " ", "met": "✓", "failed": "✗", "skipped": "-"}

#: The speakers that need no bridge and no client.
_ALONE: frozenset[Who] = frozenset({"tws", "seen"})

Do = Callable[[Phrase], None]


class LineFailed(Exception):
    """A line cannot be carried out. The text says why."""


class ScenarioRun:
    """One run of a scenario. `also` are additional speakers; `write_line` receives the lines of the transcript.

    `over` is set when the scenario has passed or failed.
    """

    def __init__(
        self, scenario: Scenario, simulator: FaultySimulator, write_line: Callable[[str], None],
        also: frozenset[Who] = frozenset(),
    ) -> None:  # fmt: skip
        """Prepare the run. `begin` starts it."""
        self.over = asyncio.Event()
        self.player = Player(scenario, _ALONE | also)
        self._do: dict[Who, Do] = {"tws": functools.partial(carry_out, simulator)}
        self._simulator = simulator
        self._write_line = write_line
        self._timer: asyncio.TimerHandle | None = None
        self._is_open = False
        self._early: list[Step] = []
        self._begun = 0.0
        self._is_ready = False

    def begin(self) -> None:
        """Carry out the lines of TWS that come before the start. Observations count only after `open`."""
        for line in described(self.player.scenario):
            self._write_line(line)
        self._begun = self._now()
        steps = self.player.begin(self._now())
        self._early = [step for step in steps if step.line.who != "tws"]
        self._simulator.observe = self.take
        self._carry_out([step for step in steps if step.line.who == "tws"])

    def open(self, does: Mapping[Who, Do] | None = None) -> None:
        """Start to process observations, and carry out the other speakers' lines that come before it.

        A connection that exists already counts as new now. `does` carries out the lines of speakers other than TWS.
        """
        self._do |= does or {}
        self._is_open = True
        if self._is_ready:
            self.player.take(Observation("connection"), self._now())
        self._carry_out(self._early)
        self._turn()

    def take(self, observation: Observation) -> None:
        """Process an observation."""
        if observation.kind == "connection":
            self._is_ready = True
        if self._is_open:
            self.player.take(observation, self._now())
            asyncio.get_running_loop().call_soon(self._turn)

    def answered(self, line: Line, is_so: bool, why: str) -> None:
        """Process the bridge's answer to the question of `player.asking`."""
        self.player.answered(line, is_so, why)
        self._turn()

    def stop(self) -> None:
        """Stop the run. A scenario that has not started has failed."""
        if self._timer is not None:
            self._timer.cancel()
        if self.player.state == "waiting" and (step := self.player.give_up()) is not None:
            self._say(step)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _turn(self) -> None:
        """Called from the event loop only, so that no phrase is carried out while a request is being processed."""
        if self.over.is_set():
            return
        self._carry_out(self.player.turn(self._now()))
        if self.player.state in OVER:
            self._write_line(f"{self.player.scenario.name}: {self.player.state}")
            self.over.set()
        elif (due := self.player.next_time) is not None:
            self._plan(due)

    def _plan(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(due, self._turn)

    def _carry_out(self, steps: list[Step]) -> None:
        for step in steps:
            self._say(step)
            if step.outcome == "done":
                try:
                    self._do[step.line.who](step.line.phrase)
                except (Refused, LineFailed) as refusal:
                    self.player.fail(str(refusal))
                    self._say(Step(step.line, "failed", str(refusal)))
                    return

    def _say(self, step: Step) -> None:
        why = f"  ({step.why})" if step.why else ""
        yours = "  (not played here)" if step.outcome == "skipped" else ""
        self._write_line(f"{self._now() - self._begun:7.2f}s {_MARKS[step.outcome]} {step.line}{why}{yours}")
