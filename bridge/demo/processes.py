"""The processes that the demo starts, and what they print."""

from __future__ import annotations

import contextlib
import json
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bridge.demo.claim import DemoFailed

#: Seconds that a process may take to start, to say something, and to end.
PATIENCE = 60.0

Facts = dict[str, Any]


class Running:
    """A process of the demo. Its log goes to a file, which is shown if the process ends too early.

    It has a session of its own, so that Ctrl-C and the end of the terminal reach the demo only, which ends it. It also
    ends with the demo, whatever ends that (`parent.py`).
    """

    def __init__(self, name: str, log: Path, kind: str, *arguments: str) -> None:
        self.name = name
        self._log = log
        with log.open("ab") as stderr:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bridge.demo", kind, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=stderr, text=True, start_new_session=True,
            )  # fmt: skip
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line.strip())
        self._lines.put(None)

    def line(self, patience: float = PATIENCE) -> str:
        """Wait for the next line that it prints. Raises DemoFailed."""
        try:
            line = self._lines.get(timeout=patience)
        except queue.Empty:
            raise DemoFailed(f"{self.name} said nothing for {patience:g} s: {self._logged()}") from None
        if line is None:
            raise DemoFailed(f"{self.name} ended with exit code {self._process.wait()}: {self._logged()}")
        return line

    def rest(self) -> str:
        """Wait until it ends. Returns all that it prints. Raises DemoFailed if its exit code is not 0."""
        lines = []
        while (line := self._lines.get(timeout=PATIENCE)) is not None:
            lines.append(line)
        if self._process.wait(PATIENCE) != 0:
            raise DemoFailed(f"{self.name} ended with exit code {self._process.returncode}: {self._logged()}")
        return "\n".join(lines)

    def kill(self) -> None:
        """`kill -9`. Raises DemoFailed if the process had ended before."""
        self._process.kill()
        if self._process.wait(PATIENCE) != -signal.SIGKILL:
            raise DemoFailed(f"{self.name} ended by itself: {self._logged()}")

    def terminate(self) -> None:
        """SIGTERM. A process that has ended before stays as it is."""
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()

    def end(self) -> str | None:
        """SIGTERM, and wait. Returns what was wrong with its end, or None."""
        self.terminate()
        assert self._process.stdin is not None
        try:
            code = self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return f"{self.name} did not end on SIGTERM"
        finally:
            self._process.stdin.close()
        return None if code in (0, -signal.SIGKILL) else f"{self.name} ended with exit code {code}: {self._logged()}"

    def _logged(self) -> str:
        return self._log.read_text(errors="replace")[-2000:] or "it has logged nothing"


class Program(Running):
    """A program that prints facts. `facts` has the newest of each."""

    def __init__(self, name: str, log: Path, kind: str, *arguments: str) -> None:
        super().__init__(name, log, kind, *arguments)
        self.facts: Facts = {}
        self.ticks: Facts = {}

    def report(self, patience: float = PATIENCE) -> Facts:
        """Wait for its next report. Returns all facts. Raises DemoFailed."""
        self.facts.update(json.loads(self.line(patience)))
        self.ticks |= self.facts.pop("ticks", {})
        return self.facts

    def wait_for(self, what: str, holds: Callable[[Facts], object]) -> Facts:
        """Wait for a report after which the condition holds. Raises DemoFailed if none comes."""
        end = time.monotonic() + PATIENCE
        while not holds(self.report()):
            if time.monotonic() >= end:
                raise DemoFailed(f"{self.name}: not {what} after {PATIENCE:g} s: {self.facts}")
        return self.facts
