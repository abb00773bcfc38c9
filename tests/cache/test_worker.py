"""The thread of the cache file: what it does while the file is locked, full, hanging, or another program's."""

from __future__ import annotations

import logging
import sqlite3
import stat
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from bridge.cache import Cache, CacheRead, CacheStore, store, worker
from bridge.session.effects import CacheEntry, DropCached, ReadCache, WriteCache
from tests.cache.test_store import MIB, Running, entry


class Locked:
    """Another process has the file locked."""

    def __init__(self, path: Path) -> None:
        self._other = sqlite3.connect(path, check_same_thread=False)

    def __enter__(self) -> None:
        self._other.execute("PRAGMA locking_mode=EXCLUSIVE")
        self._other.execute("BEGIN EXCLUSIVE")

    def __exit__(self, *_error: object) -> None:
        self._other.rollback()
        self._other.close()


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_LOCKED", 0.1)
    monkeypatch.setattr(worker, "_AGAIN", 0.1)


def filled(path: Path, *keys: str) -> None:
    made = CacheStore(path, MIB)
    for key in keys:
        made.write([CacheEntry(key, "old", ("con:1",))])
    made.close()


def test_the_constructor_does_not_touch_the_disk(tmp_path: Path) -> None:
    """So a slow disk does not delay the start of the bridge."""
    Cache(tmp_path / "cache.sqlite", MIB).close()
    assert not list(tmp_path.iterdir())


def test_only_its_owner_may_read_the_file(tmp_path: Path) -> None:
    filled(tmp_path / "cache.sqlite", "a")
    assert stat.S_IMODE((tmp_path / "cache.sqlite").stat().st_mode) == 0o600


def test_a_file_that_is_locked_at_the_start_is_opened_later(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite"
    filled(path, "a")
    with Locked(path):
        running = Running(path)
        assert running.read("a") == {}
    time.sleep(0.2)
    assert running.read("a") == {"a": "old"}
    running.cache.close()


@pytest.mark.parametrize("job", [WriteCache((CacheEntry("a", "new"),)), DropCached(("con:1",)), DropCached((), ("a",))])
@pytest.mark.parametrize("is_open", [True, False])
def test_what_is_no_longer_true_is_not_served_though_it_could_not_be_removed(
    tmp_path: Path, job: Any, is_open: bool
) -> None:
    """A fresh answer could not be written, or a contract is unknown: the older value is in the file, and is hidden."""
    path = tmp_path / "cache.sqlite"
    filled(path, "a", "b")
    if is_open:
        running = Running(path)
        assert running.read("a", "b") == {"a": "old", "b": "old"}
        running.cache._store._db.execute("PRAGMA query_only=ON")  # type: ignore[union-attr]
        running.cache.take(job)
        assert "a" not in running.read("a", "b")
        running.cache._store._db.execute("PRAGMA query_only=OFF")  # type: ignore[union-attr]
    else:
        with Locked(path):
            running = Running(path)
            running.cache.take(job)
            assert running.read("a") == {}
        time.sleep(0.2)
    assert "a" not in running.read("a")
    running.cache.close()
    assert "a" not in CacheStore(path, MIB).read(["a"])


def test_a_full_disk_is_left_to_the_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    path = tmp_path / "cache.sqlite"
    filled(path, "a", "b")
    monkeypatch.setattr(store, "_SPARE", 2**62)
    running = Running(path)
    with caplog.at_level(logging.WARNING, "bridge.cache"):
        for _ in range(3):
            running.cache.take(WriteCache((CacheEntry("a", "new"),)))
        assert running.read("a", "b") == {"b": "old"}
    events = [record.msg.event for record in caplog.records]
    assert events == ["cacheFailed"], "one line for the whole time, not one for each job"
    running.cache.close()


def test_a_file_that_stays_outdated_is_removed_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite"
    filled(path, "a")
    running = Running(path)
    assert running.read("a")
    running.cache._store._db.execute("PRAGMA query_only=ON")  # type: ignore[union-attr]
    running.cache.take(WriteCache((CacheEntry("a", "new"),)))
    running.cache.close()
    assert CacheStore(path, MIB).read(["a"]) == {}


def test_a_value_that_is_too_large_leaves_the_others(tmp_path: Path) -> None:
    made = CacheStore(tmp_path / "cache.sqlite", MIB)
    made.write([entry("a")])
    made.write([CacheEntry("big", "old")])
    made.write([entry("big", MIB)])
    assert set(made.read(["a", "big"])) == {"a"}


def test_a_reader_that_never_ends_does_not_let_the_wal_grow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_MOST_WAL", 2 * MIB)
    path = tmp_path / "cache.sqlite"
    made = CacheStore(path, 2 * MIB)
    made.write([entry("a")])
    reader = sqlite3.connect(path)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM entries").fetchone()
    with pytest.raises(OSError, match="another process"):
        for number in range(100):
            made.write([entry(f"k{number}", MIB // 4)])
    assert (tmp_path / "cache.sqlite-wal").stat().st_size < 4 * MIB
    reader.close()
    made.write([entry("b")])
    assert made.read(["b"])
    made.close()


class Hanging(CacheStore):
    """A disk that does not answer until `go` is set."""

    go = threading.Event()

    def read(self, keys: Any) -> dict[str, Any]:
        self.go.wait(20)
        return super().read(keys)


def test_a_disk_that_hangs_blocks_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    """Too many jobs wait: reads find nothing at once, writes remove, and the end of the bridge does not wait long."""
    monkeypatch.setattr(worker, "CacheStore", Hanging)
    monkeypatch.setattr(worker, "_PATIENCE", 0.2)
    path = tmp_path / "cache.sqlite"
    filled(path, "a")
    outcomes: list[Any] = []
    cache = Cache(path, MIB)
    Hanging.go.clear()
    cache.start(outcomes.extend)
    for token in range(worker.MOST_WAITING + 2):
        cache.take(ReadCache(token, ("b",)))
    began = time.monotonic()
    cache.take(ReadCache(-1, ("a",)))
    assert CacheRead(-1, {}) in outcomes
    cache.take(WriteCache((CacheEntry("a", "new"),)))
    cache.close()
    assert time.monotonic() - began < 2
    assert "does not answer" in caplog.text
    Hanging.go.set()
    assert cache._thread is not None
    cache._thread.join(20)
    assert CacheStore(path, MIB).read(["a"]) == {}
