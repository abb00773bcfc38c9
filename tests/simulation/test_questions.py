"""Clients that ask for reference data while everything fails: the cache file is slow, forgets, or answers nothing.

The judge holds that each request is answered exactly once and in time, whatever the cache does.
"""

from __future__ import annotations

import pytest

from tests.depth import share
from tests.simulation.plan import add_questions, draw
from tests.simulation.world import World


@pytest.mark.parametrize("seed", share([42001, 42007], 2))
def test_the_cache_lets_no_request_hang(seed: int) -> None:
    world, day = World(seed), draw(seed, 0)
    add_questions(seed, day)
    world.run_day(day)
    world.trace.close()
    assert world.questions["cached"] and world.questions["told"] and world.questions["noResponse"], world.questions
