"""The thread of the cache file. It opens the file, does jobs in the order of their arrival, and answers each read.

A failure is never the bridge's: a read that fails is answered with nothing, a write that fails is skipped, and a
damaged file is put aside. A file that cannot be opened or written now (locked, disk full) is tried again later. What
could not be written or removed has left an outdated value in the file: the thread hides it until it has removed it.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.cache.store import CacheStore, Damaged, is_damage
from bridge.logs import tell
from bridge.session.effects import DropCached, ReadCache, WriteCache
from bridge.session.stored_replies import footprint

_LOG = logging.getLogger("bridge.cache")
#: How many jobs may wait. Above that, the disk is too slow: reads find nothing, and a write only removes.
MOST_WAITING = 1000
#: About how many bytes may wait in jobs that write. Above that, a write only removes.
MOST_WAITING_BYTES = 64 << 20
#: Seconds until a file that could not be opened is tried again.
_AGAIN = 60.0
#: How many outdated keys and tags the thread remembers. If there are more, it begins a new file.
_MOST_OUTDATED = 10_000
#: Seconds that the end of the bridge waits for the thread.
_PATIENCE = 5.0

Job = ReadCache | WriteCache | DropCached


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
Report = Callable[[list[CacheOutcome]], object]


class Cache:
    """The cache file as the service uses it. No call waits for the disk, except `close`, which waits a few seconds."""

    def __init__(self, path: Path, limit: int) -> None:
        self._path = path
        self._limit = limit
        self._jobs: queue.SimpleQueue[tuple[Job, int] | None] = queue.SimpleQueue()
        #: About how many bytes wait, and whether jobs were lost, so that the file cannot be trusted any more.
        self._waiting_bytes = 0
        self._has_lost_jobs = False
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._report: Report = lambda _outcomes: None
        # The rest belongs to the thread.
        self._store: CacheStore | None = None
        self._next_try = 0.0
        self._is_failing = False
        #: Keys and tags of entries in the file that are no longer true, and that could not be removed yet.
        self._outdated_keys: set[str] = set()
        self._outdated_tags: set[str] = set()

    def start(self, report: Report) -> None:
        """Start the thread. The thread calls `report` with the outcomes; `take` may call it, too."""
        self._report = report
        self._thread = threading.Thread(target=self._work, name="cache", daemon=True)
        self._thread.start()

    def take(self, job: Job) -> None:
        """Do the job. The outcome of a `ReadCache` is a `CacheRead` with its token."""
        waiting = self._jobs.qsize()
        if isinstance(job, ReadCache) and waiting > MOST_WAITING:
            self._report([CacheRead(job.token, {})])
            return
        size = sum(footprint(entry.value) for entry in job.entries) if isinstance(job, WriteCache) else 0
        if isinstance(job, WriteCache) and (waiting > MOST_WAITING or self._waiting_bytes + size > MOST_WAITING_BYTES):
            job, size = DropCached(keys=tuple(entry.key for entry in job.entries)), 0
        if waiting >= 2 * MOST_WAITING:
            self._has_lost_jobs = True
            return
        with self._lock:
            self._waiting_bytes += size
        self._jobs.put((job, size))

    def end(self) -> None:
        """Take no more jobs. The thread does those that wait, closes the file, and ends."""
        self._jobs.put(None)

    def close(self, until: float | None = None) -> None:
        """Do the jobs that wait, close the file, and end the thread; after some seconds leave it to itself.

        `until`: the time on the steady clock at which that is.
        """
        if self._thread is None:
            return
        self.end()
        self._thread.join(_PATIENCE if until is None else max(0.0, until - time.monotonic()))
        if self._thread.is_alive():
            tell(
                _LOG,
                "cacheFailed",
                path=str(self._path),
                what="its disk does not answer",
                reason="the bridge ends without it",
            )

    # In the thread

    def _work(self) -> None:
        self._open()
        self._tell_facts()
        while (waiting := self._jobs.get()) is not None:
            job, size = waiting
            found = self._do(job)
            with self._lock:
                self._waiting_bytes -= size
            if isinstance(job, ReadCache):
                self._report([CacheRead(job.token, found)])
            else:
                self._tell_facts()
        self._end()

    def _tell_facts(self) -> None:
        if self._store is not None and self._jobs.empty():
            self._report([CacheFacts(self._store.size, self._store.limit, self._store.entries)])

    def _open(self) -> None:
        """Open the file if it is not open, and if it is time for another attempt."""
        if self._store is not None or time.monotonic() < self._next_try:
            return
        self._next_try = time.monotonic() + _AGAIN
        try:
            self._store = CacheStore(self._path, self._limit)
        except (sqlite3.Error, OSError, Damaged) as error:
            self._complain(f"it cannot be opened, and is tried again in {_AGAIN:g} s", error)

    def _do(self, job: Job) -> dict[str, Any]:
        """Do one job. Return what a read has found."""
        self._open()
        try:
            if self._store is not None:
                if self._has_lost_jobs:
                    self._has_lost_jobs = False
                    raise Damaged("too many jobs waited for the disk, and some were given up")
                self._remove_outdated(self._store)
                found = self._do_with(self._store, job)
                self._is_failing = False
                return found
        except Exception as error:  # the read must get its outcome, and the thread must continue
            if is_damage(error):
                self._begin_anew(str(error) or type(error).__name__)
            else:
                self._complain("a job failed", error)
        self._outdate(job)
        return {}

    def _do_with(self, store: CacheStore, job: Job) -> dict[str, Any]:
        match job:
            case ReadCache(_, keys):
                hidden = self._outdated_keys | (set(keys) if self._outdated_tags else set())
                return store.read([key for key in keys if key not in hidden])
            case WriteCache(entries):
                store.write(entries)
                self._outdated_keys.difference_update(entry.key for entry in entries)
            case DropCached(tags, keys):
                store.drop(tags, keys)
        return {}

    def _outdate(self, job: Job) -> None:
        """A write or removal failed: what the file has under these keys and tags is no longer true."""
        match job:
            case WriteCache(entries):
                self._outdated_keys.update(entry.key for entry in entries)
            case DropCached(tags, keys):
                self._outdated_keys.update(keys)
                self._outdated_tags.update(tags)

    def _remove_outdated(self, store: CacheStore) -> None:
        """Remove what is no longer true. If that is not possible now, it stays hidden."""
        if len(self._outdated_keys) + len(self._outdated_tags) > _MOST_OUTDATED:
            raise Damaged("too many entries that are no longer true could not be removed")
        if not self._outdated_keys and not self._outdated_tags:
            return
        try:
            self._outdated_keys |= store.keys_of(self._outdated_tags)
            self._outdated_tags.clear()
            store.drop(keys=self._outdated_keys)
            self._outdated_keys.clear()
        except sqlite3.Error as error:
            if is_damage(error):
                raise
            self._complain("entries that are no longer true could not be removed yet", error)

    def _complain(self, what: str, error: BaseException) -> None:
        """Log a failure, unless the job before has failed, too."""
        if not self._is_failing:
            tell(_LOG, "cacheFailed", path=str(self._path), what=what, reason=str(error) or type(error).__name__)
        self._is_failing = True

    def _begin_anew(self, reason: str) -> None:
        """Put the file aside and make a new one."""
        store, self._store = self._store, None
        if store is None:
            return
        try:
            store.begin_anew(reason)
        except (sqlite3.Error, OSError, Damaged) as error:
            self._complain("no new file can be made now", error)
            return
        self._store = store
        self._outdated_keys.clear()
        self._outdated_tags.clear()

    def _end(self) -> None:
        """Close the file. If it still has entries that are no longer true, remove it: the next run must not find them.

        If the file could not be opened in this run, there is nothing to close, and the same holds.
        """
        with contextlib.suppress(sqlite3.Error, Damaged):
            if self._store is not None:
                self._remove_outdated(self._store)
        if self._store is not None:
            self._store.close()
        if self._outdated_keys or self._outdated_tags or self._has_lost_jobs:
            why = "entries that are no longer true could not be removed"
            tell(_LOG, "cacheFailed", path=str(self._path), what="the bridge removes it", reason=why)
            for suffix in ("", "-wal", "-shm"):
                with contextlib.suppress(OSError):
                    self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
