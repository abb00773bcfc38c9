"""`python -m benchmarks.soak [--seconds N] [--subscribers N] [--rate N]`: run the soak test.

It prints the figures and the problems. The exit code is 1 if there is a problem.
"""

from __future__ import annotations

import argparse
import sys

from benchmarks.soak.plan import SHORTEST, plan
from benchmarks.soak.report import Report
from benchmarks.soak.run import Soak


def main() -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.soak", description="Run the bridge under a steady load."
    )
    parser.add_argument("--seconds", type=float, default=7200.0)
    parser.add_argument("--subscribers", type=int, default=10)
    parser.add_argument("--rate", type=int, default=2000, help="events a second from TWS")
    args = parser.parse_args()
    if args.seconds < SHORTEST:
        parser.error(f"--seconds: at least {SHORTEST:g}; in a shorter run the stopped subscriber loses nothing")
    with Soak(plan(args.seconds), args.subscribers, args.rate) as soak:
        report = Report(soak.run())
    print("\n".join(report.lines()))
    for problem in report.problems:
        print(f"PROBLEM: {problem}")
    return bool(report.problems)


if __name__ == "__main__":
    sys.exit(main())
