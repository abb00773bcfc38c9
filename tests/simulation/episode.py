"""One seed played: some days, or as many as go well; and what came of it."""

from __future__ import annotations

import gc
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.simulation import plan
from tests.simulation.judge import Breach
from tests.simulation.plan import Fault
from tests.simulation.world import World

#: Which faults of a seed happen: day and number.
Keep = Callable[[int, int], bool]


@dataclass
class Outcome:
    """`number` stands for all that happened, `at` is when it ended, `last` are the lines before that.

    `rule` is empty where nothing was broken, and `crash` where the simulation failed. `seconds` of the processor.
    """

    seed: int
    days: int = 0
    number: str = ""
    seconds: float = 0.0
    faults: int = 0
    events: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    rule: str = ""
    text: str = ""
    moment: str = ""
    at: float = 0.0
    last: list[str] = field(default_factory=list)

    @property
    def is_guilty(self) -> bool:
        return bool(self.rule)


def play(
    seed: int, days: int, *, path: Path | None = None, keep: Keep = lambda _day, _number: True,
    until: float = float("inf"),
) -> Outcome:  # fmt: skip
    """`path`: where each event is written with the state of everybody. `until`: the time at which it ends anyhow."""
    began, outcome = time.process_time(), Outcome(seed)
    world = World(seed, path=path)
    gc.collect()
    gc.disable()  # a world has few cycles, and lives for seconds
    try:
        for number in range(days):
            day = plan.draw(seed, number)
            day.faults = [fault for nth, fault in enumerate(day.faults) if keep(number, nth)]
            world.run_day(day, until)
            outcome.days += 1
    except Breach as breach:
        outcome.rule, outcome.text = breach.rule, str(breach)
    except Exception as error:
        outcome.rule = "crash"
        outcome.text = f"{type(error).__name__}: {error}\n{traceback.format_exc()}"
    finally:
        gc.enable()
        world.trace.close()
    outcome.moment = f"day {outcome.days}, {world.clock.moment():%H:%M:%S}"
    outcome.at = world.clock.now
    outcome.number, outcome.last = world.trace.number(), list(world.trace.last)
    outcome.seconds = time.process_time() - began
    outcome.faults, outcome.events = world.faults, world.clock.events
    outcome.counts = dict(world.judge.counts)
    return outcome


def faults(seed: int, days: int) -> dict[tuple[int, int], Fault]:
    """All that a seed plans, by day and number."""
    return {(day, nth): fault for day in range(days) for nth, fault in enumerate(plan.draw(seed, day).faults)}
