"""`python -m tests.hostile [COUNT] [SEED]`: see `tests.hostile.run`. The exit code is 1 if anything was wrong."""

from __future__ import annotations

import sys

from tests.hostile.run import run

if __name__ == "__main__":
    outcome = run(*(int(word) for word in sys.argv[1:]))
    print(outcome.text())
    sys.exit(bool(outcome.faults()))
