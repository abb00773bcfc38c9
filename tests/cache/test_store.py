"""The cache file: what is written is read back, its size has a bound, and a bad file is put aside."""

from __future__ import annotations

import os
import queue
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from bridge.cache import Cache, CacheRead, CacheStore
from bridge.session.effects import CacheEntry, DropCached, ReadCache, WriteCache

MIB = 2**20


def entry(key: str, size: int = 10, *tags: str) -> CacheEntry:
    return CacheEntry(key, {"bytes": os.urandom(size)}, tags)


def test_values_are_read_back_also_by_the_next_run(tmp_path: Path) -> None:
    store = CacheStore(tmp_path / "cache.sqlite", MIB)
    value = {"bars": [["20260402 09:30:00 US/Eastern", 254.2, "1", None, True]], "n": 2**60}
    store.write([CacheEntry("a", value), entry("b")])
    assert store.read(["a", "none"]) == {"a": value}
    size = store.size
    store.close()
    again = CacheStore(tmp_path / "cache.sqlite", MIB)
    assert again.read(["a"]) == {"a": value}
    assert (again.entries, again.size) == (2, size)


def test_the_size_has_a_bound_and_what_was_used_longest_ago_goes_first(tmp_path: Path) -> None:
    store = CacheStore(tmp_path / "cache.sqlite", 100_000)
    store.write([entry("old", 10_000)])
    for number in range(30):
        store.write([entry(f"k{number}", 10_000)])
        assert store.read(["old"])
        assert store.size <= 100_000
    assert not store.read(["k0"])
    assert store.read(["k29"])
    store.close()
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 300_000


def test_a_value_may_replace_another_and_tags_find_it(tmp_path: Path) -> None:
    store = CacheStore(tmp_path / "cache.sqlite", MIB)
    store.write([entry("a", 10, "con:1"), entry("b", 10, "con:2"), entry("c", 10)])
    store.write([entry("a", 10, "con:3")])
    assert store.entries == 3
    store.drop(tags=["con:1"])
    assert store.read(["a"])
    store.drop(tags=["con:3", "con:2"], keys=["c"])
    assert (store.entries, store.size) == (0, 0)


@pytest.mark.parametrize("version", [0, 99])
def test_a_file_of_another_version_or_no_cache_at_all_is_put_aside(tmp_path: Path, version: int, caplog: Any) -> None:
    path = tmp_path / "cache.sqlite"
    other = sqlite3.connect(path)
    other.executescript(f"CREATE TABLE x (y); PRAGMA user_version={version};")
    other.close()
    store = CacheStore(path, MIB)
    store.write([entry("a")])
    assert store.read(["a"])
    assert (tmp_path / "cache.sqlite.bad").exists()
    assert [record.msg.event for record in caplog.records] == ["cacheReplaced"]


def test_a_damaged_file_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite"
    path.write_bytes(b"this is not a database" * 500)
    store = CacheStore(path, MIB)
    store.write([entry("a")])
    assert store.read(["a"])


class Running:
    """A cache with its thread; `read` waits for the outcome."""

    def __init__(self, path: Path, limit: int = MIB) -> None:
        self.cache = Cache(path, limit)
        self._outcomes: queue.Queue[Any] = queue.Queue()
        self.cache.start(lambda outcomes: [self._outcomes.put(outcome) for outcome in outcomes])

    def read(self, *keys: str) -> dict[str, Any]:
        self.cache.take(ReadCache(7, keys))
        while True:
            outcome = self._outcomes.get(timeout=10)
            if isinstance(outcome, CacheRead):
                assert outcome.token == 7
                return outcome.found


def test_the_thread_answers_reads_in_order(tmp_path: Path) -> None:
    running = Running(tmp_path / "cache.sqlite")
    running.cache.take(WriteCache((entry("a", 10, "t"),)))
    assert running.read("a")
    running.cache.take(DropCached(("t",)))
    assert not running.read("a")
    running.cache.close()


def test_a_value_that_cannot_be_read_back_costs_the_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite"
    running = Running(path)
    running.cache.take(WriteCache((entry("a"),)))
    assert running.read("a")
    other = sqlite3.connect(path)
    other.execute("UPDATE entries SET value = x'00ff'")
    other.commit()
    other.close()
    assert running.read("a") == {}
    running.cache.take(WriteCache((entry("b"),)))
    assert running.read("b")
    running.cache.close()


def test_without_a_place_for_the_file_every_read_is_answered(tmp_path: Path) -> None:
    running = Running(tmp_path / "no" / "folder" / "cache.sqlite")
    running.cache.take(WriteCache((entry("a"),)))
    assert running.read("a") == {}
    running.cache.close()


def test_a_value_that_msgpack_cannot_carry_is_skipped(tmp_path: Path) -> None:
    running = Running(tmp_path / "cache.sqlite")
    running.cache.take(WriteCache((entry("a"),)))
    running.cache.take(WriteCache((CacheEntry("b", object()),)))
    assert set(running.read("a", "b")) == {"a"}
    running.cache.close()
