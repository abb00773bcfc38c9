"""A process of the demo ends when the demo ends, however that happens: also by `kill -9`, or with its terminal.

The demo holds the one writing end of the pipe that is the process's stdin, and writes nothing. The system closes it
with the demo.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

#: Seconds that the process has after SIGTERM.
_PATIENCE = 10.0


def end_with_parent() -> None:
    """From now on, end this process when its stdin ends: by SIGTERM, and by SIGKILL if it does not go."""
    threading.Thread(target=_watch, args=(sys.stdin.fileno(),), name="parent", daemon=True).start()


def _watch(pipe: int) -> None:
    while os.read(pipe, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_PATIENCE)
    os.kill(os.getpid(), signal.SIGKILL)
