"""A seed repeats bit by bit: in another process, where Python hashes otherwise, and with all its events in a file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.simulation.plan import draw
from tests.simulation.world import World

ROOT = Path(__file__).parents[2]
SEED = 249
CODE = "from tests.simulation.test_repeats import number; print(number())"


def number(path: Path | None = None, seed: int = SEED) -> str:
    """What stands for all that happens until the first trouble of that seed is over."""
    world, day = World(seed, path=path), draw(seed, 0)
    day.faults = [fault for fault in day.faults if fault.at < day.faults[0].at + 900.0]
    world.begin(day)
    world.clock.run(day.faults[0].at + 1800.0)
    world.trace.close()
    assert world.faults > 3
    return world.trace.number()


def elsewhere(hashes: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONHASHSEED": hashes, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-c", CODE], env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_a_seed_repeats_in_another_process_with_other_hashes() -> None:
    first, second = (process.communicate(timeout=60)[0].strip() for process in (elsewhere("1"), elsewhere("4711")))
    assert len(first) == 32 and first == second


def test_another_seed_is_another_story() -> None:
    assert number() != number(seed=313)


def test_a_file_of_all_events_changes_nothing_and_has_the_state_of_everybody(tmp_path: Path) -> None:
    path = tmp_path / "all.trace"
    assert number(path) == number()
    lines = path.read_text().splitlines()
    assert len(lines) > 400
    assert all("| bridge " in line and "| tws " in line for line in lines[10:])
