"""A campaign: `python -m tests.campaign [--seed N] [--episodes N] [--only N] [--jobs N] [--keep DIR]`.

Ends with exit code 1 where any figure that must be 0 is not. What it does, and how to replay a seed, is in
docs/reference/campaign.md.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import SystemRandom

from tests.campaign import episode, plan, report
from tests.campaign.episode import Outcome


def play(seed: int, number: int, folder: Path) -> Outcome:
    """One episode in a folder of its own, which stays where something is at fault."""
    home = folder / f"{seed}-{number}"
    home.mkdir(parents=True)
    outcome = episode.run(plan.draw(seed, number), home)
    print(report.verdict(outcome, str(home)), flush=True)
    if outcome.is_clean:
        shutil.rmtree(home)
    return outcome


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.campaign")
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(1_000_000), help="random where not given")
    parser.add_argument("--episodes", type=int, default=10)
    parser.add_argument("--only", type=int, help="play this one episode of the seed")
    parser.add_argument("--jobs", type=int, default=1, help="episodes at a time")
    parser.add_argument("--keep", type=Path, help="folder for what guilty episodes leave behind")
    options = parser.parse_args(arguments)
    folder = options.keep or Path(tempfile.mkdtemp(prefix="campaign-"))
    numbers = range(options.episodes) if options.only is None else [options.only]
    print(f"seed {options.seed}", flush=True)
    with ThreadPoolExecutor(options.jobs) as pool:
        outcomes = list(pool.map(lambda number: play(options.seed, number, folder), numbers))
    print(report.table(options.seed, outcomes))
    return 0 if all(outcome.is_clean for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
