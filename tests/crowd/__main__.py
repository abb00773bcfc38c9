"""`python -m tests.crowd [CLIENTS] [REQUESTS] [INSTRUMENTS]`: see `tests.crowd.run`."""

from __future__ import annotations

import sys

from tests.crowd.run import run

if __name__ == "__main__":
    outcome = run(*(int(word) for word in sys.argv[1:]))
    print(outcome.text())
    sys.exit(bool(outcome.faults))
