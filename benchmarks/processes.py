"""Child processes: starts them, exchanges lines with them, and reads their CPU time and memory."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

#: Clock ticks per second in /proc/PID/stat.
HERTZ = os.sysconf("SC_CLK_TCK")
#: A bridge sends as fast as it can: a benchmark measures its cost, not the limit of TWS.
UNPACED = {"TWS_BRIDGE_MESSAGES_PER_SECOND": "0"}


class Process:
    """A Python module that runs as a child process. `paced`: a bridge keeps TWS's limit of messages per second.

    `log`: where its stderr goes; by default where this process' goes.
    """

    def __init__(self, *command: str, paced: bool = False, log: IO[str] | None = None) -> None:
        self.child = subprocess.Popen(
            [sys.executable, "-m", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, **({} if paced else UNPACED)},
        )

    def line(self) -> str:
        """Read one line of its stdout. Raises RuntimeError if the process has ended."""
        line = self._stream(self.child.stdout).readline()
        if not line:
            raise RuntimeError(f"{self.child.args!r} ended early")
        return line.strip()

    def go(self) -> None:
        """Tell the source to begin."""
        self.say("go")

    def say(self, line: str) -> None:
        """Write one line to its stdin."""
        stream = self._stream(self.child.stdin)
        stream.write(f"{line}\n")
        stream.flush()

    def cpu(self) -> float:
        """Seconds of user and system time so far."""
        fields = Path(f"/proc/{self.child.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / HERTZ

    def rss(self) -> int:
        """Its resident memory in bytes."""
        return int(Path(f"/proc/{self.child.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def end(self) -> None:
        """Send SIGTERM, and wait until the process has ended."""
        self.child.terminate()
        self.child.wait(10)

    @staticmethod
    def _stream(stream: IO[str] | None) -> IO[str]:
        assert stream is not None
        return stream


@contextmanager
def running(*command: str, paced: bool = False, log: IO[str] | None = None) -> Iterator[Process]:
    """A child process that ends with the context."""
    process = Process(*command, paced=paced, log=log)
    try:
        yield process
    finally:
        process.end()
