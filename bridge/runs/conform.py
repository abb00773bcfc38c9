"""`tws-bridge conform`."""

from __future__ import annotations

import argparse

from bridge import conformance
from bridge.conformance.program import starting
from bridge.runs.say import UsageError, complain, say_all


def conform(options: argparse.Namespace) -> int:
    if options.list:
        say_all(conformance.listing().splitlines())
        return 0
    unknown = set(options.only) - {scenario.name for scenario in conformance.ALL}
    if unknown:
        raise UsageError(f"--only: there is no scenario {', '.join(sorted(unknown))}; --list has them all")
    if not options.command or options.jobs < 1:
        raise UsageError("expected: tws-bridge conform [--only NAME] [--jobs N] -- COMMAND...")
    try:
        passed = True
        for result in conformance.conform(starting(options.command), options.only, options.jobs):
            say_all(result.told().splitlines())
            passed = passed and result.passed
    except OSError as error:
        return complain([f"cannot start {options.command[0]}: {error.strerror}"], 1)
    return 0 if passed else 1
