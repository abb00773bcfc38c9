"""Attacks on the cache file: its size has a bound, and a file that is healthy is not thrown away."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from bridge.cache import CacheStore
from bridge.session.effects import CacheEntry, WriteCache
from tests.cache.test_store import MIB, Running, entry


def size_of(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir())


def test_a_smaller_limit_makes_the_file_smaller(tmp_path: Path) -> None:
    """`cache_size` lowered from 20 MiB to 1: the entries go, the file does not shrink. `PRAGMA incremental_vacuum`
    frees one page per row that is fetched, and `execute` without `fetchall` fetches one (store.py, _shrink)."""
    path = tmp_path / "cache.sqlite"
    store = CacheStore(path, 20 * MIB)
    for number in range(100):
        store.write([CacheEntry(f"k{number}", {"b": os.urandom(100_000)})])
    store.close()
    again = CacheStore(path, MIB)
    assert again.size <= MIB
    again.write([entry("a")])
    again.close()
    assert size_of(tmp_path) <= 3 * MIB


def test_after_one_large_value_the_file_is_small_again(tmp_path: Path) -> None:
    """The same for one value that is larger than the limit."""
    path = tmp_path / "cache.sqlite"
    store = CacheStore(path, MIB)
    store.write([CacheEntry("big", {"b": os.urandom(30 * MIB)})])
    for number in range(20):
        store.write([entry(f"k{number}", 1000)])
    store.close()
    assert size_of(tmp_path) <= 3 * MIB


def test_a_file_that_another_process_has_locked_is_not_thrown_away(tmp_path: Path) -> None:
    """A backup or a viewer has the file locked when the bridge starts: `CacheStore.__init__` takes each sqlite3.Error
    for damage, removes the `-wal` of a file in use, and puts a healthy file aside."""
    path = tmp_path / "cache.sqlite"
    store = CacheStore(path, MIB)
    store.write([entry("a")])
    store.close()
    other = sqlite3.connect(path)
    other.execute("PRAGMA locking_mode=EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    try:
        Running(path).cache.close()
    finally:
        other.rollback()
        other.close()
    assert not (tmp_path / "cache.sqlite.bad").exists()
    assert CacheStore(path, MIB).read(["a"])


def test_a_file_that_may_only_be_read_answers_what_it_has(tmp_path: Path) -> None:
    """A full disk: `read` marks what it has read as used, and where this write fails, the answer that it has read is
    lost (store.py, read). Each question then costs a request to TWS although the file has its answer."""
    running = Running(tmp_path / "cache.sqlite")
    running.cache.take(WriteCache((entry("a"),)))
    assert running.read("a")
    running.cache._store._db.execute("PRAGMA query_only=ON")  # type: ignore[union-attr]
    assert running.read("a")
    running.cache.close()
