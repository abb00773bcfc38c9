"""Every interleaving within the bounds: nothing breaks, every state can be left, and wrong rules are found.

`docs/reference/order-safety.md` says what is explored. `python -m tests.model --deep` goes further, for some minutes.
"""

from __future__ import annotations

import random

import pytest

from bridge.session.orders.state import HERE, STATES
from tests.depth import DEEP, share
from tests.model.bounds import EXITS, SHORT, name
from tests.model.bridge import Bridge
from tests.model.exits import Exits
from tests.model.explore import Explored
from tests.model.faults import BEFORE, FOUND, AsItIs, Fault, NotAskedHowMuch
from tests.model.lockstep import Lockstep, expected, is_shown
from tests.model.world import Bounds, Step, start

WALKS = 100 if DEEP else 40


@pytest.mark.parametrize("bounds", SHORT, ids=name)
def test_nothing_breaks(bounds: Bounds) -> None:
    explored = Explored(Bridge(), bounds)
    assert not explored.found, "\n\n".join(map(str, explored.found))
    pairs = {pair: Bridge.table[pair[0]][pair[1]] for pair in explored.bridge.pairs}
    assert not [pair for pair, transition in pairs.items() if not transition.possible]


@pytest.mark.parametrize("bounds", EXITS, ids=name)
def test_every_state_can_be_left(bounds: Bounds) -> None:
    explored = Explored(Bridge(), bounds)
    exits = Exits(explored)
    assert not exits.stuck, "\n".join(explored.trace(exits.stuck[0]))
    if not bounds.nights and not bounds.forgets:
        assert not exits.unsure


def test_an_order_of_which_nobody_asks_how_much_was_executed_is_found() -> None:
    assert Exits(Explored(NotAskedHowMuch(), Bounds(returns=1))).unsure["cancelled"]


def test_the_model_comes_to_every_state_and_follows_every_advice() -> None:
    explored = Explored(Bridge(), Bounds(breaks=1, holds=1))
    assert {world.memory.state for world in explored.worlds} == set(STATES) - {"written"}  # it leaves at once
    advised = {(w.memory.state, w.second.quantity, w.second.is_same_key) for w in explored.worlds}
    assert {
        ("rejected", 2, False), ("cancelled", 2, False), ("cancelled", 1, False), ("abandoned", 2, True),
        ("unsent", 2, True),
    } <= advised  # fmt: skip


@pytest.mark.parametrize("fault", (*BEFORE, *FOUND), ids=lambda fault: fault.bridge.__name__)
def test_a_wrong_rule_is_found(fault: Fault) -> None:
    explored = Explored(fault.bridge(), fault.within, stop_at_harm=True)
    assert explored.found[0].broken.text == fault.finds
    print(explored.found[0])


@pytest.mark.parametrize(
    "bounds",
    share(
        [
            Bounds(breaks=2, nights=1),
            Bounds(cancels=1, holds=1),
            Bounds(breaks=1, nights=1, forces=1),
            Bounds(nights=1, returns=1),
            Bounds(breaks=1, forgets=1),
        ],
        2,
    ),
    ids=name,
)
def test_the_bridge_does_what_the_model_does(bounds: Bounds) -> None:
    explored = Explored(AsItIs(), bounds, limit=30_000)
    order = random.Random(8).sample(range(len(explored.worlds)), 4 * WALKS)
    paths = [path for at in order if _can_be_walked(path := explored.path(at))][:WALKS]
    assert len(paths) == WALKS
    for path in paths:
        _walk(bounds, path)


def _can_be_walked(path: list[Step]) -> bool:
    """Whether the bench can do the same: it holds nothing back, and asks for nothing again."""
    worlds = [step.world for step in path]
    is_asked_again = any("killed" in step.label and step.world.disk is None for step in path)
    return not is_asked_again and all(is_shown(world) or world.memory.state in HERE for world in worlds)


def _walk(bounds: Bounds, path: list[Step]) -> None:
    real, world = Lockstep(), start(bounds)
    for number, step in enumerate(path, 1):
        real.go(world, step)
        world = step.world
        if is_shown(world):
            assert real.state() == expected(world), "\n".join(step.label for step in path[:number])
