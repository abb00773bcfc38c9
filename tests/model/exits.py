"""Whether every state can be left: by evidence, time, a client or an admin, whatever has gone wrong before."""

from __future__ import annotations

from array import array
from collections import Counter

from bridge.session.orders.state import OPEN
from tests.model.explore import Explored
from tests.model.intent import NONE
from tests.model.steps import FORCIBLE, is_open_figure
from tests.model.tws import AT_TWS
from tests.model.world import Actor, World

#: What brings an order out of its state: not what goes wrong, nor what TWS may do, or say, unasked.
WAYS: frozenset[Actor] = frozenset({"answer", "pass", "disk", "link", "bridge", "time", "client", "second", "admin"})


def is_over(world: World) -> bool:
    """The client is told that the order is over, or has placed another."""
    memory = world.memory
    is_told = memory.record() == world.disk and memory.state not in OPEN and memory.state != "notFound"
    return is_told or world.second is not NONE


def is_sure(world: World) -> bool:
    """And it is told how much was executed, so that it may place the rest."""
    return is_over(world) and (world.memory.state != "cancelled" or world.memory.final is not None)


def is_in_hand(world: World) -> bool:
    """The order lives and the bridge knows it: its client may wait, or cancel it."""
    return world.memory.state in OPEN and world.tws.at in AT_TWS and world.memory.state != "unknown"


def is_for_admin(world: World) -> bool:
    return world.memory.state in FORCIBLE or is_open_figure(world.memory)


class Exits:
    """Which worlds have a way out: to the end of the order, or to an order that its client has in hand.

    `stuck`: not even an admin leads out. `admins`: an admin alone does; states, and how many worlds. `unsure`: of an
    order that is over an admin alone can say how much of it was executed; the same.
    """

    def __init__(self, explored: Explored) -> None:
        self._explored = explored
        worlds = explored.worlds
        self._came = self._edges()
        out = self._reaching([is_over(world) or is_in_hand(world) for world in worlds])
        helped = self._reaching([is_sure(world) or is_in_hand(world) or is_for_admin(world) for world in worlds])
        sure = self._reaching(
            [is_sure(world) or is_in_hand(world) or world.memory.state in FORCIBLE for world in worlds]
        )
        self.stuck = [at for at, reached in enumerate(helped) if not reached]
        self.admins = Counter(world.memory.state for done, world in zip(out, worlds, strict=True) if not done)
        self.unsure = Counter(world.memory.state for done, world in zip(sure, worlds, strict=True) if not done)

    def _edges(self) -> tuple[array[int], array[int]]:
        """From where a step that leads out comes to each world: where its part of the second array begins, and that."""
        sources, targets = array("l"), array("l")
        index, after = self._explored.index, self._explored.steps.after
        begins = array("l", [0]) * (len(index) + 1)
        for at, world in enumerate(self._explored.worlds):
            for step in after(world):
                if step.actor in WAYS and (to := index.get(step.world)) is not None:
                    sources.append(at)
                    targets.append(to)
                    begins[to + 1] += 1
        for at in range(len(index)):
            begins[at + 1] += begins[at]
        free, came = begins[:], array("l", [0]) * len(sources)
        for source, target in zip(sources, targets, strict=True):
            came[free[target]] = source
            free[target] += 1
        return begins, came

    def _reaching(self, goals: list[bool]) -> list[bool]:
        """From which worlds a goal can be reached."""
        begins, came = self._came
        reaching, work = list(goals), [at for at, goal in enumerate(goals) if goal]
        while work:
            at = work.pop()
            for source in came[begins[at] : begins[at + 1]]:
                if not reaching[source]:
                    reaching[source] = True
                    work.append(source)
        return reaching
