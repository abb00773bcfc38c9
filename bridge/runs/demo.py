"""`tws-bridge demo`."""

from __future__ import annotations

import argparse
import sys

from bridge.demo import play


def demo(options: argparse.Namespace) -> int:
    pace = options.pace
    if pace is None:
        pace = play.READING if sys.stdout.isatty() else 0.0
    return play.run(play.Plan(pace=pace, stay=options.stay))
