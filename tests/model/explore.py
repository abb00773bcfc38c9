"""Breadth first through all that can happen: the shortest way to whatever is broken."""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterator
from typing import Any, NamedTuple

from tests.model.bridge import Bridge
from tests.model.steps import Steps
from tests.model.world import Bounds, Broken, Step, World, start


class Found(NamedTuple):
    """An invariant that is broken, and the shortest way to it."""

    broken: Broken
    trace: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join((self.broken.text, *(f"  {number:2} {label}" for number, label in enumerate(self.trace, 1))))


class Explored:
    """All worlds that can be reached within the bounds. `found`: the shortest way to each invariant that is broken.

    `stop_at_harm`: explore no further once an intent is executed twice, or lives twice. Beyond such harm nothing is
    explored in any case.
    """

    def __init__(self, bridge: Bridge, bounds: Bounds, *, stop_at_harm: bool = False, limit: int | None = None) -> None:
        self.bridge = bridge
        self.bounds = bounds
        self.steps = Steps(bridge)
        self.worlds: list[World] = [start(bounds)]
        self.index: dict[World, int] = {self.worlds[0]: 0}
        self.transitions = 0
        self._came: list[int] = [-1]
        self._broken: dict[Broken, tuple[int, Step]] = {}
        self._shared: dict[Hashable, Any] = {}
        began = time.perf_counter()
        for _ in self._explore():
            if stop_at_harm and any(broken.is_harm for broken in self._broken):
                break
            if limit is not None and len(self.worlds) >= limit:
                break
        self.seconds = time.perf_counter() - began

    def _explore(self) -> Iterator[None]:
        """Each world in turn; the list of worlds grows meanwhile."""
        for at, world in enumerate(self.worlds):
            for step in self.steps.after(world):
                self.transitions += 1
                if step.broken is not None:
                    self._broken.setdefault(step.broken, (at, step))
                if step.broken is None or not step.broken.is_harm:
                    self._arrive(step.world, at)
            yield

    def _arrive(self, world: World, came: int) -> None:
        if world not in self.index:
            world = World._make(map(self._share, world))
            self.index[world] = len(self.worlds)
            self.worlds.append(world)
            self._came.append(came)

    def _share(self, part: Any) -> Any:
        """The same value for equal values: most worlds have most of their parts in common."""
        return self._shared.setdefault(part, part) if isinstance(part, tuple) else part

    @property
    def found(self) -> list[Found]:
        """What harms comes first."""
        broken = sorted(self._broken.items(), key=lambda item: not item[0].is_harm)
        return [Found(which, (*self.trace(at), step.label)) for which, (at, step) in broken]

    def trace(self, at: int) -> tuple[str, ...]:
        return tuple(step.label for step in self.path(at))

    def path(self, at: int) -> list[Step]:
        """The steps that led there first."""
        steps: list[Step] = []
        while (before := self._came[at]) >= 0:
            world = self.worlds[at]
            steps.append(next(step for step in self.steps.after(self.worlds[before]) if step.world == world))
            at = before
        return steps[::-1]
