"""The ledger's thread: takes what is to be written, commits it in groups, and reports each job as it is on disk.

While one commit is under way the next jobs gather, so that many orders share one flush of the disk. Jobs are done in
the order in which they came.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bridge.ledger.store import Store
from bridge.session.records import Record, RecoveredState
from bridge.session.values import Data

_LOG = logging.getLogger("bridge.ledger")


@dataclass(frozen=True, slots=True)
class Written:
    """The records of that token are on disk; or, with `failure`, they are not, and why."""

    token: int
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class LogRead:
    """Events of an owner's log that were asked for; or why they could not be read."""

    token: int
    events: list[Data]
    failure: str | None = None


Outcome = Written | LogRead


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
    """The ledger as the shell uses it. Opened and recalled at once; raises LedgerRefused.

    `recovered_state` is for whoever starts from it, and gone with `start`: it may be large. `start` begins the thread;
    its outcomes come to `report` on that thread, several at a time. `close` ends it, when all is done that was asked
    before.
    """

    def __init__(self, path: Path, client_id: int) -> None:
        self._store = Store(path, client_id)
        self.recovered_state: RecoveredState = self._store.recover()
        self._jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def start(self, report: Callable[[list[Outcome]], object]) -> None:
        del self.recovered_state
        self._thread = threading.Thread(target=self._work, args=(report,), name="ledger", daemon=True)
        self._thread.start()

    def persist(self, token: int, records: tuple[Record, ...]) -> None:
        self._jobs.put(_Write(token, records))

    def read_log(self, token: int, owner: str, after: int, limit: int) -> None:
        self._jobs.put(_Read(token, owner, after, limit))

    def close(self) -> None:
        if self._thread is not None:
            self._jobs.put(_End())
            self._thread.join()
        self._store.close()

    def _work(self, report: Callable[[list[Outcome]], object]) -> None:
        while True:
            job: _Job | None = self._jobs.get()
            writes: list[_Write] = []
            while isinstance(job, _Write):
                writes.append(job)
                job = self._waiting()
            if writes:
                report(self._commit(writes))
            if isinstance(job, _Read):
                report([self._read(job)])
            elif isinstance(job, _End):
                return

    def _waiting(self) -> _Job | None:
        try:
            return self._jobs.get_nowait()
        except queue.Empty:
            return None

    def _commit(self, writes: list[_Write]) -> list[Outcome]:
        """All in one transaction; if that fails each in its own, so that one does not spoil the others."""
        try:
            self._store.write(record for write in writes for record in write.records)
        except Exception as error:  # whatever it is, who waits for the job hears of it, and the thread goes on
            if len(writes) == 1:
                _LOG.exception("not written")
                return [Written(writes[0].token, str(error) or type(error).__name__)]
            return [outcome for write in writes for outcome in self._commit([write])]
        return [Written(write.token) for write in writes]

    def _read(self, job: _Read) -> Outcome:
        try:
            return LogRead(job.token, self._store.read_log(job.owner, job.after, job.limit))
        except Exception as error:
            _LOG.exception("not read")
            return LogRead(job.token, [], str(error) or type(error).__name__)
