"""`python -m benchmarks.soak [--seconds N] [--subscribers N] [--rate N]`: run it, print the figures and what is wrong.

It ends with 1 where anything is wrong.
"""

from __future__ import annotations

import argparse
import sys

from benchmarks.soak.plan import SHORTEST, plan
from benchmarks.soak.report import Report
from benchmarks.soak.run import Soak


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description="The bridge under a steady load.")
    parser.add_argument("--seconds", type=float, default=7200.0)
    parser.add_argument("--subscribers", type=int, default=10)
    parser.add_argument("--rate", type=int, default=2000, help="events a second from TWS")
    args = parser.parse_args()
    if args.seconds < SHORTEST:
        parser.error(f"--seconds: at least {SHORTEST:g}, or a stop is too short to cost the subscriber anything")
    with Soak(plan(args.seconds), args.subscribers, args.rate) as soak:
        report = Report(soak.run())
    print("\n".join(report.lines()))
    for problem in report.problems:
        print(f"PROBLEM: {problem}")
    return bool(report.problems)


if __name__ == "__main__":
    sys.exit(main())
