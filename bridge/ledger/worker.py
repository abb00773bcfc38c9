"""The thread of the ledger. It commits records in groups, and reports each job when it is on disk.

Jobs that arrive during a commit wait and share the next one, so that many orders share one flush of the disk. The
thread does the jobs in the order of their arrival.
"""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bridge.ledger.archive import SqliteArchive
from bridge.ledger.store import LedgerRefused, Store
from bridge.logs import tell
from bridge.session.records import Record, RecoveredState
from bridge.session.tallies import SHORT, Histogram
from bridge.session.values import Data

_LOG = logging.getLogger("bridge.ledger")
#: Seconds without a job after which the thread looks whether the files of the ledger are still there.
_LOOK = 1.0
#: Seconds that `close` waits for the disk.
PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Written:
    """The records with this token are on disk. If `failure` is set, they are not, and it says why."""

    token: int
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class LogRead:
    """The requested events of an order log. If `failure` is set, they could not be read, and it says why."""

    token: int
    events: list[Data]
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Unusable:
    """The thread had nothing to do, has looked at the files of the ledger, and could not write them: `reason`."""

    reason: str


Outcome = Written | LogRead | Unusable


@dataclass(frozen=True, slots=True)
class _Write:
    token: int
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class _Read:
    token: int
    owner: str
    after: int
    limit: int


@dataclass(frozen=True, slots=True)
class _End:
    pass


_Job = _Write | _Read | _End


class Ledger:
    """The ledger as the service uses it. The constructor opens the file and reads the recovered state.

    It raises LedgerRefused if the file cannot be used. `recovered_state` can be large, so `start` deletes it.
    """

    def __init__(self, path: Path, client_id: int) -> None:
        self._store = Store(path, client_id)
        try:
            self.recovered_state: RecoveredState = self._store.recover()
            #: What else the ledger has, for the thread of the event loop.
            self.archive = SqliteArchive(path)
        except sqlite3.Error as error:
            self._store.close()
            raise LedgerRefused(f"ledger {path}: {error}") from None
        except LedgerRefused:
            self._store.close()
            raise
        self._jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        #: Seconds that commits took.
        self.commits = Histogram(SHORT)
        self._thread: threading.Thread | None = None
        #: Whether the process ends without the thread, whose disk does not answer.
        self._is_left = threading.Event()

    def start(self, report: Callable[[list[Outcome]], object]) -> None:
        """Start the thread. The thread calls `report` with the outcomes, one or several at a time."""
        del self.recovered_state
        self._thread = threading.Thread(target=self._work, args=(report,), name="ledger", daemon=True)
        self._thread.start()

    def persist(self, token: int, records: tuple[Record, ...]) -> None:
        """Write the records. The outcome is `Written` with this token."""
        self._jobs.put(_Write(token, records))

    def read_log(self, token: int, owner: str, after: int, limit: int) -> None:
        """Read up to `limit` events after number `after`. The outcome is `LogRead` with this token."""
        self._jobs.put(_Read(token, owner, after, limit))

    def waiting(self) -> int:
        """Return how many jobs wait for the thread."""
        return self._jobs.qsize()

    def end(self) -> None:
        """Take no more jobs. The thread does those that wait, and ends."""
        self._jobs.put(_End())

    def close(self, until: float | None = None) -> None:
        """Do all jobs that wait, end the thread, and close the file.

        If the disk does not answer `until` this time on the steady clock, leave the thread and the file to themselves.
        """
        self.end()
        if self._thread is not None:
            begun = time.monotonic()
            self._thread.join(PATIENCE if until is None else max(0.0, until - begun))
            if self._thread.is_alive():
                self._is_left.set()
                tell(_LOG, "ledgerLeft", seconds=round(time.monotonic() - begun, 1))
                return
        self.archive.close()
        self._store.close()

    def _work(self, report: Callable[[list[Outcome]], object]) -> None:
        while not self._is_left.is_set():
            job = self._next(_LOOK)
            if job is None and (reason := self._look()) is not None:
                report([Unusable(reason)])
            writes: list[_Write] = []
            while isinstance(job, _Write):
                writes.append(job)
                job = self._next()
            outcomes = self._commit(writes) if writes else []
            if self._is_left.is_set():
                return
            if outcomes:
                report(outcomes)
            if isinstance(job, _Read):
                report([self._read(job)])
            elif isinstance(job, _End):
                return

    def _next(self, seconds: float = 0.0) -> _Job | None:
        """The next job; None if none comes within so many seconds."""
        try:
            return self._jobs.get(block=seconds > 0, timeout=seconds)
        except queue.Empty:
            return None

    def _look(self) -> str | None:
        """Return why the files cannot be written, or None. Shorten a long WAL, because no commit waits now."""
        try:
            self._store.check_files()
            self._store.shorten_wal()
        except Exception as error:  # the thread must continue
            return str(error) or type(error).__name__
        return None

    def _commit(self, writes: list[_Write]) -> list[Outcome]:
        """Commit all jobs in one transaction. If that fails, commit each alone: one must not fail the others."""
        begun = time.monotonic()
        try:
            self._store.write(record for write in writes for record in write.records)
        except Exception as error:  # the job must get its outcome, and the thread must continue
            if len(writes) == 1:
                _detail("cannot write to the ledger", error)
                return [Written(writes[0].token, str(error) or type(error).__name__)]
            return [outcome for write in writes for outcome in self._commit([write])]
        self.commits.observe(time.monotonic() - begun)
        return [Written(write.token) for write in writes]

    def _read(self, job: _Read) -> Outcome:
        try:
            return LogRead(job.token, self._store.read_log(job.owner, job.after, job.limit))
        except Exception as error:
            _detail("cannot read the order log", error)
            return LogRead(job.token, [], str(error) or type(error).__name__)


def _detail(what: str, error: Exception) -> None:
    """Log where it failed, for a developer. The session tells the failure itself, once."""
    lines = "".join(traceback.format_exception(error))
    tell(_LOG, "ledgerDetail", what=what, reason=str(error) or type(error).__name__, traceback=lines)
