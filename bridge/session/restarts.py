"""Planned restarts: the times at which TWS restarts or IBKR resets its servers.

During a planned restart the bridge sends no new order, and a lost connection is routine. TWS and IB Gateway restart
once a day at a time that their user sets, and IBKR resets its servers each night. This module knows local time and time
zones; it reads no clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from bridge.session.values import Data

#: `ahead`: the restart begins within its lead. `begun`: it has begun and is not over.
Phase = Literal["ahead", "begun"]
_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class PlannedRestart:
    """A planned restart from `begins` to `ends`, local times in `zone`. If `ends` is not later, it is on the next day.

    `days`: the days on which it begins; Monday is 0. `lead`: for so many seconds before it the bridge sends no new
    order.
    """

    name: str
    begins: time
    ends: time
    zone: ZoneInfo
    days: frozenset[int] = frozenset(range(7))
    lead: float = 60.0

    def near(self, ts: int) -> Iterator[tuple[int, int]]:
        """Yield begin and end of each restart from the day before `ts` to the day after. All in ns since 1970 UTC."""
        today = datetime.fromtimestamp(ts // _NS, UTC).astimezone(self.zone).date()
        for day in (today - timedelta(days=1), today, today + timedelta(days=1)):
            if day.weekday() in self.days:
                over_midnight = timedelta(days=1) if self.ends <= self.begins else timedelta(0)
                yield self._at(day, self.begins), self._at(day + over_midnight, self.ends)

    def _at(self, day: date, moment: time) -> int:
        return int(datetime.combine(day, moment, self.zone).timestamp()) * _NS


class PlannedWindow(NamedTuple):
    """The planned restart that is ahead or has begun. Times in ns since 1970 UTC."""

    phase: Phase
    name: str
    begins: int
    ends: int

    def as_data(self) -> Data:
        """Return `{state, name, begins, ends}`, as the bridge publishes it."""
        return {"state": self.phase, "name": self.name, "begins": self.begins, "ends": self.ends}


class Restarts:
    """All planned restarts. `standing`: the one that is ahead or has begun, as of the last `look`, or None."""

    def __init__(self, planned: tuple[PlannedRestart, ...]) -> None:
        self._planned = planned
        self.standing: PlannedWindow | None = None

    def plan(self, planned: tuple[PlannedRestart, ...]) -> None:
        """Expect these restarts from the next `look` on."""
        self._planned = planned

    def look(self, ts: int) -> bool:
        """Take the time, in ns since 1970 UTC. Return whether that changed `standing`."""
        before, self.standing = self.standing, min(self._standing(ts), key=_rank, default=None)
        return before != self.standing

    def not_tradable_reason(self) -> str | None:
        """Return why the bridge must send no new order; None if it may."""
        if self.standing is None:
            return None
        ends = datetime.fromtimestamp(self.standing.ends // _NS, UTC)
        verb = "is about to begin" if self.standing.phase == "ahead" else "is under way"
        return f"the planned restart {self.standing.name!r} {verb}; it ends at {ends:%Y-%m-%d %H:%M:%S} UTC"

    @property
    def routine(self) -> str | None:
        """The name of the planned restart that has begun. A loss of the connection is part of it."""
        standing = self.standing
        return standing.name if standing is not None and standing.phase == "begun" else None

    def _standing(self, ts: int) -> Iterator[PlannedWindow]:
        for planned in self._planned:
            for begins, ends in planned.near(ts):
                if begins <= ts < ends:
                    yield PlannedWindow("begun", planned.name, begins, ends)
                elif begins - int(planned.lead * _NS) <= ts < begins:
                    yield PlannedWindow("ahead", planned.name, begins, ends)


def _rank(standing: PlannedWindow) -> tuple[bool, int]:
    """A restart that has begun comes before one that is ahead. Among several, the one that ends last comes first."""
    return standing.phase == "ahead", -standing.ends
