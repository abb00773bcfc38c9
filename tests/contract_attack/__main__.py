"""A seeded attack on the wire contract: `python -m tests.contract_attack [--seed N] [--rounds M]`.

It holds the bridge against `schemas/generated/`: requests in both directions, every reply and event by the letter, the
same event wherever it appears, and the vectors. It ends with exit code 1 where it found anything.
"""

from __future__ import annotations

import argparse
import sys
from random import SystemRandom

from tests.contract_attack import episodes, requests, vectors
from tests.contract_attack.findings import Findings


def run(seed: int, rounds: int) -> dict[str, Findings]:
    """The three attacks; a round takes about 40 s."""
    return {
        "requests": requests.attack(seed, rounds * 4),
        "episodes": episodes.attack(seed, rounds),
        "vectors": vectors.attack(seed, rounds * 100),
    }


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.contract_attack")
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(1_000_000), help="random where not given")
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args(arguments)
    print(f"seed {options.seed}", flush=True)
    attacks = run(options.seed, options.rounds)
    for name, found in attacks.items():
        print(f"{name}: {found.cases} cases, {len(found.finds)} finds")
        print(*(f"  {line}" for line in found.lines()), sep="\n", end="\n" if found.finds else "")
    return 1 if any(found.finds for found in attacks.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
