"""Run the tests that have just failed three times more, alone, and say which of them are unstable.

`.ci/run` calls it after a run of all tests on a machine that others share. A test that fails again is a failure, and so
are more than three failed tests, and a failure that no test explains. A test that passes three times alone depends on
the load of the machine: CI names it as unstable, and the next change mends it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

_MOST = 3
_TIMES = 3


def main() -> int:
    """Return the exit code of the check."""
    path = Path(".pytest_cache/v/cache/lastfailed")
    failed = sorted(json.loads(path.read_text())) if path.exists() else []
    if not 0 < len(failed) <= _MOST:
        print(f"{len(failed)} failed tests: CI does not run them once more")
        return 1
    for _ in range(_TIMES):
        if subprocess.run([sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *failed], check=False).returncode:
            return 1
    for test in failed:
        print(f"UNSTABLE: {test} failed once and then passed {_TIMES} times alone. Mend it before anything else.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
