"""`tws-bridge schemas`."""

from __future__ import annotations

import argparse

from bridge import schemas_out
from bridge.runs.say import complain, say


def schemas(options: argparse.Namespace) -> int:
    if options.check:
        stale = schemas_out.check()
        return complain([f"out of date: {file}" for file in stale], 1) if stale else 0
    for file in schemas_out.write():
        say(str(file))
    return 0
