"""Planned restarts: when TWS restarts or IBKR resets by plan, so that no new order leaves and a loss is routine.

TWS and IB Gateway restart once a day at a time that their user sets, and IBKR resets its servers each night. Knows
local time and time zones; reads no clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from bridge.session.values import Data

#: `ahead`: it begins within its lead. `begun`: between its two times.
Phase = Literal["ahead", "begun"]
_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class PlannedRestart:
    """From `begins` to `ends`, local times in `zone`; one that ends before it begins ends on the next day.

    `days`: on which it begins, Monday is 0. `lead`: seconds before it for which no new order leaves.
    """

    name: str
    begins: time
    ends: time
    zone: ZoneInfo
    days: frozenset[int] = frozenset(range(7))
    lead: float = 60.0

    def near(self, ts: int) -> Iterator[tuple[int, int]]:
        """When those begin and end that may be under way at `ts`, or come next: all in ns since 1970 UTC."""
        today = datetime.fromtimestamp(ts // _NS, UTC).astimezone(self.zone).date()
        for day in (today - timedelta(days=1), today, today + timedelta(days=1)):
            if day.weekday() in self.days:
                over_midnight = timedelta(days=1) if self.ends <= self.begins else timedelta(0)
                yield self._at(day, self.begins), self._at(day + over_midnight, self.ends)

    def _at(self, day: date, moment: time) -> int:
        return int(datetime.combine(day, moment, self.zone).timestamp()) * _NS


class Standing(NamedTuple):
    """The planned restart that is ahead, or has begun. Times in ns since 1970 UTC."""

    phase: Phase
    name: str
    begins: int
    ends: int

    def told(self) -> Data:
        return {"state": self.phase, "name": self.name, "begins": self.begins, "ends": self.ends}


class Restarts:
    """`standing`: the planned restart that the time of the last `look` falls into; None for none."""

    def __init__(self, planned: tuple[PlannedRestart, ...]) -> None:
        self._planned = planned
        self.standing: Standing | None = None

    def look(self, ts: int) -> bool:
        """Take the time, in ns since 1970 UTC; whether that changed what stands."""
        before, self.standing = self.standing, min(self._standing(ts), key=_rank, default=None)
        return before != self.standing

    def not_tradable_reason(self) -> str | None:
        """Why no new order may leave; None where orders may."""
        if self.standing is None:
            return None
        ends = datetime.fromtimestamp(self.standing.ends // _NS, UTC)
        verb = "is about to begin" if self.standing.phase == "ahead" else "is under way"
        return f"the planned restart {self.standing.name!r} {verb}; it ends at {ends:%Y-%m-%d %H:%M:%S} UTC"

    @property
    def routine(self) -> str | None:
        """The name of the planned restart that has begun: a loss of the connection belongs to it."""
        standing = self.standing
        return standing.name if standing is not None and standing.phase == "begun" else None

    def _standing(self, ts: int) -> Iterator[Standing]:
        for planned in self._planned:
            for begins, ends in planned.near(ts):
                if begins <= ts < ends:
                    yield Standing("begun", planned.name, begins, ends)
                elif begins - int(planned.lead * _NS) <= ts < begins:
                    yield Standing("ahead", planned.name, begins, ends)


def _rank(standing: Standing) -> tuple[bool, int]:
    """One that has begun first, and of several the one that ends last."""
    return standing.phase == "ahead", -standing.ends
