"""The ledger's file: what was written is there, all of it or nothing, and it is one bridge's."""

from __future__ import annotations

import sqlite3
import time

import pytest

from bridge.ledger import LedgerRefused, SqliteArchive, Store
from bridge.ledger import store as reading
from bridge.ledger.archive import QUERIES
from bridge.ledger.schema import MIGRATIONS
from bridge.session.records import Fact, HighWater, LogRecord, OnceRecord, OrderRecord, Reported

ORDER = OrderRecord(
    order_id=7, owner="alice", key="k1", digest="d", tag="#tb:t", state="sent", contract={"conId": 1},
    order={"lmtPrice": 1.5, "orderRef": "mine", "ocaGroup": "g"}, instance="run-1", parent="k0",
)  # fmt: skip


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.sqlite"


def entry(n, event="execDetails", exec_id="x1", owner="alice"):
    return LogRecord(owner, n, 5, f"order.{owner}.k1.{event}", event, {"a": [1, "é"]}, 7, exec_id, "10")


def recalled(path):
    store = Store(path, 1)
    recovered_state = store.recover()
    store.close()
    return recovered_state


@pytest.mark.parametrize("replaced", [True, False])
def test_nothing_is_written_into_a_file_that_nobody_finds_again(path, replaced):
    store = Store(path, 1)
    store.write([HighWater(7)])
    path.rename(path.with_name("elsewhere"))
    if replaced:
        path.write_bytes(b"")
    with pytest.raises(OSError, match=r"removed|replaced"):
        store.write([HighWater(8)])
    store.close()


@pytest.mark.parametrize("gone", [("ledger.sqlite-wal",), ("ledger.sqlite-wal", "ledger.sqlite-shm"), ("lock",)])
@pytest.mark.parametrize("replaced", [True, False])
def test_nothing_is_written_without_the_log_of_the_file_or_the_lock_of_the_folder(tmp_path, path, gone, replaced):
    """SQLite would write into a log that nobody finds, and a second bridge could lock another file."""
    (tmp_path / "lock").write_text("")
    store = Store(path, 1)
    store.write([HighWater(7)])
    for name in gone:
        (tmp_path / name).rename(tmp_path / f"{name}.was")
        if replaced:
            (tmp_path / name).write_bytes(b"")
    for check in (store.check_files, lambda: store.write([HighWater(8)])):
        with pytest.raises(OSError, match=f"{gone[0]}.*(removed|replaced)"):
            check()
    store.close()


def test_what_was_written_survives_the_removal_of_the_log(tmp_path, path):
    store = Store(path, 1)
    store.write([ORDER, HighWater(7)])
    for name in ("ledger.sqlite-wal", "ledger.sqlite-shm"):
        (tmp_path / name).unlink()
    with pytest.raises(OSError, match="wal"):
        store.check_files()
    copy = tmp_path / "copy.sqlite"
    copy.write_bytes(path.read_bytes())  # as after a SIGKILL
    assert recalled(copy).orders == (ORDER,)
    store.close()


def test_files_that_come_back_can_be_written_again(tmp_path, path):
    store = Store(path, 1)
    moved = tmp_path.with_name(f"{tmp_path.name}-moved")
    tmp_path.rename(moved)
    with pytest.raises(OSError, match="removed"):
        store.check_files()
    moved.rename(tmp_path)
    store.check_files()
    store.write([HighWater(8)])
    store.close()


def test_what_was_written_is_there_when_the_file_is_opened_again(path):
    store = Store(path, 1)
    changed = ORDER._replace(
        state="filled", perm_id="9", verdict={"code": "x"}, filled="10", revision=2, change="unknown"
    )
    once = OnceRecord("alice", "o1", "exerciseOptions", "d2", {"ok": True})
    store.write([ORDER, HighWater(7), Fact("accounts", "DU1"), once, entry(1)])
    store.write([changed, HighWater(9), HighWater(8), entry(2, "orderStatus", None)])
    store.close()
    found = recalled(path)
    assert found.orders == ()  # it has ended
    assert (found.high_water, found.accounts, found.heads) == (9, "DU1", {"alice": 2})
    archive = SqliteArchive(path)
    assert archive.order(7) == archive.order_of_key("alice", "k1") == archive.order_of_perm("9") == changed
    assert archive.once_record("alice", "o1") == once
    reported = [Reported("alice", 1, "execDetails", 7, "x1", "10")]
    assert archive.reports_of_order(7) == archive.reports_with("x1") == reported
    archive.close()


def test_a_ledger_has_a_name_that_stays(path, tmp_path):
    assert recalled(path).log == recalled(path).log
    assert recalled(path).log != recalled(tmp_path / "other").log


def test_the_log_is_read_in_order_from_where_one_stands(path):
    store = Store(path, 1)
    store.write([entry(n, "orderStatus", None) for n in range(1, 6)])
    store.write([entry(1, "orderStatus", None, "bob")])
    assert [event["n"] for event in store.read_log("alice", 2, 2)] == [3, 4]
    assert store.read_log("alice", 4, 10) == [
        {"n": 5, "ts": 5, "topic": "order.alice.k1.orderStatus", "event": "orderStatus", "data": {"a": [1, "é"]}}
    ]
    assert store.read_log("carol", 0, 10) == []


@pytest.mark.parametrize(
    "second",
    [
        entry(1, exec_id="x2"),  # a number twice
        entry(2),  # an execution twice
        ORDER._replace(order_id=8),  # a second order under one key
    ],
)
def test_a_contradiction_writes_nothing_at_all(path, second):
    store = Store(path, 1)
    store.write([ORDER, entry(1)])
    with pytest.raises(sqlite3.IntegrityError):
        store.write([HighWater(50), second])
    store.write([HighWater(20)])
    store.close()
    assert (recalled(path).high_water, recalled(path).heads) == (20, {"alice": 1})
    assert recalled(path).orders == (ORDER,)


def test_a_key_that_is_free_again_takes_a_new_order(path):
    store = Store(path, 1)
    store.write([ORDER._replace(state="abandoned"), ORDER._replace(order_id=8)])
    archive = SqliteArchive(path)
    assert archive.order_of_key("alice", "k1").order_id == 8
    assert archive.abandoned("alice", "k1").order_id == 7
    assert archive.abandoned("alice", "k2") is None
    archive.close()


def test_it_is_durable_the_moment_it_is_written(path):
    store = Store(path, 1)
    store.write([ORDER])
    pragmas = [store._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    assert pragmas == ["wal", 2]
    assert recalled(path).orders == (ORDER,)


def test_a_ledger_is_bound_to_its_client_id(path):
    recalled(path)
    with pytest.raises(LedgerRefused, match="belongs to client id 1, not 2"):
        Store(path, 2)


def test_a_newer_ledger_is_refused(path):
    recalled(path)
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version={len(MIGRATIONS) + 1}")
    db.close()
    with pytest.raises(LedgerRefused, match="newer tws-bridge"):
        Store(path, 1)


@pytest.mark.parametrize("content", [b"not a database at all" * 100])
def test_a_file_that_is_no_ledger_is_refused(path, content):
    path.write_bytes(content)
    with pytest.raises(LedgerRefused, match="not a database"):
        Store(path, 1)


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(LedgerRefused, match="unable to open"):
        Store(tmp_path / "missing" / "ledger.sqlite", 1)


def test_each_owner_has_its_own_head(path):
    store = Store(path, 1)
    assert store.recover().heads == {}
    for owner, head in (("bob", 3), ("alice", 5), ("b", 1)):
        store.write([entry(n, "orderStatus", None, owner) for n in range(1, head + 1)])
    assert store.recover().heads == {"alice": 5, "b": 1, "bob": 3}


@pytest.mark.parametrize("query", [reading.HEADS, reading._ORDERS, *QUERIES.values()])
def test_a_start_and_a_look_up_read_no_whole_table(path, query):
    plan = [row[3] for row in Store(path, 1)._db.execute(f"EXPLAIN QUERY PLAN {query}", (None,) * query.count("?"))]
    assert any(word in line for line in plan for word in ("log", "orders", "once"))
    small = ("SCAN orders USING COVERING INDEX orders_not_ended", "SCAN owners", "SCAN orders USING INDEX orders_not")
    assert [line for line in plan if line.startswith("SCAN ") and not line.startswith((*small, "SCAN CONST"))] == []


def insert(store, table, row):
    names, places = ", ".join(f'"{name}"' for name in row), ", ".join("?" * len(row))
    store._db.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", tuple(row.values()))


def test_an_older_ledger_is_brought_up_to_date(path, monkeypatch):
    monkeypatch.setattr(reading, "MIGRATIONS", MIGRATIONS[:1])
    store = Store(path, 1)
    old = {name: getattr(entry(1), name) for name in LogRecord._fields if name != "replayed"}
    insert(store, "log", {**old, "data": "{}"})
    row = {
        "order_id": 7, "owner": "alice", "key": "k1", "digest": "d", "tag": "#tb:t", "state": "sent", "revision": 0,
        "contract": '{"conId":1}', "order": '{"lmtPrice":1.5}', "filled": "0", "parent": "k0",
    }  # fmt: skip
    insert(store, "orders", row)
    store.close()
    monkeypatch.undo()
    store = Store(path, 1)
    assert store._db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    (order,) = store.recover().orders
    assert (order.order_id, order.parent, order.parent_id, order.before) == (7, "k0", None, None)
    assert (order.change, order.placed_at, order.placed_day, order.heard, order.final_filled) == (
        "none", 0, None, False, None
    )  # fmt: skip
    archive = SqliteArchive(path)
    assert archive.reports_of_order(7) == [Reported("alice", 1, "execDetails", 7, "x1", "10")]
    archive.close()


@pytest.mark.parametrize("damage", ["page", "text"])
def test_a_damaged_ledger_is_refused(path, damage):
    store = Store(path, 1)
    store.write([ORDER._replace(order_id=n, key=f"k{n}", order={"text": "x" * 500}) for n in range(1, 500)])
    if damage == "text":
        store._db.execute("UPDATE orders SET contract = '{' WHERE order_id = 7")
    store.close()
    if damage == "page":
        content = bytearray(path.read_bytes())
        content[len(content) // 2 :] = b"\xff" * (len(content) - len(content) // 2)
        path.write_bytes(content)
    store = Store(path, 1)
    with pytest.raises(LedgerRefused, match=r"ledger\.sqlite"):
        store.recover()
    store.close()


def test_the_wal_is_cut_back_after_a_long_reading_and_never_within_a_commit(path, monkeypatch):
    monkeypatch.setattr(reading, "_LONGEST_WAL", 2**20)
    wal = path.with_name(f"{path.name}-wal")
    store = Store(path, 1)
    store._db.execute("PRAGMA synchronous=OFF")
    big = ORDER._replace(order={"text": "x" * 4_000_000})
    other = sqlite3.connect(path)
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM orders").fetchone()
    for revision in range(3):
        store.write([big._replace(revision=revision)])
    long = wal.stat().st_size
    assert long > 8 * 2**20
    begun = time.monotonic()
    store.shorten_wal()  # another program reads: that is no failure, and nothing waits for it
    assert time.monotonic() - begun < 2.0 and wal.stat().st_size == long
    other.close()
    for high_water in range(3):
        store.write([HighWater(high_water)])
    assert wal.stat().st_size >= long
    store.shorten_wal()
    assert wal.stat().st_size <= 2**20
    assert store._db.execute("PRAGMA busy_timeout").fetchone() == (5000,)
    store.write([HighWater(9)])
    store.close()
    assert recalled(path).high_water == 9


def test_closing_leaves_one_file_with_all_in_it(path):
    store = Store(path, 1)
    store.write([ORDER])
    assert len(list(path.parent.iterdir())) > 1
    store.close()
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert recalled(path).orders == (ORDER,)
