"""The thread of the cache file. It does jobs in the order of their arrival, and answers each read.

A failure is never the bridge's: a read that fails is answered with nothing, a write that fails is skipped, and a
damaged file is put aside. After that the thread goes on with a new file, or without one.
"""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.cache.store import CacheStore
from bridge.session.effects import DropCached, ReadCache, WriteCache

_LOG = logging.getLogger("bridge.cache")
#: How many jobs may wait. Further writes are skipped: the disk is too slow for them.
MOST_WAITING = 1000
#: Codes of SQLite that say that the file itself is damaged.
_CORRUPT = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


@dataclass(frozen=True, slots=True)
class CacheRead:
    """The values that the file has for a `ReadCache`; none if it could not be read."""

    token: int
    found: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CacheFacts:
    """How large the file is. `size` and `limit` are in bytes."""

    size: int
    limit: int
    entries: int


CacheOutcome = CacheRead | CacheFacts


class Cache:
    """The cache file as the service uses it. The constructor opens the file; it never raises for a bad file."""

    def __init__(self, path: Path, limit: int) -> None:
        self._store: CacheStore | None = None
        self._jobs: queue.SimpleQueue[ReadCache | WriteCache | DropCached | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        try:
            self._store = CacheStore(path, limit)
        except (sqlite3.Error, OSError) as error:
            _LOG.error("the bridge runs without a cache: %s: %s", path, error)

    def start(self, report: Callable[[list[CacheOutcome]], object]) -> None:
        """Start the thread. The thread calls `report` with the outcomes."""
        self._thread = threading.Thread(target=self._work, args=(report,), name="cache", daemon=True)
        self._thread.start()

    def take(self, job: ReadCache | WriteCache | DropCached) -> None:
        """Do the job. The outcome of a `ReadCache` is a `CacheRead` with its token."""
        if isinstance(job, WriteCache) and self._jobs.qsize() > MOST_WAITING:
            return
        self._jobs.put(job)

    def close(self) -> None:
        """Do the jobs that wait, end the thread, and close the file."""
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join()
        if self._store is not None:
            self._store.close()

    def _work(self, report: Callable[[list[CacheOutcome]], object]) -> None:
        self._tell_facts(report)
        while (job := self._jobs.get()) is not None:
            if isinstance(job, ReadCache):
                report([CacheRead(job.token, self._do(job))])
            else:
                self._do(job)
                self._tell_facts(report)

    def _tell_facts(self, report: Callable[[list[CacheOutcome]], object]) -> None:
        if self._store is not None and self._jobs.empty():
            report([CacheFacts(self._store.size, self._store.limit, self._store.entries)])

    def _do(self, job: ReadCache | WriteCache | DropCached) -> dict[str, Any]:
        if self._store is None:
            return {}
        try:
            match job:
                case ReadCache(_, keys):
                    return self._store.read(keys)
                case WriteCache(entries):
                    self._store.write(entries)
                case DropCached(tags, keys):
                    self._store.drop(tags, keys)
        except Exception as error:  # the read must get its outcome, and the thread must continue
            self._failed(error)
            if isinstance(job, DropCached):
                self._begin_anew("an entry that is no longer true could not be removed")
        return {}

    def _failed(self, error: Exception) -> None:
        is_damaged = isinstance(error, ValueError | zlib.error) or (
            isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", None) in _CORRUPT
        )
        if is_damaged:
            self._begin_anew(str(error) or type(error).__name__)
        else:
            _LOG.warning("the cache file could not do a job: %s", error)

    def _begin_anew(self, reason: str) -> None:
        if self._store is None:
            return
        try:
            self._store.begin_anew(reason)
        except (sqlite3.Error, OSError) as error:
            _LOG.error("the bridge goes on without a cache: %s", error)
            self._store = None
