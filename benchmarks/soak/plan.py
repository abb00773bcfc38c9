"""The plan of a soak test: cycles of equal length. In each, one subscriber is stopped and TWS drops once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Act = Literal["stop", "continue", "drop", "order"]

#: Seconds. In a short run a cycle is a third of the run, and the stop is three fifths of a cycle.
SHORTEST = 120.0
LONGEST_CYCLE = 300.0
LONGEST_STOP = 180.0
#: Seconds between two orders. The bridge keeps each order (14 kB) while it runs; many orders would hide other growth.
LONGEST_PAUSE = 60.0
#: The fractions of a cycle at which the stop begins and at which TWS drops.
_STOP_AT, _DROP_AT = 0.05, 0.7


@dataclass(frozen=True, slots=True)
class Plan:
    """All times are seconds from the beginning. The first cycle is the warm-up."""

    seconds: float
    cycle: float
    stopped: float
    acts: tuple[tuple[float, Act], ...]


def plan(seconds: float) -> Plan:
    """The plan of a run of this length."""
    cycles = max(3, round(seconds / LONGEST_CYCLE))
    cycle = seconds / cycles
    stopped = min(LONGEST_STOP, 0.6 * cycle)
    acts: list[tuple[float, Act]] = []
    for number in range(cycles):
        begin = number * cycle
        stop = begin + _STOP_AT * cycle
        acts += [(stop, "stop"), (stop + stopped, "continue"), (begin + _DROP_AT * cycle, "drop")]
    pause = min(LONGEST_PAUSE, cycle / 4)
    acts += [((number + 0.25) * pause, "order") for number in range(int(seconds / pause))]
    return Plan(seconds, cycle, stopped, tuple(sorted(acts)))
