"""The thread that writes the files of the state folder beside the ledger, so that the bridge never waits for them."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path

from bridge import state_folder
from bridge.session import PersistHalt, PersistInstances

StateEffect = PersistHalt | PersistInstances
#: Called in the thread with the effect that has ended, and why it failed, or None.
Report = Callable[[StateEffect, str | None], object]


class StateWriter:
    """Writes the files in the order of the effects."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._jobs: queue.SimpleQueue[StateEffect | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        #: Whether the process ends without the thread, whose disk does not answer.
        self._is_left = False

    def start(self, report: Report) -> None:
        """Start the thread."""
        self._thread = threading.Thread(target=self._work, args=(report,), name="state files", daemon=True)
        self._thread.start()

    def write(self, effect: StateEffect) -> None:
        """Write the file of this effect."""
        self._jobs.put(effect)

    def end(self) -> None:
        """Take no more jobs. The thread ends after those that wait."""
        self._jobs.put(None)

    def close(self, until: float) -> None:
        """After `end`: wait for the thread, at most until this time on the steady clock. Then leave it to itself."""
        if self._thread is not None:
            self._thread.join(max(0.0, until - time.monotonic()))
            self._is_left = self._thread.is_alive()

    def _work(self, report: Report) -> None:
        while (effect := self._jobs.get()) is not None:
            failure = self._write(effect)
            if self._is_left:
                return
            report(effect, failure)

    def _write(self, effect: StateEffect) -> str | None:
        """Return why it failed, or None."""
        try:
            match effect:
                case PersistHalt(reason):
                    state_folder.save_halt(self._folder, reason)
                case PersistInstances(runs):
                    state_folder.save_runs(self._folder, runs)
        except Exception as error:  # the session must hear of it, and the thread must continue
            return str(error) or type(error).__name__
        return None
