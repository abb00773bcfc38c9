"""The ledger's thread: in order, in groups, and honest about what it could not write."""

from __future__ import annotations

import queue
import threading
import time

import pytest

from bridge.ledger import Ledger, LogRead, Unusable, Written
from bridge.session.records import Fact, HighWater, LogRecord


class Told:
    """What the thread reports, in order."""

    def __init__(self):
        self._queue = queue.Queue()
        self.groups = []

    def __call__(self, outcomes):
        self.groups.append(len(outcomes))
        for outcome in outcomes:
            self._queue.put(outcome)

    def take(self, count):
        return [self._queue.get(timeout=5) for _ in range(count)]


@pytest.fixture
def told():
    return Told()


@pytest.fixture
def ledger(tmp_path):
    ledger = Ledger(tmp_path / "ledger.sqlite", 1)
    yield ledger
    ledger.close()


def entry(n):
    return LogRecord("alice", n, 5, "order.alice.k.error", "error", {}, 7)


def test_jobs_that_gather_share_a_commit_and_keep_their_order(ledger, told):
    for token in range(1, 101):
        ledger.persist(token, (entry(token),))
    ledger.read_log(101, "alice", 98, 10)
    ledger.start(told)
    outcomes = told.take(101)
    assert outcomes[:100] == [Written(token) for token in range(1, 101)]
    assert [event["n"] for event in outcomes[100].events] == [99, 100]
    assert told.groups == [100, 1]


def test_one_that_fails_does_not_spoil_the_others(ledger, told):
    ledger.persist(1, (entry(1),))
    ledger.persist(2, (HighWater(5), entry(1)))
    ledger.persist(3, (entry(2),))
    ledger.persist(4, (Fact("odd", object()),))
    ledger.start(told)
    one, two, three, four = told.take(4)
    assert (one, three) == (Written(1), Written(3))
    assert "UNIQUE" in two.failure
    assert four.failure


def test_a_long_wal_is_cut_back_when_nothing_is_to_be_done(ledger, told, tmp_path, monkeypatch):
    wal = tmp_path / "ledger.sqlite-wal"
    assert wal.stat().st_size > 0
    monkeypatch.setattr("bridge.ledger.store._LONGEST_WAL", 0)
    ledger.start(told)
    deadline = time.monotonic() + 20
    while wal.stat().st_size and time.monotonic() < deadline:
        time.sleep(0.05)
    assert wal.stat().st_size == 0
    ledger.persist(1, (HighWater(7),))
    assert told.take(1) == [Written(1)]
    assert wal.stat().st_size > 0


def test_what_was_asked_before_the_end_is_done(tmp_path, told):
    ledger = Ledger(tmp_path / "ledger.sqlite", 1)
    ledger.start(told)
    for token in range(50):
        ledger.persist(token, (HighWater(token),))
    ledger.close()
    assert len(told.take(50)) == 50
    again = Ledger(tmp_path / "ledger.sqlite", 1)
    assert again.recovered_state.high_water == 49
    again.close()


def test_a_full_disk_is_said_and_over_when_there_is_room(ledger, told):
    store = ledger._store
    (pages,) = store._db.execute("PRAGMA page_count").fetchone()
    store._db.execute(f"PRAGMA max_page_count={pages + 2}")
    ledger.start(told)
    big = LogRecord("alice", 1, 5, "t", "error", {"text": "x" * 100_000}, 7)
    ledger.persist(1, (HighWater(3), big))
    (first,) = told.take(1)
    assert "full" in first.failure
    ledger.read_log(2, "alice", 0, 10)
    assert told.take(1) == [LogRead(2, [])]
    store._db.execute("PRAGMA max_page_count=1000000")
    ledger.persist(3, (HighWater(3), big))
    assert told.take(1) == [Written(3)]


def test_what_was_recalled_is_let_go_once_it_has_been_taken(ledger, told):
    assert ledger.recovered_state.log
    ledger.start(told)
    assert not hasattr(ledger, "recollection")


def test_what_nothing_can_write_fails_alone_and_the_thread_goes_on(ledger, told):
    ledger.start(told)
    deep: object = 1
    for _ in range(100_000):
        deep = [deep]
    ledger.persist(1, (LogRecord("alice", 1, 5, "order.alice.k.x", "x", {"deep": deep}, 7),))
    ledger.persist(2, (HighWater(9),))
    outcomes = told.take(2)
    assert [outcome.token for outcome in outcomes] == [1, 2]
    assert outcomes[0].failure
    assert outcomes[1].failure is None


def test_an_idle_ledger_says_that_its_files_are_gone(ledger, tmp_path, told):
    """A bridge without orders must not wait for the next order to learn that."""
    ledger.start(told)
    moved = tmp_path.with_name(f"{tmp_path.name}-moved")
    tmp_path.rename(moved)
    (found,) = told.take(1)
    assert isinstance(found, Unusable)
    assert "removed" in found.reason
    moved.rename(tmp_path)
    ledger.persist(1, (HighWater(5),))
    while (outcome := told.take(1)[0]) != Written(1):
        assert isinstance(outcome, Unusable)


def test_a_disk_that_hangs_does_not_hold_the_end(tmp_path, told, monkeypatch, caplog):
    ledger = Ledger(tmp_path / "ledger.sqlite", 1)
    hangs, answers = threading.Event(), threading.Event()

    def hang(_records):
        hangs.set()
        answers.wait(60)

    monkeypatch.setattr(ledger._store, "write", hang)
    ledger.start(told)
    ledger.persist(1, (HighWater(5),))
    assert hangs.wait(20)
    ledger.persist(2, (HighWater(6),))
    begun = time.monotonic()
    ledger.close(begun + 0.2)
    assert "ledgerLeft" in [record.msg.event for record in caplog.records]
    assert time.monotonic() - begun < 20
    answers.set()
    ledger._thread.join(20)
    assert not ledger._thread.is_alive()
    assert told.groups == []  # nobody listens any more, and nothing more is begun
