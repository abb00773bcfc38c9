"""The seeds of the tests, by the server version that they draw: one day of each."""

from __future__ import annotations

from tests.simulation.clock import dice
from tests.simulation.episode import play
from tests.simulation.world import VERSIONS

BOTH_VERSIONS = {187: (4,), 213: (8,)}


def version(seed: int) -> int:
    """What the world of that seed draws first."""
    return dice(seed, "world").choice(VERSIONS)


def assert_good(seed: int, drawn: int) -> None:
    assert version(seed) == drawn
    outcome = play(seed, 1)
    lines = "\n".join(outcome.last)
    assert not outcome.is_guilty, f"seed {seed}, {outcome.moment}: {outcome.text}\n{lines}"
    assert outcome.days == 1 and outcome.faults > 5 and outcome.counts["values"] > 1000
