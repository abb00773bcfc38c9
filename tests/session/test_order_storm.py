"""Seeded storms: TWS says anything, clients ask anything, the disk and the connection fail, and the promises hold."""

from __future__ import annotations

import pytest

from tests.depth import share
from tests.session.storm import Storm

#: Storms by test, and the steps of each.
SEEDS, STEPS = 12, 60


@pytest.mark.parametrize("first", share(range(0, 8 * SEEDS, SEEDS), 2))
def test_no_storm_breaks_a_promise(first: int) -> None:
    for seed in range(first, first + SEEDS):
        storm = Storm(seed)
        try:
            for _ in range(STEPS):
                storm.step()
            storm.rest()
        except Exception as fault:
            fault.add_note(f"seed {seed}:\n" + "\n".join(storm.trace))
            raise
