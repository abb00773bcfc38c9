"""`python -m tests.simulation`: play seeds until so many days are over, or so many seconds; say what was broken.

The exit code is 1 where a rule was broken. `--only` plays one seed, and `--trace` writes each event of it to a file.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.simulation.episode import Outcome, faults, play
from tests.simulation.shrink import shrink

#: Lines that are printed of a failure.
_SHOWN = 40
_WIDTH = 400


def main() -> int:
    options = _options()
    began, all_of_them = time.monotonic(), []
    if options.only is not None:
        outcomes: Iterator[Outcome] = iter([play(options.only, options.episode, path=options.trace)])
    else:
        outcomes = _outcomes(options)
    for outcome in outcomes:
        all_of_them.append(outcome)
        _tell(outcome)
        if outcome.is_guilty and options.only is None:
            _look_into(outcome, options.folder)
        if options.seconds and time.monotonic() - began > options.seconds:
            break
    _sum_up(all_of_them, time.monotonic() - began)
    return int(any(outcome.is_guilty for outcome in all_of_them))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the first seed; those after it follow")
    parser.add_argument("--days", type=int, default=60, help="bridge-days in all")
    parser.add_argument("--episode", type=int, default=3, help="days of one seed")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--seconds", type=float, default=0.0, help="end after so many, also before all days are over")
    parser.add_argument("--only", type=int, help="play this seed alone")
    parser.add_argument("--trace", type=Path, help="with --only: write each event, with the state of everybody")
    parser.add_argument("--folder", type=Path, default=Path("/tmp"), help="where traces of failures go")
    return parser.parse_args()


def _outcomes(options: argparse.Namespace) -> Iterator[Outcome]:
    seeds = range(options.seed, options.seed + -(-options.days // options.episode))
    one = partial(play, days=options.episode)
    if options.jobs == 1:
        yield from map(one, seeds)
        return
    with multiprocessing.Pool(options.jobs) as pool:
        yield from pool.imap_unordered(one, seeds)


def _tell(outcome: Outcome) -> None:
    told = f"{outcome.days} days, {outcome.faults} faults, {outcome.seconds:.1f} s, {outcome.number}"
    print(f"seed {outcome.seed}: {'BROKEN' if outcome.is_guilty else 'good'}, {told}", flush=True)


def _look_into(guilty: Outcome, folder: Path) -> None:
    """Play it again with all its events in a file, and with as few faults as break the same rule."""
    print(f"  {guilty.moment}: {guilty.text}")
    path = folder / f"simulation-{guilty.seed}.trace"
    again = play(guilty.seed, guilty.days + 1, path=path)
    if again.number != guilty.number:
        print(f"  played again it is another story: {again.number}")
    for line in again.last[-_SHOWN:]:
        print(f"  {line[:_WIDTH]}")
    print(f"  all of it is in {path}")
    kept, planned = shrink(guilty), faults(guilty.seed, guilty.days + 1)
    print(f"  {len(kept)} of {len(planned)} faults suffice:")
    for name in kept:
        print(f"    {name} {planned[name]}")
    sys.stdout.flush()


def _sum_up(outcomes: list[Outcome], seconds: float) -> None:
    days, spent = sum(o.days for o in outcomes), sum(o.seconds for o in outcomes)
    counts: Counter[str] = Counter()
    for outcome in outcomes:
        counts.update(outcome.counts)
    counts.update({"faults": sum(o.faults for o in outcomes), "events": sum(o.events for o in outcomes)})
    print(f"{days} bridge-days in {seconds:.0f} s, {spent / max(1, days):.2f} s of the processor for each")
    print(", ".join(f"{name} {count}" for name, count in sorted(counts.items())))
    broken = Counter(outcome.rule for outcome in outcomes if outcome.is_guilty)
    for rule, count in sorted(broken.items()):
        print(f"{rule}: broken by {count} seeds")


if __name__ == "__main__":
    sys.exit(main())
