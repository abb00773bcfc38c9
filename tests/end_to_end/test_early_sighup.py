"""SIGHUP that comes while the bridge starts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

#: Seconds that the test waits for what must come.
PATIENCE = 60.0
_PROGRAM = "import sys; from bridge.entry import main; sys.exit(main())"


def test_sighup_does_not_end_a_bridge_that_still_imports_its_modules(tmp_path: Path) -> None:
    """`tws-bridge run`, as its console script starts it. SIGHUP asks for a reload, and would end the process."""
    running = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, "run", "--tws", "127.0.0.1:1", "--state", str(tmp_path / "state"),
         "--events", "tcp://127.0.0.1:*", "--requests", "tcp://127.0.0.1:*"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        maps, end = Path(f"/proc/{running.pid}/maps"), time.monotonic() + PATIENCE
        while "pydantic_core" not in maps.read_text():  # an import of the bridge, long before its end
            assert running.poll() is None and time.monotonic() < end
            time.sleep(0.002)
        os.kill(running.pid, signal.SIGHUP)
        assert running.stdout.readline().startswith("events tcp://127.0.0.1:")
        assert running.poll() is None
    finally:
        running.kill()
        running.communicate()
