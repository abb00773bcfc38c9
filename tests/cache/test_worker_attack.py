"""Attacks on the queue of the cache file's thread, while the disk does not answer."""

from __future__ import annotations

from pathlib import Path

from bridge.cache import Cache, worker
from bridge.session.effects import CacheEntry, WriteCache
from tests.cache.test_store import MIB


def test_the_jobs_that_wait_for_a_disk_that_hangs_have_a_bound(tmp_path: Path) -> None:
    """Above MOST_WAITING, `Cache.take` makes a removal of each write, and puts it into the same queue without a bound:
    while the disk hangs, memory grows with each answer of TWS."""
    cache = Cache(tmp_path / "cache.sqlite", MIB)
    for number in range(5 * worker.MOST_WAITING):
        cache.take(WriteCache((CacheEntry(f"day/{number}", "value"),)))
    assert cache._jobs.qsize() <= 2 * worker.MOST_WAITING


def test_the_bytes_that_wait_for_a_disk_that_hangs_have_a_bound(tmp_path: Path) -> None:
    """The queue is bounded by its number of jobs only. A job may have the 50,000 bars of a whole answer, about 25 MB:
    1,000 of them are 25 GB. Here each is 1 MB."""
    cache = Cache(tmp_path / "cache.sqlite", MIB)
    for number in range(500):
        cache.take(WriteCache((CacheEntry(f"bars/{number}", "x" * MIB),)))
    waiting = [cache._jobs.get_nowait() for _ in range(cache._jobs.qsize())]
    jobs = [job for job, _ in waiting if isinstance(job, WriteCache)]
    size = sum(len(entry.value) for job in jobs for entry in job.entries)
    assert len(jobs) > 10
    assert size <= 128 * MIB
