"""Plays scenarios against a client, several at a time, and reports each in a few lines."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bridge.conformance import asking, filling, following
from bridge.conformance.duties import Wrong
from bridge.conformance.program import Start
from bridge.conformance.scenario import Scenario
from bridge.conformance.scripted import parameters
from bridge.conformance.trial import Trial
from bridge.params import Parameters

ALL: tuple[Scenario, ...] = (*following.scenarios.all, *asking.scenarios.all, *filling.scenarios.all)


@dataclass(frozen=True)
class Result:
    """How a client did in one scenario; `wrong` is None where it passed."""

    scenario: Scenario
    wrong: Wrong | None

    @property
    def passed(self) -> bool:
        return self.wrong is None

    def told(self) -> str:
        """For a person: one line, and three where it failed."""
        if self.wrong is None:
            return f"passed  {self.scenario.name}"
        lines = [f"FAILED  {self.scenario.name}: {self.scenario.why}", f"        the client: {self.wrong.what}"]
        return "\n".join([*lines, f"        the contract: {self.wrong.duty}"])


def listing() -> str:
    """All scenarios, each with the task of the client and why it exists."""
    width = max(len(scenario.name) for scenario in ALL)
    return "\n".join(f"{s.name:{width}}  {s.task:6}  {s.why}" for s in ALL)


def conform(start: Start, names: Sequence[str] = (), jobs: int = 4) -> Iterator[Result]:
    """Play the scenarios of these names, or all; their results in order, each as soon as it is there."""
    chosen = [scenario for scenario in ALL if not names or scenario.name in names]
    checks = parameters()
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        yield from pool.map(lambda scenario: play(scenario, start, checks), chosen)


def play(scenario: Scenario, start: Start, checks: Parameters) -> Result:
    """One scenario against one client. `checks`: from `parameters()`, made once."""
    with tempfile.TemporaryDirectory(prefix="conform-") as folder, Trial(start, checks, Path(folder)) as trial:
        try:
            scenario.play(trial)
        except Wrong as wrong:
            return Result(scenario, wrong)
    return Result(scenario, None)
